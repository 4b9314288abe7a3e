//! `mount(2)`, `umount2(2)`, `statfs(2)` and the mount table as a list.

use super::disk::{self, Disk, Owner};
use super::mounts::Mount;
use super::overlay::Writes;
use super::place::{Node, Pos};
use super::state::{Fs, SimState};
use crate::kernel::{
    ByteString, Caps, Errno, Follow, MountFlags, MountInfo, Result, StatFs, Task, UmountFlags, path,
};

/// The size that a simulated file system says it has.
const DISK_SIZE: u64 = 16 << 30;
/// The longest option string: it has one page, with its NUL.
const DATA_MAX: usize = 4095;

/// What a mount keeps of the flags that it is made with.
const KEPT: MountFlags =
    MountFlags::RDONLY.union(MountFlags::NOSUID).union(MountFlags::NODEV).union(MountFlags::NOEXEC);

impl SimState {
    pub(crate) fn mount(
        &mut self,
        task: &Task,
        source: &[u8],
        target: &[u8],
        fstype: &[u8],
        flags: MountFlags,
        data: &[u8],
    ) -> Result<()> {
        let over = self.resolve(task, target, Follow::Target)?;
        if !task.can(Caps::SYS_ADMIN) {
            return Err(Errno::EPERM);
        }
        if data.len() > DATA_MAX {
            return Err(Errno::EINVAL);
        }
        if flags.contains(MountFlags::REMOUNT) {
            return self.remount(over, flags);
        }
        let kept = KEPT;
        let mut mount = Mount {
            over,
            root: over.node,
            flags: flags & kept,
            source: source.into(),
            target: self.kernel_path_of_any(task, target, over)?,
            within: b"/".into(),
            fstype: fstype.into(),
            options: ByteString::new(),
        };
        if flags.contains(MountFlags::BIND) {
            let from = self.resolve(task, source, Follow::Target)?;
            if self.is_dir(from.node)? != self.is_dir(over.node)? {
                return Err(Errno::ENOTDIR);
            }
            if let Some(shown) = self.mounts.get(from.mount) {
                // A bind mount takes the flags of the mount that it shows.
                mount.flags = shown.flags;
                mount.fstype = shown.fstype.clone();
                mount.options = shown.options.clone();
                mount.source = shown.source.clone();
            }
            mount.root = from.node;
            mount.within = self.path_within(task, source, from)?;
        } else {
            let (root, options) = self.new_fs(task, fstype, data)?;
            mount.options = options;
            mount.root = root;
            if !self.is_dir(over.node)? {
                self.drop_unused();
                return Err(Errno::ENOTDIR);
            }
        }
        self.places = None;
        self.mounts.add(mount);
        Ok(())
    }

    fn new_fs(&mut self, task: &Task, fstype: &[u8], data: &[u8]) -> Result<(Node, ByteString)> {
        match fstype {
            b"" => Err(Errno::EINVAL),
            b"tmpfs" | b"ramfs" => {
                let (owner, limit, options) = tmpfs_options(data)?;
                // ramfs(5): it has no size, whatever is said.
                let limit = limit.filter(|_| fstype == b"tmpfs");
                let disk = Disk::new(owner, self.clock).limited(limit);
                Ok((Node { fs: self.add_fs(Fs::Disk(disk)), id: disk::ROOT }, options))
            }
            b"overlay" => self.overlay_mount(task, data),
            _ => Err(Errno::ENODEV),
        }
    }

    pub(crate) fn add_fs(&mut self, fs: Fs) -> u32 {
        self.fs.add(fs)
    }

    fn remount(&mut self, at: Pos, flags: MountFlags) -> Result<()> {
        let mount = self.mounts.get_mut(at.mount).filter(|m| m.root == at.node).ok_or(Errno::EINVAL)?;
        // What has no upper layer stays as it is. [nested: remounts]
        let read_only = flags.contains(MountFlags::RDONLY);
        if let (Some(Fs::Overlay(overlay)), false) =
            (self.fs.get_mut(at.node.fs), flags.contains(MountFlags::BIND))
        {
            match (overlay.writes, read_only) {
                (Writes::Never, false) => return Err(Errno::EROFS),
                (Writes::Never, true) => {}
                (_, true) => triomphe::Arc::make_mut(overlay).writes = Writes::Off,
                (_, false) => triomphe::Arc::make_mut(overlay).writes = Writes::On,
            }
        }
        mount.flags = flags & KEPT;
        Ok(())
    }

    pub(crate) fn umount(&mut self, task: &Task, target: &[u8], flags: UmountFlags) -> Result<()> {
        let pos = self.resolve(task, target, Follow::Target)?;
        let mount = self.mounts.get(pos.mount).ok_or(Errno::EINVAL)?;
        if !task.can(Caps::SYS_ADMIN) {
            return Err(Errno::EPERM);
        }
        if mount.root != pos.node || mount.over.mount == pos.mount {
            return Err(Errno::EINVAL);
        }
        let used = self.open.values().any(|open| open.pos.mount == pos.mount);
        if !flags.contains(UmountFlags::DETACH) && (used || self.mounts.has_children(pos.mount)) {
            return Err(Errno::EBUSY);
        }
        self.places = None;
        for mount in self.mounts.remove(pos.mount) {
            self.closed(mount.root)?;
        }
        self.drop_unused();
        Ok(())
    }

    pub(crate) fn mountinfo(&self) -> Vec<MountInfo> {
        let line = |mount: &Mount| {
            let mut options: Vec<u8> = if mount.read_only() { b"ro".to_vec() } else { b"rw".to_vec() };
            for (flag, text) in [
                (MountFlags::NOSUID, ",nosuid"),
                (MountFlags::NODEV, ",nodev"),
                (MountFlags::NOEXEC, ",noexec"),
            ] {
                if mount.flags.contains(flag) {
                    options.extend_from_slice(text.as_bytes());
                }
            }
            options.extend_from_slice(b",relatime");
            if !mount.options.is_empty() {
                options.push(b',');
                options.extend_from_slice(&mount.options);
            }
            MountInfo {
                source: mount.source.clone(),
                root: mount.within.clone(),
                target: mount.target.clone(),
                fstype: mount.fstype.clone(),
                options: options.into(),
                read_only: self.fs_read_only(mount.root.fs),
            }
        };
        self.mounts.iter().map(|(_, mount)| line(mount)).collect()
    }

    pub(crate) fn statfs(&mut self, task: &Task, path: &[u8]) -> Result<StatFs> {
        let pos = self.resolve(task, path, Follow::Target)?;
        let fstype = self.mounts.get(pos.mount).map(|m| m.fstype.clone()).unwrap_or_default();
        let disk = self.disk(self.backing(pos.node)?)?;
        let total = disk.limit().unwrap_or(DISK_SIZE);
        Ok(StatFs { fstype, total, available: total.saturating_sub(disk.used()) })
    }

    /// Whether nothing on this file system can be written, through whichever mount.
    pub(crate) fn fs_read_only(&self, fs: u32) -> bool {
        matches!(self.fs.get(fs), Some(Fs::Overlay(overlay)) if overlay.writes != Writes::On)
    }

    /// The path of a bind mount's source inside its file system.
    fn path_within(&mut self, task: &Task, typed: &[u8], pos: Pos) -> Result<ByteString> {
        let file = if self.is_dir(pos.node)? { None } else { path::file_name(typed) };
        let mut at = match file {
            Some(_) => self.resolve(task, path::parent(typed), Follow::Target)?.node,
            None => pos.node,
        };
        let mut names: Vec<Vec<u8>> = file.map(<[u8]>::to_vec).into_iter().collect();
        // A file that is itself a bind mount is named as it was typed.
        while at.fs == pos.node.fs {
            let parent = self.parent(at)?;
            if parent == at {
                break;
            }
            names.push(self.name_of(parent, at)?);
            at = parent;
        }
        names.reverse();
        Ok([b"/", &names.join(&b'/')[..]].concat().into())
    }

    /// The path of a directory, or of a file through its directory: what `mountinfo` shows. A file is named as it was
    /// typed: an inode does not know its names.
    fn kernel_path_of_any(&mut self, task: &Task, typed: &[u8], pos: Pos) -> Result<ByteString> {
        if self.is_dir(pos.node)? {
            return self.kernel_path(pos);
        }
        let dir = self.resolve(task, path::parent(typed), Follow::Target)?;
        let dir = self.kernel_path(dir)?;
        Ok(path::join(&dir, path::file_name(typed).unwrap_or_default()))
    }
}

/// A size in KiB; it may end in `k`, `m` or `g`. Of a share of the machine's memory nothing is known.
fn kibibytes(text: &str) -> Option<u64> {
    let (digits, shift) = match text.char_indices().last()? {
        (at, 'k' | 'K') => (&text[..at], 10),
        (at, 'm' | 'M') => (&text[..at], 20),
        (at, 'g' | 'G') => (&text[..at], 30),
        (at, '%') => return Some(text[..at].parse::<u64>().ok()?.min(100) * (DISK_SIZE >> 10) / 100),
        _ => (text, 0),
    };
    let bytes = digits.parse::<u64>().ok()?.checked_mul(1 << shift)?;
    Some(bytes.div_ceil(4096) * 4)
}

/// The options of a tmpfs as `/proc/mounts` shows them (tmpfs(5)): what is as usual is left out.
fn shown_options(owner: &Owner, size: Option<u64>, inodes: Option<&str>) -> String {
    let mut shown = Vec::new();
    shown.extend(size.filter(|size| *size > 0).map(|size| format!("size={size}k")));
    shown.extend(inodes.map(|count| format!("nr_inodes={count}")));
    if owner.mode != 0o1777 {
        shown.push(format!("mode={:03o}", owner.mode));
    }
    for (name, id) in [("uid", owner.uid), ("gid", owner.gid)] {
        if id != 0 {
            shown.push(format!("{name}={id}"));
        }
    }
    shown.join(",")
}

/// The options of tmpfs: who owns its root, how many bytes it holds, and how it is shown. Of a size that is a share of the
/// machine's memory nothing is known: it is no limit here.
fn tmpfs_options(data: &[u8]) -> Result<(Owner, Option<u64>, ByteString)> {
    let mut owner = Owner { uid: 0, gid: 0, mode: 0o1777 };
    let (mut size, mut inodes) = (None, None);
    let mut is_share = false;
    for option in data.split(|b| *b == b',').filter(|o| !o.is_empty()) {
        let text = std::str::from_utf8(option).map_err(|_| Errno::EINVAL)?;
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        let number = || value.parse().map_err(|_| Errno::EINVAL);
        match key {
            "mode" => owner.mode = u32::from_str_radix(value, 8).map_err(|_| Errno::EINVAL)? & 0o7777,
            "uid" => owner.uid = number()?,
            "gid" => owner.gid = number()?,
            "size" => {
                is_share = value.ends_with('%');
                size = Some(kibibytes(value).ok_or(Errno::EINVAL)?);
            }
            "nr_blocks" => size = Some(value.parse::<u64>().map_err(|_| Errno::EINVAL)?.saturating_mul(4)),
            "nr_inodes" => inodes = Some(value),
            "huge" | "inode32" | "inode64" | "noswap" => {}
            _ => return Err(Errno::EINVAL),
        }
    }
    let limit = size.filter(|size| *size > 0 && !is_share).map(|size| size.saturating_mul(1024));
    Ok((owner, limit, shown_options(&owner, size, inodes).into()))
}
