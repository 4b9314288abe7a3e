//! Files as sources of bytes. Each thread has its own: places are read, no position is shared.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use layerlab_core::oci::archive::Index;
use layerlab_core::oci::blob::{BlobSource, SourceError};
use layerlab_core::oci::layer::Blob;

/// A regular file.
#[derive(Debug, Clone)]
pub struct FileSource {
    file: Arc<File>,
    size: u64,
    buffer: BytesMut,
}

impl FileSource {
    /// Opens a file: without waiting for the other end of a fifo, and only if it is a regular one.
    pub fn open(path: &Path) -> io::Result<Option<Self>> {
        let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let data = file.metadata()?;
        Ok(data.is_file().then(|| Self::of(file, data.len())))
    }

    /// A file that is open already.
    pub fn of(file: File, size: u64) -> Self {
        Self { file: Arc::new(file), size, buffer: BytesMut::new() }
    }
}

impl BlobSource for FileSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&mut self, offset: u64, len: usize) -> Result<Bytes, SourceError> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        read_exactly(&self.file, &mut self.buffer, offset, len.min(left))
    }
}

/// Reads into the buffer, which is used again once nobody holds what it gave before.
fn read_exactly(file: &File, buffer: &mut BytesMut, offset: u64, len: usize) -> Result<Bytes, SourceError> {
    buffer.resize(len, 0);
    let mut done = 0;
    while done < len {
        match file.read_at(&mut buffer[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(SourceError::Failed(error.to_string())),
        }
    }
    buffer.truncate(done);
    Ok(buffer.split().freeze())
}

/// The files of a directory one after the other, as if they were one.
#[derive(Debug, Clone)]
pub struct DirectorySource {
    /// Where each file starts, its path, its size.
    files: Arc<Vec<(u64, PathBuf, u64)>>,
    size: u64,
    open: Option<(usize, FileSource)>,
}

impl DirectorySource {
    /// Finds the files of an OCI layout. Links are no files of it.
    pub fn find(root: &Path) -> io::Result<(Index, Self)> {
        let mut files = Vec::new();
        let mut members = Vec::new();
        let mut at = 0;
        let mut todo = vec![(root.to_owned(), String::new(), 0)];
        while let Some((dir, name, depth)) = todo.pop() {
            for entry in fs::read_dir(&dir)? {
                let entry = entry?;
                let Ok(part) = entry.file_name().into_string() else { continue };
                let below = if name.is_empty() { part } else { format!("{name}/{part}") };
                let kind = entry.file_type()?;
                if kind.is_dir() && depth < 3 {
                    todo.push((entry.path(), below, depth + 1));
                } else if kind.is_file() {
                    let len = entry.metadata()?.len();
                    members.push((below, Blob { offset: at, len }));
                    files.push((at, entry.path(), len));
                    at += len;
                }
            }
        }
        let source = Self { files: Arc::new(files), size: at, open: None };
        Ok((Index::of_files(members), source))
    }
}

impl BlobSource for DirectorySource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&mut self, offset: u64, len: usize) -> Result<Bytes, SourceError> {
        // The last file that starts at or before the place: empty ones start where the next does.
        let after = self.files.partition_point(|(start, _, _)| *start <= offset);
        let Some(at) = after.checked_sub(1) else { return Ok(Bytes::new()) };
        let (start, path, _) = &self.files[at];
        let failed = |why: String| SourceError::Failed(format!("{}: {why}", path.display()));
        if self.open.as_ref().is_none_or(|(open, _)| *open != at) {
            let source = FileSource::open(path).map_err(|error| failed(error.to_string()))?;
            self.open = Some((at, source.ok_or_else(|| failed("not a regular file".to_owned()))?));
        }
        match &mut self.open {
            Some((_, source)) => source.read_at(offset - start, len),
            None => Ok(Bytes::new()),
        }
    }
}
