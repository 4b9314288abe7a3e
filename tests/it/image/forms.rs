//! Forms that other tools write: nested indexes and attestations, Docker 25's archives, directories of containers/image,
//! layers that are not what they are said to be.

use layerlab_tests::archive;
use layerlab_tests::layout::{gzip, zstd};
use layerlab_tests::listing::{sha256, tar_file};
use serde_json::json;

use super::*;

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

fn one(name: &str) -> Vec<u8> {
    let mut layer = Layer::new();
    layer.file(name, 0o644, name.as_bytes());
    layer.done()
}

/// Indexes in indexes, as `docker buildx` and registries nest them: the outer name is the images'.
#[test]
fn nested_indexes_are_followed() {
    let workspace = Workspace::new();
    let plain = |name: &str| vec![(one(name), Stored::Plain)];
    let inner = Layout::default()
        .image("x", ("linux", "s390x"), &plain("s390x"))
        .image("x", ("linux", "riscv64"), &plain("riscv64"))
        .nested("inner");
    let mut layout =
        inner.image("x", ("linux", "ppc64le"), &plain("ppc64le")).nested("middle").nested("outer");
    let file = workspace.put("nested.tar", &layout.tar());
    for machine in ["s390x", "riscv64", "ppc64le"] {
        let platform = format!("linux/{machine}");
        let arguments = ["--image", "outer", "--platform", &platform, "--cat", &format!("/{machine}")];
        assert_eq!(said(&file, &arguments), machine);
    }
    // An attestation, as buildx writes one: a manifest for no machine, whose layers are documents.
    let mut digest = |media: &str, text: &str| layout.blob(media, text.as_bytes().to_vec());
    let config = digest(
        "application/vnd.oci.image.config.v1+json",
        r#"{"os":"unknown","architecture":"unknown","rootfs":{"type":"layers","diff_ids":[]}}"#,
    );
    let proof = digest("application/vnd.in-toto+json", "{}");
    let media = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({"schemaVersion": 2, "mediaType": media, "config": config, "layers": [proof]});
    let mut entry = digest(media, &manifest.to_string());
    entry["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    let mut named = entry.clone();
    named["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
    let single = Layout::default().image("app", ("linux", "amd64"), &plain("app"));
    let mut both = single.listed(entry).listed(named);
    both.files.extend(layout.files.iter().cloned());
    let file = workspace.put("attested.tar", &both.nested("app:1").tar());
    let report = json(&file, &[]);
    assert_eq!((&report["names"], &report["platform"]), (&json!(["app:1"]), &json!("linux/amd64")));
}

/// A layer is what its bytes are; what it is said to be is a hint.
#[test]
fn layers_are_what_their_bytes_are() {
    let workspace = Workspace::new();
    let tar = one("f");
    let frames = {
        // A skippable frame, two frames, a skippable frame (RFC 8878, 3.1.2).
        let skipped = [&[0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0][..], b"table"].concat();
        [&skipped[..], &zstd(&tar[..700]), &zstd(&tar[700..]), &skipped].concat()
    };
    let named = {
        // A member with an extra field, a name and a comment (RFC 1952, 2.3).
        let packed = gzip(&tar, usize::MAX);
        [
            &[0x1f, 0x8b, 8, 4 | 8 | 16, 0, 0, 0, 0, 0, 255, 4, 0][..],
            b"SG\0\0",
            b"name\0",
            b"comment\0",
            &packed[10..],
        ]
        .concat()
    };
    // eStargz: a member an entry, then the table of contents, and an empty member whose extra field says where that is.
    let mut estargz = Layer::new();
    estargz.file(".no.prefetch.landmark", 0o644, b"\x0f").file("f", 0o644, b"f");
    estargz.file("stargz.index.json", 0o444, br#"{"version":1,"entries":[]}"#);
    let estargz = estargz.done();
    let footer = [
        &[0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 26, 0][..],
        b"SG\x16\x000000000000000200STARGZ",
        &[1, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    let estargz_packed = [&gzip(&estargz, 512)[..], &footer].concat();
    for (what, tar, media, stored, is) in [
        ("zstd as gzip", &tar, "+gzip", zstd(&tar), "zstd"),
        ("plain as gzip", &tar, "+gzip", tar.clone(), "none"),
        ("gzip as plain", &tar, "", gzip(&tar, usize::MAX), "gzip"),
        ("gzip as zstd", &tar, "+zstd", gzip(&tar, usize::MAX), "gzip"),
        ("several frames", &tar, "+zstd", frames, "zstd"),
        ("a named member", &tar, "+gzip", named, "gzip"),
        ("estargz", &estargz, "+gzip", estargz_packed, "gzip"),
    ] {
        let layout = Layout::default().image_of(
            "x",
            ("linux", "amd64"),
            &[(tar.clone(), format!("{LAYER}{media}"), stored)],
        );
        let file = workspace.put("x.tar", &layout.tar());
        assert_eq!(said(&file, &["--cat", "/f"]), "f", "{what}");
        assert_eq!(json(&file, &[])["layers"][0]["compression"], is, "{what}");
    }
    for media in [
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.docker.image.rootfs.diff.tar",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    ] {
        let layer = (tar.clone(), media.to_owned(), gzip(&tar, usize::MAX));
        let layout = Layout::default().image_of("x", ("linux", "amd64"), &[layer]);
        assert_eq!(said(&workspace.put("x.tar", &layout.tar()), &["--cat", "/f"]), "f", "{media}");
    }
    let none = Layout::default().image("x", ("linux", "amd64"), &[]);
    assert_eq!(json(&workspace.put("none.tar", &none.tar()), &[])["layers"], json!([]));
    let empty = [(Vec::new(), Stored::Plain), (vec![0; 1024], Stored::Gzip(usize::MAX))];
    let empty = Layout::default().image("x", ("linux", "amd64"), &empty);
    assert_eq!(json(&workspace.put("empty.tar", &empty.tar()), &[])["layers"].as_array().unwrap().len(), 2);
}

/// `docker save` of Docker 25: blobs by digest, both documents, `LayerSources`.
#[test]
fn docker_25_saves_both_halves() {
    let workspace = Workspace::new();
    let classic = archive::three_layers(archive::STUB);
    let file = workspace.put("classic.tar", &classic);
    assert_eq!(said(&file, &["--to", workspace.at("both.tar").to_str().unwrap()]), "");
    let both = std::fs::read(workspace.at("both.tar")).unwrap();
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut tar = tar::Archive::new(&both[..]);
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        let mut data = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut data).unwrap();
        if !path.ends_with('/') {
            files.push((path, data));
        }
    }
    let manifest = files.iter_mut().find(|(path, _)| path == "manifest.json").unwrap();
    let mut items: Value = serde_json::from_slice(&manifest.1).unwrap();
    let sources = items[0]["Layers"].as_array().unwrap().iter().map(|layer| {
        let digest = format!("sha256:{}", layer.as_str().unwrap().rsplit('/').next().unwrap());
        (digest.clone(), json!({"mediaType": LAYER, "size": 1, "digest": digest}))
    });
    items[0]["LayerSources"] = sources.collect();
    manifest.1 = items.to_string().into_bytes();
    files.push(("repositories".to_owned(), br#"{"lab":{"three":"x"}}"#.to_vec()));
    let new = workspace.put("new.tar", &layerlab_tests::layout::tar_of(&files));
    assert_eq!(json(&new, &[])["id"], archive::image_id(&classic));
    assert_eq!(json(&new, &[])["names"], json!([archive::NAME]));
}

/// `skopeo copy … dir:`, of one image and of a list.
#[test]
fn directories_of_containers_image_are_read() {
    let workspace = Workspace::new();
    let classic = archive::three_layers(archive::STUB);
    let file = workspace.put("classic.tar", &classic);
    assert_eq!(said(&file, &["--to", workspace.at("oci").to_str().unwrap()]), "");
    let want = json(&workspace.at("oci"), &[]);
    let dir = workspace.at("dir");
    std::fs::create_dir(&dir).unwrap();
    let digest = |key: &Value| key.as_str().unwrap().trim_start_matches("sha256:").to_owned();
    let blobs = workspace.at("oci/blobs/sha256");
    for entry in std::fs::read_dir(&blobs).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), dir.join(entry.file_name())).unwrap();
    }
    let manifest = digest(&want["manifest"]);
    std::fs::rename(dir.join(&manifest), dir.join("manifest.json")).unwrap();
    let (_, err, status) = image(&dir, &[]);
    assert!(status == 1 && err.contains("manifest.json: "), "without its version: {err}");
    std::fs::write(dir.join("version"), "Directory Transport Version: 1.1\n").unwrap();
    let report = json(&dir, &[]);
    assert_eq!(report["form"], "dir");
    for key in ["id", "layers", "manifest", "efficiency"] {
        assert_eq!(report[key], want[key], "{key}");
    }
    // A list: the manifests have names of their own.
    let text = std::fs::read(dir.join("manifest.json")).unwrap();
    std::fs::rename(dir.join("manifest.json"), dir.join(format!("{manifest}.manifest.json"))).unwrap();
    let media = "application/vnd.oci.image.manifest.v1+json";
    let entry = json!({"mediaType": media, "digest": format!("sha256:{manifest}"), "size": text.len()});
    let list = json!({"schemaVersion": 2, "manifests": [entry]}).to_string();
    std::fs::write(dir.join("manifest.json"), list).unwrap();
    assert_eq!(json(&dir, &[])["id"], want["id"]);
    // A layer that is not there, and one that is another.
    let layer = dir.join(digest(&want["layers"][0]["digest"]));
    let data = std::fs::read(&layer).unwrap();
    std::fs::write(&layer, vec![0; data.len()]).unwrap();
    assert!(image(&dir, &[]).1.contains("does not match its digest"));
    std::fs::remove_file(&layer).unwrap();
    let (_, err, status) = image(&dir, &[]);
    assert!(status == 1 && err.ends_with(" is missing\n"), "{err}");
}

/// A key that some readers take for a field and some do not: what one of them would see is for nobody to guess.
#[test]
fn keys_in_another_case_are_refused() {
    let workspace = Workspace::new();
    let classic = archive::three_layers(archive::STUB);
    let manifest = tar_file(&classic[..], "manifest.json").unwrap();
    let items: Value = serde_json::from_slice(&manifest).unwrap();
    let config = items[0]["Config"].as_str().unwrap().to_owned();
    let text = tar_file(&classic[..], &config).unwrap();
    let with = |from: &str, to: &str| {
        let changed = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(from, to).into_bytes();
        let config_text = changed(&text);
        let name = format!("{}.json", sha256(&config_text));
        let manifest = String::from_utf8(changed(&manifest)).unwrap().replace(&config, &name);
        let mut files = vec![(name, config_text), ("manifest.json".to_owned(), manifest.into_bytes())];
        for layer in items[0]["Layers"].as_array().unwrap() {
            let layer = layer.as_str().unwrap().to_owned();
            files.push((layer.clone(), tar_file(&classic[..], &layer).unwrap()));
        }
        let (_, err, status) = image(&workspace.put("x.tar", &layerlab_tests::layout::tar_of(&files)), &[]);
        (err, status)
    };
    assert_eq!(with("x", "x"), (String::new(), 0));
    for (from, to) in [("RepoTags", "repotags"), ("rootfs", "RootFS"), ("\"Cmd\"", "\"cmd\"")] {
        let (err, status) = with(from, to);
        let (to, from) = (to.trim_matches('"'), from.trim_matches('"'));
        assert!(
            status == 1 && err.contains(&format!("key {to:?}, which some readers take for {from:?}")),
            "{err}"
        );
    }
}
