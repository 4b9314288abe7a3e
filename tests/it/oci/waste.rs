//! What can be had back, computed twice: by the explorer from its sheets, and by mounting the same layers in the simulated
//! kernel and adding up what is seen.

use std::collections::BTreeMap;

use bytes::Bytes;
use layerlab_core::explore::{Explorer, LayerScan, Report};
use layerlab_core::kernel::{Errno, FileType, Kernel, MountFlags, Task, fs, path};
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::{Index, open};
use layerlab_core::sim::SimKernel;
use layerlab_tests::archive::Layer;
use layerlab_tests::layout::{Layout, Stored};
use proptest::prelude::*;

use super::stacks::unpack_all;

/// One entry of a layer.
#[derive(Debug, Clone)]
enum Made {
    File(&'static str, usize),
    Dir(&'static str),
    Link(&'static str, &'static str),
    Symlink(&'static str, &'static str),
    Gone(&'static str),
    Opaque(&'static str),
}

const NAMES: [&str; 8] = ["a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "l"];

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(NAMES.to_vec())
}

fn made() -> impl Strategy<Value = Made> {
    prop_oneof![
        5 => (name(), 1..2000usize).prop_map(|(name, size)| Made::File(name, size)),
        3 => name().prop_map(Made::Dir),
        1 => (name(), name()).prop_map(|(name, to)| Made::Link(name, to)),
        1 => (name(), prop::sample::select(vec!["a", "d", "/d", "nothing"])).prop_map(|(n, to)| Made::Symlink(n, to)),
        3 => name().prop_map(Made::Gone),
        2 => prop::sample::select(vec!["d", "d/e", "l"]).prop_map(Made::Opaque),
    ]
}

fn tar(entries: &[Made]) -> Vec<u8> {
    let mut layer = Layer::new();
    for entry in entries {
        match entry {
            Made::File(name, size) => layer.file(name, 0o644, &vec![b'x'; *size]),
            Made::Dir(name) => layer.dir(&format!("{name}/"), 0o755),
            Made::Link(name, to) => layer.hard_link(name, to),
            Made::Symlink(name, to) => layer.symlink(name, to),
            Made::Gone(name) => match name.rsplit_once('/') {
                Some((dir, base)) => layer.file(&format!("{dir}/.wh.{base}"), 0o600, b""),
                None => layer.file(&format!(".wh.{name}"), 0o600, b""),
            },
            Made::Opaque(name) => layer.file(&format!("{name}/.wh..wh..opq"), 0o600, b""),
        };
    }
    layer.done()
}

/// Bytes of every file below a directory, an inode once; a name that is listed and not there has none.
fn seen(kernel: &mut SimKernel, root: &[u8]) -> u64 {
    let task = Task::root();
    let mut inodes: BTreeMap<u64, u64> = BTreeMap::new();
    let mut todo = vec![root.to_vec()];
    while let Some(at) = todo.pop() {
        for entry in fs::read_dir(kernel, &task, &at).unwrap() {
            let below = path::join(&at, &entry.name).into_vec();
            match kernel.lstat(&task, &below) {
                Err(Errno::ENOENT) => {}
                stat => {
                    let stat = stat.unwrap();
                    match stat.kind {
                        FileType::Dir => todo.push(below),
                        FileType::File => drop(inodes.insert(stat.ino, stat.size)),
                        _ => {}
                    }
                }
            }
        }
    }
    inodes.values().sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reclaimable_is_all_that_a_mount_does_not_show(
        layers in prop::collection::vec(prop::collection::vec(made(), 1..7), 1..5)
    ) {
        let stored: Vec<_> = layers.iter().map(|entries| (tar(entries), Stored::Plain)).collect();
        let mut source = Bytes::from(Layout::default().image("r", ("linux", "amd64"), &stored).tar());
        let index = Index::of_tar(&mut source, Limits::default()).unwrap();
        let archive = open(&index, &mut source, Limits::default()).unwrap();
        let mut kernel = SimKernel::new();
        let unpacked = unpack_all(&mut kernel, &archive, &mut source);
        let image = archive.images[0].clone();
        let scans: Result<Vec<_>, _> = image
            .layers
            .iter()
            .map(|layer| {
                let scan = LayerScan::read(&mut source, layer, Limits::default(), &mut |_| true)?;
                scan.map(|scan| scan.strict(layer)).transpose()
            })
            .collect();
        // One reader, two sinks: what one refuses the other refuses.
        prop_assert_eq!(unpacked.is_err(), scans.is_err(), "{:?} and {:?}", unpacked, scans.err());
        let (Ok(count), Ok(scans)) = (unpacked, scans) else { return Ok(()) };
        let report = Report::of(&Explorer::new(image, scans));
        let task = Task::root();
        let size = |entry: &Made| if let Made::File(_, size) = entry { *size as u64 } else { 0 };
        let whole: u64 = layers.iter().flatten().map(size).sum();
        for dir in [&b"/none"[..], b"/m"] {
            kernel.mkdir(&task, dir, 0o755).unwrap();
        }
        let lower: Vec<String> = (0..count).rev().map(|i| format!("/l/{i}")).collect();
        let data = format!("lowerdir=/none:{}", lower.join(":"));
        kernel.mount(&task, b"overlay", b"/m", b"overlay", MountFlags::empty(), data.as_bytes()).unwrap();
        let shown = seen(&mut kernel, b"/m");
        prop_assert_eq!(report.content_bytes, whole);
        prop_assert_eq!(report.shown_bytes, shown);
        prop_assert_eq!(report.reclaimable_bytes, whole - shown);
        let by_path: u64 = report.reclaimable.iter().map(|hidden| hidden.size).sum();
        let by_layer: u64 = report.layers.iter().map(|layer| layer.hidden_bytes).sum();
        prop_assert_eq!((by_path, by_layer), (whole - shown, whole - shown));
    }
}
