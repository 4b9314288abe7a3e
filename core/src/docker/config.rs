//! The client's configuration file (docker/cli 20.10, `cli/config`).

use super::json::Json;
use crate::kernel::{ByteString, Errno, fs, path};
use crate::program::{Process, System};

/// The directory that holds it: `--config`, `$DOCKER_CONFIG`, or `.docker` in the home directory.
pub(super) fn directory(process: &Process, given: Option<&ByteString>) -> ByteString {
    if let Some(dir) = given.or_else(|| process.env.get(&b"DOCKER_CONFIG"[..])).filter(|dir| !dir.is_empty())
    {
        return dir.clone();
    }
    let home = process.env.get(&b"HOME"[..]).map_or(&b"/root"[..], |home| home.as_bytes());
    path::join(home, b".docker")
}

/// Reads it; an empty document where there is none. One that cannot be read is told and counts as empty, as with
/// Docker's client.
pub(super) fn read(system: &mut System<'_>, process: &mut Process, given: Option<&ByteString>) -> Json {
    let file = path::join(&directory(process, given), b"config.json");
    let empty = Json::Object(Vec::new());
    let task = process.task.clone();
    let bytes = match fs::read(system.kernel, &task, &file) {
        Ok(bytes) => bytes,
        Err(Errno::ENOENT | Errno::ENOTDIR) => return empty,
        Err(errno) => {
            let why = crate::engine::go_text(errno);
            process.complain(system, format!("WARNING: Error loading config file: open {file}: {why}\n"));
            return empty;
        }
    };
    match serde_json::from_slice::<Json>(&bytes) {
        Ok(document @ Json::Object(_)) => document,
        _ => {
            let why = "it holds no JSON object";
            process.complain(system, format!("WARNING: Error loading config file: {file}: {why}\n"));
            empty
        }
    }
}

/// Writes it, for its owner alone and indented as Docker's client does, and returns the file's name.
///
/// # Errors
/// The disk's, in Go's words.
pub(super) fn write(
    system: &mut System<'_>,
    process: &Process,
    given: Option<&ByteString>,
    document: &Json,
) -> Result<ByteString, String> {
    let dir = directory(process, given);
    let file = path::join(&dir, b"config.json");
    let (kernel, task) = (&mut *system.kernel, &process.task);
    match kernel.mkdir(task, &dir, 0o700) {
        Ok(()) | Err(Errno::EEXIST) => {}
        Err(errno) => return Err(format!("mkdir {dir}: {}", crate::engine::go_text(errno))),
    }
    let text = document.indented(b"\t");
    fs::write(kernel, task, &file, text.as_bytes(), 0o600)
        .map_err(|errno| format!("open {file}: {}", crate::engine::go_text(errno)))?;
    Ok(file)
}
