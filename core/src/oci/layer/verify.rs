//! The whole way of a layer: blob → digest → decompression → diff id → directory, in pieces.

use bytes::Bytes;

use super::{LayerError, Mismatch, OverlayNames, Split, Unpacked, Unpacker};
use crate::kernel::{Fd, Kernel, Task};
use crate::oci::blob::{LayerSource, Sink};
use crate::oci::decode::{Compression, Decoder, MAGIC_LEN, detect};
use crate::oci::{Digest, Hasher, Limits};

const PIECE: usize = 1 << 20;

/// A layer's bytes inside a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Blob {
    /// Where it starts.
    pub offset: u64,
    /// How many bytes it has.
    pub len: u64,
}

/// What was promised about a layer; what is `None` is not checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expected {
    /// The digest of the bytes as they are stored.
    pub digest: Option<Digest>,
    /// The digest of the uncompressed bytes.
    pub diff_id: Option<Digest>,
    /// How it is compressed, if its first bytes are not to tell.
    pub compression: Option<Compression>,
    /// It was found broken after so many uncompressed bytes, and is read again ([`Decoder::again`]).
    pub again: Option<u64>,
}

/// What streaming a layer showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streamed {
    /// The digest of the bytes as they are stored.
    pub digest: Digest,
    /// The digest of the uncompressed bytes.
    pub diff_id: Digest,
    /// How many uncompressed bytes.
    pub len: u64,
    /// How it is compressed.
    pub compression: Compression,
}

/// The way of one blob, without I/O: stored bytes are pushed in, uncompressed bytes come out, both are hashed.
#[derive(Debug)]
pub struct Flow {
    expected: Expected,
    compression: Compression,
    /// The stored bytes are the uncompressed ones, and one hash is both.
    is_one: bool,
    decoder: Decoder,
    stored: Hasher,
    plain: Hasher,
    len: u64,
    out: Vec<u8>,
}

impl Flow {
    /// Starts with the blob's first bytes (at most [`MAGIC_LEN`], which are pushed again), that tell its compression where
    /// nothing is expected of that.
    pub fn new(start: &[u8], expected: Expected, limits: Limits) -> Self {
        let compression = expected.compression.unwrap_or_else(|| detect(start));
        let (stored, plain) = (expected.digest, expected.diff_id);
        let kind = |digest: Option<Digest>| digest.map_or("sha256", |digest| digest.algorithm());
        Self {
            expected,
            compression,
            is_one: compression == Compression::None && kind(stored) == kind(plain),
            decoder: match expected.again {
                None => Decoder::new(compression, limits),
                Some(made) => Decoder::again(compression, limits, made),
            },
            stored: Hasher::like(stored.as_ref()),
            plain: Hasher::like(plain.as_ref()),
            len: 0,
            out: Vec::new(),
        }
    }

    /// Whether what is pushed is also what comes out.
    pub fn is_plain(&self) -> bool {
        self.compression == Compression::None
    }

    /// Takes the next stored bytes.
    pub fn push(
        &mut self,
        piece: &[u8],
        mut take: impl FnMut(&[u8]) -> Result<(), LayerError>,
    ) -> Result<(), LayerError> {
        self.stored.update(piece);
        if self.is_plain() {
            self.len += piece.len() as u64;
            if !self.is_one {
                self.plain.update(piece);
            }
            return take(piece);
        }
        let mut rest = piece;
        while !rest.is_empty() {
            let used = self.decoder.push(rest, &mut self.out);
            self.plain.update(&self.out);
            self.len += self.out.len() as u64;
            // What came well goes on before it is said what did not.
            take(&self.out)?;
            self.out.clear();
            rest = &rest[used?..];
        }
        Ok(())
    }

    /// The blob is whole: is it what was promised?
    pub fn finish(self) -> Result<Streamed, LayerError> {
        self.decoder.finish()?;
        let digest = self.stored.finish();
        let diff_id = if self.is_one { digest } else { self.plain.finish() };
        if let Some(expected) = self.expected.digest
            && expected != digest
        {
            return Err(LayerError::Digest(Box::new(Mismatch { expected, found: digest })));
        }
        if let Some(expected) = self.expected.diff_id
            && expected != diff_id
        {
            return Err(LayerError::DiffId(Box::new(Mismatch { expected, found: diff_id })));
        }
        Ok(Streamed { digest, diff_id, len: self.len, compression: self.compression })
    }
}

/// Streams a layer's uncompressed bytes into `take`, with the place in an open file where they also stand if they do,
/// and checks what was promised at the end.
pub fn stream(
    kernel: &mut dyn Kernel,
    source: &mut dyn LayerSource,
    blob: Blob,
    expected: Expected,
    limits: Limits,
    mut take: impl FnMut(&mut dyn Kernel, &[u8], Option<(Fd, u64)>) -> Result<(), LayerError>,
) -> Result<Streamed, LayerError> {
    let start = source.read_at(kernel, blob.offset, MAGIC_LEN.min(blob.len as usize))?;
    let mut flow = Flow::new(&start, expected, limits);
    let mut at = 0;
    while at < blob.len {
        let want = usize::try_from(blob.len - at).unwrap_or(PIECE).min(PIECE);
        let piece: Bytes = source.read_at(kernel, blob.offset + at, want)?;
        if piece.is_empty() {
            return Err(LayerError::Size { expected: blob.len, found: at });
        }
        let shared = source.fd().filter(|_| flow.is_plain()).map(|fd| (fd, blob.offset + at));
        flow.push(&piece, |bytes| take(kernel, bytes, shared))?;
        at += piece.len() as u64;
    }
    flow.finish()
}

/// How many uncompressed bytes come out of a layer, up to what is wrong with it as a stream.
pub fn made(
    kernel: &mut dyn Kernel,
    source: &mut dyn LayerSource,
    blob: Blob,
    compression: Compression,
    limits: Limits,
) -> u64 {
    let mut made = 0;
    let expected = Expected { compression: Some(compression), ..Expected::default() };
    // What is wrong is known.
    let _ = stream(kernel, source, blob, expected, limits, |_, bytes, _| {
        made += bytes.len() as u64;
        Ok(())
    });
    made
}

/// Unpacks a layer into the empty directory `dir` and checks what was promised. `split`, if given, receives what
/// [`super::assemble`] needs to write the same tar again. After an error the directory holds a part: the caller removes
/// it.
#[expect(clippy::too_many_arguments, reason = "where from, where to, and three rules")]
pub fn unpack(
    kernel: &mut dyn Kernel,
    task: &Task,
    dir: &[u8],
    source: &mut dyn LayerSource,
    blob: Blob,
    expected: Expected,
    names: OverlayNames,
    limits: Limits,
    mut split: Option<&mut dyn Sink>,
) -> Result<(Streamed, Unpacked), LayerError> {
    let mut unpacker = Unpacker::new(task, dir, names, limits);
    let mut record = split.is_some().then(|| Split::new(limits));
    let streamed = stream(kernel, source, blob, expected, limits, |kernel, bytes, shared| {
        unpacker.push(kernel, bytes, shared)?;
        if let (Some(record), Some(sink)) = (&mut record, &mut split) {
            record.push(kernel, bytes, *sink)?;
        }
        Ok(())
    });
    match streamed {
        Ok(streamed) => {
            let unpacked = match unpacker.finish(kernel) {
                Ok(unpacked) => unpacked,
                Err(error) => return Err(unpacker.logged(error)),
            };
            if let (Some(record), Some(sink)) = (record, split) {
                record.finish(kernel, sink)?;
            }
            Ok((streamed, unpacked))
        }
        Err(error) => {
            unpacker.abandon(kernel);
            // Docker's child sees an end where its parent sees the fault; what it says of that comes first.
            let is_parents =
                matches!(error, LayerError::Decode(_) | LayerError::DiffId(_) | LayerError::Digest(_));
            let error = match unpacker.judge() {
                Err(fault) if is_parents => fault.into(),
                _ => error,
            };
            Err(if matches!(error, LayerError::DiffId(_)) { error } else { unpacker.logged(error) })
        }
    }
}
