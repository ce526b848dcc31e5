//! Lent blobs: the pixels that a recipe works on while it runs, a hundred times as large as the files that they come
//! from. They lie in a folder of their own, are given back when the results are written, and are synced only where
//! money hangs on them: whatever else is lost with the machine's power is made again from the file.
//!
//! A lent blob is read like any other. Whoever wants to keep one, such as an editor that submits the same pixels,
//! gets it among those that stay.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::PathBuf;

use easel_protocol::Failure;
use easel_protocol::picture::{BlobId, BlobInfo};

use super::blobs::{BlobWriter, Blobs, lock, picture_of, sync_folder};
use super::io_failure;

/// The folder of lent blobs.
pub(super) const LENT: &str = "lent";

impl Blobs {
    pub(super) fn lent_path(&self, id: &BlobId) -> PathBuf {
        self.root.join(LENT).join(id.as_str())
    }

    /// Names a blob for a while, until it is given back as often as it was lent. One that stays anyway is left alone.
    pub fn lend(&self, writer: BlobWriter, durable: bool) -> Result<BlobInfo, Failure> {
        let (id, bytes, path, file) = writer.into_parts()?;
        let info = BlobInfo { id: id.clone(), bytes, picture: picture_of(&file) };
        if self.stays(&id) {
            let _ = fs::remove_file(&path);
            return Ok(info);
        }
        let target = self.lent_path(&id);
        if durable {
            file.sync_data().map_err(|error| io_failure("sync", &path, &error))?;
        }
        // Counted before it is there: giving back the last one must not take this one away.
        let mut lent = lock(&self.lent);
        *lent.entry(id).or_default() += 1;
        fs::rename(&path, &target).map_err(|error| io_failure("rename", &path, &error))?;
        drop(lent);
        if durable {
            sync_folder(&self.root.join(LENT))?;
        }
        Ok(info)
    }

    /// Gives a lent blob back; the last one takes its file away.
    pub fn give_back(&self, id: &BlobId) {
        let mut lent = lock(&self.lent);
        let Some(count) = lent.get_mut(id) else { return };
        *count -= 1;
        if *count == 0 {
            lent.remove(id);
            let _ = fs::remove_file(self.lent_path(id));
        }
    }

    /// Whether a blob is only lent.
    pub fn is_lent(&self, id: &BlobId) -> bool {
        !self.stays(id) && self.lent_path(id).exists()
    }

    /// Takes a lent blob among those that stay. Says whether it was one.
    pub(super) fn keep_lent(&self, id: &BlobId) -> Result<bool, Failure> {
        let (lent, target) = (self.lent_path(id), self.path(id));
        let Ok(file) = File::open(&lent) else { return Ok(false) };
        file.sync_data().map_err(|error| io_failure("sync", &lent, &error))?;
        let folder = target.parent().unwrap_or(&target);
        fs::create_dir_all(folder).map_err(|error| io_failure("create", folder, &error))?;
        match fs::hard_link(&lent, &target) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(io_failure("keep", &lent, &error)),
        }
        sync_folder(folder)?;
        Ok(true)
    }

    /// Removes what an earlier daemon lent and nothing needs any more.
    pub fn sweep_lent(&self, needed: &HashSet<BlobId>) {
        let Ok(entries) = fs::read_dir(self.root.join(LENT)) else { return };
        let lent = lock(&self.lent);
        for entry in entries.flatten() {
            let id = entry.file_name().to_string_lossy().parse::<BlobId>();
            let wanted = id.is_ok_and(|id| needed.contains(&id) || lent.contains_key(&id));
            if !wanted {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(blobs: &Blobs, text: &[u8]) -> BlobWriter {
        let mut writer = blobs.writer().unwrap();
        writer.write(text).unwrap();
        writer
    }

    #[test]
    fn what_is_lent_twice_goes_with_the_second_return() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let id = blobs.lend(blob(&blobs, b"rows"), false).unwrap().id;
        assert_eq!(blobs.lend(blob(&blobs, b"rows"), true).unwrap().id, id);
        blobs.give_back(&id);
        assert!(blobs.is_lent(&id));
        assert_eq!(blobs.read(&id, 10).unwrap(), b"rows");
        blobs.give_back(&id);
        blobs.give_back(&id);
        assert!(!blobs.is_lent(&id));
        assert!(blobs.open_file(&id).is_err());
    }

    #[test]
    fn what_somebody_keeps_stays_when_it_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let id = blobs.lend(blob(&blobs, b"rows"), false).unwrap().id;
        blobs.settle(&id).unwrap();
        blobs.give_back(&id);
        assert_eq!(blobs.read(&id, 10).unwrap(), b"rows");
        // And what stays is not lent out a second time.
        assert_eq!(blobs.lend(blob(&blobs, b"rows"), false).unwrap().id, id);
        blobs.give_back(&id);
        assert_eq!(blobs.read(&id, 10).unwrap(), b"rows");
    }

    #[test]
    fn leftovers_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let kept = blobs.lend(blob(&blobs, b"one"), false).unwrap().id;
        let lost = blobs.lend(blob(&blobs, b"two"), false).unwrap().id;
        drop(blobs);
        let blobs = Blobs::open(folder.path()).unwrap();
        blobs.sweep_lent(&HashSet::from([kept.clone()]));
        assert!(blobs.is_lent(&kept) && !blobs.is_lent(&lost));
    }
}
