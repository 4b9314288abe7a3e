//! bzip2: streams one after the other, as Go's `compress/bzip2` reads them, through which Docker does. A stream asks for 4 MB
//! at most.

use bzip2::{Decompress, Error, Status};

use super::{DecodeError, MAGIC, PIECE, SUM, corrupt};

pub(super) const NAME: &str = "bzip2";
/// A stream's header: the magic, the size of its blocks, and the magic of the first one or of the stream's end.
const HEADER: usize = 10;
const BLOCK: [u8; 6] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
const END: [u8; 6] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];
pub(super) const LEVEL: &str = "invalid block size";

pub(super) struct Bzip2 {
    /// What decompresses the stream at hand; none between two streams.
    stream: Option<Decompress>,
    /// A header that is not whole yet.
    held: Vec<u8>,
    scratch: Box<[u8]>,
    streams: u64,
}

impl std::fmt::Debug for Bzip2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bzip2").field("streams", &self.streams).finish_non_exhaustive()
    }
}

impl Bzip2 {
    pub(super) fn new() -> Self {
        Self { stream: None, held: Vec::new(), scratch: vec![0; PIECE].into_boxed_slice(), streams: 0 }
    }

    pub(super) fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, DecodeError> {
        let Some(mut stream) = self.stream.take() else { return self.header(input) };
        let (used, status) = run(&mut stream, input, &mut self.scratch, out)?;
        if status == Status::StreamEnd {
            self.streams += 1;
            return Ok(used);
        }
        self.stream = Some(stream);
        Ok(used)
    }

    fn header(&mut self, input: &[u8]) -> Result<usize, DecodeError> {
        let used = (HEADER - self.held.len()).min(input.len());
        self.held.extend_from_slice(&input[..used]);
        let magic = self.held.len().min(3);
        if self.streams > 0 && magic > 1 && self.held[..magic] != b"BZh"[..magic] {
            return Err(DecodeError::Trailing(NAME));
        }
        if self.held.len() == HEADER {
            if !matches!(self.held[3], b'1'..=b'9') {
                return Err(corrupt(NAME, LEVEL));
            }
            if self.held[4..] != BLOCK && self.held[4..] != END {
                return Err(corrupt(NAME, MAGIC));
            }
            let mut stream = Decompress::new(false);
            run(&mut stream, &self.held, &mut self.scratch, &mut Vec::new())?;
            self.held.clear();
            self.stream = Some(stream);
        }
        Ok(used)
    }

    pub(super) fn finish(&self) -> Result<(), DecodeError> {
        let between = self.stream.is_none() && self.held.is_empty() && self.streams > 0;
        if between { Ok(()) } else { Err(DecodeError::Truncated(NAME)) }
    }
}

/// One step: how many bytes were taken, and whether the stream ends there.
fn run(
    stream: &mut Decompress,
    input: &[u8],
    scratch: &mut [u8],
    out: &mut Vec<u8>,
) -> Result<(usize, Status), DecodeError> {
    let (in_before, out_before) = (stream.total_in(), stream.total_out());
    let status = stream.decompress(input, scratch);
    let (used, made) = ((stream.total_in() - in_before) as usize, (stream.total_out() - out_before) as usize);
    out.extend_from_slice(&scratch[..made]);
    match status {
        Ok(Status::MemNeeded) => Err(corrupt(NAME, "not enough memory")),
        Ok(Status::StreamEnd) => Ok((used, Status::StreamEnd)),
        Ok(_) if used == 0 && made == 0 && !input.is_empty() => Err(corrupt(NAME, "no progress")),
        Ok(status) => Ok((used, status)),
        Err(Error::DataMagic) => Err(corrupt(NAME, MAGIC)),
        Err(_) => Err(corrupt(NAME, SUM)),
    }
}
