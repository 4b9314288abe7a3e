//! Opening an archive on this machine, and reading its layers in as many threads as there are processors.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use layerlab_core::explore::{Explorer, FileDigests, LayerScan, distinct};
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::{self, Archive, ArchiveError as Fault, ArchivedImage, Index, Layer};
use layerlab_core::oci::blob::{BlobSource, SourceError};
use layerlab_core::oci::decode::{Compression, MAGIC_LEN, detect};

use super::{ArchiveError, DirectorySource, FileSource, HERE};

/// An archive whose documents were read and checked.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What it holds.
    pub archive: Archive,
    /// Its path as given.
    pub path: PathBuf,
    source: Source,
    pub(super) limits: Limits,
}

#[derive(Debug, Clone)]
enum Source {
    File(FileSource),
    Directory(DirectorySource),
}

impl BlobSource for Source {
    fn size(&self) -> u64 {
        match self {
            Self::File(file) => file.size(),
            Self::Directory(directory) => directory.size(),
        }
    }

    fn read_at(&mut self, offset: u64, len: usize) -> Result<bytes::Bytes, SourceError> {
        match self {
            Self::File(file) => file.read_at(offset, len),
            Self::Directory(directory) => directory.read_at(offset, len),
        }
    }
}

/// Opens a docker archive, an OCI archive or an OCI layout's directory. A compressed archive is expanded into an unnamed
/// temporary file first.
pub fn open(path: &Path, limits: Limits) -> Result<Opened, ArchiveError> {
    let failed = |error| ArchiveError::File { path: path.to_owned(), error };
    let bad = |fault| ArchiveError::Image { path: path.to_owned(), fault };
    let (index, mut source) = if path.is_dir() {
        let (index, source) = DirectorySource::find(path).map_err(failed)?;
        (index, Source::Directory(source))
    } else {
        let file = FileSource::open(path).map_err(failed)?;
        let mut file = file.ok_or_else(|| ArchiveError::Kind(path.to_owned()))?;
        if archive::outer_compression(&mut file).map_err(bad)? != Compression::None {
            file = expand(&mut file, limits).map_err(bad)?;
        }
        (Index::of_tar(&mut file, limits).map_err(bad)?, Source::File(file))
    };
    let archive = archive::open(&index, &mut source, limits).map_err(bad)?;
    Ok(Opened { archive, path: path.to_owned(), source, limits })
}

fn expand(file: &mut FileSource, limits: Limits) -> Result<FileSource, Fault> {
    let io = |error: std::io::Error| SourceError::Failed(format!("temporary file: {error}"));
    let mut out = tempfile::tempfile().map_err(io)?;
    let mut size = 0;
    archive::expand(file, limits, |piece| {
        size += piece.len() as u64;
        out.write_all(piece).map_err(io)
    })?;
    Ok(FileSource::of(out, size))
}

impl Opened {
    /// The image that is meant: by name, id or number (from 0), else by this machine's platform if only that one is for
    /// it, else the only one.
    pub fn choose(
        &self,
        wanted: Option<&str>,
        platform: Option<&str>,
    ) -> Result<&ArchivedImage, ArchiveError> {
        let of_platform = |image: &ArchivedImage| platform.is_none_or(|wanted| image.platform.is(wanted));
        let is_meant = |i: usize, image: &ArchivedImage| {
            wanted.is_none_or(|wanted| {
                image.names.iter().any(|name| name == wanted)
                    || image.config.id.to_string() == wanted
                    || (wanted.len() >= 4 && image.config.id.hex().starts_with(wanted))
                    || wanted == i.to_string()
            })
        };
        let all = || self.archive.images.iter().enumerate();
        let fits = all().filter(|(i, image)| of_platform(image) && is_meant(*i, image));
        let fits: Vec<&ArchivedImage> = fits.map(|(_, image)| image).collect();
        match fits[..] {
            [] => Err(ArchiveError::NoSuch {
                path: self.path.clone(),
                wanted: wanted.or(platform).unwrap_or_default().to_owned(),
                images: all().map(|(_, image)| label(image)).collect(),
            }),
            [image] => Ok(image),
            _ => {
                let mut own = fits.iter().filter(|image| image.platform.is(HERE));
                match (own.next(), own.next()) {
                    (Some(image), None) => Ok(image),
                    _ => Err(ArchiveError::Choose {
                        path: self.path.clone(),
                        images: fits.iter().map(|image| label(image)).collect(),
                    }),
                }
            }
        }
    }

    /// The bytes of the archive.
    pub fn source(&self) -> impl BlobSource + Clone + Send + use<> {
        self.source.clone()
    }
}

fn label(image: &ArchivedImage) -> String {
    let name = image.names.first().cloned().unwrap_or_else(|| image.config.id.short());
    format!("{name} ({})", image.platform)
}

/// How many layers are read at once where a stream may ask for as much memory as `zstd_window` or `xz_dictionary` allow.
const WIDE_MAX: usize = 2;

/// Reads and checks every layer of an image, a thread a processor; `progress` is told of each piece of stored bytes. With
/// `digests`, each file's content gets its digest.
pub fn explore(
    opened: &Opened,
    image: &ArchivedImage,
    digests: FileDigests,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Explorer, ArchiveError> {
    let jobs: Vec<(&Layer, Vec<usize>)> =
        distinct(image).into_iter().map(|places| (&image.layers[places[0]], places)).collect();
    // The largest first: the last thread to end decides.
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|job| std::cmp::Reverse(jobs[*job].0.blob.map_or(0, |blob| blob.len)));
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    type Done = BTreeMap<usize, Result<Option<LayerScan>, Fault>>;
    let done: Mutex<Done> = Mutex::new(BTreeMap::new());
    let is_wide = |job: &(&Layer, Vec<usize>)| -> Result<bool, SourceError> {
        let Some(blob) = job.0.blob else { return Ok(false) };
        let start = opened.source.clone().read_at(blob.offset, MAGIC_LEN.min(blob.len as usize))?;
        Ok(matches!(detect(&start), Compression::Zstd | Compression::Xz))
    };
    let mut threads = thread::available_parallelism().map_or(1, usize::from).min(order.len());
    for job in &jobs {
        if is_wide(job)
            .map_err(|error| ArchiveError::Image { path: opened.path.clone(), fault: error.into() })?
        {
            threads = threads.min(WIDE_MAX);
            break;
        }
    }
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut source = opened.source.clone();
                while let Some(job) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = LayerScan::read_with(
                        &mut source,
                        jobs[*job].0,
                        opened.limits,
                        digests,
                        &mut |bytes| {
                            progress(bytes);
                            !stop.load(Ordering::Relaxed)
                        },
                    );
                    if result.is_err() {
                        stop.store(true, Ordering::Relaxed);
                    }
                    done.lock().unwrap_or_else(PoisonError::into_inner).insert(*job, result);
                }
            });
        }
    });
    let mut scans: Vec<Option<LayerScan>> = vec![None; image.layers.len()];
    let mut fault = None;
    for (job, result) in done.into_inner().unwrap_or_else(PoisonError::into_inner) {
        match result {
            Ok(scan) => {
                for i in &jobs[job].1 {
                    scans[*i].clone_from(&scan);
                }
            }
            // What was cancelled failed because of another.
            Err(Fault::Source(SourceError::Cancelled)) => {}
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    match fault {
        Some(fault) => Err(ArchiveError::Image { path: opened.path.clone(), fault }),
        None => Ok(Explorer::new(image.clone(), scans)),
    }
}
