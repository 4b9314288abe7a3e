//! The lab's shell: a POSIX shell language over the process model, and the commands that go with it.
//!
//! [`run`] runs what was typed at a prompt in a [`State`] that it changes; `sh -c` and scripts come through the same
//! code. One program runs at a time: a pipe line's commands run one after another, each with the whole output of the
//! one before, and `command &` runs to its end before the next command starts, unless it waits for something that
//! will not come by itself (a service): that stays behind, as its container does.
//!
//! No text makes the shell recurse without bound or run for ever: nesting has a limit when it is parsed, running
//! has the depth and the steps of [`crate::program::Limits`].

mod ast;
mod builtins;
pub mod commands;
mod escape;
mod expand;
mod io;
mod live;
mod parse;
mod pattern;
mod run;
mod state;
#[cfg(test)]
mod tests;

pub use builtins::names as builtin_names;
pub use commands::programs;
pub use run::run;
pub use state::State;

/// Whether the text ends inside something (an open quote, an unfinished `if`, a here-document, a trailing `|` or
/// backslash), so that a prompt should ask for the next line with `> ` and put a line feed between.
pub fn is_incomplete(text: &[u8]) -> bool {
    parse::is_incomplete(text)
}
