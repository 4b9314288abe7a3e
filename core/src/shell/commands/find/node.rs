//! `find`'s expressions, as data.

use serde::{Deserialize, Serialize};

use super::links::Follow;
use crate::kernel::{Access, ByteString, FileType, Stat, Timespec};
use crate::shell::commands::common::regex::Regex;
use crate::shell::pattern::Pattern;

/// An expression.
#[derive(Debug, Clone)]
pub(super) enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Test(Test),
    Action(Action),
}

/// `n`, `+n`, `-n`
#[derive(Debug, Clone, Copy)]
pub(super) struct Compare {
    pub(super) sign: u8,
    pub(super) number: i64,
}

impl Compare {
    pub(super) fn holds(self, value: i64) -> bool {
        match self.sign {
            b'+' => value > self.number,
            b'-' => value < self.number,
            _ => value == self.number,
        }
    }
}

/// One of a file's times.
#[derive(Debug, Clone, Copy)]
pub(super) enum Time {
    Modified,
    Changed,
    Read,
}

impl Time {
    pub(super) fn of(self, stat: &Stat) -> Timespec {
        match self {
            Self::Modified => stat.mtime,
            Self::Changed => stat.ctime,
            Self::Read => stat.atime,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Test {
    Constant(bool),
    Name(Pattern, bool),
    Path(Pattern, bool),
    Regex(Regex),
    Kinds(Vec<FileType>),
    Size(Compare, u64),
    Links(Compare),
    Inode(Compare),
    Days(Compare, Time),
    Minutes(Compare, Time),
    Newer(Timespec, Time),
    User(u32),
    Group(u32),
    Mode(u32, u8),
    Empty,
    Access(Access),
    Target(Pattern),
}

#[derive(Debug, Clone)]
pub(super) enum Action {
    Print(u8),
    Printf(Vec<u8>),
    Ls,
    Prune,
    Quit,
    Delete,
    Exec(Vec<ByteString>),
    ExecAll(Vec<ByteString>),
}

/// What options say of the whole search.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Limits {
    pub(super) least: usize,
    pub(super) most: usize,
    pub(super) depth_first: bool,
    pub(super) follow: Follow,
    /// Directories of other devices are not gone into: `-xdev`.
    pub(super) one_device: bool,
}

/// A file that is looked at.
pub(super) struct File<'a> {
    pub(super) path: &'a ByteString,
    pub(super) stat: &'a Stat,
    pub(super) depth: usize,
    /// How long the start's path is, for `%P`.
    pub(super) start: usize,
}
