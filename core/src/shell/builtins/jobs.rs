//! `jobs`, `wait`, `kill`, `trap`: what a shell knows of its children and of signals.

use std::ops::ControlFlow;

use super::super::live::{Pending, Shell, Step, Stop};
use crate::kernel::ByteString;
use crate::program::{Pid, signals};
use crate::shell::escape::quote;
use crate::shell::state::Dialect;

/// `jobs [-p|-l]`: the commands in the background.
pub(super) fn jobs(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    shell.look_after_jobs();
    let option = args.get(1).map(ByteString::to_text);
    let last = shell.vm.jobs.len();
    let mut text = String::new();
    for (at, job) in shell.vm.jobs.iter().enumerate() {
        let sign = match last - at {
            1 => '+',
            2 => '-',
            _ => ' ',
        };
        let stopped = shell.system.world.tasks.get(job.pid).is_some_and(|row| row.stopped);
        let state = match job.status {
            None if stopped => "Stopped".to_owned(),
            None => "Running".to_owned(),
            Some(0) => "Done".to_owned(),
            Some(status) if status > 128 => signal_text(status - 128),
            Some(status) => format!("Exit {status}"),
        };
        let inner = shell.system.world.tasks.get(job.pid).map_or(job.pid, |row| row.inner);
        match option.as_deref() {
            Some("-p") => text.push_str(&format!("{inner}\n")),
            Some("-l") => text.push_str(&format!("[{}]{sign} {inner:>5} {state:<23} {}\n", at + 1, job.text)),
            _ => {
                let end = if job.status.is_none() && shell.is_bash() { " &" } else { "" };
                text.push_str(&format!("[{}]{sign}  {state:<23} {}{end}\n", at + 1, job.text));
            }
        }
    }
    shell.vm.jobs.retain(|job| job.status.is_none());
    shell.print(text);
    ControlFlow::Continue(0)
}

fn signal_text(signal: u8) -> String {
    match signal {
        signals::TERM => "Terminated".to_owned(),
        signals::KILL => "Killed".to_owned(),
        signals::INT => "Interrupt".to_owned(),
        other => format!("Signal {other}"),
    }
}

/// The process that `%1`, `%+`, `%%` or a number names.
fn named(shell: &Shell<'_, '_>, text: &[u8]) -> Option<Pid> {
    if let Some(job) = text.strip_prefix(b"%") {
        let jobs = &shell.vm.jobs;
        let at = match job {
            b"" | b"%" | b"+" => jobs.len().checked_sub(1)?,
            b"-" => jobs.len().checked_sub(2)?,
            number => std::str::from_utf8(number).ok()?.parse::<usize>().ok()?.checked_sub(1)?,
        };
        return jobs.get(at).map(|job| job.pid);
    }
    let number = std::str::from_utf8(text).ok()?.parse().ok()?;
    let found = shell.system.world.tasks.find(&shell.state.place, number);
    found.or_else(|| shell.vm.jobs.iter().find(|job| job.pid == number).map(|job| job.pid))
}

/// `wait [pid…]`: until background commands have ended.
pub(super) fn wait(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let all = args.len() == 1;
    let mut pids = Vec::new();
    if all {
        pids.extend(shell.vm.jobs.iter().map(|job| job.pid));
    }
    for arg in &args[1..] {
        let text = arg.to_text();
        let own = text.parse::<Pid>().ok().and_then(|inner| {
            let is = |pid: Pid| shell.system.world.tasks.get(pid).is_some_and(|row| row.inner == inner);
            shell.vm.jobs.iter().find(|job| job.pid == inner || is(job.pid)).map(|job| job.pid)
        });
        match own.or_else(|| named(shell, arg).filter(|_| text.starts_with('%'))) {
            Some(pid) => pids.push(pid),
            None => {
                if shell.is_bash() {
                    shell.mistake(args, format!("pid {text} is not a child of this shell"), 127)?;
                }
                return ControlFlow::Continue(127);
            }
        }
    }
    shell.vm.pending = Pending::Jobs { pids, all };
    ControlFlow::Break(Stop::Begun)
}

/// `fg [JOB]`: a command in the background is waited for, as if it had been typed without `&`.
pub(super) fn fg(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let Some((pid, at)) = controlled(shell, args)? else { return failed(shell) };
    let text = shell.vm.jobs[at].text.clone();
    shell.print(format!("{text}\n"));
    shell.system.signal(pid, signals::CONT);
    shell.system.world.tasks.to_front(pid);
    shell.vm.pending = Pending::Jobs { pids: vec![pid], all: false };
    ControlFlow::Break(Stop::Begun)
}

/// `bg [JOB]`: continues a stopped command in the background.
pub(super) fn bg(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let Some((pid, at)) = controlled(shell, args)? else { return failed(shell) };
    let stopped = shell.system.world.tasks.get(pid).is_some_and(|row| row.stopped);
    if shell.is_bash() && !stopped {
        let text = format!("job {} already in background", at + 1);
        return shell.mistake(args, text, 0);
    }
    let text = &shell.vm.jobs[at].text;
    let line = if shell.is_bash() {
        let sign = if at + 1 == shell.vm.jobs.len() { "+" } else { "-" };
        format!("[{}]{sign} {text} &\n", at + 1)
    } else {
        format!("[{}] {text}\n", at + 1)
    };
    shell.print(line);
    shell.system.signal(pid, signals::CONT);
    ControlFlow::Continue(0)
}

/// The job that `fg` and `bg` are about: its process and its place in the list; where there is none, that is said. The words
/// are those of Bash 5.2, Dash 0.5.12 and BusyBox 1.35, as they were seen to say them.
fn controlled(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<Option<(Pid, usize)>> {
    let bash = shell.is_bash();
    if bash && !shell.vm.sits {
        shell.mistake(args, "no job control", 1)?;
        return ControlFlow::Continue(None);
    }
    shell.look_after_jobs();
    shell.vm.jobs.retain(|job| job.status.is_none());
    let word = args.get(1).cloned().unwrap_or_default();
    let text = if word.is_empty() || word.starts_with(b"%") {
        word.clone()
    } else {
        [b"%", &word[..]].concat().into()
    };
    let pid = named(shell, if text.is_empty() { b"%" } else { &text });
    if let Some(at) = shell.vm.jobs.iter().position(|job| Some(job.pid) == pid) {
        if shell.vm.sits {
            return ControlFlow::Continue(pid.map(|pid| (pid, at)));
        }
        let name = if word.is_empty() { "(null)".to_owned() } else { word.to_text() };
        shell.mistake(args, format!("job {name} not created under job control"), 2)?;
        return ControlFlow::Continue(None);
    }
    let why = match (word.is_empty(), shell.state.dialect) {
        (true, Dialect::Bash) => "current: no such job".to_owned(),
        (true, _) => "No current job".to_owned(),
        (false, Dialect::Dash) => format!("No such job: {}", word.to_text()),
        (false, _) => format!("{}: no such job", word.to_text()),
    };
    shell.mistake(args, why, 1)?;
    ControlFlow::Continue(None)
}

/// The status of a `fg` or `bg` that found no job.
fn failed(shell: &Shell<'_, '_>) -> Step<u8> {
    ControlFlow::Continue(if shell.is_bash() { 1 } else { 2 })
}

/// `kill [-s NAME | -NAME | -l] pid…`
pub(super) fn kill(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let mut rest = args[1..].iter().peekable();
    let mut signal = signals::TERM;
    if let Some(first) = rest.peek().map(|arg| arg.to_text())
        && first.starts_with('-')
        && first.len() > 1
    {
        rest.next();
        let name = match &first[..] {
            "-l" | "-L" => {
                let listed: Vec<String> = rest
                    .map(|arg| match arg.to_text().parse::<u8>() {
                        Ok(number) => signals::name(number & 127),
                        Err(_) => signals::number(&arg.to_text()).map_or(String::new(), |n| n.to_string()),
                    })
                    .collect();
                let all: Vec<String> =
                    signals::all().map(|(number, name)| format!("{number:>2}) SIG{name}")).collect();
                shell.print(if listed.is_empty() { all.join("\n") } else { listed.join("\n") } + "\n");
                return ControlFlow::Continue(0);
            }
            "-s" | "-n" => rest.next().map(ByteString::to_text).unwrap_or_default(),
            "--" => "TERM".to_owned(),
            other => other[1..].to_owned(),
        };
        match signals::number(&name) {
            Some(number) => signal = number,
            None if name == "0" => signal = 0,
            None => {
                let bash = shell.is_bash();
                let text = format!("{name}: invalid signal specification");
                return shell.mistake(args, if bash { text } else { format!("invalid signal '{name}'") }, 1);
            }
        }
    }
    let targets: Vec<ByteString> = rest.cloned().collect();
    if targets.is_empty() {
        let text = "usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]";
        return shell.mistake(args, text, 2);
    }
    let mut status = 0;
    for target in &targets {
        let below = target.to_text().parse::<i64>().ok().filter(|number| *number < 0);
        if let Some(number) = below {
            let tasks = &shell.system.world.tasks;
            let meant = tasks.meant(&shell.state.place, shell.system.current, number);
            if !meant.is_empty() {
                for pid in meant {
                    shell.system.signal_from_inside(pid, signal);
                }
                continue;
            }
        }
        match named(shell, target) {
            Some(pid) => shell.system.signal_from_inside(pid, signal),
            None if target.starts_with(b"%") => {
                shell.mistake(args, [&target[..], b": no such job"].concat(), 1)?;
                status = 1;
            }
            None if below.is_some() || target.iter().all(u8::is_ascii_digit) => {
                let text = if shell.is_bash() {
                    [b"(", &target[..], b") - No such process"].concat()
                } else {
                    b"No such process".to_vec()
                };
                shell.mistake(args, text, 1)?;
                status = 1;
            }
            None => {
                let text = [&target[..], b": arguments must be process or job IDs"].concat();
                shell.mistake(args, text, 1)?;
                status = 1;
            }
        }
    }
    ControlFlow::Continue(status)
}

/// `trap 'commands' SIGNAL…`: what is run when a signal comes, or when the shell ends (`EXIT`).
pub(super) fn trap(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let mut operands = args[1..].iter().filter(|arg| **arg != "--");
    let first = operands.next();
    if first.is_none_or(|arg| *arg == "-p") {
        let mut lines: Vec<Vec<u8>> = Vec::new();
        let shown = |action: &[u8], name: &str| {
            [b"trap -- ", &quote(action)[..], b" ", name.as_bytes(), b"\n"].concat()
        };
        if let Some(action) = &shell.state.at_exit {
            lines.push(shown(action, "EXIT"));
        }
        let lead = if shell.is_bash() { "SIG" } else { "" };
        for (signal, action) in &shell.state.traps {
            lines.push(shown(action, &format!("{lead}{}", signals::name(*signal))));
        }
        shell.print(lines.concat());
        return ControlFlow::Continue(0);
    }
    let action = first.cloned().unwrap_or_default();
    if action == "-l" {
        let all: Vec<String> =
            signals::all().map(|(number, name)| format!("{number:>2}) SIG{name}")).collect();
        shell.print(all.join("\n") + "\n");
        return ControlFlow::Continue(0);
    }
    let mut names: Vec<ByteString> = operands.cloned().collect();
    let number = action.iter().all(u8::is_ascii_digit) && !action.is_empty();
    let reset = action == "-" || names.is_empty() || number;
    if names.is_empty() || number {
        names.insert(0, action.clone());
    }
    let mut status = 0;
    for name in names {
        let text = name.to_text();
        if matches!(&text[..], "EXIT" | "0") {
            shell.state.at_exit = if reset { None } else { Some(action.clone()) };
            continue;
        }
        match signals::number(&text) {
            Some(signal) if reset => drop(shell.state.traps.remove(&signal)),
            Some(signal) => drop(shell.state.traps.insert(signal, action.clone())),
            // Bash's own events, which nothing in the lab raises.
            None if shell.is_bash() && matches!(&text[..], "ERR" | "DEBUG" | "RETURN") => {
                let text = format!("Layerlab: traps on {text} are not run\n");
                shell.io.stderr().write(shell.system, text);
                status = 1;
            }
            None => {
                let text = if shell.is_bash() {
                    format!("{text}: invalid signal specification")
                } else {
                    format!("{text}: bad trap")
                };
                shell.mistake(args, text, 1)?;
                status = 1;
            }
        }
    }
    shell.declare_signals();
    ControlFlow::Continue(status)
}

impl Shell<'_, '_> {
    /// Tells the machine which signals the shell catches and which it ignores.
    pub(in crate::shell) fn declare_signals(&mut self) {
        let (mut caught, mut ignored) = (0u64, 0u64);
        for (signal, action) in &self.state.traps {
            *(if action.is_empty() { &mut ignored } else { &mut caught }) |= 1 << (signal & 63);
        }
        if self.vm.sits {
            // A shell at a terminal lives on (bash(1), "Signals").
            for signal in [signals::INT, signals::QUIT, signals::TERM] {
                if caught & (1 << signal) == 0 {
                    ignored |= 1 << signal;
                }
            }
        }
        self.system.catch(caught, ignored);
    }
}
