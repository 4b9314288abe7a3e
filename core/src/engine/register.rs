//! Layers in and out: a tar unpacked into a new layer, a writable layer packed into a tar, a stored layer's tar written
//! again to the byte.

use super::error::{Error, Named as _, Result};
use super::stores::OVERLAY;
use super::{Engine, layout};
use crate::kernel::{ByteString, Errno, Fd, FileType, OpenFlags, Task, fs};
use crate::oci::blob::{FdBlob, FdSink, LayerSource, Sink};
use crate::oci::decode::Compression;
use crate::oci::layer::{self, Blob, Expected, LayerCall, LayerError, Names, Packed, Streamed};
use crate::oci::{Digest, Limits};

/// How much of a container's list of users is read.
const NAMES: usize = 1 << 20;

/// A file of the engine's own that goes when the work is done.
#[derive(Debug)]
pub(super) struct Scratch {
    pub fd: Fd,
    path: String,
}

/// A layer that was unpacked: the name of its directory, what streaming it showed, and its tar-split.
type Laid = (String, Streamed, Vec<u8>);

impl Engine<'_> {
    /// Unpacks a layer's tar, plain or compressed, on `parent`, and makes it known. Returns its diff id and chain id.
    ///
    /// # Errors
    /// What is wrong with the tar; then nothing is left of it.
    pub(super) fn register(
        &mut self,
        source: &mut dyn LayerSource,
        blob: Blob,
        expected: Expected,
        parent: Option<&Digest>,
    ) -> Result<(Digest, Digest)> {
        self.register_layer(source, blob, expected, parent)?.map_err(|error| refusal(&error))
    }

    /// As [`Engine::register`], with the layer's own errors apart.
    pub(super) fn register_layer(
        &mut self,
        source: &mut dyn LayerSource,
        blob: Blob,
        expected: Expected,
        parent: Option<&Digest>,
    ) -> Result<std::result::Result<(Digest, Digest), LayerError>> {
        let first = self.unpack_layer(source, blob, expected, parent)?;
        let (cache_id, streamed, split) = match first {
            Ok(unpacked) => unpacked,
            Err(error) => match self.read_again(source, blob, expected, &error) {
                None => return Ok(Err(error)),
                Some(expected) => match self.unpack_layer(source, blob, expected, parent)? {
                    Ok(unpacked) => unpacked,
                    Err(error) => return Ok(Err(error)),
                },
            },
        };
        let chain = self.layers().commit(self, &cache_id, parent, &streamed.diff_id, &split)?;
        Ok(Ok((streamed.diff_id, chain)))
    }

    /// Unpacks a layer into a directory of its own, which goes again where that fails.
    fn unpack_layer(
        &mut self,
        source: &mut dyn LayerSource,
        blob: Blob,
        expected: Expected,
        parent: Option<&Digest>,
    ) -> Result<std::result::Result<Laid, LayerError>> {
        let cache_id = self.layers().prepare(self, parent)?;
        let dir = self.layers().entries(&cache_id);
        let mut split = Vec::new();
        let task = Task::root();
        let unpacked = layer::unpack(
            self.kernel,
            &task,
            dir.as_bytes(),
            source,
            blob,
            expected,
            OVERLAY,
            Limits::default(),
            Some(&mut split),
        );
        match unpacked {
            Ok((streamed, _)) => Ok(Ok((cache_id, streamed, split))),
            Err(error) => {
                self.layers().remove(self, &cache_id)?;
                Ok(Err(error))
            }
        }
    }

    /// How a layer is read again that was refused, if its decoder may have given too much or too little of it: only the
    /// second reading says what Docker says.
    fn read_again(
        &mut self,
        source: &mut dyn LayerSource,
        blob: Blob,
        expected: Expected,
        error: &LayerError,
    ) -> Option<Expected> {
        let is_told = matches!(
            error,
            LayerError::DiffId(_) | LayerError::Digest(_) | LayerError::Size { .. } | LayerError::Source(_)
        );
        let made = match expected.compression.filter(|_| !is_told)? {
            Compression::Xz => layer::made(self.kernel, source, blob, Compression::Xz, Limits::default()),
            Compression::Gzip => 0,
            _ => return None,
        };
        Some(Expected { again: Some(made), ..expected })
    }

    /// Packs a container's writable layer, as `docker commit` does, into a scratch file.
    pub(super) fn pack_container(&mut self, container: &str) -> Result<(Scratch, Packed)> {
        let id = self.mount_id(container)?;
        self.pack_layer(&id)
    }

    /// Packs the entries of a layer by its key.
    pub(super) fn pack_layer(&mut self, key: &str) -> Result<(Scratch, Packed)> {
        let dir = self.layers().entries(key);
        let names = self.owner_names();
        let scratch = self.scratch()?;
        let mut sink = FdSink::new(scratch.fd);
        let task = Task::root();
        match layer::pack_diff(self.kernel, &task, dir.as_bytes(), &names, OVERLAY, &mut sink) {
            Ok(packed) => Ok((scratch, packed)),
            Err(error) => {
                self.discard(&scratch)?;
                Err(Error::Failed(error.to_string()))
            }
        }
    }

    /// The host's names of owners, which the daemon writes into tars.
    pub(in crate::engine) fn owner_names(&mut self) -> Names {
        let task = Task::root();
        let passwd = fs::read(self.kernel, &task, b"/etc/passwd").unwrap_or_default();
        let group = fs::read(self.kernel, &task, b"/etc/group").unwrap_or_default();
        if passwd.is_empty() { Names::root_only() } else { Names::parse(&passwd, &group) }
    }

    /// A container's own names of owners: what leaves a container is packed by a process with that root
    /// (`pkg/chrootarchive/archive_unix.go`, `invokePack`), so that the C library reads the files there.
    pub fn names_inside(&mut self, root: &str) -> Names {
        let task = Task::root().chrooted(root);
        // Whatever a container put there is read: a pipe is not waited for, and nothing endless is kept.
        let mut read = |path: &[u8]| {
            let fd = self.kernel.open(&task, path, OpenFlags::RDONLY | OpenFlags::NONBLOCK, 0).ok()?;
            let is_file = self.kernel.fstat(fd).is_ok_and(|stat| stat.kind == FileType::File);
            let text = if is_file { self.kernel.pread(fd, 0, NAMES).ok() } else { None };
            self.kernel.close(fd).ok()?;
            text
        };
        let (users, groups) = (read(b"/etc/passwd"), read(b"/etc/group"));
        let mut names = Names::parse(&users.unwrap_or_default(), &groups.unwrap_or_default());
        // Debian's C library asks systemd next, which knows root wherever it is (`nss-systemd`).
        for table in [&mut names.users, &mut names.groups] {
            table.entry(0).or_insert_with(|| ByteString::from("root"));
        }
        names
    }

    /// Writes a stored layer's tar again, to the byte.
    ///
    /// # Errors
    /// The directory is no longer what was unpacked, or the disk's.
    pub(super) fn layer_tar(
        &mut self,
        chain: &Digest,
        sink: &mut dyn Sink,
    ) -> std::result::Result<(), LayerError> {
        let failed = |what: &str, errno| LayerError::call(what, errno);
        let split = self.layers().split(chain);
        let Ok(Some(cache_id)) = self.cache_id(chain) else {
            let there = crate::kernel::path::parent(split.as_bytes());
            let what = format!("open {}/cache-id", String::from_utf8_lossy(there));
            return Err(failed(&what, Errno::ENOENT));
        };
        let dir = self.layers().entries(&cache_id);
        let task = Task::root();
        let what = format!("open {split}");
        let fd = self
            .kernel
            .open(&task, split.as_bytes(), OpenFlags::RDONLY, 0)
            .map_err(|errno| failed(&what, errno))?;
        let result = FdBlob::new(self.kernel, fd)
            .map_err(|errno| failed(&what, errno))
            .and_then(|mut source| layer::assemble(self.kernel, &task, dir.as_bytes(), &mut source, sink));
        self.kernel.close(fd).map_err(|errno| failed(&what, errno))?;
        result
    }

    /// A new, empty file for the time of one command.
    pub(super) fn scratch(&mut self) -> Result<Scratch> {
        let path = format!("{}/tmp/layerlab-{}", layout::ROOT, &self.world.new_id()[..16]);
        // A session that was killed may have left one.
        self.remove(&path)?;
        let flags = OpenFlags::RDWR | OpenFlags::CREAT | OpenFlags::EXCL;
        let fd =
            self.kernel.open(&Task::root(), path.as_bytes(), flags, 0o600).named("open", path.as_bytes())?;
        Ok(Scratch { fd, path })
    }

    /// Takes a scratch file away.
    pub(super) fn discard(&mut self, scratch: &Scratch) -> Result<()> {
        self.kernel.close(scratch.fd).named("close", scratch.path.as_bytes())?;
        self.kernel.unlink(&Task::root(), scratch.path.as_bytes()).named("remove", scratch.path.as_bytes())
    }
}

/// What to say of a layer that was refused. Where this kernel gives files to one owner alone, that is said.
pub fn refusal(error: &LayerError) -> Error {
    if let LayerError::Call { call: LayerCall::SetOwner, errno: Errno::EINVAL | Errno::EPERM, .. } = error {
        return Error::Failed(format!(
            "{}\nLayerlab: the image has files of owners that this user cannot make; give the user subordinate \
             ids (newuidmap, /etc/subuid, /etc/subgid) or run as root",
            error.docker_text()
        ));
    }
    Error::Failed(error.docker_text())
}
