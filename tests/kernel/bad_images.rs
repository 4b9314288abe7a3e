//! Hostile, malformed and unusual archives through the whole binary: read by the explorer, loaded by the engine on the
//! simulator and on this host. Each ends in a result or a named error, in half a GiB of addresses and in little time, and
//! touches nothing.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::GzDecoder;
use layerlab_tests::cli::answer;
use layerlab_tests::lab::{self, On};
use layerlab_tests::process::{run, said, tool};
use serde_json::Value;

const ARCHIVES: &[u8] = include_bytes!("../fixtures/oci/bad-images/archives.tar.gz");
const VERDICTS: &str = include_str!("../fixtures/oci/bad-images/verdicts.tsv");
/// What the archives aim at.
const CANARY: &str = "/tmp/bad-images-canary";
/// What the explorer shows and Docker's `load`, and so the engine's, refuses: more than 125 layers, a history that tells
/// of more layers than there are ("too many non-empty layers in History section"), an image of another system.
const NOT_LOADED: [&str; 4] = [
    "good-127-layers.docker.tar",
    "good-127-layers.oci.tar",
    "man-history-mismatch.oci.tar",
    "man-platform-windows.oci.tar",
];

/// Seconds of a processor for one archive; a build without optimisation is some ten times slower.
const SECONDS: u32 = if cfg!(debug_assertions) { 100 } else { 10 };

/// The binary with 512 MiB of addresses, which is more than it may hold of memory, and so many seconds of a processor.
fn limited(on: On) -> Command {
    let mut command = tool("/usr/bin/prlimit", "util-linux");
    command
        .args(["--as=536870912", &format!("--cpu={SECONDS}")])
        .arg(lab::binary())
        .env("HOME", "/tmp")
        .current_dir("/");
    if on == On::User {
        std::os::unix::process::CommandExt::uid(&mut command, lab::USER);
        std::os::unix::process::CommandExt::gid(&mut command, lab::USER);
    }
    command
}

struct Case {
    verdict: &'static str,
    file: PathBuf,
    /// What the explorer said.
    read: Result<(), String>,
    /// What the engine can be given: the archive in docker's form.
    loadable: Option<PathBuf>,
}

fn read_all(folder: &Path) -> BTreeMap<&'static str, Case> {
    let mut plain = Vec::new();
    GzDecoder::new(ARCHIVES).read_to_end(&mut plain).expect("our own fixture");
    tar::Archive::new(&plain[..]).unpack(folder).expect("our own fixture");
    let lines = VERDICTS.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (verdict, name) = line.split_once('\t').expect("two columns");
            let (file, to) = (folder.join(name), folder.join(format!("{name}.both.tar")));
            let out = run(limited(On::Sim).arg("image").arg(&file).arg("--to").arg(&to));
            let (stdout, stderr, status) = answer(&out);
            assert!(stdout.is_empty() && (status == 0 || status == 1), "{name}: {}", said(&out));
            assert_eq!(status == 0, stderr.is_empty(), "{name}: {stderr}");
            let is_told = stderr.is_empty() || (stderr.starts_with("layerlab: /") && stderr.contains(name));
            assert!(is_told && !stderr.contains('\x1b'), "{name}: {stderr}");
            // A foreign layer that is not there is seen, and cannot be written.
            let read =
                if status == 0 || stderr.contains("not in the archive") { Ok(()) } else { Err(stderr) };
            let loadable = match status {
                0 => Some(to),
                _ => name.contains(".docker.").then(|| file.clone()),
            };
            (name, Case { verdict, file, read, loadable })
        })
        .collect()
}

/// Loads every archive in one session, and returns what went wrong with each.
fn load_all(on: On, cases: &BTreeMap<&'static str, Case>) -> BTreeMap<&'static str, Result<(), String>> {
    let given: Vec<(&str, &Path)> =
        cases.iter().filter_map(|(name, case)| Some((*name, case.loadable.as_deref()?))).collect();
    let mut command = limited(on);
    command.args(["run", "--json", "--on", if on == On::Sim { "sim" } else { "host" }]);
    for (i, (_, file)) in given.iter().enumerate() {
        command.args([OsStr::new("--copy-in"), OsStr::new(&format!("{}:/in/{i}.tar", file.display()))]);
    }
    for i in 0..given.len() {
        command.args(["-c".to_owned(), format!("docker load -i /in/{i}.tar")]);
    }
    let out = run(&mut command);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), given.len(), "{}: an answer to each: {}", on.name(), said(&out));
    let verdict = |line: &str| -> Result<(), String> {
        let answer: Value = serde_json::from_str(line).expect("a line is an object");
        let error = answer["stderr"].to_string();
        match answer["status"].as_u64() {
            Some(0) => Ok(()),
            Some(1) if error.len() > 2 => Err(error),
            _ => panic!("{}: neither a result nor an error: {line}", on.name()),
        }
    };
    given.iter().zip(lines).map(|((name, _), line)| (*name, verdict(line))).collect()
}

#[test]
fn every_archive_ends_as_it_must_and_touches_nothing() {
    let folder = lab::shared_folder();
    fs::create_dir_all(CANARY).unwrap();
    let canary = Path::new(CANARY).join("alive");
    fs::write(&canary, "alive").unwrap();
    let before = (
        fs::metadata(CANARY).unwrap().modified().unwrap(),
        fs::metadata(&canary).unwrap().modified().unwrap(),
    );
    let cases = read_all(folder.path());
    for on in On::ALL {
        let loaded = load_all(on, &cases);
        for (name, case) in &cases {
            let load = loaded.get(name).cloned().unwrap_or(Ok(()));
            let fits = match case.verdict {
                // Another user's files are refused where they cannot be made.
                "accept" => {
                    case.read.is_ok() && (load.is_ok() || NOT_LOADED.contains(name) || on == On::User)
                }
                "reject" => case.read.is_err() && (load.is_err() || !loaded.contains_key(name)),
                _ => true,
            };
            assert!(fits, "{name} on {}: must {}: {:?}, {load:?}", on.name(), case.verdict, case.read);
            assert!(case.file.exists(), "{name} is as it was");
        }
    }
    let after = (
        fs::metadata(CANARY).unwrap().modified().unwrap(),
        fs::metadata(&canary).unwrap().modified().unwrap(),
    );
    assert_eq!((fs::read_to_string(&canary).unwrap().as_str(), after), ("alive", before));
    fs::remove_file(&canary).unwrap();
    fs::remove_dir(CANARY).expect("nothing else was written there");
}
