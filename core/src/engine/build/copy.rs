//! `COPY` and `ADD` (moby 20.10 `builder/dockerfile/copy.go`, `internals.go`; Dockerfile reference).

use super::super::Engine;
use super::super::error::Error;
use super::super::scoped::scoped;
use super::image::nothing;
use super::plan::Build;
use super::source::{self, Found, Source};
use super::sums::{self, Counted};
use super::target::{Builder, Target};
use super::{BuildError, owners};
use crate::dockerfile::CopyFiles;
use crate::kernel::{OpenFlags, Task};
use crate::oci::blob::FdBlob;
use crate::oci::decode::{MAGIC_LEN, detect_docker};
use crate::oci::gopath;
use crate::oci::layer::{self, Blob, Expected, Owners};
use crate::oci::{Digest, Limits};

const CHMOD: &str = "the --chmod option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to \
                     build images with BuildKit enabled";

/// The instruction, as far as it matters for where things go.
struct Copying<'c> {
    files: &'c CopyFiles,
    is_add: bool,
    found: Vec<Found>,
}

impl Copying<'_> {
    fn name(&self) -> &'static str {
        if self.is_add { "ADD" } else { "COPY" }
    }
}

impl Build {
    /// Does a `COPY` or an `ADD`.
    pub(in crate::engine) fn copy_files(
        &mut self,
        engine: &mut Engine<'_>,
        files: &CopyFiles,
        is_add: bool,
    ) -> Result<(), BuildError> {
        if !files.chmod.is_empty() {
            return Err(BuildError::new(CHMOD));
        }
        let mut source = self.source(engine, files)?;
        let result = self.copy_from(engine, &source, files, is_add);
        if let Some(view) = source.view.take() {
            engine.layers().remove(engine, &view)?;
        }
        result
    }

    fn copy_from(
        &mut self,
        engine: &mut Engine<'_>,
        source: &Source,
        files: &CopyFiles,
        is_add: bool,
    ) -> Result<(), BuildError> {
        let mut copying = Copying { files, is_add, found: Vec::new() };
        let name = copying.name();
        let failed =
            |error: BuildError| BuildError { text: format!("{name} failed: {}", error.text), ..error };
        for asked in &files.sources {
            if is_add && is_url(asked) {
                return Err(failed(download(asked)));
            }
            if files.from.is_empty() && self.context.is_none() {
                return Err(failed(BuildError::new("missing build context")));
            }
            copying.found.extend(source::find(engine, source, asked).map_err(failed)?);
        }
        if copying.found.is_empty() {
            return Err(failed(BuildError::new("no source files were specified")));
        }
        if copying.found.len() > 1 && !files.target.ends_with('/') {
            return Err(BuildError::new(format!(
                "When using {name} with more than one source file, the destination must be a directory and end with a /"
            )));
        }
        let sum = match copying.found.as_slice() {
            [one] => one.sum.clone(),
            many => {
                let all: Vec<String> = many.iter().map(|found| found.sum.clone()).collect();
                sums::list("multi", &all)
            }
        };
        let chown = if files.chown.is_empty() { String::new() } else { format!("--chown={}", files.chown) };
        let noted = self.stage.noted(&format!("{name} {chown}{sum} in {} ", files.target));
        if self.hit(engine, &noted)? {
            return Ok(());
        }
        let below = match &self.stage.image {
            Some(id) => engine.image(id)?.and_then(|image| image.chain_id()),
            None => None,
        };
        let key = engine.layers().prepare(engine, below.as_ref())?;
        let done = self.fill(engine, &key, source, &copying);
        let unmounted = engine.layers().unmount(engine, &key);
        if let Err(error) = done.and(unmounted.map_err(BuildError::from)) {
            engine.layers().remove(engine, &key)?;
            return Err(error);
        }
        Ok(self.commit_layer(engine, &key, noted)?)
    }

    /// Puts all sources into a new layer.
    fn fill(
        &self,
        engine: &mut Engine<'_>,
        key: &str,
        source: &Source,
        copying: &Copying<'_>,
    ) -> Result<(), BuildError> {
        let root = engine.layers().mount(engine, key)?;
        let shown = engine.graph_dirs(key)?.merged;
        let task = Task::root().chrooted(root.as_str());
        let files = copying.files;
        let owner = match files.chown.as_str() {
            "" if files.from.is_empty() => Some((0, 0)),
            "" => None,
            text => Some(owners::parse(engine, &task, &shown, text).map_err(|why| {
                BuildError::new(format!("unable to convert uid/gid chown string to host mapping: {why}"))
            })?),
        };
        let asked = target_path(&self.stage.config.working_dir, &files.target);
        let target =
            Target { task: &task, root: &shown, asked: &asked, owner, mode: None, builder: Builder::Classic };
        for found in &copying.found {
            let done = if copying.is_add && !found.is_dir && is_archive(engine, source, found)? {
                unpack(engine, source, found, &target)
            } else {
                target.put(engine, source, found)
            };
            done.map_err(|error| BuildError::new(format!("failed to copy files: {error}")))?;
        }
        Ok(())
    }

    /// The tree that is copied from.
    fn source(&mut self, engine: &mut Engine<'_>, files: &CopyFiles) -> Result<Source, BuildError> {
        if files.from.is_empty() {
            let context = self.context.clone().unwrap_or_else(|| super::super::layout::ROOT.to_owned());
            return Ok(Source {
                task: Task::root().chrooted(context),
                counted: Counted::AsRoot,
                confines: true,
                view: None,
            });
        }
        let chain = self.stage_layer(engine, &files.from).map_err(|error| BuildError {
            text: format!("invalid from flag value {}: {}", files.from, error.text),
            ..error
        })?;
        let (view, root) = match chain {
            Some(chain) => engine.layers().view(engine, &chain)?,
            None => {
                let key = engine.layers().prepare(engine, None)?;
                let root = engine.layers().mount(engine, &key)?;
                (key, root)
            }
        };
        Ok(Source {
            task: Task::root().chrooted(root),
            counted: Counted::Own(engine.owner_names()),
            confines: true,
            view: Some(view),
        })
    }

    /// The topmost layer of what `--from` means: a stage by name or number, or an image.
    fn stage_layer(&mut self, engine: &mut Engine<'_>, from: &str) -> Result<Option<Digest>, BuildError> {
        let by_name = self.done.iter().find(|(name, _)| !name.is_empty() && name == from);
        let stage = match (by_name, from.parse::<i64>()) {
            (Some((_, image)), _) => Some(*image),
            (None, Ok(number)) => {
                match usize::try_from(number).ok().map(|number| (number, self.done.get(number))) {
                    Some((_, Some((_, image)))) => Some(*image),
                    Some((number, None)) if number == self.done.len() => {
                        return Err(BuildError::new("refers to current build stage"));
                    }
                    _ => return Err(BuildError::new("index out of bounds")),
                }
            }
            (None, Err(_)) => None,
        };
        let image = match stage {
            Some(None) => nothing(),
            Some(Some(id)) => engine.image(&id)?.unwrap_or_else(nothing),
            None => self.base(engine, from)?,
        };
        Ok(image.chain_id())
    }
}

/// The target as an absolute path; a slash at its end stays.
fn target_path(working_dir: &str, target: &str) -> String {
    if target.starts_with('/') {
        return target.to_owned();
    }
    let joined = gopath::clean(format!("/{working_dir}/{target}").as_bytes());
    let mut joined = String::from_utf8_lossy(&joined).into_owned();
    if target.ends_with('/') && !joined.ends_with('/') {
        joined.push('/');
    }
    joined
}

fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// Nothing can be fetched: the lab has no network but its own.
fn download(url: &str) -> BuildError {
    let host = url.split_once("//").map_or("", |(_, rest)| rest).split('/').next().unwrap_or_default();
    let (name, port) =
        host.rsplit_once(':').unwrap_or((host, if url.starts_with("https") { "443" } else { "80" }));
    let is_local = name == "localhost" || name.starts_with("127.");
    let why = if is_local {
        let address = if name == "localhost" { "127.0.0.1" } else { name };
        format!("dial tcp {address}:{port}: connect: connection refused")
    } else {
        format!("dial tcp: lookup {name}: no such host")
    };
    let hint = "\nLayerlab: the lab has no network, so ADD cannot fetch a URL; put the file into the context";
    BuildError::new(format!("Get \"{url}\": {why}{}", if is_local { "" } else { hint }))
}

/// Whether a file is a tar, plain or compressed: its first header is one.
pub(in crate::engine) fn is_archive(
    engine: &mut Engine<'_>,
    source: &Source,
    found: &Found,
) -> Result<bool, BuildError> {
    Ok(with_file(engine, source, found, |engine, mut blob| {
        let len = blob.size;
        let start = layer_source(&mut blob, engine, MAGIC_LEN.min(len as usize));
        let Some(start) = start else { return false };
        let compression = detect_docker(&start);
        let expected = Expected { compression: Some(compression), ..Expected::default() };
        let mut head = Vec::new();
        // Stops as soon as there is a header, whatever follows.
        let _ = layer::stream(
            engine.kernel,
            &mut blob,
            Blob { offset: 0, len },
            expected,
            Limits::default(),
            |_, bytes, _| {
                head.extend_from_slice(&bytes[..bytes.len().min(512 - head.len())]);
                if head.len() < 512 { Ok(()) } else { Err(layer::LayerError::Duplicate("".into())) }
            },
        );
        is_header(&head)
    })?)
}

fn layer_source(blob: &mut FdBlob, engine: &mut Engine<'_>, len: usize) -> Option<bytes::Bytes> {
    use crate::oci::blob::LayerSource as _;
    blob.read_at(engine.kernel, 0, len).ok()
}

/// Whether 512 bytes are a tar header: their sum is the one they name (POSIX ustar).
fn is_header(head: &[u8]) -> bool {
    let Some(field) = head.get(148..156).filter(|_| head.len() == 512) else { return false };
    let text: String = field.iter().map(|b| char::from(*b)).filter(|c| !matches!(c, '\0' | ' ')).collect();
    let Ok(named) = u64::from_str_radix(&text, 8) else { return false };
    let counted = |at: usize, byte: u8| u64::from(if (148..156).contains(&at) { b' ' } else { byte });
    let sum: u64 = head.iter().enumerate().map(|(at, byte)| counted(at, *byte)).sum();
    sum == named && head.iter().any(|b| *b != 0)
}

fn with_file<T>(
    engine: &mut Engine<'_>,
    source: &Source,
    found: &Found,
    work: impl FnOnce(&mut Engine<'_>, FdBlob) -> T,
) -> Result<T, Error> {
    use super::super::error::Named as _;
    let flags = OpenFlags::RDONLY | OpenFlags::NONBLOCK;
    let fd = engine.kernel.open(&source.task, &found.at, flags, 0).named("open", &found.at)?;
    let blob = FdBlob::new(engine.kernel, fd).named("stat", &found.at);
    let result = blob.map(|blob| work(engine, blob));
    engine.kernel.close(fd).named("close", &found.at)?;
    result
}

/// Unpacks an archive at the target, which becomes a directory.
pub(in crate::engine) fn unpack(
    engine: &mut Engine<'_>,
    source: &Source,
    found: &Found,
    target: &Target<'_>,
) -> Result<(), Error> {
    let at = scoped(engine.kernel, target.task, target.asked.as_bytes())?;
    if engine.kernel.stat(target.task, &at).is_err() {
        // BuildKit gives the new directories to the owner (recorded).
        let owner = target.owner.filter(|_| target.builder == Builder::Kit);
        target.make_dirs(engine.kernel, &at, owner)?;
    }
    target.pivot(engine, &at)?;
    with_file(engine, source, found, |engine, mut blob| {
        engine.unpack_into(target.task, &at, Owners::Kept, &mut blob)
    })?
    .map_err(|error| super::super::refusal(&error))
}
