//! Zstandard: frames one after the other, fed to the decoder block by block, so that what is held never exceeds a
//! window and a block (RFC 8878).

use std::io::Read;

use ruzstd::decoding::errors::{FrameDecoderError, FrameHeaderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{DecodeError, SUM, corrupt};

pub(super) const NAME: &str = "zstd";

pub(super) struct Zstd {
    decoder: FrameDecoder,
    window: u64,
    state: State,
    /// Input that is not yet a whole header or block.
    held: Vec<u8>,
    frames: u64,
    frame: Frame,
}

impl std::fmt::Debug for Zstd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Zstd")
            .field("state", &self.state)
            .field("frames", &self.frames)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Header,
    Block,
    /// Bytes of a skippable frame left.
    Skip(u64),
}

/// What the frame's header promised, and what came.
#[derive(Debug, Clone, Copy, Default)]
struct Frame {
    size: Option<u64>,
    has_checksum: bool,
    made: u64,
}

impl Zstd {
    pub(super) fn new(window: u64) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(window);
        Self { decoder, window, state: State::Header, held: Vec::new(), frames: 0, frame: Frame::default() }
    }

    pub(super) fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, DecodeError> {
        if let State::Skip(left) = self.state {
            let used = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
            self.state = match left - used as u64 {
                0 => State::Header,
                left => State::Skip(left),
            };
            return Ok(used);
        }
        let before = self.held.len();
        // A header tells how much is wanted; what is wanted may tell of more.
        let mut taken = 0;
        loop {
            let want = match self.state {
                State::Header => header_want(&self.held)?,
                _ => block_want(&self.held, self.frame.has_checksum),
            };
            let used = (want - self.held.len()).min(input.len() - taken);
            self.held.extend_from_slice(&input[taken..taken + used]);
            taken += used;
            if self.held.len() < want {
                break;
            }
            let settled = match self.state {
                State::Header => header_want(&self.held)?,
                _ => block_want(&self.held, self.frame.has_checksum),
            };
            if settled == self.held.len() {
                match self.state {
                    State::Header => self.header()?,
                    _ => self.block(out)?,
                }
                self.held.clear();
                break;
            }
        }
        debug_assert!(taken > 0 || input.is_empty() || before > 0, "progress");
        Ok(taken)
    }

    pub(super) fn finish(&self) -> Result<(), DecodeError> {
        let between = self.state == State::Header && self.held.is_empty() && self.frames > 0;
        if between { Ok(()) } else { Err(DecodeError::Truncated(NAME)) }
    }

    fn header(&mut self) -> Result<(), DecodeError> {
        if let Some(size) = skippable(&self.held) {
            self.frames += 1;
            self.state = if size == 0 { State::Header } else { State::Skip(size) };
            return Ok(());
        }
        self.decoder.init(self.held.as_slice()).map_err(|error| self.named(&error))?;
        let descriptor = self.held[4];
        let has_size = descriptor >> 6 != 0 || descriptor & 0x20 != 0;
        self.frame = Frame {
            size: has_size.then(|| self.decoder.content_size()),
            has_checksum: descriptor & 4 != 0,
            made: 0,
        };
        self.state = State::Block;
        Ok(())
    }

    fn block(&mut self, out: &mut Vec<u8>) -> Result<(), DecodeError> {
        let mut input = self.held.as_slice();
        let finished = self
            .decoder
            .decode_blocks(&mut input, BlockDecodingStrategy::UptoBlocks(1))
            .map_err(|error| self.named(&error))?;
        let start = out.len();
        let ready = self.decoder.can_collect();
        out.resize(start + ready, 0);
        self.decoder.read_exact(&mut out[start..]).map_err(|error| corrupt(NAME, &error.to_string()))?;
        self.frame.made += ready as u64;
        if self.frame.size.is_some_and(|size| self.frame.made > size || (finished && self.frame.made != size))
        {
            return Err(corrupt(NAME, "frame size does not match"));
        }
        if finished {
            if self.frame.has_checksum
                && self.decoder.get_checksum_from_data() != self.decoder.get_calculated_checksum()
            {
                return Err(corrupt(NAME, SUM));
            }
            self.frames += 1;
            self.state = State::Header;
        }
        Ok(())
    }

    fn named(&self, error: &FrameDecoderError) -> DecodeError {
        match error {
            FrameDecoderError::WindowSizeTooBig { requested, .. } => {
                DecodeError::Window { window: *requested, limit: self.window }
            }
            FrameDecoderError::DictNotProvided { .. } => DecodeError::Unsupported("zstd with a dictionary"),
            FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::BadMagicNumber(_))
                if self.frames > 0 =>
            {
                DecodeError::Trailing(NAME)
            }
            FrameDecoderError::FrameHeaderError(FrameHeaderError::WindowTooBig { got }) => {
                DecodeError::Window { window: *got, limit: self.window }
            }
            other => corrupt(NAME, &other.to_string()),
        }
    }
}

/// The length of a skippable frame's content.
fn skippable(header: &[u8]) -> Option<u64> {
    match header {
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d] => Some(u64::from(u32::from_le_bytes([*a, *b, *c, *d]))),
        _ => None,
    }
}

/// How long a frame's header is, as far as its beginning tells.
fn header_want(held: &[u8]) -> Result<usize, DecodeError> {
    match held {
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Ok(8),
        [0x28, 0xb5, 0x2f, 0xfd, descriptor, ..] => {
            let single = descriptor & 0x20 != 0;
            let size = [usize::from(single), 2, 4, 8][usize::from(descriptor >> 6)];
            let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
            Ok(5 + usize::from(!single) + dictionary + size)
        }
        [_, _, _, _, ..] if held[..4] != [0x28, 0xb5, 0x2f, 0xfd] => Err(DecodeError::Trailing(NAME)),
        _ => Ok(5),
    }
}

/// How long a block is with its header, and with the checksum after a last one.
fn block_want(held: &[u8], has_checksum: bool) -> usize {
    let [a, b, c, ..] = held else { return 3 };
    let word = u32::from_le_bytes([*a, *b, *c, 0]);
    let (last, kind, size) = (word & 1 != 0, (word >> 1) & 3, (word >> 3) as usize);
    let content = if kind == 1 { 1 } else { size };
    3 + content + if last && has_checksum { 4 } else { 0 }
}
