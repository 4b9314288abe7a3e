//! Small files of the engine's state: read whole, written so that a reader never sees half of one.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Engine;
use super::error::{Error, Named as _, Result};
use crate::kernel::{Errno, Task, fs};
use crate::oci::json;

impl Engine<'_> {
    /// A file of text that must be there.
    pub(super) fn read_text(&mut self, path: &str) -> Result<String> {
        let bytes = fs::read(self.kernel, &Task::root(), path.as_bytes()).named("open", path.as_bytes())?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A file of text that may be missing.
    pub(super) fn read_optional(&mut self, path: &str) -> Result<Option<String>> {
        Ok(self.read_bytes(path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// A file that may be missing, byte for byte.
    pub(super) fn read_bytes(&mut self, path: &str) -> Result<Option<Bytes>> {
        match fs::read(self.kernel, &Task::root(), path.as_bytes()) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Errno::ENOENT) => Ok(None),
            Err(errno) => Err(errno).named("open", path.as_bytes()),
        }
    }

    /// A document that may be missing.
    pub(super) fn read_json<T: DeserializeOwned>(&mut self, path: &str) -> Result<Option<T>> {
        let Some(bytes) = self.read_bytes(path)? else { return Ok(None) };
        Self::parse_json(path, &bytes).map(Some)
    }

    /// Parses the JSON of this file. Bytes that are not UTF-8 become U+FFFD, as Go reads them.
    pub(super) fn parse_json<T: DeserializeOwned>(path: &str, bytes: &[u8]) -> Result<T> {
        let text = String::from_utf8_lossy(bytes);
        serde_json::from_slice(text.as_bytes()).map_err(|error| Error::Failed(format!("{path}: {error}")))
    }

    /// Replaces a file at once.
    pub(super) fn write_atomic(&mut self, path: &str, data: &[u8], mode: u32) -> Result<()> {
        fs::write_atomic(self.kernel, &Task::root(), path.as_bytes(), data, mode)
            .named("open", path.as_bytes())
    }

    /// Replaces a document at once.
    pub(super) fn write_json<T: Serialize>(&mut self, path: &str, value: &T, mode: u32) -> Result<()> {
        self.write_atomic(path, &json::to_go_json(value), mode)
    }

    /// Writes a file in a directory that nobody looks into yet.
    pub(super) fn write_plain(&mut self, path: &str, data: &[u8], mode: u32) -> Result<()> {
        fs::write(self.kernel, &Task::root(), path.as_bytes(), data, mode).named("open", path.as_bytes())
    }

    /// Makes a directory with its parents.
    pub(super) fn make_dir(&mut self, path: &str, mode: u32) -> Result<()> {
        fs::mkdir_all(self.kernel, &Task::root(), path.as_bytes(), mode).named("mkdir", path.as_bytes())
    }

    /// The names in a directory, sorted; none where it is missing.
    pub(super) fn names(&mut self, path: &str) -> Result<Vec<String>> {
        match fs::read_dir_sorted(self.kernel, &Task::root(), path.as_bytes()) {
            Ok(entries) => Ok(entries.iter().map(|entry| entry.name.to_text()).collect()),
            Err(Errno::ENOENT) => Ok(Vec::new()),
            Err(errno) => Err(errno).named("open", path.as_bytes()),
        }
    }

    /// Removes a file or a tree; what is missing is no error.
    pub(super) fn remove(&mut self, path: &str) -> Result<()> {
        fs::remove_all(self.kernel, &Task::root(), path.as_bytes()).named("remove", path.as_bytes())
    }
}
