//! Each stack as other programs resolved it, against the lens.

use layerlab_tests::oracle;
use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use layerlab_core::explore::{Content, Lens, Resolved, read_content, read_entries, resolve};
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::{Archive, Index, open};
use serde_json::{Value, json};

/// Later than every time in a layer.
const NOW: i64 = 1_795_000_000_000_000_000;

fn line(resolved: &Resolved, archive: &Archive, source: &mut Bytes) -> Value {
    let mut out = json!({"type": resolved.kind.to_text(), "mode": format!("0o{:o}", resolved.mode), "uid": resolved.uid, "gid": resolved.gid});
    let object = out.as_object_mut().unwrap();
    if let Some(time) = resolved.mtime {
        object.insert("mtime".into(), json!(time.sec * 1_000_000_000 + i64::from(time.nsec)));
    }
    if let Some(target) = &resolved.target {
        object.insert("target".into(), json!(target.to_text()));
    }
    if let Some(device) = resolved.device {
        object.insert("rdev".into(), json!([device.major, device.minor]));
    }
    if let Some((number, at, len)) = resolved.content {
        let layer = &archive.images[0].layers[number];
        // It is decompressed up to there, or passed over.
        let content = Content { layer: number, plain: false, at, size: len, extents: None };
        let data = read_content(source, layer, &content, 0, len as usize, Limits::default()).unwrap();
        object.insert("data".into(), json!(String::from_utf8_lossy(&data)));
    }
    out
}

fn recorded(file: &Path) -> BTreeMap<String, Value> {
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().map(|line| {
        let mut value: Value = serde_json::from_str(line).unwrap();
        let object = value.as_object_mut().unwrap();
        let name = object.remove("path").unwrap().as_str().unwrap().to_owned();
        object.remove("link_of");
        let mtime = object["mtime"].as_i64().unwrap();
        if mtime > NOW || object["type"] == "ghost" {
            object.remove("mtime");
        }
        (name, value)
    });
    lines.filter(|(name, _)| name != "/").collect()
}

#[test]
fn every_recorded_stack_is_resolved_as_each_program_resolved_it() {
    let root = oracle::folder("layers");
    let mut stacks: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    stacks.sort();
    let mut wrong = Vec::new();
    for stack in &stacks {
        let name = stack.file_name().unwrap().to_str().unwrap();
        let mut source = Bytes::from(std::fs::read(stack.join("image.oci.tar")).unwrap());
        let index = Index::of_tar(&mut source, Limits::default()).unwrap();
        let archive = open(&index, &mut source, Limits::default()).unwrap();
        let layers: Vec<_> = archive.images[0]
            .layers
            .iter()
            .map(|layer| read_entries(&mut source, layer, Limits::default()).unwrap())
            .collect();
        for (lens, program) in [
            (Lens::Overlay2, "docker-overlay2"),
            (Lens::Containerd, "containerd-overlayfs"),
            (Lens::Vfs, "podman-vfs"),
            (Lens::Umoci, "umoci-0.4.7"),
        ] {
            // The engine's own decision (ARCHITECTURE.md): a name that leaves the root is refused by the overlay lenses.
            if name == "escape-dotdot-top" {
                continue;
            }
            let tree = stack.join(format!("{program}.tree.jsonl"));
            let result = resolve(&layers, lens);
            match (result, tree.exists()) {
                (Err(_), false) => {}
                (Err((layer, error)), true) => {
                    wrong.push(format!("{name} {program}: refused in layer {layer}: {error}"));
                }
                (Ok(_), false) => wrong.push(format!("{name} {program}: taken, and was refused")),
                (Ok(resolved), true) => {
                    let got: BTreeMap<String, Value> = resolved
                        .iter()
                        .map(|(path, what)| (path.to_text(), line(what, &archive, &mut source)))
                        .collect();
                    let want = recorded(&tree);
                    let mut paths: Vec<_> = got.keys().chain(want.keys()).collect();
                    paths.sort();
                    paths.dedup();
                    for path in paths {
                        if got.get(path) != want.get(path) {
                            wrong.push(format!(
                                "{name} {program} {path}: {:?}\n      for {:?}",
                                got.get(path),
                                want.get(path)
                            ));
                        }
                    }
                }
            }
        }
        resolve(&layers, Lens::Spec).err();
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}
