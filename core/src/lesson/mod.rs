//! Lessons: Markdown pages that run. This module reads and proves them; whoever holds a session runs them.

mod course;
mod fault;
mod figures;
mod front;
mod inspect;
mod myth;
mod parse;
mod prove;
mod record;
mod shorthand;
mod steps;
mod template;
#[cfg(test)]
mod tests;

pub use course::{Chapter, Course, CourseError, Way, course};
pub use fault::{Fault, Problem};
pub use figures::{figures, fill};
pub use front::LessonError;
pub use inspect::{CONCEPTS, TASKS, WORDS_MAX, compare, inspect};
pub use myth::{Myth, Myths, Verdict, myths};
pub use parse::parse;
pub use prove::{LessonLab, Tested, failing, prove, with_figures};
pub use record::{Done, Record, RestorableLab, judge, recompute};
pub use steps::{LessonAct, LessonStep, passes, steps};
pub use template::{language, template};

use serde::{Deserialize, Serialize};

/// A lesson in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// Its name in addresses and on the command line, the same in every language.
    pub id: String,
    /// Its title.
    pub title: String,
    /// One sentence for a list.
    pub summary: String,
    /// The concepts that it teaches, by id.
    pub teaches: Vec<String>,
    /// The lessons that come before it, by id.
    pub needs: Vec<String>,
    /// The sections of the tutorials that it deals with, as [`Course::sections`] names them.
    #[serde(default)]
    pub covers: Vec<String>,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// The Docker whose behaviour it shows: `20.10`, `29` or `both`.
    pub docker: String,
    /// The kind of its task, one of [`TASKS`].
    pub task: String,
    /// How many lines a short answer has; 0 where nobody counts.
    pub par: u32,
    /// Lines run before the learner arrives.
    pub start: Vec<String>,
    /// The page, in order.
    pub blocks: Vec<Block>,
    /// The line of the page that each block begins in, in the order of the blocks; lines count from 1.
    pub lines: Vec<usize>,
}

impl Lesson {
    /// How many ways to its goal it shows: the solutions behind the check that has the most.
    pub fn ways(&self) -> usize {
        let (mut most, mut here) = (0, 0);
        for block in &self.blocks {
            match block {
                Block::Check(_) => here = 0,
                Block::Solution(_) => here += 1,
                _ => {}
            }
            most = most.max(here);
        }
        most
    }
}

/// A part of a lesson's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Block {
    /// CommonMark for the reader.
    Prose(String),
    /// Lines to run, with what they print.
    Console(Vec<Exchange>),
    /// What must be true of the state.
    Check(Vec<Predicate>),
    /// A question before a run.
    Predict(Question),
    /// Help, from a nudge to the command.
    Hint(Vec<String>),
    /// Lines that pass the check before them; another block behind the same check is another way.
    Solution(Vec<String>),
    /// Lines that must fail a check.
    Wrong(Wrong),
    /// CommonMark shown after the check before it was passed; it may hold figures, see [`figures`].
    Explain(String),
    /// What a learner takes along: the end card.
    Keep(Keep),
}

/// A line of a console block and what is expected of it: `[..]` matches the rest of a line, `...` any lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// What is typed.
    pub line: String,
    /// What is printed.
    pub output: Vec<String>,
}

/// A named predicate: a shell line that ends with status 0 where it is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predicate {
    /// Its name.
    pub name: String,
    /// The shell line.
    pub line: String,
    /// What is to be reached, as inline Markdown: it gets a mark of its own.
    pub goal: String,
    /// What is said when it is the first that is false; it may hold figures, see [`figures`].
    pub message: String,
}

/// A question asked before a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The question, as inline Markdown.
    pub text: String,
    /// The answers to choose from.
    pub choices: Vec<Choice>,
}

/// An answer to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The answer, as inline Markdown.
    pub text: String,
    /// A shell line that ends with status 0, after the run, where this answer is right; none is never right.
    pub line: Option<String>,
    /// Why it is wrong, said to whoever took it.
    pub why: Option<String>,
}

/// Lines that must fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// The lines.
    pub lines: Vec<String>,
    /// The name of the check that must be the first to fail then.
    pub fails: String,
}

/// The end card: what a learner takes along.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep {
    /// What to remember, as inline Markdown.
    pub text: String,
    /// Lines for a real host.
    pub lines: Vec<String>,
}
