//! Reading an archive in awaited pieces: messages come in between, so that it can be stopped and tells how far it is.

use layerlab_core::explore::{LayerReader, LayerScan, distinct};
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::{self, Archive, ArchiveError, ArchivedImage, DOCKER_MANIFEST, Form, Index};
use layerlab_core::oci::blob::BlobSource;
use layerlab_core::oci::decode::{Compression, Decoder};
use web_sys::Blob;

use super::file::FileSource;
use super::message::Stage;
use super::scratch::Scratch;

/// Bytes that are fetched at once; while they are looked at, the next are on their way.
const PIECE: usize = 1 << 20;
/// Milliseconds between two words on how far it is.
const PACE: f64 = 60.0;

/// Why reading ended.
#[derive(Debug)]
pub(super) enum Stop {
    /// Nobody wants it any more.
    Cancelled,
    /// One sentence.
    Failed(String),
}

impl From<ArchiveError> for Stop {
    fn from(error: ArchiveError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self::Failed(message)
    }
}

/// Who is told how far it is, and says whether to go on.
pub(super) struct Watch {
    wanted: Box<dyn Fn() -> bool>,
    tell: Box<dyn Fn(Stage, u64, u64)>,
    stage: Stage,
    done: u64,
    total: u64,
    told: f64,
}

impl Watch {
    /// Asks the one, and tells the other.
    pub(super) fn new(wanted: impl Fn() -> bool + 'static, tell: impl Fn(Stage, u64, u64) + 'static) -> Self {
        let (stage, told) = (Stage::Opening, f64::NEG_INFINITY);
        Self { wanted: Box::new(wanted), tell: Box::new(tell), stage, done: 0, total: 0, told }
    }

    /// Whether to go on.
    pub(super) fn check(&self) -> Result<(), Stop> {
        if (self.wanted)() { Ok(()) } else { Err(Stop::Cancelled) }
    }

    /// Another stage begins, with so many bytes done of so many.
    pub(super) fn enter(&mut self, stage: Stage, done: u64, total: u64) -> Result<(), Stop> {
        (self.stage, self.done, self.total) = (stage, done, total);
        self.say();
        self.check()
    }

    /// So many bytes more are done.
    fn add(&mut self, bytes: u64) -> Result<(), Stop> {
        self.done += bytes;
        if js_sys::Date::now() - self.told >= PACE {
            self.say();
        }
        self.check()
    }

    fn say(&mut self) {
        self.told = js_sys::Date::now();
        (self.tell)(self.stage, self.done, self.total);
    }
}

/// Opens an archive: what it holds, where it is read from, the name of the file that it was expanded into, if any, and
/// whether Docker 20.10 could load it.
pub(super) async fn open(
    blob: Blob,
    watch: &mut Watch,
) -> Result<(Archive, FileSource, Option<String>, bool), Stop> {
    let limits = Limits::default();
    let mut source = FileSource::new(blob)?;
    watch.enter(Stage::Opening, 0, source.size())?;
    let mut scratch = None;
    let compression = archive::outer_compression(&mut source)?;
    if compression != Compression::None {
        let (blob, name) = expand(&source, compression, limits, watch).await?;
        source = FileSource::new(blob)?;
        scratch = Some(name);
    }
    let index = Index::of_tar(&mut source, limits)?;
    let archive = archive::open(&index, &mut source, limits)?;
    watch.check()?;
    let loadable = archive.form == Form::Docker || index.has(DOCKER_MANIFEST)?;
    Ok((archive, source, scratch, loadable))
}

/// Expands an archive that is compressed as a whole.
async fn expand(
    source: &FileSource,
    compression: Compression,
    limits: Limits,
    watch: &mut Watch,
) -> Result<(Blob, String), Stop> {
    watch.enter(Stage::Expanding, 0, source.size())?;
    let mut scratch = Scratch::create().await?;
    match pour(source, compression, limits, watch, &mut scratch).await {
        Ok(()) => Ok(scratch.done().await?),
        Err(stop) => {
            scratch.abandon().await;
            Err(stop)
        }
    }
}

async fn pour(
    source: &FileSource,
    compression: Compression,
    limits: Limits,
    watch: &mut Watch,
    scratch: &mut Scratch,
) -> Result<(), Stop> {
    let mut decoder = Decoder::new(compression, limits);
    let (mut at, mut buffer, mut out) = (0, Vec::new(), Vec::new());
    while at < source.size() {
        source.fetch(at, PIECE)?.into(&mut buffer).await?;
        let mut rest = &buffer[..];
        while !rest.is_empty() {
            let used = decoder.push(rest, &mut out).map_err(ArchiveError::from)?;
            rest = &rest[used..];
            scratch.write(&out)?;
            out.clear();
        }
        at += buffer.len() as u64;
        watch.add(buffer.len() as u64)?;
    }
    Ok(decoder.finish().map_err(ArchiveError::from)?)
}

/// Reads and checks every layer of an image, a layer that is there twice once; with `digests` each file gets the digest of
/// its content.
pub(super) async fn layers(
    image: &ArchivedImage,
    source: &FileSource,
    digests: bool,
    watch: &mut Watch,
) -> Result<Vec<Option<LayerScan>>, Stop> {
    let groups = distinct(image);
    let len = |places: &Vec<usize>| image.layers[places[0]].blob.map_or(0, |blob| blob.len);
    let total = groups.iter().map(len).sum();
    let mut scans: Vec<Option<LayerScan>> = vec![None; image.layers.len()];
    let mut buffer = Vec::new();
    for (number, places) in (1..).zip(&groups) {
        watch.enter(Stage::Layer(number, groups.len()), watch.done_of(total), total)?;
        let layer = &image.layers[places[0]];
        let Some(blob) = layer.blob else { continue };
        let make = if digests { LayerReader::with_digests } else { LayerReader::new };
        let mut reader = make(layer, Limits::default())?;
        let end = blob.offset + blob.len;
        let mut coming = reader.wanted().map(|(offset, len)| source.fetch(offset, len)).transpose()?;
        while let Some(piece) = coming.take() {
            // The next piece is fetched while this one is looked at.
            let next = piece.offset + piece.len as u64;
            piece.into(&mut buffer).await?;
            watch.check()?;
            if next < end {
                let len = usize::try_from(end - next).unwrap_or(PIECE).min(PIECE);
                coming = Some(source.fetch(next, len)?);
            }
            reader.push(&buffer)?;
            watch.add(buffer.len() as u64)?;
        }
        let scan = reader.finish()?;
        for place in places {
            scans[*place] = Some(scan.clone());
        }
    }
    Ok(scans)
}

impl Watch {
    /// What is done of the layers: nothing when the first one begins.
    fn done_of(&self, total: u64) -> u64 {
        if matches!(self.stage, Stage::Layer(..)) && self.total == total { self.done } else { 0 }
    }
}
