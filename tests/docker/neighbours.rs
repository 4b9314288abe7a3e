//! Tools other than Docker take the archives that the tests and the lab write.

use std::io::Cursor;
use std::path::Path;

use layerlab_tests::archive;
use layerlab_tests::listing::{difference, lines, tar_tree};
use layerlab_tests::process::{must, tool};
use layerlab_tests::tools::{Containerd, Containers, Registry, folder, skopeo, umoci_unpack};

/// Loads a docker-archive into every tool, each of which must find the image of this id.
pub(crate) fn every_tool_takes(file: &Path, name: &str, id: &str) {
    let at = |transport: &str| format!("{transport}:{}", file.display());
    let containers = Containers::new();
    must(containers.podman().args(["load", "--quiet", "--input"]).arg(file));
    let shown = must(containers.podman().args(["images", "--no-trunc", "--format", "{{.Id}}"]));
    assert_eq!(shown.trim().trim_start_matches("sha256:"), id.trim_start_matches("sha256:"), "podman's id");

    let working = must(containers.buildah().args(["from", "--quiet", &at("docker-archive")]));
    assert!(!working.trim().is_empty(), "buildah names its container");

    let containerd = Containerd::start();
    must(containerd.ctr().args(["images", "import"]).arg(file));
    let listed = must(containerd.ctr().args(["images", "list", "--quiet"]));
    assert_eq!(listed.trim(), format!("docker.io/library/{name}"));

    let config = must(skopeo().args(["inspect", "--config", "--raw", &at("docker-archive")]));
    assert_eq!(
        format!("sha256:{}", layerlab_tests::listing::sha256(config.as_bytes())),
        id,
        "skopeo's config"
    );
}

#[test]
fn every_tool_takes_the_fixture() {
    let folder = folder("neighbours");
    let archive = archive::three_layers(&archive::busybox());
    let file = folder.path().join("three.tar");
    std::fs::write(&file, &archive).unwrap();
    every_tool_takes(&file, archive::NAME, &archive::image_id(&archive));
}

/// Through skopeo into an OCI layout, by umoci into a folder: the same tree as Docker's own rules give.
#[test]
fn umoci_unpacks_the_fixture_to_the_merged_tree() {
    let folder = folder("umoci");
    let file = folder.path().join("three.tar");
    std::fs::write(&file, archive::three_layers(&archive::busybox())).unwrap();
    let layout = folder.path().join("oci");
    must(
        skopeo()
            .args(["copy", "--quiet", &format!("docker-archive:{}", file.display())])
            .arg(format!("oci:{}:x", layout.display())),
    );
    let rootfs = umoci_unpack(&layout, "x", &folder.path().join("bundle"));
    let tar = std::process::Command::new("tar")
        .arg("-C")
        .arg(&rootfs)
        .args(["--numeric-owner", "-c", "."])
        .output()
        .unwrap();
    let tree = tar_tree(Cursor::new(tar.stdout));
    let names: Vec<String> =
        tree.keys().filter(|n| n.starts_with("etc/") || n.starts_with("var/cache")).cloned().collect();
    let expect = [
        "etc/conf.d",
        "etc/conf.d/a",
        "etc/conf.d/c",
        "etc/motd",
        "etc/passwd",
        "var/cache",
        "var/cache/new",
    ];
    assert_eq!(names, expect, "{}", difference(&lines(&tree), &[]));
}

/// What goes to a registry comes back with the same digests.
#[test]
fn the_registry_gives_back_what_it_was_given() {
    let registry = Registry::start();
    let folder = folder("registry-test");
    let file = folder.path().join("three.tar");
    let archive = archive::three_layers(archive::STUB);
    std::fs::write(&file, &archive).unwrap();
    let name = format!("docker://{}/three:1", registry.host());
    let from = format!("docker-archive:{}", file.display());
    must(skopeo().args(["copy", "--quiet", "--dest-tls-verify=false", &from, &name]));
    let config = must(skopeo().args(["inspect", "--config", "--raw", "--tls-verify=false", &name]));
    assert_eq!(
        format!("sha256:{}", layerlab_tests::listing::sha256(config.as_bytes())),
        archive::image_id(&archive)
    );
    assert!(must(tool("/usr/bin/find", "findutils").arg(registry.storage())).contains("/three/"));
}
