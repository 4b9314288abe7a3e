//! An image that the lab committed and saved, in both forms, goes through real Docker and every neighbour unchanged.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use layerlab_tests::cli::{answer, typed};
use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::lab::{Files, On, session};
use layerlab_tests::listing::{difference, lines, sha256, tar_file, tar_tree};
use layerlab_tests::process::{must, tool};
use layerlab_tests::tools::{Containerd, Containers, folder, skopeo, umoci_unpack};
use layerlab_tests::{archive, job};
use serde_json::Value;

const NAME: &str = "lab:job";

/// The files of a committed image: `saved.tar` of `docker save`, `both.tar` and `layout` of `layerlab image --to`.
struct Committed {
    folder: tempfile::TempDir,
    id: String,
}

impl Committed {
    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// The files, made once for the tests that run at one time: the last of them takes its folder away.
fn committed() -> Arc<Committed> {
    static MADE: Mutex<Weak<Committed>> = Mutex::new(Weak::new());
    let mut made = MADE.lock().expect("it was made");
    if let Some(committed) = made.upgrade() {
        return committed;
    }
    let folder = folder("committed");
    let outcome = job::own(&archive::busybox()).run(On::Sim);
    let saved = folder.path().join("saved.tar");
    std::fs::write(&saved, &outcome.saved).expect("our own folder");
    let id = archive::image_id(&outcome.saved);
    for to in ["both.tar", "layout"] {
        let to = folder.path().join(to);
        let arguments = ["image", &saved.display().to_string(), "--to", &to.display().to_string()];
        assert_eq!(answer(&typed(On::Sim, &arguments, "")), (String::new(), String::new(), 0));
    }
    let committed = Arc::new(Committed { folder, id });
    *made = Arc::downgrade(&committed);
    committed
}

/// The configuration and the layers of a docker archive, each by its digest.
fn contents(archive: &[u8]) -> (String, Vec<String>) {
    let manifest = tar_file(Cursor::new(archive), "manifest.json").expect("an archive has a manifest");
    let manifest: Value = serde_json::from_slice(&manifest).expect("a manifest is JSON");
    let digest = |name: &Value| {
        sha256(
            &tar_file(Cursor::new(archive), name.as_str().expect("a path")).expect("what the manifest names"),
        )
    };
    let layers = manifest[0]["Layers"].as_array().expect("a manifest lists layers");
    (format!("sha256:{}", digest(&manifest[0]["Config"])), layers.iter().map(digest).collect())
}

/// docker → lab → docker: the same id, configuration and layers at every station.
#[test]
fn docker_and_the_lab_pass_an_image_to_and_fro() {
    let committed = committed();
    let docker = Dockerd::start();
    let (first, second, third) =
        (committed.at("saved.tar"), docker.folder().join("docker.tar"), docker.folder().join("again.tar"));
    let load = |file: &Path| docker.must(&["load", "-i", file.to_str().unwrap()]);
    let id = || docker.must(&["inspect", "--format", "{{.Id}}", NAME]).trim().to_owned();
    load(&first);
    assert_eq!(id(), committed.id);
    docker.must(&["save", "-o", second.to_str().unwrap(), NAME]);
    let files = Files {
        copy_in: vec![(second.clone(), "/in.tar".to_owned())],
        copy_out: vec![("/out.tar".to_owned(), third.clone())],
    };
    let typed = [
        "docker load -i /in.tar".to_owned(),
        format!("docker inspect --format '{{{{.Id}}}}' {NAME}"),
        format!("docker save -o /out.tar {NAME}"),
    ];
    let answers = session(On::Sim, &typed, &files);
    assert_eq!(String::from_utf8_lossy(&answers[1].stdout).trim(), committed.id);
    docker.must(&["rmi", NAME]);
    load(&third);
    assert_eq!(id(), committed.id);
    let [first, second, third] = [first, second, third].map(|file| std::fs::read(file).unwrap());
    assert_eq!(contents(&first), contents(&second));
    assert!(second == third, "docker's archive and the lab's of the same image are the same bytes");
    // The tar with both halves is the same image.
    docker.must(&["rmi", NAME]);
    load(&committed.at("both.tar"));
    assert_eq!(id(), committed.id);
}

fn transports(committed: &Committed) -> [String; 4] {
    let at = |transport: &str, file: &str| format!("{transport}:{}", committed.at(file).display());
    [
        at("docker-archive", "saved.tar"),
        at("docker-archive", "both.tar"),
        at("oci-archive", "both.tar"),
        at("oci", "layout"),
    ]
}

#[test]
fn skopeo_inspects_and_copies_every_form() {
    let committed = committed();
    let folder = folder("skopeo");
    for (i, from) in transports(&committed).iter().enumerate() {
        let config = must(skopeo().args(["inspect", "--config", "--raw", from]));
        assert_eq!(format!("sha256:{}", sha256(config.as_bytes())), committed.id, "{from}");
        let to = folder.path().join(i.to_string());
        must(skopeo().args(["copy", "--quiet", from, &format!("dir:{}", to.display())]));
        let manifest: Value =
            serde_json::from_slice(&std::fs::read(to.join("manifest.json")).unwrap()).unwrap();
        assert_eq!(manifest["config"]["digest"], committed.id.as_str(), "{from}");
    }
}

#[test]
fn podman_and_buildah_take_every_form() {
    let committed = committed();
    let containers = Containers::new();
    for file in ["saved.tar", "both.tar"] {
        must(containers.podman().args(["load", "--quiet", "--input"]).arg(committed.at(file)));
        let shown = must(containers.podman().args(["images", "--no-trunc", "--format", "{{.Id}}"]));
        assert_eq!(format!("sha256:{}", shown.trim().trim_start_matches("sha256:")), committed.id, "{file}");
        must(containers.podman().args(["rmi", "--all", "--force"]));
    }
    // buildah makes an image's name of a layout's path, which must be a plain one.
    for from in ["docker-archive:saved.tar", "oci:layout:job"] {
        let mut buildah = containers.buildah();
        let working = must(buildah.current_dir(committed.folder.path()).args(["from", "--quiet", from]));
        let id = must(containers.buildah().args(["inspect", "--format", "{{.FromImageID}}", working.trim()]));
        assert_eq!(format!("sha256:{}", id.trim()), committed.id, "{from}");
    }
}

#[test]
fn containerd_imports_every_tar() {
    let committed = committed();
    let containerd = Containerd::start();
    for file in ["saved.tar", "both.tar"] {
        must(containerd.ctr().args(["images", "import"]).arg(committed.at(file)));
        let listed = must(containerd.ctr().args(["images", "list", "--quiet"]));
        assert_eq!(listed.trim(), format!("docker.io/library/{NAME}"), "{file}");
        let content = must(containerd.ctr().args(["content", "list", "--quiet"]));
        assert!(content.contains(&committed.id), "{file}: {content}");
        must(containerd.ctr().args(["images", "remove", "--sync", listed.trim()]));
    }
}

/// The tree as `layerlab image --tree` merges it, and as umoci puts it on a disk.
#[test]
fn umoci_unpacks_the_tree_that_the_explorer_shows() {
    let committed = committed();
    let folder = folder("umoci");
    let rootfs = umoci_unpack(&committed.at("layout"), "job", &folder.path().join("bundle"));
    let mut tar = tool("/usr/bin/tar", "tar");
    tar.arg("-C").arg(&rootfs).args(["--numeric-owner", "--hard-dereference", "-c", "."]);
    let unpacked = tar_tree(Cursor::new(tar.output().unwrap().stdout));
    let unpacked: BTreeMap<String, String> =
        unpacked.into_iter().map(|(name, what)| (name, cut(&what))).collect();
    let layout = committed.at("layout");
    let arguments = ["image", layout.to_str().unwrap(), "--json", "--tree"];
    let (out, err, status) = answer(&typed(On::Sim, &arguments, ""));
    assert_eq!((err.as_str(), status), ("", 0));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["id"], committed.id.as_str());
    let rows = report["tree"].as_array().unwrap().iter().filter(|row| !row["kind"].is_null());
    let shown: BTreeMap<String, String> = rows
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            let owner = format!("{}:{}", row["uid"], row["gid"]);
            let mode = row["mode"].as_u64().unwrap() & 0o7777;
            let what = match text("kind").as_str() {
                "symlink" => format!("symlink {owner} -> {}", text("target")),
                "file" => format!("file {mode:04o} {owner} {}", row["size"]),
                kind => format!("{kind} {mode:04o} {owner}"),
            };
            (text("path").trim_start_matches('/').to_owned(), what)
        })
        .filter(|(path, _)| !path.is_empty())
        .collect();
    assert_eq!(shown, unpacked, "{}", difference(&lines(&shown), &lines(&unpacked)));
}

/// A file's line without its content's digest, which a row of the tree has not.
fn cut(what: &str) -> String {
    if what.starts_with("file ") {
        what.rsplit_once(' ').map_or(what, |(line, _)| line).to_owned()
    } else {
        what.to_owned()
    }
}
