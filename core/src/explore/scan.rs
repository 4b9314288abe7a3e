//! Reads one layer into a [`Sheet`], looks for secrets on the way, and keeps no content.

use super::Sheet;
use super::secrets::{LOOK_INTO, Rule, is_candidate, look};
use crate::oci::layer::LayerError;
use crate::oci::tar::{Event, Parser, TarEntry};
use crate::oci::{Hasher, Limits};

/// Zeros of sparse files that are hashed in one layer; a tar can claim 2^63 of them in no bytes.
const HOLES_MAX: u64 = 256 << 20;

/// Takes a layer's uncompressed bytes.
#[derive(Debug)]
pub struct Scanner {
    parser: Parser,
    sheet: Sheet,
    /// Files that look like secrets: path without a leading slash, rule.
    secrets: Vec<(Vec<u8>, Rule)>,
    /// The file at hand, with its node.
    entry: Option<(Box<TarEntry>, u32)>,
    /// Contents are hashed, the one at hand so far.
    digests: Option<Hasher>,
    /// Zeros that may still be hashed; more than that gives the file no digest.
    holes: u64,
    held: Vec<u8>,
    is_held: bool,
    content: u64,
}

/// What a scan found.
#[derive(Debug, Clone)]
pub struct Scanned {
    /// The layer.
    pub sheet: Sheet,
    /// Files that look like secrets.
    pub secrets: Vec<(Vec<u8>, Rule)>,
    /// Entries in the tar.
    pub entries: u64,
    /// Bytes of files' contents.
    pub content: u64,
}

impl Scanner {
    /// A scanner at the start of a layer.
    pub fn new(limits: Limits) -> Self {
        Self {
            parser: Parser::new(limits),
            sheet: Sheet::new(),
            secrets: Vec::new(),
            entry: None,
            digests: None,
            holes: HOLES_MAX,
            held: Vec::new(),
            is_held: false,
            content: 0,
        }
    }

    /// A scanner that also takes the digest of each file's content, which costs time.
    pub fn with_digests(limits: Limits) -> Self {
        Self { digests: Some(Hasher::new()), ..Self::new(limits) }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), LayerError> {
        let mut used = 0;
        loop {
            let (step, event) = self.parser.step(&bytes[used..])?;
            used += step;
            if let Some(name) = self.parser.take_global() {
                self.sheet.take_global(&name);
            }
            match event {
                Some(Event::Entry(entry)) => self.start(entry)?,
                Some(Event::Content(data)) => {
                    if let Some(hasher) = &mut self.digests {
                        hasher.update(data);
                    }
                    if self.is_held {
                        self.held.extend_from_slice(data);
                    }
                }
                Some(Event::Hole(len)) => self.hole(len),
                Some(Event::EntryEnd) => self.end(),
                None if used == bytes.len() => return Ok(()),
                None => {}
            }
        }
    }

    /// The layer has no more bytes.
    pub fn finish(mut self) -> Result<Scanned, LayerError> {
        self.parser.finish()?;
        self.sheet.end();
        let (entries, content) = (self.parser.entries(), self.content);
        Ok(Scanned { sheet: self.sheet, secrets: self.secrets, entries, content })
    }

    /// Zeros that are not stored.
    fn hole(&mut self, len: u64) {
        if self.is_held {
            // Not more than the entry has, which is little.
            self.held.resize(self.held.len() + len as usize, 0);
        }
        let Some(hasher) = &mut self.digests else { return };
        // From the first file that is too much for it on, no file of the layer has a digest.
        self.holes = self.holes.saturating_sub(len);
        let mut left = if self.holes > 0 { len } else { 0 };
        while left > 0 {
            let zeros = [0; 4096];
            let part = left.min(zeros.len() as u64);
            hasher.update(&zeros[..part as usize]);
            left -= part;
        }
    }

    fn start(&mut self, entry: Box<TarEntry>) -> Result<(), LayerError> {
        let file = self.sheet.take(&entry)?;
        self.content += entry.size;
        self.held.clear();
        self.is_held = file.is_some() && entry.size <= LOOK_INTO && is_candidate(&entry.name);
        if let Some(hasher) = &mut self.digests {
            *hasher = Hasher::new();
        }
        self.entry = file.map(|file| (entry, file));
        Ok(())
    }

    fn end(&mut self) {
        let Some((entry, file)) = self.entry.take() else { return };
        if let Some(hasher) = &mut self.digests
            && self.holes > 0
            && let Ok(digest) = std::mem::take(hasher).finish().as_bytes().try_into()
        {
            self.sheet.set_digest(file, Box::new(digest));
        }
        let path = crate::oci::gopath::rooted(&entry.name);
        if let Some(rule) = look(&path, self.is_held.then_some(&self.held[..])) {
            self.secrets.push((path[1..].to_vec(), rule));
        }
    }
}
