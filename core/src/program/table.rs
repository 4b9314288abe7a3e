//! The programs that there are, by name.

use std::collections::BTreeMap;

use super::{Flow, Process, System};

/// A program's entry point.
pub type Main = fn(&mut System<'_>, &mut Process) -> Flow;

/// Where a program can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// On the lab's host by its name, and in a container where a file of that name is.
    Everywhere,
    /// On the lab's host alone (`docker`, `mount` of the host).
    Host,
    /// In a container alone: what a hub image's service file is marked as (`nginx`).
    Service,
}

/// A program.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// Its name, the last component of `argv[0]`.
    pub name: &'static str,
    /// One line for `help`.
    pub summary: &'static str,
    /// Where it can be run.
    pub scope: Scope,
    /// Its code.
    pub main: Main,
}

/// All programs, by name.
#[derive(Debug, Clone, Default)]
pub struct Table {
    programs: BTreeMap<&'static str, Program>,
}

impl Table {
    /// A table of these programs; of two with one name the later one stays.
    pub fn new(programs: impl IntoIterator<Item = Program>) -> Self {
        Self { programs: programs.into_iter().map(|p| (p.name, p)).collect() }
    }

    /// The program of this name.
    pub fn get(&self, name: &[u8]) -> Option<&Program> {
        self.programs.get(std::str::from_utf8(name).ok()?)
    }

    /// All of them, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Program> {
        self.programs.values()
    }
}
