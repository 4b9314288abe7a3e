//! Limits on what an image may make a reader do. Each has a name, a default and a way to change it, and memory never
//! follows what a header merely claims (design: security.md, "bombs").

use serde::{Deserialize, Serialize};

/// How far a reader goes before it refuses. Every field may be changed by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Entries in one tar stream.
    pub entries: u64,
    /// Bytes of extended headers (PAX records, GNU long names) before one entry.
    pub metadata: usize,
    /// Bytes of a path or a link's target.
    pub path: usize,
    /// Bytes of one JSON document.
    pub json: usize,
    /// Layers of one image.
    pub layers: usize,
    /// Indexes inside indexes.
    pub index_depth: usize,
    /// Images and indexes that one index may list.
    pub index_entries: usize,
    /// Bytes that one layer, or the outer archive, may expand to.
    pub expanded: u64,
    /// Bytes of output for one byte of compressed input, once `ratio_from` bytes came out.
    pub ratio: u64,
    /// Output below which `ratio` is not looked at.
    pub ratio_from: u64,
    /// Bytes of a zstd window.
    pub zstd_window: u64,
    /// Bytes of an xz dictionary: what `xz -9` asks for.
    pub xz_dictionary: u64,
    /// Files in the outer archive.
    pub archive_files: u64,
    /// Parts of a file's names in the outer archive, which go from directory to directory there.
    pub archive_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 500_000,
            metadata: 1 << 20,
            path: 4095,
            json: 20 << 20,
            layers: 500,
            index_depth: 8,
            index_entries: 1000,
            expanded: 64 << 30,
            ratio: 200,
            // What is below may be all zeros, as a file that was made large on purpose: gzip makes 1,032 of one.
            ratio_from: 256 << 20,
            zstd_window: 128 << 20,
            xz_dictionary: 64 << 20,
            archive_files: 100_000,
            archive_depth: 64,
        }
    }
}
