//! The lab's image store on this machine: an OCI image layout, so that every OCI tool and `layerlab image` read it too.
//!
//! A blob is whole or absent: it grows under `ingest/`, is checked, synced, and renamed to its place. A name is given last.
//! So whatever ends the process, nothing half-loaded has a name; what was fetched of a blob is kept and taken up again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use layerlab_core::oci::archive::{LAYOUT_FILE, OCI_INDEX, blob_path, index, named};
use layerlab_core::oci::manifest::{Descriptor, Document, Index};
use layerlab_core::oci::{Digest, Hasher, Limits, Reference};
use rustix::fs::{FlockOperation, flock};

mod uploads;

pub use uploads::KeptUpload;

const FULL_NAME: &str = "io.containerd.image.name";
const INGEST: &str = "ingest";
/// How long what was left under way is kept to be taken up again.
const KEPT: Duration = Duration::from_hours(24);

/// An open store.
#[derive(Debug, Clone)]
pub struct Store {
    dir: PathBuf,
}

impl Store {
    /// Opens a store, and makes it if it is not there.
    pub fn open(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir.join("blobs/sha256"))?;
        fs::create_dir_all(dir.join("blobs/sha512"))?;
        fs::create_dir_all(dir.join(INGEST))?;
        let this = Self { dir: dir.to_owned() };
        this.sweep();
        let _lock = this.lock()?;
        if !dir.join(LAYOUT_FILE).exists() {
            this.replace(LAYOUT_FILE, br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        }
        if !dir.join(OCI_INDEX).exists() {
            this.replace(OCI_INDEX, &index(Vec::new()))?;
        }
        Ok(this)
    }

    /// Where a user's store is: `LAYERLAB_STORE`, else in `XDG_DATA_HOME`, else in the home directory.
    pub fn usual_place() -> Option<PathBuf> {
        let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        set("LAYERLAB_STORE").or_else(|| {
            let data = set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")))?;
            Some(data.join("layerlab/images"))
        })
    }

    /// The layout's directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where a blob is, or would be.
    pub fn blob(&self, digest: &Digest) -> PathBuf {
        self.dir.join(blob_path(digest))
    }

    /// Whether a blob of this size is here.
    pub fn has(&self, digest: &Digest, size: u64) -> bool {
        fs::symlink_metadata(self.blob(digest)).is_ok_and(|data| data.is_file() && data.len() == size)
    }

    /// Keeps a small blob.
    pub fn put(&self, bytes: &[u8]) -> io::Result<Digest> {
        let digest = Digest::of(bytes);
        self.replace(&blob_path(&digest), bytes)?;
        Ok(digest)
    }

    /// Takes up a blob where it was left, or begins it. Another process that is at it is waited for.
    pub fn partial(&self, digest: &Digest) -> io::Result<Partial> {
        let path = self.dir.join(INGEST).join(digest.hex());
        let mut file = loop {
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
            flock(file.as_fd(), FlockOperation::LockExclusive)?;
            // Whoever had it may have moved it to its place meanwhile: then this is another file than the name's.
            if is_at(&file, &path) {
                break file;
            }
        };
        let mut hasher = Hasher::like(Some(digest));
        let mut buffer = vec![0; 1 << 20];
        let mut len = 0;
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                n => {
                    hasher.update(&buffer[..n]);
                    len += n as u64;
                }
            }
        }
        Ok(Partial { file, path, to: self.blob(digest), digest: *digest, hasher, len })
    }

    /// Takes a blob away that is not what its name says.
    pub fn drop_damaged(&self, digest: &Digest) -> io::Result<()> {
        match fs::remove_file(self.blob(digest)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }

    /// Removes what this user's processes left under way more than a day ago.
    fn sweep(&self) {
        let me = rustix::process::getuid().as_raw();
        for entry in fs::read_dir(self.dir.join(INGEST)).into_iter().flatten().flatten() {
            let path = entry.path();
            let Ok(data) = path.symlink_metadata() else { continue };
            let age = data.modified().ok().and_then(|time| SystemTime::now().duration_since(time).ok());
            let is_old = age.is_some_and(|age| age > KEPT);
            if entry.file_name() == "lock" || !data.is_file() || data.uid() != me || !is_old {
                continue;
            }
            let Ok(file) = File::open(&path) else { continue };
            // Somebody may be at it, or have moved it.
            if flock(file.as_fd(), FlockOperation::NonBlockingLockExclusive).is_ok() && is_at(&file, &path) {
                let _ = fs::remove_file(&path);
            }
        }
    }

    /// The names and what they mean.
    pub fn index(&self) -> io::Result<Index> {
        let bytes = fs::read(self.dir.join(OCI_INDEX))?;
        match Document::parse(&bytes, "", Limits::default().json) {
            Ok(Document::Index(index)) => Ok(index),
            Ok(Document::Manifest(_)) => Err(io::Error::other("index.json is a manifest")),
            Err(fault) => Err(io::Error::other(format!("index.json: {fault}"))),
        }
    }

    /// Gives a manifest, or an index, that is here a name; whatever had the name loses it.
    pub fn name(&self, descriptor: &Descriptor, name: &Reference) -> io::Result<()> {
        let _lock = self.lock()?;
        let mut entries = self.index()?.manifests;
        let full = name.to_string();
        entries.retain(|entry| entry.annotations.get(FULL_NAME) != Some(&full));
        entries.push(named(descriptor.clone(), &full));
        self.replace(OCI_INDEX, &index(entries))
    }

    /// The repositories of a registry that, by the names here, have a blob: where a push may mount it from.
    pub fn repositories(&self, domain: &str) -> io::Result<BTreeMap<Digest, BTreeSet<String>>> {
        let mut known: BTreeMap<Digest, BTreeSet<String>> = BTreeMap::new();
        for entry in self.index()?.manifests {
            let Some(name) = entry.annotations.get(FULL_NAME).and_then(|n| Reference::parse(n).ok()) else {
                continue;
            };
            if name.domain != domain {
                continue;
            }
            let Ok(bytes) = fs::read(self.blob(&entry.digest)) else { continue };
            if let Ok(Document::Manifest(manifest)) = Document::parse(&bytes, "", Limits::default().json) {
                for blob in manifest.layers.iter().chain([&manifest.config]) {
                    known.entry(blob.digest).or_default().insert(name.path.clone());
                }
            }
        }
        Ok(known)
    }

    /// Writes a file beside its place and moves it there.
    fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.dir.join(path);
        let mut file = tempfile::NamedTempFile::new_in(self.dir.join(INGEST))?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
        file.persist(&path).map_err(|error| error.error)?;
        sync_dir(&path)
    }

    /// One process at a time changes names.
    fn lock(&self) -> io::Result<File> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.dir.join(INGEST).join("lock"))?;
        flock(file.as_fd(), FlockOperation::LockExclusive)?;
        Ok(file)
    }
}

/// A blob that is not whole yet. Dropped, it stays as it is, to be taken up again.
#[derive(Debug)]
pub struct Partial {
    file: File,
    path: PathBuf,
    to: PathBuf,
    digest: Digest,
    hasher: Hasher,
    len: u64,
}

impl Partial {
    /// How many bytes are here.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing is here yet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds the next bytes.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Begins anew.
    pub fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        io::Seek::rewind(&mut self.file)?;
        (self.hasher, self.len) = (Hasher::like(Some(&self.digest)), 0);
        Ok(())
    }

    /// Whole: moves it to its place if it has its digest. If not, it is thrown away, and what it has is told.
    pub fn finish(self) -> io::Result<Result<(), Digest>> {
        let found = self.hasher.finish();
        if found != self.digest {
            fs::remove_file(&self.path)?;
            return Ok(Err(found));
        }
        self.file.sync_all()?;
        fs::rename(&self.path, &self.to)?;
        sync_dir(&self.to)?;
        Ok(Ok(()))
    }
}

/// Whether an open file is the one that a path leads to.
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(there)) = (file.metadata(), path.symlink_metadata()) else { return false };
    (open.dev(), open.ino()) == (there.dev(), there.ino())
}

/// A renamed file is there for good once its directory is synced.
fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_whole_or_absent_and_is_taken_up_again() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let digest = Digest::of(b"whole blob");
        let mut part = store.partial(&digest).unwrap();
        part.push(b"whole").unwrap();
        drop(part);
        assert!(!store.blob(&digest).exists());
        let mut part = store.partial(&digest).unwrap();
        assert_eq!(part.len(), 5);
        part.push(b" blob").unwrap();
        assert_eq!(part.finish().unwrap(), Ok(()));
        assert!(store.has(&digest, 10) && !store.has(&digest, 9));
        let other = Digest::of(b"other");
        let mut part = store.partial(&other).unwrap();
        part.push(b"wrong").unwrap();
        assert_eq!(part.finish().unwrap(), Err(Digest::of(b"wrong")));
        assert!(store.partial(&other).unwrap().is_empty());
    }

    #[test]
    fn who_waited_for_a_blob_does_not_write_into_the_whole_one() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let digest = Digest::of(b"whole");
        let mut first = store.partial(&digest).unwrap();
        first.push(b"whole").unwrap();
        let waits = {
            let store = store.clone();
            std::thread::spawn(move || store.partial(&digest).unwrap().len())
        };
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(first.finish().unwrap(), Ok(()));
        assert_eq!(waits.join().unwrap(), 0);
        assert_eq!(fs::read(store.blob(&digest)).unwrap(), b"whole");
    }

    #[test]
    fn what_was_left_a_day_ago_goes() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let (old, new) = (Digest::of(b"old"), Digest::of(b"new"));
        for digest in [&old, &new] {
            store.partial(digest).unwrap().push(b"o").unwrap();
        }
        let path = |digest: &Digest| dir.path().join(INGEST).join(digest.hex());
        File::options()
            .write(true)
            .open(path(&old))
            .unwrap()
            .set_modified(SystemTime::now() - 2 * KEPT)
            .unwrap();
        let store = Store::open(dir.path()).unwrap();
        assert!(!path(&old).exists() && path(&new).exists());
        assert!(store.partial(&old).unwrap().is_empty());
    }

    #[test]
    fn a_name_means_one_thing() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let name = Reference::parse("127.0.0.1:5000/a/b:1").unwrap();
        for text in ["one", "two"] {
            store.name(&Descriptor::of("m", text.as_bytes()), &name).unwrap();
        }
        let entries = Store::open(dir.path()).unwrap().index().unwrap().manifests;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].digest, Digest::of(b"two"));
        assert_eq!(entries[0].annotations[FULL_NAME], "127.0.0.1:5000/a/b:1");
    }
}
