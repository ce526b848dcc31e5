//! A recipe on a file: read as a whole, looked up among what was made before, run, delivered.

use std::path::Path;

use easel_protocol::{ErrorKind, Failure};

use super::deliver::{Deliverer, Delivery, Place};
use super::execute::{Execution, Finished, Progress, afford, execute};
use super::lent::Lent;
use super::ready::{Ready, References};
use super::room::Room;
use super::source::{Source, file_facts};
use crate::daemon::{Daemon, picture};
use crate::store::Remembered;
use crate::worker::Cancel;

/// What is to be done with a file.
pub struct FileWork<'a> {
    /// Who does it.
    pub daemon: &'a Daemon,
    /// The recipe.
    pub ready: &'a Ready,
    /// The recipes' references.
    pub references: &'a References,
    /// Bounds what lies in memory.
    pub room: &'a Room,
    /// The file, as it was read.
    pub source: &'a Source,
    /// Where results go.
    pub place: Place<'a>,
    /// The watched folder on whose budget it goes.
    pub budget_of: Option<&'a str>,
    /// Who asks.
    pub client: &'a str,
    /// Begins the keys of its transforms, where not the content does.
    pub key: Option<&'a str>,
    /// Do it although it was done before.
    pub again: bool,
    /// What another version of the recipe made is not enough.
    pub only_this_version: bool,
    /// Somebody agreed to pay for it again.
    pub pay_again: bool,
}

/// What became of it.
pub struct FileDone {
    /// What was written.
    pub delivery: Delivery,
    /// It was made before, and nothing was run.
    pub remembered: bool,
}

impl FileWork<'_> {
    /// Does it. `seen` is told of the results while their pixels are there.
    pub fn run(
        &self,
        progress: &dyn Progress,
        cancel: &Cancel,
        seen: impl FnOnce(&[Finished], &Delivery),
    ) -> Result<FileDone, Failure> {
        let (source, ready) = (self.source, self.ready);
        let header = source.header.clone()?;
        let facts = file_facts(&source.path, header.size, &source.metadata, &ready.name);
        let place = &self.place;
        let kind = header.kind;
        let deliverer =
            Deliverer { daemon: self.daemon, ready, source, kind, facts: &facts, place };
        if !self.again
            && let Some(delivery) = self.made_before(&deliverer)?
        {
            return Ok(FileDone { delivery, remembered: true });
        }
        let bytes = header.size.area().saturating_mul(header.format().bytes_per_pixel() as u64);
        let _held = self.room.take(bytes.saturating_mul(3));
        let decoded = picture::decode(&source.bytes, false)?;
        let models = self.daemon.backends.models()?;
        let costs = afford(&ready.recipe, &models, header.size)?;
        let lent = Lent::new(&self.daemon.store, costs);
        let blob = lent.store(&decoded)?;
        drop(decoded);
        let content = format!("{}\n{}\n{}", source.hash, ready.version, ready.facts_key(&facts));
        let content = blake3::hash(content.as_bytes()).to_hex();
        let execution = Execution {
            daemon: self.daemon,
            ready,
            references: self.references,
            models: &models,
            costs,
            facts: &facts,
            key: self.key.map_or_else(|| format!("f-{}", &content[..40]), str::to_owned),
            source: blob,
            mask: None,
            folder_of_picture: source.path.parent(),
            lent: true,
            budget_of: self.budget_of,
            client: self.client,
            title: source.path.file_name().map(|name| name.to_string_lossy().into_owned()),
            origin: None,
            pay_again: self.pay_again,
        };
        let delivery = execute(&execution, progress, cancel, |finished| {
            let delivery = deliverer.deliver(&finished)?;
            seen(&finished, &delivery);
            Ok(delivery)
        })?;
        Ok(FileDone { delivery, remembered: false })
    }

    /// The results of the same recipe on the same content, or of whatever recipe on a file of this folder that was
    /// only renamed or touched.
    fn made_before(&self, deliverer: &Deliverer<'_>) -> Result<Option<Delivery>, Failure> {
        let store = &self.daemon.store;
        let Source { hash, path, .. } = self.source;
        let key = self.ready.facts_key(deliverer.facts);
        let exact = store.remembered(hash, &self.ready.version, &key)?;
        let known: Vec<Remembered> = match exact {
            Some(exact) => vec![exact],
            None if self.only_this_version => Vec::new(),
            None => store
                .remembered_in(self.place.folder, hash)?
                .into_iter()
                .filter(|it| it.path == *path || !Path::new(&it.path).exists())
                .collect(),
        };
        for remembered in &known {
            if let Some(delivery) = deliverer.redeliver(remembered)? {
                return Ok(Some(delivery));
            }
        }
        Ok(None)
    }
}

/// Whether a failure may only say that a file is not whole yet, or that what belongs to it is still to come.
pub fn may_become_whole(failure: &Failure) -> bool {
    match failure.kind {
        ErrorKind::NotAPicture | ErrorKind::Corrupt => true,
        ErrorKind::InvalidRequest => failure.retry_after_ms.is_some(),
        _ => false,
    }
}
