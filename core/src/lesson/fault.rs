//! What can be wrong with a lesson: where, what, and what its author can do.

use super::WORDS_MAX;

/// Something wrong, and the line of the page that it is about (1 for the page as a whole).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line.
    pub line: usize,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a lesson.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what the fields are")]
pub enum Fault {
    #[error("`{line}` prints otherwise\n  expected:\n{expected}\n  found:\n{found}")]
    Output { line: String, expected: String, found: String },
    #[error("the task is solved before anything is done: {names}")]
    SolvedAtStart { names: String },
    #[error("the solution does not pass the check {name}: {message}")]
    Unsolved { name: String, message: String },
    #[error("a wrong attempt passes the check {name}: {lines}")]
    WrongPasses { name: String, lines: String },
    #[error("a wrong attempt is told about {first}, not about {name}: {lines}")]
    WrongFirst { first: String, name: String, lines: String },
    #[error("a wrong attempt names {name}, which is no check before it")]
    NoSuchCheck { name: String },
    #[error("{right} of the choices are right after the run: {question}")]
    Choices { right: usize, question: String },
    #[error("the figure {figure} prints nothing or fails")]
    Figure { figure: String },
    #[error("a line to keep fails at the lesson's end: {line}")]
    Kept { line: String },
    #[error("the task {names} has no {what}")]
    Lacks { names: String, what: &'static str },
    #[error("the lesson has no {0}")]
    Without(&'static str),
    #[error("the task {names} has {found} {what}, fewer than {wanted}")]
    Few { names: String, what: &'static str, found: usize, wanted: usize },
    #[error("the check {name} has no goal")]
    NoGoal { name: String },
    #[error("no reason stands under the wrong choice: {0}")]
    NoReason(String),
    #[error("{words} words stand before the first thing to do, and {WORDS_MAX} may")]
    Words { words: usize },
    #[error("a game for few lines has no `par`")]
    NoPar,
    #[error("the explanation has no figure of the learner's state")]
    NoFigure,
    #[error("a figure between backticks is not evaluated: {0}")]
    Quoted(String),
    #[error("the last tier of hints has no command: {0}")]
    NoCommand(String),
    #[error("the end card has no {0}")]
    Bare(&'static str),
    #[error("there is no concept named {0}")]
    Concept(String),
    #[error("the task is of no known kind: {0}")]
    Task(String),
    #[error("`docker` is {0:?}")]
    Docker(String),
    #[error("`minutes` is {0}")]
    Minutes(u32),
    #[error("this is not in the page's language: {0}")]
    Language(String),
    #[error("the languages differ in {0}")]
    Languages(String),
}

impl Fault {
    /// What an author can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Output { .. } => {
                "write what is found; `[..]` stands for a part of a line, `...` for any lines"
            }
            Self::SolvedAtStart { .. } => "add a predicate that is false until the learner has done the task",
            Self::Unsolved { .. } => {
                "mend the solution or the predicate; `layerlab lesson run` lets you try both"
            }
            Self::WrongPasses { .. } => {
                "make the predicate stricter, or name the check that stops this attempt"
            }
            Self::WrongFirst { .. } => {
                "the first check that fails is told: change their order, or name that one"
            }
            Self::NoSuchCheck { .. } => {
                "a `wrong` block stands behind its `check` block and ends with `! NAME`"
            }
            Self::Choices { .. } => {
                "exactly one choice has a predicate (`= shell line`), true after the next run"
            }
            Self::Figure { .. } => {
                "try it in the lab; a `$(…)` that is not meant to be run stands in backticks"
            }
            Self::Kept { .. } => "keep only lines that work where the lesson ends",
            Self::Lacks { .. } => "put a block of that name behind the `check` block",
            Self::Without(_) => "docs/design/lessons.md shows the block",
            Self::Few { .. } => {
                "hints go from a nudge over the idea to the command; wrong attempts are real ones"
            }
            Self::NoGoal { .. } => "write `+ what is to be reached` under the predicate",
            Self::NoReason(_) => "write `! why it is wrong` under the choice",
            Self::Words { .. } => "ask or run something sooner, and explain afterwards",
            Self::NoPar => "write `par: N`, the lines of a short answer",
            Self::NoFigure => "put in what is there now: `$(…)`, or a short form such as {W c1}",
            Self::Quoted(_) => "write it without the backticks; what is not to be run is a hint's",
            Self::NoCommand(_) => "it goes from a nudge over the idea to the command, in backticks",
            Self::Bare(_) => "a sentence to remember, and a line of `$ ` that works on any host",
            Self::Concept(_) => "the known ones are CONCEPTS in core/src/lesson/inspect.rs",
            Self::Task(_) => "`task:` is one of TASKS in core/src/lesson/inspect.rs",
            Self::Docker(_) => "write `docker: 20.10`, `docker: 29` or `docker: both`",
            Self::Minutes(_) => "write `minutes: N`, from 1 to 30",
            Self::Language(_) => "translate it; a choice or a hint may be code alone, in backticks",
            Self::Languages(_) => "only prose may differ: copy the block from the other language",
        }
    }
}
