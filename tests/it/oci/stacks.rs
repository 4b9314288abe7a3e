//! Stacks of layers, unpacked as Docker's overlay2 stored them: every directory entry, every refusal.

use layerlab_tests::oracle;
use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use layerlab_core::kernel::{Errno, FileType, Follow, Kernel, MountFlags, Task, Timespec, fs, path};
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::{Archive, Index, open};
use layerlab_core::oci::layer::{Expected, LayerError, OverlayNames, unpack};
use layerlab_core::sim::SimKernel;
use serde_json::{Value, json};

pub(super) const OVERLAY2: OverlayNames =
    OverlayNames { opaque: b"trusted.overlay.opaque", reserved: &[b"trusted.overlay.", b"user.overlay."] };
/// The lab's clock: later than every time in a layer, so that "now" can be told.
const NOW: i64 = 1_795_000_000;

/// The stacks that this engine refuses by its own decision, though Docker takes them (ARCHITECTURE.md).
const REFUSED: [&str; 1] = ["escape-dotdot-top"];

fn load(file: &Path) -> (Archive, Bytes) {
    let mut source = Bytes::from(std::fs::read(file).unwrap());
    let index = Index::of_tar(&mut source, Limits::default()).unwrap();
    (open(&index, &mut source, Limits::default()).unwrap(), source)
}

/// Unpacks the layers into /l/0, /l/1, … until one is refused.
pub(super) fn unpack_all(
    kernel: &mut SimKernel,
    archive: &Archive,
    source: &mut Bytes,
) -> Result<usize, LayerError> {
    let task = Task::root();
    fs::mkdir_all(kernel, &task, b"/l", 0o755).unwrap();
    for (i, layer) in archive.images[0].layers.iter().enumerate() {
        let dir = format!("/l/{i}").into_bytes();
        kernel.mkdir(&task, &dir, 0o755).unwrap();
        let expected =
            Expected { digest: layer.digest, diff_id: Some(layer.diff_id), compression: None, again: None };
        let blob = layer.blob.unwrap();
        unpack(kernel, &task, &dir, source, blob, expected, OVERLAY2, Limits::default(), None)?;
    }
    Ok(archive.images[0].layers.len())
}

/// A directory in the form of the recorded `diffdir.jsonl`, by path; times that are "now" are left out.
fn dump(kernel: &mut SimKernel, dir: &str) -> BTreeMap<String, Value> {
    let task = Task::root();
    let mut out = BTreeMap::new();
    let mut todo = vec![dir.as_bytes().to_vec()];
    while let Some(at) = todo.pop() {
        let stat = kernel.lstat(&task, &at).unwrap();
        let name = String::from_utf8_lossy(&at[dir.len()..]).into_owned();
        let kind = serde_json::to_value(stat.kind).unwrap();
        let mut line = json!({
            "type": kind, "mode": format!("0o{:o}", stat.mode), "uid": stat.uid, "gid": stat.gid, "nlink": stat.nlink,
        });
        let object = line.as_object_mut().unwrap();
        if stat.mtime.sec != NOW {
            object.insert("mtime".into(), json!(stat.mtime.sec * 1_000_000_000 + i64::from(stat.mtime.nsec)));
        }
        match stat.kind {
            FileType::File => drop(object.insert("size".into(), json!(stat.size))),
            FileType::Symlink => {
                let target = kernel.readlink(&task, &at).unwrap();
                object.insert("target".into(), json!(target.to_text()));
            }
            FileType::Char | FileType::Block => {
                object.insert("rdev".into(), json!([stat.rdev.major, stat.rdev.minor]));
                if stat.is_whiteout() {
                    object.insert("whiteout".into(), json!(true));
                }
            }
            FileType::Dir => {
                todo.extend(
                    fs::read_dir(kernel, &task, &at)
                        .unwrap()
                        .iter()
                        .map(|e| path::join(&at, &e.name).into_vec()),
                );
            }
            FileType::Fifo | FileType::Socket => {}
        }
        let mut xattrs = serde_json::Map::new();
        for name in kernel.listxattr(&task, &at, Follow::Link).unwrap() {
            let value = kernel.getxattr(&task, &at, &name, Follow::Link).unwrap();
            xattrs.insert(name.to_text(), json!(value.to_text()));
        }
        if xattrs.contains_key("trusted.overlay.opaque") {
            object.insert("opaque".into(), json!(true));
        }
        if !xattrs.is_empty() {
            object.insert("xattrs".into(), Value::Object(xattrs));
        }
        out.insert(if name.is_empty() { "/".into() } else { name }, line);
    }
    out
}

fn recorded(file: &Path) -> BTreeMap<String, Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| {
            let mut value: Value = serde_json::from_str(line).unwrap();
            let object = value.as_object_mut().unwrap();
            let name = object.remove("path").unwrap().as_str().unwrap().to_owned();
            if object["mtime"].as_i64().unwrap() > NOW * 1_000_000_000 {
                object.remove("mtime");
            }
            (name, value)
        })
        .collect()
}

/// The merged tree of the layers in /l, in the form of the recorded `tree.jsonl`.
fn merged(kernel: &mut SimKernel, layers: usize) -> BTreeMap<String, Value> {
    let task = Task::root();
    for dir in [&b"/u"[..], b"/w", b"/m"] {
        kernel.mkdir(&task, dir, 0o755).unwrap();
    }
    // An image of one layer was looked at where it is stored; a mount takes two lower directories or more.
    let lower: Vec<String> = (0..layers).rev().map(|i| format!("/l/{i}")).collect();
    let root: &[u8] = if layers == 1 { b"/l/0" } else { b"/m" };
    if layers > 1 {
        let data = format!("lowerdir={},upperdir=/u,workdir=/w", lower.join(":"));
        kernel.mount(&task, b"overlay", b"/m", b"overlay", MountFlags::empty(), data.as_bytes()).unwrap();
    }
    let mut links: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    let mut out = BTreeMap::new();
    let mut todo = vec![root.to_vec()];
    while let Some(at) = todo.pop() {
        let name = String::from_utf8_lossy(&at[root.len()..]).into_owned();
        let stat = match kernel.lstat(&task, &at) {
            Err(Errno::ENOENT) => {
                out.insert(name, json!({"type": "ghost", "mode": "0o0", "uid": 0, "gid": 0, "mtime": 0}));
                continue;
            }
            stat => stat.unwrap(),
        };
        let mut line = json!({
            "type": serde_json::to_value(stat.kind).unwrap(), "mode": format!("0o{:o}", stat.mode), "uid": stat.uid, "gid": stat.gid,
        });
        let object = line.as_object_mut().unwrap();
        if stat.mtime.sec != NOW {
            object.insert("mtime".into(), json!(stat.mtime.sec * 1_000_000_000 + i64::from(stat.mtime.nsec)));
        }
        match stat.kind {
            FileType::File => {
                let data = fs::read(kernel, &task, &at).unwrap();
                object.insert("data".into(), json!(String::from_utf8_lossy(&data)));
            }
            FileType::Symlink => {
                object.insert("target".into(), json!(kernel.readlink(&task, &at).unwrap().to_text()));
            }
            FileType::Dir => {
                let names = fs::read_dir(kernel, &task, &at).unwrap();
                todo.extend(names.iter().map(|entry| path::join(&at, &entry.name).into_vec()));
            }
            FileType::Char | FileType::Block => {
                object.insert("rdev".into(), json!([stat.rdev.major, stat.rdev.minor]));
            }
            _ => {}
        }
        if stat.kind != FileType::Dir && stat.nlink > 1 {
            links.entry(stat.ino).or_default().push(name.clone());
        }
        out.insert(if name.is_empty() { "/".into() } else { name }, line);
    }
    for names in links.into_values() {
        let first = names.iter().min().unwrap();
        for name in &names {
            out.get_mut(name).unwrap().as_object_mut().unwrap().insert("link_of".into(), json!(first));
        }
    }
    out
}

fn differences(
    wrong: &mut Vec<String>,
    what: &str,
    got: &BTreeMap<String, Value>,
    want: &BTreeMap<String, Value>,
) {
    for path in got.keys().chain(want.keys()) {
        if got.get(path) != want.get(path) {
            wrong.push(format!("{what} {path}: {:?} for {:?}", got.get(path), want.get(path)));
        }
    }
}

#[test]
fn every_recorded_stack_is_stored_as_docker_stored_it() {
    let root = oracle::folder("layers");
    let mut names: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let mut wrong = Vec::new();
    for stack in &names {
        let name = stack.file_name().unwrap().to_str().unwrap();
        for file in ["image.docker.tar", "image.oci.tar"] {
            let (archive, mut source) = load(&stack.join(file));
            let mut kernel = SimKernel::new();
            kernel.set_clock(Timespec::seconds(NOW));
            let result = unpack_all(&mut kernel, &archive, &mut source);
            let said = std::fs::read_to_string(stack.join("docker-overlay2.err")).unwrap();
            match result {
                Err(LayerError::Refused { .. }) if REFUSED.contains(&name) => continue,
                Err(error) if error.docker_text().trim_end() != said.trim_end() => {
                    wrong.push(format!("{name} {file}: {} for {said}", error.docker_text()));
                }
                Ok(_) if !said.trim().is_empty() => {
                    wrong.push(format!("{name} {file}: took what Docker refuses: {said}"));
                }
                Err(_) | Ok(_) => {}
            }
            let tree = stack.join("docker-overlay2.tree.jsonl");
            if tree.exists() {
                let (got, want) = (merged(&mut kernel, archive.images[0].layers.len()), recorded(&tree));
                differences(&mut wrong, &format!("{name} merged"), &got, &want);
            }
            for i in 0..archive.images[0].layers.len() {
                let want = stack.join(format!("docker-overlay2.layer{i}.diffdir.jsonl"));
                if !want.exists() {
                    continue;
                }
                let (got, want) = (dump(&mut kernel, &format!("/l/{i}")), recorded(&want));
                for path in got.keys().chain(want.keys()) {
                    if got.get(path) != want.get(path) {
                        wrong.push(format!(
                            "{name} layer {i} {path}: {:?} for {:?}",
                            got.get(path),
                            want.get(path)
                        ));
                    }
                }
            }
        }
    }
    assert!(names.len() > 20, "the recorded stacks are there");
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}
