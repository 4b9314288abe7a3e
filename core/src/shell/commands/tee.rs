//! `tee`: copies its input to its output and to files.

use super::common::args::{Order, Usage, flag, parse};
use super::common::run::Run;
use super::common::stream::{Sink, Stream};
use crate::kernel::OpenFlags;
use crate::program::{Desc, Flow, Output, Process, Program, Scope, System};
use crate::shell::io;
use serde::{Deserialize, Serialize};

pub(super) const PROGRAM: Program = Program {
    name: "tee",
    summary: "copy input to output and to files",
    scope: Scope::Everywhere,
    main: tee,
};

const TEE_USAGE: Usage = Usage {
    synopsis: "[OPTION]... [FILE]...",
    about: "Copy standard input to each FILE, and also to standard output.",
    flags: &[flag('a', "append", "append to the files"), flag('i', "ignore-interrupts", "")],
    status: 1,
};

fn tee(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &TEE_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let how = if parsed.has('a') { OpenFlags::APPEND } else { OpenFlags::TRUNC };
    let mut copies = Vec::new();
    let flags = OpenFlags::WRONLY | OpenFlags::CREAT | how;
    for file in &parsed.operands {
        match io::open_desc(run.system, &run.process.task, file, flags, |_| None) {
            Ok(desc) => copies.push(desc),
            Err(error) => run.warn_bare(file, error),
        }
    }
    let status = run.status;
    system.goes_on(Stream::new(vec!["-".into()], status, Tee { copies }), None)
}

/// A `tee` that goes on, with its copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tee {
    copies: Vec<Desc>,
}

impl Sink for Tee {
    const NAME: &'static str = "tee";

    fn piece(&mut self, run: &mut Run<'_, '_>, piece: &[u8]) -> usize {
        run.print(piece);
        for desc in &self.copies {
            Output(*desc).write(run.system, piece);
        }
        piece.len()
    }

    fn end(&mut self, run: &mut Run<'_, '_>) {
        for desc in std::mem::take(&mut self.copies) {
            run.system.world.files.release(run.system.kernel, desc);
        }
    }
}
