//! From results to files: encoded, told where they come from, remembered, written beside and renamed into place.
//!
//! What is about to be written is on record before it has its name, so that a watcher never takes it for somebody
//! else's; and a name under which somebody else's file lies is never used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use easel_pixels::codec::{self, Encoding};
use easel_pixels::metadata::{self, Metadata};
use easel_pixels::{Alpha, Kind, Picture, colour};
use easel_protocol::recipe::Money;
use easel_protocol::{ErrorKind, Failure};
use serde_json::{Value, json};

use super::execute::Finished;
use super::ready::Ready;
use super::source::Source;
use super::{sheet, sidecar};
use crate::daemon::{Daemon, now};
use crate::recipe::{self, OutputFormat};
use crate::store::{Content, Durability, Made, Output, Remembered, io_failure};

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

/// A result in the form in which it is written.
struct Encoded {
    parts: Option<recipe::Made>,
    bytes: Vec<u8>,
    extension: String,
    sidecar: Value,
}

/// Writes the results of a recipe on a file.
pub(super) fn deliver(
    daemon: &Daemon,
    ready: &Ready,
    source: &Source,
    facts: &BTreeMap<String, String>,
    place: &Place<'_>,
    finished: &[Finished],
) -> Result<Delivery, Failure> {
    let mut encoded = Vec::new();
    for result in finished {
        encoded.push(encode(daemon, ready, source, result)?);
    }
    if ready.recipe.output.sheet && finished.len() > 1 {
        encoded.push(sheet_of(daemon, source, facts, finished)?);
    }
    let cost = sidecar::costs(unique_jobs(finished));
    let paid = !cost.is_empty();
    let names = names(ready, facts, encoded.iter().map(|it| it.parts.clone()))?;
    let mut claims = Claims::default();
    let mut outputs = Vec::new();
    for (index, (result, name)) in encoded.iter().zip(&names).enumerate() {
        let target = claims.target(daemon, place.out, name, &result.extension, &source.path)?;
        let hash = blake3::hash(&result.bytes).to_hex().to_string();
        // What was paid for is kept: whoever brings the same picture again gets it.
        let blob = if paid {
            let blob = daemon.store.blobs.put(&result.bytes)?.id;
            daemon.store.blobs.settle(&blob)?;
            Some(blob)
        } else {
            None
        };
        outputs.push(Output {
            index,
            parts: parts_as_json(result.parts.as_ref()),
            extension: result.extension.clone(),
            hash,
            target: target.to_string_lossy().into_owned(),
            blob,
            sidecar: result.sidecar.clone(),
        });
        claims.targets.push(target);
    }
    let bytes: Vec<&[u8]> = encoded.iter().map(|it| it.bytes.as_slice()).collect();
    remember(daemon, ready, source, facts, place, outputs.clone(), &claims.targets, paid)?;
    for ((output, target), bytes) in outputs.iter().zip(&claims.targets).zip(bytes) {
        put(ready, source, output, target, bytes)?;
    }
    Ok(Delivery { files: std::mem::take(&mut claims.targets), cost })
}

/// Writes what was made of the same content before, under this file's names. `None`: it is not at hand any more.
pub(super) fn redeliver(
    daemon: &Daemon,
    ready: &Ready,
    source: &Source,
    facts: &BTreeMap<String, String>,
    place: &Place<'_>,
    remembered: &Remembered,
) -> Result<Option<Delivery>, Failure> {
    let mut bytes = Vec::new();
    for output in &remembered.outputs {
        let kept =
            output.blob.as_ref().and_then(|blob| daemon.store.blobs.read(blob, u64::MAX - 1).ok());
        let found = kept.or_else(|| std::fs::read(&output.target).ok());
        match found.filter(|bytes| blake3::hash(bytes).to_hex().as_str() == output.hash) {
            Some(found) => bytes.push(found),
            None => return Ok(None),
        }
    }
    let parts = remembered.outputs.iter().map(|it| parts_from_json(&it.parts));
    let names = names(ready, facts, parts)?;
    let mut claims = Claims::default();
    for (output, name) in remembered.outputs.iter().zip(&names) {
        let target = claims.target(daemon, place.out, name, &output.extension, &source.path)?;
        claims.targets.push(target);
    }
    let made = made(&remembered.outputs, &claims.targets, source);
    daemon.store.make(made, now())?;
    for ((output, target), bytes) in remembered.outputs.iter().zip(&claims.targets).zip(&bytes) {
        put(ready, source, output, target, bytes)?;
    }
    Ok(Some(Delivery { files: std::mem::take(&mut claims.targets), cost: Vec::new() }))
}

/// Jobs that several results share are counted once.
pub(super) fn unique_jobs(
    finished: &[Finished],
) -> impl Iterator<Item = &easel_protocol::job::JobRecord> {
    let mut seen = BTreeSet::new();
    finished.iter().flat_map(|it| &it.jobs).filter(move |job| seen.insert(job.id.clone()))
}

/// A name for each; the sheet, which has no parts, is called after the picture.
fn names(
    ready: &Ready,
    facts: &BTreeMap<String, String>,
    parts: impl Iterator<Item = Option<recipe::Made>>,
) -> Result<Vec<String>, Failure> {
    let parts: Vec<Option<recipe::Made>> = parts.collect();
    let results: Vec<recipe::Made> = parts.iter().flatten().cloned().collect();
    let names = recipe::output_names(&ready.recipe, facts, &results)?;
    let mut names = names.into_iter();
    let sheet = sheet_name(ready, facts)?;
    Ok(parts
        .iter()
        .map(|part| match part {
            Some(_) => names.next().unwrap_or_else(|| sheet.clone()),
            None => sheet.clone(),
        })
        .collect())
}

/// The sheet is called after the picture alone.
fn sheet_name(ready: &Ready, facts: &BTreeMap<String, String>) -> Result<String, Failure> {
    let mut plain = (*ready.recipe).clone();
    plain.output.name = None;
    let one = recipe::Made { axes: Vec::new(), model: String::new(), index: 0 };
    let names = recipe::output_names(&plain, facts, &[one])?;
    Ok(format!("{}.sheet", names.first().map_or("picture", String::as_str)))
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

fn encode(
    daemon: &Daemon,
    ready: &Ready,
    source: &Source,
    finished: &Finished,
) -> Result<Encoded, Failure> {
    let output = &ready.recipe.output;
    let view = finished.picture.view()?;
    let icc = finished.picture.icc(&daemon.store)?;
    let encoding = encoding(
        output.format,
        output.quality,
        codec::probe(&source.bytes).ok().map(|header| header.kind),
        || Alpha::of(view).is_some(),
    );
    let bytes = codec::encode(view, icc.as_deref(), encoding).map_err(|error| {
        Failure::new(ErrorKind::Unsupported, format!("the result cannot be written: {error}"))
            .hint(error.hint())
    })?;
    let trained = finished.jobs.iter().any(|job| {
        daemon.backends.find_model(&job.model).map_or(true, |(_, record)| record.trained)
    });
    let models: Vec<&str> = finished.jobs.iter().map(|job| job.model.as_str()).collect();
    let prompts: Vec<&str> = finished
        .jobs
        .iter()
        .filter_map(|job| job.plan.params.as_ref()?.prompt.as_deref())
        .collect();
    let prompt = prompts.join("; ");
    let hash = format!("blake3:{}", source.hash);
    let tool = concat!("Easel ", env!("CARGO_PKG_VERSION"));
    let kept = if output.metadata { source.metadata.clone() } else { Metadata::default() };
    let origin = metadata::Origin {
        trained,
        tool,
        models: &models,
        recipe: Some(&ready.name),
        prompt: (!prompt.is_empty()).then_some(prompt.as_str()),
        source_hash: &hash,
        size: view.size(),
    };
    let blocks = Metadata {
        exif: kept.exif.as_deref().and_then(|exif| metadata::upright(exif, view.size())),
        xmp: Some(metadata::provenance(kept.xmp.as_deref(), &origin)),
    };
    let mut sidecar = sidecar::record(source, ready, finished, trained);
    let bytes = with_metadata(bytes, blocks, &origin, &mut sidecar)?;
    Ok(Encoded {
        parts: Some(finished.parts()),
        bytes,
        extension: encoding.kind().extension().to_owned(),
        sidecar,
    })
}

/// Blocks that do not fit into the file format are left out, and the sidecar says so.
fn with_metadata(
    bytes: Vec<u8>,
    mut blocks: Metadata,
    origin: &metadata::Origin<'_>,
    sidecar: &mut Value,
) -> Result<Vec<u8>, Failure> {
    let mut notes = Vec::new();
    loop {
        match metadata::write(&bytes, &blocks) {
            Ok(written) => {
                if !notes.is_empty() {
                    sidecar["notes"] = json!(notes);
                }
                return Ok(written);
            }
            Err(error) if blocks.exif.is_some() => {
                notes.push(format!("the EXIF of the source was left out: {error}"));
                blocks.exif = None;
            }
            Err(error) if notes.len() < 2 => {
                notes.push(format!("the XMP of the source was left out: {error}"));
                blocks.xmp = Some(metadata::provenance(None, origin));
            }
            Err(error) => {
                return Err(Failure::new(
                    ErrorKind::Unsupported,
                    format!("the result cannot be told where it comes from: {error}"),
                )
                .hint(error.hint()));
            }
        }
    }
}

fn encoding(
    format: OutputFormat,
    quality: u8,
    source: Option<Kind>,
    transparent: impl Fn() -> bool,
) -> Encoding {
    match (format, source) {
        (OutputFormat::Jpeg, _) => Encoding::Jpeg { quality },
        // A cut-out subject in a JPEG would be no cutout.
        (OutputFormat::Same, Some(Kind::Jpeg)) if !transparent() => Encoding::Jpeg { quality },
        (OutputFormat::Webp, _) | (OutputFormat::Same, Some(Kind::Webp)) => Encoding::WebpLossless,
        (OutputFormat::Tiff, _) | (OutputFormat::Same, Some(Kind::Tiff)) => Encoding::Tiff,
        _ => Encoding::Png,
    }
}

fn sheet_of(
    daemon: &Daemon,
    source: &Source,
    facts: &BTreeMap<String, String>,
    finished: &[Finished],
) -> Result<Encoded, Failure> {
    let original = crate::daemon::picture::decode(&source.bytes, false)?;
    let mut entries = vec![sheet::Entry {
        title: facts.get("name").cloned().unwrap_or_default(),
        detail: format!("source · {}", original.size()),
        picture: original,
    }];
    for result in finished {
        let axes: Vec<&str> = result.axes.iter().map(|(_, value)| value.as_str()).collect();
        let title = if axes.is_empty() { result.model.clone() } else { axes.join(" · ") };
        let cost: Vec<String> = sidecar::costs(&result.jobs)
            .iter()
            .map(|money| format!("{:.2} {}", money.amount, money.currency))
            .collect();
        let detail = [vec![result.model.clone()], cost].concat().join(" · ");
        let picture =
            Picture::from_view(result.picture.view()?).with_icc(result.picture.icc(&daemon.store)?);
        entries.push(sheet::Entry { picture, title, detail });
    }
    let laid = sheet::sheet(&entries, None)?;
    let plain = colour::to_srgb(&laid).unwrap_or(laid);
    let bytes = codec::encode(plain.view(), None, Encoding::Png).map_err(|error| {
        Failure::new(ErrorKind::Internal, format!("the sheet cannot be written: {error}"))
    })?;
    let sidecar = json!({ "easel": env!("CARGO_PKG_VERSION"), "sheet": true });
    Ok(Encoded { parts: None, bytes, extension: "png".to_owned(), sidecar })
}

#[expect(clippy::too_many_arguments, reason = "one row of the ledger")]
fn remember(
    daemon: &Daemon,
    ready: &Ready,
    source: &Source,
    facts: &BTreeMap<String, String>,
    place: &Place<'_>,
    outputs: Vec<Output>,
    targets: &[PathBuf],
    paid: bool,
) -> Result<(), Failure> {
    let made = made(&outputs, targets, source);
    let remembered =
        Remembered { version: ready.version.clone(), path: source.path.clone(), outputs };
    let durability = if paid { Durability::Durable } else { Durability::Lazy };
    let content = Content {
        source: source.hash.clone(),
        facts: ready.facts_key(facts),
        folder: place.folder.to_owned(),
    };
    daemon.store.remember(content, remembered, made, durability, now())
}

fn made(outputs: &[Output], targets: &[PathBuf], source: &Source) -> Vec<Made> {
    let one = |(output, target): (&Output, &PathBuf)| Made {
        hash: output.hash.clone(),
        target: target.clone(),
        source: source.path.clone(),
    };
    outputs.iter().zip(targets).map(one).collect()
}

/// Writes a result and the file beside it.
fn put(
    ready: &Ready,
    source: &Source,
    output: &Output,
    target: &Path,
    bytes: &[u8],
) -> Result<(), Failure> {
    write_whole(target, bytes)?;
    if ready.recipe.output.sidecar && output.sidecar["sheet"] != json!(true) {
        let mut record = output.sidecar.clone();
        record["source"]["file"] = json!(source.path.to_string_lossy());
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

/// The name of the file that says what made a result: `vase.png.json`.
fn beside(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".json");
    target.with_file_name(name)
}

/// Writes a file under a hidden name and renames it: whole or not at all, also when the power fails.
fn write_whole(target: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::io::Write;
    let folder = target.parent().unwrap_or(target);
    std::fs::create_dir_all(folder).map_err(|error| out_failure("create", folder, &error))?;
    let name = blake3::hash(target.as_os_str().as_encoded_bytes()).to_hex();
    let temporary = folder.join(format!(".{}.easel.part", &name[..16]));
    let written = std::fs::File::create(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_data()))
        .and_then(|()| std::fs::rename(&temporary, target));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        out_failure("write", target, &error)
    })
}

/// A fault of the folder for results, which is not the data folder.
fn out_failure(doing: &str, path: &Path, error: &std::io::Error) -> Failure {
    let failure = io_failure(doing, path, error);
    match failure.kind {
        ErrorKind::StorageFull if error.kind() == std::io::ErrorKind::PermissionDenied => failure
            .hint("make the folder for results writable for the user that the daemon runs as"),
        ErrorKind::StorageFull => {
            failure.hint("free some space on that disk; it goes on by itself")
        }
        _ => Failure { kind: ErrorKind::StorageFull, ..failure }
            .hint("is the folder for results there? it goes on by itself"),
    }
}

/// Names that are about to be used, so that no two files get the same at one time.
static CLAIMED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// The names of one delivery.
#[derive(Default)]
struct Claims {
    targets: Vec<PathBuf>,
    keys: Vec<String>,
}

impl Claims {
    /// The first free name: `vase.png`, `vase-2.png`, … An earlier result of the same source is written over, as long
    /// as nobody changed it.
    fn target(
        &mut self,
        daemon: &Daemon,
        out: &Path,
        name: &str,
        extension: &str,
        source: &Path,
    ) -> Result<PathBuf, Failure> {
        for number in 1..100_000u32 {
            let name = match number {
                1 => format!("{name}.{extension}"),
                _ => format!("{name}-{number}.{extension}"),
            };
            let target = out.join(name);
            let key = target.to_string_lossy().to_lowercase();
            if !CLAIMED.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone()) {
                continue;
            }
            self.keys.push(key);
            if is_free(daemon, &target, source)? {
                return Ok(target);
            }
        }
        Err(Failure::new(ErrorKind::Conflict, format!("every name like `{name}` is taken"))
            .hint("clear the folder for results"))
    }
}

impl Drop for Claims {
    fn drop(&mut self) {
        let mut claimed = CLAIMED.lock().unwrap_or_else(PoisonError::into_inner);
        self.keys.iter().for_each(|key| {
            claimed.remove(key);
        });
    }
}

fn is_free(daemon: &Daemon, target: &Path, source: &Path) -> Result<bool, Failure> {
    let earlier = daemon.store.made_at(target)?;
    if let Some(earlier) = &earlier
        && earlier.source != source
        && earlier.target.symlink_metadata().is_ok()
    {
        // Also where only upper and lower case tell the names apart: not every disk tells them apart.
        return Ok(false);
    }
    if target.symlink_metadata().is_err() {
        return Ok(true);
    }
    let Some(earlier) = earlier else { return Ok(false) };
    let same = std::fs::read(target)
        .is_ok_and(|bytes| blake3::hash(&bytes).to_hex().as_str() == earlier.hash);
    Ok(same && target != source)
}
