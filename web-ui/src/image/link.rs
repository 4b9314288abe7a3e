//! The window's end of the reader: files go to it, its events change the state, and the screen is told.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use layerlab_core::explore::screen::{Answer, Document, Only, PathReport, Query};
use layerlab_core::kernel::{ByteString, FileType};
use wasm_bindgen::JsValue;
use web_sys::File;
use yew::Callback;

use super::READER;
use super::file::size;
use super::message::{ContentRequest, FromReader, ToReader};
use super::state::{Action, Chosen, Laid, State, Tab};
use crate::worker_port::{WorkerPort, spawn_worker};

/// Bytes of a content that are shown at first, and that each "more" adds.
const CONTENT: usize = 16 << 10;
const MORE: usize = 64 << 10;
/// Rows before and after those that are seen, so that scrolling a little needs none.
const AROUND: u32 = 16;

/// The window's end of the reader. Clones are handles of one.
#[derive(Clone, Default)]
pub(crate) struct Images(pub(super) Rc<RefCell<Inner>>);

#[derive(Default)]
pub(super) struct Inner {
    state: Rc<State>,
    /// Who draws the state.
    watcher: Option<Callback<()>>,
    port: Option<WorkerPort>,
    import: u32,
    pub(super) next: u32,
    asked: BTreeMap<u32, Asked>,
    /// The file that is being imported, and the archive that came of it.
    coming: Option<File>,
    opened: Option<Rc<Chosen>>,
    /// The file of the image that is laid out.
    file: Option<File>,
    /// The row that the keyboard is at is another one, and may be out of sight.
    moved: bool,
}

/// What a question was for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    /// Rows, as the matrix stood at this turn.
    Rows(u32),
    Turn,
    Path,
    Document(Document),
}

impl std::fmt::Debug for Images {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Images").finish_non_exhaustive()
    }
}

impl PartialEq for Images {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Images {
    /// The state as it is.
    pub(crate) fn state(&self) -> Rc<State> {
        Rc::clone(&self.0.borrow().state)
    }

    /// Says who draws the state from now on; nothing: nobody does.
    pub(crate) fn watch(&self, watcher: Option<Callback<()>>) {
        self.0.borrow_mut().watcher = watcher;
    }

    /// The file of the image that is laid out.
    pub(crate) fn file(&self) -> Option<File> {
        self.0.borrow().file.clone()
    }

    /// Whether the row that the keyboard is at has to come into sight; asked once.
    pub(crate) fn moved(&self) -> bool {
        std::mem::take(&mut self.0.borrow_mut().moved)
    }

    /// Changes the state, and has it drawn.
    pub(crate) fn apply(&self, action: Action) {
        let watcher = {
            let mut inner = self.0.borrow_mut();
            Rc::make_mut(&mut inner.state).apply(action);
            inner.watcher.clone()
        };
        if let Some(watcher) = watcher {
            watcher.emit(());
        }
    }

    /// Reads a file.
    pub(crate) fn open(&self, file: File) {
        let import = self.begin();
        self.apply(Action::Began { name: file.name(), total: size(&file) });
        self.send(&ToReader::Open { import }, Some(&file));
        self.0.borrow_mut().coming = Some(file);
    }

    /// Reads another image of the archive.
    pub(crate) fn choose(&self, image: usize) {
        let Some(archive) = self.archive() else { return };
        let import = self.begin();
        let total = archive.choices.get(image).map_or(0, |choice| choice.bytes);
        self.apply(Action::Began { name: archive.name.clone(), total });
        self.send(&ToReader::Choose { import, image }, None);
    }

    /// Stops what is being read, and forgets an archive of which nothing was chosen.
    pub(crate) fn cancel(&self) {
        let _ = self.begin();
        {
            let mut inner = self.0.borrow_mut();
            (inner.coming, inner.opened) = (None, None);
        }
        self.send(&ToReader::Cancel, None);
        self.apply(Action::Cancelled);
    }

    /// Sees to it that the rows from `first` are here.
    pub(crate) fn look(&self, first: u32, count: u32) {
        let state = self.state();
        let (from, turn) = (first.saturating_sub(AROUND), state.rows.turn);
        let asked = self.0.borrow().asked.values().any(|asked| *asked == Asked::Rows(turn));
        // Half of what stands around may go by before more is asked for.
        let near = first.saturating_sub(AROUND / 2);
        if !asked && !state.rows.holds(near, count + AROUND) {
            self.ask(Asked::Rows(turn), Query::Rows { from, count: count + 2 * AROUND });
        }
    }

    /// Unfolds or folds a row.
    pub(crate) fn fold(&self, row: u32, open: bool) {
        self.ask(Asked::Turn, Query::Fold { row, open });
    }

    /// Unfolds or folds all rows.
    pub(crate) fn fold_all(&self, open: bool) {
        self.ask(Asked::Turn, Query::FoldAll { open });
    }

    /// Shows only some paths.
    pub(crate) fn filter(&self, text: String, only: Only) {
        self.apply(Action::Filtered { text: text.clone(), only });
        self.ask(Asked::Turn, Query::Filter { text, only });
    }

    /// Goes to a row, and explains its path.
    pub(crate) fn go(&self, row: u32) {
        self.0.borrow_mut().moved = true;
        self.apply(Action::Moved { row });
        self.settle();
    }

    /// Goes to a path, wherever it is, and explains it.
    pub(crate) fn reveal(&self, path: ByteString) {
        self.ask(Asked::Turn, Query::Reveal { path: path.clone() });
        self.select(path);
    }

    /// Explains a path.
    pub(crate) fn select(&self, path: ByteString) {
        if self.state().selected.as_ref() != Some(&path) {
            self.apply(Action::Selected { path: path.clone() });
            self.ask(Asked::Path, Query::Path { path });
        }
    }

    /// Reads the content of the path that is explained, as that layer has it.
    pub(crate) fn content(&self, layer: usize) {
        let state = self.state();
        let size = state.told.as_ref().and_then(|told| file_size(told, layer));
        if let Some((path, size)) = state.selected.clone().zip(size) {
            self.request(ContentRequest { path, layer, offset: 0, len: CONTENT }, size);
        }
    }

    /// Reads more of it: a piece, or the rest up to so many bytes in all.
    pub(crate) fn more(&self, up_to: Option<usize>) {
        let state = self.state();
        if let Some((path, layer)) = state.selected.clone().zip(state.content.layer) {
            let offset = state.content.data.len() as u64;
            let len = up_to.map_or(MORE, |most| most.saturating_sub(state.content.data.len()));
            if len > 0 && offset < state.content.size {
                self.request(ContentRequest { path, layer, offset, len }, state.content.size);
            }
        }
    }

    /// Shows something else beside the layers.
    pub(crate) fn tab(&self, tab: Tab) {
        self.apply(Action::Tabbed(tab));
        if tab == Tab::Documents {
            self.document(Document::Config);
        }
    }

    /// Shows a document.
    pub(crate) fn document(&self, which: Document) {
        self.ask(Asked::Document(which), Query::Document { which });
    }

    fn request(&self, request: ContentRequest, size: u64) {
        self.apply(Action::Wished { request: request.clone(), size });
        self.send(&ToReader::Content { request }, None);
    }

    /// Another import has the word; what an earlier one still says is not heard.
    fn begin(&self) -> u32 {
        let mut inner = self.0.borrow_mut();
        inner.import += 1;
        inner.import
    }

    /// The archive that one can choose from.
    fn archive(&self) -> Option<Rc<Chosen>> {
        let inner = self.0.borrow();
        let laid = || inner.state.laid.as_ref().map(|laid| Rc::clone(&laid.archive));
        inner.state.choosing.clone().or_else(laid)
    }

    fn ask(&self, asked: Asked, query: Query) {
        let id = {
            let mut inner = self.0.borrow_mut();
            inner.next += 1;
            let id = inner.next;
            inner.asked.insert(id, asked);
            id
        };
        self.send(&ToReader::Ask { id, query }, None);
    }

    pub(super) fn send(&self, message: &ToReader, beside: Option<&File>) {
        if self.0.borrow().port.is_none() {
            let (images, dying) = (self.clone(), self.clone());
            let port = WorkerPort::open(
                spawn_worker(READER),
                move |message, beside| images.on_message(message, beside),
                move |message| dying.lose(message),
            );
            self.0.borrow_mut().port = Some(port);
        }
        if let Some(port) = &mut self.0.borrow_mut().port {
            port.send(message, beside.map(AsRef::as_ref));
        }
    }

    /// The reader is gone, and what it had on its screen; the next file gets a new one.
    fn lose(&self, message: String) {
        let name = {
            let mut inner = self.0.borrow_mut();
            if inner.port.take().is_none() {
                return;
            }
            inner.asked.clear();
            (inner.opened, inner.file) = (None, None);
            let coming = inner.coming.take().map(|file| file.name());
            let laid = inner.state.laid.as_ref().map(|laid| laid.archive.name.clone());
            coming.or(laid).unwrap_or_default()
        };
        self.apply(Action::Died { name, message });
    }

    fn on_message(&self, message: FromReader, beside: JsValue) {
        let current = self.0.borrow().import;
        match message {
            FromReader::Ready => {
                if let Some(port) = &mut self.0.borrow_mut().port {
                    port.ready();
                }
            }
            FromReader::Panicked { message } => self.lose(message),
            FromReader::Progress { import, stage, done, total } if import == current => {
                self.apply(Action::Progressed { stage, done, total });
            }
            FromReader::Opened { import, choices, loadable } if import == current => {
                let file = self.0.borrow().coming.clone();
                let Some(file) = file else { return };
                let several = choices.len() > 1;
                let archive = Rc::new(Chosen { name: file.name(), size: size(&file), choices, loadable });
                self.0.borrow_mut().opened = Some(Rc::clone(&archive));
                if several {
                    self.apply(Action::Opened(archive));
                }
            }
            FromReader::Laid { import, image, overview } if import == current => self.laid(image, *overview),
            FromReader::Stopped { import, message } if import == current => {
                let state = self.state();
                if state.choosing.is_none() {
                    let mut inner = self.0.borrow_mut();
                    (inner.coming, inner.opened) = (None, None);
                }
                let name = state.import.as_ref().map(|import| import.name.clone()).unwrap_or_default();
                self.apply(Action::Failed { name, message });
            }
            FromReader::Answered { id, answer } => {
                let asked = self.0.borrow_mut().asked.remove(&id);
                if let Some(asked) = asked {
                    self.answered(&asked, answer);
                }
            }
            FromReader::Content { request, data } => self.apply(Action::Came { request, data }),
            FromReader::Compared { number, result } => self.compared(number, result),
            FromReader::Saved { path, result } => self.saved(&path, result, beside),
            // An import that has not the word any more.
            _ => {}
        }
    }

    fn laid(&self, image: usize, overview: layerlab_core::explore::screen::Overview) {
        let archive = {
            let mut inner = self.0.borrow_mut();
            inner.asked.clear();
            if let Some(file) = inner.coming.take() {
                inner.file = Some(file);
            }
            inner.opened.take()
        };
        if let Some(archive) = archive.or_else(|| self.archive()) {
            self.apply(Action::Laid(Rc::new(Laid { archive, image, overview })));
            // What the tab shows is asked for when it is opened: another image's is another.
            self.tab(self.state().tab);
        }
    }

    fn answered(&self, asked: &Asked, answer: Answer) {
        match answer {
            Answer::Rows { from, total, rows } => {
                // Rows of a matrix that was unfolded otherwise are not those that stand there now.
                if *asked == Asked::Rows(self.state().rows.turn) {
                    self.apply(Action::Rows { from, total, lines: rows });
                    self.settle();
                }
            }
            Answer::Turned { rows, at } => {
                self.0.borrow_mut().moved |= at.is_some();
                self.apply(Action::Turned { rows, at });
            }
            Answer::Path(told) => {
                let path = told.path.clone();
                self.apply(Action::PathReport(told));
                let state = self.state();
                if let Some(told) = state.told.as_ref().filter(|told| told.path == path)
                    && let Some(layer) = content_layer(told)
                {
                    self.content(layer);
                }
            }
            Answer::Document(text) => {
                if let Asked::Document(which) = asked {
                    self.apply(Action::Document { which: *which, text });
                }
            }
        }
    }

    /// Explains the path of the row that the keyboard is at, once that row is here.
    fn settle(&self) {
        let state = self.state();
        if let Some(line) = state.rows.line(state.active).filter(|_| state.rows.of == state.rows.turn) {
            self.select(line.path.clone());
        }
    }
}

/// The layer whose content is shown first: the one that is seen, else the topmost that holds a file.
fn content_layer(told: &PathReport) -> Option<usize> {
    let seen = told.provider.filter(|layer| file_size(told, *layer).is_some());
    let held = || told.held.iter().map(|held| usize::from(held.cell.layer));
    seen.or_else(|| held().find(|layer| file_size(told, *layer).is_some()))
}

/// The bytes of the file that a layer has there.
fn file_size(told: &PathReport, layer: usize) -> Option<u64> {
    let held = told.held.iter().find(|held| usize::from(held.cell.layer) == layer)?;
    held.entry.as_ref().filter(|entry| entry.kind == FileType::File).map(|entry| entry.size)
}
