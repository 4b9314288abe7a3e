//! A command that asks runs twice: up to its question, and once more when the answer is yes.

use crate::options::Options;
use crate::program::{Process, System};

/// How a command left off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// With this status.
    Ended(u8),
    /// It has asked, and waits for the answer.
    Asks,
}

/// Which of its two runs a command is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    First,
    /// The answer was yes.
    Agreed,
}

impl Turn {
    /// Prints text, in the first run only.
    pub(super) fn say(self, system: &mut System<'_>, process: &mut Process, text: &str) {
        if self == Self::First {
            process.print(system, text);
        }
    }

    /// Whether the command goes on: with `-y`, or after a yes. Otherwise it has asked now.
    pub(super) fn goes_on(
        self,
        system: &mut System<'_>,
        process: &mut Process,
        options: &Options,
        question: &str,
    ) -> bool {
        if self == Self::Agreed || options.has("-y") {
            return true;
        }
        process.print(system, question);
        false
    }
}
