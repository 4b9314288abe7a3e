//! A `sed` script at work on lines.

use super::script::{Action, Address, Command, Piece};
use crate::shell::commands::common::regex::Regex;
use crate::shell::commands::common::run::Run;

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Line,
    /// The pattern space is dropped.
    Deleted,
    /// `q` (print first) or `Q`.
    Quit {
        print: bool,
    },
}

/// A script with what it keeps between lines.
pub(super) struct Editor<'c> {
    commands: &'c [Command],
    quiet: bool,
    /// Which ranges are open, by the command's place, with the line where `+n` ends.
    open: std::collections::BTreeMap<*const Command, Option<u64>>,
    hold: Vec<u8>,
    status: Option<u8>,
}

struct Stream<'d> {
    lines: Vec<&'d [u8]>,
    next: usize,
    out: Vec<u8>,
    /// What `a` adds after the line.
    later: Vec<u8>,
    pattern: Vec<u8>,
}

impl<'c> Editor<'c> {
    pub(super) fn new(commands: &'c [Command], quiet: bool) -> Self {
        Self { commands, quiet, open: std::collections::BTreeMap::new(), hold: Vec::new(), status: None }
    }

    /// The status that `q` gave.
    pub(super) fn status(&self) -> Option<u8> {
        self.status
    }

    /// Edits a text.
    pub(super) fn edit(&mut self, run: &mut Run<'_, '_>, data: &[u8]) -> Vec<u8> {
        let open_end = !data.is_empty() && !data.ends_with(b"\n");
        let mut stream = Stream {
            lines: super::super::common::lines::split(data),
            next: 0,
            out: Vec::new(),
            later: Vec::new(),
            pattern: Vec::new(),
        };
        while let Some(line) = stream.lines.get(stream.next) {
            if !run.step() {
                break;
            }
            stream.pattern = line.to_vec();
            stream.next += 1;
            let next = self.run(run, self.commands, &mut stream);
            if !self.quiet && matches!(next, Next::Line | Next::Quit { print: true }) {
                stream.print();
            }
            let later = std::mem::take(&mut stream.later);
            stream.out.extend(later);
            if matches!(next, Next::Quit { .. }) {
                return stream.out;
            }
        }
        if open_end && stream.out.ends_with(b"\n") {
            stream.out.pop();
        }
        stream.out
    }

    fn run(&mut self, run: &mut Run<'_, '_>, commands: &'c [Command], stream: &mut Stream<'_>) -> Next {
        for command in commands {
            if !run.step() {
                return Next::Quit { print: false };
            }
            if self.selects(command, stream) == command.negated {
                continue;
            }
            match self.act(run, command, stream) {
                Next::Line => {}
                next => return next,
            }
        }
        Next::Line
    }

    fn selects(&mut self, command: &Command, stream: &Stream<'_>) -> bool {
        let line = stream.next as u64;
        let Some(from) = &command.from else { return true };
        let Some(to) = &command.to else { return holds(from, stream) };
        let key: *const Command = command;
        if let Some(end) = self.open.get(&key).copied() {
            let last = match (to, end) {
                (Address::Line(number), _) => *number <= line,
                (_, Some(end)) => end <= line,
                (to, None) => holds(to, stream),
            };
            if last {
                self.open.remove(&key);
            }
            // A range whose end has passed when it is looked at again holds no longer.
            return !matches!(to, Address::Line(number) if *number < line);
        }
        // Line 0 as a start lets the end match on the first line.
        if !holds(from, stream) && !matches!(from, Address::Line(0) if line == 1) {
            return false;
        }
        let end = if let Address::More(more) = to { Some(line.saturating_add(*more)) } else { None };
        let single = match to {
            Address::Line(number) => *number <= line,
            Address::More(0) => true,
            Address::Last => line == stream.lines.len() as u64,
            to if matches!(from, Address::Line(0)) => holds(to, stream),
            _ => false,
        };
        if !single {
            self.open.insert(key, end);
        }
        true
    }

    fn act(&mut self, run: &mut Run<'_, '_>, command: &'c Command, stream: &mut Stream<'_>) -> Next {
        match &command.action {
            Action::Block(commands) => return self.run(run, commands, stream),
            Action::Substitute { regex, with, nth, all, print } => {
                if let Some(text) = substitute(&stream.pattern, regex, with, *nth, *all) {
                    stream.pattern = text;
                    if *print {
                        stream.print();
                    }
                }
            }
            Action::Translate(pairs) => {
                for byte in &mut stream.pattern {
                    if let Some((_, to)) = pairs.iter().find(|(from, _)| from == byte) {
                        *byte = *to;
                    }
                }
            }
            Action::Text(b'a', text) => stream.later.extend_from_slice(text),
            Action::Text(b'i', text) => stream.out.extend_from_slice(text),
            Action::Text(_, text) => {
                if command.to.is_none() || !self.open.contains_key(&std::ptr::from_ref(command)) {
                    stream.out.extend_from_slice(text);
                }
                return Next::Deleted;
            }
            Action::Quit(letter, status) => {
                self.status = Some(*status);
                return Next::Quit { print: *letter == b'q' };
            }
            Action::Simple(letter) => return self.simple(*letter, stream),
        }
        Next::Line
    }

    fn simple(&mut self, letter: u8, stream: &mut Stream<'_>) -> Next {
        match letter {
            b'd' | b'D' => return Next::Deleted,
            b'p' => stream.print(),
            b'P' => {
                let end = stream.pattern.iter().position(|b| *b == b'\n').unwrap_or(stream.pattern.len());
                stream.out.extend_from_slice(&stream.pattern[..end]);
                stream.out.push(b'\n');
            }
            b'=' => stream.out.extend(format!("{}\n", stream.next).into_bytes()),
            b'h' => self.hold.clone_from(&stream.pattern),
            b'H' => {
                self.hold.push(b'\n');
                self.hold.extend_from_slice(&stream.pattern);
            }
            b'g' => stream.pattern.clone_from(&self.hold),
            b'G' => {
                stream.pattern.push(b'\n');
                stream.pattern.extend_from_slice(&self.hold);
            }
            b'x' => std::mem::swap(&mut stream.pattern, &mut self.hold),
            _ => {
                let Some(line) = stream.lines.get(stream.next).copied() else {
                    return Next::Quit { print: true };
                };
                if letter == b'n' {
                    if !self.quiet {
                        stream.print();
                    }
                    stream.pattern.clear();
                } else {
                    stream.pattern.push(b'\n');
                }
                stream.pattern.extend_from_slice(line);
                stream.next += 1;
            }
        }
        Next::Line
    }
}

impl Stream<'_> {
    fn print(&mut self) {
        self.out.extend_from_slice(&self.pattern);
        self.out.push(b'\n');
    }
}

fn holds(address: &Address, stream: &Stream<'_>) -> bool {
    let line = stream.next as u64;
    match address {
        Address::Line(number) => *number == line,
        Address::Last => stream.next == stream.lines.len(),
        Address::Match(regex) => regex.is_match(&stream.pattern),
        Address::Step(first, 0) => *first == line,
        Address::Step(first, step) => line >= *first && (line - first).is_multiple_of(*step),
        Address::More(_) => false,
    }
}

/// The text with its n-th match, or all from the n-th on, replaced; `None` without one.
fn substitute(text: &[u8], regex: &Regex, with: &[Piece], nth: usize, all: bool) -> Option<Vec<u8>> {
    let found = regex.all(text);
    let chosen = found.iter().enumerate().filter(|(at, _)| *at + 1 == nth || all && *at + 1 > nth);
    let mut out = Vec::with_capacity(text.len());
    let mut last = 0;
    let mut changed = false;
    for (_, groups) in chosen {
        let Some((start, end)) = groups[0] else { continue };
        changed = true;
        out.extend_from_slice(&text[last..start]);
        for piece in with {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text),
                Piece::Group(number) => {
                    if let Some((start, end)) = groups.get(*number).copied().flatten() {
                        out.extend_from_slice(&text[start..end]);
                    }
                }
            }
        }
        last = end;
    }
    out.extend_from_slice(&text[last..]);
    changed.then_some(out)
}
