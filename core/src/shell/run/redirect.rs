//! Redirections: descriptors lead elsewhere while a command runs.

use std::ops::ControlFlow;

use crate::kernel::{Errno, FileType, OpenFlags};
use crate::program::{Input, Output};
use crate::shell::ast::*;
use crate::shell::io::{self, Handle, Io};
use crate::shell::live::{Shell, Step};

impl Shell<'_, '_> {
    /// Runs work with redirections, and takes them back. Where one fails, the work is not done and the status says so.
    pub(super) fn redirected(
        &mut self,
        redirects: &[Redirect],
        work: impl FnOnce(&mut Self) -> Step,
    ) -> Step {
        if redirects.is_empty() {
            return work(self);
        }
        let before = self.io.clone();
        let mut opened = Vec::new();
        let result = match self.redirect_all(redirects, &mut opened) {
            ControlFlow::Continue(true) => work(self),
            ControlFlow::Continue(false) => ControlFlow::Continue(()),
            ControlFlow::Break(stop) => ControlFlow::Break(stop),
        };
        self.io = before;
        for handle in &opened {
            io::close(self.system, handle);
        }
        result
    }

    /// Redirects this shell itself, for good: `exec` without a command.
    pub(in crate::shell) fn redirect_self(&mut self, redirects: &[Redirect]) -> Step {
        let mut opened = Vec::new();
        self.redirect_all(redirects, &mut opened)?;
        for redirect in redirects {
            let fds: &[u32] =
                if matches!(redirect.kind, RedirectKind::Both { .. }) { &[1, 2] } else { &[redirect.fd] };
            for fd in fds {
                match self.io.handle(*fd) {
                    Some(handle) => {
                        self.state.handles.insert(*fd, handle);
                    }
                    None => {
                        self.state.handles.remove(fd);
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Makes all redirections, in order; `false` where one failed and was reported.
    fn redirect_all(&mut self, redirects: &[Redirect], opened: &mut Vec<Handle>) -> Step<bool> {
        for redirect in redirects {
            if !self.redirect(redirect, opened)? {
                return ControlFlow::Continue(false);
            }
        }
        ControlFlow::Continue(true)
    }

    fn redirect(&mut self, redirect: &Redirect, opened: &mut Vec<Handle>) -> Step<bool> {
        let create = OpenFlags::WRONLY | OpenFlags::CREAT;
        match &redirect.kind {
            RedirectKind::Read(word) => self.open(word, OpenFlags::RDONLY, &[redirect.fd], opened),
            RedirectKind::Write(word) if self.state.options.has('C') => {
                self.open(word, create | OpenFlags::EXCL, &[redirect.fd], opened)
            }
            RedirectKind::Write(word) | RedirectKind::Clobber(word) => {
                self.open(word, create | OpenFlags::TRUNC, &[redirect.fd], opened)
            }
            RedirectKind::Append(word) => self.open(word, create | OpenFlags::APPEND, &[redirect.fd], opened),
            RedirectKind::ReadWrite(word) => {
                self.open(word, OpenFlags::RDWR | OpenFlags::CREAT, &[redirect.fd], opened)
            }
            RedirectKind::Both { word, append } => {
                let how = if *append { OpenFlags::APPEND } else { OpenFlags::TRUNC };
                self.open(word, create | how, &[1, 2], opened)
            }
            RedirectKind::Here(word) => {
                let text = self.expand_one(word)?;
                self.give(redirect.fd, text.into_vec(), opened)
            }
            RedirectKind::HereString(word) => {
                let mut text = self.expand_one(word)?.into_vec();
                text.push(b'\n');
                self.give(redirect.fd, text, opened)
            }
            RedirectKind::Duplicate(word) => {
                let target = self.expand_one(word)?;
                self.duplicate(redirect.fd, &target)
            }
        }
    }

    fn give(&mut self, fd: u32, text: Vec<u8>, opened: &mut Vec<Handle>) -> Step<bool> {
        let desc = self.system.world.files.bytes(text);
        let handle = Handle { input: Some(Input(desc)), owned: Some(desc), ..Handle::default() };
        self.io.set(fd, handle);
        opened.push(handle);
        ControlFlow::Continue(true)
    }

    fn duplicate(&mut self, fd: u32, target: &[u8]) -> Step<bool> {
        if target == b"-" {
            if fd < 3 {
                self.io.set(
                    fd,
                    Handle { input: Some(Input::EMPTY), output: Some(Output::NULL), ..Handle::default() },
                );
            } else if let Some(handle) = self.io.more.remove(&fd)
                && self.state.handles.remove(&fd).is_some()
            {
                io::close(self.system, &handle);
            }
            return ControlFlow::Continue(true);
        }
        let number = std::str::from_utf8(target).ok().and_then(|text| text.parse::<u32>().ok());
        match number.and_then(|number| self.io.handle(number)) {
            Some(handle) => {
                let terminal = self.io.terminal;
                self.io.set(fd, Handle { owned: None, ..handle });
                if fd != 0 && self.io.stdout.is_terminal() {
                    self.io.terminal = terminal;
                }
                ControlFlow::Continue(true)
            }
            None => {
                self.complain([target, b": ", Errno::EBADF.text().as_bytes()].concat());
                self.state.status = 1;
                ControlFlow::Continue(false)
            }
        }
    }

    fn open(&mut self, word: &Word, flags: OpenFlags, fds: &[u32], opened: &mut Vec<Handle>) -> Step<bool> {
        let file = self.expand_one(word)?;
        let mut flags = flags;
        if flags.contains(OpenFlags::EXCL)
            && self.system.kernel.stat(&self.state.task, &file).is_ok_and(|stat| stat.kind != FileType::File)
        {
            // `set -C` guards files, not devices.
            flags.remove(OpenFlags::EXCL);
        }
        let io: &Io = &self.io;
        let result = io::open(self.system, &self.state.task, &file, flags, |fd| io.handle(fd));
        match result {
            Ok(handle) => {
                for fd in fds {
                    self.io.set(*fd, handle);
                }
                opened.push(handle);
                ControlFlow::Continue(true)
            }
            Err(error) => {
                self.cannot_open(&file, flags.contains(OpenFlags::CREAT), error);
                ControlFlow::Continue(false)
            }
        }
    }
}
