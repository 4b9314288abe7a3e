//! Where an image can be read from: every form of archive gives the same answer.

use layerlab_tests::archive;
use layerlab_tests::layout::{gzip, tar_of, zstd};
use layerlab_tests::listing::{sha256, tar_file};
use serde_json::json;

use super::*;

/// Every form of one docker archive: its id, its layers and its waste are the same.
#[test]
fn every_form_is_the_same_image() {
    let workspace = Workspace::new();
    let classic = archive::three_layers(archive::STUB);
    let file = workspace.put("classic.tar", &classic);
    let want = json(&file, &[]);
    assert_eq!(want["id"], archive::image_id(&classic));
    assert_eq!((&want["form"], &want["names"]), (&json!("docker"), &json!([archive::NAME])));
    let said_nothing = |to: &str| assert_eq!(said(&file, &["--to", workspace.at(to).to_str().unwrap()]), "");
    said_nothing("both.tar");
    said_nothing("layout");
    let both = std::fs::read(workspace.at("both.tar")).unwrap();
    workspace.put("outer.tar.gz", &gzip(&classic, 10_000));
    workspace.put("outer.tar.zst", &zstd(&both));
    workspace.put("podman.tar", &podman(&classic));
    for form in ["both.tar", "layout", "outer.tar.gz", "outer.tar.zst", "podman.tar"] {
        let report = json(&workspace.at(form), &[]);
        for key in ["id", "layers", "reclaimable", "efficiency", "secrets", "platform", "created"] {
            assert_eq!(report[key], want[key], "{form}: {key}");
        }
        let oci = ["both.tar", "layout", "outer.tar.zst"].contains(&form);
        assert_eq!(report["manifest"].is_string(), oci, "{form}");
        assert_eq!(report["form"], if oci { "oci" } else { "docker" }, "{form}");
    }
    // Written again it is the same, and nothing is overwritten.
    said_nothing("again.tar");
    assert!(std::fs::read(workspace.at("again.tar")).unwrap() == both);
    let (_, err, status) = image(&file, &["--to", workspace.at("layout").to_str().unwrap()]);
    assert_eq!(status, 1);
    assert!(err.ends_with("layout: is there already\n"), "{err}");
    // A manifest that came is kept.
    let manifest = json(&workspace.at("layout"), &[])["manifest"].clone();
    let layout = workspace.at("layout");
    assert_eq!(said(&layout, &["--to", workspace.at("third").to_str().unwrap()]), "");
    assert_eq!(json(&workspace.at("third"), &[])["manifest"], manifest);
}

/// podman's docker archive: layers and configuration at the top, named by their digests, old ids as links.
fn podman(classic: &[u8]) -> Vec<u8> {
    let manifest = tar_file(classic, "manifest.json").unwrap();
    let mut manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let mut files = Vec::new();
    let layers: Vec<String> = manifest[0]["Layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| {
            let data = tar_file(classic, layer.as_str().unwrap()).unwrap();
            let name = format!("{}.tar", sha256(&data));
            files.push((name.clone(), data));
            name
        })
        .collect();
    let config = manifest[0]["Config"].as_str().unwrap().to_owned();
    files.push((config.clone(), tar_file(classic, &config).unwrap()));
    manifest[0]["Layers"] = json!(layers);
    files.push(("manifest.json".to_owned(), manifest.to_string().into_bytes()));
    tar_of(&files)
}

#[test]
fn layers_may_be_stored_in_any_way() {
    let workspace = Workspace::new();
    let stored = [Stored::Gzip(usize::MAX), Stored::Gzip(512), Stored::Zstd];
    let layers: Vec<_> = wasteful().into_iter().zip(stored).map(|((tar, _), stored)| (tar, stored)).collect();
    let packed = Layout::default().image("w", ("linux", "amd64"), &layers);
    let plain = json(&wasteful_image(&workspace), &[]);
    packed.write(&workspace.at("dir"));
    for file in [workspace.put("packed.tar", &packed.tar()), workspace.at("dir")] {
        let report = json(&file, &[]);
        assert_eq!(report["reclaimable"], plain["reclaimable"]);
        let how = |i: usize| report["layers"][i]["compression"].as_str().unwrap().to_owned();
        assert_eq!([how(0), how(1), how(2)], ["gzip", "gzip", "zstd"]);
        for i in 0..3 {
            assert_eq!(report["layers"][i]["diff_id"], plain["layers"][i]["diff_id"]);
            assert_ne!(report["layers"][i]["digest"], plain["layers"][i]["digest"]);
        }
    }
}

#[test]
fn of_several_images_one_is_chosen() {
    let workspace = Workspace::new();
    let layer = |name: &str| {
        let mut layer = Layer::new();
        layer.file(name, 0o644, name.as_bytes());
        vec![(layer.done(), Stored::Plain)]
    };
    let machines = Layout::default()
        .image("v1", ("linux", "arm64"), &layer("arm"))
        .image("v1", ("linux", "s390x"), &layer("s390x"))
        .image("v2", ("linux", "s390x"), &layer("new"));
    let file = workspace.put("machines.tar", &machines.tar());
    let (_, err, status) = image(&file, &["--platform", "linux/s390x"]);
    assert_eq!(status, 1);
    assert!(
        err.contains("choose one with --image or --platform: v1 (linux/s390x), v2 (linux/s390x)"),
        "{err}"
    );
    let (_, err, status) = image(&file, &["--platform", "windows/amd64"]);
    assert!(status == 1 && err.contains("there is: v1 (linux/arm64)"), "{err}");
    assert_eq!(said(&file, &["--platform", "linux/arm64", "--cat", "/arm"]), "arm");
    let (_, err, status) = image(&file, &["--image", "v1"]);
    assert!(status == 1 && err.contains("holds 2 images"), "{err}");
    assert_eq!(said(&file, &["--image", "v1", "--platform", "linux/s390x", "--cat", "/s390x"]), "s390x");
    assert_eq!(said(&file, &["--image", "v2", "--cat", "/new"]), "new");
    assert_eq!(said(&file, &["--image", "1", "--cat", "/s390x"]), "s390x");
    let id = json(&file, &["--image", "2"])["id"].as_str().unwrap().to_owned();
    assert_eq!(json(&file, &["--image", &id])["id"], id.as_str());
    // This machine's is taken by itself, where there is one.
    let here = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    let both = Layout::default().image("x", ("linux", "s390x"), &layer("other")).image(
        "x",
        ("linux", here),
        &layer("here"),
    );
    let file = workspace.put("here.tar", &both.tar());
    assert_eq!(said(&file, &["--cat", "/here"]), "here");
}

#[test]
fn refusals_name_the_file_and_what_is_wrong() {
    let workspace = Workspace::new();
    let whole = Layout::default().image("w", ("linux", "amd64"), &wasteful()).tar();
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("cut.tar", whole[..whole.len() / 2].to_vec(), "cut.tar: archive: "),
        ("noise.tar", vec![7; 5000], "noise.tar: archive: "),
        ("empty.tar", Vec::new(), "empty.tar: not an image"),
        (
            "other.tar",
            tar_of(&[("a".into(), b"b".to_vec())]),
            "not an image: no manifest.json and no index.json",
        ),
        ("cut.tar.gz", gzip(&whole, usize::MAX)[..900].to_vec(), "gzip stream ends early"),
    ];
    for (name, data, want) in cases {
        let (out, err, status) = image(&workspace.put(name, &data), &[]);
        assert_eq!((out.as_str(), status), ("", 1), "{name}");
        assert!(
            err.starts_with("layerlab: ") && err.contains(want) && err.lines().count() == 1,
            "{name}: {err}"
        );
    }
    let (_, err, status) = image(Path::new("/no/such/file"), &[]);
    assert_eq!((err.as_str(), status), ("layerlab: /no/such/file: No such file or directory\n", 1));
    let (_, err, status) = image(Path::new("/dev/null"), &[]);
    assert!(status == 1 && err.contains("/dev/null: not a regular file or a directory"), "{err}");
    // A name out of the archive steers no terminal.
    let evil = json!([{"Config": "a\u{1b}[2Jb.json", "Layers": []}]).to_string().into_bytes();
    let (_, err, status) = image(&workspace.put("evil.tar", &tar_of(&[("manifest.json".into(), evil)])), &[]);
    assert!(status == 1 && err.contains("a\\u{1b}[2Jb.json is missing") && !err.contains('\x1b'), "{err}");
}

#[test]
fn limits_can_be_moved() {
    let workspace = Workspace::new();
    let file = wasteful_image(&workspace);
    let (_, err, status) = image(&file, &["--max-entries", "5"]);
    assert!(status == 1 && err.contains("more than 5 entries"), "{err}");
    let packed: Vec<_> = wasteful().into_iter().map(|(tar, _)| (tar, Stored::Gzip(usize::MAX))).collect();
    let file = workspace.put("z.tar", &Layout::default().image("z", ("linux", "amd64"), &packed).tar());
    let (_, err, status) = image(&file, &["--max-expanded", "4096"]);
    assert!(status == 1 && err.contains("expands past the limit of 4096 bytes"), "{err}");
}

/// sha512, the other algorithm that OCI registers: the same layers, every digest checked, and written as they are.
#[test]
fn digests_may_be_of_sha512() {
    let workspace = Workspace::new();
    let stored = [Stored::Gzip(usize::MAX), Stored::Plain, Stored::Zstd];
    let layers: Vec<_> = wasteful().into_iter().zip(stored).map(|((tar, _), stored)| (tar, stored)).collect();
    let layout = |empty: Layout| empty.image("w", ("linux", "amd64"), &layers);
    let want = json(&workspace.put("sha256.tar", &layout(Layout::default()).tar()), &[]);
    let file = workspace.put("sha512.tar", &layout(Layout::sha512()).tar());
    let report = json(&file, &[]);
    for key in ["reclaimable_bytes", "efficiency", "content_bytes", "secrets"] {
        assert_eq!(report[key], want[key], "{key}");
    }
    assert!(report["manifest"].as_str().unwrap().starts_with("sha512:"), "{}", report["manifest"]);
    assert_eq!(said(&file, &["--to", workspace.at("written").to_str().unwrap()]), "");
    assert_eq!(json(&workspace.at("written"), &[])["manifest"], report["manifest"]);
    for path in layout(Layout::sha512()).files.iter().map(|(path, _)| path) {
        let mut damaged = layout(Layout::sha512());
        let data = &mut damaged.files.iter_mut().find(|(known, _)| known == path).unwrap().1;
        *data.last_mut().unwrap() ^= 1;
        let (_, err, status) = image(&workspace.put("damaged.tar", &damaged.tar()), &[]);
        assert!(status == 1 && err.contains(path.rsplit('/').next().unwrap()), "{path}: {err}");
    }
}

/// What Docker's archives may hold beside what OCI's may: layers in xz and bzip2, and sparse files in them.
#[test]
fn layers_of_docker_archives_may_be_xz_bzip2_and_sparse() {
    const LAYERS: [(&str, &[u8]); 3] = [
        ("gzip", include_bytes!("../../fixtures/oci/sparse/pax-1.0.tar.gz")),
        ("xz", include_bytes!("../../fixtures/oci/packed/sparse.tar.xz")),
        ("bzip2", include_bytes!("../../fixtures/oci/packed/sparse.tar.bz2")),
    ];
    let workspace = Workspace::new();
    let mut tar = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(LAYERS[0].1), &mut tar).unwrap();
    let plain = archive::docker_save("s:1", &[("sparse", tar)], &[]);
    for (name, packed) in LAYERS {
        let mut files = Vec::new();
        for entry in tar::Archive::new(&plain[..]).entries().unwrap() {
            let path = entry.unwrap().path().unwrap().display().to_string();
            if let Some(data) = tar_file(&plain[..], &path).filter(|_| !path.ends_with('/')) {
                files.push((path.clone(), if path.ends_with("layer.tar") { packed.to_vec() } else { data }));
            }
        }
        let file = workspace.put(&format!("{name}.tar"), &tar_of(&files));
        let report = json(&file, &[]);
        assert_eq!(report["layers"][0]["compression"], name);
        assert_eq!(report["content_bytes"], 327_680 + 6, "{name}");
        let out = typed(On::Sim, &["image", file.to_str().unwrap(), "--cat", "/holes"], "").stdout;
        assert_eq!(out.len(), 327_680, "{name}");
        for (i, block) in out.chunks(40_960).enumerate() {
            let digit = if (1..=6).contains(&i) { b'0' + i as u8 - 1 } else { 0 };
            assert!(
                block[..10].iter().all(|b| *b == digit) && block[10..].iter().all(|b| *b == 0),
                "{name} {i}"
            );
        }
        // Written as one tar for all, it is one that all read.
        let to = workspace.at(&format!("{name}-both.tar"));
        assert_eq!(said(&file, &["--to", to.to_str().unwrap()]), "");
        let again = json(&to, &[]);
        assert_eq!((&again["id"], &again["content_bytes"]), (&report["id"], &report["content_bytes"]));
    }
}

#[test]
fn who_names_an_image_where_a_file_is_wanted_is_told_how_to() {
    let image = |name: &str| answer(&typed(On::Sim, &["image", name], ""));
    let (_, err, status) = image("nosuch:1");
    let said = "layerlab: nosuch:1: there is no such file; an image of the Docker here is docker:nosuch:1, one of a registry registry:nosuch:1\n";
    assert_eq!((err.as_str(), status), (said, 1));
    assert_eq!(image("./nosuch.tar").1, "layerlab: ./nosuch.tar: No such file or directory\n");
}
