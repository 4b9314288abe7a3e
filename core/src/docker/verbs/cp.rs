//! `docker cp`: one side sends a tar, the other unpacks it (docker/cli `cli/command/container/cp.go`; moby 20.10
//! `pkg/archive/copy.go` and `daemon/archive.go`; oracle: cp-*).

use super::super::{Call, Failure};
use crate::engine::{Engine, Error, go_text, refusal};
use crate::kernel::{ByteString, Errno, FileType, Kernel, Stat, Task, path};
use crate::oci::blob::FdBlob;
use crate::oci::gojson::quote;
use crate::oci::gopath;
use crate::oci::layer::{LayerError, Owners};
use crate::program::Flow;

/// One side of a copy.
enum Side {
    Host(ByteString),
    Container(String, ByteString),
    /// `-`: a tar on standard input or output.
    Stream,
}

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let (source, target) = (call.flags.args[0].clone(), call.flags.args[1].clone());
    if source.is_empty() {
        return Err(Failure::new("source can not be empty"));
    }
    if target.is_empty() {
        return Err(Failure::new("destination can not be empty"));
    }
    match (side(&source), side(&target)) {
        (Side::Container(..), Side::Container(..)) => {
            Err(Failure::new("copying between containers is not supported"))
        }
        (Side::Container(name, from), Side::Host(to)) => out(call, &name, &from, Some(&to)),
        (Side::Container(name, from), Side::Stream) => out(call, &name, &from, None),
        (Side::Host(from), Side::Container(name, to)) => into(call, Some(&from), &name, &to),
        (Side::Stream, Side::Container(name, to)) => into(call, None, &name, &to),
        _ => Err(Failure::new("must specify at least one container source")),
    }
}

/// `NAME:PATH` is a container's; a path that starts with a slash or a dot never is (`splitCpArg`).
fn side(text: &ByteString) -> Side {
    if *text == "-" {
        return Side::Stream;
    }
    if !text.starts_with(b"/")
        && !text.starts_with(b".")
        && let Some(colon) = text.iter().position(|b| *b == b':')
        && colon > 0
    {
        return Side::Container(
            String::from_utf8_lossy(&text[..colon]).into_owned(),
            text[colon + 1..].into(),
        );
    }
    Side::Host(text.clone())
}

/// Where a copy goes: a path with its last link followed, and whether a directory is there, or anything.
struct Target {
    path: ByteString,
    is_dir: Option<bool>,
}

/// How many links `CopyInfoDestinationPath` follows.
const MAX_LINKS: usize = 10;

/// What is copied: its path, what it is, and what it is called in the tar.
struct Source {
    at: ByteString,
    is_dir: bool,
    base: Vec<u8>,
}

/// Copies out of a container, to a file of the host or as a tar to standard output.
fn out(
    call: &mut Call<'_, '_>,
    name: &str,
    from: &ByteString,
    to: Option<&ByteString>,
) -> Result<Flow, Failure> {
    let follow = call.flags.is_set("follow-link");
    let host = call.process.task.clone();
    let to = to.map(|to| below(&host.cwd, to));
    if let Some(to) = &to {
        validate(call.system.kernel, &host, to)?;
    }
    let container = match call.engine()?.find_container(name) {
        Ok(container) => container,
        Err(Error::NotFound(_)) => return Err(missing(name, from)),
        Err(error) => return Err(error.into()),
    };
    let mut engine = call.engine()?;
    let view = engine.view(&container.id)?;
    let inside = Task::root().chrooted(view.root.as_str());
    let asked = below(b"/", from);
    // With -L the client reads the link, and asks for what it leads to in the end.
    let is_link = engine.kernel.lstat(&inside, &asked).is_ok_and(|stat| stat.kind == FileType::Symlink);
    let led = if follow && is_link { leads(engine.kernel, &inside, &asked) } else { from.clone() };
    let result = match resolve(engine.kernel, &inside, &asked, follow || says_dir(from)) {
        Some((at, stat)) if stat.is_dir() || !from.ends_with(b"/") => {
            // Only who unpacks it asks for the name of the link itself.
            let named = if to.is_none() { &led } else { &asked };
            let base = last(named).to_vec();
            let names = engine.names_inside(&view.root);
            match &to {
                None => engine.pack_part(&inside, &at, &base, &names).map(Some).map_err(Failure::from),
                Some(to) => local_target(engine.kernel, &host, to)
                    .and_then(|target| prepare(stat.is_dir(), base, &target))
                    .and_then(|(dir, base)| {
                        let done = engine.copy((&inside, &at, &base), (&host, &dir), Owners::Own)?;
                        done.map(|()| None).map_err(|error| Failure::new(error.to_string()))
                    }),
            }
        }
        _ => Err(lost(engine.kernel, &view.root, name, &led)),
    };
    engine.leave(&view)?;
    match result? {
        Some(packed) => super::save::deliver(call, &packed, None),
        None => Ok(Flow::OK),
    }
}

/// Copies into a container: a file of the host, or the tar of standard input.
fn into(
    call: &mut Call<'_, '_>,
    from: Option<&ByteString>,
    name: &str,
    to: &ByteString,
) -> Result<Flow, Failure> {
    let follow = call.flags.is_set("follow-link");
    let host = call.process.task.clone();
    let input = call.process.stdin.clone();
    // The client asks what is there first, and takes every error for nothing.
    let container = call.engine()?.find_container(name).ok();
    let view = match &container {
        Some(container) => Some(call.engine()?.view(&container.id)?),
        None => None,
    };
    let inside = view.as_ref().map(|view| Task::root().chrooted(view.root.as_str()));
    let result = (|| {
        let target = match &inside {
            Some(inside) => inner_target(call.system.kernel, inside, name, to)?,
            None => Target { path: to.clone(), is_dir: None },
        };
        let Some(from) = from else {
            if target.is_dir != Some(true) {
                return Err(Failure::new(format!("destination \"{name}:{to}\" must be a directory")));
            }
            let (fd, spooled) = super::load::spool(call, &input)?;
            let result = extraction(call, inside.as_ref(), name, &target.path, |engine, task, dir| {
                let mut blob = FdBlob::new(engine.kernel, fd).map_err(super::load::plain)?;
                Ok(engine.unpack_into(task, dir, Owners::Kept, &mut blob))
            });
            call.system.kernel.close(fd).map_err(super::load::plain)?;
            call.system.kernel.unlink(&Task::root(), spooled.as_bytes()).map_err(super::load::plain)?;
            return result;
        };
        let source = local_source(call.system.kernel, &host, &below(&host.cwd, from), follow)?;
        let (dir, base) = prepare(source.is_dir, source.base, &target)?;
        extraction(call, inside.as_ref(), name, &dir, |engine, task, dir| {
            Ok(engine.copy((&host, &source.at, &base), (task, dir), Owners::Kept)?)
        })
    })();
    if let Some(view) = &view {
        call.engine()?.leave(view)?;
    }
    result.map(|()| Flow::OK)
}

/// Unpacks in a directory of the container (`containerExtractToDir`): every link of its path is followed.
fn extraction(
    call: &mut Call<'_, '_>,
    inside: Option<&Task>,
    name: &str,
    dir: &[u8],
    unpack: impl FnOnce(&mut Engine<'_>, &Task, &[u8]) -> Result<std::result::Result<(), LayerError>, Failure>,
) -> Result<(), Failure> {
    let mut engine = call.engine()?;
    let there =
        inside.as_ref().and_then(|task| Some((task, engine.kernel.chdir(task, &below(b"/", dir)).ok()?)));
    let Some((task, real)) = there else { return Err(missing(name, &dir.into())) };
    unpack(&mut engine, task, &real)?.map_err(|error| refusal(&error).into())
}

/// Splits off the last part of a path; one that ends in a dot keeps it (`SplitPathDirEntry`).
fn split(path: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut clean = gopath::clean(path);
    if last(path) == b"." {
        clean.extend_from_slice(b"/.");
    }
    (gopath::clean(gopath::dir(&clean)), last(&clean).to_vec())
}

/// Where a tar goes, and what its first part is called there (`PrepareArchiveCopy`).
fn prepare(is_dir: bool, base: Vec<u8>, target: &Target) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    let (dir, name) = split(&target.path);
    match target.is_dir {
        Some(true) => Ok((target.path.to_vec(), base)),
        Some(false) if is_dir => Err(Failure::new("cannot copy directory")),
        None if !is_dir && says_dir(&target.path) => Err(Failure::new("no such directory")),
        _ => Ok((dir, name)),
    }
}

/// `CopyInfoSourcePath`: links before the last part are followed, the last with `-L`.
fn local_source(kernel: &mut dyn Kernel, host: &Task, from: &[u8], follow: bool) -> Result<Source, Failure> {
    let lost = |errno| Failure::new(format!("lstat {}: {}", String::from_utf8_lossy(from), go_text(errno)));
    let (at, stat) = resolve(kernel, host, from, follow || says_dir(from)).ok_or(lost(Errno::ENOENT))?;
    if from.ends_with(b"/") && !stat.is_dir() {
        return Err(lost(Errno::ENOTDIR));
    }
    // What is asked for by another name than its own keeps that name.
    Ok(Source { at, is_dir: stat.is_dir(), base: last(from).to_vec() })
}

/// `CopyInfoDestinationPath`: links are followed to the end, which need not be there.
fn local_target(kernel: &mut dyn Kernel, host: &Task, to: &ByteString) -> Result<Target, Failure> {
    let shown = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
    let mut path = to.clone();
    for _ in 0..=MAX_LINKS {
        match kernel.lstat(host, &path) {
            Ok(stat) if stat.kind == FileType::Symlink => path = beside(kernel, host, &path),
            Ok(stat) => return Ok(Target { path, is_dir: Some(stat.is_dir()) }),
            Err(Errno::ENOENT) => {
                let (parent, _) = split(&path);
                return match kernel.stat(host, &parent) {
                    Ok(stat) if stat.is_dir() => Ok(Target { path, is_dir: None }),
                    Ok(_) => Err(Failure::new("not a directory")),
                    Err(errno) => Err(Failure::new(format!("stat {}: {}", shown(&parent), go_text(errno)))),
                };
            }
            Err(errno) => return Err(Failure::new(format!("lstat {}: {}", shown(&path), go_text(errno)))),
        }
    }
    Err(Failure::new(format!("too many symlinks in {to}")))
}

/// What the client learns of a path in a container: of a link, about what it leads to.
fn inner_target(
    kernel: &mut dyn Kernel,
    inside: &Task,
    name: &str,
    to: &ByteString,
) -> Result<Target, Failure> {
    let mut path = to.clone();
    let mut stat = kernel.lstat(inside, &below(b"/", &path));
    if stat.as_ref().is_ok_and(|stat| stat.kind == FileType::Symlink) {
        path = leads(kernel, inside, &below(b"/", &path));
        stat = kernel.lstat(inside, &path);
    }
    match stat {
        Ok(stat) if is_device(&stat) => Err(Failure::new(format!(
            "destination \"{name}:{to}\" must be a directory or a regular file: got a device"
        ))),
        Ok(stat) => Ok(Target { path, is_dir: Some(stat.is_dir()) }),
        Err(_) => Ok(Target { path, is_dir: None }),
    }
}

/// The path that a link leads to, by its text.
fn beside(kernel: &mut dyn Kernel, task: &Task, link: &[u8]) -> ByteString {
    let to = kernel.readlink(task, link).unwrap_or_default();
    if to.starts_with(b"/") { to } else { gopath::clean(&[&split(link).0[..], b"/", &to].concat()).into() }
}

/// The path that links lead to in the end, there or not (`StatPath`, "fully evaluate the symlink").
fn leads(kernel: &mut dyn Kernel, task: &Task, link: &[u8]) -> ByteString {
    let mut at = ByteString::from(trim(link));
    for _ in 0..40 {
        let (dir, name) = split(&at);
        if let Ok(real) = kernel.chdir(task, &dir) {
            at = path::join(&real, &name);
        }
        if !kernel.lstat(task, &at).is_ok_and(|stat| stat.kind == FileType::Symlink) {
            break;
        }
        at = beside(kernel, task, &at);
    }
    at
}

/// Why a path of a container cannot be copied: it is not there, or leads through what is no directory.
fn lost(kernel: &mut dyn Kernel, root: &str, name: &str, path: &ByteString) -> Failure {
    let inside = Task::root().chrooted(root);
    let asked = below(b"/", path);
    if kernel.lstat(&inside, &asked) != Err(Errno::ENOTDIR) || says_dir(path) {
        return missing(name, path);
    }
    let (dir, base) = split(&asked);
    let through = path::join(&leads(kernel, &inside, &dir), &base);
    Failure::new(format!("Error response from daemon: lstat {root}{through}: not a directory"))
}

/// `ValidateOutputPath`.
fn validate(kernel: &mut dyn Kernel, host: &Task, to: &[u8]) -> Result<(), Failure> {
    let dir = gopath::dir(&gopath::clean(to)).to_vec();
    if kernel.stat(host, &dir).is_err_and(|errno| errno == Errno::ENOENT) {
        return Err(Failure::new(format!("invalid output path: directory {} does not exist", quote(&dir))));
    }
    match kernel.stat(host, to) {
        Ok(stat) if is_device(&stat) => Err(Failure::new(format!(
            "invalid output path: {} must be a directory or a regular file: got a device",
            quote(to)
        ))),
        Ok(_) | Err(Errno::ENOENT) => Ok(()),
        Err(errno) => Err(Failure::new(format!("stat {}: {}", String::from_utf8_lossy(to), go_text(errno)))),
    }
}

fn is_device(stat: &Stat) -> bool {
    matches!(stat.kind, FileType::Char | FileType::Block)
}

fn missing(name: &str, path: &ByteString) -> Failure {
    Failure::new(format!("Error: No such container:path: {name}:{path}"))
}

/// A path made absolute, with the end that it has.
fn below(dir: &[u8], text: &[u8]) -> ByteString {
    if text.starts_with(b"/") { text.into() } else { [trim(dir), b"/", text].concat().into() }
}

/// Whether a path says by its end that it is a directory.
fn says_dir(path: &[u8]) -> bool {
    path.ends_with(b"/") || last(path) == b"."
}

/// The last part, whatever slashes follow (`filepath.Base`); nothing of a root.
fn last(path: &[u8]) -> &[u8] {
    gopath::base(trim(path))
}

fn trim(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|b| *b != b'/').map_or(0, |at| at + 1);
    &path[..end]
}

/// The file that is meant, with a last link followed where that is wanted.
fn resolve(kernel: &mut dyn Kernel, task: &Task, path: &[u8], follow: bool) -> Option<(ByteString, Stat)> {
    let mut at = ByteString::from(if trim(path).is_empty() { b"/" } else { trim(path) });
    for _ in 0..40 {
        let stat = kernel.lstat(task, &at).ok()?;
        if stat.kind != FileType::Symlink || !follow {
            return Some((at, stat));
        }
        let target = kernel.readlink(task, &at).ok()?;
        at = path::join(path::parent(&at), &target);
    }
    None
}
