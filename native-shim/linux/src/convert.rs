//! From core's plain types to `rustix`'s and back.

use layerlab_core::kernel::{Device, Errno, FileType, OpenFlags, SetTime, Stat, Timespec, XattrMode};
use rustix::fs::{Gid, Mode, OFlags, Uid, XattrFlags};

/// The error, by number: both sides use Linux's own.
pub(super) fn errno(error: rustix::io::Errno) -> Errno {
    Errno::from_raw(error.raw_os_error())
}

pub(super) fn stat(raw: &rustix::fs::Stat) -> Stat {
    Stat {
        kind: FileType::from_bits(raw.st_mode).unwrap_or(FileType::File),
        mode: raw.st_mode & 0o7777,
        nlink: raw.st_nlink as u32,
        uid: raw.st_uid,
        gid: raw.st_gid,
        size: raw.st_size as u64,
        blocks: raw.st_blocks as u64,
        rdev: Device { major: rustix::fs::major(raw.st_rdev), minor: rustix::fs::minor(raw.st_rdev) },
        dev: raw.st_dev,
        ino: raw.st_ino,
        atime: time(raw.st_atime, raw.st_atime_nsec),
        mtime: time(raw.st_mtime, raw.st_mtime_nsec),
        ctime: time(raw.st_ctime, raw.st_ctime_nsec),
    }
}

/// A time; how wide its nanoseconds are depends on the processor.
fn time(sec: i64, nsec: impl Into<u64>) -> Timespec {
    Timespec { sec, nsec: nsec.into() as u32 }
}

/// `d_type`; a file system that does not tell is taken to list files (none that holds an overlay's layers is such).
pub(super) fn entry_kind(kind: rustix::fs::FileType) -> FileType {
    use rustix::fs::FileType as Raw;
    match kind {
        Raw::Directory => FileType::Dir,
        Raw::Symlink => FileType::Symlink,
        Raw::Fifo => FileType::Fifo,
        Raw::Socket => FileType::Socket,
        Raw::CharacterDevice => FileType::Char,
        Raw::BlockDevice => FileType::Block,
        Raw::RegularFile | Raw::Unknown => FileType::File,
    }
}

pub(super) fn mode(bits: u32) -> Mode {
    Mode::from_raw_mode(bits)
}

/// The flags, closed on exec and never waiting: a fifo's other end would have to come from this same thread.
pub(super) fn open_flags(flags: OpenFlags) -> OFlags {
    let added = OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    OFlags::from_bits_retain(flags.bits())
        | if flags.contains(OpenFlags::PATH) { OFlags::CLOEXEC } else { added }
}

/// -1 keeps an id, in the call as here.
pub(super) fn uid(id: Option<u32>) -> Option<Uid> {
    id.filter(|id| *id != u32::MAX).map(Uid::from_raw)
}

pub(super) fn gid(id: Option<u32>) -> Option<Gid> {
    id.filter(|id| *id != u32::MAX).map(Gid::from_raw)
}

pub(super) fn set_time(time: SetTime) -> rustix::fs::Timespec {
    let (tv_sec, tv_nsec) = match time {
        SetTime::Now => (0, rustix::fs::UTIME_NOW),
        SetTime::Omit => (0, rustix::fs::UTIME_OMIT),
        SetTime::At(t) => (t.sec, t.nsec.into()),
    };
    rustix::fs::Timespec { tv_sec, tv_nsec }
}

pub(super) fn xattr_flags(mode: XattrMode) -> XattrFlags {
    match mode {
        XattrMode::Set => XattrFlags::empty(),
        XattrMode::Create => XattrFlags::CREATE,
        XattrMode::Replace => XattrFlags::REPLACE,
    }
}

/// The name of a file system by the magic number that `statfs(2)` gives (`linux/magic.h`).
pub(super) fn filesystem_name(magic: u64) -> &'static str {
    match magic {
        0x0102_1994 => "tmpfs",
        0x794c_7630 => "overlay",
        0xef53 => "ext4",
        0x5846_5342 => "xfs",
        0x9123_683e => "btrfs",
        0x9fa0 => "proc",
        0x6265_6572 => "sysfs",
        0x6969 => "nfs",
        0xf2f5_2010 => "f2fs",
        _ => "unknown",
    }
}
