//! Files that come from outside the lab, and files that leave it, piece by piece.

use crate::kernel::{ByteString, Kernel, OpenFlags, Task, fs, path};

/// The largest piece that leaves at once.
const PIECE_MAX: u32 = 1 << 22;

/// A piece of a file that was put into the lab.
#[derive(Debug, Clone)]
pub(super) struct PutFile {
    /// The tick before which it came.
    pub(super) before: usize,
    /// Where it went, absolute.
    pub(super) path: ByteString,
    /// Where in the file the piece stands.
    pub(super) offset: u64,
    /// The piece.
    pub(super) data: ByteString,
}

impl PutFile {
    /// Writes the piece; the first one creates the file and its directories, or cuts what is there.
    pub(super) fn put(&self, kernel: &mut dyn Kernel) -> Result<(), String> {
        let task = Task::root();
        let complain = |error| format!("{}: {error}", self.path);
        let mut flags = OpenFlags::WRONLY | OpenFlags::CREAT;
        if self.offset == 0 {
            flags |= OpenFlags::TRUNC;
            fs::mkdir_all(kernel, &task, path::parent(&self.path), 0o755).map_err(complain)?;
        }
        fs::with_open(kernel, &task, &self.path, flags, 0o644, |kernel, fd| {
            kernel.pwrite(fd, self.offset, &self.data).map(drop)
        })
        .map_err(complain)
    }
}

/// A piece of a file of the lab; empty at its end.
pub(super) fn get(kernel: &mut dyn Kernel, path: &[u8], offset: u64, len: u32) -> Result<ByteString, String> {
    let len = len.min(PIECE_MAX) as usize;
    fs::with_open(kernel, &Task::root(), path, OpenFlags::RDONLY, 0, |kernel, fd| {
        kernel.pread(fd, offset, len)
    })
    .map(|data| data[..].into())
    .map_err(|error| format!("{}: {error}", String::from_utf8_lossy(path)))
}
