//! Where bytes come from and where they go: a file, a browser's File, memory, or a descriptor of the kernel.

use bytes::Bytes;

use crate::kernel::{Errno, Fd, Kernel, fs};

/// Why bytes could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The kernel said no.
    #[error("{0}")]
    Errno(#[from] Errno),
    /// The host's file, or the browser's, failed.
    #[error("{0}")]
    Failed(String),
    /// The caller does not want the rest.
    #[error("cancelled")]
    Cancelled,
}

/// Bytes that can be read at any place, without a kernel.
pub trait BlobSource {
    /// How many bytes there are.
    fn size(&self) -> u64;
    /// At most `len` bytes from `offset`; fewer only at the end.
    fn read_at(&mut self, offset: u64, len: usize) -> Result<Bytes, SourceError>;
}

impl BlobSource for Bytes {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&mut self, offset: u64, len: usize) -> Result<Bytes, SourceError> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        let end = start.saturating_add(len).min(self.len());
        Ok(self.slice(start..end))
    }
}

/// A file that is open in the kernel, for as long as nothing else needs the kernel.
pub struct KernelBlob<'k> {
    kernel: &'k mut dyn Kernel,
    file: FdBlob,
}

impl<'k> KernelBlob<'k> {
    /// Borrows the kernel to read `file`.
    pub fn new(kernel: &'k mut dyn Kernel, file: FdBlob) -> Self {
        Self { kernel, file }
    }
}

impl std::fmt::Debug for KernelBlob<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KernelBlob").field("file", &self.file).finish_non_exhaustive()
    }
}

impl BlobSource for KernelBlob<'_> {
    fn size(&self) -> u64 {
        self.file.size
    }

    fn read_at(&mut self, offset: u64, len: usize) -> Result<Bytes, SourceError> {
        Ok(self.kernel.pread(self.file.fd, offset, len)?)
    }
}

/// Bytes that can be read while the kernel is in use: what layers are unpacked from.
pub trait LayerSource {
    /// How many bytes there are.
    fn size(&self) -> u64;
    /// At most `len` bytes from `offset`; fewer only at the end.
    fn read_at(&mut self, kernel: &mut dyn Kernel, offset: u64, len: usize) -> Result<Bytes, SourceError>;
    /// The kernel's descriptor, if that is what it is: contents can then be shared instead of copied.
    fn fd(&self) -> Option<Fd> {
        None
    }
}

impl<T: BlobSource> LayerSource for T {
    fn size(&self) -> u64 {
        BlobSource::size(self)
    }

    fn read_at(&mut self, _: &mut dyn Kernel, offset: u64, len: usize) -> Result<Bytes, SourceError> {
        BlobSource::read_at(self, offset, len)
    }
}

/// A file that is open for reading in the kernel.
#[derive(Debug, Clone, Copy)]
pub struct FdBlob {
    /// The descriptor.
    pub fd: Fd,
    /// Its size.
    pub size: u64,
}

impl FdBlob {
    /// Asks the kernel for the size.
    pub fn new(kernel: &mut dyn Kernel, fd: Fd) -> Result<Self, Errno> {
        Ok(Self { fd, size: kernel.fstat(fd)?.size })
    }
}

impl LayerSource for FdBlob {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&mut self, kernel: &mut dyn Kernel, offset: u64, len: usize) -> Result<Bytes, SourceError> {
        Ok(kernel.pread(self.fd, offset, len)?)
    }

    fn fd(&self) -> Option<Fd> {
        Some(self.fd)
    }
}

/// Where a tar stream, or an archive, is written to.
pub trait Sink {
    /// Takes the next bytes.
    fn write(&mut self, kernel: &mut dyn Kernel, data: &[u8]) -> Result<(), Errno>;

    /// Takes the next bytes, which are also those of an open file at `offset`.
    fn content(&mut self, kernel: &mut dyn Kernel, from: Fd, offset: u64, data: &Bytes) -> Result<(), Errno> {
        let _ = (from, offset);
        self.write(kernel, data)
    }
}

impl Sink for Vec<u8> {
    fn write(&mut self, _: &mut dyn Kernel, data: &[u8]) -> Result<(), Errno> {
        self.extend_from_slice(data);
        Ok(())
    }
}

/// A sink that forgets: for digests alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nowhere;

impl Sink for Nowhere {
    fn write(&mut self, _: &mut dyn Kernel, _: &[u8]) -> Result<(), Errno> {
        Ok(())
    }
}

/// A sink that is a file open for writing in the kernel.
#[derive(Debug, Clone, Copy)]
pub struct FdSink {
    /// The descriptor.
    pub fd: Fd,
    /// Where the next byte goes.
    pub at: u64,
}

impl FdSink {
    /// Writes from the file's start.
    pub fn new(fd: Fd) -> Self {
        Self { fd, at: 0 }
    }
}

impl Sink for FdSink {
    fn write(&mut self, kernel: &mut dyn Kernel, data: &[u8]) -> Result<(), Errno> {
        fs::write_at(kernel, self.fd, self.at, data)?;
        self.at += data.len() as u64;
        Ok(())
    }

    fn content(&mut self, kernel: &mut dyn Kernel, from: Fd, offset: u64, data: &Bytes) -> Result<(), Errno> {
        let len = data.len() as u64;
        if kernel.copy_file_range(from, offset, self.fd, self.at, len)? != len {
            return Err(Errno::EIO);
        }
        self.at += len;
        Ok(())
    }
}
