//! Recorded Docker sessions (`tests/oracle/sessions.tar.zst`), typed again in the lab and compared line by line.
//!
//! Put aside before the comparison: ids and generated names (numbered as they are met, so that equal ones must stay equal),
//! times, spans of time, the order of `docker diff`, MAC addresses, and the white space of tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use regex_lite::{Captures, Regex};
use serde::Deserialize;

use crate::lab;
use crate::oracle;
use crate::process::run;

/// A recorded session.
#[derive(Debug, Clone, Deserialize)]
pub struct Recorded {
    /// Its name.
    pub name: String,
    /// What was typed and answered.
    pub lines: Vec<Line>,
}

/// A line of a session with its answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Line {
    /// What was typed.
    #[serde(default)]
    pub line: String,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Exit status.
    pub status: i32,
}

/// Returns all recorded sessions, in the order of the file.
pub fn recorded() -> Vec<Recorded> {
    let file = oracle::folder("sessions").join("sessions.jsonl");
    let text = std::fs::read_to_string(&file).expect("the recordings hold it");
    text.lines().map(|line| serde_json::from_str(line).expect("a session is one line of JSON")).collect()
}

/// Returns what brings the lab to the state that each session begins in: an image `busybox`, an empty folder.
const IMPORT: &str = "docker import -c 'CMD [\"sh\"]' -c \"ENV PATH \
                      /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\" /base.tar busybox";

/// The lab's answers to a session's lines.
fn typed(session: &Recorded, base: &Path) -> Vec<Line> {
    let mut command = Command::new(lab::binary());
    command.args(["run", "--json", "--copy-in", &format!("{}:/base.tar", base.display())]);
    command.args(["-c", "mkdir -p /root/w; cd /root/w", "-c", IMPORT]);
    for line in &session.lines {
        command.args(["-c", &line.line]);
    }
    let out = run(command.stdin(Stdio::null()));
    let answers = String::from_utf8_lossy(&out.stdout).into_owned();
    let answers = answers.lines().filter_map(|line| serde_json::from_str(line).ok()).skip(2);
    answers.collect()
}

/// Types a session and returns how many of its lines are answered as Docker answered, and a report of the others.
pub fn compare(session: &Recorded, base: &Path, words: &Words) -> (usize, String) {
    let answers = typed(session, base);
    let (mut docker, mut ours) = (Normal::new(words), Normal::new(words));
    let (mut equal, mut report) = (0, String::new());
    for (at, line) in session.lines.iter().enumerate() {
        let want = [docker.text(&line.stdout), docker.text(&line.stderr)];
        let Some(answer) = answers.get(at) else {
            let _ = writeln!(report, "$ {}\n  no answer", line.line);
            continue;
        };
        let got = [ours.text(&answer.stdout), ours.text(&answer.stderr)];
        let same = |a: &str, b: &str| a == b || a.split_whitespace().eq(b.split_whitespace());
        if line.status == answer.status && same(&want[0], &got[0]) && same(&want[1], &got[1]) {
            equal += 1;
        } else {
            let _ = writeln!(
                report,
                "$ {}\n  docker: {} {:?} {:?}\n  lab:    {} {:?} {:?}",
                line.line, line.status, want[0], want[1], answer.status, got[0], got[1]
            );
        }
    }
    (equal, report)
}

/// Unpacks the root file system of the sessions' image into `folder`; returns the file.
pub fn base(folder: &Path) -> std::path::PathBuf {
    let packed = std::fs::File::open(oracle::folder("sessions").join("base.tar.gz")).expect("it is recorded");
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut plain).expect("it is gzip");
    let file = folder.join("base.tar");
    std::fs::write(&file, plain).expect("our own folder");
    file
}

/// The words that Docker makes names of.
#[derive(Debug)]
pub struct Words(BTreeSet<String>);

impl Words {
    /// Reads them from the recordings.
    pub fn read() -> Self {
        let file = oracle::folder("sessions").join("names.txt");
        let text = std::fs::read_to_string(file).expect("the recordings hold it");
        Self(text.split_whitespace().map(str::to_owned).collect())
    }
}

/// What is put aside, with the ids and names met so far.
struct Normal<'a> {
    words: &'a Words,
    rules: Vec<(Regex, &'static str)>,
    diff: Regex,
    id: Regex,
    name: Regex,
    ids: BTreeMap<String, usize>,
    names: BTreeMap<String, usize>,
}

impl<'a> Normal<'a> {
    fn new(words: &'a Words) -> Self {
        let regex = |text: &str| Regex::new(text).expect("a constant");
        Self {
            words,
            rules: vec![
                (regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|[+-]\d\d:?\d\d))?( UTC)?"), "TIME"),
                (
                    regex(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z][a-z] +\d+ \d\d:\d\d:\d\d UTC \d{4}"),
                    "TIME",
                ),
                (
                    regex(r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d+ +(\d\d:\d\d|\d{4})"),
                    "DATE",
                ),
                (
                    regex(
                        r"(Less than a second|About an? (minute|hour)|\d+ (second|minute|hour|day|week|month|year)s?)( ago)?",
                    ),
                    "AGO",
                ),
                (regex(r"02:42:[0-9a-f:]{11}"), "MAC"),
                (regex(r"(?m)^bash: line \d+: "), "bash: "),
            ],
            diff: regex(r"(?m)(?:^[ACD] /.*\n)+"),
            id: regex(r"[0-9A-Za-z]+"),
            name: regex(r"\b([a-z]+)_([a-z]+)\d?\b"),
            ids: BTreeMap::new(),
            names: BTreeMap::new(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let sorted = self.diff.replace_all(text, |found: &Captures<'_>| {
            let mut lines: Vec<&str> = found[0].split_inclusive('\n').collect();
            lines.sort_unstable();
            lines.concat()
        });
        let mut text = sorted.into_owned();
        let (times, rest) = self.rules.split_at(3);
        for (rule, with) in times {
            text = rule.replace_all(&text, *with).into_owned();
        }
        let ids = &mut self.ids;
        text = self
            .id
            .replace_all(&text, |found: &Captures<'_>| {
                let word = &found[0];
                let hex = word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                let digit = word.bytes().any(|b| b.is_ascii_digit());
                if !hex || !(word.len() == 64 || (word.len() == 12 && digit)) {
                    return word.to_owned();
                }
                let next = ids.len() + 1;
                let number = *ids.entry(word[..12].to_owned()).or_insert(next);
                format!("ID{number}{}", if word.len() == 64 { "L" } else { "" })
            })
            .into_owned();
        let (names, words) = (&mut self.names, &self.words.0);
        text = self
            .name
            .replace_all(&text, |found: &Captures<'_>| {
                if !words.contains(&found[1]) || !words.contains(&found[2]) {
                    return found[0].to_owned();
                }
                let next = names.len() + 1;
                format!("NAME{}", names.entry(found[0].to_owned()).or_insert(next))
            })
            .into_owned();
        for (rule, with) in rest {
            text = rule.replace_all(&text, *with).into_owned();
        }
        text
    }
}
