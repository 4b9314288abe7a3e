//! The whole way of a layer: blob → digest → decompression → diff id → directory, in pieces.

use bytes::Bytes;

use super::{LayerError, OverlayNames, Split, Unpacked, Unpacker};
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
    let compression = detect(&start)?;
    let mut decoder = Decoder::new(compression, limits);
    let (mut stored, mut plain) = (Hasher::new(), Hasher::new());
    let (mut at, mut len) = (0, 0);
    let mut out = Vec::new();
    while at < blob.len {
        let want = usize::try_from(blob.len - at).unwrap_or(PIECE).min(PIECE);
        let piece: Bytes = source.read_at(kernel, blob.offset + at, want)?;
        if piece.is_empty() {
            return Err(LayerError::Size { expected: blob.len, found: at });
        }
        stored.update(&piece);
        if compression == Compression::None {
            let shared = source.fd().map(|fd| (fd, blob.offset + at));
            take(kernel, &piece, shared)?;
            len += piece.len() as u64;
        } else {
            let mut rest = &piece[..];
            while !rest.is_empty() {
                let used = decoder.push(rest, &mut out)?;
                rest = &rest[used..];
                plain.update(&out);
                len += out.len() as u64;
                take(kernel, &out, None)?;
                out.clear();
            }
        }
        at += piece.len() as u64;
    }
    decoder.finish()?;
    let digest = stored.finish();
    let diff_id = if compression == Compression::None { digest } else { plain.finish() };
    if let Some(expected) = expected.digest
        && expected != digest
    {
        return Err(LayerError::Digest { expected, found: digest });
    }
    if let Some(expected) = expected.diff_id
        && expected != diff_id
    {
        return Err(LayerError::DiffId { expected, found: diff_id });
    }
    Ok(Streamed { digest, diff_id, len, compression })
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
            let unpacked = unpacker.finish(kernel)?;
            if let (Some(record), Some(sink)) = (record, split) {
                record.finish(kernel, sink)?;
            }
            Ok((streamed, unpacked))
        }
        Err(error) => {
            unpacker.abandon(kernel);
            Err(error)
        }
    }
}
