//! Transcripts: sessions in the lab's terminal as text, run on both kernels from one corpus.
//!
//! The format is described in CONTRIBUTING.md.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::pattern::{lines_match, rewrite};

/// What one line typed gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Standard output, as bytes.
    pub stdout: Vec<u8>,
    /// Standard error, as bytes.
    pub stderr: Vec<u8>,
    /// Exit status.
    pub status: u8,
    /// The lab's advice, in English, a line each.
    pub help: Vec<String>,
}

/// A line typed and what must come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is typed; several lines for a continued one.
    pub line: String,
    /// Patterns for standard output.
    pub stdout: Vec<String>,
    /// Patterns for standard error.
    pub stderr: Vec<String>,
    /// Exit status.
    pub status: u8,
}

/// A session as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// The file.
    pub path: PathBuf,
    /// The lines before the first `$ `.
    pub head: Vec<String>,
    /// The lines typed.
    pub steps: Vec<Step>,
}

/// A last line of output that had no line feed is followed by this one.
const NO_NEWLINE: &str = "[no newline]";

/// The folder of transcripts.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/transcripts")
}

/// All transcripts, by name.
pub fn all() -> Vec<Transcript> {
    let files = std::fs::read_dir(folder()).expect("tests/fixtures/transcripts is there");
    let mut paths: Vec<PathBuf> = files.map(|f| f.expect("a readable entry").path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "txt"));
    paths.sort();
    assert!(!paths.is_empty(), "no transcript in {}", folder().display());
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a transcript is UTF-8");
            Transcript::parse(path.clone(), &text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        })
        .collect()
}

impl Transcript {
    /// Reads the format.
    ///
    /// # Errors
    /// What is wrong, with the line's number.
    pub fn parse(path: PathBuf, text: &str) -> Result<Self, String> {
        let mut transcript = Self { path, head: Vec::new(), steps: Vec::new() };
        let mut fresh = false;
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(typed) = line.strip_prefix("$ ") {
                transcript.steps.push(Step {
                    line: typed.to_owned(),
                    stdout: Vec::new(),
                    stderr: Vec::new(),
                    status: 0,
                });
                fresh = true;
                continue;
            }
            let Some(step) = transcript.steps.last_mut() else {
                if !line.starts_with('#') {
                    return Err(format!("line {number}: before the first `$ ` only lines with # may stand"));
                }
                transcript.head.push(line.to_owned());
                continue;
            };
            if let Some(more) = line.strip_prefix("> ").filter(|_| fresh) {
                step.line.push('\n');
                step.line.push_str(more);
                continue;
            }
            fresh = false;
            if let Some(status) = line.strip_prefix("[exit status: ").and_then(|s| s.strip_suffix(']')) {
                step.status = status.parse().map_err(|e| format!("line {number}: exit status: {e}"))?;
            } else if let Some(error) = line.strip_prefix("! ").or((line == "!").then_some("")) {
                step.stderr.push(error.to_owned());
            } else {
                step.stdout.push(line.strip_prefix('\\').unwrap_or(line).to_owned());
            }
        }
        Ok(transcript)
    }

    /// The format again.
    pub fn print(&self) -> String {
        let mut text = self.head.iter().fold(String::new(), |text, line| text + line + "\n");
        for step in &self.steps {
            let _ = writeln!(text, "$ {}", step.line.replace('\n', "\n> "));
            for line in &step.stdout {
                let marks = ["$ ", "> ", "! ", "\\", "[exit status: "];
                let escape = marks.iter().any(|m| line.starts_with(m)) || line == "!";
                let _ = writeln!(text, "{}{line}", if escape { "\\" } else { "" });
            }
            for line in &step.stderr {
                let _ = writeln!(text, "{}", format!("! {line}").trim_end());
            }
            if step.status != 0 {
                let _ = writeln!(text, "[exit status: {}]", step.status);
            }
        }
        text
    }

    /// The value of a line `# key: value` of the head.
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.head
            .iter()
            .find_map(|line| Some(line.strip_prefix("# ")?.strip_prefix(key)?.strip_prefix(": ")?.trim()))
    }

    /// Its name: the file's, without the ending.
    pub fn name(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The lines to type.
    pub fn lines(&self) -> Vec<String> {
        self.steps.iter().map(|s| s.line.clone()).collect()
    }

    /// What differs between the expectation and what came, as text for a person; empty if nothing does.
    pub fn differences(&self, answers: &[Answer]) -> String {
        let mut text = String::new();
        if self.steps.len() != answers.len() {
            let _ = writeln!(text, "{}: {} lines, {} answers", self.name(), self.steps.len(), answers.len());
        }
        for (step, answer) in self.steps.iter().zip(answers) {
            let (stdout, stderr) = (shown(&answer.stdout), shown(&answer.stderr));
            if lines_match(&step.stdout, &stdout)
                && lines_match(&step.stderr, &stderr)
                && step.status == answer.status
            {
                continue;
            }
            let came = Step { line: step.line.clone(), stdout, stderr, status: answer.status };
            let part =
                |step: &Step| Self { head: Vec::new(), steps: vec![step.clone()], ..self.clone() }.print();
            let _ = writeln!(text, "--- {}: expected\n{}--- came\n{}", self.name(), part(step), part(&came));
        }
        text
    }

    /// Writes the file anew with what came, keeping the wildcards that match.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn update(&self, answers: &[Answer]) -> std::io::Result<()> {
        std::fs::write(&self.path, self.renewed(answers).print())
    }

    /// The transcript with what came, keeping the wildcards that match.
    pub fn renewed(&self, answers: &[Answer]) -> Self {
        let mut new = self.clone();
        for (step, answer) in new.steps.iter_mut().zip(answers) {
            step.stdout = rewrite(&step.stdout, &shown(&answer.stdout));
            step.stderr = rewrite(&step.stderr, &shown(&answer.stderr));
            step.status = answer.status;
        }
        new
    }
}

/// Output as lines, an unfinished last one marked.
fn shown(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if !text.is_empty() && !text.ends_with('\n') {
        lines.push(NO_NEWLINE.to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# A session.
# on: sim root
$ printf 'a\\n$ b'
a
\\$ b
[no newline]
$ cat <<E
> x
> E
x
$ rm nosuch
! rm: [..]
[exit status: 1]
";

    fn answers() -> Vec<Answer> {
        vec![
            Answer { stdout: b"a\n$ b".to_vec(), ..Answer::default() },
            Answer { stdout: b"x\n".to_vec(), ..Answer::default() },
            Answer { stderr: b"rm: no\n".to_vec(), status: 1, ..Answer::default() },
        ]
    }

    #[test]
    fn the_format_is_read_and_written_alike() {
        let transcript = Transcript::parse("t.txt".into(), TEXT).unwrap();
        assert_eq!(transcript.print(), TEXT);
        assert_eq!(transcript.setting("on"), Some("sim root"));
        assert_eq!(transcript.lines()[1], "cat <<E\nx\nE");
    }

    #[test]
    fn a_difference_in_each_part_is_shown() {
        let transcript = Transcript::parse("t.txt".into(), TEXT).unwrap();
        assert_eq!(transcript.differences(&answers()), "");
        for change in [
            |a: &mut Answer| a.stdout.push(b'z'),
            |a: &mut Answer| a.stderr.push(b'z'),
            |a: &mut Answer| a.status = 7,
        ] {
            let mut answers = answers();
            change(&mut answers[1]);
            assert!(transcript.differences(&answers).contains("cat <<E"));
        }
        assert!(transcript.differences(&answers()[..2]).contains("3 lines, 2 answers"));
    }
}
