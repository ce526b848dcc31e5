//! What is to be done to a folder, from what should be there, what a record says was put there, and
//! what lies there. Decides; touches nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::package::Package;
use super::record::Record;

/// What lies at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    File {
        hash: String,
        executable: bool,
    },
    Folder,
    /// A link, or something stranger: what to call it.
    Other(String),
}

/// What lies at the paths that matter; what is not in it does not exist.
pub type Disk = BTreeMap<String, Entry>;

/// Something that is not Easel's and stands where Easel has a file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Obstacle {
    pub path: String,
    pub why: String,
}

/// The steps of an installation. Paths are relative to the folder of plugins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Is moved out of the way, under another name.
    pub aside: Vec<String>,
    /// Is written, in this order.
    pub write: Vec<String>,
    /// Is made executable.
    pub mark: Vec<String>,
    /// Was Easel's and is no longer needed.
    pub remove: Vec<String>,
    /// Is recorded afterwards, where that is another record than before.
    pub record: Option<Record>,
    /// Something of Easel's was there before.
    pub is_update: bool,
}

impl Plan {
    /// Whether all is as it should be.
    pub fn is_done(&self) -> bool {
        let steps = [&self.aside, &self.write, &self.mark, &self.remove];
        steps.iter().all(|paths| paths.is_empty()) && self.record.is_none()
    }
}

/// The steps of taking a plugin out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    /// Is moved out of the way, under another name.
    pub aside: Vec<String>,
    /// Is removed, in this order.
    pub remove: Vec<String>,
    /// Stays, since somebody changed it.
    pub keep: Vec<Obstacle>,
}

/// Every path that a plan may ask about: files, and the folders that lead there.
pub fn paths(package: &Package, record: Option<&Record>) -> BTreeSet<String> {
    let recorded = record.into_iter().flat_map(Record::paths).map(String::as_str);
    let files = package.files.iter().map(|file| file.path.as_str()).chain(recorded);
    files.flat_map(|path| leading(path).chain([path])).map(str::to_owned).collect()
}

/// The folders that lead to a path, the outermost first.
fn leading(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// What it takes to have a package in a folder; or what stands in the way, unless `force` says that
/// it may be moved.
pub fn install(
    package: &Package,
    (version, program): (&str, &str),
    before: Option<&Record>,
    disk: &Disk,
    force: bool,
) -> Result<Plan, Vec<Obstacle>> {
    let mut plan = Plan { is_update: before.is_some(), ..Plan::default() };
    let mut obstacles = Vec::new();
    for file in &package.files {
        let hash = file.hash();
        match obstacle(&file.path, disk, before, Some(&hash)) {
            Some(found) => {
                plan.write.push(file.path.clone());
                if !obstacles.contains(&found) {
                    obstacles.push(found);
                }
            }
            None => match disk.get(&file.path) {
                Some(Entry::File { hash: there, executable }) if *there == hash => {
                    if file.executable && !executable {
                        plan.mark.push(file.path.clone());
                    }
                }
                _ => plan.write.push(file.path.clone()),
            },
        }
    }
    let obsolete =
        before.into_iter().flat_map(Record::paths).filter(|it| package.get(it).is_none());
    for path in obsolete.collect::<BTreeSet<_>>() {
        match obstacle(path, disk, before, None) {
            Some(found) if !obstacles.contains(&found) => obstacles.push(found),
            None if disk.contains_key(path) => plan.remove.push(path.clone()),
            _ => {}
        }
    }
    if !obstacles.is_empty() && !force {
        return Err(obstacles);
    }
    plan.aside = obstacles.into_iter().map(|obstacle| obstacle.path).collect();
    let files = package.files.iter().map(|file| (file.path.clone(), file.hash()));
    let after = Record {
        easel: version.to_owned(),
        program: program.to_owned(),
        files: files.collect(),
        writing: BTreeMap::new(),
        made: before.map(|record| record.made.clone()).unwrap_or_default(),
    };
    plan.record = (before != Some(&after)).then_some(after);
    Ok(plan)
}

/// What it takes to have nothing of Easel's in a folder.
pub fn uninstall(package: &Package, record: &Record, disk: &Disk, force: bool) -> Removal {
    let mut removal = Removal::default();
    // What the editor looks for goes first: from then on there is no half a plugin.
    let order = |path: &&String| (path.as_str() != package.entry, (*path).clone());
    let mut paths: Vec<&String> = record.paths().collect();
    paths.sort_by_key(order);
    paths.dedup();
    for path in paths {
        match obstacle(path, disk, Some(record), None) {
            Some(found) if removal.keep.contains(&found) => {}
            Some(found) => removal.keep.push(found),
            None if disk.contains_key(path) => removal.remove.push(path.clone()),
            None => {}
        }
    }
    if force {
        removal.aside = removal.keep.drain(..).map(|found| found.path).collect();
    }
    removal
}

/// What stands at a path, or on the way there, that is not Easel's.
fn obstacle(
    path: &str,
    disk: &Disk,
    record: Option<&Record>,
    wanted: Option<&String>,
) -> Option<Obstacle> {
    let found = |path: &str, why: String| Some(Obstacle { path: path.to_owned(), why });
    for folder in leading(path) {
        match disk.get(folder) {
            None => return None,
            Some(Entry::Folder) => {}
            Some(Entry::File { .. }) => return found(folder, "is a file, not a folder".to_owned()),
            Some(Entry::Other(what)) => return found(folder, format!("is {what}")),
        }
    }
    match disk.get(path)? {
        Entry::Folder => found(path, "is a folder".to_owned()),
        Entry::Other(what) => found(path, format!("is {what}")),
        Entry::File { hash, .. } if wanted == Some(hash) => None,
        Entry::File { hash, .. } => match record {
            Some(record) if record.wrote(path, hash) => None,
            Some(record) if record.paths().any(|it| it == path) => {
                found(path, "was changed since it was installed".to_owned())
            }
            _ => found(path, "was not put there by `easel install`".to_owned()),
        },
    }
}

/// The files in `__pycache__` that Python made of a module.
pub fn compiled<'a>(module: &'a str, names: &'a [String]) -> impl Iterator<Item = &'a String> {
    let stem = module.rsplit('/').next().and_then(|name| name.strip_suffix(".py"));
    names.iter().filter(move |name| {
        let rest = stem.and_then(|stem| name.strip_prefix(stem)?.strip_prefix('.'));
        rest.is_some_and(|rest| rest.rsplit('.').next() == Some("pyc"))
    })
}

/// A name for what is moved out of the way that nothing has yet.
pub fn aside(path: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let first = format!("{path}.before-easel");
    let others = (2..).map(|number| format!("{first}-{number}"));
    std::iter::once(first.clone()).chain(others).find(|name| !is_taken(name)).unwrap_or(first)
}

#[cfg(test)]
mod tests;
