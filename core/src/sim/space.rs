//! How much there is room for: the size that a tmpfs was mounted with, and the memory that all files of the lab may take.

use super::content::PAGE;
use super::place::Node;
use super::state::{Fs, SimState, Space};
use crate::kernel::{Errno, Result};

impl SimState {
    /// Lets all files together take no more than these bytes.
    pub(crate) fn limit_files(&mut self, bytes: u64) {
        self.space.limit = bytes;
    }

    /// How many of `len` bytes at `offset` of a disk's file there is room for; `ENOSPC` where there is room for none.
    pub(crate) fn room(&mut self, file: Node, offset: u64, len: u64) -> Result<u64> {
        let len = self.room_on_disk(file, offset, len)?;
        let Space { limit, counted, written } = self.space;
        if counted.saturating_add(written).saturating_add(len) > limit {
            self.space.counted = self.memory();
            self.space.written = 0;
        }
        let left = limit.saturating_sub(self.space.counted + self.space.written);
        let len = if len <= left { len } else { left / PAGE * PAGE };
        self.space.written += len;
        if len == 0 { Err(Errno::ENOSPC) } else { Ok(len) }
    }

    /// The same for the file system alone: one of a limited size takes whole pages (tmpfs(5)). What the file holds already
    /// is not taken again.
    pub(crate) fn room_on_disk(&self, file: Node, offset: u64, len: u64) -> Result<u64> {
        let Some(Fs::Disk(disk)) = self.fs.get(file.fs) else { return Ok(len) };
        let Some(limit) = disk.limit() else { return Ok(len) };
        let room = limit.saturating_sub(disk.used());
        let there = (self.inode(file)?.size().div_ceil(PAGE) * PAGE).max(offset / PAGE * PAGE);
        match there.saturating_add(room).saturating_sub(offset) {
            0 => Err(Errno::ENOSPC),
            room => Ok(len.min(room)),
        }
    }

    /// The bytes in memory of all files, each once.
    fn memory(&self) -> u64 {
        let mut pieces: Vec<(usize, usize)> = Vec::new();
        for (_, fs) in self.fs.iter() {
            let Fs::Disk(disk) = fs else { continue };
            for content in disk.iter().filter_map(|(_, inode)| inode.content()) {
                content.each_in(0, u64::MAX, |_, data| {
                    let start = data.as_ptr().addr();
                    pieces.push((start, start + data.len()));
                });
            }
        }
        pieces.sort_unstable();
        let (mut total, mut seen) = (0, 0);
        for (start, end) in pieces {
            total += end.saturating_sub(start.max(seen)) as u64;
            seen = seen.max(end);
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use crate::kernel::{Errno, Kernel, MountFlags, OpenFlags, Task};
    use crate::sim::SimKernel;

    #[test]
    fn files_take_no_more_than_the_limit_and_holes_and_copies_nothing() {
        let mut kernel = SimKernel::new();
        kernel.limit_files(1 << 20);
        let task = Task::root();
        let open = OpenFlags::RDWR | OpenFlags::CREAT;
        let fd = kernel.open(&task, b"/a", open, 0o644).unwrap();
        kernel.ftruncate(fd, 1 << 40).unwrap();
        assert_eq!(kernel.pwrite(fd, 1 << 30, &vec![1; 700 << 10]), Ok(700 << 10));
        let copy = kernel.open(&task, b"/b", open, 0o644).unwrap();
        assert_eq!(kernel.copy_file_range(fd, 0, copy, 0, 1 << 40), Ok(1 << 40));
        // What there is room for is written, as on Linux.
        assert_eq!(kernel.pwrite(copy, 0, &vec![1; 700 << 10]), Ok(324 << 10));
        assert_eq!(kernel.pwrite(copy, 324 << 10, &[1; 100]), Err(Errno::ENOSPC));
        assert_eq!(kernel.pread(copy, (324 << 10) - 1, 1).unwrap(), &[1][..]);
        assert_eq!(kernel.pread(copy, 324 << 10, 1).unwrap(), &[0][..]);
        for file in [fd, copy] {
            kernel.ftruncate(file, 0).unwrap();
        }
        assert_eq!(kernel.pwrite(fd, 0, &vec![1; 700 << 10]), Ok(700 << 10));
    }

    #[test]
    fn a_tmpfs_holds_its_size_in_pages() {
        let mut kernel = SimKernel::new();
        let task = Task::root();
        kernel.mkdir(&task, b"/t", 0o755).unwrap();
        kernel.mount(&task, b"tmpfs", b"/t", b"tmpfs", MountFlags::empty(), b"size=64k").unwrap();
        let fd = kernel.open(&task, b"/t/f", OpenFlags::RDWR | OpenFlags::CREAT, 0o644).unwrap();
        assert_eq!(kernel.pwrite(fd, 0, &[1; 100]), Ok(100));
        assert_eq!(kernel.pwrite(fd, 100, &vec![1; 100 << 10]), Ok((64 << 10) - 100));
        assert_eq!(kernel.pwrite(fd, 64 << 10, &[1; 100]), Err(Errno::ENOSPC));
        assert_eq!(kernel.fstat(fd).unwrap().size, 64 << 10);
        // What is there already can be written again.
        assert_eq!(kernel.pwrite(fd, 0, &vec![2; 64 << 10]), Ok(64 << 10));
        let stat = kernel.statfs(&task, b"/t").unwrap();
        assert_eq!((stat.total, stat.available), (64 << 10, 0));
        kernel.ftruncate(fd, 4096).unwrap();
        assert_eq!(kernel.pwrite(fd, 4096, &vec![1; 60 << 10]), Ok(60 << 10));
    }
}
