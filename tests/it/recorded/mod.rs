//! Recorded answers of Docker 20.10.24 (`tests/oracle`), asked again of the lab on the simulator.
//!
//! Each recorded command runs in a session that a few lines bring to the same state; ids, times and pids are put aside.

mod commands;
mod diffs;

use std::path::Path;

use layerlab_core::kernel::{Task, fs};
use layerlab_core::program::Stream;
use layerlab_core::session::{Event, Session, SimBackend, programs};
use layerlab_tests::oracle;

/// What a line printed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    stdout: String,
    stderr: String,
    status: u8,
}

/// A lab with the recordings' base image.
struct Lab {
    session: Session,
}

impl Lab {
    fn new() -> Self {
        let session = Session::new(Box::new(SimBackend::default()), programs()).expect("a session starts");
        let mut lab = Self { session };
        lab.put("/root/base.tar", &gunzip(&oracle::folder("samples").join("base-rootfs.tar.gz")));
        lab.must("docker import base.tar lab:base");
        lab
    }

    /// Puts a real file into the lab.
    fn put(&mut self, path: &str, bytes: &[u8]) {
        let task = Task::root();
        fs::write(self.session.kernel(), &task, path.as_bytes(), bytes, 0o644)
            .expect("the disk takes a file");
    }

    /// Runs a line.
    fn run(&mut self, line: &str) -> Said {
        let mut said = Said { stdout: String::new(), stderr: String::new(), status: 0 };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let reply = self.session.run(line.as_bytes(), &mut |event| {
            if let Event::Output { stream, data } = event {
                let to = if stream == Stream::Stdout { &mut out } else { &mut err };
                to.extend_from_slice(&data);
            }
        });
        said.stdout = String::from_utf8_lossy(&out).into_owned();
        said.stderr = String::from_utf8_lossy(&err).into_owned();
        said.status = reply.status;
        said
    }

    /// Runs a line that must do well, and returns its output.
    fn must(&mut self, line: &str) -> String {
        let said = self.run(line);
        assert_eq!(said.status, 0, "{line}: {said:?}");
        said.stdout
    }

    /// A file of the lab, empty where there is none.
    fn read(&mut self, path: &str) -> Vec<u8> {
        fs::read(self.session.kernel(), &Task::root(), path.as_bytes())
            .map(|bytes| bytes.to_vec())
            .unwrap_or_default()
    }
}

fn gunzip(path: &Path) -> Vec<u8> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).expect("the recordings have it");
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect("it is gzip");
    bytes
}

/// A recorded file's text.
fn text(dir: &Path, name: &str) -> String {
    String::from_utf8_lossy(&std::fs::read(dir.join(name)).unwrap_or_default()).into_owned()
}

/// Puts aside what differs from run to run: ids, digests, times, spans, and the spaces that follow from their widths.
fn normal(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut words: Vec<String> = Vec::new();
        // Quotes stand apart, so that what is inside them is told like anything else.
        for word in line.replace('"', " \" ").split_whitespace() {
            words.push(hide_hex(word));
        }
        let line = hide_spans(&words.join(" "));
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Runs of 12 or more hexadecimal digits become `HEX`, times `TIME`, link names `LINK`.
fn hide_hex(word: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    let flush = |run: &mut String, out: &mut String| {
        let link = run.len() == 26 && run.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let hex = run.len() >= 12 && run.bytes().all(|b| b.is_ascii_hexdigit());
        let number = run.len() == 10 && run.bytes().all(|b| b.is_ascii_digit());
        out.push_str(if link {
            "LINK"
        } else if hex || number {
            "HEX"
        } else {
            run
        });
        run.clear();
    };
    for c in word.chars() {
        if c.is_ascii_alphanumeric() {
            run.push(c);
        } else {
            flush(&mut run, &mut out);
            out.push(c);
        }
    }
    flush(&mut run, &mut out);
    hide_time(&out)
}

/// `2026-11-22T03:54:02.123Z` becomes `TIME`.
fn hide_time(word: &str) -> String {
    let Some(at) = word.find("202").filter(|at| word[*at..].len() >= 20 && &word[at + 10..=at + 10] == "T")
    else {
        return word.to_owned();
    };
    let end = word[at..].find('Z').map_or(word.len(), |z| at + z + 1);
    format!("{}TIME{}", &word[..at], &word[end..])
}

/// `5 minutes ago`, `Up Less than a second`, dates: `SPAN`.
fn hide_spans(line: &str) -> String {
    let units = [
        "second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks", "month",
        "months",
    ];
    let words: Vec<&str> = line.split(' ').collect();
    let mut out: Vec<String> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let rest = &words[at..];
        let len = match rest {
            ["Less", "than", "a", "second", ..] => 4,
            ["About", "a" | "an", unit, ..] if units.contains(unit) => 3,
            [number, unit, ..] if number.parse::<u32>().is_ok() && units.contains(unit) => 2,
            ["Pid", "\"", ":", _, ..] => 4,
            [date, time, "+0000", "UTC", ..] if date.len() == 10 && time.len() == 8 => 4,
            _ => 0,
        };
        if len > 0 {
            out.push("SPAN".to_owned());
            at += len;
        } else {
            out.push(words[at].to_owned());
            at += 1;
        }
    }
    out.join(" ")
}

#[test]
fn what_is_put_aside() {
    let id = "a".repeat(64);
    assert_eq!(normal(&format!("x  sha256:{id}   5 minutes ago")), "x sha256:HEX SPAN ago\n");
    assert_eq!(normal("Up Less than a second (Paused)"), "Up SPAN (Paused)\n");
    assert_eq!(normal("{\"a\":\"2026-11-22T03:54:02.5Z\"}"), "{ \" a \" : \" TIME \" }\n");
}
