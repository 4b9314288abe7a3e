//! Tests of archives, read and written.

use bytes::Bytes;

use super::*;
use crate::kernel::{Kernel, Task, fs};
use crate::oci::Reference;
use crate::oci::layer::{Names, pack_tree};
use crate::sim::SimKernel;

/// `docker save` of Docker 20.10.24, as it came.
const DOCKER_SAVE: &[u8] = include_bytes!("../../../../tests/fixtures/oci/docker20-save-tiny.tar");

fn opened() -> (Archive, Bytes) {
    let mut source = Bytes::from_static(DOCKER_SAVE);
    let index = Index::of_tar(&mut source, Limits::default()).unwrap();
    (open(&index, &mut source, Limits::default()).unwrap(), source)
}

#[test]
fn what_docker_saved_opens() {
    let (archive, _) = opened();
    assert_eq!(archive.form, Form::Docker);
    let image = &archive.images[0];
    assert_eq!(image.names, ["labs:tiny"]);
    assert_eq!(image.layers.len(), 1);
    assert_eq!(image.layers[0].blob.unwrap().len, 2048);
    assert_eq!(
        legacy_ids(&image.config)[0].hex(),
        "2c434c5213ef84944ddae30bb033067e172dc0415e1fbb3448673a7a433f449f"
    );
}

#[test]
fn saved_again_it_is_the_same_to_the_byte() {
    let (archive, mut source) = opened();
    let image = &archive.images[0];
    let mut kernel = SimKernel::new();
    let task = Task::root();
    kernel.mkdir(&task, b"/stage", 0o755).unwrap();
    let save = SaveImage {
        config: image.config.clone(),
        names: vec![Reference::parse("labs:tiny").unwrap()],
        parent: None,
    };
    let blob = image.layers[0].blob.unwrap();
    stage_save(&mut kernel, &task, b"/stage", &[save], |kernel, _, diff_id, at| {
        assert_eq!(*diff_id, image.layers[0].diff_id);
        let data = source.read_at(blob.offset, blob.len as usize)?;
        fs::write(kernel, &task, at, &data, 0o644).unwrap();
        Ok(())
    })
    .unwrap();
    let mut out = Vec::new();
    pack_tree(&mut kernel, &task, b"/stage", &Names::root_only(), &mut out).unwrap();
    assert!(out == DOCKER_SAVE);
}
