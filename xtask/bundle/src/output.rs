//! The files of dist/: named, compressed, measured, written.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

/// The files so far, by their path in dist/.
#[derive(Debug, Default)]
pub(crate) struct Output {
    files: BTreeMap<String, Vec<u8>>,
}

/// How long the compressors may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// As small as can be: what is published.
    Much,
    /// Fast: what is looked at and built again.
    Little,
}

impl Output {
    /// Adds a file under its own name.
    pub(crate) fn plain(&mut self, path: &str, content: Vec<u8>) {
        self.files.insert(path.to_owned(), content);
    }

    /// Adds a file under a name with its content's hash before the ending; returns that name.
    pub(crate) fn hashed(&mut self, path: &str, content: Vec<u8>) -> String {
        let hash = hash(&content);
        let name = match path.rsplit_once('.') {
            Some((stem, ending)) => format!("{stem}-{hash}.{ending}"),
            None => format!("{path}-{hash}"),
        };
        self.files.insert(name.clone(), content);
        name
    }

    /// The names so far, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// A file that was added.
    #[cfg(test)]
    pub(crate) fn content(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// Writes the folder anew, each text beside its `.gz` and `.br`, and returns the table of sizes.
    ///
    /// The folder is made beside the old one and then put in its place, so that a server never sees half of it.
    pub(crate) fn write(&self, dist: &Path, care: Care) -> Result<String, String> {
        let fresh = dist.with_extension("new");
        let fail = |what: &Path| format!("cannot write {}", what.display());
        if fresh.exists() {
            fs::remove_dir_all(&fresh).map_err(|e| format!("{}: {e}", fail(&fresh)))?;
        }
        let mut table = format!("{:<44} {:>9} {:>9} {:>9}\n", "dist/ (bytes)", "plain", "gzip", "brotli");
        let mut total = [0; 3];
        for (name, content) in &self.files {
            let path = fresh.join(name);
            let folder = path.parent().expect("a file lies in a folder");
            let (gzip, brotli) = (gzip(content, care), brotli(content, care));
            let write = fs::create_dir_all(folder).and_then(|()| fs::write(&path, content));
            let write = write.and_then(|()| fs::write(with_ending(&path, "gz"), &gzip));
            write
                .and_then(|()| fs::write(with_ending(&path, "br"), &brotli))
                .map_err(|e| format!("{}: {e}", fail(&path)))?;
            let sizes = [content.len(), gzip.len(), brotli.len()];
            let _ = writeln!(table, "{name:<44} {:>9} {:>9} {:>9}", sizes[0], sizes[1], sizes[2]);
            total.iter_mut().zip(sizes).for_each(|(sum, size)| *sum += size);
        }
        let _ = writeln!(table, "{:<44} {:>9} {:>9} {:>9}", "all", total[0], total[1], total[2]);
        if dist.exists() {
            fs::remove_dir_all(dist).map_err(|e| format!("{}: {e}", fail(dist)))?;
        }
        fs::rename(&fresh, dist).map_err(|e| format!("{}: {e}", fail(dist)))?;
        Ok(table)
    }
}

/// The first 16 digits of a content's SHA-256.
pub(crate) fn hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(8).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn with_ending(path: &Path, ending: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn gzip(content: &[u8], care: Care) -> Vec<u8> {
    let level = if care == Care::Much { flate2::Compression::best() } else { flate2::Compression::fast() };
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), level);
    writer.write_all(content).and_then(|()| writer.finish()).expect("a vector takes everything")
}

fn brotli(content: &[u8], care: Care) -> Vec<u8> {
    let quality = if care == Care::Much { 11 } else { 4 };
    let params = brotli::enc::BrotliEncoderParams { quality, lgwin: 22, ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut out, &params).expect("a vector takes everything");
    out
}
