//! `diff-*`: a script runs in a container; what `docker diff` says, what the layer holds entry for entry, and the sizes.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

use layerlab_tests::oracle;

use super::{Lab, normal, text};

/// The script prints the mounts of the machine that it was recorded on: the lab's /proc is empty. The rest is compared.
const PRINTS_MOUNTS: &str = "diff-proc-mounts";

#[test]
fn recorded_changes_and_layers() {
    let docker = oracle::folder("docker");
    let mut names: Vec<String> = std::fs::read_dir(&docker)
        .expect("the recordings")
        .map(|entry| entry.expect("a name").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("diff-") && docker.join(name).join("script").is_file())
        .collect();
    names.sort();
    let mut bad = Vec::new();
    let mut run = 0;
    for name in &names {
        run += 1;
        let errors = compare(&docker.join(name));
        if !errors.is_empty() {
            bad.push(format!("{name}: {}", errors.join("; ")));
        }
    }
    eprintln!("recorded changes: {} of {run} as Docker's", run - bad.len());
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

fn compare(case: &Path) -> Vec<String> {
    let mut lab = Lab::new();
    let script = text(case, "script");
    lab.put("/root/script", script.as_bytes());
    let mut errors = Vec::new();
    let mut expect = |what: &str, got: String, want: String| {
        if got != want {
            errors.push(format!("{what}:\n--- lab\n{got}--- docker\n{want}"));
        }
    };
    let said = lab.run("docker run --name cc --network none lab:base sh -c \"$(cat /root/script)\"");
    let shown = |text: &str| layerlab_tests::normal::normal(text);
    // Inode numbers are the disk's own.
    if !script.contains("%i") && !case.ends_with(PRINTS_MOUNTS) {
        expect("stdout", shown(&said.stdout), shown(&text(case, "stdout")));
        expect("stderr", shown(&said.stderr), shown(&text(case, "stderr")));
    }
    let set = |text: &str| {
        text.lines().map(|line| format!("{line}\n")).collect::<BTreeSet<_>>().into_iter().collect()
    };
    expect("diff", set(&lab.run("docker diff cc").stdout), set(&text(case, "docker-diff.txt")));
    lab.run("docker commit -m message cc lab:committed");
    let layers = lab.run("docker image inspect -f '{{len .RootFS.Layers}}' lab:committed").stdout;
    expect("layers", layers, format!("{}\n", text(case, "nlayers").trim()));
    let saved = lab.run("docker save -o out.tar lab:committed");
    expect("save", saved.stderr, String::new());
    let archive = lab.read("/root/out.tar");
    if text(case, "nlayers").trim() == "2" {
        expect("layer", layer(&archive), recorded_layer(&text(case, "layer.jsonl")));
    }
    let size = lab.run("docker ps -a -s --filter name=cc --format '{{.Size}}'").stdout;
    let want = text(case, "ps-size.txt");
    expect("size", size, format!("{}\n", want.rsplit('\t').next().unwrap_or_default().trim()));
    let row = lab.run("docker history lab:committed").stdout;
    let row = row.lines().nth(1).unwrap_or_default().replace("message", "");
    let want = text(case, "commit-image.txt");
    let want = want.lines().nth(3).unwrap_or_default();
    let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let want = want.strip_suffix(name.trim_start_matches("diff-")).unwrap_or(want).to_owned();
    expect("history", normal(&row), normal(&want));
    errors
}

/// The top layer of a saved archive, an entry a line: name, kind, mode, size and link.
fn layer(archive: &[u8]) -> String {
    let file = |wanted: &str| {
        let mut tar = tar::Archive::new(archive);
        for entry in tar.entries().expect("a tar") {
            let mut entry = entry.expect("an entry");
            if entry.path_bytes().as_ref() == wanted.as_bytes() {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).expect("its bytes");
                return bytes;
            }
        }
        Vec::new()
    };
    let Ok(manifest) = serde_json::from_slice::<serde_json::Value>(&file("manifest.json")) else {
        return "no archive\n".to_owned();
    };
    let top =
        manifest[0]["Layers"].as_array().and_then(|l| l.last()).and_then(|l| l.as_str()).expect("a layer");
    let bytes = file(top);
    let mut lines = String::new();
    for entry in tar::Archive::new(&bytes[..]).entries().expect("a tar") {
        let entry = entry.expect("an entry");
        let header = entry.header();
        let kind = match header.entry_type() {
            tar::EntryType::Directory => "dir",
            tar::EntryType::Link => "hardlink",
            tar::EntryType::Symlink => "symlink",
            tar::EntryType::Fifo => "fifo",
            _ => "file",
        };
        let name = String::from_utf8_lossy(&entry.path_bytes()).trim_end_matches('/').to_owned();
        let link =
            entry.link_name_bytes().map(|l| String::from_utf8_lossy(&l).into_owned()).unwrap_or_default();
        let mode = header.mode().expect("a mode");
        let link = if kind == "file" { String::new() } else { link };
        lines.push_str(&format!("{name} {kind} {mode:o} {} {link}\n", header.size().expect("a size")));
    }
    lines
}

fn recorded_layer(jsonl: &str) -> String {
    let mut lines = String::new();
    for line in jsonl.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        let word = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let mode = word("mode").trim_start_matches("0o").to_owned();
        let kind = word("type");
        let link = if kind == "file" { String::new() } else { word("linkname") };
        lines.push_str(&format!(
            "{} {kind} {mode} {} {link}\n",
            word("name"),
            entry["size"].as_u64().unwrap_or(0)
        ));
    }
    lines
}
