//! An entry of its header and of what its extensions say.

use super::state::{Parser, unsigned};
use crate::kernel::{ByteString, Device, Timespec};
use crate::oci::tar::block::Block;
use crate::oci::tar::pax::Pax;
use crate::oci::tar::{Fault, Kind, TarEntry};

impl Parser {
    pub(super) fn entry(
        &mut self,
        block: &Block<'_>,
        pax: Pax,
        flag: u8,
        size: u64,
        end: u64,
    ) -> Result<TarEntry, Fault> {
        let name = pax.path.or(self.long_name.take()).unwrap_or_else(|| block.name().into());
        let link = pax.link.or(self.long_link.take()).unwrap_or_else(|| block.link().into());
        self.metadata = 0;
        self.current = name.clone();
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(Fault::Entries(self.limits.entries));
        }
        self.check_path(&name)?;
        self.check_path(&link)?;
        let kind = kind(flag, &name)?;
        let size = match pax.size {
            Some(pax) if size != 0 && size != pax => return Err(Fault::SizeConflict { pax, header: size }),
            Some(pax) => pax,
            None => size,
        };
        if kind != Kind::File && size != 0 {
            return Err(Fault::Body(size));
        }
        let number = |at, len, what, over: Option<i64>| over.map_or_else(|| block.number(at, len, what), Ok);
        let (uname, gname) = block.names();
        Ok(TarEntry {
            kind,
            link: if matches!(kind, Kind::Hardlink | Kind::Symlink) { link } else { ByteString::new() },
            mode: unsigned(block.number(100, 8, "mode")?, "mode")? as u32,
            uid: id(number(108, 8, "uid", pax.uid)?, "uid")?,
            gid: id(number(116, 8, "gid", pax.gid)?, "gid")?,
            size,
            mtime: match pax.mtime {
                Some(time) => time,
                None => Timespec::seconds(block.number(136, 12, "mtime")?),
            },
            atime: pax.atime.or_else(|| block.atime()),
            uname: pax.uname.unwrap_or_else(|| uname.into()),
            gname: pax.gname.unwrap_or_else(|| gname.into()),
            device: block_device(block, kind)?,
            xattrs: pax.xattrs,
            content_at: end,
            sparse: None,
            name,
        })
    }

    pub(super) fn check_path(&self, path: &[u8]) -> Result<(), Fault> {
        if path.len() > self.limits.path { Err(Fault::Path(self.limits.path)) } else { Ok(()) }
    }
}

fn kind(flag: u8, name: &[u8]) -> Result<Kind, Fault> {
    Ok(match flag {
        // Archives before POSIX mark a directory by its slash alone.
        0 if name.ends_with(b"/") => Kind::Dir,
        0 | b'0' | b'S' => Kind::File,
        b'1' => Kind::Hardlink,
        b'2' => Kind::Symlink,
        b'3' => Kind::Char,
        b'4' => Kind::Block,
        b'5' => Kind::Dir,
        b'6' => Kind::Fifo,
        b'D' | b'M' | b'N' | b'V' => return Err(Fault::GnuSpecial(flag)),
        _ => return Err(Fault::UnknownType(flag)),
    })
}

/// A device's numbers; where there is none they must still be numbers, as for Go.
fn block_device(block: &Block<'_>, kind: Kind) -> Result<Device, Fault> {
    if !block.has_magic() {
        return Ok(Device::default());
    }
    let (major, minor) = (block.number(329, 8, "device")?, block.number(337, 8, "device")?);
    if matches!(kind, Kind::Char | Kind::Block) {
        Ok(Device { major: device(major)?, minor: device(minor)? })
    } else {
        Ok(Device::default())
    }
}

/// An owner: 32 bits, and never `(uid_t) -1`, which `chown(2)` takes for "leave it".
fn id(value: i64, what: &'static str) -> Result<u32, Fault> {
    match u32::try_from(unsigned(value, what)?) {
        Ok(u32::MAX) | Err(_) => Err(Fault::Range(what)),
        Ok(id) => Ok(id),
    }
}

/// A device number as Linux packs one: 12 bits of driver, 20 of unit.
fn device(value: i64) -> Result<u32, Fault> {
    match u32::try_from(value) {
        Ok(number) if number < 1 << 20 => Ok(number),
        _ => Err(Fault::Range("device number")),
    }
}
