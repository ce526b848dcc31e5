//! Carries a plan out. New content is complete beside its place before anything changes, and then
//! takes it in one rename; a record of both old and new is there first, and the line that enables
//! the plugin comes last. So a crash leaves what works or what the editor does not see, and a
//! second run finishes it.

use std::fs;
use std::io::{ErrorKind as Io, Write};
use std::path::{Path, PathBuf};

use easel_protocol::{ErrorKind, Failure};

use super::package::{Package, hash};
use super::places::Place;
use super::plan::{self, Disk, Entry, Obstacle, Plan, Removal};
use super::record::Record;

/// What lies in a folder at the paths that matter for a package.
pub struct Seen {
    /// What was installed; or why the record cannot be read.
    pub record: Result<Option<Record>, String>,
    pub disk: Disk,
}

impl Seen {
    /// Looks at a folder.
    pub fn look(folder: &Path, package: &Package) -> Result<Seen, Failure> {
        let file = folder.join(package.record());
        let is_link = folder.join(package.folder).is_symlink();
        let record = match fs::read(&file) {
            // What lies behind a link is not in this folder.
            _ if is_link => Ok(None),
            Ok(content) => Record::parse(&content, package).map(Some),
            Err(error) if matches!(error.kind(), Io::NotFound | Io::NotADirectory) => Ok(None),
            Err(error) => Err(error.to_string()),
        };
        let known = record.as_ref().ok().and_then(Option::as_ref);
        let mut disk = Disk::new();
        for path in plan::paths(package, known) {
            if let Some(entry) = entry(&folder.join(&path))? {
                disk.insert(path, entry);
            }
        }
        Ok(Seen { record, disk })
    }
}

fn entry(path: &Path) -> Result<Option<Entry>, Failure> {
    let failed = |error| failure("read", path, &error);
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if matches!(error.kind(), Io::NotFound | Io::NotADirectory) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    Ok(Some(if metadata.is_dir() {
        Entry::Folder
    } else if metadata.is_file() {
        let hash = hash(&fs::read(path).map_err(failed)?);
        Entry::File { hash, executable: is_executable(&metadata) }
    } else if metadata.is_symlink() {
        let target = fs::read_link(path).unwrap_or_default();
        Entry::Other(format!("a link to `{}`", target.display()))
    } else {
        Entry::Other("no plain file".to_owned())
    }))
}

/// Does what a plan says, and gives the names of what was moved out of the way.
pub fn install(
    Place { folder, settings, .. }: &Place,
    package: &Package,
    before: Option<&Record>,
    plan: Plan,
) -> Result<Vec<String>, Failure> {
    for path in &plan.mark {
        make_executable(&folder.join(path))?;
    }
    let Some(mut after) = plan.record.or_else(|| before.cloned()) else { return Ok(Vec::new()) };
    for folder in [Some(folder.as_path()), settings.as_deref().and_then(Path::parent)] {
        let made = folder.map_or(Ok(Vec::new()), make_folder)?;
        after.made.extend(made.iter().map(|made| made.display().to_string()));
    }
    let moved = plan.aside.iter().map(|path| move_aside(folder, path)).collect::<Result<_, _>>()?;
    let record = folder.join(package.record());
    make_parent(&record)?;
    // What an earlier crash left is still known after another one.
    let known = before.into_iter().flat_map(|record| record.writing.iter().chain(&record.files));
    let files = known.map(|(path, hash)| (path.clone(), hash.clone())).collect();
    replace(&record, &Record { writing: after.files.clone(), files, ..after.clone() }.text())?;
    for file in plan.write.iter().filter_map(|path| package.get(path)) {
        let place = folder.join(&file.path);
        make_parent(&place)?;
        stage(&place, file.content, file.executable)?;
    }
    for path in &plan.write {
        settle(&folder.join(path))?;
    }
    for path in plan.remove.iter().chain(package.files.iter().map(|file| &file.path)) {
        // What a crash may have left.
        let _ = fs::remove_file(staged(&folder.join(path)));
    }
    for path in plan.remove.iter().chain(&plan.write) {
        forget_compiled(folder, path);
    }
    for path in &plan.remove {
        remove(&folder.join(path))?;
        remove_empty_folders(folder, path);
    }
    replace(&record, &after.text())?;
    Ok(moved)
}

/// Takes out what a plan says, and gives the names of what was moved out of the way.
pub fn uninstall(
    Place { folder, settings, .. }: &Place,
    package: &Package,
    record: &Record,
    removal: &Removal,
) -> Result<Vec<String>, Failure> {
    for path in &removal.remove {
        remove(&folder.join(path))?;
    }
    let aside = removal.aside.iter().map(|path| move_aside(folder, path));
    let moved = aside.collect::<Result<_, _>>()?;
    let own = package.record();
    let is_free = |path: &&String| {
        let leads = |it: &plan::Obstacle| path.starts_with(&format!("{}/", it.path));
        !removal.keep.iter().any(|it| it.path == **path || leads(it))
    };
    for path in record.paths().chain([&own]).filter(is_free) {
        // What a crash may have left.
        let _ = fs::remove_file(staged(&folder.join(path)));
        forget_compiled(folder, path);
    }
    remove(&folder.join(&own))?;
    for path in record.paths().chain([&own]).filter(is_free) {
        remove_empty_folders(folder, path);
    }
    for made in record.made.iter().rev().map(Path::new) {
        let led_there = |path: &PathBuf| path.starts_with(made);
        if led_there(folder) || settings.as_ref().is_some_and(led_there) {
            // Fails where something else is in it by now.
            let _ = fs::remove_dir(made);
        }
    }
    Ok(moved)
}

/// The content of a file of settings; nothing where there is none.
pub fn read_settings(file: &Path) -> Result<Vec<u8>, Failure> {
    match fs::read(file) {
        Err(error) if error.kind() == Io::NotFound => Ok(Vec::new()),
        read => read.map_err(|error| failure("read", file, &error)),
    }
}

/// Replaces a file of settings, or removes it where nothing is left of it.
pub fn write_settings(file: &Path, content: &[u8]) -> Result<(), Failure> {
    // Somebody may keep the file elsewhere and link to it.
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    if content.is_empty() {
        return remove(&file);
    }
    make_parent(&file)?;
    stage(&file, content, false)?;
    if let Ok(metadata) = fs::metadata(&file) {
        let _ = fs::set_permissions(staged(&file), metadata.permissions());
    }
    settle(&file)
}

/// Where content waits until it is complete. Editors pass over such names.
fn staged(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!(".{name}.easel-new"))
}

fn stage(file: &Path, content: &[u8], executable: bool) -> Result<(), Failure> {
    let beside = staged(file);
    let written = remove_if_there(&beside).and_then(|()| {
        let mut new = fs::File::create_new(&beside)?;
        new.write_all(content)?;
        new.sync_all()
    });
    written.map_err(|error| failure("write", file, &error))?;
    if executable { make_executable(&beside) } else { Ok(()) }
}

fn settle(file: &Path) -> Result<(), Failure> {
    fs::rename(staged(file), file).map_err(|error| failure("replace", file, &error))
}

fn replace(file: &Path, content: &[u8]) -> Result<(), Failure> {
    stage(file, content, false).and_then(|()| settle(file))
}

/// Makes a folder, and gives those that were made, the outermost first.
fn make_folder(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let missing = folder.ancestors().take_while(|it| !it.exists()).map(Path::to_owned);
    let mut missing: Vec<PathBuf> = missing.collect();
    missing.reverse();
    fs::create_dir_all(folder).map_err(|error| failure("make", folder, &error))?;
    Ok(missing)
}

fn make_parent(file: &Path) -> Result<(), Failure> {
    file.parent().map_or(Ok(()), |folder| make_folder(folder).map(drop))
}

fn move_aside(folder: &Path, path: &str) -> Result<String, Failure> {
    let name = plan::aside(path, |name| fs::symlink_metadata(folder.join(name)).is_ok());
    fs::rename(folder.join(path), folder.join(&name))
        .map_err(|error| failure("move", &folder.join(path), &error))?;
    Ok(name)
}

fn remove(file: &Path) -> Result<(), Failure> {
    remove_if_there(file).map_err(|error| failure("remove", file, &error))
}

fn remove_if_there(file: &Path) -> std::io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != Io::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes what Python made of a module that is no more, or is another one now.
fn forget_compiled(folder: &Path, module: &str) {
    let Some(parent) = folder.join(module).parent().map(Path::to_owned) else { return };
    let cache = parent.join("__pycache__");
    let Ok(entries) = fs::read_dir(&cache) else { return };
    let names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    for name in plan::compiled(module, &names) {
        let _ = fs::remove_file(cache.join(name));
    }
    let _ = fs::remove_dir(&cache);
}

/// Removes the folders that led to a path, as far as nothing else is in them.
fn remove_empty_folders(folder: &Path, path: &str) {
    let place = folder.join(path);
    for parent in place.ancestors().skip(1).take_while(|parent| *parent != folder) {
        if fs::remove_dir(parent).is_err() {
            break;
        }
    }
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(unix)]
fn make_executable(file: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let made = fs::metadata(file).and_then(|metadata| {
        let mut permissions = metadata.permissions();
        // Whoever may read it may run it.
        permissions.set_mode(permissions.mode() | 0o100 | ((permissions.mode() & 0o444) >> 2));
        fs::set_permissions(file, permissions)
    });
    made.map_err(|error| failure("make executable", file, &error))
}

#[cfg(not(unix))]
fn is_executable(_metadata: &fs::Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn make_executable(_file: &Path) -> Result<(), Failure> {
    Ok(())
}

/// What stands in the way, as a failure.
pub fn refused(folder: &Path, obstacles: &[Obstacle]) -> Failure {
    let shown = obstacles.iter().take(3);
    let mut lines: Vec<String> =
        shown.map(|it| format!("`{}` {}", folder.join(&it.path).display(), it.why)).collect();
    if obstacles.len() > lines.len() {
        lines.push(format!("and {} more", obstacles.len() - lines.len()));
    }
    Failure::new(ErrorKind::Conflict, lines.join("; "))
        .hint("nothing was changed; `--force` moves it to a name with `.before-easel` and goes on")
}

fn failure(doing: &str, path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("cannot {doing} `{}`: {error}", path.display());
    match error.kind() {
        Io::StorageFull | Io::QuotaExceeded => Failure::new(ErrorKind::StorageFull, message)
            .hint("make room on the disk, and run this again"),
        Io::PermissionDenied | Io::ReadOnlyFilesystem => {
            Failure::new(ErrorKind::StorageFull, message)
                .hint("make it writable for this user, or name another folder with `--dir DIR`")
        }
        _ => {
            Failure::new(ErrorKind::Internal, message).hint("run this again; it goes on from there")
        }
    }
}
