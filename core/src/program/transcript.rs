//! What was written to two streams, in order.

use serde::{Deserialize, Serialize};

/// One of the two output streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What was written to two streams, in order; neighbouring pieces of one stream are one piece.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// The pieces.
    pub pieces: Vec<(Stream, Vec<u8>)>,
}

impl Transcript {
    /// Adds bytes at the end.
    pub fn push(&mut self, stream: Stream, bytes: &[u8]) {
        match self.pieces.last_mut() {
            Some((last, data)) if *last == stream => data.extend_from_slice(bytes),
            _ if bytes.is_empty() => {}
            _ => self.pieces.push((stream, bytes.to_vec())),
        }
    }

    /// All of one stream.
    pub fn collect(&self, stream: Stream) -> Vec<u8> {
        self.pieces.iter().filter(|(s, _)| *s == stream).flat_map(|(_, data)| data.iter().copied()).collect()
    }
}
