//! What a script is made of, after parsing: the grammar of POSIX.1-2017, "Shell Command Language", 2.9 and 2.10.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::kernel::ByteString;

/// Commands one after another.
pub(super) type List = Vec<AndOr>;

/// Pipelines joined by `&&` and `||`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AndOr {
    pub(super) first: Pipeline,
    pub(super) rest: Vec<(Join, Pipeline)>,
    pub(super) ends: End,
}

/// How a pipeline hangs on what ran before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Join {
    And,
    Or,
}

/// What ended a command: `;` or a line feed, or `&`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum End {
    Waited,
    Background,
}

/// Commands joined by `|`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pipeline {
    pub(super) negated: bool,
    pub(super) commands: Vec<Command>,
}

/// One command with its redirections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Command {
    pub(super) kind: Kind,
    pub(super) redirects: Vec<Redirect>,
}

/// The kinds of command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    Simple {
        assigns: Vec<Assign>,
        words: Vec<Word>,
    },
    Group(List),
    Subshell(List),
    If {
        arms: Vec<(List, List)>,
        otherwise: Option<List>,
    },
    Loop {
        until: bool,
        test: List,
        body: List,
    },
    For {
        name: ByteString,
        words: Option<Vec<Word>>,
        body: List,
    },
    Case {
        subject: Word,
        arms: Vec<Arm>,
    },
    Function {
        name: ByteString,
        body: Arc<Command>,
    },
    /// `(( … ))`
    Arithmetic(Word),
    /// `for (( … ; … ; … ))`
    Count {
        parts: Box<[Word; 3]>,
        body: List,
    },
    /// `[[ … ]]`
    Condition(Condition),
}

/// An arm of a `case`: its patterns, its commands, and what follows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Arm {
    pub(super) patterns: Vec<Word>,
    pub(super) list: List,
    pub(super) then: Then,
}

/// What follows an arm of a `case`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Then {
    /// `;;`: the end of the `case`.
    End,
    /// `;&`: the next arm, whatever its patterns are (Bash).
    Next,
    /// `;;&`: the next arm that fits (Bash).
    Fitting,
}

/// What stands in `[[ … ]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Condition {
    /// What `[` decides as well: its words.
    Test(Vec<Word>),
    /// `word == pattern`
    Like(Word, Word),
    /// `word =~ expression`
    Fits(Word, Word),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

/// `name=word` before a command, and what Bash has beside it: `name[subscript]=word`, `name+=word`, `name=(word …)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Assign {
    pub(super) name: ByteString,
    pub(super) subscript: Option<Word>,
    /// `+=`
    pub(super) append: bool,
    pub(super) value: Given,
}

/// What a variable is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Given {
    Word(Word),
    /// The elements of an array, each with its subscript where it has one.
    List(Vec<(Option<Word>, Word)>),
}

/// A redirection of descriptor `fd`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Redirect {
    pub(super) fd: u32,
    pub(super) kind: RedirectKind,
}

/// Where a redirection goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum RedirectKind {
    /// `<`
    Read(Word),
    /// `>|`
    Clobber(Word),
    /// `>`
    Write(Word),
    /// `>>`
    Append(Word),
    /// `<>`
    ReadWrite(Word),
    /// `>&` and `<&`
    Duplicate(Word),
    /// `&>` and `&>>`: both output streams.
    Both { word: Word, append: bool },
    /// `<<`: the text, expanded unless its delimiter was quoted.
    Here(Word),
    /// `<<<`
    HereString(Word),
}

/// A word: its parts stand side by side.
pub(super) type Word = Vec<Part>;

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Part {
    /// Characters as they stand, subject to pathname expansion.
    Plain(ByteString),
    /// Quoted characters; an empty one makes an empty field.
    Quoted(ByteString),
    /// `~` or `~name` at the start of a word.
    Tilde(ByteString),
    /// `$name`, `${…}`.
    Parameter { parameter: Parameter, quoted: bool },
    /// `$(…)` and backticks.
    Substitution { list: List, quoted: bool },
    /// `$((…))`
    Arithmetic { expression: Word, quoted: bool },
}

/// What `${…}` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Parameter {
    pub(super) name: ByteString,
    /// `${name[…]}`
    pub(super) subscript: Option<Subscript>,
    pub(super) operation: Operation,
}

/// Which elements of an array are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Subscript {
    /// `[@]`
    Each,
    /// `[*]`
    Joined,
    /// `[word]`
    Of(Word),
}

/// What is done with a parameter's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Operation {
    /// `$x`
    Value,
    /// `${#x}`
    Length,
    /// `${x:-w}` and its kin.
    Instead { when: When, act: Act, word: Word },
    /// `${x#w}`, `${x##w}`, `${x%w}`, `${x%%w}`
    Strip { suffix: bool, longest: bool, pattern: Word },
    /// `${x/p/w}`, `${x//p/w}`, `${x/#p/w}`, `${x/%p/w}`
    Replace { at: Spot, pattern: Word, with: Word },
    /// `${x:offset:length}`
    Slice { offset: Word, length: Option<Word> },
    /// `${x^}`, `${x^^}`, `${x,}`, `${x,,}`
    Case { upper: bool, all: bool },
    /// `${!x[@]}`
    Keys,
    /// `${!x}`: the value of the variable that `x` names.
    Indirect,
}

/// What of a value is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Spot {
    First,
    All,
    Start,
    End,
}

/// When `${x:-w}` acts: without the colon only where the name is unset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum When {
    Unset,
    UnsetOrEmpty,
}

/// What `${x:-w}` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Act {
    /// `-`
    Use,
    /// `=`
    Assign,
    /// `?`
    Fail,
    /// `+`
    UseIfSet,
}
