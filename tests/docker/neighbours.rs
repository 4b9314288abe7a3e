//! Tools other than Docker take the archives that the tests and the lab write.

use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use layerlab_tests::archive;
use layerlab_tests::cli::{answer, typed};
use layerlab_tests::lab::On;
use layerlab_tests::listing::{difference, lines, tar_tree};
use layerlab_tests::process::{must, tool};
use layerlab_tests::tools::{Containerd, Containers, Registry, folder, skopeo, umoci_unpack};
use serde_json::Value;

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

/// `layerlab image` of an image in each form that the neighbours write: the same layers, and the id that they say.
#[test]
fn the_explorer_reads_what_they_write() {
    let folder = folder("written");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let classic = archive::three_layers(archive::STUB);
    std::fs::write(at("three.tar"), &classic).unwrap();
    let id = archive::image_id(&classic);
    let from = format!("docker-archive:{}", at("three.tar"));
    let copy =
        |more: &[&str], to: &str| must(skopeo().args(["copy", "--quiet"]).args(more).args([&from, to]));
    let mut written = Vec::new();
    for (name, transport, tag) in [
        ("s-oci", "oci", ":x"),
        ("s-oci.tar", "oci-archive", ":x"),
        ("s-docker.tar", "docker-archive", ":lab/three:1"),
        ("s-dir", "dir", ""),
    ] {
        copy(&[], &format!("{transport}:{}{tag}", at(name)));
        written.push(name.to_owned());
    }
    copy(&["--format", "oci"], &format!("dir:{}", at("s-dir-oci")));
    copy(&["--dest-compress-format", "zstd"], &format!("oci:{}:x", at("s-zstd")));
    copy(&["--dest-compress-format", "zstd:chunked"], &format!("oci:{}:x", at("s-chunked")));
    copy(&["--dest-decompress"], &format!("dir:{}", at("s-plain")));
    written.extend(["s-dir-oci", "s-zstd", "s-chunked", "s-plain"].map(str::to_owned));
    let containers = Containers::new();
    must(containers.podman().args(["load", "--quiet", "--input", &at("three.tar")]));
    for form in ["docker-archive", "oci-archive", "oci-dir", "docker-dir"] {
        let name = format!("p-{form}");
        must(containers.podman().args(["save", "--quiet", "--format", form, "--output", &at(&name), &id]));
        written.push(name);
    }
    must(containers.buildah().args(["push", "--quiet", &id, &format!("oci:{}:x", at("b-oci"))]));
    written.push("b-oci".to_owned());
    // umoci writes the manifest anew, and an index of its own.
    must(Command::new("cp").args(["-r", &at("s-oci"), &at("u-oci")]));
    let image = format!("{}:x", at("u-oci"));
    must(
        tool("/usr/bin/umoci", "umoci")
            .args(["config", "--image", &image, "--tag", "y", "--author", "somebody"]),
    );
    must(tool("/usr/bin/umoci", "umoci").args(["rm", "--image", &image]));
    written.push("u-oci".to_owned());
    let report = |name: &str| -> Value {
        let (out, err, status) = answer(&typed(On::Sim, &["image", &at(name), "--json"], ""));
        assert_eq!((err.as_str(), status), ("", 0), "{name}");
        serde_json::from_str(&out).unwrap()
    };
    let want = report("three.tar");
    let layers = |report: &Value| -> Vec<Value> {
        report["layers"].as_array().unwrap().iter().map(|layer| layer["diff_id"].clone()).collect()
    };
    for name in &written {
        let report = report(name);
        assert_eq!(layers(&report), layers(&want), "{name}");
        // OCI's forms have a configuration of their own.
        let is_docker =
            ["s-docker.tar", "s-dir", "s-plain", "p-docker-archive", "p-docker-dir"].contains(&name.as_str());
        assert_eq!(report["id"] == *id, is_docker, "{name}: {}", report["id"]);
        let form = match name.as_str() {
            "s-docker.tar" | "p-docker-archive" => "docker",
            "s-dir" | "s-dir-oci" | "s-plain" | "p-docker-dir" => "dir",
            _ => "oci",
        };
        assert_eq!(report["form"], form, "{name}");
    }
    let how = |name: &str| report(name)["layers"][0]["compression"].as_str().unwrap().to_owned();
    assert_eq!([how("s-zstd"), how("s-chunked"), how("s-plain")], ["zstd", "zstd", "none"]);
}
