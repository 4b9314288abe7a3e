//! The reader: it runs in a worker of its own, reads archives piece by piece, and answers for the image on its desk.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Array;
use layerlab_core::explore::desk::{Choice, Desk};
use layerlab_core::explore::{ContentReader, Explorer};
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::Archive;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use super::file::FileSource;
use super::message::{FromReader, Stage, ToReader, Wish};
use super::scratch;
use super::take::{self, Stop};

/// Starts to take messages, and tells the window so.
pub(crate) fn start(scope: &DedicatedWorkerGlobalScope) {
    let reporter = scope.clone();
    std::panic::set_hook(Box::new(move |panic| {
        post(&reporter, &FromReader::Panicked { message: panic.to_string() });
    }));
    let room = Rc::new(Room {
        scope: scope.clone(),
        import: Rc::new(Cell::new(0)),
        wish: Rc::new(Cell::new(0)),
        open: RefCell::new(None),
        laid: RefCell::new(None),
    });
    let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        // Anything else is a stray message of an extension, or of boot.js.
        let Ok(parts) = event.data().dyn_into::<Array>() else { return };
        let text = parts.get(0).as_string().unwrap_or_default();
        if let Ok(message) = serde_json::from_str(&text) {
            Room::take(&room, message, parts.get(1));
        }
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    spawn_local(scratch::clear());
    post(scope, &FromReader::Ready);
}

fn post(scope: &DedicatedWorkerGlobalScope, message: &FromReader) {
    // Plain data with string keys is always JSON; posting fails only when the window is gone, and then nobody waits.
    if let Ok(text) = serde_json::to_string(message) {
        let _ = scope.post_message(&JsValue::from_str(&text));
    }
}

/// What the reader has before it.
struct Room {
    scope: DedicatedWorkerGlobalScope,
    /// The import that is wanted; one with another number stops.
    import: Rc<Cell<u32>>,
    /// Counts wishes for contents; an earlier one stops.
    wish: Rc<Cell<u32>>,
    /// The archive that was opened last.
    open: RefCell<Option<Rc<Open>>>,
    /// The image on the desk, and the archive that it is from.
    laid: RefCell<Option<(Desk, Rc<Open>)>>,
}

/// An archive whose documents were read.
struct Open {
    archive: Archive,
    source: FileSource,
    /// The file on the page's own disk, where it was expanded into one.
    scratch: Option<String>,
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(name) = self.scratch.take() {
            spawn_local(async move { scratch::remove(&name).await });
        }
    }
}

impl Room {
    fn take(room: &Rc<Self>, message: ToReader, beside: JsValue) {
        let this = Rc::clone(room);
        match message {
            ToReader::Open { import } => {
                this.import.set(import);
                let blob: Blob = beside.unchecked_into();
                spawn_local(async move {
                    let result = this.open(import, blob).await;
                    if result.is_err() && this.import.get() == import {
                        this.back();
                    }
                    this.stopped(import, result);
                });
            }
            ToReader::Choose { import, image } => {
                this.import.set(import);
                spawn_local(async move {
                    let result = this.read(import, image).await;
                    this.stopped(import, result);
                });
            }
            ToReader::Cancel => {
                this.import.set(0);
                this.back();
            }
            ToReader::Ask { id, query } => {
                let answer = this.laid.borrow_mut().as_mut().map(|(desk, _)| desk.answer(query));
                if let Some(answer) = answer {
                    post(&this.scope, &FromReader::Answered { id, answer });
                }
            }
            ToReader::Content { wish } => spawn_local(async move {
                let number = this.wish.get() + 1;
                this.wish.set(number);
                let data = this.content(number, &wish).await;
                // Nobody waits for what was wished for before.
                let data = match data {
                    Err(Stop::Cancelled) => return,
                    Err(Stop::Failed(message)) => Err(message),
                    Ok(data) => Ok(data.into()),
                };
                post(&this.scope, &FromReader::Content { wish, data });
            }),
        }
    }

    /// What was opened last is of no use: the archive of the image on the desk is the one to choose from again.
    fn back(&self) {
        *self.open.borrow_mut() = self.laid.borrow().as_ref().map(|(_, open)| Rc::clone(open));
    }

    fn stopped(&self, import: u32, result: Result<(), Stop>) {
        // Whoever cancelled knows it.
        if let Err(Stop::Failed(message)) = result {
            post(&self.scope, &FromReader::Stopped { import, message });
        }
    }

    fn watch(&self, import: u32) -> take::Watch {
        let (scope, current) = (self.scope.clone(), Rc::clone(&self.import));
        take::Watch::new(
            move || current.get() == import,
            move |stage: Stage, done, total| {
                post(&scope, &FromReader::Progress { import, stage, done, total });
            },
        )
    }

    /// Opens an archive, and reads its image if there is only one.
    async fn open(&self, import: u32, blob: Blob) -> Result<(), Stop> {
        let mut watch = self.watch(import);
        let (archive, source, scratch, loadable) = take::open(blob, &mut watch).await?;
        let choices: Vec<Choice> = archive.images.iter().map(Choice::of).collect();
        let count = choices.len();
        post(&self.scope, &FromReader::Opened { import, choices, loadable });
        *self.open.borrow_mut() = Some(Rc::new(Open { archive, source, scratch }));
        if count == 1 { self.read(import, 0).await } else { Ok(()) }
    }

    /// Reads an image of the archive that was opened last, and lays it on the desk.
    async fn read(&self, import: u32, number: usize) -> Result<(), Stop> {
        let open = self.open.borrow().clone();
        let found = open.and_then(|open| Some((open.archive.images.get(number)?.clone(), open)));
        let Some((image, open)) = found else {
            return Err(Stop::Failed("no such image in the archive".to_owned()));
        };
        let mut watch = self.watch(import);
        let scans = take::layers(&image, &open.source, &mut watch).await?;
        watch.enter(Stage::Stacking, 0, 0)?;
        let mut explorer = Explorer::new(image, scans);
        explorer.among(&open.archive);
        let desk = Desk::new(explorer, open.archive.form);
        let overview = Box::new(desk.overview());
        watch.check()?;
        *self.laid.borrow_mut() = Some((desk, open));
        self.wish.set(self.wish.get() + 1);
        post(&self.scope, &FromReader::Laid { import, image: number, overview });
        Ok(())
    }

    /// Reads a piece of a file's content, as long as nothing else is wished for.
    async fn content(&self, number: u32, wish: &Wish) -> Result<Vec<u8>, Stop> {
        let (source, layer, content) = {
            let laid = self.laid.borrow();
            let Some((desk, open)) = laid.as_ref() else { return Err(Stop::Cancelled) };
            let Some(content) = desk.content(&wish.path, Some(wish.layer)) else {
                return Err(Stop::Failed("no file's content is there".to_owned()));
            };
            (open.source.clone(), desk.image().layers[wish.layer].clone(), content)
        };
        let mut reader = ContentReader::new(&layer, &content, wish.offset, wish.len, Limits::default())?;
        let mut buffer = Vec::new();
        while let Some((offset, len)) = reader.wanted() {
            source.fetch(offset, len)?.into(&mut buffer).await?;
            if self.wish.get() != number {
                return Err(Stop::Cancelled);
            }
            reader.push(&buffer)?;
        }
        Ok(reader.finish())
    }
}
