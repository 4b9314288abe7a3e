//! The option string of an overlay mount: its rules, its limits, and what the mount table shows of it
//! (docs/design/overlayfs.md, rules 22 and 23).

use super::super::overlay::Redirect;
use crate::kernel::{ByteString, Errno, Result};
use crate::overlay::options::{lower_paths, split_options};

/// The most lower layers (docs/design/overlayfs.md, rule 22).
const LOWER_MAX: usize = 500;

/// Whether the upper directory has an id of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Uuid {
    #[default]
    Auto,
    On,
    Null,
    Off,
}

/// Whether files of several file systems show numbers of one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Xino {
    #[default]
    Off,
    Auto,
    On,
}

/// What the option string says.
#[derive(Debug, Default)]
pub(super) struct Options {
    pub(super) lower: Vec<ByteString>,
    /// Data-only layers: contents of files that another layer tells of. No name in them is seen.
    pub(super) data: Vec<ByteString>,
    /// `lowerdir=` as it was given; where layers came one by one, nothing.
    all: Option<ByteString>,
    /// As given, with their backslashes.
    pub(super) upper: Option<ByteString>,
    pub(super) work: Option<ByteString>,
    pub(super) redirect: Redirect,
    pub(super) uuid: Uuid,
    pub(super) xino: Xino,
    pub(super) volatile: bool,
    /// By the file system's own flag.
    pub(super) read_only: bool,
    default_permissions: bool,
    /// Flags of every file system that change nothing here, and are shown.
    flags: Vec<&'static str>,
}

impl Options {
    pub(super) fn parse(data: &[u8]) -> Result<Self> {
        let mut options = Self::default();
        for option in split_options(data) {
            let (key, value) = match option.iter().position(|b| *b == b'=') {
                Some(at) => (&option[..at], Some(&option[at + 1..])),
                None => (option, None),
            };
            options.set(key, value)?;
        }
        options.check()?;
        Ok(options)
    }

    fn set(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<()> {
        let given = value.filter(|v| !v.is_empty()).ok_or(Errno::EINVAL);
        match key {
            // Together they are refused, whichever comes first.
            b"lowerdir" if self.all.is_none() && !self.lower.is_empty() => return Err(Errno::EINVAL),
            b"lowerdir" => {
                (self.lower, self.data) = lower_paths(given?)?;
                self.all = Some(given?.into());
            }
            b"lowerdir+" if self.all.is_some() => return Err(Errno::EINVAL),
            b"lowerdir+" => self.lower.push(given?.into()),
            b"upperdir" => self.upper = Some(given?.into()),
            b"workdir" => self.work = Some(given?.into()),
            b"redirect_dir" => {
                self.redirect = match given? {
                    b"on" => Redirect::On,
                    // Those that are there are followed all the same (docs/design/overlayfs.md, rule 33).
                    b"off" | b"follow" => Redirect::Follow,
                    b"nofollow" => Redirect::NoFollow,
                    _ => return Err(Errno::EINVAL),
                }
            }
            b"uuid" => {
                self.uuid = match given? {
                    b"auto" => Uuid::Auto,
                    b"on" => Uuid::On,
                    b"null" => Uuid::Null,
                    b"off" => Uuid::Off,
                    _ => return Err(Errno::EINVAL),
                }
            }
            b"xino" => {
                self.xino = match given? {
                    b"off" => Xino::Off,
                    b"auto" => Xino::Auto,
                    b"on" => Xino::On,
                    _ => return Err(Errno::EINVAL),
                }
            }
            // What they do when they are on, a simulated overlay does not do: that is refused, not passed over.
            b"index" | b"nfs_export" | b"metacopy" | b"verity" if given? == b"off" => {}
            b"default_permissions" if value.is_none() => self.default_permissions = true,
            // Flags of every file system (mount(8)).
            b"ro" if value.is_none() => self.read_only = true,
            b"rw" if value.is_none() => self.read_only = false,
            b"sync" if value.is_none() => self.flag("sync", true),
            b"async" if value.is_none() => self.flag("sync", false),
            b"dirsync" if value.is_none() => self.flag("dirsync", true),
            b"lazytime" if value.is_none() => self.flag("lazytime", true),
            b"nolazytime" if value.is_none() => self.flag("lazytime", false),
            b"mand" | b"nomand" if value.is_none() => {}
            b"volatile" if value.is_none() => self.volatile = true,
            _ => return Err(Errno::EINVAL),
        }
        Ok(())
    }

    fn flag(&mut self, name: &'static str, on: bool) {
        self.flags.retain(|flag| *flag != name);
        if on {
            self.flags.push(name);
        }
    }

    /// Refuses options that do not go together (docs/design/overlayfs.md, rule 23).
    fn check(&mut self) -> Result<()> {
        if self.lower.is_empty() || self.lower.len() + self.data.len() > LOWER_MAX {
            return Err(Errno::EINVAL);
        }
        if self.upper.is_some() {
            return if self.work.is_none() { Err(Errno::EINVAL) } else { Ok(()) };
        }
        // What is of no use without an upper directory is taken and says nothing.
        self.work = None;
        self.volatile = false;
        if self.uuid == Uuid::On {
            self.uuid = Uuid::Null;
        }
        if self.redirect == Redirect::Follow {
            self.redirect = Redirect::On;
        }
        Ok(())
    }

    /// What the mount table shows: what is as by default is left out.
    pub(super) fn shown(&self, same_fs: bool) -> ByteString {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        let flags = ["sync", "dirsync", "lazytime"].into_iter().filter(|flag| self.flags.contains(flag));
        parts.extend(flags.map(|flag| flag.as_bytes().to_vec()));
        let mut dir = |key: &str, path: &[u8]| parts.push([key.as_bytes(), b"=", path].concat());
        match &self.all {
            Some(all) => dir("lowerdir", all),
            None => self.lower.iter().for_each(|path| dir("lowerdir+", path)),
        }
        for (key, path) in [("upperdir", &self.upper), ("workdir", &self.work)] {
            if let Some(path) = path {
                dir(key, path);
            }
        }
        let mut word = |word: &str| parts.push(word.as_bytes().to_vec());
        if self.default_permissions {
            word("default_permissions");
        }
        match self.redirect {
            Redirect::On => word("redirect_dir=on"),
            Redirect::NoFollow => word("redirect_dir=nofollow"),
            Redirect::Follow => {}
        }
        match self.uuid {
            Uuid::Auto => {}
            Uuid::On => word("uuid=on"),
            Uuid::Null => word("uuid=null"),
            Uuid::Off => word("uuid=off"),
        }
        match self.xino {
            Xino::On if !same_fs => word("xino=on"),
            Xino::Auto if !same_fs => word("xino=auto"),
            _ => {}
        }
        if self.volatile {
            word("fsync=volatile");
        }
        parts.join(&b',').into()
    }
}
