//! Why a plugin may not show up: goes through the reasons one by one and judges what was seen.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::apply::Seen;
use super::kritarc;
use super::machine::{Machine, Platform};
use super::package::Package;
use super::places::{Kind, Place};
use super::plan::Entry;
use super::record::Record;
use super::{Target, gimp};

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Good,
    /// It cannot be seen from here.
    Unknown,
    Warning,
    Bad,
}

/// One reason, and whether it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The folder of the installation that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    pub what: &'static str,
    pub verdict: Verdict,
    pub detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Finding {
    pub fn new(what: &'static str, verdict: Verdict, detail: impl Into<String>) -> Finding {
        Finding { folder: None, what, verdict, detail: detail.into(), hint: None }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Finding {
        self.hint = Some(hint.into());
        self
    }
}

/// What is asked about.
pub struct Question<'a> {
    pub target: Target,
    pub machine: &'a Machine<'a>,
    pub package: &'a Package,
    pub version: &'a str,
    /// The file of this program.
    pub program: &'a str,
}

impl Question<'_> {
    /// How a plugin stands in one place.
    pub fn judge(&self, place: &Place, seen: &Seen) -> Vec<Finding> {
        let folder = place.folder.display();
        let mut findings = vec![Finding::new(
            "editor",
            Verdict::Good,
            format!("{}, with plugins in `{folder}`", place.name),
        )];
        findings.extend(self.python(place));
        findings.push(self.files(place, seen));
        if self.target == Target::Gimp {
            findings.extend(self.executable(seen));
            findings.extend(self.folder(place, seen));
        }
        findings.extend(self.enabled(place));
        if let Some(step) = self.target.first_step(place) {
            findings.push(
                Finding::new("imported", Verdict::Unknown, "only Figma knows what it imported")
                    .hint(step),
            );
        }
        match &seen.record {
            Ok(Some(record)) if !place.kind.is_sandboxed() && !self.target.is_web() => {
                findings.push(self.program(record));
            }
            _ => {}
        }
        for finding in &mut findings {
            finding.folder = Some(place.folder.clone());
        }
        findings
    }

    fn again(&self) -> String {
        format!("`easel install {}` puts it there", self.target.id())
    }

    fn python(&self, place: &Place) -> Option<Finding> {
        match (self.target, place.kind) {
            (Target::Krita, Kind::Snap) => Some(
                Finding::new("python", Verdict::Warning, "the Snap of Krita may have no Python")
                    .hint("the AppImage and the Flatpak have it"),
            ),
            (Target::Krita, _) => Some(
                Finding::new("python", Verdict::Unknown, "only Krita knows whether it has Python")
                    .hint("it has when Settings → Configure Krita shows the Python Plugin Manager"),
            ),
            (Target::Gimp, Kind::Usual) if gimp::is_installed(self.machine) => {
                let python = self.machine.program("python3");
                let load = "import gi; gi.require_version('Gimp', '3.0')";
                let loads = python.is_some_and(|python| {
                    self.machine.sight.answer(&python, &["-c", load]).is_some()
                });
                Some(if loads {
                    Finding::new("python", Verdict::Good, "`python3` finds the library of GIMP 3")
                } else {
                    Finding::new(
                        "python",
                        Verdict::Warning,
                        "`python3` does not find the library of GIMP 3",
                    )
                    .hint(
                        "install `python3-gi` and `gir1.2-gimp-3.0`, or what they are called there",
                    )
                })
            }
            // Everything else brings its own, or needs none.
            (Target::Gimp | Target::Figma, _) => None,
        }
    }

    fn files(&self, place: &Place, seen: &Seen) -> Finding {
        let bad = |detail: String| Finding::new("files", Verdict::Bad, detail);
        let folder = place.folder.display();
        let record = match &seen.record {
            Err(why) => {
                return bad(format!("`{}` is damaged: {why}", self.package.record()))
                    .hint(format!("`easel install {} --force` writes it anew", self.target.id()));
            }
            Ok(None) => {
                return bad(format!("nothing is installed in `{folder}`")).hint(self.again());
            }
            Ok(Some(record)) => record,
        };
        let (mut missing, mut changed) = (Vec::new(), Vec::new());
        for path in record.files.keys() {
            match seen.disk.get(path) {
                None => missing.push(format!("`{path}` is missing")),
                Some(Entry::File { hash, .. }) if record.wrote(path, hash) => {}
                Some(_) => changed.push(format!("`{path}` was changed")),
            }
        }
        let more = match missing.len() + changed.len() {
            0 | 1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        if let Some(first) = changed.first() {
            return bad(format!("{first}{more}")).hint(format!(
                "`easel install {} --force` keeps a copy and writes it anew",
                self.target.id()
            ));
        }
        if let Some(first) = missing.first() {
            return bad(format!("{first}{more}")).hint(self.again());
        }
        let count = record.files.len();
        let update = format!("`easel install {}` updates them", self.target.id());
        let version = self.version;
        if record.easel != version {
            let detail =
                format!("{count} files of version {}, and this is {version}", record.easel);
            return bad(detail).hint(update);
        }
        let expected = self.package.files.iter().map(|file| (file.path.clone(), file.hash()));
        if !record.writing.is_empty() || record.files != expected.collect() {
            return bad(format!("{count} files of another build of {version}")).hint(update);
        }
        Finding::new(
            "files",
            Verdict::Good,
            format!("{count} files of version {version}, unchanged"),
        )
    }

    fn executable(&self, seen: &Seen) -> Option<Finding> {
        let entry = self.package.entry;
        match seen.disk.get(entry)? {
            _ if self.machine.platform == Platform::Windows => None,
            Entry::File { executable: false, .. } => Some(
                Finding::new(
                    "executable",
                    Verdict::Bad,
                    format!("`{entry}` is not executable, and GIMP passes over it in silence"),
                )
                .hint(format!("`easel install {}` sets the bit", self.target.id())),
            ),
            _ => Some(Finding::new("executable", Verdict::Good, format!("`{entry}` may be run"))),
        }
    }

    /// Copies by hand that GIMP passes over: the folder has to be named as the file.
    fn folder(&self, place: &Place, seen: &Seen) -> Option<Finding> {
        let file = self.package.entry.rsplit('/').next()?;
        let names = self.machine.sight.names(&place.folder).unwrap_or_default();
        let holds = |name: &str| self.machine.sight.exists(&place.folder.join(name).join(file));
        let own = self.package.folder;
        match names.iter().find(|name| *name == file || (*name != own && holds(name))) {
            None if !seen.disk.contains_key(self.package.entry) => None,
            None => {
                Some(Finding::new("folder", Verdict::Good, format!("`{own}`, named as its file")))
            }
            Some(name) => {
                let path = place.folder.join(name);
                let detail = format!("GIMP passes over the plug-in at `{}`", path.display());
                let hint = format!("remove it; {}", self.again());
                Some(Finding::new("folder", Verdict::Bad, detail).hint(hint))
            }
        }
    }

    fn enabled(&self, place: &Place) -> Option<Finding> {
        let (file, plugin) = (place.settings.as_ref()?, self.target.setting()?);
        let settings = self.machine.sight.read(file).unwrap_or_default();
        let shown = file.display();
        let off = |why: &str| {
            Finding::new("enabled", Verdict::Bad, format!("{why} in `{shown}`")).hint(format!(
                "quit {}, then `easel install {}` enables it",
                self.target.name(),
                self.target.id()
            ))
        };
        Some(match kritarc::enabled(&settings, plugin) {
            Some(true) => Finding::new("enabled", Verdict::Good, format!("in `{shown}`")),
            Some(false) => off("switched off"),
            None => off("not enabled"),
        })
    }

    fn program(&self, record: &Record) -> Finding {
        let program = &record.program;
        let good =
            || Finding::new("program", Verdict::Good, format!("the plugin starts `{program}`"));
        let hint =
            format!("`easel install {}` names this one: `{}`", self.target.id(), self.program);
        if program == self.program {
            return good();
        }
        let path = Path::new(program);
        if !self.machine.sight.exists(path) {
            let detail = format!("`{program}`, which the plugin starts, is gone");
            return Finding::new("program", Verdict::Bad, detail).hint(hint);
        }
        let answer = self.machine.sight.answer(path, &["--version"]).unwrap_or_default();
        match answer.split_whitespace().last() {
            Some(version) if version == self.version => good(),
            _ => {
                let answer = answer.trim();
                let said = if answer.is_empty() {
                    "does not answer".to_owned()
                } else {
                    format!("is `{answer}`")
                };
                let detail = format!("`{program}`, which the plugin starts, {said}");
                Finding::new("program", Verdict::Warning, detail).hint(hint)
            }
        }
    }
}

#[cfg(test)]
mod tests;
