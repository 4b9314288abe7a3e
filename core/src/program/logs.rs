//! What containers write: kept in the file that Docker keeps it in, and passed on to who is attached.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::files::Desc;
use super::transcript::Stream;
use super::wait::Nanos;
use crate::kernel::{ByteString, Kernel, OpenFlags, Task, fs};
use crate::map::Map;
use crate::oci::{json, time};

/// How much of a container's log is kept: its newest bytes.
const KEPT: u64 = 1 << 20;
/// The longest piece of a line that is one entry (Docker's json-file driver).
const ENTRY: usize = 16 << 10;

/// A line of a container's log, as the driver `json-file` writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// The text with its line feed.
    pub log: String,
    /// Where it was written to.
    pub stream: Stream,
    /// When, RFC 3339.
    pub time: String,
}

/// The logs of containers that have run, by their full id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logs {
    rows: Map<String, Arc<Log>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Log {
    /// The file.
    file: String,
    /// Its size.
    size: u64,
    /// How many lines were written, and how many of them were dropped.
    written: u64,
    dropped: u64,
    /// Lines without their end yet.
    open: BTreeMap<bool, ByteString>,
    /// Who is attached: where the first stream goes, and the second.
    viewers: Vec<(Desc, Desc)>,
}

impl Logs {
    /// A container's log is this file from now on. What stands in it stays.
    pub fn open(&mut self, kernel: &mut dyn Kernel, id: &str, file: &str) {
        let size = kernel.stat(&Task::root(), file.as_bytes()).map_or(0, |stat| stat.size);
        if !self.rows.contains_key(id) {
            self.rows.insert(id.to_owned(), Arc::default());
        }
        let Some(log) = self.row_mut(id) else { return };
        file.clone_into(&mut log.file);
        log.size = size;
    }

    /// A container is gone.
    pub fn remove(&mut self, id: &str) {
        self.rows.remove(id);
    }

    fn row_mut(&mut self, id: &str) -> Option<&mut Log> {
        self.rows.get_mut(id).map(Arc::make_mut)
    }

    /// How many lines a container has written.
    pub fn written(&self, id: &str) -> u64 {
        self.rows.get(id).map_or(0, |log| log.written)
    }

    /// How many of its oldest lines are gone, since its log has a limit.
    pub fn dropped(&self, id: &str) -> u64 {
        self.rows.get(id).map_or(0, |log| log.dropped)
    }

    /// Whether somebody is attached.
    pub fn is_watched(&self, id: &str) -> bool {
        self.rows.get(id).is_some_and(|log| !log.viewers.is_empty())
    }

    /// Passes on what a container writes from now on.
    pub fn attach(&mut self, id: &str, first: Desc, second: Desc) {
        if let Some(log) = self.row_mut(id) {
            log.viewers.push((first, second));
        }
    }

    /// Passes it on no more.
    pub fn detach(&mut self, id: &str, first: Desc, second: Desc) {
        if let Some(log) = self.row_mut(id)
            && let Some(at) = log.viewers.iter().position(|viewer| *viewer == (first, second))
        {
            log.viewers.remove(at);
        }
    }

    /// Takes what a container wrote: lines that are whole go to its file. Gives back where the bytes go too.
    pub fn write(
        &mut self,
        kernel: &mut dyn Kernel,
        now: Nanos,
        (id, stream): (&str, Stream),
        bytes: &[u8],
    ) -> Vec<Desc> {
        let Some(log) = self.row_mut(id) else { return Vec::new() };
        let second = stream == Stream::Stderr;
        let open = log.open.entry(second).or_default();
        open.extend_from_slice(bytes);
        let mut text = Vec::new();
        let mut at = 0;
        while at < open.len() {
            let rest = &open[at..];
            let end = match rest.iter().position(|b| *b == b'\n') {
                Some(end) => end + 1,
                None if rest.len() >= ENTRY => ENTRY,
                None => break,
            };
            entry(&mut text, now, stream, &rest[..end.min(ENTRY)]);
            log.written += 1;
            at += end.min(ENTRY);
        }
        open.drain(..at);
        log.append(kernel, &text);
        log.viewers.iter().map(|(first, other)| if second { *other } else { *first }).collect()
    }

    /// Writes what stands there without the end of its line: the container has ended.
    pub fn flush(&mut self, kernel: &mut dyn Kernel, now: Nanos, id: &str) {
        let Some(log) = self.row_mut(id) else { return };
        let mut text = Vec::new();
        for (second, line) in std::mem::take(&mut log.open) {
            if !line.is_empty() {
                entry(&mut text, now, if second { Stream::Stderr } else { Stream::Stdout }, &line);
                log.written += 1;
            }
        }
        log.append(kernel, &text);
    }
}

fn entry(text: &mut Vec<u8>, now: Nanos, stream: Stream, line: &[u8]) {
    let line = LogLine {
        log: String::from_utf8_lossy(line).into_owned(),
        stream,
        time: time::format(super::clock::to_timespec(now)),
    };
    text.extend_from_slice(&json::to_go_json(&line));
    text.push(b'\n');
}

impl Log {
    fn append(&mut self, kernel: &mut dyn Kernel, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        let root = Task::root();
        let flags = OpenFlags::RDWR | OpenFlags::CREAT;
        // A log that cannot be written loses lines, as Docker's does on a full disk.
        let Ok(fd) = kernel.open(&root, self.file.as_bytes(), flags, 0o640) else { return };
        if let Ok(written) = kernel.pwrite(fd, self.size, text) {
            self.size += written as u64;
        }
        if self.size > KEPT + KEPT / 4 {
            self.shorten(kernel, fd);
        }
        let _ = kernel.close(fd);
    }

    /// Drops the oldest lines, so that the newest [`KEPT`] bytes stay.
    fn shorten(&mut self, kernel: &mut dyn Kernel, fd: crate::kernel::Fd) {
        let from = self.size - KEPT;
        let mut text = Vec::new();
        while let Ok(piece) = kernel.pread(fd, text.len() as u64, 1 << 16) {
            if piece.is_empty() {
                break;
            }
            text.extend_from_slice(&piece);
        }
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(text.len());
        let cut = text[from..].iter().position(|b| *b == b'\n').map_or(text.len(), |end| from + end + 1);
        self.dropped += text[..cut].iter().filter(|b| **b == b'\n').count() as u64;
        let kept = &text[cut..];
        if kernel.ftruncate(fd, 0).is_ok() && fs::write_at(kernel, fd, 0, kept).is_ok() {
            self.size = kept.len() as u64;
        }
    }
}
