//! What a shell waits for, and what it does when that has come.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::kernel::ByteString;
use crate::program::{Bound, Input, Size, Wait};
use crate::shell::array::Array;
use crate::shell::fields::{Fields, Split};
use crate::shell::live::*;
use crate::shell::parse::is_incomplete;
use crate::shell::state::{PIPE_STATUS, PIPEFAIL, Variable};

/// How much of a pipe is taken in a step.
const PIECE: usize = 4096;

impl Shell<'_, '_> {
    /// Goes on with what was waited for; what there still is to wait for.
    pub(super) fn resume(&mut self) -> Step<Option<Wait>> {
        let pending = std::mem::take(&mut self.vm.pending);
        let wait = match &pending {
            Pending::Nothing => return ControlFlow::Continue(None),
            Pending::Child(pid) if self.system.world.tasks.has_ended(*pid) => {
                self.state.status = self.reap(*pid);
                self.tell_killed();
                return ControlFlow::Continue(None);
            }
            Pending::Child(pid) => Wait::child(*pid),
            Pending::Pipeline(_) => return self.pipeline_ended(pending),
            Pending::Output { .. } => return self.gather(pending),
            Pending::Line { .. } => return self.read_on(pending),
            Pending::Lines { .. } => return self.lines_on(pending),
            Pending::Jobs { .. } => return self.wait_on(pending),
            Pending::Fifo(desc) => {
                if self.system.world.files.is_met(*desc) {
                    return ControlFlow::Continue(None);
                }
                Wait { met: Some(*desc), ..Wait::default() }
            }
            Pending::Source(_) => return self.source(pending),
            Pending::Prompt => {
                let at = self.system.world.tasks.readers.last() == Some(&self.system.current);
                if at && !self.system.world.tasks.lines.is_empty() {
                    let line = self.system.world.tasks.lines.remove(0);
                    self.vm.remember(&line);
                    self.vm.code = crate::shell::code::Code::default();
                    self.vm.pc = 0;
                    self.begin(Arc::new(line.into_vec()), Kind::Base);
                    return ControlFlow::Continue(None);
                }
                Wait { line: true, ..Wait::default() }
            }
        };
        self.vm.pending = pending;
        ControlFlow::Continue(Some(wait))
    }

    /// How a child ended.
    pub(super) fn reap(&mut self, pid: u32) -> u8 {
        self.system.world.tasks.reap(pid).unwrap_or(127)
    }

    fn pipeline_ended(&mut self, pending: Pending) -> Step<Option<Wait>> {
        let Pending::Pipeline(mut parts) = pending else { return ControlFlow::Continue(None) };
        for (pid, status) in &mut parts {
            if status.is_none() && self.system.world.tasks.has_ended(*pid) {
                *status = Some(self.reap(*pid));
            }
        }
        let open: Vec<u32> = parts.iter().filter(|(_, s)| s.is_none()).map(|(pid, _)| *pid).collect();
        if !open.is_empty() {
            self.vm.pending = Pending::Pipeline(parts);
            return ControlFlow::Continue(Some(Wait { ended: open, ..Wait::default() }));
        }
        let mut statuses = parts.iter().filter_map(|(_, status)| *status);
        self.state.status = if self.state.options.has(PIPEFAIL) {
            statuses.rev().find(|status| *status != 0).unwrap_or(0)
        } else {
            statuses.next_back().unwrap_or(0)
        };
        self.set_pipe_status(&parts);
        ControlFlow::Continue(None)
    }

    /// Sets Bash's array of how the last pipeline's commands ended.
    fn set_pipe_status(&mut self, parts: &[(u32, Option<u8>)]) {
        if !self.is_bash() {
            return;
        }
        let mut array = Array::default();
        for (at, (_, status)) in parts.iter().enumerate() {
            array.set(at.to_string().as_bytes(), status.unwrap_or_default().to_string().into());
        }
        let variable = Variable { array: Some(Arc::new(array)), ..Variable::default() };
        self.state.vars.insert(PIPE_STATUS.into(), variable);
    }

    /// Takes what the commands of `$(…)` write.
    fn gather(&mut self, pending: Pending) -> Step<Option<Wait>> {
        let Pending::Output { mut desc, pid, mut text, quoted } = pending else {
            return ControlFlow::Continue(None);
        };
        let most = self.system.world.bounds.len(Bound::Value);
        while let Some(from) = desc {
            if !self.system.world.files.is_readable(from) {
                self.vm.pending = Pending::Output { desc, pid, text, quoted };
                return ControlFlow::Continue(Some(Wait::readable(from)));
            }
            let piece = Input(from).read(self.system, 1 << 16).unwrap_or_default();
            let _ = self.system.limits.spend((piece.len() / PIECE) as u64);
            if piece.is_empty() || text.len() + piece.len() > most {
                self.system.world.files.release(self.system.kernel, from);
                desc = None;
                if !piece.is_empty() {
                    return self.over(Bound::Value, "a command substitution would hold more than");
                }
            }
            text.extend_from_slice(&piece);
        }
        if !self.system.world.tasks.has_ended(pid) {
            self.vm.pending = Pending::Output { desc, pid, text, quoted };
            return ControlFlow::Continue(Some(Wait::child(pid)));
        }
        self.state.status = self.reap(pid);
        let mut text = text.into_vec();
        let end = text.iter().rposition(|b| *b != b'\n').map_or(0, |at| at + 1);
        text.truncate(end);
        text.retain(|b| *b != 0);
        self.fields().expanded(&text, quoted);
        ControlFlow::Continue(None)
    }

    /// Takes a script from standard input and runs it: all of it, or what is typed, as soon as that is a whole command.
    fn source(&mut self, pending: Pending) -> Step<Option<Wait>> {
        let Pending::Source(mut text) = pending else { return ControlFlow::Continue(None) };
        let input = self.io.stdin();
        let most = self.system.world.bounds.len(Bound::Value);
        loop {
            if !self.system.world.files.is_readable(input.0) {
                self.vm.pending = Pending::Source(text);
                return ControlFlow::Continue(Some(Wait::readable(input.0)));
            }
            match input.read(self.system, 1 << 16) {
                Ok(piece) if piece.is_empty() => {
                    self.vm.reads = false;
                    break;
                }
                Ok(piece) if text.len() + piece.len() > most => {
                    return self.over(Bound::Value, "a script on standard input has more than");
                }
                Ok(piece) => {
                    text.extend_from_slice(&piece);
                    if self.system.world.files.is_terminal(input.0)
                        && !is_incomplete(&text, self.state.dialect)
                    {
                        break;
                    }
                }
                Err(error) => {
                    self.complain(format!("read error: {}", error.text()));
                    self.state.status = 2;
                    return ControlFlow::Break(Stop::Exit);
                }
            }
        }
        self.begin(Arc::new(text.into_vec()), Kind::Base);
        ControlFlow::Continue(None)
    }

    /// `wait`: until the commands have ended, or a signal comes that has a trap.
    fn wait_on(&mut self, pending: Pending) -> Step<Option<Wait>> {
        let Pending::Jobs { pids, all } = pending else { return ControlFlow::Continue(None) };
        self.look_after_jobs();
        let open: Vec<u32> = pids
            .iter()
            .filter(|pid| self.vm.jobs.iter().any(|job| job.pid == **pid && job.status.is_none()))
            .copied()
            .collect();
        if let Some(signal) = self.system.take_signal() {
            self.state.status = 128 + signal;
            if let Some(action) = self.state.traps.get(&signal).filter(|action| !action.is_empty()) {
                let text = Arc::new(action.to_vec());
                self.begin(text, Kind::Trap(128 + signal));
            }
            return ControlFlow::Continue(None);
        }
        if !open.is_empty() {
            self.vm.pending = Pending::Jobs { pids, all };
            return ControlFlow::Continue(Some(Wait { ended: open, signal: true, ..Wait::default() }));
        }
        let last = pids.last().and_then(|pid| self.vm.jobs.iter().find(|job| job.pid == *pid));
        self.state.status = if all { 0 } else { last.and_then(|job| job.status).unwrap_or(127) };
        self.vm.jobs.retain(|job| !pids.contains(&job.pid));
        if !all {
            self.tell_killed();
        }
        ControlFlow::Continue(None)
    }

    /// Asks how commands in the background ended.
    pub(in crate::shell) fn look_after_jobs(&mut self) {
        for job in &mut self.vm.jobs {
            if job.status.is_none() && self.system.world.tasks.has_ended(job.pid) {
                job.status = Some(self.system.world.tasks.reap(job.pid).unwrap_or(0));
            }
        }
    }

    /// Gives up what was waited for.
    pub(super) fn drop_pending(&mut self) {
        if let Pending::Output { desc: Some(desc), .. } = std::mem::take(&mut self.vm.pending) {
            self.system.world.files.release(self.system.kernel, desc);
        }
    }

    /// Something would hold too much: the line ends, and says so.
    pub(in crate::shell) fn over<T>(&mut self, bound: Bound, what: &str) -> Step<T> {
        let most = self.system.world.bounds.get(bound);
        let most =
            if bound.unit() == "bytes" { Size(most).to_string() } else { format!("{most} {}", bound.unit()) };
        self.io.stderr().write(self.system, format!("Layerlab: stopped: {what} {most}\n"));
        self.system.reached(bound);
        self.state.status = 2;
        ControlFlow::Break(Stop::Abort)
    }

    /// `read`: takes a line and splits it at `IFS`; the last name takes the rest.
    fn read_on(&mut self, pending: Pending) -> Step<Option<Wait>> {
        let Pending::Line { args, names, is_array, raw, mut line, until } = pending else {
            return ControlFlow::Continue(None);
        };
        let input = self.io.stdin();
        let ended = loop {
            if !self.system.world.files.is_readable(input.0) {
                if until.is_some_and(|at| at <= self.system.now()) {
                    self.state.status = 142;
                    return ControlFlow::Continue(None);
                }
                self.vm.pending = Pending::Line { args, names, is_array, raw, line, until };
                let wait = Wait { until, ..Wait::readable(input.0) };
                return ControlFlow::Continue(Some(wait));
            }
            if line.len() > self.system.world.bounds.len(Bound::Line) {
                return self.over(Bound::Line, "read met a line of more than");
            }
            let piece = match self.system.world.files.read_line(self.system.kernel, input.0, PIECE) {
                Ok(piece) => piece,
                Err(error) => {
                    self.state.status = 1;
                    let _ = self.mistake(&args, format!("read error: {}", error.text()), 1);
                    return ControlFlow::Continue(None);
                }
            };
            if piece.is_empty() {
                break false;
            }
            if piece.len() == PIECE && !self.system.limits.spend(1) {
                return ControlFlow::Break(Stop::Spent);
            }
            let escaped = |line: &[(u8, bool)]| matches!(line.last(), Some((b'\\', false)));
            let mut done = false;
            for byte in piece {
                match byte {
                    _ if !raw && escaped(&line) => {
                        line.pop();
                        if byte != b'\n' {
                            line.push((byte, true));
                        }
                    }
                    b'\n' => done = true,
                    byte => line.push((byte, false)),
                }
            }
            if done {
                break true;
            }
        };
        if !raw && matches!(line.last(), Some((b'\\', false))) {
            line.pop();
        }
        let ifs = self.state.ifs();
        let separates = |(byte, quoted): &(u8, bool)| !quoted && ifs.contains(byte);
        let mut at = 0;
        if is_array {
            let mut fields = Fields::new(ifs.clone(), Split::Yes);
            for part in line.chunk_by(|a, b| a.1 == b.1) {
                let text: Vec<u8> = part.iter().map(|(byte, _)| *byte).collect();
                fields.expanded(&text, part[0].1);
            }
            let words = fields
                .finish()
                .into_iter()
                .map(|word| word.into_iter().map(|(byte, _)| byte).collect::<ByteString>());
            self.assign_list(&names[0], words.map(|word| (None, word)).collect(), false)?;
            self.state.status = u8::from(!ended);
            return ControlFlow::Continue(None);
        }
        let last = names.len() - 1;
        for (number, name) in names.iter().enumerate() {
            let blank = |item: &(u8, bool)| separates(item) && item.0.is_ascii_whitespace();
            at += line[at..].iter().take_while(|item| blank(item)).count();
            let end = if number == last {
                line.iter().rposition(|item| !blank(item)).map_or(at, |end| (end + 1).max(at))
            } else {
                at + line[at..].iter().position(separates).unwrap_or(line.len() - at)
            };
            let value: ByteString = line[at..end].iter().map(|(byte, _)| *byte).collect();
            self.assign(name, value)?;
            at = if number == last { line.len() } else { (end + 1).min(line.len()) };
        }
        self.state.status = u8::from(!ended);
        ControlFlow::Continue(None)
    }

    /// `mapfile`: takes the input to its end; each line becomes an element.
    fn lines_on(&mut self, pending: Pending) -> Step<Option<Wait>> {
        let Pending::Lines { args, name, strip, mut text } = pending else {
            return ControlFlow::Continue(None);
        };
        let most = self.system.world.bounds.len(Bound::Value);
        let input = self.io.stdin();
        loop {
            if !self.system.world.files.is_readable(input.0) {
                self.vm.pending = Pending::Lines { args, name, strip, text };
                return ControlFlow::Continue(Some(Wait::readable(input.0)));
            }
            match input.read(self.system, 1 << 16) {
                Ok(piece) if piece.is_empty() => break,
                Ok(piece) if text.len() + piece.len() > most => {
                    return self.over(Bound::Value, "a variable would hold more than");
                }
                Ok(piece) => text.extend_from_slice(&piece),
                Err(error) => {
                    self.state.status = 1;
                    let _ = self.mistake(&args, format!("read error: {}", error.text()), 1);
                    return ControlFlow::Continue(None);
                }
            }
        }
        let lines = text.split_inclusive(|b| *b == b'\n').map(|line| {
            let line = if strip { line.strip_suffix(b"\n").unwrap_or(line) } else { line };
            (None, line.into())
        });
        let lines = lines.collect();
        self.state.status = 0;
        self.assign_list(&name, lines, false)?;
        ControlFlow::Continue(None)
    }
}
