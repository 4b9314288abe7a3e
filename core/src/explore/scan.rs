//! Reads one layer into a [`Sheet`], looks for secrets on the way, and keeps no content.

use super::Sheet;
use super::secrets::{LOOK_INTO, Rule, is_candidate, look};
use crate::oci::Limits;
use crate::oci::layer::LayerError;
use crate::oci::tar::{Entry, Event, Parser};

/// Takes a layer's uncompressed bytes.
#[derive(Debug)]
pub struct Scanner {
    parser: Parser,
    sheet: Sheet,
    /// Files that look like secrets: path without a leading slash, rule.
    secrets: Vec<(Vec<u8>, Rule)>,
    entry: Option<Box<Entry>>,
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
            held: Vec::new(),
            is_held: false,
            content: 0,
        }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), LayerError> {
        let mut used = 0;
        loop {
            let (step, event) = self.parser.step(&bytes[used..])?;
            used += step;
            if let Some(name) = self.parser.take_global() {
                self.sheet.global(&name)?;
            }
            match event {
                Some(Event::Entry(entry)) => self.start(entry)?,
                Some(Event::Content(data)) if self.is_held => self.held.extend_from_slice(data),
                Some(Event::Hole(len)) if self.is_held => {
                    // Not more than the entry has, which is little.
                    self.held.resize(self.held.len() + len as usize, 0);
                }
                Some(Event::EntryEnd) => self.end(),
                None if used == bytes.len() => return Ok(()),
                Some(Event::Content(_) | Event::Hole(_)) | None => {}
            }
        }
    }

    /// The layer has no more bytes.
    pub fn finish(mut self) -> Result<Scanned, LayerError> {
        self.parser.finish()?;
        self.sheet.settle()?;
        let (entries, content) = (self.parser.entries(), self.content);
        Ok(Scanned { sheet: self.sheet, secrets: self.secrets, entries, content })
    }

    fn start(&mut self, entry: Box<Entry>) -> Result<(), LayerError> {
        let is_file = self.sheet.add(&entry)?.is_some();
        self.content += entry.size;
        self.held.clear();
        self.is_held = is_file && entry.size <= LOOK_INTO && is_candidate(&entry.name);
        self.entry = is_file.then_some(entry);
        Ok(())
    }

    fn end(&mut self) {
        let Some(entry) = self.entry.take() else { return };
        let path = crate::oci::gopath::rooted(&entry.name);
        if let Some(rule) = look(&path, self.is_held.then_some(&self.held[..])) {
            self.secrets.push((path[1..].to_vec(), rule));
        }
    }
}
