//! Where the uploads of blobs are that a push began and did not end: another process goes on with them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use layerlab_core::oci::Digest;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::{INGEST, Store, is_at};

/// The longest address that is believed.
const PLACE_MAX: u64 = 16 << 10;

/// One blob's upload to one repository. While it is held, no other process has it.
#[derive(Debug)]
pub struct KeptUpload {
    file: File,
    path: PathBuf,
    place: Option<String>,
}

impl Store {
    /// The upload of a blob to a repository of a registry; `None` if another process is at it.
    pub fn upload(&self, registry: &str, repository: &str, blob: &Digest) -> io::Result<Option<KeptUpload>> {
        let key = Digest::of(format!("{registry}/{repository}@{blob}").as_bytes());
        let path = self.dir.join(INGEST).join(format!("upload-{}", key.hex()));
        // An upload's address may be all that it takes to write to it.
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path)?;
        match flock(file.as_fd(), FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => return Ok(None),
            locked => locked?,
        }
        // Its end may have come while it was opened: then the name leads to another file, or to none.
        if !is_at(&file, &path) {
            return Ok(None);
        }
        let mut text = String::new();
        // What was cut while it was written has no end of line.
        let whole = (&file).take(PLACE_MAX).read_to_string(&mut text).is_ok();
        let place = text.strip_suffix('\n').filter(|_| whole).map(str::to_owned);
        Ok(Some(KeptUpload { file, path, place }))
    }
}

impl KeptUpload {
    /// Where it was when a push last knew.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// Remembers where it is.
    pub fn keep(&mut self, place: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(format!("{place}\n").as_bytes())?;
        self.place = Some(place.to_owned());
        Ok(())
    }

    /// It has ended.
    pub fn forget(mut self) {
        self.place = None;
    }
}

impl Drop for KeptUpload {
    fn drop(&mut self) {
        if self.place.is_none() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_is_remembered_until_it_ends_and_held_by_one() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let blob = Digest::of(b"blob");
        let mut kept = store.upload("http://r", "a", &blob).unwrap().expect("nobody else has it");
        assert_eq!(kept.place(), None);
        kept.keep("http://r/first/longer").unwrap();
        kept.keep("http://r/second").unwrap();
        assert!(store.upload("http://r", "a", &blob).unwrap().is_none());
        drop(kept);
        assert_eq!(store.upload("http://r", "b", &blob).unwrap().unwrap().place(), None);
        let kept = store.upload("http://r", "a", &blob).unwrap().unwrap();
        assert_eq!(kept.place(), Some("http://r/second"));
        let path = kept.path.clone();
        kept.forget();
        assert!(!path.exists());
        // Cut while it was written.
        fs::write(&path, "http://r/sec").unwrap();
        assert_eq!(store.upload("http://r", "a", &blob).unwrap().unwrap().place(), None);
    }
}
