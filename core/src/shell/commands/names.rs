//! `basename`, `dirname`, `realpath`, `readlink`, `which`.

use super::common::args::{Order, Usage, flag, missing, parse, valued};
use super::common::run::Run;
use crate::kernel::{ByteString, Errno, FileType, path};
use crate::program::{Flow, Process, Program, Scope, System, find_in_path};

pub(super) const PWD: Program = Program {
    name: "pwd",
    summary: "print the working directory",
    scope: Scope::Everywhere,
    main: |system, process| match system.kernel.getcwd(&process.task) {
        Ok(cwd) => {
            process.print(system, [&cwd[..], b"\n"].concat());
            Flow::OK
        }
        Err(error) => {
            let name = process.speaker().to_vec();
            process.complain(system, [&name[..], b": ", error.text().as_bytes(), b"\n"].concat());
            Flow::Exit(1)
        }
    },
};
pub(super) const BASENAME: Program = Program {
    name: "basename",
    summary: "the last part of a path",
    scope: Scope::Everywhere,
    main: basename,
};
pub(super) const DIRNAME: Program = Program {
    name: "dirname",
    summary: "a path without its last part",
    scope: Scope::Everywhere,
    main: dirname,
};
pub(super) const REALPATH: Program = Program {
    name: "realpath",
    summary: "a path without links and dots",
    scope: Scope::Everywhere,
    main: realpath,
};
pub(super) const READLINK: Program = Program {
    name: "readlink",
    summary: "where a symbolic link leads",
    scope: Scope::Everywhere,
    main: readlink,
};
pub(super) const WHICH: Program =
    Program { name: "which", summary: "where a program is", scope: Scope::Everywhere, main: which };

/// How many links may lead to one another (Linux's `MAXSYMLINKS`).
const MAX_LINKS: u32 = 40;

const BASENAME_USAGE: Usage = Usage {
    synopsis: "NAME [SUFFIX]",
    about: "Print NAME with any leading directory components removed.",
    flags: &[
        flag('a', "multiple", "several names"),
        valued('s', "suffix", "without this suffix"),
        flag('z', "zero", ""),
    ],
    status: 1,
};

fn basename(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &BASENAME_USAGE, Order::OptionsFirst) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let Some(first) = parsed.operands.first() else {
        return Flow::Exit(missing(&mut run, &BASENAME_USAGE, "missing operand"));
    };
    let several = parsed.has('a') || parsed.has('s');
    let suffix = parsed
        .value('s')
        .or_else(|| parsed.operands.get(1).filter(|_| !several))
        .cloned()
        .unwrap_or_default();
    let names = if several { parsed.operands.clone() } else { vec![first.clone()] };
    for name in names {
        let last = path::file_name(&name).unwrap_or(if name.is_empty() { b"" } else { b"/" });
        let cut = last.strip_suffix(&suffix[..]).filter(|rest| !rest.is_empty()).unwrap_or(last);
        run.print([cut, b"\n"].concat());
    }
    run.end()
}

const DIRNAME_USAGE: Usage = Usage {
    synopsis: "NAME...",
    about: "Output each NAME with its last component removed.",
    flags: &[flag('z', "zero", "")],
    status: 1,
};

fn dirname(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &DIRNAME_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        return Flow::Exit(missing(&mut run, &DIRNAME_USAGE, "missing operand"));
    }
    for name in &parsed.operands {
        run.print([path::parent(name), b"\n"].concat());
    }
    run.end()
}

const REALPATH_USAGE: Usage = Usage {
    synopsis: "FILE...",
    about: "Print the resolved absolute file name; all but the last component must exist.",
    flags: &[
        flag('e', "canonicalize-existing", "all must exist"),
        flag('m', "canonicalize-missing", "nothing need exist"),
        flag('q', "quiet", ""),
        flag('s', "strip", "do not expand links"),
    ],
    status: 1,
};

fn realpath(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &REALPATH_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        return Flow::Exit(missing(&mut run, &REALPATH_USAGE, "missing operand"));
    }
    for file in &parsed.operands {
        if parsed.has('s') {
            let full = path::normalize(&path::join(&run.process.task.cwd, file));
            run.print([&full[..], b"\n"].concat());
            continue;
        }
        let rest = match parsed.last_of("em") {
            Some('e') => Missing::Nothing,
            Some(_) => Missing::Anything,
            None => Missing::Last,
        };
        match canonical(&mut run, file, rest) {
            Ok(full) => run.print([&full[..], b"\n"].concat()),
            Err(_) if parsed.has('q') => run.status = 1,
            Err(error) => run.warn_bare(file, error),
        }
    }
    run.end()
}

/// What of a path need not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Nothing,
    Last,
    Anything,
}

/// A path without links and dots, as `realpath(3)`.
fn canonical(run: &mut Run<'_, '_>, file: &[u8], missing: Missing) -> Result<ByteString, Errno> {
    if file.is_empty() {
        return Err(Errno::ENOENT);
    }
    let (kernel, task) = run.kernel();
    let full = path::join(&task.cwd, file);
    let mut todo: Vec<ByteString> = path::components(&full).rev().map(ByteString::from).collect();
    let mut done = ByteString::from("/");
    let mut links = 0;
    while let Some(part) = todo.pop() {
        match &part[..] {
            b"." => continue,
            b".." => {
                done = path::parent(&done).into();
                continue;
            }
            _ => {}
        }
        let next = path::join(&done, &part);
        match kernel.lstat(task, &next) {
            Ok(stat) if stat.kind == FileType::Symlink => {
                links += 1;
                if links > MAX_LINKS {
                    return Err(Errno::ELOOP);
                }
                let target = kernel.readlink(task, &next)?;
                if target.starts_with(b"/") {
                    done = "/".into();
                }
                todo.extend(path::components(&target).rev().map(ByteString::from));
            }
            Ok(stat) => {
                if !stat.is_dir() && !todo.is_empty() && missing != Missing::Anything {
                    return Err(Errno::ENOTDIR);
                }
                done = next;
            }
            Err(Errno::ENOENT)
                if missing == Missing::Anything || missing == Missing::Last && todo.is_empty() =>
            {
                done = next;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

const READLINK_USAGE: Usage = Usage {
    synopsis: "[OPTION]... FILE...",
    about: "Print value of a symbolic link or canonical file name.",
    flags: &[
        flag('f', "canonicalize", "follow every link; the last part need not exist"),
        flag('e', "canonicalize-existing", "the same, all must exist"),
        flag('m', "canonicalize-missing", "the same, nothing need exist"),
        flag('n', "no-newline", "without a line feed"),
        flag('q', "quiet", ""),
        flag('s', "silent", ""),
        flag('v', "verbose", "say what went wrong"),
    ],
    status: 1,
};

fn readlink(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &READLINK_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        return Flow::Exit(missing(&mut run, &READLINK_USAGE, "missing operand"));
    }
    for file in &parsed.operands {
        let found = match parsed.last_of("fem") {
            None => {
                let (kernel, task) = run.kernel();
                kernel.readlink(task, file)
            }
            Some('f') => canonical(&mut run, file, Missing::Last),
            Some('e') => canonical(&mut run, file, Missing::Nothing),
            Some(_) => canonical(&mut run, file, Missing::Anything),
        };
        match found {
            Ok(text) => {
                let end: &[u8] = if parsed.has('n') { b"" } else { b"\n" };
                run.print([&text[..], end].concat());
            }
            Err(error) if parsed.has('v') => run.warn_bare(file, error),
            Err(_) => run.status = 1,
        }
    }
    run.end()
}

const WHICH_USAGE: Usage = Usage {
    synopsis: "[-a] NAME...",
    about: "Print the path of the programs that would be run.",
    flags: &[flag('a', "", "all of them")],
    status: 2,
};

fn which(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &WHICH_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    for name in &parsed.operands {
        let probe = run.process.child(vec![name.clone()]);
        let on_host = probe.place == crate::program::Place::Host && !name.contains(&b'/');
        match find_in_path(run.system.kernel, &probe) {
            Ok(file) => run.print([&file[..], b"\n"].concat()),
            Err(_) if on_host && run.system.table.get(name).is_some() => {
                run.print([b"/usr/bin/", &name[..], b"\n"].concat());
            }
            Err(_) => run.status = 1,
        }
    }
    run.end()
}
