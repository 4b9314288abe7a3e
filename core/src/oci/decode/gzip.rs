//! gzip: members one after the other, each with its checksum and length checked (RFC 1952).

use zlib_rs::{Inflate, InflateFlush, Status};

use super::{DecodeError, HEADER_SUM, LENGTH, MAGIC, PIECE, SUM, corrupt};
use crate::oci::gzip::Crc;

const HEADER_MAX: usize = 64 << 10;
/// Less than the longest match, of 258 bytes.
const EXACT_ROOM: usize = 256;
pub(super) const NAME: &str = "gzip";

pub(super) struct Gzip {
    state: State,
    inflate: Inflate,
    /// How much of `scratch` one call may fill.
    room: usize,
    /// Where a push inflates to: zeroed once, and not at each push.
    scratch: Box<[u8]>,
    crc: Crc,
    /// A header or trailer that is not whole yet.
    held: Vec<u8>,
    members: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Header,
    Body,
    Trailer,
    /// After the last member: zeros as tapes and `dd` leave them, or anything else. gzip(1) passes over it with a warning,
    /// and so does unpigz, through which Docker reads.
    Rest,
}

impl std::fmt::Debug for Gzip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gzip")
            .field("state", &self.state)
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}

/// For one member's deflate stream, with all of RFC 1951's 32 KiB to copy from.
fn inflate() -> Inflate {
    Inflate::new(false, 15)
}

impl Gzip {
    pub(super) fn new() -> Self {
        Self {
            state: State::Header,
            inflate: inflate(),
            room: PIECE,
            scratch: vec![0; PIECE].into_boxed_slice(),
            crc: Crc::new(),
            held: Vec::new(),
            members: 0,
        }
    }

    /// A decoder that says what zlib says, as unpigz does, through which Docker reads. zlib-rs forgets its words where it is
    /// fast, which it is where there is room for the longest match.
    pub(super) fn exact() -> Self {
        Self { room: EXACT_ROOM, ..Self::new() }
    }

    pub(super) fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, DecodeError> {
        match self.state {
            State::Header => self.header(input),
            State::Body => self.body(input, out),
            State::Trailer => self.trailer(input),
            State::Rest => Ok(input.len()),
        }
    }

    pub(super) fn finish(&self) -> Result<(), DecodeError> {
        match self.state {
            State::Header if self.members > 0 => Ok(()),
            State::Rest => Ok(()),
            State::Trailer => Err(corrupt(NAME, TRAILER)),
            State::Header => Err(corrupt(NAME, CUT)),
            State::Body => Err(DecodeError::Truncated(NAME)),
        }
    }

    fn header(&mut self, input: &[u8]) -> Result<usize, DecodeError> {
        let before = self.held.len();
        self.held.extend_from_slice(&input[..input.len().min(HEADER_MAX)]);
        let end = match header_len(&self.held) {
            Err(_) if self.members > 0 => {
                self.state = State::Rest;
                return Ok(0);
            }
            Err(error) => return Err(error),
            Ok(Some(end)) => end,
            Ok(None) if self.held.len() >= HEADER_MAX => return Err(corrupt(NAME, "header is too long")),
            Ok(None) => return Ok(self.held.len() - before),
        };
        self.held.clear();
        self.state = State::Body;
        Ok(end - before)
    }

    fn body(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, DecodeError> {
        let (start, mut used) = (out.len(), 0);
        loop {
            let (in_before, out_before) = (self.inflate.total_in(), self.inflate.total_out());
            let room = &mut self.scratch[..self.room];
            let status = self.inflate.decompress(&input[used..], room, InflateFlush::NoFlush);
            used += (self.inflate.total_in() - in_before) as usize;
            let made = (self.inflate.total_out() - out_before) as usize;
            let made_bytes = &self.scratch[..made];
            self.crc.update(made_bytes);
            out.extend_from_slice(made_bytes);
            let status = status.map_err(|_| match self.inflate.error_message() {
                Some(words) if self.room == EXACT_ROOM => corrupt(NAME, words),
                _ => corrupt(NAME, "invalid deflate data"),
            })?;
            if status == Status::StreamEnd {
                self.state = State::Trailer;
                return Ok(used);
            }
            // A full room may hide more, of which the input is taken already.
            let is_whole = made < self.room;
            if is_whole || (used < input.len() && out.len() - start >= PIECE) {
                return Ok(used);
            }
        }
    }

    fn trailer(&mut self, input: &[u8]) -> Result<usize, DecodeError> {
        let used = (8 - self.held.len()).min(input.len());
        self.held.extend_from_slice(&input[..used]);
        if let Some((sum, length)) = self.held.split_first_chunk::<4>()
            && let Ok(length) = <[u8; 4]>::try_from(length)
        {
            if u32::from_le_bytes(*sum) != self.crc.sum() {
                return Err(corrupt(NAME, SUM));
            }
            if u32::from_le_bytes(length) != self.crc.amount() {
                return Err(corrupt(NAME, LENGTH));
            }
            self.held.clear();
            self.crc.reset();
            self.inflate = inflate();
            self.members += 1;
            self.state = State::Header;
        }
        Ok(used)
    }
}

/// A stream that ends inside its header.
pub(super) const CUT: &str = "header is cut";
/// A stream that ends inside its last eight bytes.
pub(super) const TRAILER: &str = "trailer is missing";

/// The length of a member's header, `None` while it is not whole.
fn header_len(bytes: &[u8]) -> Result<Option<usize>, DecodeError> {
    let magic = bytes.len().min(3);
    if bytes[..magic] != [0x1f, 0x8b, 8][..magic] {
        return Err(corrupt(NAME, MAGIC));
    }
    let Some(fixed) = bytes.first_chunk::<10>() else { return Ok(None) };
    let flags = fixed[3];
    if flags & 0xe0 != 0 {
        return Err(corrupt(NAME, MAGIC));
    }
    let mut at = 10;
    if flags & 4 != 0 {
        let Some(len) = bytes.get(at..at + 2) else { return Ok(None) };
        at += 2 + usize::from(u16::from_le_bytes([len[0], len[1]]));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            let Some(rest) = bytes.get(at..) else { return Ok(None) };
            let Some(nul) = rest.iter().position(|b| *b == 0) else { return Ok(None) };
            at += nul + 1;
        }
    }
    if flags & 2 != 0 {
        let Some(sum) = bytes.get(at..at + 2) else { return Ok(None) };
        let mut crc = Crc::new();
        crc.update(&bytes[..at]);
        if u16::from_le_bytes([sum[0], sum[1]]) != crc.sum() as u16 {
            return Err(corrupt(NAME, HEADER_SUM));
        }
        at += 2;
    }
    Ok((at <= bytes.len()).then_some(at))
}
