//! What a script is compiled to: flat code for a machine with an operand stack, which can stop at every wait.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ast::{Act, Spot, When};
use super::fields::Split;
use crate::kernel::ByteString;

/// A piece of code. A clone costs nothing.
pub(super) type Code = Arc<Vec<Op>>;

/// One instruction. Targets are indices of the same code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Op {
    // Words: parts are added to the fields on top of the stack.
    /// Begins a word.
    Word(Split),
    /// A word with braces that would become too many.
    TooMany,
    /// Text of the script itself.
    Plain(ByteString),
    /// Text that is split as an expansion's: a plain part of `${x:-word}`.
    Result(ByteString),
    /// Quoted text.
    Quoted(ByteString),
    /// `~`, `~name`.
    Tilde(ByteString),
    /// `$name`
    Value { of: Of, quoted: bool },
    /// `${#name}`
    Length { of: Of, quoted: bool },
    /// `${name:-word}` and its kin: goes to `end` where the word is not wanted.
    Instead { of: Of, when: When, act: Act, quoted: bool, end: usize },
    /// The end of `${name:=word}`.
    Assign { of: Of, quoted: bool },
    /// The end of `${name:?word}`.
    Fail { name: ByteString, when: When, empty: bool },
    /// `${name#pattern}` and its kin.
    Strip { of: Of, suffix: bool, longest: bool, quoted: bool },
    /// `${name/pattern/with}`
    Replace { of: Of, at: Spot, quoted: bool },
    /// `${name:offset:length}`
    Slice { of: Of, length: bool, quoted: bool },
    /// `${name^^}` and its kin.
    Case { of: Of, upper: bool, all: bool, quoted: bool },
    /// `${!name[@]}`
    Keys { of: Of, quoted: bool },
    /// `${!name}`
    Indirect { of: Of, quoted: bool },
    /// `$(…)`
    Substitute { code: Code, quoted: bool },
    /// The value of the text on top, as a field's part.
    Arithmetic { quoted: bool },
    /// The value of the text on top, as a number.
    Number,
    /// Ends a word that stays one: fields become a text.
    One,
    /// Ends a word that is a pattern.
    Pattern,
    /// Ends a command's word: fields become paths, and arguments of the command below.
    Paths,
    /// Ends a word that is one argument of the command below.
    Argument,

    // Simple commands.
    /// Begins one; without words its status is 0.
    Command { words: bool },
    /// Goes to `to` unless the command's first word declares variables.
    Declares { to: usize },
    /// Goes to `to` where the words came to nothing.
    NoWords { to: usize },
    /// `name=value` before a command.
    Before { name: ByteString, append: bool },
    /// `name=value` on its own; the subscript of an element stands below the value.
    Set { name: ByteString, element: bool, append: bool },
    /// Begins the elements of an array.
    List,
    /// Adds the words of the command on top to them.
    Gather,
    /// Adds an element: its subscript and its value are on top.
    Keyed,
    /// `name=(…)`
    SetList { name: ByteString, append: bool },
    /// Says what is about to be run (`set -x`).
    Ready,
    /// Runs the command on top.
    Invoke,
    /// Takes back what `name=value` before a command set.
    Restore,
    /// Drops the operand on top.
    Drop,

    // Redirections.
    /// Begins some.
    Redirects,
    /// One to the file on top.
    Open { fd: u32, how: How, fail: usize },
    /// A here-document: the text on top.
    Here { fd: u32, newline: bool },
    /// `>&`: the descriptor on top.
    Duplicate { fd: u32, fail: usize },
    /// Takes them back.
    Undo,

    // Control.
    /// Goes there.
    Jump(usize),
    /// Goes there where the status is 0 (`true`), or is not.
    JumpIf { ok: bool, to: usize },
    /// Sets the status to 0.
    Ok,
    /// Takes a step: a pipeline begins.
    Step,
    /// A condition begins, where `set -e` does nothing.
    Condition,
    /// It ends.
    ConditionEnd,
    /// `!`
    Not,
    /// Ends the shell where the status is not 0 and `set -e` is on.
    Errexit,
    /// A loop begins: where `break` and `continue` go.
    Loop { after: usize, next: usize },
    /// Takes the words of the command on top as what `for` goes through.
    Items { name: ByteString },
    /// The parameters of the shell, as the words of a command.
    Parameters,
    /// The next of them, or goes to `end`.
    Next { end: usize },
    /// A turn of a loop begins.
    Turn,
    /// The loop keeps the status of its last turn.
    Keep,
    /// The status of the last turn that was kept.
    Kept,
    /// A loop ends.
    LoopEnd,
    /// Goes there where the pattern on top matches the text below.
    Matches { to: usize },
    /// The status by the number on top: 0 for any but 0.
    Truth,
    /// Whether the regular expression on top is found in the text below, as the status.
    Fits,
    /// Defines a function.
    Function { name: ByteString, code: Code },
    /// `( … )`
    Subshell(Code),
    /// `a | b`
    Pipeline(Vec<Code>),
    /// `a &`; the text is what `jobs` shows.
    Background { code: Code, text: ByteString },
}

/// Whose value an instruction takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Of {
    pub(super) name: ByteString,
    pub(super) which: Which,
}

/// Which values of a parameter are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Which {
    /// The one that it has.
    Only,
    /// The element whose subscript is on the stack.
    Element,
    /// All, each a field of its own: `$@`, `${name[@]}`.
    Each,
    /// All, joined: `$*`, `${name[*]}`.
    Joined,
}

/// How a redirection opens its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum How {
    Read,
    Write,
    Clobber,
    Append,
    ReadWrite,
    Both,
    BothAppend,
}
