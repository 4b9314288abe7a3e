//! What a learner has done, so that anybody can compute it again: for each lesson the journal that solves its task.
//!
//! A record proves that these lines solve these tasks, not who typed them.

use serde::{Deserialize, Serialize};

use super::prove::{LessonLab, failing};
use super::{Block, Lesson, Predicate};
use crate::oci::Digest;
use crate::session::Journal;

/// Done lessons, as a learner hands them in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The format's version, [`Record::VERSION`].
    pub version: u32,
    /// Who hands it in, in their own words.
    pub name: String,
    /// The lessons, in the order in which they were named.
    pub lessons: Vec<Done>,
}

/// A lesson, and how far its journal comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// The lesson's id.
    pub lesson: String,
    /// Whether the journal ends with the task solved.
    pub solved: bool,
    /// The names of the checks that are not passed.
    pub open: Vec<String>,
    /// How many lines were typed.
    pub lines: usize,
    /// The SHA-256 of the journal, as JSON without spaces.
    pub digest: String,
    /// What was typed.
    pub journal: Journal,
}

/// A lab that can take over a session.
pub trait RestorableLab: LessonLab {
    /// Runs a journal from its start.
    ///
    /// # Errors
    /// One sentence: the journal cannot be run, or the lab is gone.
    fn restore(&mut self, journal: &Journal) -> Result<(), String>;
}

impl Record {
    /// The version that is written and read.
    pub const VERSION: u32 = 1;

    /// An empty record.
    pub fn new(name: impl Into<String>) -> Self {
        Self { version: Self::VERSION, name: name.into(), lessons: Vec::new() }
    }
}

/// Runs a journal of a lesson and says how far it comes.
///
/// # Errors
/// One sentence: the journal is damaged, or of another lesson; the lab's.
pub fn judge(lesson: &Lesson, journal: Journal, bench: &mut dyn RestorableLab) -> Result<Done, String> {
    journal.check()?;
    let starts = |(have, want): (&crate::kernel::ByteString, &String)| have.as_bytes() == want.as_bytes();
    let same =
        journal.start.len() == lesson.start.len() && journal.start.iter().zip(&lesson.start).all(starts);
    if !same {
        return Err(format!("this journal does not begin as the lesson {} does", lesson.id));
    }
    bench.restore(&journal)?;
    let predicates: Vec<Predicate> = lesson
        .blocks
        .iter()
        .filter_map(|block| if let Block::Check(predicates) = block { Some(predicates) } else { None })
        .flatten()
        .cloned()
        .collect();
    let open: Vec<String> = failing(&predicates, bench)?.iter().map(|p| p.name.clone()).collect();
    let solved = !predicates.is_empty() && open.is_empty();
    let (lines, digest) = (journal.lines().len(), digest(&journal)?);
    Ok(Done { lesson: lesson.id.clone(), solved, open, lines, digest, journal })
}

/// Computes an entry of a record again; a sentence for each thing that is not as the record says.
///
/// # Errors
/// As [`judge`].
pub fn recompute(done: &Done, lesson: &Lesson, bench: &mut dyn RestorableLab) -> Result<Vec<String>, String> {
    let again = judge(lesson, done.journal.clone(), bench)?;
    let mut wrong = Vec::new();
    if again.digest != done.digest {
        wrong.push(format!("{}: the journal was changed: its digest is {}", done.lesson, again.digest));
    }
    if again.solved != done.solved || again.open != done.open {
        let came = if again.open.is_empty() {
            "everything passes".to_owned()
        } else {
            format!("open: {}", again.open.join(", "))
        };
        wrong.push(format!("{}: the record says solved: {}, but {came}", done.lesson, done.solved));
    }
    if again.lines != done.lines {
        wrong.push(format!("{}: {} lines were typed, not {}", done.lesson, again.lines, done.lines));
    }
    Ok(wrong)
}

fn digest(journal: &Journal) -> Result<String, String> {
    let bytes = serde_json::to_vec(journal).map_err(|error| error.to_string())?;
    Ok(Digest::of(&bytes).to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{Tested, parse};
    use super::{Journal, LessonLab, RestorableLab, judge, recompute};

    /// A lab in which a line `put x` makes the test `x` true.
    #[derive(Default)]
    struct Marks(BTreeSet<String>);

    impl LessonLab for Marks {
        fn fresh(&mut self, start: &[String]) -> Result<(), String> {
            self.0.clear();
            start.iter().try_for_each(|line| self.run(line).map(drop))
        }

        fn run(&mut self, line: &str) -> Result<String, String> {
            self.0.extend(line.strip_prefix("put ").map(str::to_owned));
            Ok(String::new())
        }

        fn test(&mut self, lines: &[String]) -> Result<Vec<Tested>, String> {
            let status = |line: &String| u8::from(!self.0.contains(line));
            Ok(lines.iter().map(|line| Tested { status: status(line), ..Tested::default() }).collect())
        }
    }

    impl RestorableLab for Marks {
        fn restore(&mut self, journal: &Journal) -> Result<(), String> {
            let text = |line: &crate::kernel::ByteString| line.to_text();
            self.fresh(&journal.start.iter().map(text).collect::<Vec<_>>())?;
            journal.lines().iter().map(text).try_for_each(|line| self.run(&line).map(drop))
        }
    }

    const PAGE: &str = "---\nid: marks\ntitle: Marks\nsummary: Put.\nteaches: [layer]\nminutes: 5\ndocker: both\ntask: \
                        find\nstart:\n  - put a\n---\nWords.\n\n```check\nb: b\n+ b is there\n! b is not \
                        there.\nc: c\n+ c is there\n! c is not there.\n```\n";

    fn journal(lines: &[&str]) -> Journal {
        let lines: Vec<_> = lines.iter().map(|line| (*line).into()).collect();
        let count = lines.len();
        Journal::of_lines(vec!["put a".into()], lines, count)
    }

    #[test]
    fn a_record_is_computed_again_and_a_forged_one_is_seen() {
        let lesson = parse(PAGE).expect("it is a lesson");
        let mut lab = Marks::default();
        let half = judge(&lesson, journal(&["put b"]), &mut lab).expect("it runs");
        assert_eq!((half.solved, half.open.as_slice(), half.lines), (false, &["c".to_owned()][..], 1));
        let done = judge(&lesson, journal(&["put b", "put c"]), &mut lab).expect("it runs");
        assert!(done.solved && done.open.is_empty());
        assert_eq!(recompute(&done, &lesson, &mut lab), Ok(Vec::new()));
        let mut forged = half.clone();
        (forged.solved, forged.open) = (true, Vec::new());
        assert_eq!(recompute(&forged, &lesson, &mut lab).expect("it runs").len(), 1);
        let swapped = super::Done { journal: half.journal, ..done };
        assert_eq!(recompute(&swapped, &lesson, &mut lab).expect("it runs").len(), 3);
        let other = Journal::of_lines(vec!["put z".into()], Vec::new(), 0);
        assert!(judge(&lesson, other, &mut lab).is_err());
    }
}
