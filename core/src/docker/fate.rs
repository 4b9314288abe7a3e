//! What becomes of each flag of each command: it acts, it is written down, or it is refused. There is no fourth kind.
//!
//! The rows stand in `rows`, a file for each group of commands. A test holds them against the help texts, and
//! `docs/reference/commands.md` is made of them.

/// What becomes of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It does in the lab what it does in Docker.
    Acts {
        /// The test that shows it: a transcript's name or a test function's.
        test: &'static str,
    },
    /// It is written down and shown by `docker inspect`; that is all of it that a lab can show.
    Recorded {
        /// Where `docker inspect` shows it.
        field: &'static str,
        /// The test that shows it.
        test: &'static str,
    },
    /// It is refused.
    Refused {
        /// What the lab has instead, behind `Layerlab: `.
        why: &'static str,
    },
}

/// A flag and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The flag's long name, without dashes.
    pub flag: &'static str,
    /// What becomes of it.
    pub fate: Fate,
}

/// A flag that acts, shown by this test.
pub(super) const fn acts(flag: &'static str, test: &'static str) -> Row {
    Row { flag, fate: Fate::Acts { test } }
}

/// A flag that `docker inspect` shows in this field, shown by this test.
pub(super) const fn recorded(flag: &'static str, field: &'static str, test: &'static str) -> Row {
    Row { flag, fate: Fate::Recorded { field, test } }
}

/// A flag that is refused with these words.
pub(super) const fn refused(flag: &'static str, why: &'static str) -> Row {
    Row { flag, fate: Fate::Refused { why } }
}

/// A row for each flag of one command, by the name of its help text.
pub(super) type Rows = &'static [Row];
