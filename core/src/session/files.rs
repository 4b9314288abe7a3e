//! Files that come from outside the lab, and files that leave it, piece by piece.

use super::journal::Content;
use crate::kernel::{ByteString, FileType, Kernel, OpenFlags, Task, fs, path};
use crate::oci::Hasher;

/// The largest piece that leaves at once.
const PIECE_MAX: u32 = 1 << 22;
/// The largest file that an editor opens, in bytes.
const EDIT_MAX: u64 = 1 << 20;
/// How many links are followed to a file that is to be edited, as many as Linux follows.
const LINKS_MAX: usize = 40;

/// A file that is coming in.
#[derive(Debug)]
pub(super) struct Putting {
    path: ByteString,
    hash: Hasher,
    size: u64,
    /// What came, where it must be kept for a replay.
    data: Option<Vec<u8>>,
}

impl Putting {
    /// The first piece; `keep` says whether the content is needed later.
    pub(super) fn begin(path: ByteString, data: &[u8], keep: bool) -> Self {
        let mut putting = Self { path, hash: Hasher::new(), size: 0, data: keep.then(Vec::new) };
        putting.add(data);
        putting
    }

    /// Whether a piece is the next one of this file.
    pub(super) fn takes(&self, path: &ByteString, offset: u64) -> bool {
        self.path == *path && offset > 0 && self.size == offset
    }

    /// The next piece.
    pub(super) fn add(&mut self, data: &[u8]) {
        self.hash.update(data);
        self.size += data.len() as u64;
        if let Some(kept) = &mut self.data {
            kept.extend_from_slice(data);
        }
    }

    /// The file's name and digest, and its content where it was kept.
    pub(super) fn end(self) -> (Content, Option<ByteString>) {
        let digest = self.hash.finish().to_string();
        let content = Content { path: self.path, digest, size: self.size };
        (content, self.data.map(ByteString::from))
    }
}

/// Writes a piece of a file; the first one creates the file and its directories, or cuts what is there.
pub(super) fn put(kernel: &mut dyn Kernel, file: &[u8], offset: u64, data: &[u8]) -> Result<(), String> {
    let task = Task::root();
    let complain = |error| format!("{}: {error}", String::from_utf8_lossy(file));
    let mut flags = OpenFlags::WRONLY | OpenFlags::CREAT;
    if offset == 0 {
        flags |= OpenFlags::TRUNC;
        fs::mkdir_all(kernel, &task, path::parent(file), 0o755).map_err(complain)?;
    }
    fs::with_open(kernel, &task, file, flags, 0o644, |kernel, fd| fs::write_at(kernel, fd, offset, data))
        .map_err(complain)
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

/// What an editor opens at a path of this task: where the file is in the kernel's tree, and its content where there is one.
pub(super) fn open(
    kernel: &mut dyn Kernel,
    task: &Task,
    file: &[u8],
) -> Result<(ByteString, Option<ByteString>), String> {
    let name = String::from_utf8_lossy(file).into_owned();
    let complain = |error| format!("{name}: {error}");
    let mut at = ByteString::from(file);
    for _ in 0..LINKS_MAX {
        // The directory without links, so that the file is found from outside the task's root as well.
        let Some(last) = path::file_name(&at) else { return Err(format!("{name}: is a directory")) };
        let dir = kernel.chdir(task, path::parent(&at)).map_err(complain)?;
        let real = path::join(&dir, last);
        let stat = fs::lstat_opt(kernel, task, &real).map_err(complain)?;
        let whole =
            || ByteString::from([task.root.strip_suffix(b"/").unwrap_or(&task.root), &real[..]].concat());
        match stat {
            None => return Ok((whole(), None)),
            Some(stat) if stat.kind == FileType::Symlink => {
                let target = kernel.readlink(task, &real).map_err(complain)?;
                at = path::join(&dir, &target);
            }
            Some(stat) if stat.kind != FileType::File => {
                return Err(format!("{name}: is no file with text"));
            }
            Some(stat) if stat.size > EDIT_MAX => {
                return Err(format!("{name}: is larger than the editor takes (1 MiB)"));
            }
            Some(_) => {
                let content = fs::read(kernel, task, &real).map_err(complain)?;
                let content =
                    std::str::from_utf8(&content).map_err(|_| format!("{name}: is no text in UTF-8"))?;
                return Ok((whole(), Some(content.into())));
            }
        }
    }
    Err(format!("{name}: too many levels of symbolic links"))
}
