//! A file's content: where it stands in a layer, and a piece of it read from there.

use super::node::NodeKind;
use super::reading::Way;
use super::{Explorer, Node};
use crate::oci::Limits;
use crate::oci::archive::{ArchiveError, Layer};
use crate::oci::blob::BlobSource;
use crate::oci::decode::Compression;
use crate::oci::tar::Extent;

/// Where a file's content stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The layer, lowest 0.
    pub layer: usize,
    /// The layer is stored without compression.
    pub plain: bool,
    /// Where it starts in the layer's uncompressed stream.
    pub at: u64,
    /// Its bytes.
    pub size: u64,
    /// What is stored of a sparse file, one run behind the other; the rest is zeros.
    pub extents: Option<Box<[Extent]>>,
}

impl Explorer {
    /// Where a file's content stands. Without `layer` the one that the merged view shows.
    pub fn content(&self, path: &[u8], layer: Option<usize>) -> Option<Content> {
        let path = path.strip_prefix(b"/").unwrap_or(path);
        let (layer, node): (usize, &Node) = match layer {
            Some(layer) => {
                let sheet = self.stack.sheets().get(layer)?;
                (layer, sheet.node(sheet.find(path)?))
            }
            None => self.stack.node(path)?,
        };
        let NodeKind::File { content_at, extents, .. } = &node.kind else { return None };
        let streamed = self.layers.get(layer).copied().flatten()?;
        Some(Content {
            layer,
            plain: streamed.compression == Compression::None,
            at: *content_at,
            size: node.size,
            extents: extents.clone(),
        })
    }
}

/// A run of bytes that are stored and wanted: where in the piece, where in what is stored, how many.
#[derive(Debug, Clone, Copy)]
struct Part {
    to: usize,
    from: u64,
    len: usize,
}

/// Reads a piece of a file's content.
#[derive(Debug)]
pub struct ContentReader {
    way: Way,
    plain: bool,
    parts: Vec<Part>,
    /// How many of the parts are whole, and how much is there of the next one.
    done: (usize, usize),
    /// Uncompressed bytes that went by.
    seen: u64,
    out: Vec<u8>,
}

impl ContentReader {
    /// A reader of at most `len` bytes from `offset` of a file's content in this layer. One that is not compressed is read at
    /// that place alone; another one is decompressed up to there.
    ///
    /// # Errors
    /// The layer is not in the archive.
    pub fn new(
        layer: &Layer,
        content: &Content,
        offset: u64,
        len: usize,
        limits: Limits,
    ) -> Result<Self, ArchiveError> {
        let mut way = Way::new(layer, limits)?;
        let len = usize::try_from(content.size.saturating_sub(offset)).unwrap_or(usize::MAX).min(len);
        let whole = [Extent { at: 0, len: content.size }];
        let parts = parts(content.extents.as_deref().unwrap_or(&whole), content.at, offset, len);
        let seen = match parts.first() {
            Some(first) if content.plain => way.jump(first.from),
            _ => 0,
        };
        Ok(Self { way, plain: content.plain, parts, done: (0, 0), seen, out: vec![0; len] })
    }

    /// Where the next piece stands in the archive, and how long it is; nothing once the content is whole.
    pub fn wanted(&self) -> Option<(u64, usize)> {
        let last = self.parts.last().filter(|_| self.done.0 < self.parts.len())?;
        let (offset, len) = self.way.wanted()?;
        let left = last.from + last.len as u64 - self.seen;
        let most = if self.plain { usize::try_from(left).unwrap_or(usize::MAX) } else { len };
        Some((offset, len.min(most)))
    }

    /// Takes the piece that was wanted, or its beginning.
    ///
    /// # Errors
    /// An empty piece (the archive ends early), or what the layer's bytes do wrong.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), ArchiveError> {
        let Self { way, parts, done, seen, out, .. } = self;
        way.push(piece, |bytes| {
            while let Some(part) = parts.get(done.0) {
                let from = part.from + done.1 as u64;
                let skip = usize::try_from(from.saturating_sub(*seen)).unwrap_or(usize::MAX).min(bytes.len());
                let len = (bytes.len() - skip).min(part.len - done.1);
                let to = part.to + done.1;
                out[to..to + len].copy_from_slice(&bytes[skip..skip + len]);
                if done.1 + len < part.len {
                    done.1 += len;
                    break;
                }
                *done = (done.0 + 1, 0);
            }
            *seen += bytes.len() as u64;
            Ok(())
        })
    }

    /// What came of the content: shorter than was asked for where it, or its layer, ends.
    pub fn finish(mut self) -> Vec<u8> {
        if let Some(part) = self.parts.get(self.done.0) {
            self.out.truncate(part.to + self.done.1);
        }
        self.out
    }
}

/// What is stored of the bytes from `offset`, the file's first stored byte being at `at` of the stream.
fn parts(extents: &[Extent], at: u64, offset: u64, len: usize) -> Vec<Part> {
    let end = offset.saturating_add(len as u64);
    let mut from = at;
    let mut parts = Vec::new();
    for extent in extents {
        let (start, stop) = (extent.at.max(offset), (extent.at + extent.len).min(end));
        if start < stop {
            let from = from + (start - extent.at);
            parts.push(Part { to: (start - offset) as usize, from, len: (stop - start) as usize });
        }
        from += extent.len;
    }
    parts
}

/// Reads at most `len` bytes from `offset` of a file's content in this layer.
///
/// # Errors
/// What is wrong with the layer's bytes.
pub fn read_content(
    source: &mut dyn BlobSource,
    layer: &Layer,
    content: &Content,
    offset: u64,
    len: usize,
    limits: Limits,
) -> Result<Vec<u8>, ArchiveError> {
    let mut reader = ContentReader::new(layer, content, offset, len, limits)?;
    while let Some((offset, len)) = reader.wanted() {
        reader.push(&source.read_at(offset, len)?)?;
    }
    Ok(reader.finish())
}
