//! A tree as text, one entry a line, so that trees from anywhere can be compared.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Read;

use sha2::{Digest, Sha256, Sha512};

/// sha256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// sha512 in hex.
pub fn sha512(bytes: &[u8]) -> String {
    hex(&Sha512::digest(bytes))
}

/// Bytes in hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The entries of a tar in its own order: name, type, mode, owner, size, content, link and device; not the time.
pub fn tar_entries(tar: impl Read) -> Vec<String> {
    entries(tar).into_iter().map(|(name, what)| format!("{name} {what}")).collect()
}

/// The tree that a tar describes, sorted by name; a hard link is written as the file that it is.
pub fn tar_tree(tar: impl Read) -> BTreeMap<String, String> {
    let mut tree: BTreeMap<String, String> = BTreeMap::new();
    for (name, what) in entries(tar) {
        let plain = |name: &str| name.trim_start_matches("./").trim_end_matches('/').to_owned();
        let target = what.strip_prefix("hardlink ").and_then(|w| w.split(" -> ").nth(1)).map(plain);
        let what = target
            .map_or(what, |t| tree.get(&t).unwrap_or_else(|| panic!("{name}: no {t} before it")).clone());
        tree.insert(plain(&name), what);
    }
    tree.remove("");
    tree
}

fn entries(tar: impl Read) -> Vec<(String, String)> {
    let mut archive = tar::Archive::new(tar);
    let mut list = Vec::new();
    for entry in archive.entries().expect("a tar") {
        let mut entry = entry.expect("a whole entry");
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let target =
            entry.link_name_bytes().map(|t| String::from_utf8_lossy(&t).into_owned()).unwrap_or_default();
        let header = entry.header();
        // Some writers add the type's bits; the type has its own place.
        let mode = header.mode().expect("a mode") & 0o7777;
        let owner = format!("{}:{}", header.uid().expect("a uid"), header.gid().expect("a gid"));
        let device = (header.device_major().ok().flatten(), header.device_minor().ok().flatten());
        let what = match header.entry_type() {
            tar::EntryType::Directory => format!("dir {mode:04o} {owner}"),
            tar::EntryType::Symlink => format!("symlink {owner} -> {target}"),
            tar::EntryType::Link => format!("hardlink {owner} -> {target}"),
            tar::EntryType::Fifo => format!("fifo {mode:04o} {owner}"),
            tar::EntryType::Char => format!("char {mode:04o} {owner} {device:?}"),
            tar::EntryType::Block => format!("block {mode:04o} {owner} {device:?}"),
            _ => {
                let mut content = Vec::new();
                entry.read_to_end(&mut content).expect("the content");
                format!("file {mode:04o} {owner} {} {}", content.len(), sha256(&content))
            }
        };
        list.push((name, what));
    }
    list
}

/// Lines that stand in one list and not in the other, as a person reads a difference.
pub fn difference(left: &[String], right: &[String]) -> String {
    let only = |these: &[String], those: &[String], mark: char| {
        these
            .iter()
            .filter(|l| !those.contains(l))
            .fold(String::new(), |text, l| text + &format!("{mark} {l}\n"))
    };
    let text = only(left, right, '-') + &only(right, left, '+');
    if text.is_empty() && left != right { "the same lines in another order\n".to_owned() } else { text }
}

/// A tree's lines.
pub fn lines(tree: &BTreeMap<String, String>) -> Vec<String> {
    tree.iter().map(|(name, what)| format!("{name} {what}")).collect()
}

/// The content of one file of a tar.
pub fn tar_file(tar: impl Read, name: &str) -> Option<Vec<u8>> {
    let mut archive = tar::Archive::new(tar);
    for entry in archive.entries().expect("a tar") {
        let mut entry = entry.expect("a whole entry");
        if entry.path_bytes().as_ref() == name.as_bytes() {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("the content");
            return Some(content);
        }
    }
    None
}
