//! `docker save` (oracle: save-*), and how archives leave the engine.

use super::super::{Call, Failure};
use crate::engine::{Packed, go_text};
use crate::kernel::{ByteString, FileType, OpenFlags, RenameFlags, path};
use crate::program::Flow;

const PIECE: usize = 1 << 20;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let file = call.flags.bytes("output").cloned();
    check(call, file.as_ref(), "failed to save image")?;
    let names = call.args();
    let packed = call.engine()?.save(&names)?;
    for name in &names {
        let mut engine = call.engine()?;
        if let Ok(image) = engine.find_image(name) {
            engine.tell_image("save", &image.id, &image.id.to_string());
        }
    }
    deliver(call, &packed, file)
}

/// Refuses a terminal, and an output file that cannot be.
pub(super) fn check(call: &mut Call<'_, '_>, file: Option<&ByteString>, what: &str) -> Result<(), Failure> {
    let Some(file) = file.filter(|file| !file.is_empty()) else {
        if call.process.stdout.is_terminal(call.system) {
            return Err(Failure::new("cowardly refusing to save to a terminal. Use the -o flag or redirect"));
        }
        return Ok(());
    };
    let task = call.process.task.clone();
    let dir = path::parent(file);
    if dir != b"." && call.system.kernel.stat(&task, dir).is_err() {
        let dir = String::from_utf8_lossy(dir).into_owned();
        return Err(Failure::new(format!("{what}: invalid output path: directory \"{dir}\" does not exist")));
    }
    if call
        .system
        .kernel
        .stat(&task, file)
        .is_ok_and(|stat| matches!(stat.kind, FileType::Char | FileType::Block))
    {
        let file = String::from_utf8_lossy(file);
        return Err(Failure::new(format!(
            "{what}: invalid output path: \"{file}\" must be a directory or a regular file: got a device"
        )));
    }
    Ok(())
}

/// Writes an archive to a file, whole or not at all, or to standard output.
pub(super) fn deliver(
    call: &mut Call<'_, '_>,
    packed: &Packed,
    file: Option<ByteString>,
) -> Result<Flow, Failure> {
    let result = match file.filter(|file| !file.is_empty()) {
        Some(file) => write_file(call, packed, &file),
        None => write_out(call, packed),
    };
    call.engine()?.release(packed)?;
    result.map(|()| Flow::OK)
}

fn write_file(call: &mut Call<'_, '_>, packed: &Packed, file: &[u8]) -> Result<(), Failure> {
    let task = call.process.task.clone();
    let shown = String::from_utf8_lossy(file).into_owned();
    let fail = |errno| Failure::new(format!("open {shown}: {}", go_text(errno)));
    if call.system.kernel.stat(&task, file).is_ok_and(|stat| stat.is_dir()) {
        return Err(Failure::new(format!("open {shown}: is a directory")));
    }
    let staged = path::join(path::parent(file), b".docker_temp_0");
    let flags = OpenFlags::WRONLY | OpenFlags::CREAT | OpenFlags::TRUNC;
    let kernel = &mut *call.system.kernel;
    let fd = kernel.open(&task, &staged, flags, 0o600).map_err(fail)?;
    let copied = kernel.copy_file_range(packed.fd(), 0, fd, 0, packed.len);
    kernel.close(fd).map_err(fail)?;
    match copied {
        Ok(len) if len == packed.len => {
            kernel.rename(&task, &staged, file, RenameFlags::empty()).map_err(fail)
        }
        result => {
            let errno = result.err().unwrap_or(crate::kernel::Errno::ENOSPC);
            kernel.unlink(&task, &staged).map_err(fail)?;
            Err(Failure::new(format!("write {shown}: {}", go_text(errno))))
        }
    }
}

fn write_out(call: &mut Call<'_, '_>, packed: &Packed) -> Result<(), Failure> {
    let mut at = 0;
    while at < packed.len {
        let piece = call.system.kernel.pread(packed.fd(), at, PIECE).map_err(super::load::plain)?;
        if piece.is_empty() {
            break;
        }
        at += piece.len() as u64;
        call.print(&piece);
    }
    match call.process.stdout.error(call.system) {
        Some(errno) => Err(Failure::new(format!("write /dev/stdout: {}", go_text(errno)))),
        None => Ok(()),
    }
}
