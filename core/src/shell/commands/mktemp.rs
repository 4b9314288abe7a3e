//! `mktemp`: makes a file or directory with a new name.

use super::common::args::{Order, Usage, flag, parse, valued};
use super::common::run::Run;
use crate::kernel::{ByteString, Errno, OpenFlags, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program = Program {
    name: "mktemp",
    summary: "make a file or directory with a new name",
    scope: Scope::Everywhere,
    main: mktemp,
};

const MKTEMP_USAGE: Usage = Usage {
    synopsis: "[OPTION]... [TEMPLATE]",
    about: "Create a temporary file or directory, safely, and print its name.",
    flags: &[
        flag('d', "directory", "a directory"),
        flag('u', "dry-run", ""),
        flag('q', "quiet", ""),
        valued('p', "tmpdir", "in this directory"),
        flag('t', "", ""),
    ],
    status: 1,
};

fn mktemp(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &MKTEMP_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let template = parsed.operands.first().cloned().unwrap_or_else(|| "tmp.XXXXXXXXXX".into());
    let marks = template.iter().rev().take_while(|b| **b == b'X').count();
    if marks < 3 {
        let shown = run.curly(&template);
        run.warn([b"too few X's in template ", &shown[..]].concat());
        return run.end();
    }
    let dir = parsed.value('p').cloned().or_else(|| parsed.operands.is_empty().then(|| "/tmp".into()));
    for _ in 0..100 {
        // The name comes from the lab's own counter, so that the same lines give the same name.
        let id = run.system.world.new_id();
        let name = [&template[..template.len() - marks], &id.as_bytes()[..marks.min(id.len())]].concat();
        let file = dir.as_ref().map_or_else(|| ByteString::from(&name[..]), |dir| path::join(dir, &name));
        let (kernel, task) = run.kernel();
        let made = if parsed.has('d') {
            kernel.mkdir(task, &file, 0o700)
        } else {
            let flags = OpenFlags::RDWR | OpenFlags::CREAT | OpenFlags::EXCL;
            kernel.open(task, &file, flags, 0o600).and_then(|fd| kernel.close(fd))
        };
        match made {
            Ok(()) => {
                run.print([&file[..], b"\n"].concat());
                return run.end();
            }
            Err(Errno::EEXIST) => {}
            Err(error) => {
                let what = if parsed.has('d') { "directory" } else { "file" };
                let shown = run.curly(&file);
                run.warn(
                    [
                        format!("failed to create {what} via template ").as_bytes(),
                        &shown,
                        b": ",
                        error.text().as_bytes(),
                    ]
                    .concat(),
                );
                return run.end();
            }
        }
    }
    run.end()
}
