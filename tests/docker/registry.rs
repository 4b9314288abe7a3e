//! `layerlab pull`, `push`, `login` and `registry:REF` against Distribution, Debian's registry.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use layerlab_tests::archive;
use layerlab_tests::cli::answer;
use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::lab::{On, layerlab};
use layerlab_tests::layout::{Layout, Stored};
use layerlab_tests::listing::{sha256, sha512};
use layerlab_tests::poll::poll;
use layerlab_tests::process::{must, run, tool};
use layerlab_tests::proxy::{Break, Proxy, Way};
use layerlab_tests::tools::{Registry, folder, skopeo};
use serde_json::{Value, json};

/// A folder with an archive, and a user's home without any login.
struct Workspace {
    folder: tempfile::TempDir,
    id: String,
}

impl Workspace {
    fn new() -> Self {
        let folder = folder("workspace");
        // A few MiB that no compression shrinks: long enough to be cut.
        let mut state = 1u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .take(3 << 20)
        .collect();
        let archive = archive::three_layers(&noise);
        fs::write(folder.path().join("three.tar"), &archive).expect("our own folder");
        Self { id: archive::image_id(&archive), folder }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = layerlab(On::Sim);
        command.args(arguments).stdin(Stdio::null()).env("LAYERLAB_STORE", self.at("store"));
        command.env("DOCKER_CONFIG", self.at("docker")).env_remove("DOCKER_HOST");
        command
    }

    /// What it prints, as JSON; it must succeed.
    fn json(&self, arguments: &[&str]) -> Value {
        let said = must(self.command(arguments).arg("--json"));
        serde_json::from_str(&said).expect("one object")
    }

    fn refused(&self, arguments: &[&str]) -> String {
        let (out, err, status) = answer(&run(&mut self.command(arguments)));
        assert_eq!((out.as_str(), status), ("", 1), "{err}");
        err
    }

    fn push(&self, name: &str) -> Value {
        self.json(&["push", name, "--from", self.at("three.tar").to_str().expect("plain")])
    }

    fn names(&self) -> Vec<String> {
        let index: Value = fs::read(self.at("store/index.json"))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        let entries = index["manifests"].as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .filter_map(|e| e["annotations"]["io.containerd.image.name"].as_str().map(str::to_owned))
            .collect()
    }
}

/// Where the line is cut: in the middle of the largest layer.
const CUT: u64 = 2 << 20;
/// Headers and documents, and what was on its way when the line broke.
const SLACK: u64 = 256 << 10;

fn hows(report: &Value) -> Vec<&str> {
    report["layers"]
        .as_array()
        .expect("layers")
        .iter()
        .map(|layer| layer[2].as_str().expect("a word"))
        .collect()
}

#[test]
fn what_is_pushed_is_pulled_by_tag_and_by_digest() {
    let (registry, workspace) = (Registry::start(), Workspace::new());
    let name = format!("{}/team/three:1", registry.host());
    let pushed = workspace.push(&name);
    assert_eq!(hows(&pushed), ["moved", "moved", "moved"]);
    let digest = pushed["digest"].as_str().unwrap().to_owned();
    assert_eq!(hows(&workspace.push(&name)), ["present", "present", "present"]);
    // What the registry says it is.
    let raw = must(skopeo().args(["inspect", "--raw", "--tls-verify=false", &format!("docker://{name}")]));
    assert_eq!(format!("sha256:{}", sha256(raw.as_bytes())), digest);
    let pulled = workspace.json(&["pull", &name]);
    assert_eq!((pulled["digest"].as_str(), pulled["id"].as_str()), (Some(&*digest), Some(&*workspace.id)));
    assert_eq!(hows(&pulled), ["moved", "moved", "moved"]);
    let by_digest = format!("{}/team/three@{digest}", registry.host());
    assert_eq!(hows(&workspace.json(&["pull", &by_digest])), ["present", "present", "present"]);
    assert_eq!(workspace.names(), [name.clone(), by_digest]);
    // Pushed again from the store, it is the same manifest; and other tools find the same image.
    let copy = format!("{}/team/three:2", registry.host());
    assert_eq!(workspace.json(&["push", &copy, "--image", &name])["digest"].as_str(), Some(&*digest));
    let docker = Dockerd::start();
    docker.must(&["pull", "--quiet", &copy]);
    assert_eq!(docker.must(&["inspect", "--format", "{{.Id}}", &copy]).trim(), workspace.id);
    // The explorer takes it from the registry, and from that docker.
    let from_registry = workspace.json(&["image", &format!("registry:{name}")]);
    assert_eq!(from_registry["id"], workspace.id.as_str());
    let path = std::env::var("PATH").unwrap_or_default();
    let mut from_docker = workspace.command(&["image", &format!("docker:{copy}"), "--json"]);
    from_docker.env("DOCKER_HOST", docker.docker().get_args().nth(1).unwrap()).env("PATH", path);
    let from_docker: Value = serde_json::from_str(&must(&mut from_docker)).unwrap();
    assert_eq!(from_docker["id"], workspace.id.as_str());
    assert_eq!(from_docker["reclaimable_bytes"], from_registry["reclaimable_bytes"]);
}

/// skopeo compresses what it pushes; an index is followed to this machine's image.
#[test]
fn what_others_pushed_is_pulled() {
    let (registry, workspace) = (Registry::start(), Workspace::new());
    let name = format!("{}/gzip:1", registry.host());
    let from = format!("docker-archive:{}", workspace.at("three.tar").display());
    must(skopeo().args(["copy", "--quiet", "--dest-tls-verify=false", &from, &format!("docker://{name}")]));
    let pulled = workspace.json(&["pull", &name]);
    assert_eq!(pulled["id"], workspace.id.as_str());
    let raw = must(skopeo().args(["inspect", "--raw", "--tls-verify=false", &format!("docker://{name}")]));
    assert_eq!(pulled["digest"], format!("sha256:{}", sha256(raw.as_bytes())));
    let layout = workspace.at("store");
    let report = workspace.json(&["image", layout.to_str().unwrap()]);
    assert_eq!(report["layers"][0]["compression"], "gzip");
    assert!(workspace.refused(&["pull", &format!("{}/nothing:1", registry.host())]).contains("not found"));
    let other = workspace.refused(&["pull", &name.replace(":1", ":9")]);
    assert!(other.contains("/gzip:9: not found in the registry"), "{other}");
}

#[test]
fn layers_are_mounted_from_another_repository() {
    let (registry, workspace) = (Registry::start(), Workspace::new());
    let first = format!("{}/first:1", registry.host());
    let pushed = workspace.push(&first);
    workspace.json(&["pull", &first]);
    let second = workspace.json(&["push", &format!("{}/second:1", registry.host()), "--image", &first]);
    assert_eq!(hows(&second), ["mounted", "mounted", "mounted"]);
    assert_eq!(second["digest"], pushed["digest"]);
    let third = format!("{}/third:1", registry.host());
    let file = workspace.at("three.tar");
    let named = ["push", &third, "--from", file.to_str().unwrap(), "--mount-from", "second"];
    assert_eq!(hows(&workspace.json(&named)), ["mounted", "mounted", "mounted"]);
}

#[test]
fn a_broken_line_is_taken_up_again() {
    let (registry, workspace) = (Registry::start(), Workspace::new());
    let up = Proxy::start(&registry.host(), Way::Up, CUT, Break::Close);
    let pushed = workspace.push(&format!("{}/cut:1", up.host()));
    assert_eq!(pushed["layers"].as_array().unwrap().len(), 3);
    let sizes: Vec<u64> =
        pushed["layers"].as_array().unwrap().iter().map(|layer| layer[1].as_u64().unwrap()).collect();
    let (all, largest) = (sizes.iter().sum::<u64>(), *sizes.iter().max().unwrap());
    // Distribution 2.8 throws away an upload that broke: that blob travels anew, and it alone. (One that keeps it is
    // among the unit tests of `push`.)
    let sent = up.carried(Way::Up);
    assert!(sent > CUT + largest && sent < CUT + all + SLACK, "{sent} bytes for {sizes:?}");
    let down = Proxy::start(&registry.host(), Way::Down, CUT, Break::Close);
    let pulled = workspace.json(&["pull", &format!("{}/cut:1", down.host())]);
    assert!(hows(&pulled).contains(&"resumed"), "{pulled}");
    let came = down.carried(Way::Down);
    assert!(came < all + SLACK, "no byte travels twice: {came} for {sizes:?}");
    assert_eq!((&pulled["digest"], &pulled["id"]), (&pushed["digest"], &Value::from(workspace.id.as_str())));
}

/// An index of several machines' images is followed to one of them, and its digest is what the name means.
#[test]
fn an_index_is_followed_to_a_machine() {
    let (registry, workspace) = (Registry::start(), Workspace::new());
    let layer = |name: &str| {
        let mut layer = archive::Layer::new();
        layer.file(name, 0o644, name.as_bytes());
        vec![(layer.done(), Stored::Gzip(usize::MAX))]
    };
    let here = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    let machines = ["s390x", here];
    let layout = workspace.at("machines");
    let images = machines.iter().fold(Layout::default(), |layout, machine| {
        layout.image(machine, ("linux", machine), &layer(machine))
    });
    images.write(&layout);
    let name = format!("{}/machines", registry.host());
    let from = layout.to_str().unwrap();
    let mut entries = Vec::new();
    for machine in machines {
        let pushed =
            workspace.json(&["push", &format!("{name}:{machine}"), "--from", from, "--image", machine]);
        entries.push(json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": pushed["digest"],
            "size": pushed["size"], "platform": {"os": "linux", "architecture": machine},
        }));
    }
    let media = "application/vnd.oci.image.index.v1+json";
    let index = json!({"schemaVersion": 2, "mediaType": media, "manifests": entries}).to_string();
    let mut line = TcpStream::connect(registry.host()).unwrap();
    write!(
        line,
        "PUT /v2/machines/manifests/all HTTP/1.1\r\nHost: {}\r\nContent-Type: {media}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{index}",
        registry.host(),
        index.len()
    )
    .unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let all = format!("{name}:all");
    let digest = format!("sha256:{}", sha256(index.as_bytes()));
    for (arguments, entry) in [(&[][..], &entries[1]), (&["--platform", "linux/s390x"], &entries[0])] {
        let pulled = workspace.json(&[&["pull", &all], arguments].concat());
        assert_eq!((&pulled["digest"], &pulled["manifest"]), (&json!(digest), &entry["digest"]));
    }
    let said = workspace.refused(&["pull", &all, "--platform", "plan9/386"]);
    assert!(said.contains("no image for plan9/386; there is linux/s390x, linux/"), "{said}");
}

/// Blobs that are named by sha512 travel under that name.
#[test]
fn an_image_of_sha512_is_pushed_and_pulled() {
    let (registry, workspace) = (Registry::start(), Workspace::new());
    let mut layer = archive::Layer::new();
    layer.file("f", 0o644, b"by another digest");
    let layout = workspace.at("long");
    Layout::sha512()
        .image("one", ("linux", "amd64"), &[(layer.done(), Stored::Gzip(usize::MAX))])
        .write(&layout);
    let name = format!("{}/long:1", registry.host());
    let pushed = workspace.json(&["push", &name, "--from", layout.to_str().unwrap()]);
    assert!(pushed["layers"][0][0].as_str().unwrap().starts_with("sha512:"), "{pushed}");
    let pulled = workspace.json(&["pull", &name, "--platform", "linux/amd64"]);
    assert_eq!((&pulled["layers"][0][0], hows(&pulled)), (&pushed["layers"][0][0], vec!["moved"]));
    // An image's id is sha256 whatever its descriptors say.
    let report = workspace.json(&["image", layout.to_str().unwrap()]);
    assert_eq!(pulled["id"], report["id"]);
    // Distribution 2.8 names a manifest by sha256 alone, and says so.
    let (digest, manifest) = (pulled["digest"].as_str().unwrap(), pulled["manifest"].as_str().unwrap());
    let manifest = fs::read(workspace.at("store/blobs/sha256").join(&manifest["sha256:".len()..])).unwrap();
    assert_eq!(digest, format!("sha256:{}", sha256(&manifest)));
    let repository = format!("{}/long", registry.host());
    let by_digest = format!("{repository}@sha512:{}", sha512(&manifest));
    let said = workspace.refused(&["push", &by_digest, "--from", layout.to_str().unwrap()]);
    assert!(said.contains("provided digest did not match uploaded content"), "{said}");
    let by_digest = format!("{repository}@{digest}");
    assert_eq!(hows(&workspace.json(&["pull", &by_digest, "--platform", "linux/amd64"])), ["present"]);
}

/// Killed in the middle, the store has no name that it had not, and the next pull goes on where that one was.
#[test]
fn a_killed_pull_leaves_nothing_half_loaded() {
    let (registry, workspace) = (Registry::start(), Workspace::new());
    workspace.push(&format!("{}/kill:1", registry.host()));
    let line = Proxy::start(&registry.host(), Way::Down, 2 << 20, Break::Stall);
    let mut child = workspace.command(&["pull", &format!("{}/kill:1", line.host())]).spawn().unwrap();
    let ingest = workspace.at("store/ingest");
    let some = |dir: &Path| {
        let files = fs::read_dir(dir).ok()?.flatten();
        files.filter_map(|f| f.metadata().ok()).any(|data| data.len() > 1 << 20).then_some(())
    };
    poll("half of a layer to come", Duration::from_secs(30), || some(&ingest));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(workspace.names(), Vec::<String>::new());
    let layer = workspace.refused(&["image", workspace.at("store").to_str().unwrap()]);
    assert!(layer.contains("no image in the archive"), "{layer}");
    let kept: u64 = fs::read_dir(&ingest).unwrap().flatten().map(|file| file.metadata().unwrap().len()).sum();
    let whole = Proxy::start(&registry.host(), Way::Down, u64::MAX >> 1, Break::Close);
    let pulled = workspace.json(&["pull", &format!("{}/kill:1", whole.host())]);
    let sizes = pulled["layers"].as_array().unwrap().iter().map(|layer| layer[1].as_u64().unwrap());
    let came = whole.carried(Way::Down);
    assert!(came + kept < sizes.sum::<u64>() + SLACK, "another process brings the rest: {came} after {kept}");
    assert!(hows(&pulled).contains(&"resumed"), "{pulled}");
    assert_eq!(pulled["id"], workspace.id.as_str());
}

/// A registry whose disk was changed behind its back: the pull says which blob, and names nothing.
#[test]
fn what_is_not_what_was_promised_is_refused() {
    let (registry, workspace) = (Registry::start(), Workspace::new());
    let name = format!("{}/bad:1", registry.host());
    let pushed = workspace.push(&name);
    let layer = pushed["layers"][0][0].as_str().unwrap().trim_start_matches("sha256:").to_owned();
    let blob =
        registry.storage().join(format!("docker/registry/v2/blobs/sha256/{}/{layer}/data", &layer[..2]));
    let mut bytes = fs::read(&blob).unwrap();
    bytes[1000] ^= 1;
    fs::write(&blob, bytes).unwrap();
    let said = workspace.refused(&["pull", &name]);
    assert!(said.contains(&layer) && said.contains("does not match its digest"), "{said}");
    assert_eq!(workspace.names(), Vec::<String>::new());
}

#[test]
fn a_login_is_asked_for_checked_and_kept() {
    // bcrypt of "secret:word".
    let registry = Registry::start_with(|folder| {
        let file = folder.join("htpasswd");
        fs::write(&file, "me:$2b$04$abcdefghijklmnopqrstuuzi.0DeJjRkdQvpv3c3e0jCmc2WMJJJq\n")
            .expect("our own folder");
        format!("auth:\n  htpasswd: {{realm: lab, path: {:?}}}\n", file.display().to_string())
    });
    let workspace = Workspace::new();
    let name = format!("{}/private:1", registry.host());
    let file = workspace.at("three.tar");
    let push = ["push", name.as_str(), "--from", file.to_str().unwrap()];
    let said = workspace.refused(&push);
    assert!(said.contains("access denied") && said.contains("layerlab login"), "{said}");
    let login = ["login", &registry.host(), "--user", "me"];
    let with = |password: &str| run(workspace.command(&login).env("LAYERLAB_PASSWORD", password));
    assert_eq!(with("wrong").status.code(), Some(1));
    assert!(!workspace.at("docker/config.json").exists());
    let once = run(workspace.command(&push).args(["--user", "me"]).env("LAYERLAB_PASSWORD", "secret:word"));
    assert!(once.status.success(), "{once:?}");
    let (out, err, status) = answer(&with("secret:word"));
    assert_eq!((out.as_str(), status), ("Login Succeeded\n", 0), "{err}");
    assert_eq!(workspace.json(&["pull", &name])["id"], workspace.id.as_str());
    // Docker's own client reads the same login.
    let kept: Value = serde_json::from_slice(&fs::read(workspace.at("docker/config.json")).unwrap()).unwrap();
    assert!(kept["auths"][registry.host()]["auth"].is_string());
}

/// TLS with a certificate that the machine trusts, and refusal of one that it does not.
#[test]
fn a_registry_with_tls_is_believed_by_its_certificate() {
    let registry = Registry::start_with(|folder| {
        let at = |name: &str| folder.join(name).display().to_string();
        let mut openssl = tool("/usr/bin/openssl", "openssl");
        openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]);
        openssl.args(["-days", "2", "-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1"]);
        openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
        must(openssl.args(["-keyout", &at("key.pem"), "-out", &at("cert.pem")]));
        format!("  tls: {{certificate: {:?}, key: {:?}}}\n", at("cert.pem"), at("key.pem"))
    });
    let workspace = Workspace::new();
    let name = format!("{}/tls:1", registry.host());
    let file = workspace.at("three.tar");
    let push = ["push", name.as_str(), "--tls", "--from", file.to_str().unwrap()];
    let said = workspace.refused(&push);
    assert!(said.contains("certificate"), "{said}");
    let certificate = registry.storage().with_file_name("cert.pem");
    let trusting = run(workspace.command(&push).env("SSL_CERT_FILE", &certificate));
    assert!(trusting.status.success(), "{trusting:?}");
}
