//! From results to files: encoded, remembered, written beside and renamed into place.
//!
//! What is about to be written is on record before it has its name, so that a watcher never takes it for somebody
//! else's; and a name under which somebody else's file lies is never used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use easel_pixels::Kind;
use easel_protocol::Failure;
use easel_protocol::job::JobRecord;
use easel_protocol::recipe::Money;
use serde_json::{Value, json};

use super::claims::{Claims, Whose, write_whole};
use super::encode::{encode, sheet_of};
use super::execute::Finished;
use super::ready::Ready;
use super::sidecar;
use super::source::Source;
use crate::daemon::{Daemon, now};
use crate::recipe;
use crate::store::{Content, Durability, Made, Output, Remembered};

/// Where results go.
pub struct Place<'a> {
    /// The folder that names are below.
    pub out: &'a Path,
    /// The watched folder that remembers them; empty: none.
    pub folder: &'a str,
}

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct Delivery {
    /// The files, absolute, in the order of the results; the sheet comes last.
    pub files: Vec<PathBuf>,
    /// What it cost.
    pub cost: Vec<Money>,
}

/// What becomes files: a recipe's results on a source.
pub(super) struct Deliverer<'a> {
    pub(super) daemon: &'a Daemon,
    pub(super) ready: &'a Ready,
    pub(super) source: &'a Source,
    /// The source's file format.
    pub(super) kind: Kind,
    pub(super) facts: &'a BTreeMap<String, String>,
    pub(super) place: &'a Place<'a>,
}

impl Deliverer<'_> {
    /// Writes what was made just now.
    pub(super) fn deliver(&self, finished: &[Finished]) -> Result<Delivery, Failure> {
        let (daemon, source) = (self.daemon, self.source);
        let mut encoded = finished
            .iter()
            .map(|result| encode(daemon, self.ready, source, self.kind, result))
            .collect::<Result<Vec<_>, _>>()?;
        if self.ready.recipe.output.sheet && finished.len() > 1 {
            encoded.push(sheet_of(daemon, source, self.facts, finished)?);
        }
        let cost = sidecar::costs(unique_jobs(finished));
        let paid = !cost.is_empty();
        let parts: Vec<_> = encoded.iter().map(|it| it.parts.clone()).collect();
        let extensions: Vec<&str> = encoded.iter().map(|it| it.extension.as_str()).collect();
        let claims = self.claim(&parts, &extensions)?;
        let mut outputs = Vec::new();
        for (result, target) in encoded.iter().zip(&claims.targets) {
            outputs.push(Output {
                parts: parts_as_json(result.parts.as_ref()),
                extension: result.extension.clone(),
                hash: blake3::hash(&result.bytes).to_hex().to_string(),
                target: target.to_string_lossy().into_owned(),
                // What was paid for is kept: whoever brings the same picture again gets it.
                blob: if paid { Some(self.keep(&result.bytes)?) } else { None },
                sidecar: result.sidecar.clone(),
            });
        }
        let made = self.made(&outputs, &claims.targets);
        let (version, path) = (self.ready.version.clone(), source.path.clone());
        let remembered = Remembered { version, path, outputs: outputs.clone() };
        let durability = if paid { Durability::Durable } else { Durability::Lazy };
        let content = Content {
            source: source.hash.clone(),
            facts: self.ready.facts_key(self.facts),
            folder: self.place.folder.to_owned(),
        };
        daemon.store.remember(content, remembered, made, durability, now())?;
        for ((output, target), result) in outputs.iter().zip(&claims.targets).zip(&encoded) {
            self.put(output, target, &result.bytes)?;
        }
        Ok(Delivery { files: claims.targets.clone(), cost })
    }

    /// Writes what was made of the same content before, under this file's names. `None`: it is not at hand any more.
    pub(super) fn redeliver(&self, remembered: &Remembered) -> Result<Option<Delivery>, Failure> {
        let outputs = &remembered.outputs;
        let Some(bytes) = outputs.iter().map(|it| self.bytes_of(it)).collect::<Option<Vec<_>>>()
        else {
            return Ok(None);
        };
        let parts: Vec<_> = outputs.iter().map(|it| parts_from_json(&it.parts)).collect();
        let extensions: Vec<&str> = outputs.iter().map(|it| it.extension.as_str()).collect();
        let claims = self.claim(&parts, &extensions)?;
        self.daemon.store.make(self.made(outputs, &claims.targets), now())?;
        for ((output, target), bytes) in outputs.iter().zip(&claims.targets).zip(&bytes) {
            self.put(output, target, bytes)?;
        }
        Ok(Some(Delivery { files: claims.targets.clone(), cost: Vec::new() }))
    }

    /// Takes a name for each.
    fn claim(
        &self,
        parts: &[Option<recipe::Made>],
        extensions: &[&str],
    ) -> Result<Claims, Failure> {
        let mut claims = Claims::default();
        let whose = Whose { source: &self.source.path, maker: self.maker() };
        for (name, extension) in self.names(parts)?.iter().zip(extensions) {
            claims.add(self.daemon, self.place.out, name, extension, &whose)?;
        }
        Ok(claims)
    }

    /// A name for each; the sheet, which has no parts, is called after the picture alone.
    fn names(&self, parts: &[Option<recipe::Made>]) -> Result<Vec<String>, Failure> {
        let results: Vec<recipe::Made> = parts.iter().flatten().cloned().collect();
        let mut names = recipe::output_names(&self.ready.recipe, self.facts, &results)?.into_iter();
        let sheet = recipe::sheet_name(&self.ready.recipe, self.facts)?;
        let name = |part: &Option<recipe::Made>| {
            part.as_ref().and_then(|_| names.next()).unwrap_or_else(|| sheet.clone())
        };
        Ok(parts.iter().map(name).collect())
    }

    /// Who writes over a file that was written before.
    fn maker(&self) -> &str {
        if self.place.folder.is_empty() { &self.ready.name } else { self.place.folder }
    }

    fn keep(&self, bytes: &[u8]) -> Result<easel_protocol::BlobId, Failure> {
        let blobs = &self.daemon.store.blobs;
        let blob = blobs.put(bytes)?.id;
        blobs.settle(&blob)?;
        Ok(blob)
    }

    /// The bytes of a result that was made before: kept, or in the file that was written then.
    fn bytes_of(&self, output: &Output) -> Option<Vec<u8>> {
        let blobs = &self.daemon.store.blobs;
        let kept = output.blob.as_ref().and_then(|blob| blobs.read(blob, u64::MAX - 1).ok());
        let bytes = kept.or_else(|| std::fs::read(&output.target).ok())?;
        (blake3::hash(&bytes).to_hex().as_str() == output.hash).then_some(bytes)
    }

    fn made(&self, outputs: &[Output], targets: &[PathBuf]) -> Vec<Made> {
        let one = |(output, target): (&Output, &PathBuf)| Made {
            hash: output.hash.clone(),
            target: target.clone(),
            source: self.source.path.clone(),
            maker: self.maker().to_owned(),
        };
        outputs.iter().zip(targets).map(one).collect()
    }

    /// Writes a result and the file beside it.
    fn put(&self, output: &Output, target: &Path, bytes: &[u8]) -> Result<(), Failure> {
        write_whole(target, bytes)?;
        if self.ready.recipe.output.sidecar && output.sidecar["sheet"] != json!(true) {
            let mut record = output.sidecar.clone();
            record["source"]["file"] = json!(self.source.path.to_string_lossy());
            record["result"] = json!({
                "file": target.file_name().unwrap_or_default().to_string_lossy(),
                "blake3": output.hash,
                "bytes": bytes.len(),
            });
            let text = serde_json::to_vec_pretty(&record).unwrap_or_default();
            write_whole(&beside(target), &text)?;
        }
        Ok(())
    }
}

/// Jobs that several results share are counted once.
pub(super) fn unique_jobs(finished: &[Finished]) -> impl Iterator<Item = &JobRecord> {
    let mut seen = BTreeSet::new();
    finished.iter().flat_map(|it| &it.jobs).filter(move |job| seen.insert(job.id.clone()))
}

/// What a name is made of, to be stored and read again.
fn parts_as_json(parts: Option<&recipe::Made>) -> Value {
    parts.map_or(Value::Null, |it| json!({ "axes": it.axes, "model": it.model, "index": it.index }))
}

fn parts_from_json(parts: &Value) -> Option<recipe::Made> {
    Some(recipe::Made {
        axes: serde_json::from_value(parts.get("axes")?.clone()).ok()?,
        model: parts["model"].as_str()?.to_owned(),
        index: u32::try_from(parts["index"].as_u64()?).ok()?,
    })
}

/// The name of the file that says what made a result: `vase.png.json`.
fn beside(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".json");
    target.with_file_name(name)
}
