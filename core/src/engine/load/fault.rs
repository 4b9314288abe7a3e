//! Why nothing is loaded, in the daemon's words. It unpacks an archive into a directory of its own and tells paths there,
//! so some of its words wait for that directory's name.

use crate::engine::error::Error;
use crate::engine::{Engine, layout};
use crate::oci::archive::{Found, Index};
use crate::oci::gopath;
use crate::oci::layer::Blob;

/// Why nothing is loaded.
#[derive(Debug)]
pub(super) enum Fault {
    /// In words that are whole.
    Engine(Error),
    /// In words around the directory: what stands before it, and behind it.
    Around(String, String),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl Fault {
    /// Words that are whole.
    pub(super) fn say(text: impl Into<String>) -> Self {
        Self::Engine(Error::Failed(text.into()))
    }

    fn at(before: &str, place: &str, after: &str) -> Self {
        let place = if place == "." { String::new() } else { format!("/{place}") };
        Self::Around(before.to_owned(), format!("{place}{after}"))
    }
}

/// A path of a document, cleaned, in the directory that the archive is unpacked into, its links followed (moby: `safePath`).
pub(super) fn place(index: &Index, path: &str) -> Result<String, Fault> {
    let dir = format!("{}/tmp/docker-import-", layout::ROOT);
    let joined = gopath::clean(format!("{dir}/{path}").as_bytes());
    let joined = String::from_utf8_lossy(&joined).into_owned();
    let place = match joined.strip_prefix(&dir) {
        Some("") => ".",
        Some(inside) if inside.starts_with('/') => &inside[1..],
        _ => return Err(Fault::Around(format!("evalSymlinksInScope: {joined} is not in "), String::new())),
    };
    index.follow(place).ok_or_else(|| Fault::at("evalSymlinksInScope: too many links in ", place, ""))
}

/// The file at a place.
pub(super) fn open(index: &Index, place: &str) -> Result<Blob, Fault> {
    match index.look(place) {
        Found::File(blob) => Ok(blob),
        Found::Dir => Err(Fault::at("read ", place, ": is a directory")),
        Found::Nothing => Err(Fault::at("open ", place, ": no such file or directory")),
        // The daemon would open it: a fifo, and wait, or a device. A loop is told by `place`.
        Found::Other | Found::Loop => Err(Fault::say(format!("{place}: is no file"))),
    }
}

impl Engine<'_> {
    /// The words, with a name for the directory where it is wanted.
    pub(super) fn fault_error(&mut self, fault: Fault) -> Error {
        match fault {
            Fault::Engine(error) => error,
            Fault::Around(before, after) => {
                let id = self.world.new_id();
                let digits: String = id.chars().filter(char::is_ascii_digit).take(10).collect();
                Error::Failed(format!("{before}{}/tmp/docker-import-{digits}{after}", layout::ROOT))
            }
        }
    }
}
