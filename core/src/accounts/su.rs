//! `su`: a shell, or a command, as another user (su(1)); `passwd` and `chpasswd`, which have nothing to do here.

use super::fail::fail;
use super::files::{Accounts, Group};
use crate::kernel::{ByteString, Errno, path};
use crate::program::{ExecError, Flavour, Flow, Process, System, find};

const USAGE: &str = "Usage:\n su [options] [-] [<user> [<argument>...]]\n\nOptions:\n -, -l, --login\n -c, --command <command>\n \
                     -s, --shell <shell>\n -m, -p, --preserve-environment\n";

pub(super) fn su(system: &mut System<'_>, process: &mut Process) -> Flow {
    let (mut login, mut keep, mut command, mut shell) = (false, false, None, None);
    let mut words = process.args[1..].iter().cloned();
    let mut operands = Vec::new();
    while let Some(word) = words.next() {
        match &word[..] {
            b"-" | b"-l" | b"--login" => login = true,
            b"-m" | b"-p" | b"--preserve-environment" => keep = true,
            b"-c" | b"--command" => command = words.next(),
            b"-s" | b"--shell" => shell = words.next(),
            b"--" => operands.extend(words.by_ref()),
            b"--help" | b"-h" => {
                process.print(system, USAGE);
                return Flow::OK;
            }
            option if option.starts_with(b"-") && operands.is_empty() => {
                let text = format!("invalid option -- '{}'", String::from_utf8_lossy(&option[1..]));
                return fail(system, process, 1, &text);
            }
            _ => operands.push(word),
        }
    }
    let mut operands = operands.into_iter();
    let name = operands.next().map_or_else(|| "root".to_owned(), |name| name.to_text());
    let accounts = Accounts::load(system, process);
    let Some(user) = accounts.user(&name).cloned() else {
        let text = match process.flavour {
            Flavour::Busybox => format!("unknown user {name}"),
            Flavour::Gnu => {
                format!(
                    "user {name} does not exist or the user entry does not contain all the required fields"
                )
            }
        };
        return fail(system, process, 1, &text);
    };
    if process.task.uid != 0 && process.task.uid != user.uid {
        // Nobody has a password here that could be typed.
        return fail(system, process, 1, "Authentication failure");
    }
    let shell = shell.unwrap_or_else(|| user.shell.as_str().into());
    let shell = if shell.is_empty() { ByteString::from("/bin/sh") } else { shell };
    if matches!(path::file_name(&shell), Some(b"nologin")) {
        process.print(system, "This account is currently not available.\n");
        return Flow::Exit(1);
    }
    let mut args = vec![shell.clone()];
    if let Some(command) = command {
        args.extend(["-c".into(), command]);
    }
    args.extend(operands);
    let mut child = process.child(args);
    child.task = child.task.with_user(user.uid, user.gid);
    let member = |group: &&Group| group.members.contains(&user.name);
    child.task.groups = accounts.groups.iter().filter(member).map(|group| group.gid).collect();
    if login {
        let terminal = child.env.remove("TERM");
        child.env.clear();
        if let Some(terminal) = terminal {
            child.env.insert("TERM".into(), terminal);
        }
        let path = if user.uid == 0 {
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        } else {
            "/usr/local/bin:/usr/bin:/bin"
        };
        child.env.insert("PATH".into(), path.into());
        child.task.dir = None;
        child.task.cwd = match system.kernel.chdir(&child.task, user.home.as_bytes()) {
            Ok(dir) => dir,
            Err(error) => {
                let text =
                    format!("su: warning: cannot change directory to {}: {}\n", user.home, error.text());
                process.complain(system, text);
                process.task.cwd.clone()
            }
        };
    }
    if !keep {
        child.env.insert("HOME".into(), user.home.as_str().into());
        child.env.insert("SHELL".into(), shell.clone());
        if login || user.uid != 0 {
            child.env.insert("USER".into(), user.name.as_str().into());
            child.env.insert("LOGNAME".into(), user.name.as_str().into());
        }
    }
    match find(system, &mut child) {
        Ok(program) => system.becomes(child, program),
        Err(ExecError::MachineCode(what)) => {
            process.complain(system, format!("Layerlab: {}\n", ExecError::MachineCode(what)));
            Flow::Exit(126)
        }
        Err(error) => {
            let errno = if let ExecError::File(errno) = error { errno } else { Errno::ENOENT };
            let text = match process.flavour {
                Flavour::Busybox => format!("can't execute '{shell}': {}", errno.text()),
                Flavour::Gnu => format!("failed to execute {shell}: {}", errno.text()),
            };
            fail(system, process, if errno == Errno::ENOENT { 127 } else { 126 }, &text)
        }
    }
}

/// `passwd` and `chpasswd`: nobody is asked for a password in the lab.
pub(super) fn passwd(system: &mut System<'_>, process: &mut Process) -> Flow {
    process.complain(
        system,
        "Layerlab: nobody is asked for a password here; root goes to any user with `su USER`\n",
    );
    Flow::Exit(1)
}
