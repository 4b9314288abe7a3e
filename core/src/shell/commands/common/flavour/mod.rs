//! What GNU's programs and BusyBox's do differently: a table of messages and a table of habits.
//!
//! A command asks for a row by its name and never for the flavour itself. Where two programs have nothing in common
//! (`ps`, `cp`), a habit chooses between two functions.

mod fill;
mod habits;
mod table;
mod words;

pub(in crate::shell::commands) use fill::fill;
pub(in crate::shell::commands) use habits::Habits;
pub(in crate::shell::commands) use words::Words;
