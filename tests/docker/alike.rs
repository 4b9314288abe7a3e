//! The lab's `registry:2` and Distribution, Debian's registry: the same answers, and one directory for both.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use layerlab_tests::archive;
use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::lab::{On, layerlab};
use layerlab_tests::listing::sha256;
use layerlab_tests::process::{must, tool};
use layerlab_tests::tools::{Registry, folder, skopeo};

const REQUESTS: &str = include_str!("alike/requests.sh");
const START: &str = "docker run -d -p 5000:5000 -e REGISTRY_STORAGE_DELETE_ENABLED=true --name registry registry:2 > /dev/null 2>&1";

/// What lines print in the lab, with one file brought in and one out.
fn lab(lines: &[&str], brought: Option<(&Path, &str)>, out: Option<(&str, &Path)>) -> String {
    let mut command = layerlab(On::Sim);
    command.arg("run").stdin(Stdio::null());
    if let Some((file, at)) = brought {
        command.arg("--copy-in").arg(format!("{}:{at}", file.display()));
    }
    if let Some((at, file)) = out {
        command.arg("--copy-out").arg(format!("{at}:{}", file.display()));
    }
    for line in lines {
        command.args(["-c", line]);
    }
    must(&mut command)
}

/// Each request with its status, its headers in an order, and its body; without what is another each time.
fn answers(text: &str, host: &str) -> Vec<String> {
    let text = text.replace('\r', "").replace(host, "HOST");
    let plain: String = text
        .split_inclusive(['/', '=', '&', ' ', '\n', '?'])
        .map(|word| {
            let bare = word.trim_end_matches(['/', '=', '&', ' ', '\n', '?']);
            let is_uuid = bare.len() == 36 && bare.bytes().filter(|b| *b == b'-').count() == 4;
            if is_uuid { word.replace(bare, "UUID") } else { word.to_owned() }
        })
        .collect();
    plain.split("## ").skip(1).map(answer).collect()
}

fn answer(text: &str) -> String {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines().map(stateless);
    let (name, status) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let mut headers: Vec<String> = lines.filter(|line| !line.starts_with("Date: ")).collect();
    headers.sort();
    // Distribution lists tags in the order of its directory.
    let body = body.replace("\"tags\":[\"2\",\"1\"]", "\"tags\":[\"1\",\"2\"]");
    format!("{name}\n{status}\n{}\n\n{body}", headers.join("\n"))
}

/// A line without the state of an upload, which each registry writes its own way.
fn stateless(line: &str) -> String {
    let Some((before, rest)) = line.split_once("_state=") else { return line.to_owned() };
    let end = rest.find(['&', ' ']).unwrap_or(rest.len());
    format!("{before}_state={}", &rest[end..])
}

#[test]
fn both_answer_every_request_alike() {
    let registry = Registry::start();
    let desk = folder("alike");
    let script = desk.path().join("requests.sh");
    fs::write(&script, REQUESTS).unwrap();
    let mut shell = Command::new("/bin/sh");
    shell.arg(&script).current_dir(desk.path()).env("H", registry.host());
    let theirs = answers(&must(&mut shell), &registry.host());
    let lines = [START, "H=localhost:5000 sh /tmp/requests.sh"];
    let ours = answers(&lab(&lines, Some((&script, "/tmp/requests.sh")), None), "localhost:5000");
    assert!(ours.len() >= 40, "{}", ours.len());
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
}

/// What the lab pushed, Distribution serves from the same files: each digest and the image's id stay.
#[test]
fn a_real_registry_serves_what_the_lab_pushed() {
    let desk = folder("handed-over");
    let tar = desk.path().join("registry.tar");
    let lines = [
        START,
        "docker pull -q nginx > /dev/null",
        "docker tag nginx localhost:5000/team/web:1",
        "docker push localhost:5000/team/web:1 | tail -1",
        "docker image inspect -f '{{.Id}}' nginx",
        "docker cp registry:/var/lib/registry - > /tmp/registry.tar",
    ];
    let said = lab(&lines, None, Some(("/tmp/registry.tar", &tar)));
    let words: Vec<&str> = said.split_whitespace().collect();
    let (digest, id) = (words[2], words[5]);
    let registry = Registry::start_with(|folder| {
        let data = folder.join("data");
        fs::create_dir(&data).unwrap();
        must(tool("/bin/tar", "tar").arg("-xf").arg(&tar).arg("--strip-components=1").arg("-C").arg(&data));
        String::new()
    });
    let name = format!("{}/team/web:1", registry.host());
    let raw = must(skopeo().args(["inspect", "--raw", "--tls-verify=false", &format!("docker://{name}")]));
    assert_eq!(format!("sha256:{}", sha256(raw.as_bytes())), digest);
    let docker = Dockerd::start();
    let pulled = docker.must(&["pull", &name]);
    assert!(pulled.contains(&format!("Digest: {digest}")), "{pulled}");
    assert_eq!(docker.must(&["inspect", "--format", "{{.Id}}", &name]).trim(), id);
}

/// What Distribution has, the lab's registry serves from the same files.
#[test]
fn the_lab_serves_what_a_real_registry_has() {
    let desk = folder("taken-over");
    let (archived, tar) = (desk.path().join("three.tar"), desk.path().join("registry.tar"));
    let archive = archive::three_layers(b"some bytes");
    fs::write(&archived, &archive).unwrap();
    let registry = Registry::start();
    let name = format!("{}/three:1", registry.host());
    let from = format!("docker-archive:{}", archived.display());
    must(skopeo().args(["copy", "--quiet", "--dest-tls-verify=false", &from, &format!("docker://{name}")]));
    let raw = must(skopeo().args(["inspect", "--raw", "--tls-verify=false", &format!("docker://{name}")]));
    let digest = format!("sha256:{}", sha256(raw.as_bytes()));
    must(tool("/bin/tar", "tar").arg("-cf").arg(&tar).arg("-C").arg(registry.storage()).arg("docker"));
    let lines = [
        START,
        "docker cp - registry:/var/lib/registry < /tmp/registry.tar",
        "docker pull localhost:5000/three:1 | grep Digest",
        "docker image inspect -f '{{.Id}}' localhost:5000/three:1",
        "docker tag localhost:5000/three:1 localhost:5000/again:1",
        "docker push localhost:5000/again:1 > /dev/null",
        "docker manifest inspect --insecure localhost:5000/again:1",
    ];
    let said = lab(&lines, Some((&tar, "/tmp/registry.tar")), None);
    assert!(said.contains(&format!("Digest: {digest}\n{}\n", archive::image_id(&archive))), "{said}");
    let manifest: serde_json::Value = serde_json::from_str(&raw).unwrap();
    for layer in manifest["layers"].as_array().unwrap() {
        assert!(said.contains(layer["digest"].as_str().unwrap()), "{said}");
    }
}
