//! What a session was told, with the machine as each thing left it: a tree, since going back and typing begins a branch.

use super::Reply;
use super::journal::{Journal, JournalEntry, What};
use super::machine::Machine;
use crate::kernel::ByteString;

/// An entry and what it left behind.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) entry: JournalEntry,
    /// Ticks from the start to here, itself included.
    depth: usize,
    /// How it ended; of an entry that has not run here yet, nothing.
    pub(super) reply: Option<Reply>,
    /// The machine after it, where it ended a tick and can be forked.
    pub(super) after: Option<Machine>,
}

/// All entries, by number; 0 is the start.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// Where the session stands.
    pub(super) at: usize,
    /// The end of the branch that it is on.
    pub(super) tip: usize,
}

impl Tree {
    /// A tree of entries that have not run yet, at its start.
    pub(super) fn of(journal: &Journal) -> Self {
        let mut tree = Self::default();
        for (before, entry) in journal.entries.iter().enumerate() {
            let parent = entry.parent.unwrap_or(before);
            tree.add(parent, entry.clone());
        }
        tree.tip = journal.tip;
        tree
    }

    /// Adds an entry behind another one.
    pub(super) fn add(&mut self, parent: usize, entry: JournalEntry) -> usize {
        let depth = self.depth(parent) + usize::from(!entry.what.is_within_a_line());
        self.nodes.push(Node {
            entry: JournalEntry { parent: Some(parent), ..entry },
            depth,
            reply: None,
            after: None,
        });
        self.nodes.len()
    }

    /// The entry with this number; none for the start.
    pub(super) fn get(&self, number: usize) -> Option<&Node> {
        self.nodes.get(number.checked_sub(1)?)
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, number: usize) -> Option<&mut Node> {
        self.nodes.get_mut(number.checked_sub(1)?)
    }

    /// How many ticks lead to an entry.
    pub(super) fn depth(&self, number: usize) -> usize {
        self.get(number).map_or(0, |node| node.depth)
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn parent(&self, number: usize) -> usize {
        self.get(number).and_then(|node| node.entry.parent).unwrap_or(0)
    }

    /// The numbers from the start to an entry.
    pub(super) fn path(&self, number: usize) -> Vec<usize> {
        let mut path = Vec::new();
        let mut at = number;
        while at > 0 {
            path.push(at);
            at = self.parent(at);
        }
        path.reverse();
        path
    }

    /// Whether the branch in view leads over an entry.
    pub(super) fn leads_over(&self, number: usize) -> bool {
        // A parent has a smaller number.
        let mut at = self.tip;
        while at > number {
            at = self.parent(at);
        }
        at == number
    }

    /// The numbers from an entry to one behind it.
    pub(super) fn between(&self, first: usize, last: usize) -> Vec<usize> {
        let mut path = Vec::new();
        let mut at = last;
        while at > 0 && at >= first {
            path.push(at);
            at = self.parent(at);
        }
        path.reverse();
        path
    }

    /// The entry that ends this tick of the branch in view.
    pub(super) fn tick(&self, tick: usize) -> Option<usize> {
        if tick == 0 {
            return Some(0);
        }
        let mut at = self.tip;
        while at > 0 && self.depth(at) > tick {
            at = self.parent(at);
        }
        (self.depth(at) == tick && at > 0).then_some(at)
    }

    /// The entry that ends the tick that an entry belongs to: behind a line comes what was typed while it ran.
    pub(super) fn end_of_tick(&self, number: usize) -> usize {
        let mut end = number;
        for (index, node) in self.nodes.iter().enumerate().skip(number) {
            if node.entry.parent == Some(end) && node.entry.what.is_within_a_line() {
                end = index + 1;
            }
        }
        end
    }

    /// Stands at an entry. One that is not on the branch in view brings its own: the newest that leads on from it.
    pub(super) fn stand_at(&mut self, number: usize) {
        self.at = number;
        if self.leads_over(number) {
            return;
        }
        let mut newest = vec![0; self.nodes.len() + 1];
        for (index, node) in self.nodes.iter().enumerate() {
            newest[node.entry.parent.unwrap_or(0)] = index + 1;
        }
        self.tip = number;
        while newest[self.tip] > 0 {
            self.tip = newest[self.tip];
        }
    }

    /// What was recorded, in order of the numbers.
    pub(super) fn entries(&self) -> impl Iterator<Item = &JournalEntry> {
        self.nodes.iter().map(|node| &node.entry)
    }

    /// The branches, for a picture of them.
    pub(super) fn steps(&self) -> Vec<super::protocol::BranchNode> {
        let steps = self.nodes.iter().enumerate().map(|(index, node)| super::protocol::BranchNode {
            node: index + 1,
            parent: node.entry.parent.unwrap_or(0),
            tick: node.depth,
            what: node.entry.what.clone(),
            status: match (&node.reply, &node.entry.said) {
                (Some(reply), _) => Some(reply.status),
                (None, Some(said)) => Some(said.status),
                (None, None) => None,
            },
        });
        // What an editor wrote can be large, and is not what a picture shows.
        steps
            .map(|mut step| {
                if let What::Edit(_, content) = &mut step.what {
                    *content = ByteString::new();
                }
                step
            })
            .collect()
    }
}
