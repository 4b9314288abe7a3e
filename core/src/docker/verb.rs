//! What is known of a command.

use super::flags::Order;
use super::{Call, Failure};
use crate::program::Flow;

/// What a command's code looks like.
pub(super) type Run = fn(&mut Call<'_, '_>) -> Result<Flow, Failure>;

/// How many arguments a command takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Args {
    /// None.
    None,
    /// So many.
    Exactly(usize),
    /// So many or more.
    AtLeast(usize),
    /// So many or fewer.
    AtMost(usize),
    /// From the first to the second.
    Between(usize, usize),
}

impl Args {
    /// cobra's text where the number is wrong.
    pub(super) fn refuse(self, count: usize) -> Option<String> {
        let words = |n: usize| format!("{n} {}", if n == 1 { "argument." } else { "arguments." });
        match self {
            Self::None if count > 0 => Some("accepts no arguments.".to_owned()),
            Self::Exactly(n) if count != n => Some(format!("requires exactly {}", words(n))),
            Self::AtLeast(n) if count < n => Some(format!("requires at least {}", words(n))),
            Self::AtMost(n) if count > n => Some(format!("requires at most {}", words(n))),
            Self::Between(least, most) if count < least || count > most => {
                Some(format!("requires at least {least} and at most {}", words(most)))
            }
            _ => None,
        }
    }
}

/// A command.
#[derive(Debug)]
pub(super) struct Verb {
    /// Its short form, `ps`; empty where there is none.
    pub flat: &'static str,
    /// Its form in a group, `container ls`; empty where there is none.
    pub grouped: &'static str,
    /// Other last words of the grouped form.
    pub aliases: &'static [&'static str],
    /// The section of the help texts.
    pub help: &'static str,
    /// How many arguments it takes.
    pub args: Args,
    /// Its code.
    pub run: Run,
}

impl Verb {
    /// Whether flags may stand behind arguments.
    pub(super) fn order(&self) -> Order {
        if matches!(self.help, "run" | "create" | "exec" | "tag" | "top") {
            Order::FlagsFirst
        } else {
            Order::Mixed
        }
    }
}

/// A command with a short form, `ps`, and one in a group.
pub(super) const fn verb(flat: &'static str, grouped: &'static str, args: Args, run: Run) -> Verb {
    Verb { flat, grouped, aliases: &[], help: flat, args, run }
}

/// A command of a group alone, `network create`.
pub(super) const fn grouped(name: &'static str, args: Args, run: Run) -> Verb {
    Verb { flat: "", grouped: name, aliases: &[], help: name, args, run }
}
