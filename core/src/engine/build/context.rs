//! A build's context on the daemon's side: a directory of its own that goes when the build ends.

use std::collections::BTreeMap;
use std::io::Write as _;

use serde::{Deserialize, Serialize};

use super::super::copy::{copy_one, finish};
use super::super::error::{Error, Named as _, Result};
use super::super::{Engine, go_text, layout};
use super::BuildError;
use super::sums::MAX_ENTRIES;
use crate::dockerfile::ignore::{self, Ignore};
use crate::kernel::{ByteString, Errno, FileType, Follow, SetTime, Task, fs, path};
use crate::oci::blob::LayerSource;
use crate::oci::layer::{LayerError, Names, Owners};

/// How much is read at once.
const PIECE: usize = 1 << 20;
/// A tar's block.
const BLOCK: u64 = 512;
/// The longest name that a tar's header holds.
const NAME: usize = 100;
/// Bytes of a Dockerfile at most.
const MAX_DOCKERFILE: u64 = 8 << 20;
/// The name of the file of patterns.
const IGNORE: &str = ".dockerignore";
/// The Dockerfile's usual name.
pub const DOCKERFILE: &str = "Dockerfile";

/// Counts what is written.
struct Counted(u64);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// How a client sends a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// As a tar, which is unpacked: every time is kept (the classic builder).
    Tar,
    /// File by file: a directory keeps the time of the last file that came into it (BuildKit).
    Files,
}

/// A context that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Its directory.
    pub path: String,
    /// Bytes that were sent: the length of a tar of it.
    pub sent: u64,
}

/// The length of a tar with these entries: its header, contents and end.
pub fn context_size(entries: impl IntoIterator<Item = (usize, u64)>) -> u64 {
    let padded = |size: u64| size.div_ceil(BLOCK) * BLOCK;
    let entry = |(name, size): (usize, u64)| {
        let long = if name > NAME { BLOCK + padded(name as u64) } else { 0 };
        BLOCK + padded(size) + long
    };
    entries.into_iter().map(entry).sum::<u64>() + 2 * BLOCK
}

impl Engine<'_> {
    /// Sends a directory of the host, without what a `.dockerignore` leaves out: everything becomes root's.
    ///
    /// # Errors
    /// The disk's, or too many files.
    pub fn context_of_dir(
        &mut self,
        task: &Task,
        dir: &[u8],
        ignore: &Ignore,
        sent: Sent,
    ) -> Result<Context> {
        let to = self.context_dir()?;
        match self.send(task, dir, ignore, &to, sent) {
            Ok(sent) => Ok(Context { path: to, sent }),
            Err(error) => {
                self.remove(&to)?;
                Err(error)
            }
        }
    }

    fn context_dir(&mut self) -> Result<String> {
        let number = u32::from_str_radix(&self.world.new_id()[..8], 16).unwrap_or_default();
        let to = format!("{}/tmp/docker-builder{number:010}", layout::ROOT);
        self.remove(&to)?;
        self.make_dir(&to, 0o700)?;
        Ok(to)
    }

    fn send(&mut self, task: &Task, dir: &[u8], ignore: &Ignore, to: &str, sent: Sent) -> Result<u64> {
        let host = Task::root();
        let kernel = &mut *self.kernel;
        let mut sizes = Vec::new();
        let mut links: BTreeMap<(u64, u64), ByteString> = BTreeMap::new();
        let mut dirs = Vec::new();
        let mut open = vec![ByteString::new()];
        let mut count = 0;
        while let Some(below) = open.pop() {
            let at = if below.is_empty() { ByteString::from(dir) } else { path::join(dir, &below) };
            let Some(stat) = fs::lstat_opt(kernel, task, &at).named("lstat", &at)? else { continue };
            count += 1;
            if count > MAX_ENTRIES {
                let why = format!("the build context has more than {MAX_ENTRIES} files");
                return Err(Error::Failed(format!("{why}\nLayerlab: leave some out with .dockerignore")));
            }
            let text = below.to_text();
            let is_out = !below.is_empty() && !ignore.is_empty() && ignore.excludes(&text);
            if is_out && (!stat.is_dir() || ignore.skips(&text)) {
                continue;
            }
            if stat.is_dir() {
                for entry in fs::read_dir_sorted(kernel, task, &at).named("open", &at)?.into_iter().rev() {
                    open.push(if below.is_empty() { entry.name } else { path::join(&below, &entry.name) });
                }
            }
            // Nothing is sent of a socket, nor of the directory itself.
            if below.is_empty() || is_out || stat.kind == FileType::Socket {
                continue;
            }
            let target = path::join(to.as_bytes(), &below);
            fs::mkdir_all(kernel, &host, path::parent(&target), 0o755).named("mkdir", &target)?;
            let mut stat = stat;
            (stat.uid, stat.gid) = (0, 0);
            let linked =
                links.get(&(stat.dev, stat.ino)).filter(|_| stat.nlink > 1 && !stat.is_dir()).cloned();
            let size = if stat.kind == FileType::File && linked.is_none() { stat.size } else { 0 };
            sizes.push((below.len() + usize::from(stat.is_dir()), size));
            if stat.is_dir() {
                match kernel.mkdir(&host, &target, 0o755) {
                    Ok(()) | Err(Errno::EEXIST) => {}
                    Err(errno) => return Err(errno).named("mkdir", &target),
                }
                dirs.push((at, target, stat));
            } else if let Some(first) = linked {
                kernel.link(&host, &first, &target).named("link", &target)?;
            } else {
                copy_one(kernel, task, &at, &host, &target, &stat)?;
                finish(kernel, task, &at, &host, &target, &stat)?;
                links.insert((stat.dev, stat.ino), target);
            }
        }
        for (at, target, stat) in dirs.iter().rev() {
            let made = kernel.lstat(&host, target).named("lstat", target)?;
            finish(kernel, task, at, &host, target, stat)?;
            if sent == Sent::Files && !fs::read_dir(kernel, &host, target).named("open", target)?.is_empty() {
                let (atime, mtime) = (SetTime::At(made.atime), SetTime::At(made.mtime));
                kernel.utimens(&host, target, atime, mtime, Follow::Link).named("utimensat", target)?;
            }
        }
        Ok(context_size(sizes))
    }

    /// Sends a tar, plain or compressed.
    ///
    /// # Errors
    /// What is wrong with the tar.
    pub fn context_of_tar(
        &mut self,
        source: &mut dyn LayerSource,
    ) -> Result<std::result::Result<Context, LayerError>> {
        let to = self.context_dir()?;
        let sent = source.size();
        match self.unpack_into(&Task::root(), to.as_bytes(), Owners::Kept, source) {
            Ok(()) => Ok(Ok(Context { path: to, sent })),
            Err(error) => {
                self.remove(&to)?;
                Ok(Err(error))
            }
        }
    }

    /// A context that holds one Dockerfile.
    ///
    /// # Errors
    /// The disk's.
    pub fn context_of_text(&mut self, text: &[u8]) -> Result<Context> {
        let to = self.context_dir()?;
        self.write_plain(&format!("{to}/{DOCKERFILE}"), text, 0o600)?;
        Ok(Context { path: to, sent: context_size([(DOCKERFILE.len(), text.len() as u64)]) })
    }

    /// How much would be sent of a context that is compressed first (`--compress`).
    ///
    /// # Errors
    /// The disk's.
    pub fn context_compressed(&mut self, context: &Context) -> Result<u64> {
        let packed = self.pack_part(&Task::root(), context.path.as_bytes(), b"", &Names::default())?;
        let mut encoder = flate2::write::GzEncoder::new(Counted(0), flate2::Compression::default());
        let mut offset = 0;
        let read = loop {
            match self.kernel.pread(packed.fd(), offset, PIECE) {
                Ok(piece) if piece.is_empty() => break Ok(()),
                Ok(piece) => {
                    offset += piece.len() as u64;
                    encoder.write_all(&piece).unwrap_or_default();
                }
                Err(errno) => break Err(errno).named("read", context.path.as_bytes()),
            }
        };
        self.release(&packed)?;
        read?;
        Ok(encoder.finish().map_or(0, |counted| counted.0))
    }

    /// Takes a context away.
    ///
    /// # Errors
    /// The disk's.
    pub fn context_drop(&mut self, context: &Context) -> Result<()> {
        self.remove(&context.path)
    }

    /// Reads a context's Dockerfile, and takes it and `.dockerignore` away where that says so.
    ///
    /// # Errors
    /// It is missing, no file, empty or too long.
    pub fn context_dockerfile(
        &mut self,
        context: &Context,
        name: &str,
    ) -> std::result::Result<String, BuildError> {
        let early = BuildError::early;
        let inside = Task::root().chrooted(context.path.as_str());
        let mut name = name.to_owned();
        if name == DOCKERFILE && !fs::exists(self.kernel, &inside, format!("/{name}").as_bytes()) {
            name = name.to_lowercase();
        }
        let shown = if name == DOCKERFILE.to_lowercase() { DOCKERFILE } else { name.as_str() };
        let Ok(stat) = self.kernel.stat(&inside, format!("/{name}").as_bytes()) else {
            return Err(early(format!("Cannot locate specified Dockerfile: {shown}")));
        };
        if stat.is_dir() {
            let at = format!("{}/{name}", context.path);
            return Err(early(format!(
                "unexpected error reading Dockerfile: read {at}: {}",
                go_text(Errno::EISDIR)
            )));
        }
        if stat.size > MAX_DOCKERFILE {
            return Err(early(format!(
                "the Dockerfile ({name}) is too large\nLayerlab: {MAX_DOCKERFILE} bytes are the lab's limit"
            )));
        }
        let text = fs::read(self.kernel, &inside, format!("/{name}").as_bytes())
            .map_err(|errno| early(format!("open {}/{name}: {}", context.path, go_text(errno))))?;
        if text.is_empty() {
            return Err(early(format!("the Dockerfile ({name}) cannot be empty")));
        }
        self.take_out(context, &name)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// The client sent both files that the daemon needs; where patterns leave them out, they go now.
    fn take_out(&mut self, context: &Context, dockerfile: &str) -> Result<()> {
        let inside = Task::root().chrooted(context.path.as_str());
        let Ok(text) = fs::read(self.kernel, &inside, format!("/{IGNORE}").as_bytes()) else { return Ok(()) };
        let Ok(ignore) = Ignore::parse(&String::from_utf8_lossy(&text), &[]) else { return Ok(()) };
        for name in [IGNORE, dockerfile] {
            if ignore.excludes(name) {
                fs::remove_all(self.kernel, &inside, format!("/{name}").as_bytes())
                    .named("remove", name.as_bytes())?;
            }
        }
        Ok(())
    }
}

/// The patterns of a context, with those two files kept that the daemon needs.
///
/// # Errors
/// A pattern that is none.
pub fn patterns(text: &str, dockerfile: Option<&str>) -> std::result::Result<Ignore, String> {
    let own = Ignore::parse(text, &[])?;
    let kept = std::iter::once(IGNORE).chain(dockerfile);
    let more: Vec<String> = kept.filter(|name| own.excludes(name)).map(|name| format!("!{name}")).collect();
    if more.is_empty() { Ok(own) } else { ignore::Ignore::parse(text, &more) }
}
