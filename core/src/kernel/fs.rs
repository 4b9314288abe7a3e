//! What programs build from several system calls: reading and writing whole files, listing, walking.

use bytes::Bytes;

use super::{DirEntry, Errno, Fd, FileType, Kernel, OpenFlags, RenameFlags, Result, Stat, Task, path};

/// Runs `work` on an open file and closes it, whatever `work` says.
pub fn with_open<T>(
    kernel: &mut dyn Kernel,
    task: &Task,
    path: &[u8],
    flags: OpenFlags,
    mode: u32,
    work: impl FnOnce(&mut dyn Kernel, Fd) -> Result<T>,
) -> Result<T> {
    let fd = kernel.open(task, path, flags, mode)?;
    let result = work(kernel, fd);
    kernel.close(fd)?;
    result
}

/// Moves a process to another directory, which it holds from then on wherever that is moved, and lets go of the one
/// that it held: `chdir(2)` as a shell's `cd` needs it.
pub fn enter(kernel: &mut dyn Kernel, task: &mut Task, path: &[u8]) -> Result<()> {
    let cwd = kernel.chdir(task, path)?;
    let dir = kernel.open(task, path, OpenFlags::PATH | OpenFlags::DIRECTORY, 0)?;
    leave(kernel, task)?;
    task.dir = Some(dir);
    task.cwd = cwd;
    Ok(())
}

/// The task of a new process in the same place: it has a descriptor of its own for the directory that the other holds.
pub fn fork(kernel: &mut dyn Kernel, task: &Task) -> Result<Task> {
    let dir = task.dir.map(|dir| kernel.dup(dir)).transpose()?;
    Ok(Task { dir, ..task.clone() })
}

/// Lets go of the directory that a process holds, for its end; what it does after that starts at the path.
pub fn leave(kernel: &mut dyn Kernel, task: &mut Task) -> Result<()> {
    task.dir.take().map_or(Ok(()), |dir| kernel.close(dir))
}

/// The whole content of a file.
pub fn read(kernel: &mut dyn Kernel, task: &Task, path: &[u8]) -> Result<Bytes> {
    with_open(kernel, task, path, OpenFlags::RDONLY, 0, |kernel, fd| {
        let size = kernel.fstat(fd)?.size as usize;
        kernel.pread(fd, 0, size)
    })
}

/// Writes a whole file: created with `mode` (before the umask), or cut and filled.
pub fn write(kernel: &mut dyn Kernel, task: &Task, path: &[u8], data: &[u8], mode: u32) -> Result<()> {
    let flags = OpenFlags::WRONLY | OpenFlags::CREAT | OpenFlags::TRUNC;
    let written = with_open(kernel, task, path, flags, mode, |kernel, fd| write_at(kernel, fd, 0, data));
    match written {
        // Not every kernel of the lab has the driver of `/dev/null`; what is written there is gone all the same.
        Err(Errno::EACCES) if kernel.stat(task, path).is_ok_and(|stat| is_null(&stat)) => Ok(()),
        written => written,
    }
}

/// Writes at the end of a file, which is created with `mode` (before the umask) where it is missing.
pub fn append(kernel: &mut dyn Kernel, task: &Task, path: &[u8], data: &[u8], mode: u32) -> Result<()> {
    let flags = OpenFlags::WRONLY | OpenFlags::CREAT | OpenFlags::APPEND;
    with_open(kernel, task, path, flags, mode, |kernel, fd| write_at(kernel, fd, 0, data))
}

/// Writes all of `data` at a place: a file system that is full takes a part, and says so at the next one (write(2)).
pub fn write_at(kernel: &mut dyn Kernel, fd: Fd, at: u64, data: &[u8]) -> Result<()> {
    let mut done = 0;
    while done < data.len() {
        match kernel.pwrite(fd, at + done as u64, &data[done..])? {
            0 => return Err(Errno::ENOSPC),
            count => done += count,
        }
    }
    Ok(())
}

/// Whether a file is `/dev/null` (null(4)).
fn is_null(stat: &Stat) -> bool {
    stat.kind == FileType::Char && (stat.rdev.major, stat.rdev.minor) == (1, 3)
}

/// Writes a file so that a reader, or a crash, sees the old content or the new, never a part.
pub fn write_atomic(kernel: &mut dyn Kernel, task: &Task, path: &[u8], data: &[u8], mode: u32) -> Result<()> {
    let mut staged = path::join(path::parent(path), b".tmp-");
    staged.extend_from_slice(path::file_name(path).ok_or(Errno::EISDIR)?);
    let flags = OpenFlags::WRONLY | OpenFlags::CREAT | OpenFlags::TRUNC;
    with_open(kernel, task, &staged, flags, mode, |kernel, fd| {
        write_at(kernel, fd, 0, data)?;
        kernel.fsync(fd)
    })?;
    kernel.rename(task, &staged, path, RenameFlags::empty())
}

/// The entries of a directory, in the kernel's order.
pub fn read_dir(kernel: &mut dyn Kernel, task: &Task, path: &[u8]) -> Result<Vec<DirEntry>> {
    let flags = OpenFlags::RDONLY | OpenFlags::DIRECTORY;
    with_open(kernel, task, path, flags, 0, |kernel, fd| kernel.getdents(fd))
}

/// The entries of a directory, sorted by the bytes of their names.
pub fn read_dir_sorted(kernel: &mut dyn Kernel, task: &Task, path: &[u8]) -> Result<Vec<DirEntry>> {
    let mut entries = read_dir(kernel, task, path)?;
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

/// `lstat`, with "it is not there" as a value.
pub fn lstat_opt(kernel: &mut dyn Kernel, task: &Task, path: &[u8]) -> Result<Option<Stat>> {
    match kernel.lstat(task, path) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the path leads to something.
pub fn exists(kernel: &mut dyn Kernel, task: &Task, path: &[u8]) -> bool {
    kernel.stat(task, path).is_ok()
}

/// `mkdir -p`: makes what is missing of an absolute or relative path; what is there stays as it is.
pub fn mkdir_all(kernel: &mut dyn Kernel, task: &Task, path: &[u8], mode: u32) -> Result<()> {
    match kernel.mkdir(task, path, mode) {
        Ok(()) => Ok(()),
        Err(Errno::EEXIST) if kernel.stat(task, path)?.is_dir() => Ok(()),
        Err(Errno::ENOENT) if path::file_name(path).is_some() => {
            let parent = path::parent(path).to_vec();
            mkdir_all(kernel, task, &parent, mode)?;
            kernel.mkdir(task, path, mode)
        }
        Err(error) => Err(error),
    }
}

/// `rm -rf`: removes a tree without following links; what is missing is no error. Does not recurse on the machine
/// stack, so that depth is bounded by the tree alone.
pub fn remove_all(kernel: &mut dyn Kernel, task: &Task, path: &[u8]) -> Result<()> {
    match lstat_opt(kernel, task, path)? {
        None => return Ok(()),
        Some(stat) if !stat.is_dir() => return kernel.unlink(task, path),
        Some(_) => {}
    }
    let mut open = vec![(path.to_vec(), false)];
    while let Some((dir, listed)) = open.pop() {
        if listed {
            kernel.rmdir(task, &dir)?;
            continue;
        }
        let entries = read_dir(kernel, task, &dir)?;
        open.push((dir.clone(), true));
        for entry in entries {
            let child = path::join(&dir, &entry.name);
            if entry.kind == FileType::Dir {
                open.push((child.into_vec(), false));
            } else {
                kernel.unlink(task, &child)?;
            }
        }
    }
    Ok(())
}
