//! Layers read by pushing: whoever has the bytes brings them piece by piece, and may stop between two pieces.

use std::collections::BTreeMap;

use super::scan::{Scanned, Scanner};
use crate::oci::archive::{ArchiveError, ArchivedImage, Layer};
use crate::oci::blob::{BlobSource, SourceError};
use crate::oci::decode::{Compression, MAGIC_LEN};
use crate::oci::layer::{Blob, Expected, Flow, LayerError, Streamed};
use crate::oci::{Digest, Limits};

/// The longest piece that a reader asks for, in bytes.
pub(super) const PIECE: usize = 1 << 20;

/// One layer, read from its first byte to its last, with every digest checked.
#[derive(Debug, Clone)]
pub struct LayerScan {
    /// Digests, length and compression.
    pub streamed: Streamed,
    /// What is in it.
    pub scanned: Scanned,
}

/// Whether each file gets the digest of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileDigests {
    /// It does: contents can be compared.
    Yes,
    /// It does not.
    No,
}

impl LayerScan {
    /// Reads a layer. `progress` is told how many stored bytes were read since it was last called, and says whether to go
    /// on. Layers are independent: a caller with threads reads them side by side.
    pub fn read(
        source: &mut dyn BlobSource,
        layer: &Layer,
        limits: Limits,
        progress: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<Self>, ArchiveError> {
        Self::read_with(source, layer, limits, FileDigests::No, progress)
    }

    /// Reads a layer, with or without the digests by which files' contents are compared.
    pub fn read_with(
        source: &mut dyn BlobSource,
        layer: &Layer,
        limits: Limits,
        digests: FileDigests,
        progress: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<Self>, ArchiveError> {
        if layer.blob.is_none() {
            return Ok(None);
        }
        let make = match digests {
            FileDigests::Yes => LayerReader::with_digests,
            FileDigests::No => LayerReader::new,
        };
        let mut reader = make(layer, limits)?;
        while let Some((offset, len)) = reader.wanted() {
            let piece = source.read_at(offset, len)?;
            reader.push(&piece)?;
            if !progress(piece.len() as u64) {
                return Err(SourceError::Cancelled.into());
            }
        }
        Ok(Some(reader.finish()?))
    }

    /// The scan, if Docker would take the layer too.
    ///
    /// # Errors
    /// The first thing that Docker refuses it for.
    pub fn strict(self, layer: &Layer) -> Result<Self, ArchiveError> {
        match self.scanned.sheet.refusals().first() {
            None => Ok(self),
            Some(refusal) => {
                Err(ArchiveError::Layer { file: layer.file.clone(), fault: refusal.error.clone() })
            }
        }
    }
}

/// The layers of an image that have to be read, each with the numbers under which it stands there: a layer that an image
/// has twice is read once.
pub fn distinct(image: &ArchivedImage) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut known: BTreeMap<(u64, u64, Digest), usize> = BTreeMap::new();
    for (i, layer) in image.layers.iter().enumerate() {
        let key = layer.blob.map(|blob| (blob.offset, blob.len, layer.diff_id));
        match key.and_then(|key| known.get(&key).copied()) {
            Some(group) => groups[group].push(i),
            None => {
                if let Some(key) = key {
                    known.insert(key, groups.len());
                }
                groups.push(vec![i]);
            }
        }
    }
    groups
}

/// Stored bytes of one blob on their way, and where the next piece of them is.
#[derive(Debug)]
pub(super) struct Way {
    file: String,
    blob: Blob,
    expected: Expected,
    limits: Limits,
    /// Begins with the first piece, which tells the compression.
    flow: Option<Flow>,
    taken: u64,
}

impl Way {
    pub(super) fn new(layer: &Layer, limits: Limits) -> Result<Self, ArchiveError> {
        let file = layer.file.clone();
        let Some(blob) = layer.blob else { return Err(ArchiveError::Missing { file }) };
        let expected =
            Expected { digest: layer.digest, diff_id: Some(layer.diff_id), compression: None, again: None };
        Ok(Self { file, blob, expected, limits, flow: None, taken: 0 })
    }

    /// Starts at this place of a layer that is not compressed, or at its end; returns the place.
    pub(super) fn jump(&mut self, at: u64) -> u64 {
        self.taken = at.min(self.blob.len);
        let plain = Expected { compression: Some(Compression::None), ..self.expected };
        self.flow = Some(Flow::new(b"", plain, self.limits));
        self.taken
    }

    pub(super) fn wanted(&self) -> Option<(u64, usize)> {
        let left = self.blob.len - self.taken;
        let len = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        (left > 0).then_some((self.blob.offset + self.taken, len))
    }

    pub(super) fn push(
        &mut self,
        piece: &[u8],
        take: impl FnMut(&[u8]) -> Result<(), LayerError>,
    ) -> Result<(), ArchiveError> {
        let failed = |fault: LayerError| ArchiveError::Layer { file: self.file.clone(), fault };
        if piece.is_empty() {
            return Err(failed(LayerError::Size { expected: self.blob.len, found: self.taken }));
        }
        let mut flow = match self.flow.take() {
            Some(flow) => flow,
            None => Flow::new(&piece[..MAGIC_LEN.min(piece.len())], self.expected, self.limits),
        };
        flow.push(piece, take).map_err(failed)?;
        self.flow = Some(flow);
        self.taken += piece.len() as u64;
        Ok(())
    }

    /// All was pushed: is it what was promised?
    fn finish(self) -> Result<Streamed, ArchiveError> {
        let failed = |fault: LayerError| ArchiveError::Layer { file: self.file.clone(), fault };
        let flow = self.flow.unwrap_or_else(|| Flow::new(b"", self.expected, self.limits));
        flow.finish().map_err(failed)
    }
}

/// Streams a layer's uncompressed bytes into `take`, and checks what was promised at the end.
pub(super) fn read_through(
    source: &mut dyn BlobSource,
    layer: &Layer,
    limits: Limits,
    mut take: impl FnMut(&[u8]) -> Result<(), LayerError>,
) -> Result<Streamed, ArchiveError> {
    let mut way = Way::new(layer, limits)?;
    while let Some((offset, len)) = way.wanted() {
        way.push(&source.read_at(offset, len)?, &mut take)?;
    }
    way.finish()
}

/// Reads one layer from its first byte to its last, and checks every digest at the end.
#[derive(Debug)]
pub struct LayerReader {
    way: Way,
    scanner: Scanner,
}

impl LayerReader {
    /// A reader at the start of a layer.
    ///
    /// # Errors
    /// The layer is not in the archive.
    pub fn new(layer: &Layer, limits: Limits) -> Result<Self, ArchiveError> {
        Ok(Self { way: Way::new(layer, limits)?, scanner: Scanner::new(limits) })
    }

    /// A reader that also takes the digest of each file's content, by which contents are compared.
    ///
    /// # Errors
    /// The layer is not in the archive.
    pub fn with_digests(layer: &Layer, limits: Limits) -> Result<Self, ArchiveError> {
        Ok(Self { way: Way::new(layer, limits)?, scanner: Scanner::with_digests(limits) })
    }

    /// Where the next piece stands in the archive, and how long it is; nothing once all were pushed.
    pub fn wanted(&self) -> Option<(u64, usize)> {
        self.way.wanted()
    }

    /// Takes the piece that was wanted, or its beginning.
    ///
    /// # Errors
    /// An empty piece (the archive ends early), or what the layer's bytes do wrong.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), ArchiveError> {
        self.way.push(piece, |bytes| self.scanner.push(bytes))
    }

    /// All pieces were pushed: is the layer what was promised?
    ///
    /// # Errors
    /// It ends early, or a digest is not the one that was promised.
    pub fn finish(self) -> Result<LayerScan, ArchiveError> {
        let file = self.way.file.clone();
        let streamed = self.way.finish()?;
        let scanned = self.scanner.finish().map_err(|fault| ArchiveError::Layer { file, fault })?;
        Ok(LayerScan { streamed, scanned })
    }
}
