//! `clear`, `help`, `busybox`, `mktemp`, `sync`, and what editors say where none can open.

use super::common::args::{Order, Usage, flag, parse, valued};
use super::common::run::Run;
use crate::kernel::{ByteString, Errno, OpenFlags, path};
use crate::program::{Flavour, Flow, Process, Program, Scope, System};

pub(super) const CLEAR: Program =
    Program { name: "clear", summary: "empty the screen", scope: Scope::Everywhere, main: clear };
pub(super) const HELP: Program =
    Program { name: "help", summary: "list the commands", scope: Scope::Host, main: help };
pub(super) const BUSYBOX: Program =
    Program { name: "busybox", summary: "run a BusyBox applet", scope: Scope::Everywhere, main: busybox };
pub(super) const MKTEMP: Program = Program {
    name: "mktemp",
    summary: "make a file or directory with a new name",
    scope: Scope::Everywhere,
    main: mktemp,
};
pub(super) const SYNC: Program = Program {
    name: "sync",
    summary: "write everything to the disk",
    scope: Scope::Everywhere,
    main: |_, _| Flow::OK,
};
pub(super) const VI: Program = editor("vi");
pub(super) const VIM: Program = editor("vim");
pub(super) const NANO: Program = editor("nano");
pub(super) const EMACS: Program = editor("emacs");

const fn editor(name: &'static str) -> Program {
    Program {
        name,
        summary: "edit a file: in the page an editor opens, elsewhere use cat <<EOF or sed -i",
        scope: Scope::Everywhere,
        main: no_editor,
    }
}

fn no_editor(system: &mut System<'_>, process: &mut Process) -> Flow {
    let file = process.args.get(1).map_or_else(|| "FILE".to_owned(), ByteString::to_text);
    process.complain(
        system,
        format!("Layerlab: there is no full-screen editor here; use 'echo text > {file}', 'cat > {file} <<EOF' or 'sed -i s/old/new/ {file}'\n"),
    );
    Flow::Exit(1)
}

fn clear(system: &mut System<'_>, process: &mut Process) -> Flow {
    process.print(system, "\u{1b}[H\u{1b}[2J\u{1b}[3J");
    Flow::OK
}

fn help(system: &mut System<'_>, process: &mut Process) -> Flow {
    if let Some(name) = process.args.get(1).cloned() {
        return match system.table.get(&name).copied() {
            Some(program) => {
                process.print(system, format!("{}: {}\n", program.name, program.summary));
                Flow::OK
            }
            None => {
                process.complain(system, format!("bash: help: no help topics match `{name}'.\n"));
                Flow::Exit(1)
            }
        };
    }
    let programs: Vec<Program> = system.table.iter().filter(|p| p.scope != Scope::Service).copied().collect();
    for program in programs {
        process.print(system, format!("{:<12} {}\n", program.name, program.summary));
    }
    Flow::OK
}

fn busybox(system: &mut System<'_>, process: &mut Process) -> Flow {
    process.flavour = Flavour::Busybox;
    match process.args.get(1).cloned() {
        None => {
            let names: Vec<&str> =
                system.table.iter().filter(|p| p.scope == Scope::Everywhere).map(|p| p.name).collect();
            let text = format!(
                "BusyBox multi-call binary, as the lab has it.\n\nUsage: busybox [function [arguments]...]\n\nCurrently defined functions:\n\t{}\n",
                names.join(", ")
            );
            process.print(system, text);
            Flow::OK
        }
        Some(flag) if flag == "--list" => {
            let names: Vec<&str> =
                system.table.iter().filter(|p| p.scope == Scope::Everywhere).map(|p| p.name).collect();
            process.print(system, names.join("\n") + "\n");
            Flow::OK
        }
        Some(name) => match system
            .table
            .get(&name)
            .filter(|p| p.scope == Scope::Everywhere && p.name != "busybox")
            .copied()
        {
            Some(program) => {
                process.args.remove(0);
                (program.main)(system, process)
            }
            None => {
                process.complain(system, [&name[..], b": applet not found\n"].concat());
                Flow::Exit(127)
            }
        },
    }
}

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
