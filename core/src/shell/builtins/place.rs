//! `cd`, `pwd`, `umask`.

use std::ops::ControlFlow;

use crate::kernel::{ByteString, OpenFlags, path};
use crate::shell::live::{Shell, Step};
use crate::shell::state::Dialect;

pub(super) fn cd(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let mut operands = args[1..].iter().filter(|arg| !matches!(&arg[..], b"-L" | b"-P" | b"--"));
    let physical = args.iter().any(|arg| *arg == "-P");
    let target = operands.next().cloned();
    if operands.next().is_some() && shell.is_bash() {
        return shell.mistake(args, "too many arguments", 1);
    }
    let (target, shown) = match target {
        None => match shell.state.get(b"HOME").cloned() {
            Some(home) => (home, false),
            None => return shell.mistake(args, "HOME not set", 1),
        },
        Some(dash) if dash == "-" => match shell.state.get(b"OLDPWD").cloned() {
            Some(dir) => (dir, true),
            None => return shell.mistake(args, "OLDPWD not set", 1),
        },
        Some(dir) => (dir, false),
    };
    if target.is_empty() {
        return ControlFlow::Continue(0);
    }
    // `cd a/..` goes by the path as typed; `cd -P` by the links that it leads through.
    let logical = path::normalize(&path::join(&shell.state.pwd, &target));
    let task = &shell.state.task;
    let moved = if physical {
        shell.system.kernel.chdir(task, &target).map(|dir| (dir.clone(), dir))
    } else {
        // What does not exist by name (a removed directory) may still be reached as the kernel sees it.
        // What was moved meanwhile is where the shell stands, under another name.
        let direct = shell.system.kernel.chdir(task, &path::join(&shell.state.pwd, &target));
        let direct = direct.or_else(|error| shell.system.kernel.chdir(task, &target).map_err(|_| error));
        match direct {
            Ok(dir) => match shell.system.kernel.chdir(task, &logical) {
                Ok(named) => Ok((named, logical)),
                Err(_) => Ok((dir.clone(), dir)),
            },
            Err(error) => Err(error),
        }
    };
    match moved {
        Ok((cwd, pwd)) => {
            let old = std::mem::replace(&mut shell.state.pwd, pwd.clone());
            stand(shell, cwd);
            shell.state.set_exported("OLDPWD", old);
            shell.state.set_exported("PWD", pwd.clone());
            if shown {
                shell.print([&pwd[..], b"\n"].concat());
            }
            ControlFlow::Continue(0)
        }
        Err(error) => match shell.state.dialect {
            Dialect::Bash => shell.mistake(args, [&target[..], b": ", error.text().as_bytes()].concat(), 1),
            Dialect::Dash => shell.mistake(args, [b"can't cd to ", &target[..]].concat(), 2),
            Dialect::Ash => {
                let text = [b"can't cd to ", &target[..], b": ", error.text().as_bytes()].concat();
                shell.mistake(args, text, 2)
            }
        },
    }
}

/// Holds the new directory and lets go of the one that this shell held: it stands in the directory, not in its name.
fn stand(shell: &mut Shell<'_, '_>, cwd: ByteString) {
    let flags = OpenFlags::PATH | OpenFlags::DIRECTORY;
    let held = shell.system.kernel.open(&shell.state.task, &cwd, flags, 0).ok();
    shell.state.leave(shell.system.kernel);
    shell.state.held = held;
    shell.state.task.dir = held;
    shell.state.task.cwd = cwd;
}

pub(super) fn pwd(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let physical = args.get(1).is_some_and(|arg| *arg == "-P");
    let dir = if physical { shell.state.task.cwd.clone() } else { shell.state.pwd.clone() };
    shell.print([&dir[..], b"\n"].concat());
    ControlFlow::Continue(0)
}

pub(super) fn umask(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let Some(arg) = args.get(1) else {
        let text = format!("{:04o}\n", shell.state.task.umask);
        shell.print(text);
        return ControlFlow::Continue(0);
    };
    if *arg == "-S" {
        let granted = !shell.state.task.umask;
        let class = |shift: u32| -> String {
            let letters = [(4, 'r'), (2, 'w'), (1, 'x')];
            letters.iter().filter(|(bit, _)| granted >> shift & bit != 0).map(|(_, c)| c).collect()
        };
        shell.print(format!("u={},g={},o={}\n", class(6), class(3), class(0)));
        return ControlFlow::Continue(0);
    }
    match u32::from_str_radix(&arg.to_text(), 8) {
        Ok(mask @ 0..=0o777) => {
            shell.state.task.umask = mask;
            ControlFlow::Continue(0)
        }
        _ => {
            let text = [&arg[..], b": octal number out of range"].concat();
            shell.mistake(args, text, 1)
        }
    }
}
