//! The reader: it runs in a worker of its own, reads archives piece by piece, and answers for the image on its desk.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use layerlab_core::explore::desk::{Choice, Desk};
use layerlab_core::explore::{Comparison, ContentReader, Explorer};
use layerlab_core::kernel::ByteString;
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::{Archive, ArchivedImage};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use super::file::FileSource;
use super::message::{FromReader, Pair, Stage, ToReader, Wish};
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
        comparison: Rc::new(Cell::new(0)),
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
    post_with(scope, message, None);
}

/// The same with bytes beside it.
fn post_with(scope: &DedicatedWorkerGlobalScope, message: &FromReader, bytes: Option<&Uint8Array>) {
    // Plain data with string keys is always JSON; posting fails only when the window is gone, and then nobody waits.
    if let Ok(text) = serde_json::to_string(message) {
        let text = JsValue::from_str(&text);
        let _ = match bytes {
            Some(bytes) => scope.post_message(&Array::of2(&text, bytes)),
            None => scope.post_message(&text),
        };
    }
}

/// What the reader has before it.
struct Room {
    scope: DedicatedWorkerGlobalScope,
    /// The import that is wanted; one with another number stops.
    import: Rc<Cell<u32>>,
    /// Counts wishes for contents; an earlier one stops.
    wish: Rc<Cell<u32>>,
    /// The comparison that is wanted; one with another number stops.
    comparison: Rc<Cell<u32>>,
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

/// The most paths and settings that a comparison tells.
const CHANGES_MAX: usize = 2_000;
/// The most bytes of a file that are saved: it is in memory as a whole then.
const SAVE_MAX: u64 = 256 << 20;

/// An image with the digests of its files.
async fn explored(
    image: ArchivedImage,
    source: &FileSource,
    watch: &mut take::Watch,
) -> Result<Explorer, Stop> {
    let scans = take::layers(&image, source, true, watch).await?;
    Ok(Explorer::new(image, scans))
}

/// What an image is called: by its first name, or by its id.
fn named(image: &ArchivedImage) -> String {
    image.names.first().cloned().unwrap_or_else(|| image.config.id.short())
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
            ToReader::Compare { number, pair } => {
                this.comparison.set(number);
                spawn_local(async move {
                    let result = match this.compare(number, pair, beside).await {
                        Err(Stop::Cancelled) => return,
                        Err(Stop::Failed(message)) => Err(message),
                        Ok((name, comparison)) => Ok((name, Box::new(comparison.cut(CHANGES_MAX)))),
                    };
                    post(&this.scope, &FromReader::Compared { number, result });
                });
            }
            ToReader::Save { path, layer } => spawn_local(async move {
                let (result, bytes) = match this.whole(&path, layer).await {
                    Ok(bytes) => (Ok(()), Some(Uint8Array::from(&bytes[..]))),
                    Err(Stop::Failed(message)) => (Err(message), None),
                    Err(Stop::Cancelled) => return,
                };
                post_with(&this.scope, &FromReader::Saved { path, result }, bytes.as_ref());
            }),
        }
    }

    /// Compares what is on the desk with something else, by the contents of files.
    async fn compare(&self, number: u32, pair: Pair, beside: JsValue) -> Result<(String, Comparison), Stop> {
        let here = self.laid.borrow().as_ref().map(|(desk, open)| (desk.image().clone(), Rc::clone(open)));
        let Some((image, open)) = here else { return Err(Stop::Cancelled) };
        let current = Rc::clone(&self.comparison);
        let mut watch = take::Watch::new(move || current.get() == number, |_, _, _| {});
        let nothing = || Stop::Failed("no such image in the archive".to_owned());
        match pair {
            Pair::Layers(before, after) => {
                let layer = |at: usize| image.layers.get(at).cloned().ok_or_else(nothing);
                let both = ArchivedImage { layers: vec![layer(before)?, layer(after)?], ..image.clone() };
                let both = explored(both, &open.source, &mut watch).await?;
                let found = Comparison::layers(&both, 0, 1).ok_or_else(nothing)?;
                Ok((String::new(), found))
            }
            Pair::Images(other) => {
                let other = open.archive.images.get(other).cloned().ok_or_else(nothing)?;
                let name = named(&other);
                let first = explored(image, &open.source, &mut watch).await?;
                let second = explored(other, &open.source, &mut watch).await?;
                Ok((name, Comparison::images(&first, &second)))
            }
            Pair::Archive(_) => {
                let (archive, source, scratch, _) = take::open(beside.unchecked_into(), &mut watch).await?;
                let there = Open { archive, source, scratch };
                let fits = |other: &&ArchivedImage| other.platform == image.platform;
                let images = &there.archive.images;
                let other = images.iter().find(fits).or(images.first()).cloned().ok_or_else(nothing)?;
                let name = named(&other);
                let first = explored(image, &open.source, &mut watch).await?;
                let second = explored(other, &there.source, &mut watch).await?;
                Ok((name, Comparison::images(&first, &second)))
            }
        }
    }

    /// A file's whole content.
    async fn whole(&self, path: &ByteString, layer: usize) -> Result<Vec<u8>, Stop> {
        let size = {
            let laid = self.laid.borrow();
            laid.as_ref().and_then(|(desk, _)| desk.content(path, Some(layer))).map(|content| content.size)
        };
        let size = size.ok_or_else(|| Stop::Failed("no file's content is there".to_owned()))?;
        if size > SAVE_MAX {
            return Err(Stop::Failed(format!(
                "the file has {size} bytes; {SAVE_MAX} is the most that is saved here"
            )));
        }
        let wish = Wish { path: path.clone(), layer, offset: 0, len: usize::try_from(size).unwrap_or(0) };
        self.content(self.wish.get(), &wish).await
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
        let scans = take::layers(&image, &open.source, false, &mut watch).await?;
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
