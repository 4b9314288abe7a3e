//! The context: found, checked and sent, as the client does it.

use super::super::super::{Call, Failure};
use super::super::load;
use super::request::Request;
use crate::dockerfile::ignore::Ignore;
use crate::engine::build::{Context, DOCKERFILE, Sent, patterns};
use crate::engine::go_text;
use crate::kernel::{ByteString, Errno, fs, path};
use crate::oci::blob::FdBlob;

/// Where a context comes from.
pub(super) enum From {
    /// A directory of the host, absolute.
    Dir(ByteString),
    /// Standard input: a Dockerfile, or a tar.
    Stdin,
}

/// A context with the Dockerfile that belongs to it.
pub(super) struct Prepared {
    pub(super) from: From,
    pub(super) ignore: Ignore,
    /// The Dockerfile's name in the context.
    pub(super) name: String,
    /// Its text, where it is none of the context's files.
    pub(super) text: Option<Vec<u8>>,
    /// What stood on standard input.
    pub(super) input: Option<Vec<u8>>,
    /// The sizes of the Dockerfile's own ignore file and of the context's, where they are.
    pub(super) ignores: (Option<usize>, Option<usize>),
}

fn unable(why: impl std::fmt::Display) -> Failure {
    Failure::new(format!("unable to prepare context: {why}"))
}

/// Finds the context and its Dockerfile, as the client does before it sends anything.
pub(super) fn prepare(call: &mut Call<'_, '_>, request: &Request) -> Result<Prepared, Failure> {
    if request.context == "-" && request.file == "-" {
        return Err(Failure::new("invalid argument: can't use stdin for both build context and dockerfile"));
    }
    if request.context == "-" {
        let input = call.process.stdin;
        let data = input.read_to_end(call.system).map_err(load::plain)?;
        let name = if request.file.is_empty() { DOCKERFILE.to_owned() } else { request.file.clone() };
        return Ok(Prepared {
            ignores: (None, None),
            from: From::Stdin,
            ignore: Ignore::default(),
            name,
            text: None,
            input: Some(data),
        });
    }
    let task = call.process.task.clone();
    let kernel = &mut *call.system.kernel;
    let dir = match kernel.stat(&task, request.context.as_bytes()) {
        Ok(stat) if stat.is_dir() => {
            kernel.chdir(&task, request.context.as_bytes()).map_err(|errno| unable(go_text(errno)))?
        }
        Ok(_) => {
            let at = path::normalize(&path::join(&task.cwd, request.context.as_bytes()));
            return Err(unable(format!("context must be a directory: {at}")));
        }
        Err(_) => return Err(no_context(&request.context)),
    };
    let mut text = None;
    let name = match request.file.as_str() {
        "-" => {
            let input = call.process.stdin;
            text = Some(input.read_to_end(call.system).map_err(load::plain)?);
            DOCKERFILE.to_owned()
        }
        "" => {
            let at = path::join(&dir, DOCKERFILE.as_bytes());
            let lower = DOCKERFILE.to_lowercase();
            let is_lower = kernel.lstat(&task, &at).is_err()
                && kernel.lstat(&task, &path::join(&dir, lower.as_bytes())).is_ok();
            let name = if is_lower { lower } else { DOCKERFILE.to_owned() };
            resolved(call, &path::join(&dir, name.as_bytes()))?;
            name
        }
        file => {
            let at = path::normalize(&path::join(&task.cwd, file.as_bytes()));
            let at = resolved(call, &at)?;
            let mut top = dir.clone();
            if !top.ends_with(b"/") {
                top = [top.as_slice(), b"/"].concat().into();
            }
            match at.strip_prefix(top.as_slice()) {
                Some(inside) => String::from_utf8_lossy(inside).into_owned(),
                None => {
                    let read = fs::read(call.system.kernel, &task, &at);
                    let read = read.map_err(|errno| {
                        Failure::new(format!("unable to open Dockerfile: open {file}: {}", go_text(errno)))
                    })?;
                    text = Some(read.to_vec());
                    DOCKERFILE.to_owned()
                }
            }
        }
    };
    let kernel = &mut *call.system.kernel;
    let ignore = fs::read(kernel, &task, &path::join(&dir, b".dockerignore")).unwrap_or_default();
    let own = text.is_none().then_some(name.as_str());
    let ignore = patterns(&String::from_utf8_lossy(&ignore), own)
        .map_err(|why| Failure::new(format!("error checking context: {why}")))?;
    Ok(Prepared { from: From::Dir(dir), ignore, name, text, input: None, ignores: (None, None) })
}

/// What is said of a context that is no directory.
pub(super) fn no_context(text: &str) -> Failure {
    let is_git = text.starts_with("git://")
        || text.starts_with("git@")
        || text.starts_with("github.com/")
        || (text.starts_with("http")
            && text.split('#').next().is_some_and(|url| url.as_bytes().ends_with(b".git")));
    if is_git {
        return unable(format!(
            "unable to 'git clone' to temporary context directory: error fetching: fatal: unable to access '{text}'\n\
             Layerlab: the lab has no network; use a directory as the context"
        ));
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        return unable(format!(
            "unable to download remote context {text}: Get \"{text}\": dial tcp: no such host\n\
             Layerlab: the lab has no network; use a directory as the context"
        ));
    }
    unable(format!("path {} not found", crate::dockerfile::quote(text)))
}

/// Where a Dockerfile is in the end.
fn resolved(call: &mut Call<'_, '_>, at: &[u8]) -> Result<ByteString, Failure> {
    let task = call.process.task.clone();
    let kernel = &mut *call.system.kernel;
    let lost = |errno: Errno| {
        let shown = String::from_utf8_lossy(at);
        unable(format!("unable to evaluate symlinks in Dockerfile path: lstat {shown}: {}", go_text(errno)))
    };
    kernel.stat(&task, at).map_err(lost)?;
    let mut at = ByteString::from(at);
    for _ in 0..40 {
        let dir = kernel.chdir(&task, path::parent(&at)).map_err(lost)?;
        at = path::join(&dir, path::file_name(&at).unwrap_or_default());
        match kernel.readlink(&task, &at) {
            Ok(link) => at = path::normalize(&path::join(&dir, &link)),
            Err(_) => return Ok(at),
        }
    }
    Err(lost(Errno::ELOOP))
}

/// Sends a context. Returns it with the Dockerfile's text, where that is none of its files.
pub(super) fn send(call: &mut Call<'_, '_>, prepared: &Prepared, sent: Sent) -> Result<Context, Failure> {
    let task = call.process.task.clone();
    match &prepared.from {
        From::Dir(dir) => Ok(call.engine()?.context_of_dir(&task, dir, &prepared.ignore, sent)?),
        From::Stdin => {
            let data = prepared.input.clone().unwrap_or_default();
            if !is_archive(&data) {
                return Ok(call.engine()?.context_of_text(&data)?);
            }
            let (fd, spooled) = load::spool_bytes(call, &data)?;
            let mut engine = call.engine()?;
            let mut blob = FdBlob::new(engine.kernel, fd).map_err(load::plain)?;
            let context = engine.context_of_tar(&mut blob);
            engine.kernel.close(fd).map_err(load::plain)?;
            engine.kernel.unlink(&crate::kernel::Task::root(), spooled.as_bytes()).map_err(load::plain)?;
            context?.map_err(|error| Failure::new(format!("Error response from daemon: {error}")))
        }
    }
}

/// Whether standard input is a tar, plain or compressed, and no Dockerfile.
fn is_archive(data: &[u8]) -> bool {
    let magic: [&[u8]; 4] = [b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"];
    magic.iter().any(|magic| data.starts_with(magic)) || data.get(257..262) == Some(b"ustar")
}
