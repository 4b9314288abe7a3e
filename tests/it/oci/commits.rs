//! Upper directories as recorded, packed as Docker packed them: names, types, modes, order, markers, records.

use layerlab_tests::oracle;
use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use layerlab_core::kernel::{Device, FileType, Follow, Kernel, SetTime, Task, Timespec, XattrMode, fs};
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::{Index, open};
use layerlab_core::oci::blob::FdBlob;
use layerlab_core::oci::layer::{Expected, Names, assemble, pack_diff, unpack};
use layerlab_core::oci::tar::{Event, Kind, Parser};
use layerlab_core::sim::SimKernel;
use serde_json::{Value, json};

use super::stacks::OVERLAY2;

/// Makes the recorded upper directory at /u.
fn make_upper(kernel: &mut SimKernel, file: &Path) {
    let task = Task { umask: 0, ..Task::root() };
    let text = std::fs::read_to_string(file).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // What has several names and is alike in all else is one inode: whiteouts, and hard links.
    let mut inodes: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for line in &lines {
        let name = line["path"].as_str().unwrap();
        let path = format!("/u{}", if name == "/" { "" } else { name }).into_bytes();
        let mode = u32::from_str_radix(line["mode"].as_str().unwrap().trim_start_matches("0o"), 8).unwrap();
        let kind: FileType = serde_json::from_value(line["type"].clone()).unwrap();
        let several = kind != FileType::Dir && line["nlink"].as_u64().unwrap_or(1) > 1;
        let alike = {
            let mut same = line.clone();
            same.as_object_mut().unwrap().remove("path");
            same.to_string()
        };
        if several && let Some(first) = inodes.get(&alike) {
            kernel.link(&task, first, &path).unwrap();
            continue;
        }
        match kind {
            FileType::Dir => kernel.mkdir(&task, &path, mode).unwrap(),
            FileType::File => {
                fs::write(kernel, &task, &path, b"", mode).unwrap();
                kernel.truncate(&task, &path, line["size"].as_u64().unwrap()).unwrap();
            }
            FileType::Symlink => {
                kernel.symlink(&task, line["target"].as_str().unwrap().as_bytes(), &path).unwrap();
            }
            _ => {
                let number = |i: usize| line["rdev"][i].as_u64().unwrap_or(0) as u32;
                let device = Device { major: number(0), minor: number(1) };
                kernel.mknod(&task, &path, kind, mode, device).unwrap();
            }
        }
        let id = |key: &str| Some(line[key].as_u64().unwrap() as u32);
        kernel.chown(&task, &path, id("uid"), id("gid"), Follow::Link).unwrap();
        for (name, value) in line["xattrs"].as_object().into_iter().flatten() {
            let value: Vec<u8> = value.as_str().unwrap().chars().map(|c| c as u32 as u8).collect();
            kernel.setxattr(&task, &path, name.as_bytes(), &value, XattrMode::Set, Follow::Link).unwrap();
        }
        if several {
            inodes.insert(alike, path);
        }
    }
    for line in lines.iter().rev() {
        let path = format!("/u{}", line["path"].as_str().unwrap());
        let nanos = line["mtime"].as_i64().unwrap();
        let time = SetTime::At(Timespec { sec: nanos / 1_000_000_000, nsec: (nanos % 1_000_000_000) as u32 });
        kernel.utimens(&task, path.as_bytes(), time, time, Follow::Link).unwrap();
    }
}

/// A layer's entries in the form of `layer.jsonl`.
fn entries(tar: &[u8]) -> Vec<Value> {
    let mut parser = Parser::new(Limits::default());
    let (mut rest, mut out) = (tar, Vec::new());
    let mut extended = false;
    while !rest.is_empty() {
        let at = parser.position();
        let (used, event) = parser.step(rest).unwrap();
        if let Some(Event::Entry(entry)) = event {
            let name = entry.name.to_text();
            let kind = match entry.kind {
                Kind::Hardlink => json!("hardlink"),
                kind => serde_json::to_value(kind.file_type()).unwrap(),
            };
            let mut line = json!({
                "name": name.trim_end_matches('/'), "type": kind, "mode": format!("0o{:o}", entry.mode), "uid": entry.uid,
                "gid": entry.gid, "uname": entry.uname.to_text(), "gname": entry.gname.to_text(), "size": entry.size,
                "mtime": entry.mtime.sec,
            });
            let object = line.as_object_mut().unwrap();
            // The header's own field: whiteouts have one too.
            let header = &tar[entry.content_at as usize - 512..];
            let link: Vec<u8> = header[157..257].iter().copied().take_while(|b| *b != 0).collect();
            if !link.is_empty() {
                object.insert("linkname".into(), json!(String::from_utf8_lossy(&link)));
            }
            if extended {
                object.insert("pax".into(), json!({"path": name}));
            }
            extended = false;
            out.push(line);
        } else if tar.get(at as usize + 156) == Some(&b'x') && used >= 512 {
            extended = true;
        }
        rest = &rest[used..];
    }
    out
}

#[test]
fn every_recorded_upper_directory_is_packed_as_docker_packed_it() {
    let root = oracle::folder("docker");
    let mut cases: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.join("upper.jsonl").exists() && case.join("layer.jsonl").exists());
    cases.sort();
    let mut wrong = Vec::new();
    for case in &cases {
        let want: Vec<Value> = std::fs::read_to_string(case.join("layer.jsonl"))
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        // Where nothing was changed, nothing was committed, and the recorded layer is the base image's.
        if want.first().is_some_and(|first| first["name"] == ".") {
            continue;
        }
        let mut kernel = SimKernel::new();
        make_upper(&mut kernel, &case.join("upper.jsonl"));
        let mut tar = Vec::new();
        pack_diff(&mut kernel, &Task::root(), b"/u", &Names::root_only(), OVERLAY2, &mut tar).unwrap();
        let got = entries(&tar);
        let name = case.file_name().unwrap().to_str().unwrap();
        for i in 0..got.len().max(want.len()) {
            if got.get(i) != want.get(i) {
                wrong.push(format!("{name} entry {i}:\n  {:?}\n  {:?}", got.get(i), want.get(i)));
            }
        }
    }
    assert!(cases.len() > 10, "the recorded cases are there");
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

/// Unpacks and writes again every layer of an archive.
fn round_trip(file: &[u8]) {
    let mut source = Bytes::copy_from_slice(file);
    let index = Index::of_tar(&mut source, Limits::default()).unwrap();
    let archive = open(&index, &mut source, Limits::default()).unwrap();
    let task = Task::root();
    for layer in &archive.images[0].layers {
        let mut kernel = SimKernel::new();
        kernel.mkdir(&task, b"/l", 0o755).unwrap();
        // From a file of the kernel, so that contents are shared and not copied.
        fs::write(&mut kernel, &task, b"/archive", file, 0o644).unwrap();
        let fd = kernel.open(&task, b"/archive", layerlab_core::kernel::OpenFlags::RDONLY, 0).unwrap();
        let mut from = FdBlob::new(&mut kernel, fd).unwrap();
        let mut split = Vec::new();
        let expected =
            Expected { digest: layer.digest, diff_id: Some(layer.diff_id), compression: None, again: None };
        let blob = layer.blob.unwrap();
        unpack(
            &mut kernel,
            &task,
            b"/l",
            &mut from,
            blob,
            expected,
            OVERLAY2,
            Limits::default(),
            Some(&mut split),
        )
        .unwrap();
        let mut again = Vec::new();
        assemble(&mut kernel, &task, b"/l", &mut Bytes::from(split), &mut again).unwrap();
        assert_eq!(layerlab_core::oci::Digest::of(&again), layer.diff_id);
    }
}

#[test]
fn a_layer_is_written_again_to_the_byte() {
    round_trip(include_bytes!("../../fixtures/oci/docker20-save-tiny.tar"));
    let root = oracle::folder("layers");
    for stack in
        ["modes-owners", "unicode-long", "wh-simple", "mtime-frac", "hardlink-to-symlink", "empty-layer"]
    {
        round_trip(&std::fs::read(root.join(stack).join("image.oci.tar")).unwrap());
    }
}
