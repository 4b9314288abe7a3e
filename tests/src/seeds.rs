//! The command lines of five published tutorials, with what each must answer in the lab.
//!
//! A file of `tests/seeds` is a transcript. Above each `$ line` of a tutorial stands `@ SECTION LESSONS`, or
//! `@ SECTION LESSONS - REASON` where the line cannot work in a lab. Lines under a bare `@` are the lab's own: they set up,
//! or show that what a tutorial means works with a name that exists. The lab's advice counts as standard error.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::transcript::{Answer, Transcript};

/// What stands above a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The section of the tutorial, a letter and a number.
    pub section: String,
    /// The lessons that teach it.
    pub lessons: Vec<String>,
    /// Why the line cannot work.
    pub reason: Option<String>,
}

/// One tutorial.
#[derive(Debug, Clone)]
pub struct Seed {
    /// Its lines and answers.
    pub transcript: Transcript,
    /// For each line what stands above it; `None` for the lab's own lines.
    pub marks: Vec<Option<Mark>>,
}

/// All tutorials, by name.
pub fn all() -> Vec<Seed> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let files = std::fs::read_dir(&folder).expect("tests/seeds is there");
    let mut paths: Vec<PathBuf> = files.map(|f| f.expect("a readable entry").path()).collect();
    paths.sort();
    assert_eq!(paths.len(), 5, "a file for each tutorial in {}", folder.display());
    paths.into_iter().map(read).collect()
}

fn read(path: PathBuf) -> Seed {
    let text = std::fs::read_to_string(&path).expect("a table is UTF-8");
    Seed::parse(path.clone(), &text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

impl Seed {
    /// Reads the format.
    ///
    /// # Errors
    /// What is wrong, with the line's number.
    pub fn parse(path: PathBuf, text: &str) -> Result<Self, String> {
        let (mut plain, mut marks, mut above) = (String::new(), Vec::new(), None);
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(mark) = line.strip_prefix('@') {
                above = Mark::parse(mark.trim()).map_err(|why| format!("line {number}: {why}"))?;
                continue;
            }
            if line.starts_with("$ ") {
                marks.push(above.clone());
            }
            plain += line;
            plain.push('\n');
        }
        Ok(Self { transcript: Transcript::parse(path, &plain)?, marks })
    }

    /// The format again.
    pub fn print(&self) -> String {
        let mut text = self.transcript.head.iter().fold(String::new(), |text, line| text + line + "\n");
        let mut last = None;
        for (step, mark) in self.transcript.steps.iter().zip(&self.marks) {
            let above = mark.as_ref().map_or_else(|| "@".to_owned(), Mark::print);
            if mark.is_some() || last != Some(above.clone()) {
                _ = writeln!(text, "{above}");
            }
            last = Some(above);
            let one = Transcript { head: Vec::new(), steps: vec![step.clone()], ..self.transcript.clone() };
            text += &one.print();
        }
        text
    }

    /// What differs from the table; the advice is taken as the end of standard error.
    pub fn differences(&self, answers: &[Answer]) -> String {
        self.transcript.differences(&heard(answers))
    }

    /// Writes the table anew, keeping the wildcards that match.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn update(&self, answers: &[Answer]) -> std::io::Result<()> {
        let new = Self { transcript: self.transcript.renewed(&heard(answers)), ..self.clone() };
        std::fs::write(&self.transcript.path, new.print())
    }
}

fn heard(answers: &[Answer]) -> Vec<Answer> {
    let one = |answer: &Answer| {
        let mut answer = answer.clone();
        for help in &answer.help {
            answer.stderr.extend_from_slice(format!("Layerlab: {help}\n").as_bytes());
        }
        answer
    };
    answers.iter().map(one).collect()
}

impl Mark {
    fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let (section, rest) = text.split_once(' ').ok_or("`@ SECTION LESSONS`, or `@` alone")?;
        let (lessons, reason) = rest.split_once(" - ").map_or((rest, None), |(head, why)| (head, Some(why)));
        let lessons = lessons.split(',').filter(|id| *id != "-").map(str::to_owned).collect();
        Ok(Some(Self { section: section.to_owned(), lessons, reason: reason.map(str::to_owned) }))
    }

    fn print(&self) -> String {
        let lessons = if self.lessons.is_empty() { "-".to_owned() } else { self.lessons.join(",") };
        let reason = self.reason.as_ref().map(|why| format!(" - {why}")).unwrap_or_default();
        format!("@ {} {lessons}{reason}", self.section)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_and_written_alike() {
        let text = "# A tutorial.\n@ A1 pull,names\n$ true\n@ A2 - - not here\n$ false\n! no\n[exit status: 1]\n@\n$ a\n$ b\n";
        let seed = Seed::parse("x.txt".into(), text).unwrap();
        assert_eq!(seed.print(), text);
        assert_eq!(seed.marks[1].as_ref().unwrap().reason.as_deref(), Some("not here"));
        assert_eq!(seed.marks[3], None);
    }
}
