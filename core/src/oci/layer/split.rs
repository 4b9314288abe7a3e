//! tar-split: what is needed, beside the unpacked directory, to write a layer's tar again to the byte.
//!
//! The form is that of `layerdb/sha256/CHAIN/tar-split.json.gz` (vbatts/tar-split, `tar/storage`): gzipped lines of JSON,
//! of type 2 for raw bytes and of type 1 for a file's content, with its name, size and CRC-64 (ISO).

use serde::{Deserialize, Serialize};

use super::LayerError;
use crate::kernel::{ByteString, Errno, Kernel, OpenFlags, Task, base64_decode, base64_encode};
use crate::oci::blob::{LayerSource, Sink};
use crate::oci::decode::{Compression, Decoder};
use crate::oci::tar::{Event, Parser, TarEntry};
use crate::oci::{Limits, gopath, gzip};

const RAW: u8 = 2;
const FILE: u8 = 1;
const RAW_MAX: usize = 64 << 10;
const PIECE: usize = 1 << 20;

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: u8,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name_raw: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    size: u64,
    payload: Option<String>,
    position: u64,
}

// On wasm32 a reference is the smaller one.
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde calls")
)]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

/// Records a tar stream while it is unpacked.
#[derive(Debug)]
pub struct Split {
    parser: Parser,
    raw: Vec<u8>,
    entry: Option<Box<TarEntry>>,
    crc: Crc64,
    position: u64,
    out: gzip::Writer,
}

impl Split {
    /// Nothing recorded yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            parser: Parser::new(limits),
            raw: Vec::new(),
            entry: None,
            crc: Crc64::new(),
            position: 0,
            out: gzip::Writer::new(flate2::Compression::fast()),
        }
    }

    /// Takes the next bytes of the stream; what is ready goes to `sink`.
    pub fn push(
        &mut self,
        kernel: &mut dyn Kernel,
        bytes: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<(), LayerError> {
        let mut rest = bytes;
        loop {
            let (used, event) = self.parser.step(rest)?;
            let is_idle = used == 0 && event.is_none();
            match event {
                Some(Event::Content(data)) => self.crc.update(data),
                // Nobody gets a sparse file's layer back: see `end_entry`.
                Some(Event::Hole(_)) => {}
                Some(Event::Entry(entry)) => {
                    self.raw.extend_from_slice(&rest[..used]);
                    self.flush_raw();
                    self.crc = Crc64::new();
                    self.entry = Some(entry);
                }
                Some(Event::EntryEnd) => self.end_entry(),
                None => {
                    self.raw.extend_from_slice(&rest[..used]);
                    if self.raw.len() > RAW_MAX {
                        self.flush_raw();
                    }
                }
            }
            rest = &rest[used..];
            if rest.is_empty() && is_idle {
                break;
            }
        }
        self.drain(kernel, sink)
    }

    /// The stream is whole.
    pub fn finish(mut self, kernel: &mut dyn Kernel, sink: &mut dyn Sink) -> Result<(), LayerError> {
        self.flush_raw();
        self.drain(kernel, sink)?;
        let last = self.out.finish();
        sink.write(kernel, &last).map_err(|errno| failed("write", errno))
    }

    fn drain(&mut self, kernel: &mut dyn Kernel, sink: &mut dyn Sink) -> Result<(), LayerError> {
        let ready = std::mem::take(self.out.ready());
        if ready.is_empty() {
            Ok(())
        } else {
            sink.write(kernel, &ready).map_err(|errno| failed("write", errno))
        }
    }

    fn flush_raw(&mut self) {
        if !self.raw.is_empty() {
            let payload = Some(base64_encode(&self.raw));
            self.raw.clear();
            self.line(RAW, b"", 0, payload);
        }
    }

    fn end_entry(&mut self) {
        if let Some(entry) = self.entry.take() {
            // tar-split has no word for holes: it keeps the file as it reads it, and so cannot write the same layer again.
            let sum = (entry.size > 0).then(|| base64_encode(&self.crc.sum().to_be_bytes()));
            self.line(FILE, &entry.name, entry.size, sum);
        }
    }

    fn line(&mut self, kind: u8, name: &[u8], size: u64, payload: Option<String>) {
        let (name, name_raw) = match std::str::from_utf8(name) {
            Ok(text) => (text.to_owned(), String::new()),
            Err(_) => (String::new(), base64_encode(name)),
        };
        let line = Line { kind, name, name_raw, size, payload, position: self.position };
        self.position += 1;
        let mut text = serde_json::to_vec(&line).expect("a line has string keys");
        text.push(b'\n');
        self.out.push(&text);
    }
}

/// Writes the tar that a [`Split`] recorded, with contents from the directory that the layer was unpacked into.
pub fn assemble(
    kernel: &mut dyn Kernel,
    task: &Task,
    dir: &[u8],
    split: &mut dyn LayerSource,
    sink: &mut dyn Sink,
) -> Result<(), LayerError> {
    let root: ByteString = if task.root == "/" { dir.into() } else { [&task.root, dir].concat().into() };
    let inside = task.chrooted(root);
    let mut decoder = Decoder::new(Compression::Gzip, Limits::default());
    let (mut at, size) = (0, split.size());
    let mut text = Vec::new();
    while at < size {
        let piece = split.read_at(kernel, at, 64 << 10)?;
        if piece.is_empty() {
            return Err(LayerError::Size { expected: size, found: at });
        }
        at += piece.len() as u64;
        let mut rest = &piece[..];
        while !rest.is_empty() {
            let used = decoder.push(rest, &mut text)?;
            rest = &rest[used..];
            let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
            for line in text[..whole].split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
                write_line(kernel, &inside, line, sink)?;
            }
            text.drain(..whole);
        }
    }
    Ok(decoder.finish()?)
}

fn write_line(
    kernel: &mut dyn Kernel,
    task: &Task,
    line: &[u8],
    sink: &mut dyn Sink,
) -> Result<(), LayerError> {
    let line: Line = serde_json::from_slice(line).map_err(|_| failed("read tar-split", Errno::EUCLEAN))?;
    let payload = match &line.payload {
        Some(text) => base64_decode(text).ok_or_else(|| failed("read tar-split", Errno::EUCLEAN))?,
        None => Vec::new(),
    };
    if line.kind == RAW {
        return sink.write(kernel, &payload).map_err(|errno| failed("write", errno));
    }
    if line.size == 0 {
        return Ok(());
    }
    let name = if line.name_raw.is_empty() {
        line.name.into_bytes()
    } else {
        base64_decode(&line.name_raw).ok_or_else(|| failed("read tar-split", Errno::EUCLEAN))?
    };
    let path = gopath::rooted(&name);
    let shown = gopath::clean(&[&task.root, &path[..]].concat());
    let named = |op: &str| format!("{op} {}", String::from_utf8_lossy(&shown));
    let fd = kernel
        .open(task, &path, OpenFlags::RDONLY | OpenFlags::NONBLOCK, 0)
        .map_err(|errno| failed(&named("open"), errno))?;
    let mut crc = Crc64::new();
    let mut done = 0;
    let result = (|| {
        while done < line.size {
            let want = usize::try_from(line.size - done).unwrap_or(PIECE).min(PIECE);
            let piece = kernel.pread(fd, done, want)?;
            if piece.is_empty() {
                break;
            }
            crc.update(&piece);
            sink.content(kernel, fd, done, &piece)?;
            done += piece.len() as u64;
        }
        Ok(())
    })();
    kernel.close(fd).map_err(|errno| failed(&named("close"), errno))?;
    result.map_err(|errno| failed(&named("read"), errno))?;
    if done != line.size || payload != crc.sum().to_be_bytes() {
        return Err(LayerError::Changed(name.into()));
    }
    Ok(())
}

fn failed(what: &str, errno: Errno) -> LayerError {
    LayerError::call(what, errno)
}

/// CRC-64 with ISO 3309's polynomial, reflected, as Go's `hash/crc64`.
#[derive(Debug, Clone)]
struct Crc64(u64);

const fn crc_table() -> [u64; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut crc = i as u64;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xd800_0000_0000_0000 } else { crc >> 1 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
}

static TABLE: [u64; 256] = crc_table();

impl Crc64 {
    fn new() -> Self {
        Self(!0)
    }

    fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = TABLE[((self.0 ^ u64::from(*byte)) & 0xff) as usize] ^ (self.0 >> 8);
        }
    }

    fn sum(&self) -> u64 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_as_go_computes_it() {
        // Go: hash/crc64 tests, golden ISO values.
        let mut crc = Crc64::new();
        crc.update(b"a");
        assert_eq!(crc.sum(), 0x3420_0000_0000_0000);
        crc.update(b"b");
        assert_eq!(crc.sum(), 0x36c4_2000_0000_0000);
    }
}
