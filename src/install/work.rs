//! The whole of an installation or a removal: looks, plans for all places, and only then begins.

use std::path::PathBuf;

use easel_protocol::Failure;
use serde::Serialize;

use super::apply::{self, Seen};
use super::package::Package;
use super::plan::{self, Obstacle};
use super::{Place, Target, kritarc};

/// What is put in, and by whom.
pub struct Work<'a> {
    pub target: Target,
    pub package: &'a Package,
    pub version: &'a str,
    /// The file of this program.
    pub program: &'a str,
    /// What is not Easel's may be moved out of the way.
    pub force: bool,
}

/// What was done in one place.
#[derive(Debug, Serialize)]
pub struct Done {
    /// What a person calls the installation.
    pub name: String,
    pub folder: PathBuf,
    pub did: Did,
    /// Paths below the folder.
    pub written: Vec<String>,
    pub removed: Vec<String>,
    pub made_executable: Vec<String>,
    /// What was moved out of the way, under its new name.
    pub moved: Vec<String>,
    /// What stays although Easel wrote it once.
    pub kept: Vec<Obstacle>,
    /// The file that enables the plugin, and whether it was changed.
    pub settings: Option<PathBuf>,
    pub settings_changed: bool,
}

/// What became of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    Installed,
    Updated,
    Unchanged,
    Removed,
    /// There was nothing to remove.
    Absent,
}

impl Work<'_> {
    /// Puts the plugin into all places, or touches none where something stands in the way.
    pub fn put_in(&self, places: &[Place]) -> Result<Vec<Done>, Failure> {
        let mut plans = Vec::new();
        for place in places {
            let seen = Seen::look(&place.folder, self.package)?;
            let mut obstacles = Vec::new();
            let before = seen.record.unwrap_or_else(|why| {
                obstacles.push(self.damaged(&why));
                None
            });
            let now = (self.version, self.program);
            match plan::install(self.package, now, before.as_ref(), &seen.disk, self.force) {
                Ok(mut plan) if self.force || obstacles.is_empty() => {
                    plan.aside.extend(obstacles.into_iter().map(|obstacle| obstacle.path));
                    plans.push((place, before, plan));
                }
                planned => {
                    obstacles.extend(planned.err().unwrap_or_default());
                    return Err(apply::refused(&place.folder, &obstacles));
                }
            }
        }
        let mut done = Vec::new();
        for (place, before, plan) in plans {
            let did = match () {
                () if plan.is_done() => Did::Unchanged,
                () if plan.is_update => Did::Updated,
                () => Did::Installed,
            };
            let mut one = Done::new(place, did);
            (one.written, one.removed) = (plan.write.clone(), plan.remove.clone());
            one.made_executable.clone_from(&plan.mark);
            if did != Did::Unchanged {
                one.moved = apply::install(place, self.package, before.as_ref(), plan)?;
            }
            one.change_settings(self.target, kritarc::enable)?;
            done.push(one);
        }
        Ok(done)
    }

    /// Takes the plugin out of all places.
    pub fn take_out(&self, places: &[Place]) -> Result<Vec<Done>, Failure> {
        places.iter().map(|place| self.take_out_of(place)).collect()
    }

    fn take_out_of(&self, place: &Place) -> Result<Done, Failure> {
        let seen = Seen::look(&place.folder, self.package)?;
        let record = seen.record.map_err(|why| {
            apply::refused(&place.folder, &[self.damaged(&why)]).hint(format!(
                "nothing was changed; `easel install {} --force` writes it anew, and then it can be taken out",
                self.target.id()
            ))
        })?;
        let mut one = Done::new(place, Did::Absent);
        // A plugin that somebody put there by other means stays enabled.
        if record.is_some() || !seen.disk.contains_key(self.package.entry) {
            one.change_settings(self.target, kritarc::forget)?;
        }
        if let Some(record) = record {
            let removal = plan::uninstall(self.package, &record, &seen.disk, self.force);
            one.did = Did::Removed;
            one.moved = apply::uninstall(place, self.package, &record, &removal)?;
            (one.removed, one.kept) = (removal.remove, removal.keep);
        }
        Ok(one)
    }

    fn damaged(&self, why: &str) -> Obstacle {
        Obstacle { path: self.package.record(), why: format!("is damaged: {why}") }
    }
}

impl Done {
    fn new(place: &Place, did: Did) -> Done {
        Done {
            name: place.name.clone(),
            folder: place.folder.clone(),
            did,
            written: Vec::new(),
            removed: Vec::new(),
            made_executable: Vec::new(),
            moved: Vec::new(),
            kept: Vec::new(),
            settings: place.settings.clone(),
            settings_changed: false,
        }
    }

    fn change_settings(
        &mut self,
        target: Target,
        change: fn(&[u8], &str) -> Vec<u8>,
    ) -> Result<(), Failure> {
        if let (Some(file), Some(plugin)) = (&self.settings, target.setting()) {
            let before = apply::read_settings(file)?;
            let after = change(&before, plugin);
            if after != before {
                apply::write_settings(file, &after)?;
                self.settings_changed = true;
            }
        }
        Ok(())
    }

    /// Whether the editor sees something else when it is started again.
    pub fn is_change(&self) -> bool {
        self.settings_changed || !matches!(self.did, Did::Unchanged | Did::Absent)
    }
}
