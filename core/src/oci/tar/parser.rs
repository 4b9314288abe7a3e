//! The push parser: bytes in, events out. It holds one header and the extended headers before it, nothing else.

use super::block::Block;
use super::pax::Pax;
use super::{BLOCK, Entry, Fault, Kind, TarError};
use crate::kernel::{ByteString, Device, Timespec};
use crate::oci::Limits;

/// What the parser found.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// The next entry; its content follows in pieces.
    Entry(Box<Entry>),
    /// A piece of the current entry's content.
    Content(&'a [u8]),
    /// The current entry is whole.
    EntryEnd,
}

/// Reads one tar stream.
#[derive(Debug)]
pub struct Parser {
    limits: Limits,
    state: State,
    /// Bytes consumed.
    at: u64,
    /// Where the header at hand started, for errors.
    header_at: u64,
    header: Box<[u8; BLOCK]>,
    filled: usize,
    entries: u64,
    pax: Option<Pax>,
    long_name: Option<ByteString>,
    long_link: Option<ByteString>,
    metadata: usize,
    /// The body of the extended header at hand.
    body: Vec<u8>,
    /// The name of the entry at hand, for errors.
    current: ByteString,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Header,
    /// One zero block was seen.
    ZeroBlock,
    /// The body of an extended header of this type; bytes of body and of padding left.
    Extension {
        flag: u8,
        left: u64,
        pad: u64,
    },
    /// Content left, and the padding after it.
    Content {
        left: u64,
        pad: u64,
    },
    /// The entry is whole and was not reported.
    EntryEnd {
        pad: u64,
    },
    Padding(u64),
    /// After the end marker: everything is passed over.
    End,
}

impl Parser {
    /// A parser at the start of a stream.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Header,
            at: 0,
            header_at: 0,
            header: Box::new([0; BLOCK]),
            filled: 0,
            entries: 0,
            pax: None,
            long_name: None,
            long_link: None,
            metadata: 0,
            body: Vec::new(),
            current: ByteString::new(),
        }
    }

    /// Bytes consumed so far.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// Entries seen so far.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Whether the end marker was passed.
    pub fn is_ended(&self) -> bool {
        self.state == State::End
    }

    /// Content bytes of the current entry that are still to come.
    pub fn content_left(&self) -> u64 {
        match self.state {
            State::Content { left, .. } => left,
            _ => 0,
        }
    }

    /// Passes over up to `content_left` bytes of content that the caller reads, or skips, by itself.
    pub fn skip_content(&mut self, len: u64) {
        if let State::Content { left, pad } = self.state {
            let len = len.min(left);
            self.at += len;
            self.state = after_content(left - len, pad);
        }
    }

    /// Consumes from the front of `input`: how many bytes, and what they made. No event means that more input is
    /// wanted (all of `input` was consumed, unless it was an inner step: call again while any is left).
    pub fn step<'a>(&mut self, input: &'a [u8]) -> Result<(usize, Option<Event<'a>>), TarError> {
        let start = self.at;
        let (used, event) = self.advance(input).map_err(|fault| self.error(fault))?;
        self.at = start + used as u64;
        Ok((used, event))
    }

    /// The stream has no more bytes. An end marker may be missing (Go), an entry must be whole.
    pub fn finish(&self) -> Result<(), TarError> {
        let inside = match self.state {
            State::End => return Ok(()),
            State::Header | State::ZeroBlock if self.filled == 0 && !self.has_extension() => return Ok(()),
            State::Header | State::ZeroBlock if self.filled == 0 => return Err(self.error(Fault::Orphan)),
            State::Header | State::ZeroBlock if self.at < BLOCK as u64 => {
                return Err(self.error(Fault::NotTar));
            }
            State::Header | State::ZeroBlock => "a header",
            State::Extension { .. } => "an extended header",
            State::Content { .. } => "a file",
            State::EntryEnd { .. } | State::Padding(_) => "the padding of an entry",
        };
        Err(self.error(Fault::Truncated(inside)))
    }

    fn error(&self, fault: Fault) -> TarError {
        TarError { fault, at: self.header_at, entry: self.current.clone() }
    }

    fn has_extension(&self) -> bool {
        self.pax.is_some() || self.long_name.is_some() || self.long_link.is_some()
    }

    fn advance<'a>(&mut self, input: &'a [u8]) -> Result<(usize, Option<Event<'a>>), Fault> {
        match self.state {
            State::End => Ok((input.len(), None)),
            State::EntryEnd { pad } => {
                self.state = if pad == 0 { State::Header } else { State::Padding(pad) };
                Ok((0, Some(Event::EntryEnd)))
            }
            State::Padding(left) => {
                let used = min(left, input.len());
                self.state = match left - used as u64 {
                    0 => State::Header,
                    left => State::Padding(left),
                };
                Ok((used, None))
            }
            State::Content { left, pad } => {
                let used = min(left, input.len());
                if used == 0 {
                    return Ok((0, None));
                }
                self.state = after_content(left - used as u64, pad);
                Ok((used, Some(Event::Content(&input[..used]))))
            }
            State::Extension { flag, left, pad } => self.extension(flag, left, pad, input),
            State::Header | State::ZeroBlock => self.header(input),
        }
    }

    fn header<'a>(&mut self, input: &'a [u8]) -> Result<(usize, Option<Event<'a>>), Fault> {
        if self.filled == 0 {
            self.header_at = self.at;
        }
        let used = (BLOCK - self.filled).min(input.len());
        self.header[self.filled..self.filled + used].copy_from_slice(&input[..used]);
        self.filled += used;
        if self.filled < BLOCK {
            return Ok((used, None));
        }
        self.filled = 0;
        if self.header.iter().all(|b| *b == 0) {
            if self.has_extension() {
                return Err(Fault::Orphan);
            }
            self.state = if self.state == State::ZeroBlock { State::End } else { State::ZeroBlock };
            return Ok((used, None));
        }
        if self.state == State::ZeroBlock {
            // Go: a lone zero block before a header is an invalid header.
            return Err(Fault::Checksum);
        }
        let header = *self.header;
        let first = self.entries == 0 && !self.has_extension();
        let entry = self.block(&Block::new(&header, first)?, self.header_at + BLOCK as u64)?;
        Ok((used, entry.map(|entry| Event::Entry(Box::new(entry)))))
    }

    /// Takes a header block; `end` is the stream's position after it.
    fn block(&mut self, block: &Block<'_>, end: u64) -> Result<Option<Entry>, Fault> {
        let size = unsigned(block.number(124, 12, "size")?, "size")?;
        let flag = block.flag();
        if matches!(flag, b'x' | b'g' | b'L' | b'K') {
            self.current = block.name().into();
            self.metadata += usize::try_from(size).unwrap_or(usize::MAX).min(self.limits.metadata + 1);
            if size > self.limits.metadata as u64 || self.metadata > self.limits.metadata {
                return Err(Fault::Metadata(self.limits.metadata));
            }
            match flag {
                b'x' if self.pax.is_some() => return Err(Fault::PaxTwice),
                // Go forgets what stood before a global header.
                b'g' if self.has_extension() => return Err(Fault::Orphan),
                b'L' if self.long_name.is_some() => return Err(Fault::GnuTwice),
                b'K' if self.long_link.is_some() => return Err(Fault::GnuTwice),
                _ => {}
            }
            self.state = State::Extension { flag, left: size, pad: pad(size) };
            if size == 0 {
                self.extended(flag)?;
            }
            return Ok(None);
        }
        let entry = self.entry(block, flag, size, end)?;
        self.state = after_content(entry.size, pad(entry.size));
        Ok(Some(entry))
    }

    fn extension<'a>(
        &mut self,
        flag: u8,
        left: u64,
        pad: u64,
        input: &'a [u8],
    ) -> Result<(usize, Option<Event<'a>>), Fault> {
        let used = min(left, input.len());
        self.body.extend_from_slice(&input[..used]);
        let left = left - used as u64;
        self.state = State::Extension { flag, left, pad };
        if left == 0 {
            self.state = if pad == 0 { State::Header } else { State::Padding(pad) };
            self.extended(flag)?;
        }
        Ok((used, None))
    }

    /// The body of an extended header is whole.
    fn extended(&mut self, flag: u8) -> Result<(), Fault> {
        let body = std::mem::take(&mut self.body);
        if matches!(self.state, State::Extension { .. }) {
            self.state = State::Header;
        }
        let to_nul = |body: &[u8]| ByteString::from(body.split(|b| *b == 0).next().unwrap_or_default());
        match flag {
            b'x' => self.pax = Some(Pax::parse(&body)?),
            b'g' => {
                self.metadata = 0;
                Pax::check_global(&body)?;
            }
            // Go: an empty one says nothing.
            b'L' => self.long_name = Some(to_nul(&body)).filter(|name| !name.is_empty()),
            _ => self.long_link = Some(to_nul(&body)).filter(|name| !name.is_empty()),
        }
        if self.pax.is_some() && (self.long_name.is_some() || self.long_link.is_some()) {
            return Err(Fault::PaxAndGnu);
        }
        Ok(())
    }

    fn entry(&mut self, block: &Block<'_>, flag: u8, size: u64, end: u64) -> Result<Entry, Fault> {
        let pax = self.pax.take().unwrap_or_default();
        let name = pax.path.or(self.long_name.take()).unwrap_or_else(|| block.name().into());
        let link = pax.link.or(self.long_link.take()).unwrap_or_else(|| block.link().into());
        self.metadata = 0;
        self.current = name.clone();
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(Fault::Entries(self.limits.entries));
        }
        if name.len() > self.limits.path || link.len() > self.limits.path {
            return Err(Fault::Path(self.limits.path));
        }
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
        Ok(Entry {
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
            name,
        })
    }
}

fn kind(flag: u8, name: &[u8]) -> Result<Kind, Fault> {
    Ok(match flag {
        // Archives before POSIX mark a directory by its slash alone.
        0 if name.ends_with(b"/") => Kind::Dir,
        0 | b'0' => Kind::File,
        b'1' => Kind::Hardlink,
        b'2' => Kind::Symlink,
        b'3' => Kind::Char,
        b'4' => Kind::Block,
        b'5' => Kind::Dir,
        b'6' => Kind::Fifo,
        b'S' => return Err(Fault::Sparse),
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

fn unsigned(value: i64, what: &'static str) -> Result<u64, Fault> {
    u64::try_from(value).map_err(|_| Fault::Negative(what))
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

fn min(left: u64, len: usize) -> usize {
    usize::try_from(left).unwrap_or(usize::MAX).min(len)
}

fn pad(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

fn after_content(left: u64, pad: u64) -> State {
    if left == 0 { State::EntryEnd { pad } } else { State::Content { left, pad } }
}
