//! From text to commands, by recursive descent with a limit on nesting.

mod command;
mod compound;
mod condition;
mod parameter;
#[cfg(test)]
mod tests;
mod token;
mod word;

pub(super) use command::is_name;

use super::alias::Looking;
use super::ast::{List, Word};
use crate::kernel::ByteString;
use crate::shell::state::Dialect;

/// How deep commands and words may be nested. Each level takes machine stack.
const DEPTH: u32 = 60;

/// What is said of `<( … )`.
const NO_PROCESS_FILES: &str = "this shell has no <( … ); put the output into a file, or use a pipe";

/// Why a text is no script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Syntax {
    /// It ends inside something; the value is the quote or bracket that is open, where there is one.
    Incomplete(Option<char>),
    /// This token cannot stand here; a line feed is `newline`.
    Unexpected(ByteString),
    /// It is nested too deeply.
    TooDeep,
    /// What `for` names cannot be a variable's name.
    LoopVariable(ByteString),
    /// Bash has it and the lab's shell has not: the word that other shells stumble over, and what there is instead.
    Lacks(ByteString, &'static str),
    /// `${…}` that means nothing.
    BadSubstitution(ByteString),
    /// An alias stands here, to be replaced.
    Alias { start: usize, end: usize },
}

/// A text that is being parsed.
#[derive(Debug)]
pub(super) struct Parser<'a> {
    text: &'a [u8],
    pos: usize,
    depth: u32,
    /// The aliases that are looked for.
    looking: Option<Looking<'a>>,
    /// Whose grammar it is: `((`, `[[` and arrays are Bash's.
    dialect: Dialect,
    /// Whether the command just parsed ended with `;` or `&`.
    separated: bool,
    /// Here-documents whose text starts on the next line.
    pending: Vec<Pending>,
    /// Their texts, by number, once read.
    bodies: Vec<Word>,
    /// Set when the here-documents of a line ran into the end of the text.
    open_here: bool,
}

#[derive(Debug)]
struct Pending {
    delimiter: ByteString,
    strip_tabs: bool,
    expand: bool,
    number: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            pos: 0,
            depth: 0,
            looking: None,
            dialect: Dialect::Bash,
            separated: false,
            pending: Vec::new(),
            bodies: Vec::new(),
            open_here: false,
        }
    }

    /// The parser, for the grammar of that shell.
    pub(super) fn speaking(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    /// The parser, looking for aliases.
    pub(super) fn looking(self, looking: Option<Looking<'a>>) -> Self {
        Self { looking, ..self }
    }

    /// Whether an alias stands here, where a command's name can stand.
    fn alias(&mut self, is_first: bool) -> Result<(), Syntax> {
        let Some(looking) = self.looking else { return Ok(()) };
        self.skip_blanks();
        let start = self.pos;
        if !is_first && !looking.goes_on(self.text, start) {
            return Ok(());
        }
        let is_end = |byte: &u8| b" \t\n|&;()<>".contains(byte);
        let end = self.rest().iter().position(is_end).map_or(self.text.len(), |len| start + len);
        if looking.finds(self.text, start, end) { Err(Syntax::Alias { start, end }) } else { Ok(()) }
    }

    /// A parser of a text that stands in this one.
    fn within<'t>(&self, text: &'t [u8]) -> Parser<'t> {
        Parser { depth: self.depth, ..Parser::new(text).speaking(self.dialect) }
    }

    fn is_bash(&self) -> bool {
        self.dialect == Dialect::Bash
    }

    /// Where the parser stands, in bytes.
    pub(super) fn position(&self) -> usize {
        self.pos
    }

    /// Whether a here-document was ended by the end of the text, as a prompt wants to know.
    pub(super) fn has_open_here(&self) -> bool {
        self.open_here
    }

    /// The next complete command: everything up to a line feed outside of all brackets. `None` at the end.
    pub(super) fn next_line(&mut self) -> Result<Option<List>, Syntax> {
        self.bodies.clear();
        self.skip_newlines()?;
        if self.at_end() {
            return Ok(None);
        }
        let mut list = self.line()?;
        self.read_pending()?;
        self.fill_bodies(&mut list);
        Ok(Some(list))
    }

    fn nested<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Syntax>) -> Result<T, Syntax> {
        if self.depth >= DEPTH {
            return Err(Syntax::TooDeep);
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    fn at_end(&self) -> bool {
        self.pos >= self.text.len()
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.pos).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.pos + ahead).copied()
    }

    fn rest(&self) -> &'a [u8] {
        &self.text[self.pos.min(self.text.len())..]
    }
}

/// Whether the text ends inside something, so that a prompt should ask for more: an open quote, an unfinished `if`, a
/// trailing `|` or backslash.
pub(super) fn is_incomplete(text: &[u8], dialect: Dialect) -> bool {
    let backslashes = text.iter().rev().take_while(|b| **b == b'\\').count();
    let mut parser = Parser::new(text).speaking(dialect);
    loop {
        match parser.next_line() {
            Ok(Some(_)) => {}
            Ok(None) => return parser.has_open_here() || backslashes % 2 == 1,
            Err(Syntax::Incomplete(_)) => return true,
            Err(_) => return false,
        }
    }
}

/// The quote that the text opens and does not close.
pub(super) fn open_quote(text: &[u8]) -> Option<char> {
    let mut parser = Parser::new(text);
    loop {
        match parser.next_line() {
            Ok(Some(_)) => {}
            Err(Syntax::Incomplete(Some(open @ ('\'' | '"')))) => return Some(open),
            Ok(None) | Err(_) => return None,
        }
    }
}
