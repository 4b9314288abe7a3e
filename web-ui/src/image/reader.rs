//! The reader: it runs in a worker of its own, reads archives piece by piece, and answers for the image on its screen.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Uint8Array;
use layerlab_core::explore::screen::{Choice, ImageScreen};
use layerlab_core::explore::{Comparison, ContentReader, Explorer};
use layerlab_core::kernel::ByteString;
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::{Archive, ArchivedImage};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope};

use super::file::FileSource;
use super::message::{ContentRequest, FromReader, Pair, Stage, ToReader};
use super::scratch;
use super::take::{self, Stop};
use crate::worker_port::{post, report_panics, serve};

/// Starts to take messages, and tells the window so.
pub(crate) fn start(scope: &DedicatedWorkerGlobalScope) {
    report_panics(scope, |message| FromReader::Panicked { message });
    let room = Rc::new(Room {
        scope: scope.clone(),
        import: Rc::new(Cell::new(0)),
        request: Rc::new(Cell::new(0)),
        comparison: Rc::new(Cell::new(0)),
        open: RefCell::new(None),
        laid: RefCell::new(None),
    });
    serve(scope, move |message, beside| Room::take(&room, message, beside));
    spawn_local(scratch::clear());
    post(scope, &FromReader::Ready, None);
}

/// What the reader has before it.
struct Room {
    scope: DedicatedWorkerGlobalScope,
    /// The import that is wanted; one with another number stops.
    import: Rc<Cell<u32>>,
    /// Counts wishes for contents; an earlier one stops.
    request: Rc<Cell<u32>>,
    /// The comparison that is wanted; one with another number stops.
    comparison: Rc<Cell<u32>>,
    /// The archive that was opened last.
    open: RefCell<Option<Rc<Open>>>,
    /// The image on the screen, and the archive that it is from.
    laid: RefCell<Option<(ImageScreen, Rc<Open>)>>,
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
                let answer = this.laid.borrow_mut().as_mut().map(|(screen, _)| screen.answer(query));
                if let Some(answer) = answer {
                    post(&this.scope, &FromReader::Answered { id, answer }, None);
                }
            }
            ToReader::Content { request } => spawn_local(async move {
                let number = this.request.get() + 1;
                this.request.set(number);
                let data = this.content(number, &request).await;
                // Nobody waits for what was wished for before.
                let data = match data {
                    Err(Stop::Cancelled) => return,
                    Err(Stop::Failed(message)) => Err(message),
                    Ok(data) => Ok(data.into()),
                };
                post(&this.scope, &FromReader::Content { request, data }, None);
            }),
            ToReader::Compare { number, pair } => {
                this.comparison.set(number);
                spawn_local(async move {
                    let result = match this.compare(number, pair, beside).await {
                        Err(Stop::Cancelled) => return,
                        Err(Stop::Failed(message)) => Err(message),
                        Ok((name, comparison)) => Ok((name, Box::new(comparison.cut(CHANGES_MAX)))),
                    };
                    post(&this.scope, &FromReader::Compared { number, result }, None);
                });
            }
            ToReader::Save { path, layer } => spawn_local(async move {
                let (result, bytes) = match this.whole(&path, layer).await {
                    Ok(bytes) => (Ok(()), Some(Uint8Array::from(&bytes[..]))),
                    Err(Stop::Failed(message)) => (Err(message), None),
                    Err(Stop::Cancelled) => return,
                };
                post(&this.scope, &FromReader::Saved { path, result }, bytes.as_ref().map(AsRef::as_ref));
            }),
        }
    }

    /// Compares what is on the screen with something else, by the contents of files.
    async fn compare(&self, number: u32, pair: Pair, beside: JsValue) -> Result<(String, Comparison), Stop> {
        let here =
            self.laid.borrow().as_ref().map(|(screen, open)| (screen.image().clone(), Rc::clone(open)));
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
            laid.as_ref()
                .and_then(|(screen, _)| screen.content(path, Some(layer)))
                .map(|content| content.size)
        };
        let size = size.ok_or_else(|| Stop::Failed("no file's content is there".to_owned()))?;
        if size > SAVE_MAX {
            return Err(Stop::Failed(format!(
                "the file has {size} bytes; {SAVE_MAX} is the most that is saved here"
            )));
        }
        let request =
            ContentRequest { path: path.clone(), layer, offset: 0, len: usize::try_from(size).unwrap_or(0) };
        self.content(self.request.get(), &request).await
    }

    /// What was opened last is of no use: the archive of the image on the screen is the one to choose from again.
    fn back(&self) {
        *self.open.borrow_mut() = self.laid.borrow().as_ref().map(|(_, open)| Rc::clone(open));
    }

    fn stopped(&self, import: u32, result: Result<(), Stop>) {
        // Whoever cancelled knows it.
        if let Err(Stop::Failed(message)) = result {
            post(&self.scope, &FromReader::Stopped { import, message }, None);
        }
    }

    fn watch(&self, import: u32) -> take::Watch {
        let (scope, current) = (self.scope.clone(), Rc::clone(&self.import));
        take::Watch::new(
            move || current.get() == import,
            move |stage: Stage, done, total| {
                post(&scope, &FromReader::Progress { import, stage, done, total }, None);
            },
        )
    }

    /// Opens an archive, and reads its image if there is only one.
    async fn open(&self, import: u32, blob: Blob) -> Result<(), Stop> {
        let mut watch = self.watch(import);
        let (archive, source, scratch, loadable) = take::open(blob, &mut watch).await?;
        let choices: Vec<Choice> = archive.images.iter().map(Choice::of).collect();
        let count = choices.len();
        post(&self.scope, &FromReader::Opened { import, choices, loadable }, None);
        *self.open.borrow_mut() = Some(Rc::new(Open { archive, source, scratch }));
        if count == 1 { self.read(import, 0).await } else { Ok(()) }
    }

    /// Reads an image of the archive that was opened last, and lays it on the screen.
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
        let screen = ImageScreen::new(explorer, open.archive.form);
        let overview = Box::new(screen.overview());
        watch.check()?;
        *self.laid.borrow_mut() = Some((screen, open));
        self.request.set(self.request.get() + 1);
        post(&self.scope, &FromReader::Laid { import, image: number, overview }, None);
        Ok(())
    }

    /// Reads a piece of a file's content, as long as nothing else is wished for.
    async fn content(&self, number: u32, request: &ContentRequest) -> Result<Vec<u8>, Stop> {
        let (source, layer, content) = {
            let laid = self.laid.borrow();
            let Some((screen, open)) = laid.as_ref() else { return Err(Stop::Cancelled) };
            let Some(content) = screen.content(&request.path, Some(request.layer)) else {
                return Err(Stop::Failed("no file's content is there".to_owned()));
            };
            (open.source.clone(), screen.image().layers[request.layer].clone(), content)
        };
        let mut reader =
            ContentReader::new(&layer, &content, request.offset, request.len, Limits::default())?;
        let mut buffer = Vec::new();
        while let Some((offset, len)) = reader.wanted() {
            source.fetch(offset, len)?.into(&mut buffer).await?;
            if self.request.get() != number {
                return Err(Stop::Cancelled);
            }
            reader.push(&buffer)?;
        }
        Ok(reader.finish())
    }
}
