//! xz: streams one after the other with zeros between them (the .xz file format, 1.2), as xz-utils, which Docker runs,
//! reads them.

use xz4rust::{XzDecoder, XzError};

use super::{DecodeError, PIECE, corrupt};

pub(super) const NAME: &str = "xz";
const MAGIC: &[u8; 6] = b"\xfd7zXZ\0";
/// A stream's header is judged when it is whole.
const HEADER: usize = 12;

pub(super) struct Xz {
    decoder: Box<XzDecoder<'static>>,
    dictionary: u64,
    state: State,
    /// A header that is not whole yet.
    held: Vec<u8>,
    scratch: Box<[u8]>,
    streams: u64,
    /// Bytes that came out, and after how many each is asked for alone.
    made: u64,
    careful: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between two streams, after this many zeros.
    Between(u64),
    Stream,
}

impl std::fmt::Debug for Xz {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Xz")
            .field("state", &self.state)
            .field("streams", &self.streams)
            .finish_non_exhaustive()
    }
}

impl Xz {
    /// A decoder whose dictionary may have up to this many bytes. One of the size that a stream asks for is had as zero
    /// pages, which cost nothing before they are written to.
    pub(super) fn new(dictionary: u64) -> Self {
        let most = usize::try_from(dictionary).unwrap_or(usize::MAX);
        Self {
            decoder: XzDecoder::in_heap_with_alloc_dict_size(0, most),
            dictionary,
            state: State::Between(0),
            held: Vec::new(),
            scratch: vec![0; PIECE].into_boxed_slice(),
            streams: 0,
            made: 0,
            careful: u64::MAX,
        }
    }

    /// A decoder for a blob of which so many bytes came out before a fault. What the decoder makes in one call is lost with
    /// the fault that it finds there: behind those bytes it makes one in a call, so that all come out that are right, as
    /// xz(1) writes them.
    pub(super) fn again(dictionary: u64, made: u64) -> Self {
        Self { careful: made, ..Self::new(dictionary) }
    }

    pub(super) fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, DecodeError> {
        match self.state {
            State::Between(zeros) => self.between(zeros, input),
            State::Stream => self.stream(input, out),
        }
    }

    fn between(&mut self, zeros: u64, input: &[u8]) -> Result<usize, DecodeError> {
        if self.held.is_empty() && self.streams > 0 {
            let more = input.iter().take_while(|b| **b == 0).count();
            self.state = State::Between(zeros + more as u64);
            if more > 0 {
                return Ok(more);
            }
            if !zeros.is_multiple_of(4) {
                return Err(DecodeError::Trailing(NAME));
            }
        }
        let used = (HEADER - self.held.len()).min(input.len());
        self.held.extend_from_slice(&input[..used]);
        if self.held.len() == HEADER {
            if !self.held.starts_with(MAGIC) {
                return Err(DecodeError::Trailing(NAME));
            }
            let header = std::mem::take(&mut self.held);
            self.decoder.reset();
            self.state = State::Stream;
            self.stream(&header, &mut Vec::new())?;
        }
        Ok(used)
    }

    fn stream(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, DecodeError> {
        let easy = usize::try_from(self.careful.saturating_sub(self.made)).unwrap_or(usize::MAX);
        let room = easy.clamp(1, self.scratch.len());
        let step =
            self.decoder.decode(input, &mut self.scratch[..room]).map_err(|error| self.named(&error))?;
        let made = step.output_produced();
        self.made += made as u64;
        out.extend_from_slice(&self.scratch[..made]);
        if step.is_end_of_stream() {
            self.streams += 1;
            self.state = State::Between(0);
        } else if !step.made_progress() && !input.is_empty() {
            return Err(corrupt(NAME, "no progress"));
        }
        Ok(step.input_consumed())
    }

    pub(super) fn finish(&self) -> Result<(), DecodeError> {
        match self.state {
            State::Between(zeros) if self.held.is_empty() && self.streams > 0 => {
                if zeros.is_multiple_of(4) {
                    Ok(())
                } else {
                    Err(DecodeError::Trailing(NAME))
                }
            }
            _ => Err(DecodeError::Truncated(NAME)),
        }
    }

    fn named(&self, error: &XzError) -> DecodeError {
        match error {
            XzError::DictionaryTooLarge(size) => {
                DecodeError::Dictionary { size: *size, limit: self.dictionary }
            }
            XzError::UnsupportedStreamHeaderOption
            | XzError::UnsupportedBlockHeaderOption
            | XzError::UnsupportedCheckType(_)
            | XzError::UnsupportedBcjFilter(_) => DecodeError::Unsupported(NAME),
            other => corrupt(NAME, &other.to_string()),
        }
    }
}
