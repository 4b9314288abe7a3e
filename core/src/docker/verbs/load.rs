//! `docker load` (oracle: load-*).

use super::super::{Call, Failure};
use crate::engine::{Error, Loaded};
use crate::kernel::{Fd, OpenFlags, fs};
use crate::program::{Flow, Input};

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let (fd, made) = match call.flags.bytes("input").cloned() {
        Some(file) => {
            let task = call.process.task.clone();
            let opened = call.system.kernel.open(&task, &file, OpenFlags::RDONLY, 0);
            (
                opened.map_err(|errno| {
                    Failure::new(format!("open {file}: {}", crate::engine::go_text(errno)))
                })?,
                None,
            )
        }
        None => match call.process.stdin {
            input if input.is_terminal(call.system) => {
                return Err(Failure::new("requested load from stdin, but stdin is empty"));
            }
            input => match call.system.world.files.position(input.0) {
                Some((fd, 0)) => (fd, Some(None)),
                _ => {
                    let (fd, path) = spool(call, input)?;
                    (fd, Some(Some(path)))
                }
            },
        },
    };
    let (lines, result) = call.engine()?.load(fd);
    match made {
        // Standard input belongs to whoever opened it.
        Some(None) => {}
        Some(Some(path)) => {
            call.system
                .kernel
                .close(fd)
                .and_then(|()| call.system.kernel.unlink(&crate::kernel::Task::root(), path.as_bytes()))
                .map_err(plain)?;
        }
        None => call.system.kernel.close(fd).map_err(plain)?,
    }
    for line in lines {
        match line {
            Loaded::Renamed(name, id) => call.line(&format!(
                "The image {name} already exists, renaming the old one with ID {id} to empty string"
            )),
            Loaded::Named(name) => call.line(&format!("Loaded image: {name}")),
            Loaded::Nothing => call.line(""),
            Loaded::Image(id) => call.line(&format!("Loaded image ID: {id}")),
        }
    }
    result.map(|()| Flow::OK).map_err(|error| match error {
        // The daemon tells it in its stream of progress, without its usual words before it.
        Error::Failed(text) => Failure::new(text),
        other => other.into(),
    })
}

pub(super) fn plain(errno: crate::kernel::Errno) -> Failure {
    Failure::new(crate::engine::go_text(errno))
}

/// Puts standard input into a file, since an archive is read here and there.
pub(super) fn spool(call: &mut Call<'_, '_>, input: Input) -> Result<(Fd, String), Failure> {
    let data = input.read_to_end(call.system).map_err(plain)?;
    spool_bytes(call, &data)
}

/// Puts bytes into a file of the engine's own.
pub(super) fn spool_bytes(call: &mut Call<'_, '_>, data: &[u8]) -> Result<(Fd, String), Failure> {
    let engine = call.engine()?;
    let path = format!("{}/tmp/stdin-{}", crate::engine::layout::ROOT, &engine.world.new_id()[..10]);
    let task = crate::kernel::Task::root();
    fs::write(engine.kernel, &task, path.as_bytes(), data, 0o600).map_err(plain)?;
    let fd = engine.kernel.open(&task, path.as_bytes(), OpenFlags::RDONLY, 0).map_err(plain)?;
    Ok((fd, path))
}
