//! The push parser: bytes in, events out. It holds one header and the extended headers before it, nothing else.

mod entry;
mod maps;
mod state;

pub use state::{Event, Parser};

use super::block::Block;
use super::pax::Pax;
use super::sparse::{Part, Run};
use super::{BLOCK, Fault, TarEntry, TarError};
use crate::kernel::ByteString;
use state::{State, after_content, min, pad, unsigned};

impl Parser {
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

    /// The name of the global header that the last step ended, if it ended one: some readers take it for a path.
    pub fn take_global(&mut self) -> Option<ByteString> {
        self.global.take()
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
            self.run = None;
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
                return Err(self.error(Fault::TooShort));
            }
            State::Header | State::ZeroBlock => "a header",
            State::Extension { .. } => "an extended header",
            State::OldMap | State::Map => "a sparse map",
            State::Content { .. } => "a file",
            // Go: what is padded ends well without its padding.
            State::EntryEnd { .. } | State::Padding(_) => return Ok(()),
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
                let part = self.run.as_ref().map_or(Part::Data(left), Run::part);
                let (used, event) = match part {
                    Part::Hole(len) => (0, Event::Hole(len)),
                    Part::Data(len) => {
                        let used = min(len, input.len());
                        (used, Event::Content(&input[..used]))
                    }
                    Part::End => (0, Event::Content(b"")),
                };
                let done = if let Event::Hole(len) = event { len } else { used as u64 };
                if let Some(run) = &mut self.run {
                    run.advance(done);
                }
                let left = left - used as u64;
                if self.run.as_ref().is_none_or(|run| run.part() == Part::End) {
                    self.run = None;
                    self.state = after_content(left, pad);
                } else {
                    self.state = State::Content { left, pad };
                }
                Ok((used, (done > 0).then_some(event)))
            }
            State::OldMap | State::Map => self.more_map(input),
            State::Extension { flag, left, pad } => self.extension(flag, left, pad, input),
            State::Header | State::ZeroBlock => self.header(input),
        }
    }

    /// Puts bytes into the block at hand: how many, and whether it is whole.
    fn fill(&mut self, input: &[u8]) -> (usize, bool) {
        let used = (BLOCK - self.filled).min(input.len());
        self.header[self.filled..self.filled + used].copy_from_slice(&input[..used]);
        self.filled = (self.filled + used) % BLOCK;
        (used, self.filled == 0 && used > 0)
    }

    fn header<'a>(&mut self, input: &'a [u8]) -> Result<(usize, Option<Event<'a>>), Fault> {
        if self.filled == 0 {
            self.header_at = self.at;
        }
        let (used, is_whole) = self.fill(input);
        if !is_whole {
            return Ok((used, None));
        }
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
    fn block(&mut self, block: &Block<'_>, end: u64) -> Result<Option<TarEntry>, Fault> {
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
        self.file(block, flag, size, end)
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
                self.global = Some(self.current.clone());
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
}
