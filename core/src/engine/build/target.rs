//! Where a `COPY` goes: paths followed within a tree, and what is put there.

use super::super::copy::{At, copy_below, copy_one_file};
use super::super::error::{Error, Result};
use super::super::scoped::scoped;
use super::super::{Engine, go_text};
use super::source::{Found, Source};
use crate::kernel::{ByteString, Errno, FileType, Follow, Kernel, Task, fs, path};

/// A tree that is copied to.
#[derive(Debug)]
pub(in crate::engine) struct Target<'t> {
    /// A process with that tree as its root.
    pub(in crate::engine) task: &'t Task,
    /// Where that root is, for messages.
    pub(in crate::engine) root: &'t str,
    /// The path there, as it was asked for.
    pub(in crate::engine) asked: &'t str,
    /// Whose what is made becomes; `None` keeps the source's owners.
    pub(in crate::engine) owner: Option<(u32, u32)>,
    /// The mode of all that is copied, where it is not the source's.
    pub(in crate::engine) mode: Option<u32>,
    /// Which builder copies.
    pub(in crate::engine) builder: Builder,
}

/// The builders differ in two habits (both found by the random Dockerfiles of tests/docker/builds.rs).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Builder {
    /// Sets modes before owners, so that set-id bits are lost. A directory is unpacked in the target as the root, which
    /// makes a directory there and removes it: the target is copied up even where nothing else changes.
    Classic,
    /// Sets modes after owners.
    Kit,
}

impl Target<'_> {
    /// Puts one source there; archives are not looked into.
    pub(in crate::engine) fn put(
        &self,
        engine: &mut Engine<'_>,
        source: &Source,
        found: &Found,
    ) -> Result<()> {
        let kernel = &mut *engine.kernel;
        let at = scoped(kernel, self.task, self.asked.as_bytes())?;
        let from = At { task: &source.task, path: found.at.clone() };
        if found.is_dir {
            let was_dir = self.is_dir(kernel, &at)?;
            // BuildKit gives every new directory to the owner, the classic builder the last one alone (recorded).
            let owner = self.owner.filter(|_| self.builder == Builder::Kit);
            self.make_dirs(kernel, &at, owner).map_err(|error| wrap("failed to copy directory", &error))?;
            if self.builder == Builder::Classic {
                self.pivot(engine, &at).map_err(|error| wrap("failed to copy directory", &error))?;
            }
            let kernel = &mut *engine.kernel;
            let to = At { task: self.task, path: at.clone() };
            copy_below(kernel, &from, &to).map_err(|error| wrap("failed to copy directory", &error))?;
            return self.own(kernel, &from, &at, was_dir);
        }
        let mut to = at;
        if self.asked.ends_with('/') || self.is_dir(kernel, &to)? {
            let name = path::file_name(found.asked.as_bytes()).unwrap_or_default();
            to = path::join(&to, name);
        }
        self.make_dirs(kernel, path::parent(&to), self.owner)
            .map_err(|error| wrap("failed to create new directory", &error))?;
        copy_one_file(kernel, &from, &At { task: self.task, path: to.clone() })
            .map_err(|error| wrap("failed to copy file", &error))?;
        self.own(kernel, &from, &to, false)
    }

    /// Makes the directory that Docker's unpacking pivots its root to, and removes it (moby `pkg/chrootarchive`).
    pub(in crate::engine) fn pivot(&self, engine: &mut Engine<'_>, at: &[u8]) -> Result<()> {
        let number = u32::from_str_radix(&engine.world.new_id()[..7], 16).unwrap_or_default();
        let dir = path::join(at, format!(".pivot_root{number}").as_bytes());
        let wrong = |call: &str, errno| {
            Error::Failed(format!(
                "Error processing tar file(exit status 1): Error setting up pivot dir: {call} {}: {}",
                self.shown(&dir),
                go_text(errno)
            ))
        };
        engine.kernel.mkdir(self.task, &dir, 0o700).map_err(|errno| wrong("mkdir", errno))?;
        engine.kernel.rmdir(self.task, &dir).map_err(|errno| wrong("remove", errno))
    }

    fn is_dir(&self, kernel: &mut dyn Kernel, at: &[u8]) -> Result<bool> {
        match kernel.stat(self.task, at) {
            Ok(stat) => Ok(stat.is_dir()),
            Err(Errno::ENOENT) => Ok(false),
            // Making the directories says it.
            Err(Errno::ENOTDIR) => Ok(false),
            Err(errno) => Err(Error::Failed(format!(
                "failed to query destination path: stat {}: {}",
                self.shown(at),
                go_text(errno)
            ))),
        }
    }

    fn shown(&self, at: &[u8]) -> String {
        format!("{}{}", self.root, String::from_utf8_lossy(at).trim_end_matches('/'))
    }

    /// Makes a directory with its parents; those that are new become the owner's.
    pub(in crate::engine) fn make_dirs(
        &self,
        kernel: &mut dyn Kernel,
        at: &[u8],
        owner: Option<(u32, u32)>,
    ) -> Result<()> {
        let mut dir = ByteString::from("/");
        for part in path::components(at) {
            dir = path::join(&dir, part);
            let wrong = |errno| Error::Failed(format!("mkdir {}: {}", self.shown(at), go_text(errno)));
            match kernel.mkdir(self.task, &dir, 0o755) {
                Ok(()) => {
                    if let Some((uid, gid)) = owner {
                        kernel.chown(self.task, &dir, Some(uid), Some(gid), Follow::Link).map_err(wrong)?;
                    }
                }
                Err(Errno::EEXIST) => match kernel.stat(self.task, &dir) {
                    Ok(stat) if stat.is_dir() => {}
                    _ => return Err(wrong(Errno::ENOTDIR)),
                },
                Err(errno) => return Err(wrong(errno)),
            }
        }
        Ok(())
    }

    /// Gives what was copied to its owner: all that the source has, but for a directory that was there before.
    fn own(&self, kernel: &mut dyn Kernel, from: &At<'_>, to: &[u8], was_dir: bool) -> Result<()> {
        if self.owner.is_none() && self.mode.is_none() {
            return Ok(());
        }
        let mut open = vec![ByteString::new()];
        while let Some(below) = open.pop() {
            let join = |top: &[u8]| {
                if below.is_empty() { ByteString::from(top) } else { path::join(top, &below) }
            };
            let (source, target) = (join(&from.path), join(to));
            if !(below.is_empty() && was_dir) {
                self.set_metadata(kernel, &target)?;
            }
            let is_dir =
                fs::lstat_opt(kernel, from.task, &source).is_ok_and(|stat| stat.is_some_and(|s| s.is_dir()));
            if is_dir {
                for entry in fs::read_dir(kernel, from.task, &source).unwrap_or_default() {
                    open.push(if below.is_empty() { entry.name } else { path::join(&below, &entry.name) });
                }
            }
        }
        Ok(())
    }

    fn set_metadata(&self, kernel: &mut dyn Kernel, target: &[u8]) -> Result<()> {
        let wrong =
            |call: &str, errno| Error::Failed(format!("{call} {}: {}", self.shown(target), go_text(errno)));
        if let Some((uid, gid)) = self.owner {
            let before = kernel.lstat(self.task, target).map_err(|errno| wrong("lstat", errno))?;
            kernel
                .chown(self.task, target, Some(uid), Some(gid), Follow::Link)
                .map_err(|errno| wrong("lchown", errno))?;
            if self.builder == Builder::Kit && before.kind == FileType::File && before.mode & 0o6000 != 0 {
                kernel.chmod(self.task, target, before.mode).map_err(|errno| wrong("chmod", errno))?;
            }
        }
        let is_link = kernel.readlink(self.task, target).is_ok();
        if let Some(mode) = self.mode.filter(|_| !is_link) {
            kernel.chmod(self.task, target, mode).map_err(|errno| wrong("chmod", errno))?;
        }
        Ok(())
    }
}

fn wrap(what: &str, error: &Error) -> Error {
    Error::Failed(format!("{what}: {error}"))
}
