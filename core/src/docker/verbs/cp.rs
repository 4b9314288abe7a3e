//! `docker cp`: one side sends a tar, the other unpacks it (docker/cli `cli/command/container/cp.go`; moby 20.10
//! `pkg/archive/copy.go` and `daemon/archive.go`; oracle: cp-*).

use super::super::{Call, Failure};
use super::scope::{Found, Lost, Scope};
use crate::engine::{Container, Engine, Error, MountPoint, go_text, refusal};
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
        Err(Error::NotFound(_)) => return Err(Lost::Missing.of(name, from)),
        Err(error) => return Err(error.into()),
    };
    let mut engine = call.engine()?;
    let view = engine.view(&container)?;
    let scope = Scope::new(&view.root, &view.merged);
    // With -L the client asks what the path is, and then for what a link leads to in the end.
    let link = if follow { scope.stat(engine.kernel, from).ok().and_then(|found| found.link) } else { None };
    let led = link.unwrap_or_else(|| from.clone());
    let result = match scope.stat(engine.kernel, &led) {
        Ok(Found { at, stat, .. }) => {
            let at = ByteString::from(gopath::clean(&at));
            // Only who unpacks it asks for the name of the link itself. What is named by `..` has another name in the tar, and
            // keeps it: the client looks for the two dots there.
            let is_above = last(from) == b"..";
            let named = if to.is_none() { &led } else { from };
            let base =
                if is_above { gopath::base(&gopath::rooted(from)).to_vec() } else { last(named).to_vec() };
            let names = engine.names_inside(&view.root);
            match &to {
                None => engine.pack_part(scope.task(), &at, &base, &names).map(Some).map_err(Failure::from),
                Some(to) => local_target(engine.kernel, &host, to)
                    .and_then(|target| prepare(stat.is_dir(), base.clone(), &target))
                    .and_then(|(dir, wanted)| {
                        let base = if is_above { base } else { wanted };
                        let done = engine.copy((scope.task(), &at, &base), (&host, &dir), Owners::Own)?;
                        done.map(|()| None).map_err(|error| Failure::new(error.to_string()))
                    }),
            }
        }
        Err(lost) => Err(lost.of(name, &led)),
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
    let input = call.process.stdin;
    // The client asks what is there first, and takes every error for nothing.
    let container = call.engine()?.find_container(name).ok();
    let view = match &container {
        Some(container) => Some(call.engine()?.view(container)?),
        None => None,
    };
    let scope = view.as_ref().map(|view| Scope::new(&view.root, &view.merged));
    let place = container.as_ref().zip(scope.as_ref());
    let result = (|| {
        let target = match &scope {
            Some(scope) => inner_target(call.system.kernel, scope, name, to)?,
            None => Target { path: to.clone(), is_dir: None },
        };
        let Some(from) = from else {
            if target.is_dir != Some(true) {
                return Err(Failure::new(format!("destination \"{name}:{to}\" must be a directory")));
            }
            let (fd, spooled) = super::load::spool(call, input)?;
            let result = extraction(call, place, name, &target.path, |engine, task, dir| {
                let mut blob = FdBlob::new(engine.kernel, fd).map_err(super::load::plain)?;
                Ok(engine.unpack_into(task, dir, Owners::Kept, &mut blob))
            });
            call.system.kernel.close(fd).map_err(super::load::plain)?;
            call.system.kernel.unlink(&Task::root(), spooled.as_bytes()).map_err(super::load::plain)?;
            return result;
        };
        let source = local_source(call.system.kernel, &host, &below(&host.cwd, from), follow)?;
        let (dir, base) = prepare(source.is_dir, source.base, &target)?;
        extraction(call, place, name, &dir, |engine, task, dir| {
            Ok(engine.copy((&host, &source.at, &base), (task, dir), Owners::Kept)?)
        })
    })();
    if let Some(view) = &view {
        call.engine()?.leave(view)?;
    }
    result.map(|()| Flow::OK)
}

/// Unpacks in a directory of the container.
fn extraction(
    call: &mut Call<'_, '_>,
    place: Option<(&Container, &Scope<'_>)>,
    name: &str,
    dir: &[u8],
    unpack: impl FnOnce(&mut Engine<'_>, &Task, &[u8]) -> Result<std::result::Result<(), LayerError>, Failure>,
) -> Result<(), Failure> {
    let mut engine = call.engine()?;
    let Some((container, scope)) = place else { return Err(Lost::Missing.of(name, dir)) };
    let is_read_only = engine.host_config(&container.id)?.readonly_rootfs;
    let at = scope.directory(engine.kernel, dir).and_then(|at| may_write(container, is_read_only, at));
    let at = at.map_err(|lost| lost.of(name, dir))?;
    unpack(&mut engine, scope.task(), &at)?.map_err(|error| refusal(&error).into())
}

/// Whether a container lets its directory be written to (`checkIfPathIsInAVolume`).
fn may_write(container: &Container, is_read_only: bool, at: ByteString) -> Result<ByteString, Lost> {
    let in_it = |volume: &&MountPoint| {
        let rest = at.strip_prefix(volume.destination.trim_end_matches('/').as_bytes());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    };
    let why = match container.mount_points.values().find(in_it) {
        Some(volume) if !volume.writable => "mounted volume is marked read-only",
        None if is_read_only => "container rootfs is marked read-only",
        _ => return Ok(at),
    };
    Err(Lost::Told(why.to_owned()))
}

/// Splits off the last part of a path; one that ends in a dot keeps it (`SplitPathDirEntry`).
fn split(path: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut clean = gopath::clean(path);
    if path.is_empty() || last(path) == b"." {
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
    let not_dir = || Failure::new("not a directory");
    let resolved = resolve(kernel, host, from, follow || says_dir(from));
    let Some((at, stat)) = resolved else {
        // A file in place of a directory has an error of its own (recorded session: cp_to_container: errors).
        return Err(match kernel.lstat(host, from) {
            Err(Errno::ENOTDIR) => not_dir(),
            _ => lost(Errno::ENOENT),
        });
    };
    if from.ends_with(b"/") && !stat.is_dir() {
        return Err(not_dir());
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
    scope: &Scope<'_>,
    name: &str,
    to: &ByteString,
) -> Result<Target, Failure> {
    let (mut path, mut found) = (to.clone(), scope.stat(kernel, to));
    if let Ok(Found { link: Some(link), .. }) = &found {
        path = link.clone();
        found = scope.stat(kernel, &path);
    }
    match found {
        Ok(found) if is_device(&found.stat) => Err(Failure::new(format!(
            "destination \"{name}:{to}\" must be a directory or a regular file: got a device"
        ))),
        Ok(found) => Ok(Target { path, is_dir: Some(found.stat.is_dir()) }),
        Err(_) => Ok(Target { path, is_dir: None }),
    }
}

/// The path that a link leads to, by its text.
fn beside(kernel: &mut dyn Kernel, task: &Task, link: &[u8]) -> ByteString {
    let to = kernel.readlink(task, link).unwrap_or_default();
    if to.starts_with(b"/") { to } else { gopath::clean(&[&split(link).0[..], b"/", &to].concat()).into() }
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

/// A path made absolute, with the end that it has.
fn below(dir: &[u8], text: &[u8]) -> ByteString {
    if text.starts_with(b"/") { text.into() } else { [trim(dir), b"/", text].concat().into() }
}

/// Whether a path says by its end that it is a directory; none is `.`.
fn says_dir(path: &[u8]) -> bool {
    path.is_empty() || path.ends_with(b"/") || last(path) == b"."
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
