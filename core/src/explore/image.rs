//! One image, explored: its layers read and checked, the stack that they make, and questions about it.

use super::node::NodeKind;
use super::scan::{Scanned, Scanner};
use super::secrets::{Finding, look_at_config};
use super::{Sheet, Stack};
use crate::oci::Limits;
use crate::oci::archive::{ArchiveError, Image, Layer};
use crate::oci::blob::{BlobSource, SourceError};
use crate::oci::decode::MAGIC_LEN;
use crate::oci::layer::{Blob, Expected, Flow, LayerError, Streamed};
use crate::oci::tar::{Entry, Event, Parser, TarError};

const PIECE: usize = 1 << 20;

/// One layer, read from its first byte to its last, with every digest checked.
#[derive(Debug, Clone)]
pub struct LayerScan {
    /// Digests, length and compression.
    pub streamed: Streamed,
    /// What is in it.
    pub scanned: Scanned,
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
        let Some(blob) = layer.blob else { return Ok(None) };
        let mut scanner = Scanner::new(limits);
        let streamed = read_through(source, layer, blob, limits, progress, |bytes| scanner.push(bytes))?;
        let scanned =
            scanner.finish().map_err(|fault| ArchiveError::Layer { file: layer.file.clone(), fault })?;
        Ok(Some(Self { streamed, scanned }))
    }
}

/// Streams a layer's uncompressed bytes into `take`, and checks what was promised at the end.
fn read_through(
    source: &mut dyn BlobSource,
    layer: &Layer,
    blob: Blob,
    limits: Limits,
    progress: &mut dyn FnMut(u64) -> bool,
    mut take: impl FnMut(&[u8]) -> Result<(), LayerError>,
) -> Result<Streamed, ArchiveError> {
    let failed = |fault: LayerError| ArchiveError::Layer { file: layer.file.clone(), fault };
    let start = source.read_at(blob.offset, MAGIC_LEN.min(blob.len as usize))?;
    let mut flow = Flow::new(&start, limits).map_err(failed)?;
    let mut at = 0;
    while at < blob.len {
        let want = usize::try_from(blob.len - at).unwrap_or(PIECE).min(PIECE);
        let piece = source.read_at(blob.offset + at, want)?;
        if piece.is_empty() {
            return Err(failed(LayerError::Size { expected: blob.len, found: at }));
        }
        flow.push(&piece, &mut take).map_err(failed)?;
        at += piece.len() as u64;
        if !progress(piece.len() as u64) {
            return Err(SourceError::Cancelled.into());
        }
    }
    let expected = Expected { digest: layer.digest, diff_id: Some(layer.diff_id) };
    flow.finish(expected).map_err(failed)
}

/// An image whose layers were read.
#[derive(Debug, Clone)]
pub struct Explorer {
    /// The image as the archive has it.
    pub image: Image,
    /// Each layer's digests and counts, lowest first; `None` for one that is not in the archive.
    pub layers: Vec<Option<Streamed>>,
    /// Entries and bytes of content of each layer.
    pub counts: Vec<(u64, u64)>,
    /// The stack of its layers.
    pub stack: Stack,
    /// What looks like a secret.
    pub secrets: Vec<Finding>,
    /// What is odd and was let pass.
    pub warnings: Vec<String>,
}

impl Explorer {
    /// Puts the scanned layers (lowest first, one a layer of the image) on each other.
    pub fn new(image: Image, scans: Vec<Option<LayerScan>>) -> Self {
        let mut explorer = Self {
            secrets: look_at_config(&image.config.config),
            image,
            layers: Vec::new(),
            counts: Vec::new(),
            stack: Stack::default(),
            warnings: Vec::new(),
        };
        let mut sheets = Vec::with_capacity(scans.len());
        let mut suspects = Vec::new();
        for (i, scan) in scans.into_iter().enumerate() {
            let Some(scan) = scan else {
                explorer.layers.push(None);
                explorer.counts.push((0, 0));
                explorer.warnings.push(format!("layer {i} is not in the archive: the view is without it"));
                sheets.push(Sheet::new());
                continue;
            };
            explorer.layers.push(Some(scan.streamed));
            explorer.counts.push((scan.scanned.entries, scan.scanned.content));
            explorer
                .warnings
                .extend(scan.scanned.sheet.warnings().iter().map(|text| format!("layer {i}: {text}")));
            suspects.extend(scan.scanned.secrets.into_iter().map(|(path, rule)| (i, path, rule)));
            sheets.push(scan.scanned.sheet);
        }
        explorer.stack = Stack::new(sheets);
        for (layer, path, rule) in suspects {
            let shown = explorer.stack.shown().get(&path).is_some_and(|shown| shown.layer == layer);
            let at = format!("/{}", String::from_utf8_lossy(&path));
            explorer.secrets.push(Finding { rule, layer: Some(layer), at, shown });
        }
        explorer
    }

    /// Where a file's content stands: the layer, the offset in its uncompressed stream, and the length. Without `layer` the
    /// one that the merged view shows.
    pub fn content(&self, path: &[u8], layer: Option<usize>) -> Option<(usize, u64, u64)> {
        let path = path.strip_prefix(b"/").unwrap_or(path);
        let (layer, node) = match layer {
            Some(layer) => {
                let sheet = self.stack.sheets().get(layer)?;
                (layer, sheet.node(sheet.find(path)?))
            }
            None => self.stack.node(path)?,
        };
        match node.kind {
            NodeKind::File { content_at } => Some((layer, content_at, node.size)),
            _ => None,
        }
    }
}

/// The entries of a layer in their order, with every digest checked: what a [`super::Lens`] resolves.
pub fn read_entries(
    source: &mut dyn BlobSource,
    layer: &Layer,
    limits: Limits,
) -> Result<Vec<Entry>, ArchiveError> {
    let Some(blob) = layer.blob else { return Err(ArchiveError::Missing { file: layer.file.clone() }) };
    let failed = |fault: TarError| ArchiveError::Layer { file: layer.file.clone(), fault: fault.into() };
    let (mut parser, mut entries) = (Parser::new(limits), Vec::new());
    read_through(source, layer, blob, limits, &mut |_| true, |bytes| {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (used, event) = parser.step(rest)?;
            rest = &rest[used..];
            if let Some(Event::Entry(entry)) = event {
                entries.push(*entry);
            }
        }
        Ok(())
    })?;
    // The last entry may end without a byte more.
    while parser.step(b"").map_err(failed)?.1.is_some() {}
    parser.finish().map_err(failed)?;
    Ok(entries)
}

/// Reads `len` bytes of a layer's uncompressed stream from `at`: a file's content. A compressed layer is decompressed up
/// to there.
pub fn read_content(
    source: &mut dyn BlobSource,
    layer: &Layer,
    at: u64,
    len: usize,
    limits: Limits,
) -> Result<Vec<u8>, ArchiveError> {
    let Some(blob) = layer.blob else { return Err(ArchiveError::Missing { file: layer.file.clone() }) };
    let failed = |fault: LayerError| ArchiveError::Layer { file: layer.file.clone(), fault };
    let start = source.read_at(blob.offset, MAGIC_LEN.min(blob.len as usize))?;
    let mut flow = Flow::new(&start, limits).map_err(failed)?;
    if flow.is_plain() {
        return Ok(source.read_at(blob.offset + at, len)?.to_vec());
    }
    let (mut out, mut seen, mut taken) = (Vec::new(), 0u64, 0u64);
    while taken < blob.len && out.len() < len {
        let want = usize::try_from(blob.len - taken).unwrap_or(PIECE).min(PIECE);
        let piece = source.read_at(blob.offset + taken, want)?;
        if piece.is_empty() {
            break;
        }
        taken += piece.len() as u64;
        flow.push(&piece, |bytes| {
            let skip = usize::try_from(at.saturating_sub(seen)).unwrap_or(usize::MAX).min(bytes.len());
            seen += bytes.len() as u64;
            let rest = &bytes[skip..];
            out.extend_from_slice(&rest[..rest.len().min(len - out.len())]);
            Ok(())
        })
        .map_err(failed)?;
    }
    Ok(out)
}
