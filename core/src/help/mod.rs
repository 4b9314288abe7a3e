//! Help after a mistake, as data: which piece of advice, and what it is about.
//!
//! Whoever meets a mistake first prints the error as Docker or the shell prints it, and then gives a [`Help`]. The words are
//! in one table a language ([`text`]), so that a page shows them in its own language and a program reads them as data.

mod lines;
mod near;
mod table;
mod topics;

use serde::{Deserialize, Serialize};

pub use lines::{MARK, is_ours, line, patterns};
pub use near::{nearest, nearest_command};
pub use table::{Language, Table, text};
pub use topics::Topic;

/// How many pieces of advice one line can give.
pub const MOST: usize = 4;

/// One piece of advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Help {
    /// Which one.
    pub id: Topic,
    /// What it is about, in the order of [`Topic`]'s description. An empty one leaves out the part of the text that
    /// would name it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
}

impl Help {
    /// Advice with its arguments.
    pub fn new(id: Topic, args: &[&str]) -> Self {
        Self { id, args: args.iter().map(|arg| (*arg).to_owned()).collect() }
    }
}

/// The advice that a line has gathered: each piece once, the first [`MOST`] of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gathered(Vec<Help>);

impl Gathered {
    /// Adds a piece.
    pub fn add(&mut self, help: Help) {
        if self.0.len() < MOST && !self.0.contains(&help) {
            self.0.push(help);
        }
    }

    /// Whether there is room for another piece, so that it pays to look for one.
    pub fn has_room(&self) -> bool {
        self.0.len() < MOST
    }

    /// Whether there is no piece.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the last piece, if it is this one.
    pub fn take_last(&mut self, id: Topic) -> Option<Help> {
        self.0.pop_if(|help| help.id == id)
    }

    /// Takes all pieces.
    pub fn take(&mut self) -> Vec<Help> {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_told_once_and_a_line_tells_few() {
        let mut gathered = Gathered::default();
        for _ in 0..3 {
            gathered.add(Help::new(Topic::NotATty, &[]));
        }
        assert_eq!(gathered.clone().take().len(), 1);
        for number in 0..20 {
            gathered.add(Help::new(Topic::NoSuchImage, &[&number.to_string(), ""]));
        }
        assert!(!gathered.has_room());
        assert_eq!(gathered.take().len(), MOST);
        assert!(gathered.take().is_empty());
    }
}
