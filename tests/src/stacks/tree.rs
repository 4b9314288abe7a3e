//! The tree that a stack comes to, as lines: from a directory of any kernel, or from a lens.

use std::collections::BTreeMap;

use bytes::Bytes;
use layerlab_core::explore::{
    Content, Lens, NodeKind, Record, Sheet, Stack, read_content, read_entries, resolve,
};
use layerlab_core::kernel::{FileType, Kernel, Task, fs, path};
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::{Archive, ArchiveError, Index, open};

use super::item::{Item, tar};
use crate::archive::docker_save;
use crate::listing::{lines, sha256};

/// A line for each path, without its root.
pub type Tree = BTreeMap<String, String>;

/// The archive of a stack under this name.
pub fn archive(name: &str, stack: &[Vec<Item>]) -> Vec<u8> {
    let layers: Vec<(&str, Vec<u8>)> = stack.iter().map(|items| ("x", tar(items))).collect();
    docker_save(name, &layers, &[])
}

/// A time as text; one of the run's own day, the lab's or the real one, is "now".
pub fn when(seconds: i64, nanos: u32) -> String {
    if (1_790_000_000..1_800_000_000).contains(&seconds) {
        "now".to_owned()
    } else {
        format!("{seconds}.{nanos:09}")
    }
}

/// All that is in a directory, the directory itself left out. What is listed and not there is a ghost.
pub fn of_kernel(kernel: &mut dyn Kernel, root: &[u8]) -> Tree {
    let task = Task::root();
    let mut tree = Tree::new();
    let mut todo = vec![root.to_vec()];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(kernel, &task, &dir).expect("root lists every directory") {
            let at = path::join(&dir, &entry.name);
            let shown = at[root.len()..].escape_ascii().to_string();
            let Ok(stat) = kernel.lstat(&task, &at) else {
                tree.insert(shown, "ghost".to_owned());
                continue;
            };
            let kind = serde_json::to_value(stat.kind).expect("a word");
            let mtime = when(stat.mtime.sec, stat.mtime.nsec);
            let mut line = head(kind.as_str().unwrap_or_default(), stat.mode, stat.uid, stat.gid, &mtime);
            match stat.kind {
                FileType::File => line += &content(&fs::read(kernel, &task, &at).expect("root reads all")),
                FileType::Symlink => {
                    line += &target(&kernel.readlink(&task, &at).expect("it is a link"));
                }
                FileType::Dir => todo.push(at.to_vec()),
                FileType::Char | FileType::Block => line += &device(stat.rdev.major, stat.rdev.minor),
                FileType::Fifo | FileType::Socket => {}
            }
            tree.insert(shown, line);
        }
    }
    tree
}

/// A stack's archive, read as far as its layers' records.
struct Read {
    source: Bytes,
    archive: Archive,
    layers: Vec<Vec<Record>>,
}

impl Read {
    fn of(stack: &[Vec<Item>]) -> Result<Self, String> {
        let mut source = Bytes::from(archive("stack:1", stack));
        let index = Index::of_tar(&mut source, Limits::default()).expect("a tar");
        let archive = open(&index, &mut source, Limits::default()).expect("an archive");
        let layers = archive.images[0].layers.iter();
        let layers: Result<_, ArchiveError> =
            layers.map(|layer| read_entries(&mut source, layer, Limits::default())).collect();
        Ok(Self { layers: layers.map_err(|error| error.to_string())?, source, archive })
    }

    fn content(&mut self, layer: usize, at: u64, size: u64) -> String {
        let place = Content { layer, plain: false, at, size, extents: None };
        let stored = &self.archive.images[0].layers[layer];
        let limits = Limits::default();
        let data = read_content(&mut self.source, stored, &place, 0, size as usize, limits);
        content(&data.expect("it was read before"))
    }
}

/// What a lens shows, or why it refuses the stack.
pub fn of_lens(stack: &[Vec<Item>], lens: Lens) -> Result<Tree, String> {
    let mut read = Read::of(stack)?;
    let resolved = resolve(&read.layers, lens).map_err(|(layer, error)| format!("layer {layer}: {error}"))?;
    let mut tree = Tree::new();
    for (path, what) in resolved {
        let shown = path.escape_ascii().to_string();
        if what.kind == "ghost" {
            tree.insert(shown, "ghost".to_owned());
            continue;
        }
        let mtime = what.mtime.map_or_else(|| "now".to_owned(), |time| when(time.sec, time.nsec));
        let mut line = head(&what.kind.to_text(), what.mode, what.uid, what.gid, &mtime);
        if let Some(to) = &what.target {
            line += &target(to);
        }
        if let Some(number) = what.device {
            line += &device(number.major, number.minor);
        }
        if let Some((layer, at, size)) = what.content {
            line += &read.content(layer, at, size);
        }
        tree.insert(shown, line);
    }
    Ok(tree)
}

/// What the explorer shows, with [`NO_TIME`] for the times, which it has of the tar; or why it refuses the stack.
pub fn of_explorer(stack: &[Vec<Item>]) -> Result<Tree, String> {
    let mut read = Read::of(stack)?;
    let mut sheets = Vec::new();
    for records in &read.layers {
        let mut sheet = Sheet::new();
        for record in records {
            match record {
                Record::Entry(entry) => sheet.add(entry).map(drop),
                Record::Global(name) => sheet.global(name),
            }
            .map_err(|error| error.to_string())?;
        }
        sheet.settle().map_err(|error| error.to_string())?;
        sheets.push(sheet);
    }
    let merged = Stack::new(sheets);
    let mut tree = Tree::new();
    for path in merged.shown().keys() {
        let (layer, node) = merged.node(path).expect("it is shown");
        let mut line = head(node.kind.name(), node.mode, node.uid, node.gid, NO_TIME);
        match &node.kind {
            NodeKind::File { content_at, .. } => line += &read.content(layer, *content_at, node.size),
            NodeKind::Symlink(to) => line += &target(to),
            NodeKind::Device(_, number) => line += &device(number.major, number.minor),
            _ => {}
        }
        tree.insert(format!("/{}", path.escape_ascii()), line);
    }
    Ok(tree)
}

/// The tree without its times and without what is only a mark of its layer.
pub fn without_times(tree: Tree) -> Tree {
    let lines = tree.into_iter().filter(|(_, line)| line != "ghost" && !line.ends_with(" 0:0"));
    lines
        .map(|(path, line)| {
            let mut words: Vec<&str> = line.splitn(5, ' ').collect();
            words[3] = NO_TIME;
            (path, words.join(" "))
        })
        .collect()
}

/// What stands for a time where there is none.
pub const NO_TIME: &str = "-";

/// What is in one tree and not in the other; nothing where they are the same.
pub fn difference(theirs: &Tree, ours: &Tree) -> Option<String> {
    (theirs != ours).then(|| crate::listing::difference(&lines(theirs), &lines(ours)))
}

fn head(kind: &str, mode: u32, uid: u32, gid: u32, mtime: &str) -> String {
    format!("{kind} {mode:04o} {uid}:{gid} {mtime}")
}

fn content(data: &[u8]) -> String {
    format!(" {} {}", data.len(), &sha256(data)[..8])
}

fn target(to: &[u8]) -> String {
    format!(" -> {}", to.escape_ascii())
}

fn device(major: u32, minor: u32) -> String {
    format!(" {major}:{minor}")
}
