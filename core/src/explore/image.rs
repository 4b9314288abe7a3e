//! One image, explored: its layers read and checked, the stack that they make, and questions about it.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::{LayerScan, read_through};
use super::refused::Refused;
use super::secrets::{Finding, look_at_config};
use super::sheet::Refusal;
use super::{Sheet, Stack};
use crate::kernel::ByteString;
use crate::oci::archive::{Archive, ArchiveError, ArchivedImage, Layer, Listed};
use crate::oci::blob::BlobSource;
use crate::oci::layer::Streamed;
use crate::oci::tar::{Event, Kind, Parser, TarEntry, TarError};
use crate::oci::{Digest, Limits};

/// So much of what is odd about paths is told; all of it is in the stack.
const TOLD_MAX: usize = 50;

/// An image whose layers were read.
#[derive(Debug, Clone)]
pub struct Explorer {
    /// The image as the archive has it.
    pub image: ArchivedImage,
    /// Each layer's digests and counts, lowest first; `None` for one that is not in the archive.
    pub layers: Vec<Option<Streamed>>,
    /// Entries and bytes of content of each layer.
    pub counts: Vec<(u64, u64)>,
    /// The stack of its layers.
    pub stack: Stack,
    /// What looks like a secret.
    pub secrets: Vec<Finding>,
    /// What Docker would refuse the image for: of each layer the first entries.
    pub refused: Vec<Refused>,
    /// What the archive lists.
    pub listed: Vec<Listed>,
    /// How many images of the archive have each layer.
    pub images_with: Vec<usize>,
    /// What is odd and was let pass.
    pub warnings: Vec<String>,
}

impl Explorer {
    /// Puts the scanned layers (lowest first, one a layer of the image) on each other.
    pub fn new(image: ArchivedImage, scans: Vec<Option<LayerScan>>) -> Self {
        let mut explorer = Self {
            secrets: look_at_config(&image.config.config),
            image,
            layers: Vec::new(),
            counts: Vec::new(),
            stack: Stack::default(),
            refused: Vec::new(),
            listed: Vec::new(),
            images_with: Vec::new(),
            warnings: Vec::new(),
        };
        let mut sheets = Vec::with_capacity(scans.len());
        let mut suspects = Vec::new();
        for (i, scan) in scans.into_iter().enumerate() {
            let Some(scan) = scan else {
                explorer.layers.push(None);
                explorer.counts.push((0, 0));
                let why = if explorer.image.layers[i].is_erofs() {
                    "is an EROFS file system, no tar"
                } else {
                    "is not in the archive"
                };
                explorer.warnings.push(format!("layer {i} {why}: the view is without it"));
                sheets.push(Sheet::new());
                continue;
            };
            explorer.layers.push(Some(scan.streamed));
            explorer.counts.push((scan.scanned.entries, scan.scanned.content));
            explorer
                .warnings
                .extend(scan.scanned.sheet.warnings().iter().map(|text| format!("layer {i}: {text}")));
            explorer.refuse(i, &scan.scanned.sheet);
            suspects.extend(scan.scanned.secrets.into_iter().map(|(path, rule)| (i, path, rule)));
            sheets.push(scan.scanned.sheet);
        }
        explorer.stack = Stack::new(sheets);
        let oddities = explorer.stack.oddities();
        explorer.warnings.extend(oddities.iter().take(TOLD_MAX).map(ToString::to_string));
        if oddities.len() > TOLD_MAX {
            explorer.warnings.push(format!("and {} more like these", oddities.len() - TOLD_MAX));
        }
        for (layer, path, rule) in suspects {
            let shown = explorer.stack.shown().get(&path).is_some_and(|shown| shown.layer == layer);
            let at = format!("/{}", String::from_utf8_lossy(&path));
            explorer.secrets.push(Finding { rule, layer: Some(layer), at, shown });
        }
        explorer
    }

    /// Learns what else the archive holds: what is odd about it, what it lists, and which layers its images share.
    pub fn among(&mut self, archive: &Archive) {
        self.warnings.splice(0..0, archive.warnings.iter().cloned());
        self.listed.clone_from(&archive.listed);
        let mut with: BTreeMap<Digest, usize> = BTreeMap::new();
        for image in &archive.images {
            let own: BTreeSet<Digest> = image.layers.iter().map(|layer| layer.diff_id).collect();
            for diff_id in own {
                *with.entry(diff_id).or_default() += 1;
            }
        }
        let layers = self.image.layers.iter();
        self.images_with = layers.map(|layer| with.get(&layer.diff_id).copied().unwrap_or(1)).collect();
    }

    /// Tells what Docker refuses a layer for.
    fn refuse(&mut self, layer: usize, sheet: &Sheet) {
        for refusal in sheet.refusals() {
            let Refusal { entry, error, read_as } = refusal;
            let docker = error.docker_text();
            self.warnings.push(format!(
                "layer {layer}: Docker refuses the image for \"{}\" ({docker}); it is shown as the image specification reads it: {read_as}",
                entry.to_text()
            ));
            let (entry, read_as) = (entry.clone(), (*read_as).to_owned());
            self.refused.push(Refused { layer, entry, docker, read_as });
        }
        let left = sheet.refused() - sheet.refusals().len() as u64;
        if left > 0 {
            self.warnings.push(format!("layer {layer}: and {left} more entries for which Docker refuses it"));
        }
    }
}

/// What the tar of a layer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// An entry.
    Entry(TarEntry),
    /// A global PAX header, which has a name too.
    Global(ByteString),
}

impl Record {
    /// Its name as it stands in the tar.
    pub fn name(&self) -> &ByteString {
        match self {
            Self::Entry(entry) => &entry.name,
            Self::Global(name) => name,
        }
    }

    /// The entry, if it is one.
    pub fn entry(&self) -> Option<&TarEntry> {
        match self {
            Self::Entry(entry) => Some(entry),
            Self::Global(_) => None,
        }
    }

    /// Whether it makes a directory.
    pub fn is_dir(&self) -> bool {
        self.entry().is_some_and(|entry| entry.kind == Kind::Dir)
    }
}

/// What a layer's tar holds, in its order, with every digest checked: what a [`super::Lens`] resolves.
pub fn read_entries(
    source: &mut dyn BlobSource,
    layer: &Layer,
    limits: Limits,
) -> Result<Vec<Record>, ArchiveError> {
    let failed = |fault: TarError| ArchiveError::Layer { file: layer.file.clone(), fault: fault.into() };
    let (mut parser, mut records) = (Parser::new(limits), Vec::new());
    read_through(source, layer, limits, |bytes| {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (used, event) = parser.step(rest)?;
            rest = &rest[used..];
            records.extend(parser.take_global().map(Record::Global));
            if let Some(Event::Entry(entry)) = event {
                records.push(Record::Entry(*entry));
            }
        }
        Ok(())
    })?;
    // The last entry may end without a byte more.
    while parser.step(b"").map_err(failed)?.1.is_some() {}
    parser.finish().map_err(failed)?;
    Ok(records)
}
