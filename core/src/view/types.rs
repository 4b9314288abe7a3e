//! The plain types of a screen: questions, and answers that a page can draw without knowing a kernel or an engine.

use serde::{Deserialize, Serialize};

use super::host::Host;
use super::tree::Branch;
use crate::explore::screen;
use crate::kernel::ByteString;
use crate::oci::Digest;
use crate::steps::{LayerLookup, PathEntry};

/// What a screen asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Query {
    /// The laboratory's main screen: the stack of one subject, one path explained, and what lies on the disk.
    Screen {
        /// The [`Subject::id`] to show; the newest container, else the newest image, where it is none or gone.
        #[serde(default)]
        subject: Option<String>,
        /// The path to explain, absolute in the merged view.
        #[serde(default)]
        path: Option<ByteString>,
        /// How many columns fit. Directories that are unfolded may take more.
        columns: u32,
        /// Paths that have a column of their own before others.
        #[serde(default)]
        show: Vec<ByteString>,
        /// Directories whose entries have a column each.
        #[serde(default)]
        unfolded: Vec<ByteString>,
        /// The line to follow: the subject that it touched is shown instead, if there is one.
        #[serde(default)]
        follow: Option<Follow>,
    },
    /// Every layer on the disk, and what stands on it.
    Host,
    /// The layers of one subject as the image screen's matrix, a window of rows at a time.
    Tree {
        /// The [`Subject::id`]; as in [`Query::Screen`].
        #[serde(default)]
        subject: Option<String>,
        /// Changes whenever a line ran: what was read before is read again then.
        epoch: u32,
        /// The question.
        ask: screen::Query,
    },
}

impl Query {
    /// The screen of a subject with so many columns, nothing unfolded and nothing followed.
    pub fn screen(subject: Option<String>, columns: u32) -> Self {
        Self::Screen { subject, path: None, columns, show: Vec::new(), unfolded: Vec::new(), follow: None }
    }
}

/// A line that ran, and what was there before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// The line as typed.
    pub line: ByteString,
    /// The writable layers that it changed, by [`crate::session::LayerChange::layer`], the most telling first.
    pub layers: Vec<String>,
    /// What had layers before it; none where that was never seen, as of the lines of a session that is opened.
    pub before: Option<Vec<Subject>>,
    /// The lines before it and the layers that they changed, the newest first: where the line itself touched nothing, the first
    /// of them that did is followed.
    #[serde(default)]
    pub earlier: Vec<(ByteString, Vec<String>)>,
}

/// The answer to the [`Query`] of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// See [`Query::Screen`].
    Screen(Box<Screen>),
    /// See [`Query::Host`].
    Host(Box<Host>),
    /// See [`Query::Tree`].
    Tree(Box<Branch>),
}

/// The laboratory's main screen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// What has layers to show: containers, then images, then mounts made by hand; oldest first.
    pub subjects: Vec<Subject>,
    /// The layers of the one shown; none where there is nothing to show.
    pub stack: Option<Stack>,
    /// The path asked about, in that stack.
    pub explained: Option<Explained>,
    /// What lies on the disk.
    pub disk: Disk,
}

/// Something that is made of layers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Names it without doubt: `container:ID`, `image:ID`, `mount:TARGET`.
    pub id: String,
    /// What it is.
    pub kind: SubjectKind,
    /// What a person calls it: `web1`, `nginx:latest`, `/mnt`.
    pub name: String,
    /// A container's image, as it was named.
    pub image: Option<String>,
    /// Whether its merged view can be looked at now: a container that runs, a mount.
    pub mounted: bool,
    /// A mount's upper directory.
    #[serde(default)]
    pub upper: Option<String>,
}

/// The kinds of [`Subject`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// A container.
    Container,
    /// An image.
    Image,
    /// An overlay mount made by hand.
    Mount,
}

/// The layers of a subject, and the paths that are shown of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stack {
    /// Whose layers they are.
    pub subject: Subject,
    /// The merged view first, then the layers from the top down. Each has a cell for each column.
    pub rows: Vec<Row>,
    /// Paths and folded directories: the columns of one heading beside each other, all in the order of their paths.
    pub columns: Vec<Column>,
    /// How many paths the layers have.
    pub paths: u32,
    /// How many of them have a column of their own.
    pub shown: u32,
    /// Whether the layers have more paths than were looked at.
    pub more: bool,
    /// Whiteouts in the columns' layers.
    pub whiteouts: u32,
}

/// A path that the stack shows, or a directory whose paths share one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Absolute in the merged view.
    pub path: ByteString,
    /// Whether it is, or was, a directory.
    pub dir: bool,
    /// The directory that it stands under.
    pub heading: ByteString,
    /// The paths that share the column; none for a path of its own.
    pub fold: Option<Fold>,
}

/// Paths that share one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    /// How many there are.
    pub paths: u32,
    /// Whether other columns hold paths of the same directory.
    pub rest: bool,
}

/// A layer, or the merged view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// The container's name; the name of the image that brought the layer; a lower directory's path.
    pub name: String,
    /// The number of an image's layer, 1 at the bottom; else 0.
    pub number: u32,
    /// The command that made an image's layer.
    pub command: Option<String>,
    /// The container that the layer is a commit of, by its name or its short id.
    pub commit_of: Option<String>,
    /// The hue of an image's layer, below [`HUES`](super::HUES): the same wherever the layer stands.
    pub hue: Option<u8>,
    /// Bytes of regular files in it.
    pub size: u64,
    /// An image layer's diff id.
    pub digest: Option<String>,
    /// Its chain id, by which it is known with all that lies below it.
    #[serde(default)]
    pub chain: Option<Digest>,
    /// How many images have this layer.
    pub shared_by: u32,
    /// Its directory on the lab's disk.
    pub dir: ByteString,
    /// A cell for each column.
    pub cells: Vec<Cell>,
}

/// The kinds of [`Row`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowKind {
    /// What a process in the container sees.
    Merged,
    /// The upper directory.
    Writable,
    /// Docker's own layer below it: `/etc/hosts` and the like.
    Init,
    /// A layer of an image.
    Image,
    /// A lower directory of a mount made by hand.
    Lower,
}

/// What a layer has at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// What is there.
    pub state: CellState,
    /// Docker diff's letter, in the writable layer, and where an image layer deletes.
    pub badge: Option<Badge>,
    /// In the merged row: the row that it comes from.
    pub provider: Option<u32>,
    /// Bytes of a regular file.
    pub size: u64,
    /// Where paths share the column: how many of them are here.
    pub paths: u32,
}

/// What a layer has at a path, as far as the merged view is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellState {
    /// Nothing; in the merged row: nothing is to be seen.
    Absent,
    /// What the merged view shows; in the merged row: it is to be seen.
    Provided,
    /// A directory that is seen together with those of layers above or below.
    Merged,
    /// Something that a higher layer hides.
    Hidden,
    /// A whiteout.
    Whiteout,
    /// A directory that hides those below it.
    Opaque,
}

/// Docker diff's letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Badge {
    /// Added.
    A,
    /// Changed.
    C,
    /// Deleted.
    D,
}

/// Why a path is, or is not, in the merged view: the lookup's own steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The path, absolute in the merged view.
    pub path: ByteString,
    /// What the lookup ends with.
    pub seen: Option<PathEntry>,
    /// The row that it comes from (the topmost, for a merged directory).
    pub provider: Option<u32>,
    /// One step a layer, from the top down.
    pub steps: Vec<LayerLookup>,
    /// Where the path is deleted: one deletion in its three forms.
    pub deletion: Option<Deletion>,
    /// Bytes of regular files that are on the disk at this path and not to be seen.
    pub hidden_bytes: u64,
}

/// One deletion in its three forms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// The row that deletes.
    pub row: u32,
    /// The path deleted: the one asked about, or a directory above it.
    pub path: ByteString,
    /// The whiteout as it lies on the disk of the kernel.
    pub kernel: ByteString,
    /// The entry in a layer's tar.
    pub tar: ByteString,
    /// The line of `docker diff`.
    pub diff: ByteString,
}

/// What lies on the disk, in bytes of regular files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// All layers, each once.
    pub layers: u64,
    /// What the images would take if nothing were shared.
    pub claimed: u64,
    /// The writable layer of the container shown.
    pub writable: u64,
    /// Images.
    pub images: u32,
    /// Containers.
    pub containers: u32,
}
