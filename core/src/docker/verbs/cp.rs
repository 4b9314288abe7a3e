//! `docker cp` (oracle: cp-*).

use super::super::{Call, Failure};
use crate::engine::{Error, go_text};
use crate::kernel::{ByteString, Errno, Stat, Task, fs, path};
use crate::oci::blob::FdBlob;
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
        (Side::Container(name, from), Side::Host(to)) => out(call, &name, &from, &to),
        (Side::Host(from), Side::Container(name, to)) => into(call, &from, &name, &to),
        (Side::Container(name, from), Side::Stream) => stream_out(call, &name, &from),
        (Side::Stream, Side::Container(name, to)) => stream_in(call, &name, &to),
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

fn absolute(text: &[u8]) -> ByteString {
    if text.starts_with(b"/") { text.into() } else { [b"/", text].concat().into() }
}

/// Whether a path says by its end that it is a directory.
fn says_dir(path: &[u8]) -> bool {
    path.ends_with(b"/") || path == b"." || path.ends_with(b"/.")
}

/// Copies out of a container.
fn out(call: &mut Call<'_, '_>, name: &str, from: &ByteString, to: &ByteString) -> Result<Flow, Failure> {
    let follow = call.flags.is_set("follow-link");
    let archive = call.flags.is_set("archive");
    let host = call.process.task.clone();
    let container = find(call, name, from)?;
    let mut engine = call.engine()?;
    let view = engine.view(&container.id)?;
    let inside = Task::root().chrooted(view.root.as_str());
    let source = absolute(from);
    let real = resolve(engine.kernel, &inside, &source, follow || says_dir(from));
    let result = match real {
        None => Err(missing(name, from)),
        Some((source, stat)) => {
            let contents = from.ends_with(b"/.") || from == ".";
            if from.ends_with(b"/") && !stat.is_dir() {
                Err(missing(name, from))
            } else {
                place(engine.kernel, &host, &source, &stat, contents, to, Outside).and_then(|target| {
                    let owner = if archive { None } else { Some((host.uid, host.gid)) };
                    Ok(engine.copy(&inside, &source, &host, &target, owner)?)
                })
            }
        }
    };
    engine.leave(&view)?;
    result.map(|()| Flow::OK)
}

/// Writes what is in a container to standard output, as a tar whose names start with the last part of the path asked for
/// (`daemon/archive.go`, `containerArchivePath`).
fn stream_out(call: &mut Call<'_, '_>, name: &str, from: &ByteString) -> Result<Flow, Failure> {
    let follow = call.flags.is_set("follow-link");
    let container = find(call, name, from)?;
    let mut engine = call.engine()?;
    let view = engine.view(&container.id)?;
    let inside = Task::root().chrooted(view.root.as_str());
    let asked = absolute(from);
    let result = match resolve(engine.kernel, &inside, &asked, follow || says_dir(from)) {
        Some((at, stat)) if stat.is_dir() || !from.ends_with(b"/") => {
            let named = if follow { at.clone() } else { ByteString::from(trim(&asked)) };
            let base =
                if named.ends_with(b"/.") { b"." } else { path::file_name(&named).unwrap_or_default() };
            engine.archive(&view.root, &at, base).map_err(Failure::from)
        }
        _ => Err(missing(name, from)),
    };
    engine.leave(&view)?;
    super::save::deliver(call, &result?, None)
}

/// Unpacks a tar of standard input into a directory of a container (`daemon/archive.go`, `containerExtractToDir`).
fn stream_in(call: &mut Call<'_, '_>, name: &str, to: &ByteString) -> Result<Flow, Failure> {
    // The client asks for the directory first, and takes any answer but that for a no.
    let no = || Failure::new(format!("destination \"{name}:{to}\" must be a directory"));
    let container = call.engine()?.find_container(name).map_err(|_| no())?;
    let input = call.process.stdin.clone();
    let (fd, path) = super::load::spool(call, &input)?;
    let mut engine = call.engine()?;
    let view = engine.view(&container.id)?;
    let inside = Task::root().chrooted(view.root.as_str());
    let result = match engine.kernel.chdir(&inside, &absolute(to)) {
        Err(_) => Err(no()),
        Ok(dir) => match FdBlob::new(engine.kernel, fd) {
            Ok(mut blob) => engine.extract(&view.root, &dir, &mut blob).map_err(Failure::from),
            Err(errno) => Err(Failure::new(go_text(errno))),
        },
    };
    engine.leave(&view)?;
    engine.kernel.close(fd).map_err(super::load::plain)?;
    engine.kernel.unlink(&Task::root(), path.as_bytes()).map_err(super::load::plain)?;
    result.map(|()| Flow::OK)
}

fn missing(name: &str, path: &ByteString) -> Failure {
    Failure::new(format!("Error: No such container:path: {name}:{path}"))
}

fn find(call: &mut Call<'_, '_>, name: &str, path: &ByteString) -> Result<crate::engine::Container, Failure> {
    match call.engine()?.find_container(name) {
        Ok(container) => Ok(container),
        Err(Error::NotFound(_)) => Err(missing(name, path)),
        Err(error) => Err(error.into()),
    }
}

/// Copies into a container.
fn into(call: &mut Call<'_, '_>, from: &ByteString, name: &str, to: &ByteString) -> Result<Flow, Failure> {
    let follow = call.flags.is_set("follow-link");
    let archive = call.flags.is_set("archive");
    let host = call.process.task.clone();
    let container = find(call, name, to)?;
    let Some((source, stat)) = resolve(call.system.kernel, &host, from, follow || says_dir(from)) else {
        let shown = path::join(&host.cwd, from);
        return Err(Failure::new(format!("lstat {shown}: no such file or directory")));
    };
    let contents = from.ends_with(b"/.") || from == ".";
    let mut engine = call.engine()?;
    let view = engine.view(&container.id)?;
    let inside = Task::root().chrooted(view.root.as_str());
    let target = place(engine.kernel, &inside, &source, &stat, contents, &absolute(to), Inside(name));
    let result = target.and_then(|target| {
        let owner = if archive { None } else { Some((0, 0)) };
        Ok(engine.copy(&host, &source, &inside, &target, owner)?)
    });
    engine.leave(&view)?;
    result.map(|()| Flow::OK)
}

/// The file that is meant, with a last link followed where that is wanted.
fn resolve(
    kernel: &mut dyn crate::kernel::Kernel,
    task: &Task,
    path: &[u8],
    follow: bool,
) -> Option<(ByteString, Stat)> {
    let mut at = ByteString::from(trim(path));
    for _ in 0..40 {
        let stat = kernel.lstat(task, &at).ok()?;
        if stat.kind != crate::kernel::FileType::Symlink || !follow {
            return Some((at, stat));
        }
        let target = kernel.readlink(task, &at).ok()?;
        at = path::join(path::parent(&at), &target);
    }
    None
}

fn trim(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|b| *b != b'/').map_or(1, |at| at + 1);
    &path[..end.min(path.len())]
}

/// Which side the target is on, for error texts.
#[derive(Clone, Copy)]
enum Where<'n> {
    Outside,
    Inside(&'n str),
}
use Where::{Inside, Outside};

/// Where the copy goes (`archive.CopyInfoDestinationPath`, `PrepareArchiveCopy`).
fn place(
    kernel: &mut dyn crate::kernel::Kernel,
    task: &Task,
    source: &[u8],
    stat: &Stat,
    contents: bool,
    to: &ByteString,
    whose: Where<'_>,
) -> Result<ByteString, Failure> {
    let missing = |what: &[u8]| match whose {
        Outside => Failure::new(format!(
            "invalid output path: directory \"{}\" does not exist",
            String::from_utf8_lossy(what)
        )),
        Inside(name) => self::missing(name, &what.into()),
    };
    let there = match kernel.stat(task, to) {
        Ok(there) => Some(there),
        Err(Errno::ENOENT | Errno::ENOTDIR) => None,
        Err(errno) => return Err(Failure::new(go_text(errno))),
    };
    let base = path::file_name(source).unwrap_or_default();
    match there {
        Some(there) if there.is_dir() => {
            if stat.is_dir() && contents {
                Ok(to.clone())
            } else {
                Ok(path::join(trim(to), base))
            }
        }
        Some(_) if stat.is_dir() => Err(Failure::new("cannot copy directory")),
        Some(_) if says_dir(to) => Err(Failure::new("not a directory")),
        Some(_) => Ok(to.clone()),
        None => {
            if says_dir(to) && !stat.is_dir() {
                return Err(Failure::new("no such directory"));
            }
            let parent = path::parent(to).to_vec();
            if fs::exists(kernel, task, &parent) { Ok(trim(to).into()) } else { Err(missing(&parent)) }
        }
    }
}
