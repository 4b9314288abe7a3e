//! A line while it runs: turn by turn, so that what a person does meanwhile is heard.

use std::sync::Arc;

use super::changes::{self, Snapshot};
use super::journal::{Said, TEXT_MAX};
use super::machine::{Machine, Turn};
use super::{Event, Events, Reply};
use crate::help::{Help, Topic};
use crate::kernel::ByteString;
use crate::oci::{Digest, Hasher};
use crate::program::{Stream, Table};

/// Steps of one turn: a few milliseconds at most. What is heard while a line runs is journalled by its turn, so this number
/// belongs to the journal's format.
const QUANTUM: u64 = 256;
/// Digits of an output's digest that are kept.
const DIGITS: usize = 16;

/// A line that runs.
#[derive(Debug)]
pub(super) struct Work {
    before: Snapshot,
    /// Of each stream: in which pieces it came makes no difference.
    hashes: [Hasher; 2],
    text: Vec<u8>,
    /// Turns since the line began.
    pub(super) turns: u64,
    /// Tenths of a second that passed since the line began, or since something was heard.
    pub(super) passed: u16,
    /// Its entry, and the last one that belongs to it.
    pub(super) node: usize,
    pub(super) last: usize,
}

impl Work {
    /// Begins a line.
    pub(super) fn begin(machine: &mut Machine, table: &Table, line: &[u8], node: usize) -> Self {
        let before = machine.snapshot();
        // What was copied up until now is not this line's.
        machine.backend.take_copy_ups();
        machine.world.build_steps = Arc::default();
        machine.begin(table, line);
        Self {
            before,
            hashes: [Hasher::new(), Hasher::new()],
            text: Vec::new(),
            turns: 0,
            passed: 0,
            node,
            last: node,
        }
    }

    /// Goes on for one turn, and passes on what was written in it.
    pub(super) fn turn(&mut self, machine: &mut Machine, table: &Table, events: &mut Events<'_>) -> Turn {
        let turn = machine.step(table, QUANTUM);
        self.turns += 1;
        for (stream, data) in machine.drain() {
            self.hashes[usize::from(stream == Stream::Stderr)].update(&data);
            let room = (TEXT_MAX + 1).saturating_sub(self.text.len());
            self.text.extend_from_slice(&data[..data.len().min(room)]);
            events(Event::Output { stream, data: data.into() });
        }
        if !machine.world.build_steps.is_empty() {
            for step in std::mem::take(&mut machine.world.build_steps).iter() {
                events(Event::Building { step: step.clone() });
            }
        }
        for layer in machine.backend.take_direct() {
            machine.world.help.add(Help::new(Topic::LayerChangedDirectly, &[&layer.to_text()]));
        }
        for help in machine.world.help.take() {
            events(Event::Help { help });
        }
        turn
    }

    /// What the line came to, and what of it is recorded.
    pub(super) fn end(self, machine: &mut Machine, status: u8) -> (Reply, Said) {
        let copied = machine.backend.take_copy_ups();
        let after = machine.snapshot();
        let changes = self.before.changes(&after, copied.as_ref());
        let copied_up = copied.map_or_else(|| changes::cost(&changes), |copied| copied.cost);
        let [out, err] = self.hashes.map(|hash| hash.finish().to_string());
        let mut digest = Digest::of(format!("{out} {err}").as_bytes()).hex();
        digest.truncate(DIGITS);
        let text =
            (self.text.len() <= TEXT_MAX && !self.text.is_empty()).then(|| ByteString::from(self.text));
        let reply = Reply { status, prompt: machine.prompt(), changes, copied_up, ..Reply::default() };
        (reply, Said { status, digest, text })
    }
}
