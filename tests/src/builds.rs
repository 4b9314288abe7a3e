//! Recorded builds (`tests/oracle/builds.tar.zst`), built again in the lab: status, configuration, history and layers are
//! compared exactly, the outputs of the classic builder with ids numbered as they are met.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use regex_lite::{Captures, Regex};
use serde_json::Value;

use crate::listing::tar_file;
use crate::process::run;
use crate::{lab, oracle};

/// What makes the image that each build starts from.
const IMPORT: &str = "docker import -c 'CMD [\"sh\"]' -c 'ENV PATH \
                      /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - busybox < /root/.in/base.tar";

/// How the history was asked for.
const HISTORY: &str = "docker history --no-trunc --format '{{.CreatedBy}}|{{.Size}}|{{.Comment}}' app";

/// The fields of a configuration that are compared.
const FIELDS: &[&str] = &[
    "Env",
    "Cmd",
    "Entrypoint",
    "WorkingDir",
    "User",
    "Labels",
    "ExposedPorts",
    "Volumes",
    "OnBuild",
    "Healthcheck",
    "Shell",
    "StopSignal",
];

/// Returns the folders of all recorded builds, by name.
pub fn recorded() -> Vec<PathBuf> {
    let folder = oracle::folder("builds");
    let entries = std::fs::read_dir(folder).expect("the recordings hold it");
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it is readable").path())
        .filter(|path| path.join("cmd").exists())
        .collect();
    cases.sort();
    cases
}

fn read(case: &Path, name: &str) -> Option<String> {
    std::fs::read(case.join(name)).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn quoted(path: &str) -> String {
    format!("'{}'", path.replace('\'', r"'\''"))
}

/// The files to copy in, and the lines that make the context of them.
fn context(case: &Path) -> (Vec<(PathBuf, String)>, Vec<String>) {
    let top = case.join("context");
    let (mut copies, mut dirs, mut files, mut moves) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut open = vec![(top, "/root/w".to_owned())];
    while let Some((dir, to)) = open.pop() {
        dirs.push(quoted(&to));
        let mut entries: Vec<_> = std::fs::read_dir(&dir).into_iter().flatten().flatten().collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let at = format!("{to}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                open.push((entry.path(), at));
                continue;
            }
            let staged = format!("/root/.in/{}", files.len());
            moves.push(format!("mv {staged} {}", quoted(&at)));
            copies.push((entry.path(), staged));
            files.push(quoted(&at));
        }
    }
    let mut lines = vec![format!("mkdir -p {}", dirs.join(" ")), format!("chmod 755 {}", dirs.join(" "))];
    lines.append(&mut moves);
    if !files.is_empty() {
        lines.push(format!("chmod 644 {}", files.join(" ")));
    }
    lines.push("cd /root/w".to_owned());
    lines.extend(read(case, "context.sh").unwrap_or_default().lines().map(str::to_owned));
    lines.push("find . -exec touch -h -d @1700000000 {} +".to_owned());
    (copies, lines)
}

/// Builds a case in the lab. Returns what differs from Docker's answers; empty where nothing does.
pub fn compare(case: &Path, base: &Path) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let saved = folder.path().join("app.tar");
    let (copies, first) = context(case);
    let has_image = case.join("image.json").exists();
    let mut lines = vec![IMPORT.to_owned()];
    lines.extend(first);
    lines.extend(read(case, "before").unwrap_or_default().lines().map(str::to_owned));
    lines.push(read(case, "cmd").expect("every case has one").trim_end_matches('\n').to_owned());
    let asked = lines.len() - 1;
    let mut command = Command::new(lab::binary());
    command.args(["run", "--json", "--copy-in", &format!("{}:/root/.in/base.tar", base.display())]);
    for (from, to) in &copies {
        command.args(["--copy-in", &format!("{}:{to}", from.display())]);
    }
    if has_image {
        lines.extend([HISTORY.to_owned(), "docker save -o /root/.image.tar app".to_owned()]);
        command.args(["--copy-out", &format!("/root/.image.tar:{}", saved.display())]);
    }
    for line in &lines {
        command.args(["-c", line]);
    }
    let out = run(command.stdin(Stdio::null()));
    let answers: Vec<Value> = String::from_utf8_lossy(&out.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let Some(answer) = answers.get(asked) else {
        return format!("no answer: {}\n", String::from_utf8_lossy(&out.stderr));
    };
    let mut report = Report(String::new());
    let code: i64 = read(case, "code").and_then(|code| code.trim().parse().ok()).expect("every case has one");
    report.compare("status", &code.to_string(), &answer["status"].to_string());
    let (mut docker, mut ours) = (Normal::new(), Normal::new());
    let loose = read(case, "loose").unwrap_or_default();
    for stream in ["stdout", "stderr"] {
        let want = read(case, stream).unwrap_or_default();
        let got = answer[stream].as_str().unwrap_or_default();
        // BuildKit's steps and a step's two streams come in an order of chance.
        let by_chance = want.contains("\n#1 ") || want.starts_with("#1 ") || want.contains("\u{1b}[91m");
        if !loose.contains(stream) && !by_chance {
            report.compare(stream, &docker.text(&want), &ours.text(got));
        }
    }
    if has_image {
        let history = answers.get(asked + 1).and_then(|told| told["stdout"].as_str()).unwrap_or_default();
        let want = read(case, "history.txt").unwrap_or_default();
        report.compare("history", &docker.text(&want), &ours.text(history));
        image(case, &std::fs::read(&saved).unwrap_or_default(), &mut report);
    }
    report.0
}

struct Report(String);

impl Report {
    fn compare(&mut self, what: &str, docker: &str, lab: &str) {
        if docker != lab {
            let _ = writeln!(self.0, "{what}\n  docker: {docker:?}\n  lab:    {lab:?}");
        }
    }
}

/// Compares the configuration and the layers of what was saved.
fn image(case: &Path, saved: &[u8], report: &mut Report) {
    let want: Value = serde_json::from_str(&read(case, "image.json").unwrap_or_default()).unwrap_or_default();
    let file = |name: &Value| member(saved, name.as_str().unwrap_or_default());
    let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
    let manifest = json(&file(&"manifest.json".into()));
    let config = json(&file(&manifest[0]["Config"]));
    let is_nothing = |value: &Value| {
        value.as_object().is_some_and(serde_json::Map::is_empty)
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_str() == Some("")
    };
    for field in FIELDS {
        let plain = |document: &Value| {
            let value = &document["config"][field];
            if is_nothing(value) { "null".to_owned() } else { value.to_string() }
        };
        report.compare(field, &plain(&want), &plain(&config));
    }
    let names = manifest[0]["Layers"].as_array().cloned().unwrap_or_default();
    let recorded = read(case, "layers.jsonl").unwrap_or_default();
    let recorded: Vec<Value> =
        recorded.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    report.compare("layers", &recorded.len().to_string(), &names.len().to_string());
    for (at, (layer, name)) in recorded.iter().zip(&names).enumerate() {
        if layer["base"] != true {
            report.compare(&format!("layer {at}"), &listed(layer), &entries(&file(name)));
        }
    }
}

/// A file of an archive; a layer that is there twice is a link to the first.
fn member(saved: &[u8], name: &str) -> Vec<u8> {
    let mut archive = tar::Archive::new(saved);
    for entry in archive.entries().into_iter().flatten().flatten() {
        if entry.path_bytes().as_ref() == name.as_bytes()
            && let Some(link) = entry.link_name_bytes()
        {
            let link = String::from_utf8_lossy(&link).trim_start_matches("../").to_owned();
            return tar_file(saved, &link).unwrap_or_default();
        }
    }
    tar_file(saved, name).unwrap_or_default()
}

/// A recorded layer's entries, one a line.
fn listed(layer: &Value) -> String {
    let mut text = String::new();
    for entry in layer["entries"].as_array().into_iter().flatten() {
        let mode = u32::from_str_radix(entry["mode"].as_str().unwrap_or_default(), 8).unwrap_or_default();
        let or_none = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
        let _ = writeln!(
            text,
            "{} {} {:o} {}:{} {} {:?}",
            or_none("type"),
            or_none("name"),
            mode & 0o7777,
            entry["uid"],
            entry["gid"],
            entry["size"].as_u64().unwrap_or_default(),
            or_none("link"),
        );
    }
    text
}

/// A layer's entries, one a line.
fn entries(layer: &[u8]) -> String {
    let mut text = String::new();
    let mut archive = tar::Archive::new(layer);
    for entry in archive.entries().into_iter().flatten().flatten() {
        let header = entry.header();
        let kind = match header.entry_type() {
            tar::EntryType::Directory => "dir",
            tar::EntryType::Symlink => "symlink",
            tar::EntryType::Link => "hardlink",
            tar::EntryType::Char => "char",
            tar::EntryType::Block => "block",
            tar::EntryType::Fifo => "fifo",
            _ => "file",
        };
        let link = entry.link_name_bytes().unwrap_or_default();
        let _ = writeln!(
            text,
            "{kind} {} {:o} {}:{} {} {:?}",
            String::from_utf8_lossy(&entry.path_bytes()),
            header.mode().unwrap_or_default() & 0o7777,
            header.uid().unwrap_or_default(),
            header.gid().unwrap_or_default(),
            if kind == "file" { entry.size() } else { 0 },
            String::from_utf8_lossy(&link),
        );
    }
    text
}

/// What is put aside: times, how much was sent, and ids, which are numbered as they are met.
struct Normal {
    time: Regex,
    sent: Regex,
    number: Regex,
    arguments: Regex,
    id: Regex,
    ids: BTreeMap<String, usize>,
}

impl Normal {
    fn new() -> Self {
        let regex = |text: &str| Regex::new(text).expect("a constant");
        Self {
            time: regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|[+-]\d\d:?\d\d))?( UTC)?"),
            sent: regex(r"Sending build context to Docker daemon +[\d.]+ ?[kMG]?B\r+"),
            number: regex(r"(docker-builder|\.pivot_root)\d+"),
            arguments: regex(r"build-args \[([^\]]*)\]"),
            id: regex(r"[0-9A-Za-z]+"),
            ids: BTreeMap::new(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let text = self.time.replace_all(text, "TIME");
        let text = self.sent.replace_all(&text, "");
        let text = self.number.replace_all(&text, "${1}N");
        // Docker keeps them in a map, which has no order.
        let text = self.arguments.replace_all(&text, |found: &Captures<'_>| {
            let mut names: Vec<&str> = found[1].split_whitespace().collect();
            names.sort_unstable();
            format!("build-args [{}]", names.join(" "))
        });
        // A shell says where it reads from; here that is a line.
        let text = text.replace("bash: line 1: ", "bash: ");
        let ids = &mut self.ids;
        self.id
            .replace_all(&text, |found: &Captures<'_>| {
                let word = &found[0];
                let hex = word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                let digit = word.bytes().any(|b| b.is_ascii_digit());
                if !hex || !(word.len() == 64 || (word.len() == 12 && digit)) {
                    return word.to_owned();
                }
                let next = ids.len() + 1;
                format!("ID{}", ids.entry(word[..12].to_owned()).or_insert(next))
            })
            .into_owned()
    }
}
