//! What goes between the window and the reader of images, as JSON text; the file itself goes beside it.

use layerlab_core::explore::Comparison;
use layerlab_core::explore::screen::{Answer, Choice, Overview, Query};
use layerlab_core::kernel::ByteString;
use serde::{Deserialize, Serialize};

/// To the reader.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToReader {
    /// Read the archive that is posted along.
    Open {
        /// The import's number, which its events carry.
        import: u32,
    },
    /// Read this image of the archive that was opened last.
    Choose {
        /// The import's number.
        import: u32,
        /// The image, in the archive's order.
        image: usize,
    },
    /// Stop what is being read, between two pieces; what was laid out before stays.
    Cancel,
    /// Answer a question of the screen.
    Ask {
        /// The question's number.
        id: u32,
        /// The question.
        query: Query,
    },
    /// Read a piece of a file's content. A later request stops an earlier one that is still being read.
    Content {
        /// What is wanted.
        request: ContentRequest,
    },
    /// Compare two images or layers by their contents; the file that is posted along is the second, where it is one. A later
    /// request stops an earlier one.
    Compare {
        /// The request's number.
        number: u32,
        /// What.
        pair: Pair,
    },
    /// Read a file's whole content, to be kept by the person.
    Save {
        /// The path.
        path: ByteString,
        /// The layer, lowest 0.
        layer: usize,
    },
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Pair {
    /// Two layers of the image, lowest 0.
    Layers(usize, usize),
    /// The image, and this one of its archive.
    Images(usize),
    /// The image, and the one of another archive of this name that fits it best.
    Archive(String),
}

/// A piece of a file's content that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ContentRequest {
    /// The path.
    pub(crate) path: ByteString,
    /// The layer, lowest 0.
    pub(crate) layer: usize,
    /// From this byte.
    pub(crate) offset: u64,
    /// At most so many bytes.
    pub(crate) len: usize,
}

/// From the reader.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum FromReader {
    /// It takes messages.
    Ready,
    /// How far an import is.
    Progress {
        /// The import's number.
        import: u32,
        /// What is being done.
        stage: Stage,
        /// Bytes done.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// The archive was opened: it holds these images.
    Opened {
        /// The import's number.
        import: u32,
        /// The images, in the archive's order.
        choices: Vec<Choice>,
        /// Whether Docker 20.10's `docker load` knows its form.
        loadable: bool,
    },
    /// An image is read and laid out.
    Laid {
        /// The import's number.
        import: u32,
        /// Which image of the archive.
        image: usize,
        /// The image.
        overview: Box<Overview>,
    },
    /// An import failed.
    Stopped {
        /// The import's number.
        import: u32,
        /// What was wrong: one sentence.
        message: String,
    },
    /// The answer to a question.
    Answered {
        /// The question's number.
        id: u32,
        /// The answer.
        answer: Answer,
    },
    /// A piece of a file's content.
    Content {
        /// What was wanted.
        request: ContentRequest,
        /// It, or one sentence.
        data: Result<ByteString, String>,
    },
    /// What differs.
    Compared {
        /// The request's number.
        number: u32,
        /// The second one's name, and what differs; or one sentence.
        result: Result<(String, Box<Comparison>), String>,
    },
    /// A file's content, which is posted along; or one sentence.
    Saved {
        /// The path.
        path: ByteString,
        /// Whether it was read.
        result: Result<(), String>,
    },
    /// The reader has panicked and is of no more use.
    Panicked {
        /// What it said.
        message: String,
    },
}

/// What an import is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// Finding the files of the archive.
    Opening,
    /// Expanding an archive that is compressed as a whole.
    Expanding,
    /// Reading a layer, from 1, of so many.
    Layer(usize, usize),
    /// Putting the layers on each other.
    Stacking,
}
