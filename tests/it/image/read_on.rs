//! Images that Docker refuses and the specification reads, what archives list, and layers that are no tars.

use layerlab_tests::layout::zstd;
use serde_json::json as value;

use super::*;

fn one(layers: Vec<Layer>) -> Vec<u8> {
    let layers: Vec<_> = layers.into_iter().map(|layer| (layer.done(), Stored::Plain)).collect();
    Layout::default().image("x", ("linux", "amd64"), &layers).tar()
}

#[test]
fn the_main_view_opens_what_docker_refuses_and_names_who() {
    let workspace = Workspace::new();
    let mut base = Layer::new();
    base.file("f", 0o644, b"low").dir("etc/", 0o755).file("etc/passwd", 0o644, b"root");
    let top = |entries: &[(&str, &str)]| {
        let mut layer = Layer::new();
        for (name, content) in entries {
            layer.file(name, 0o644, content.as_bytes());
        }
        layer
    };
    for (name, entries, entry, docker, refuse, cat) in [
        ("beside", &[("f", "own"), (".wh.f", "")][..], ".wh.f", "file exists", "Docker (", ("/f", "own")),
        (
            "twice",
            &[("f", "1"), ("f", "2")][..],
            "f",
            "duplicates of file paths not supported",
            "Docker (",
            ("/f", "2"),
        ),
        (
            "below",
            &[("etc/passwd", "new"), ("etc/passwd/.wh.x", "")][..],
            "etc/passwd/.wh.x",
            "not a directory",
            "Docker (",
            ("/etc/passwd", "new"),
        ),
    ] {
        let file = workspace.put(&format!("{name}.tar"), &one(vec![base.clone(), top(entries)]));
        let table = said(&file, &[]);
        let start =
            format!("warning: layer 1: Docker refuses the image for \"{entry}\" (Error processing tar file(");
        assert!(table.contains(&start) && table.contains(docker), "{name}:\n{table}");
        assert!(table.contains(&format!("by their own rules it is refused by {refuse}")), "{name}:\n{table}");
        assert_eq!(said(&file, &["--cat", cat.0]), cat.1, "{name}");
        let object = json(&file, &[]);
        assert_eq!(
            (&object["refused"][0]["entry"], &object["refused"][0]["layer"]),
            (&entry.into(), &1.into())
        );
        let (out, err, status) = image(&file, &["--strict"]);
        assert_eq!((out.as_str(), status), ("", 1), "{name}");
        assert!(err.contains(&format!("layer 1: Docker refuses the image for \"{entry}\"")), "{err}");
    }
    // What aims out of the image is refused by all.
    let file = workspace.put("out.tar", &one(vec![top(&[(".wh...", "")])]));
    assert_eq!(image(&file, &[]).2, 1);
}

#[test]
fn overlay2_shows_what_docker_makes_of_overlayfs_own_names() {
    let workspace = Workspace::new();
    let mut base = Layer::new();
    base.file("f", 0o644, b"low");
    let mut top = Layer::new();
    top.device("f", 0, 0);
    let file = workspace.put("raw.tar", &one(vec![base, top]));
    let (_, err, status) = image(&file, &[]);
    assert!(status == 1 && err.contains("a raw 0:0 device would be a whiteout"), "{err}");
    assert_eq!(said(&file, &["--as", "overlay2"]), "", "overlayfs takes it for a whiteout");
}

#[test]
fn old_manifests_are_refused_by_name() {
    let workspace = Workspace::new();
    let manifest =
        value!({"schemaVersion": 1, "name": "x", "tag": "1", "architecture": "amd64", "fsLayers": []});
    let mut layout = Layout::default();
    for media in [
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "application/vnd.oci.image.manifest.v1+json",
    ] {
        let entry = layout.blob(media, manifest.to_string().into_bytes());
        let mut listed = Layout::default().listed(entry);
        listed.files.extend(layout.files.iter().cloned());
        let (_, err, status) = image(&workspace.put("old.tar", &listed.tar()), &[]);
        assert!(status == 1 && err.contains("schema 1 manifests are not supported"), "{err}");
    }
}

/// As buildx and ORAS write them: an image, what a builder says of it, and a signature that refers to it.
#[test]
fn what_an_index_lists_is_told() {
    let workspace = Workspace::new();
    let mut layer = Layer::new();
    layer.file("f", 0o644, b"f");
    let mut layout = Layout::default().image("app", ("linux", "amd64"), &[(layer.done(), Stored::Plain)]);
    let image_digest = {
        let plain = workspace.put("plain.tar", &layout.tar());
        assert!(!said(&plain, &[]).contains("The archive lists"), "one image is no list");
        json(&plain, &[])["manifest"].as_str().unwrap().to_owned()
    };
    let media = "application/vnd.oci.image.manifest.v1+json";
    let predicate = "https://slsa.dev/provenance/v0.2";
    let config = layout.blob("application/vnd.oci.image.config.v1+json", b"{}".to_vec());
    let mut proof = layout.blob("application/vnd.in-toto+json", b"{}".to_vec());
    proof["annotations"] = value!({"in-toto.io/predicate-type": predicate});
    let attestation = value!({"schemaVersion": 2, "mediaType": media, "config": config, "layers": [proof]});
    let mut attestation = layout.blob(media, attestation.to_string().into_bytes());
    attestation["platform"] = value!({"os": "unknown", "architecture": "unknown"});
    attestation["annotations"] = value!({
        "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image_digest,
    });
    let empty = layout.blob("application/vnd.oci.empty.v1+json", b"{}".to_vec());
    let subject = value!({"mediaType": media, "digest": image_digest, "size": 1});
    let signature = value!({
        "schemaVersion": 2, "mediaType": media, "artifactType": "application/vnd.example.signature",
        "config": empty, "layers": [empty], "subject": subject,
    });
    let signature = layout.blob(media, signature.to_string().into_bytes());
    let mut absent = layout.blob(media, b"not here".to_vec());
    layout.files.pop();
    absent["platform"] = value!({"os": "linux", "architecture": "arm64"});
    let layout = layout.listed(attestation).listed(signature).listed(absent).nested("app:1");
    let file = workspace.put("listed.tar", &layout.tar());
    let object = json(&file, &[]);
    let rows: Vec<String> = object["listed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{} {} {}", row["kind"].as_str().unwrap(), row["platform"], row["subject"]))
        .collect();
    let want = [
        "image \"linux/amd64\" null".to_owned(),
        format!("attestation null \"{image_digest}\""),
        format!("artifact null \"{image_digest}\""),
        "image \"linux/arm64\" null".to_owned(),
    ];
    assert_eq!(rows, want);
    assert_eq!(object["listed"][1]["predicates"], value!([predicate]));
    let table = said(&file, &[]);
    for part in [predicate, "application/vnd.example.signature", "The archive lists:", "(not in the archive)"]
    {
        assert!(table.contains(part), "{part}:\n{table}");
    }
    assert!(said(&file, &["--list"]).contains("attestation"));
}

#[test]
fn layers_that_are_zstd_or_no_tar_are_named() {
    let workspace = Workspace::new();
    let mut layer = Layer::new();
    layer.file("f", 0o644, b"f");
    let tar = layer.done();
    let mut erofs = vec![0; 4096];
    erofs[1024..1028].copy_from_slice(&[0xe2, 0xe1, 0xf5, 0xe0]);
    let layout = Layout::default().image_of(
        "x",
        ("linux", "amd64"),
        &[
            (tar.clone(), "application/vnd.oci.image.layer.v1.tar+zstd".to_owned(), zstd(&tar)),
            (erofs.clone(), "application/vnd.erofs.layer.v1".to_owned(), erofs),
        ],
    );
    let file = workspace.put("erofs.tar", &layout.tar());
    let table = said(&file, &[]);
    assert!(table.contains(": 1 EROFS, 1 zstd (Docker 20.10 reads none)\n"), "{table}");
    assert!(table.contains("(an EROFS file system)"), "{table}");
    assert!(
        table.contains("warning: layer 1 is an EROFS file system, no tar: the view is without it"),
        "{table}"
    );
    assert_eq!(said(&file, &["--cat", "/f"]), "f");
}

#[test]
fn the_history_is_told_whole() {
    let workspace = Workspace::new();
    let long = format!("RUN {}", "x".repeat(400));
    let mut layer = Layer::new();
    layer.file("f", 0o644, b"f");
    let archive = layerlab_tests::archive::docker_save("h:1", &[(long.as_str(), layer.done())], &[]);
    let file = workspace.put("h.tar", &archive);
    assert_eq!(said(&file, &["--history"]), format!("  0  2020-09-13T12:26:40Z  /bin/sh -c {long}\n"));
    let object = json(&file, &[]);
    assert_eq!(object["history"][0]["command"], format!("/bin/sh -c {long}"));
    assert_eq!((&object["layers"][0]["images"], &object["shared_bytes"]), (&1.into(), &0.into()));
}
