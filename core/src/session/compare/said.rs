//! What a line printed, compared.

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde::{Deserialize, Serialize};

use super::types::Difference;
use crate::program::Stream;

/// What a line printed and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// The exit status.
    pub status: u8,
    /// The prompt after it.
    pub prompt: String,
}

impl Said {
    /// Takes a piece of output.
    pub fn take(&mut self, stream: Stream, data: &[u8]) {
        match stream {
            Stream::Stdout => self.stdout.extend_from_slice(data),
            Stream::Stderr => self.stderr.extend_from_slice(data),
        }
    }
}

pub(super) fn difference(first: &Said, second: &Said) -> Option<Difference> {
    let streams = [
        ("standard output", &first.stdout, &second.stdout),
        ("standard error", &first.stderr, &second.stderr),
    ];
    for (name, a, b) in streams {
        let (a, b) = (normal(a), normal(b));
        let (mut left, mut right) = (a.lines(), b.lines());
        for number in 1.. {
            match (left.next(), right.next()) {
                (None, None) => break,
                (x, y) if x == y => {}
                (x, y) => {
                    let shown = |line: Option<&str>| line.unwrap_or("nothing").to_owned();
                    let what = format!("{name}, line {number}");
                    return Some(Difference { what, first: shown(x), second: shown(y) });
                }
            }
        }
    }
    let text = |what: &str, a: String, b: String| {
        (a != b).then(|| Difference { what: what.to_owned(), first: a, second: b })
    };
    text("the exit status", first.status.to_string(), second.status.to_string())
        .or_else(|| text("the prompt", first.prompt.clone(), second.prompt.clone()))
}

/// Dates and times as programs print them, and how long ago something was.
const TIMES: [&str; 4] = [
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?( ?[+-]\d{2}:?\d{2})?( UTC)?Z?",
    r"((Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +)?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} +(\d{2}:\d{2}(:\d{2})?( UTC)?( \d{4})?|\d{4})",
    r"(About |Less than )?(an?|\d+) (second|minute|hour|day|week|month|year)s?( ago)?",
    r"\b1[5-9]\d{8}\b",
];
/// A digest or an id: it depends on when a thing was made.
const ID: &str = r"\b[0-9a-f]{12,64}\b";

/// A text without what depends on the time: each date is `<time>`, and each id is `<id N>`, where N counts the ids in the
/// order in which they first stand there. Blanks that only align columns are one blank.
fn normal(text: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(text).into_owned();
    for pattern in TIMES {
        let pattern = Regex::new(pattern).expect("the pattern is well formed");
        text = pattern.replace_all(&text, "<time>").into_owned();
    }
    let mut ids: BTreeMap<String, usize> = BTreeMap::new();
    let pattern = Regex::new(ID).expect("the pattern is well formed");
    let text = pattern.replace_all(&text, |found: &regex_lite::Captures<'_>| {
        // A short id is the start of a long one.
        let start = found[0].get(..12).unwrap_or_default().to_owned();
        let next = ids.len() + 1;
        format!("<id {}>", ids.entry(start).or_insert(next))
    });
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.fold(String::new(), |text, line| text + &line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_depends_on_the_time_is_left_out() {
        for (a, b) in [
            ("web   2 seconds ago\n", "web   About a minute ago\n"),
            ("-rw-r--r-- 1 root root 5 Jan  1 00:00 f\n", "-rw-r--r-- 1 root root 5 Nov 29  2026 f\n"),
            ("sha256:aaaaaaaaaaaaaaaa aaaaaaaaaaaa\n", "sha256:bbbbbbbbbbbbbbbb bbbbbbbbbbbb\n"),
            ("2027-01-01T00:00:00.5Z", "2026-11-29T16:00:00Z"),
        ] {
            assert_eq!(normal(a.as_bytes()), normal(b.as_bytes()));
        }
        let (a, b) = ("aaaaaaaaaaaa bbbbbbbbbbbb\n", "aaaaaaaaaaaa aaaaaaaaaaaa\n");
        assert_ne!(normal(a.as_bytes()), normal(b.as_bytes()));
    }
}
