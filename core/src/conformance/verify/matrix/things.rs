//! The things that calls are made on: each kind, in each place that a layered tree has for it.

use serde_json::Value;

use super::super::layers::entry;
use crate::conformance::trace::{Kind, TreeEntry};
use crate::kernel::ByteString;

/// A name with what the layers have for it.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    pub(super) path: String,
    pub(super) entries: Vec<TreeEntry>,
}

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    File,
    Mine,
    SetId,
    Attributes,
    Dir,
    FullDir,
    StickyDir,
    OpaqueDir,
    ToFile,
    ToDir,
    ToLink,
    Dangling,
    Loop,
    Fifo,
    Device,
    TwoNames,
}

const WHATS: [What; 16] = [
    What::File,
    What::Mine,
    What::SetId,
    What::Attributes,
    What::Dir,
    What::FullDir,
    What::StickyDir,
    What::OpaqueDir,
    What::ToFile,
    What::ToDir,
    What::ToLink,
    What::Dangling,
    What::Loop,
    What::Fifo,
    What::Device,
    What::TwoNames,
];

const UPPER: Option<usize> = None;
const TOP: Option<usize> = Some(0);
const BOTTOM: Option<usize> = Some(1);

/// The root of a layer.
pub(super) fn root(layer: Option<usize>) -> TreeEntry {
    new(layer, "/", Kind::Dir, "0755")
}

/// A directory of that name in these layers.
pub(super) fn parent(path: &str, layers: &[Option<usize>]) -> Vec<TreeEntry> {
    layers.iter().map(|layer| new(*layer, path, Kind::Dir, "0777")).collect()
}

fn new(layer: Option<usize>, path: &str, kind: Kind, mode: &str) -> TreeEntry {
    let mut new = entry(layer, ByteString::from(path.as_bytes()), kind);
    if kind != Kind::Whiteout {
        new.mode = Some(mode.to_owned());
        new.mtime = Some(1_000_000_000 + layer.map_or(0, |number| number as i64 + 1));
    }
    new
}

/// All things of a directory that all layers have.
pub(super) fn things(dir: &str) -> Vec<Thing> {
    let mut things = Vec::new();
    for what in WHATS {
        let places: [(&str, &[Option<usize>]); 4] =
            [("u", &[UPPER]), ("t", &[TOP]), ("b", &[BOTTOM]), ("a", &[UPPER, TOP, BOTTOM])];
        for (place, layers) in places {
            let path = format!("{dir}/{what:?}-{place}");
            let entries = layers.iter().flat_map(|layer| make(what, *layer, &path)).collect();
            things.push(Thing { path, entries });
        }
        // Hidden by a whiteout, over something else, and under something else.
        let path = format!("{dir}/{what:?}-w");
        let mut entries = make(what, BOTTOM, &path);
        entries.push(new(UPPER, &path, Kind::Whiteout, ""));
        things.push(Thing { path, entries });
        let path = format!("{dir}/{what:?}-o");
        let mut entries = make(what, TOP, &path);
        let below = if matches!(what, What::Dir | What::FullDir) { What::File } else { What::FullDir };
        entries.extend(make(below, BOTTOM, &path));
        things.push(Thing { path, entries });
    }
    let path = format!("{dir}/missing");
    things.push(Thing { path, entries: Vec::new() });
    let path = format!("{dir}/middle");
    let mut entries = make(What::FullDir, BOTTOM, &path);
    entries.push(new(TOP, &path, Kind::Whiteout, ""));
    things.push(Thing { path, entries });
    things
}

fn make(what: What, layer: Option<usize>, path: &str) -> Vec<TreeEntry> {
    let text = |path: &str, mode: &str| {
        let mut file = new(layer, path, Kind::File, mode);
        file.content = Some(ByteString::from(format!("{path} in {layer:?}").as_bytes()));
        file
    };
    let link = |path: &str, target: String| {
        let mut link = new(layer, path, Kind::Symlink, "0777");
        link.target = Some(ByteString::from(target.as_bytes()));
        link
    };
    let full = |mode: &str, uid: u32| {
        let mut dir = new(layer, path, Kind::Dir, mode);
        (dir.uid, dir.gid) = (uid, uid);
        let mut other = text(&format!("{path}/other"), "0644");
        (other.uid, other.gid) = (1001, 1001);
        vec![
            dir,
            text(&format!("{path}/file"), "0644"),
            other,
            new(layer, &format!("{path}/sub"), Kind::Dir, "0755"),
        ]
    };
    let name = path.rsplit('/').next().unwrap_or_default();
    let target = format!("{path}.t");
    match what {
        What::File => vec![text(path, "0644")],
        What::Mine => {
            let mut file = text(path, "0640");
            (file.uid, file.gid) = (1000, 1000);
            vec![file]
        }
        What::SetId => {
            let mut file = text(path, "6777");
            (file.uid, file.gid) = (1000, 1000);
            vec![file]
        }
        What::Attributes => {
            let mut file = text(path, "0666");
            for name in ["user.k", "trusted.k", "security.k", "trusted.overlay.overlay.k"] {
                file.xattrs.insert(name.to_owned(), "value".into());
            }
            vec![file]
        }
        What::Dir => {
            let mut dir = new(layer, path, Kind::Dir, "2775");
            (dir.uid, dir.gid) = (1000, 1000);
            vec![dir]
        }
        What::FullDir => full("0755", 0),
        What::StickyDir => full("1777", 0),
        What::OpaqueDir => {
            let mut entries = full("0777", 1000);
            entries[0].overlay_xattrs.insert("opaque".to_owned(), Value::String("y".to_owned()));
            entries
        }
        What::ToFile => vec![text(&target, "0666"), link(path, format!("{name}.t"))],
        What::ToDir => vec![new(layer, &target, Kind::Dir, "0777"), link(path, target.clone())],
        What::ToLink => {
            let second = format!("{path}.s");
            vec![
                text(&target, "0666"),
                link(&second, format!("./{name}.t")),
                link(path, format!("../d/../{}.s", &path[1..])),
            ]
        }
        What::Dangling => vec![link(path, format!("{name}.n"))],
        What::Loop => vec![link(path, name.to_owned())],
        What::Fifo => vec![new(layer, path, Kind::Fifo, "0666")],
        What::Device => {
            let mut device = new(layer, path, Kind::Char, "0666");
            device.rdev = Some((1, 3));
            vec![device]
        }
        What::TwoNames => {
            let mut second = text(&format!("{path}.2"), "0666");
            second.link_to = Some(ByteString::from(path.as_bytes()));
            second.content = None;
            vec![text(path, "0666"), second]
        }
    }
}
