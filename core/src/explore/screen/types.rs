//! Questions and answers of the image screen, as plain data.

use serde::{Deserialize, Serialize};

use crate::explore::{HiddenPath, HistoryLine, Mark, Report, Setting};
use crate::kernel::ByteString;
use crate::oci::archive::{ArchivedImage, Form};
use crate::oci::layer::Blob;
use crate::steps::{LayerLookup, PathEntry};

/// One image of an archive, to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Its names.
    pub names: Vec<String>,
    /// `linux/amd64`.
    pub platform: String,
    /// Its id.
    pub id: String,
    /// Layers.
    pub layers: usize,
    /// Bytes of its layers as stored.
    pub bytes: u64,
}

impl Choice {
    /// What there is to choose.
    pub fn of(image: &ArchivedImage) -> Self {
        Self {
            names: image.names.clone(),
            platform: image.platform.to_string(),
            id: image.config.id.to_string(),
            layers: image.layers.len(),
            bytes: image.layers.iter().filter_map(|layer| layer.blob.map(|Blob { len, .. }| len)).sum(),
        }
    }
}

/// The whole image in numbers and names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// Its lists hold at most 200 entries each.
    pub report: Report,
    /// The archive's form.
    pub form: Form,
    /// How long the lists are.
    pub counts: Counts,
    /// A line a build step, lowest first; at most 5,000.
    pub history: Vec<HistoryLine>,
    /// The configuration, a setting each; at most 500.
    #[serde(default)]
    pub settings: Vec<Setting>,
}

/// How long an image's lists are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Paths whose content is out of sight.
    pub reclaimable: usize,
    /// What looks like a secret.
    pub secrets: usize,
    /// What is odd and was let pass.
    pub warnings: usize,
    /// Paths in any layer.
    pub paths: u32,
    /// Rows of the matrix as it is unfolded now.
    pub rows: u32,
}

/// What the screen asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Query {
    /// Rows of the matrix as it is unfolded, from this one.
    Rows {
        /// The first, from 0.
        from: u32,
        /// How many; at most 400 come.
        count: u32,
    },
    /// Unfold or fold a directory.
    Fold {
        /// [`Line::id`].
        row: u32,
        /// Unfold.
        open: bool,
    },
    /// Unfold or fold all directories.
    FoldAll {
        /// Unfold.
        open: bool,
    },
    /// Show only some paths, and the directories that lead to them.
    Filter {
        /// What the path contains, letters' case ignored.
        text: String,
        /// Of which kind.
        only: Only,
    },
    /// Unfold what leads to a path.
    Reveal {
        /// The path.
        path: ByteString,
    },
    /// Everything about one path.
    Path {
        /// The path.
        path: ByteString,
    },
    /// A document of the image.
    Document {
        /// Which.
        which: Document,
    },
}

/// Which paths the matrix shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Only {
    /// All.
    #[default]
    All,
    /// Those that more than one layer touched, except directories that merely merge.
    Touched,
    /// Those whose content in some layer is out of sight.
    Hidden,
}

/// A document of the image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Document {
    /// The configuration.
    #[default]
    Config,
    /// The manifest.
    Manifest,
}

/// What the screen is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// Rows of the matrix.
    Rows {
        /// The first one's number.
        from: u32,
        /// How many there are as it is unfolded.
        total: u32,
        /// The rows.
        rows: Vec<Line>,
    },
    /// The matrix is unfolded otherwise.
    Turned {
        /// How many rows there are now.
        rows: u32,
        /// Where the row that was named stands now, if it is shown.
        at: Option<u32>,
    },
    /// Everything about one path.
    Path(Box<PathReport>),
    /// A document; none where the archive has no such one.
    Document(Option<DocumentText>),
}

/// A document as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentText {
    /// The same tokens, a member a line; only white space differs from the document's own bytes.
    pub text: ByteString,
    /// Bytes of the document itself.
    pub size: usize,
    /// The text stops before the document's end.
    pub cut: bool,
}

/// One row of the matrix: a path, and what each layer has there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The path's number among all paths: it stays, however the matrix is unfolded.
    pub id: u32,
    /// The path, with its leading slash.
    pub path: ByteString,
    /// How many directories lead to it, from 1.
    pub level: u32,
    /// The row of its directory, as it is unfolded; none at the top.
    pub parent: Option<u32>,
    /// Whether it is unfolded; none where nothing is below it.
    pub open: Option<bool>,
    /// Whether any layer has a directory there.
    pub dir: bool,
    /// Bytes of the file that is seen, else of the topmost that is out of sight; none where there is no file.
    pub size: Option<u64>,
    /// The layer that provides what is seen, lowest 0.
    pub provider: Option<u16>,
    /// What the layers that have something there have, lowest first.
    pub cells: Vec<LayerCell>,
    /// The file that is seen has other names.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub linked: bool,
}

/// What one layer has at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerCell {
    /// The layer, lowest 0.
    pub layer: u16,
    /// What it did: docker diff's letter.
    pub mark: Mark,
    /// What that means for the merged view.
    pub state: LayerState,
}

/// What a layer's entry means for the merged view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerState {
    /// It is what is seen.
    Provides,
    /// A directory that is seen together with others.
    Merges,
    /// A higher layer hides it.
    Hidden,
    /// A whiteout.
    Whiteout,
    /// A directory that hides those below.
    Opaque,
    /// Nothing is there; a directory of this layer, above the path, took it away.
    Removed,
}

/// Everything about one path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathReport {
    /// The path, with its leading slash.
    pub path: ByteString,
    /// What is seen there.
    pub seen: Option<PathEntry>,
    /// The layer that provides it (the topmost, for a merged directory).
    pub provider: Option<usize>,
    /// The look-up's steps, topmost layer first; [`LayerLookup::row`] is the layer, lowest 0.
    pub steps: Vec<LayerLookup>,
    /// The layers that have an entry there, topmost first.
    pub held: Vec<Held>,
    /// Contents there that could be had back.
    pub reclaimable: Vec<HiddenPath>,
}

/// What one layer has at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The cell of the matrix.
    pub cell: LayerCell,
    /// What is there; none for a whiteout.
    pub entry: Option<PathEntry>,
    /// Other names of that file in the layer: it is a hard link. At most 50.
    #[serde(default)]
    pub links: Vec<ByteString>,
}
