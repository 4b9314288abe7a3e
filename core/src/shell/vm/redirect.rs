//! Redirections: descriptors lead elsewhere while a command runs.

use std::ops::ControlFlow;

use crate::kernel::{ByteString, Errno, FileType, OpenFlags};
use crate::program::{Desc, Terminal};
use crate::shell::code::{How, Op};
use crate::shell::io;
use crate::shell::live::*;

impl Shell<'_, '_> {
    pub(super) fn redirect_op(&mut self, op: &Op) -> Step {
        match op {
            Op::Redirects => {
                // `exec` without a command redirects the shell itself, for good.
                let keep = matches!(
                    self.vm.stack.last(),
                    Some(Operand::Command(Simple { args, .. })) if args.len() == 1 && args[0] == "exec"
                );
                let terminal = self.io.terminal;
                self.vm.frames.push(Frame::Redirects { saved: Vec::new(), terminal, keep });
            }
            Op::Open { fd, how, fail } => {
                let file = self.pop_text();
                if !self.open(*fd, *how, &file)? {
                    self.vm.pc = *fail;
                }
            }
            Op::Here { fd, newline } => {
                let mut text = self.pop_text();
                if *newline {
                    text.push(b'\n');
                }
                let desc = self.system.world.files.bytes(text);
                self.lead(*fd, Some(desc));
            }
            Op::Duplicate { fd, fail } => {
                let target = self.pop_text();
                if !self.duplicate(*fd, &target) {
                    self.vm.pc = *fail;
                }
            }
            _ => {
                // What was begun inside the redirections is over.
                while !matches!(self.vm.frames.last(), None | Some(Frame::Redirects { .. })) {
                    self.pop_frame();
                }
                let status = self.state.status;
                self.pop_frame();
                self.state.status = status;
            }
        }
        ControlFlow::Continue(())
    }

    /// Lets a descriptor lead elsewhere, and remembers what it led to.
    fn lead(&mut self, fd: u32, desc: Option<Desc>) {
        let old = match desc {
            Some(desc) => self.io.fds.insert(fd, desc),
            None => self.io.fds.remove(&fd),
        };
        if fd == 0 || fd == 1 && !desc.is_some_and(is_terminal) {
            self.io.terminal = Terminal::No;
        }
        match self.vm.frames.last_mut() {
            Some(Frame::Redirects { saved, .. }) if !saved.iter().any(|(known, _)| *known == fd) => {
                saved.push((fd, old));
            }
            _ => {
                if let Some(old) = old {
                    self.system.world.files.release(self.system.kernel, old);
                }
            }
        }
    }

    /// Takes redirections back, or lets go of what they hid.
    pub(super) fn undo(&mut self, saved: Vec<(u32, Option<Desc>)>, terminal: Terminal, keep: bool) {
        for (fd, old) in saved {
            if keep {
                if let Some(old) = old {
                    self.system.world.files.release(self.system.kernel, old);
                }
            } else {
                self.io.put(self.system, fd, old);
            }
        }
        if !keep {
            self.io.terminal = terminal;
        }
    }

    fn duplicate(&mut self, fd: u32, target: &[u8]) -> bool {
        if target == b"-" {
            self.lead(fd, if fd < 3 { Some(Desc::NULL) } else { None });
            return true;
        }
        let number = std::str::from_utf8(target).ok().and_then(|text| text.parse::<u32>().ok());
        match number.and_then(|number| self.io.fds.get(&number).copied()) {
            Some(desc) => {
                let terminal = self.io.terminal;
                self.system.world.files.retain(desc);
                self.lead(fd, Some(desc));
                if fd != 0 && is_terminal(self.io.desc(1)) {
                    self.io.terminal = terminal;
                }
                true
            }
            None => {
                self.complain([target, b": ", Errno::EBADF.text().as_bytes()].concat());
                self.state.status = 1;
                false
            }
        }
    }

    fn open(&mut self, fd: u32, how: How, file: &ByteString) -> Step<bool> {
        self.look(file);
        let create = OpenFlags::WRONLY | OpenFlags::CREAT;
        let mut flags = match how {
            How::Read => OpenFlags::RDONLY,
            How::Write if self.state.options.has('C') => create | OpenFlags::EXCL,
            How::Write | How::Clobber | How::Both => create | OpenFlags::TRUNC,
            How::Append | How::BothAppend => create | OpenFlags::APPEND,
            How::ReadWrite => OpenFlags::RDWR | OpenFlags::CREAT,
        };
        if flags.contains(OpenFlags::EXCL)
            && self.system.kernel.stat(&self.state.task, file).is_ok_and(|stat| stat.kind != FileType::File)
        {
            // `set -C` guards files, not devices.
            flags.remove(OpenFlags::EXCL);
        }
        let fds = self.io.fds.clone();
        match io::open_desc(self.system, &self.state.task, file, flags, |fd| fds.get(&fd).copied()) {
            Ok(desc) => {
                self.lead(fd, Some(desc));
                if matches!(how, How::Both | How::BothAppend) {
                    self.system.world.files.retain(desc);
                    self.lead(2, Some(desc));
                }
                if !self.system.world.files.is_met(desc) && self.system.world.files.is_fifo(desc) {
                    self.vm.pending = Pending::Fifo(desc);
                    return ControlFlow::Break(Stop::Begun);
                }
                ControlFlow::Continue(true)
            }
            Err(error) => {
                self.cannot_open(file, flags.contains(OpenFlags::CREAT), error);
                ControlFlow::Continue(false)
            }
        }
    }
}

fn is_terminal(desc: Desc) -> bool {
    matches!(desc, Desc::TERMINAL | Desc::TERMINAL_ERR)
}
