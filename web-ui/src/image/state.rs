//! What the image screen shows, as one value that only [`Action`]s change.

use std::rc::Rc;

use layerlab_core::explore::Comparison;
use layerlab_core::explore::screen::{Choice, Document, DocumentText, Line, Only, Overview, PathReport};
use layerlab_core::kernel::ByteString;

use super::message::{ContentRequest, Pair, Stage};

/// Everything that the image screen shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// What is being read.
    pub(crate) import: Option<Import>,
    /// An archive of several images, of which none was taken yet.
    pub(crate) choosing: Option<Rc<Chosen>>,
    /// Why the last import failed: the file's name, and one sentence.
    pub(crate) trouble: Option<(String, String)>,
    /// The image that is laid out.
    pub(crate) laid: Option<Rc<Laid>>,
    /// The rows of the matrix that are here.
    pub(crate) rows: Rows,
    /// The row that the keyboard is at.
    pub(crate) active: u32,
    /// The path that is explained.
    pub(crate) selected: Option<ByteString>,
    /// What is told of it.
    pub(crate) told: Option<Rc<PathReport>>,
    /// A file's content.
    pub(crate) content: Content,
    /// What a path must contain to be shown.
    pub(crate) filter: String,
    /// Which paths are shown.
    pub(crate) only: Only,
    /// What is seen beside the layers.
    pub(crate) tab: Tab,
    /// The document that came last.
    pub(crate) document: Option<(Document, Option<Rc<DocumentText>>)>,
    /// What it is compared with.
    pub(crate) compared: Option<Compared>,
    /// Why a file could not be taken out.
    pub(crate) unsaved: Option<String>,
}

/// An import that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import {
    /// The file's name.
    pub(crate) name: String,
    /// What it is at.
    pub(crate) stage: Stage,
    /// Bytes done.
    pub(crate) done: u64,
    /// Bytes in all.
    pub(crate) total: u64,
}

/// An archive that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// The file's name.
    pub(crate) name: String,
    /// The file's bytes.
    pub(crate) size: u64,
    /// The images in it.
    pub(crate) choices: Vec<Choice>,
    /// Whether Docker 20.10's `docker load` knows its form.
    pub(crate) loadable: bool,
}

/// An image that is laid out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Laid {
    /// Its archive.
    pub(crate) archive: Rc<Chosen>,
    /// Which image of it.
    pub(crate) image: usize,
    /// The image.
    pub(crate) overview: Overview,
}

/// The rows of the matrix that are here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    /// How many there are in all.
    pub(crate) total: u32,
    /// The first one's number.
    pub(crate) from: u32,
    /// The rows.
    pub(crate) lines: Rc<Vec<Line>>,
    /// Counts how often the matrix was unfolded otherwise.
    pub(crate) turn: u32,
    /// The turn that the rows that are here belong to.
    pub(crate) of: u32,
}

impl Rows {
    /// A row, if it is here.
    pub(crate) fn line(&self, row: u32) -> Option<&Line> {
        self.lines.get(row.checked_sub(self.from)? as usize)
    }

    /// Whether all rows of a range that there are are here, as the matrix is unfolded now.
    pub(crate) fn holds(&self, from: u32, count: u32) -> bool {
        let end = from.saturating_add(count).min(self.total);
        from >= end
            || (self.of == self.turn && self.from <= from && end <= self.from + self.lines.len() as u32)
    }
}

/// A file's content, as far as it is here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Content {
    /// The layer whose content it is, lowest 0; none where there is no content to show.
    pub(crate) layer: Option<usize>,
    /// The file's bytes in all.
    pub(crate) size: u64,
    /// Those that are here.
    pub(crate) data: Rc<Vec<u8>>,
    /// More are on their way.
    pub(crate) coming: bool,
    /// Why none come.
    pub(crate) trouble: Option<String>,
    /// The person's choice how it is shown; none yet.
    pub(crate) shape: Option<Shape>,
}

/// How a content is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// As text.
    Text,
    /// As a dump.
    Hex,
    /// As a picture.
    Picture,
}

/// What the image is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Compared {
    /// The request's number.
    pub(crate) number: u32,
    /// What is compared.
    pub(crate) pair: Pair,
    /// The second one's name, and what differs; none while it is read.
    pub(crate) result: Option<Result<(String, Rc<Comparison>), String>>,
}

/// What is seen beside the layers; on a small screen everything takes turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tab {
    /// The layers, where they have no place of their own.
    Layers,
    /// The matrix.
    #[default]
    Files,
    /// The path, where it has no place of its own.
    Path,
    /// Bytes of each layer, drawn.
    Sizes,
    /// What differs from another image, or between two layers.
    Compare,
    /// What could be had back.
    Waste,
    /// Secrets.
    Secrets,
    /// Build steps.
    History,
    /// Configuration and manifest.
    Documents,
}

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Action {
    /// A file is to be read.
    Began { name: String, total: u64 },
    /// It is so far.
    Progressed { stage: Stage, done: u64, total: u64 },
    /// It was opened, and somebody must choose.
    Opened(Rc<Chosen>),
    /// An image of it is laid out.
    Laid(Rc<Laid>),
    /// The import is not wanted any more.
    Cancelled,
    /// It failed.
    Failed { name: String, message: String },
    /// The reader died: what it had on its screen is gone.
    Died { name: String, message: String },
    /// Rows came.
    Rows { from: u32, total: u32, lines: Vec<Line> },
    /// The matrix is unfolded otherwise; the row that was named stands here now.
    Turned { rows: u32, at: Option<u32> },
    /// The keyboard went to this row.
    Moved { row: u32 },
    /// A path is to be explained.
    Selected { path: ByteString },
    /// It is.
    PathReport(Box<PathReport>),
    /// A piece of its content is on its way; the file has so many bytes there.
    Wished { request: ContentRequest, size: u64 },
    /// A piece came.
    Came { request: ContentRequest, data: Result<ByteString, String> },
    /// How a content is shown.
    Shaped(Shape),
    /// The image is to be compared.
    Comparing { number: u32, pair: Pair },
    /// It was.
    Compared { number: u32, result: Result<(String, Box<Comparison>), String> },
    /// A file could not be taken out.
    Unsaved { message: String },
    /// Other paths are to be shown.
    Filtered { text: String, only: Only },
    /// Something else is to be seen.
    Tabbed(Tab),
    /// A document came.
    Document { which: Document, text: Option<DocumentText> },
}

impl State {
    /// Changes the state by one action.
    pub(crate) fn apply(&mut self, action: Action) {
        match action {
            Action::Began { name, total } => {
                self.trouble = None;
                self.import = Some(Import { name, stage: Stage::Opening, done: 0, total });
            }
            Action::Progressed { stage, done, total } => {
                if let Some(import) = &mut self.import {
                    (import.stage, import.done, import.total) = (stage, done, total);
                }
            }
            Action::Opened(archive) => {
                self.import = None;
                self.choosing = Some(archive);
            }
            Action::Laid(laid) => {
                // Another image of the same archive is looked at in the same way.
                let same = self.laid.as_ref().is_some_and(|old| Rc::ptr_eq(&old.archive, &laid.archive));
                let tab = if same { self.tab } else { Tab::default() };
                let turn = self.rows.turn + 1;
                let total = laid.overview.counts.rows;
                *self = Self { laid: Some(laid), tab, ..Self::default() };
                self.rows = Rows { total, turn, ..Rows::default() };
            }
            Action::Cancelled => (self.import, self.choosing) = (None, None),
            Action::Failed { name, message } => {
                self.import = None;
                self.trouble = Some((name, message));
            }
            Action::Died { name, message } => {
                *self = Self { trouble: Some((name, message)), ..Self::default() };
            }
            Action::Rows { from, total, lines } => {
                let turn = self.rows.turn;
                self.rows = Rows { from, total, lines: Rc::new(lines), turn, of: turn };
            }
            Action::Turned { rows, at } => {
                self.rows = Rows { total: rows, turn: self.rows.turn + 1, ..self.rows.clone() };
                self.active = at.unwrap_or(self.active).min(rows.saturating_sub(1));
            }
            Action::Moved { row } => self.active = row.min(self.rows.total.saturating_sub(1)),
            Action::Selected { path } => {
                (self.content, self.unsaved) = (Content::default(), None);
                self.selected = Some(path);
            }
            Action::PathReport(told) => {
                if self.selected.as_ref() == Some(&told.path) {
                    self.told = Some(Rc::from(told));
                }
            }
            Action::Wished { request, size } => {
                if request.offset == 0 {
                    self.content = Content { layer: Some(request.layer), size, ..Content::default() };
                }
                self.content.coming = true;
            }
            Action::Came { request, data } => self.came(&request, data),
            Action::Shaped(shape) => self.content.shape = Some(shape),
            Action::Comparing { number, pair } => {
                self.compared = Some(Compared { number, pair, result: None });
            }
            Action::Compared { number, result } => {
                if let Some(compared) = self.compared.as_mut().filter(|compared| compared.number == number) {
                    compared.result = Some(result.map(|(name, found)| (name, Rc::from(found))));
                }
            }
            Action::Unsaved { message } => self.unsaved = Some(message),
            Action::Filtered { text, only } => (self.filter, self.only) = (text, only),
            Action::Tabbed(tab) => self.tab = tab,
            Action::Document { which, text } => self.document = Some((which, text.map(Rc::new))),
        }
    }

    fn came(&mut self, request: &ContentRequest, data: Result<ByteString, String>) {
        let content = &mut self.content;
        let is_next = content.data.len() as u64 == request.offset;
        if self.selected.as_ref() != Some(&request.path) || content.layer != Some(request.layer) || !is_next {
            return;
        }
        content.coming = false;
        match data {
            Ok(data) => Rc::make_mut(&mut content.data).extend_from_slice(&data),
            Err(message) => content.trouble = Some(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(layer: usize, offset: u64) -> ContentRequest {
        ContentRequest { path: "/a".into(), layer, offset, len: 4 }
    }

    fn came(state: &mut State, layer: usize, offset: u64, data: &str) {
        state.apply(Action::Came { request: request(layer, offset), data: Ok(data.into()) });
    }

    #[test]
    fn pieces_of_a_content_follow_each_other() {
        let mut state = State::default();
        state.apply(Action::Selected { path: "/a".into() });
        state.apply(Action::Wished { request: request(1, 0), size: 6 });
        assert!(state.content.coming);
        came(&mut state, 0, 0, "othe");
        assert!(state.content.data.is_empty(), "another layer's is not this one's");
        came(&mut state, 1, 0, "abcd");
        state.apply(Action::Wished { request: request(1, 4), size: 6 });
        came(&mut state, 1, 4, "ef");
        came(&mut state, 1, 4, "ef");
        assert_eq!((&state.content.data[..], state.content.coming), (&b"abcdef"[..], false));
        state.apply(Action::Selected { path: "/b".into() });
        assert_eq!(state.content, Content::default());
    }

    #[test]
    fn an_import_that_fails_takes_nothing_away() {
        let mut state = State { active: 3, filter: "x".into(), ..State::default() };
        state.apply(Action::Began { name: "n.tar".into(), total: 9 });
        state.apply(Action::Progressed { stage: Stage::Layer(1, 2), done: 5, total: 9 });
        assert_eq!(state.import.as_ref().map(|i| (i.done, i.total)), Some((5, 9)));
        state.apply(Action::Failed { name: "n.tar".into(), message: "no image".into() });
        assert_eq!((state.import, state.active, state.filter.as_str()), (None, 3, "x"));
        assert_eq!(state.trouble, Some(("n.tar".into(), "no image".into())));
    }

    #[test]
    fn rows_know_what_they_hold() {
        let mut state = State::default();
        state.apply(Action::Turned { rows: 10, at: None });
        assert!(state.rows.holds(10, 5) && !state.rows.holds(0, 1) && state.rows.line(4).is_none());
        let line = Line {
            id: 4,
            path: "/a".into(),
            level: 1,
            parent: None,
            open: None,
            linked: false,
            dir: false,
            size: None,
            provider: None,
            cells: Vec::new(),
        };
        state.apply(Action::Rows { from: 4, total: 10, lines: vec![line] });
        assert!(state.rows.holds(4, 1) && !state.rows.holds(4, 2) && state.rows.line(4).is_some());
        state.apply(Action::Turned { rows: 5, at: None });
        assert!(!state.rows.holds(4, 1), "they stood there before the matrix was folded");
    }

    #[test]
    fn the_keyboard_stays_inside_the_rows() {
        let mut state = State::default();
        state.apply(Action::Turned { rows: 5, at: Some(4) });
        state.apply(Action::Moved { row: 9 });
        assert_eq!(state.active, 4);
        state.apply(Action::Turned { rows: 2, at: None });
        assert_eq!((state.active, state.rows.turn), (1, 2));
    }
}
