//! The blob files: immutable bytes under the name of their hash. Bytes are written to a temporary
//! file, synced, and renamed into place, so that a name never stands for half a file, whatever
//! ends the process. Syncing goes on in the background; whoever needs a blob to be durable waits
//! for it with [`Blobs::settle`].

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use easel_protocol::picture::{BlobId, BlobInfo, PictureInfo};
use easel_protocol::{ErrorKind, Failure};

use super::header::{self, HEADER_BYTES};
use super::io_failure;
use super::lent::LENT;

/// The folder of blobs.
pub struct Blobs {
    pub(super) root: PathBuf,
    temporary: PathBuf,
    counter: AtomicU64,
    /// Written under a temporary name and not yet renamed.
    pending: Arc<Mutex<HashMap<BlobId, Arc<Pending>>>>,
    /// How often each lent blob is lent, see `lent`.
    pub(super) lent: Mutex<HashMap<BlobId, usize>>,
    syncer: std::sync::mpsc::Sender<(BlobId, Arc<Pending>)>,
}

struct Pending {
    path: PathBuf,
    target: PathBuf,
    file: File,
    outcome: Mutex<Option<Result<(), Failure>>>,
    settled: Condvar,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Blobs {
    /// Opens the folder and throws away what an earlier process left half-written.
    pub fn open(root: &Path) -> Result<Blobs, Failure> {
        let temporary = root.join("tmp");
        for folder in [&temporary, &root.join(LENT)] {
            fs::create_dir_all(folder).map_err(|error| io_failure("create", folder, &error))?;
        }
        for entry in fs::read_dir(&temporary)
            .map_err(|error| io_failure("read", &temporary, &error))?
            .flatten()
        {
            // Left by a process that ended in the middle: nothing refers to it.
            let _ = fs::remove_file(entry.path());
        }
        let pending: Arc<Mutex<HashMap<BlobId, Arc<Pending>>>> = Arc::default();
        let (syncer, queue) = std::sync::mpsc::channel::<(BlobId, Arc<Pending>)>();
        let queue = Arc::new(Mutex::new(queue));
        // Several: a large blob must not hold small ones back, and a disk syncs many at the price of one.
        for _ in 0..8 {
            let (queue, pending) = (Arc::clone(&queue), Arc::clone(&pending));
            std::thread::Builder::new()
                .name("blob-sync".into())
                .spawn(move || {
                    loop {
                        let next = lock(&queue).recv();
                        let Ok((id, blob)) = next else { return };
                        let outcome = blob.sync();
                        lock(&pending).remove(&id);
                        *lock(&blob.outcome) = Some(outcome);
                        blob.settled.notify_all();
                    }
                })
                .map_err(|error| {
                    Failure::new(ErrorKind::Internal, format!("cannot start a thread: {error}"))
                })?;
        }
        let (root, counter, lent) = (root.to_owned(), AtomicU64::new(0), Mutex::default());
        Ok(Blobs { root, temporary, counter, pending, lent, syncer })
    }

    /// Whether a blob is here to stay, on disk or on its way there.
    pub(super) fn stays(&self, id: &BlobId) -> bool {
        lock(&self.pending).contains_key(id) || self.path(id).exists()
    }

    pub(super) fn path(&self, id: &BlobId) -> PathBuf {
        let (folder, name) = id.as_str().split_at(2);
        self.root.join(folder).join(name)
    }

    /// Begins a blob.
    pub fn writer(&self) -> Result<BlobWriter, Failure> {
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        let path = self.temporary.join(format!("{number}"));
        let file = File::options()
            .create_new(true)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|error| io_failure("create", &path, &error))?;
        Ok(BlobWriter { path, file: Some(file), hasher: blake3::Hasher::new(), bytes: 0 })
    }

    /// Begins a picture: its first page is written.
    pub fn picture_writer(&self, picture: &PictureInfo) -> Result<BlobWriter, Failure> {
        let mut writer = self.writer()?;
        writer.write(&header::encode(picture))?;
        Ok(writer)
    }

    /// Names a blob and lets it be synced in the background. It can be read at once.
    pub fn finish(&self, writer: BlobWriter) -> Result<BlobInfo, Failure> {
        let (id, bytes, path, file) = writer.into_parts()?;
        let info = BlobInfo { id: id.clone(), bytes, picture: picture_of(&file) };
        let target = self.path(&id);
        let mut pending = lock(&self.pending);
        if pending.contains_key(&id) || target.exists() {
            drop(pending);
            // Seen before: the retention rule counts from now.
            let _ = File::options()
                .append(true)
                .open(&target)
                .and_then(|file| file.set_modified(std::time::SystemTime::now()));
            let _ = fs::remove_file(&path);
            return Ok(info);
        }
        let blob = Arc::new(Pending {
            path,
            target,
            file,
            outcome: Mutex::new(None),
            settled: Condvar::new(),
        });
        pending.insert(id.clone(), Arc::clone(&blob));
        drop(pending);
        self.syncer.send((id, blob)).map_err(|_| {
            Failure::new(ErrorKind::Internal, "the threads that sync blobs have ended")
        })?;
        Ok(info)
    }

    /// Stores bytes that are at hand.
    pub fn put(&self, bytes: &[u8]) -> Result<BlobInfo, Failure> {
        let mut writer = self.writer()?;
        writer.write(bytes)?;
        self.finish(writer)
    }

    /// Waits until a blob is on disk.
    pub fn settle(&self, id: &BlobId) -> Result<(), Failure> {
        let Some(blob) = lock(&self.pending).get(id).map(Arc::clone) else {
            return if self.path(id).exists() || self.keep_lent(id)? {
                Ok(())
            } else {
                Err(missing(id))
            };
        };
        let mut outcome = lock(&blob.outcome);
        loop {
            if let Some(outcome) = &*outcome {
                return outcome.clone();
            }
            outcome = blob.settled.wait(outcome).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Opens a blob for reading.
    pub fn open_file(&self, id: &BlobId) -> Result<File, Failure> {
        if let Some(blob) = lock(&self.pending).get(id).map(Arc::clone)
            && let Ok(file) = File::open(&blob.path)
        {
            return Ok(file);
        }
        // Renamed between the two looks.
        let path = self.path(id);
        File::open(&path).or_else(|_| File::open(self.lent_path(id))).map_err(|error| {
            match error.kind() {
                io::ErrorKind::NotFound => missing(id),
                _ => io_failure("open", &path, &error),
            }
        })
    }

    /// What is known of a blob.
    pub fn info(&self, id: &BlobId) -> Result<BlobInfo, Failure> {
        let file = self.open_file(id)?;
        let bytes =
            file.metadata().map_err(|error| io_failure("read", &self.path(id), &error))?.len();
        let picture = picture_of(&file);
        if let Some(picture) = &picture {
            // A file that was damaged behind our back must not be mapped beyond its end.
            let expected = header::row_bytes_total(picture).map(|rows| rows + HEADER_BYTES as u64);
            if expected != Some(bytes) {
                return Err(damaged(id));
            }
        }
        Ok(BlobInfo { id: id.clone(), bytes, picture })
    }

    /// The bytes of a small blob, such as a profile.
    pub fn read(&self, id: &BlobId, limit: u64) -> Result<Vec<u8>, Failure> {
        let file = self.open_file(id)?;
        let mut bytes = Vec::new();
        file.take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| io_failure("read", &self.path(id), &error))?;
        if bytes.len() as u64 > limit {
            return Err(Failure::new(
                ErrorKind::TooLarge,
                format!("blob `{id}` has more than {limit} bytes"),
            ));
        }
        Ok(bytes)
    }

    /// Every blob on disk: name, bytes and the time of its last upload.
    pub fn list(&self) -> Result<Vec<(BlobId, u64, std::time::SystemTime)>, Failure> {
        let mut found = Vec::new();
        let folders =
            fs::read_dir(&self.root).map_err(|error| io_failure("read", &self.root, &error))?;
        for folder in folders.flatten().filter(|folder| folder.file_name().len() == 2) {
            let prefix = folder.file_name().to_string_lossy().into_owned();
            let files = fs::read_dir(folder.path())
                .map_err(|error| io_failure("read", &folder.path(), &error))?;
            for file in files.flatten() {
                let name = format!("{prefix}{}", file.file_name().to_string_lossy());
                let (Ok(id), Ok(metadata)) = (name.parse(), file.metadata()) else { continue };
                let modified = metadata.modified().unwrap_or(std::time::SystemTime::UNIX_EPOCH);
                found.push((id, metadata.len(), modified));
            }
        }
        Ok(found)
    }

    /// Removes a blob that nothing refers to.
    pub fn remove(&self, id: &BlobId) -> Result<(), Failure> {
        let path = self.path(id);
        fs::remove_file(&path).map_err(|error| io_failure("remove", &path, &error))
    }
}

impl Pending {
    fn sync(&self) -> Result<(), Failure> {
        self.file.sync_data().map_err(|error| io_failure("sync", &self.path, &error))?;
        let folder = self.target.parent().unwrap_or(&self.target);
        fs::create_dir_all(folder).map_err(|error| io_failure("create", folder, &error))?;
        fs::rename(&self.path, &self.target)
            .map_err(|error| io_failure("rename", &self.path, &error))?;
        sync_folder(folder)
    }
}

/// A rename is durable once its folder is synced; Windows does not know that notion.
pub(super) fn sync_folder(folder: &Path) -> Result<(), Failure> {
    if cfg!(unix) {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| io_failure("sync", folder, &error))?;
    }
    Ok(())
}

/// What the first page says, where it is one of ours.
pub(super) fn picture_of(file: &File) -> Option<PictureInfo> {
    let mut page = vec![0; HEADER_BYTES];
    read_page(file, &mut page).ok().and_then(|()| header::decode(&page))
}

fn read_page(file: &File, page: &mut [u8]) -> io::Result<()> {
    use std::io::Seek;
    let mut file = file;
    file.rewind()?;
    file.read_exact(page)
}

fn missing(id: &BlobId) -> Failure {
    Failure::new(ErrorKind::NotFound, format!("there is no blob `{id}`"))
        .hint("upload it again with `PUT /v1/blobs`; `easel gc` removes what nothing refers to")
}

fn damaged(id: &BlobId) -> Failure {
    Failure::new(ErrorKind::Corrupt, format!("blob `{id}` is damaged on disk"))
        .hint("`easel doctor` checks all of them; upload the picture again")
}

/// A blob that is being written. Dropped unfinished, it leaves nothing.
pub struct BlobWriter {
    path: PathBuf,
    file: Option<File>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl BlobWriter {
    /// Appends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.write_all(bytes).map_err(|error| io_failure("write", &self.path, &error))?;
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// How many bytes were written.
    pub fn written(&self) -> u64 {
        self.bytes
    }

    pub(super) fn into_parts(mut self) -> Result<(BlobId, u64, PathBuf, File), Failure> {
        let file = self
            .file
            .take()
            .ok_or_else(|| Failure::new(ErrorKind::Internal, "a blob was finished twice"))?;
        let id = BlobId::from_hash(self.hasher.finalize().as_bytes());
        Ok((id, self.bytes, std::mem::take(&mut self.path), file))
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            let _ = fs::remove_file(&self.path);
        }
    }
}
