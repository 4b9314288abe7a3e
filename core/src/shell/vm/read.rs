//! The next command of a script, with aliases replaced.

use crate::kernel::ByteString;
use crate::shell::alias::{Aliases, Looking, Replaced};
use crate::shell::ast::List;
use crate::shell::parse::{Parser, Syntax};
use crate::shell::state::Dialect;

/// How many words of one command are replaced at most.
const MOST: usize = 200;

/// Reads the next command of a text; returns it, and how many bytes of the text were read.
pub(super) fn next_line(
    text: &[u8],
    dialect: Dialect,
    aliases: Option<&Aliases>,
) -> (Result<Option<List>, Syntax>, usize) {
    let Some(aliases) = aliases.filter(|aliases| !aliases.is_empty()) else {
        let mut parser = Parser::new(text).speaking(dialect);
        let parsed = parser.next_line();
        return (parsed, parser.position());
    };
    let mut now = text.to_vec();
    let mut replaced: Vec<Replaced> = Vec::new();
    loop {
        let looking = (replaced.len() < MOST).then_some(Looking { aliases, replaced: &replaced });
        let mut parser = Parser::new(&now).speaking(dialect).looking(looking);
        let parsed = parser.next_line();
        // What is behind the place is as it was.
        let read = text.len().saturating_sub(now.len() - parser.position().min(now.len()));
        let Err(Syntax::Alias { start, end }) = parsed else { return (parsed, read) };
        let name: ByteString = now[start..end].into();
        let value = aliases.get(&name).cloned().unwrap_or_default();
        let grown = |at: usize| if at >= end { at - (end - start) + value.len() } else { at };
        for one in &mut replaced {
            (one.start, one.end) = (grown(one.start), grown(one.end));
        }
        now.splice(start..end, value.iter().copied());
        replaced.push(Replaced { name, start, end: start + value.len() });
    }
}
