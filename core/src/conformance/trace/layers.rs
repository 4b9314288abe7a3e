//! The layers of a trace, made by system calls, and the mount over them.

use super::entry::{Kind, TreeEntry};
use super::format::Header;
use super::op::octal;
use crate::kernel::{
    ByteString, Device, Errno, FileType, Follow, Kernel, MountFlags, OpenFlags, Result, SetTime, Task,
    Timespec, UmountFlags, XattrMode, fs, path,
};

/// The directories of one replay, below its base.
#[derive(Debug)]
pub(super) struct Layers {
    base: ByteString,
    /// Topmost first.
    lower: Vec<ByteString>,
    upper: Option<(ByteString, ByteString)>,
    made: usize,
    options: String,
}

impl Layers {
    /// Nothing yet, below `base`, which is made.
    pub(super) fn new(kernel: &mut dyn Kernel, base: &[u8], options: &str) -> Result<Self> {
        fs::mkdir_all(kernel, &builder(), base, 0o755)?;
        let layers =
            Self { base: base.into(), lower: Vec::new(), upper: None, made: 0, options: options.to_owned() };
        kernel.mkdir(&builder(), &layers.merged(), 0o755)?;
        Ok(layers)
    }

    /// The same again, with nothing in them yet, after [`Layers::remove`].
    pub(super) fn again(&self, kernel: &mut dyn Kernel) -> Result<Self> {
        Self::new(kernel, &self.base, &self.options)
    }

    /// Where the mount is.
    pub(super) fn merged(&self) -> ByteString {
        path::join(&self.base, b"m")
    }

    /// The upper directory, if there is one.
    pub(super) fn upper(&self) -> Option<&ByteString> {
        self.upper.as_ref().map(|(upper, _)| upper)
    }

    /// Makes the layers that a header tells of, and mounts them.
    pub(super) fn build(&mut self, kernel: &mut dyn Kernel, header: &Header) -> Result<()> {
        for number in 0..header.lower_layers {
            let entries: Vec<&TreeEntry> = header.lower.iter().filter(|e| e.layer == Some(number)).collect();
            self.add_lower(kernel, &entries)?;
        }
        if let Some(upper) = &header.upper {
            self.set_upper(kernel, &upper.iter().collect::<Vec<_>>())?;
        }
        self.mount(kernel)
    }

    /// Adds a layer under those that are there.
    fn add_lower(&mut self, kernel: &mut dyn Kernel, entries: &[&TreeEntry]) -> Result<()> {
        let dir = self.new_dir(kernel)?;
        fill(kernel, &dir, entries)?;
        self.lower.push(dir);
        Ok(())
    }

    /// Puts an upper directory on top; one that is there becomes the topmost lower one.
    pub(super) fn set_upper(&mut self, kernel: &mut dyn Kernel, entries: &[&TreeEntry]) -> Result<()> {
        let (dir, work) = (self.new_dir(kernel)?, self.new_dir(kernel)?);
        fill(kernel, &dir, entries)?;
        if let Some((before, _)) = self.upper.replace((dir, work)) {
            self.lower.insert(0, before);
        }
        Ok(())
    }

    /// Mounts them.
    pub(super) fn mount(&self, kernel: &mut dyn Kernel) -> Result<()> {
        let lower: Vec<&[u8]> = self.lower.iter().map(|dir| &dir[..]).collect();
        let mut data = [b"lowerdir=", &lower.join(&b':')[..]].concat();
        if let Some((upper, work)) = &self.upper {
            data.extend_from_slice(&[b",upperdir=", &upper[..], b",workdir=", &work[..]].concat());
        }
        if !self.options.is_empty() {
            data.push(b',');
            data.extend_from_slice(self.options.as_bytes());
        }
        kernel.mount(&builder(), b"overlay", &self.merged(), b"overlay", MountFlags::empty(), &data)
    }

    /// Takes the mount away.
    pub(super) fn umount(&self, kernel: &mut dyn Kernel) -> Result<()> {
        kernel.umount(&builder(), &self.merged(), UmountFlags::empty())
    }

    /// Takes all away.
    pub(super) fn remove(&self, kernel: &mut dyn Kernel) -> Result<()> {
        fs::remove_all(kernel, &builder(), &self.base)
    }

    fn new_dir(&mut self, kernel: &mut dyn Kernel) -> Result<ByteString> {
        self.made += 1;
        let dir = path::join(&self.base, self.made.to_string().as_bytes());
        kernel.mkdir(&builder(), &dir, 0o755)?;
        Ok(dir)
    }
}

/// Who builds: root, whose modes are taken as they are.
fn builder() -> Task {
    Task { umask: 0, ..Task::root() }
}

/// Puts entries into a layer. Parents stand before what is in them; times are set last, the deepest first, since making
/// a name changes its directory's.
fn fill(kernel: &mut dyn Kernel, layer: &[u8], entries: &[&TreeEntry]) -> Result<()> {
    for entry in entries {
        make(kernel, layer, entry)?;
    }
    for entry in entries.iter().rev() {
        if let Some(sec) = entry.mtime {
            let time = SetTime::At(Timespec::seconds(sec));
            kernel.utimens(&builder(), &place(layer, &entry.path), time, time, Follow::Link)?;
        }
    }
    Ok(())
}

fn place(layer: &[u8], path: &[u8]) -> ByteString {
    path::join(layer, path.strip_prefix(b"/").unwrap_or(path))
}

fn make(kernel: &mut dyn Kernel, layer: &[u8], entry: &TreeEntry) -> Result<()> {
    let (task, path) = (builder(), place(layer, &entry.path));
    if let Some(other) = &entry.link_to {
        return kernel.link(&task, &place(layer, other), &path);
    }
    let mode = entry.mode.as_deref().map_or(0, octal);
    let (major, minor) = entry.rdev.unwrap_or_default();
    let node =
        |kernel: &mut dyn Kernel, kind| kernel.mknod(&task, &path, kind, mode, Device { major, minor });
    match entry.kind {
        Kind::Whiteout => return kernel.mknod(&task, &path, FileType::Char, 0, Device::WHITEOUT),
        Kind::Dir if entry.path == "/" => {}
        Kind::Dir => kernel.mkdir(&task, &path, mode)?,
        Kind::File => {
            let flags = OpenFlags::WRONLY | OpenFlags::CREAT | OpenFlags::EXCL;
            let data = content(entry)?;
            fs::with_open(kernel, &task, &path, flags, mode, |kernel, fd| {
                kernel.pwrite(fd, 0, &data).map(drop)
            })?;
        }
        Kind::Symlink => {
            let target = entry.target.as_ref().ok_or(Errno::EINVAL)?;
            kernel.symlink(&task, target, &path)?;
        }
        Kind::Fifo => node(kernel, FileType::Fifo)?,
        Kind::Char => node(kernel, FileType::Char)?,
        Kind::Block => node(kernel, FileType::Block)?,
        Kind::Socket => node(kernel, FileType::Socket)?,
    }
    // Also for root's, since a set-gid directory gives its group on. It clears set-id bits and capabilities: first.
    kernel.chown(&task, &path, Some(entry.uid), Some(entry.gid), Follow::Link)?;
    if entry.kind != Kind::Symlink {
        kernel.chmod(&task, &path, mode)?;
    }
    for (name, value) in &entry.xattrs {
        kernel.setxattr(&task, &path, name.as_bytes(), value, XattrMode::Set, Follow::Link)?;
    }
    for (name, value) in &entry.overlay_xattrs {
        if let Ok(value) = serde_json::from_value::<ByteString>(value.clone()) {
            let name = [super::listing::OVERLAY, name.as_bytes()].concat();
            kernel.setxattr(&task, &path, &name, &value, XattrMode::Set, Follow::Link)?;
        }
    }
    Ok(())
}

fn content(entry: &TreeEntry) -> Result<ByteString> {
    match (&entry.content, &entry.content_b64) {
        (Some(content), _) => Ok(content.clone()),
        (None, Some(b64)) => crate::kernel::base64_decode(b64).map(ByteString::from).ok_or(Errno::EINVAL),
        (None, None) => Ok(ByteString::new()),
    }
}
