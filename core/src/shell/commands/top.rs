//! `top`: the table of processes, shown again every few seconds (top(1) of procps, and BusyBox's).

use serde::{Deserialize, Serialize};

use super::common::length::seconds;
use super::common::run::Run;
use super::common::users::Users;
use super::ps::{cell, chosen};
use crate::kernel::{ByteString, fs};
use crate::oci::time;
use crate::program::{
    Flow, Nanos, Next, Process, Program, ProgramState, Row, SECOND, Scope, System, Wait, to_timespec,
};

pub(super) const PROGRAM: Program =
    Program { name: "top", summary: "show processes again and again", scope: Scope::Everywhere, main };

/// A `top` that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Top {
    every: Nanos,
    /// How many tables are still to come, where the line says so.
    left: Option<u64>,
    next: Nanos,
}

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let (mut every, mut left) = (run.habits().top_seconds * SECOND, None);
    let words: Vec<String> = run.process.args[1..].iter().map(ByteString::to_text).collect();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut letters = word.strip_prefix('-').unwrap_or(word).chars();
        while let Some(letter) = letters.next() {
            let mut value = || {
                let tail: String = letters.by_ref().collect();
                if tail.is_empty() { words.next().cloned().unwrap_or_default() } else { tail }
            };
            match letter {
                'b' => {}
                'n' => match value().parse() {
                    Ok(count) if count > 0 => left = Some(count),
                    _ => return bad(&mut run, "-n takes a number of tables"),
                },
                'd' => match seconds(value().as_bytes()) {
                    Some(time) if time.is_finite() => every = ((time * 1e9) as i64).max(SECOND / 10),
                    _ => return bad(&mut run, "-d takes a number of seconds"),
                },
                _ => return bad(&mut run, "the lab's top takes -b, -d SECONDS and -n COUNT"),
            }
        }
    }
    let next = run.system.now();
    run.system.goes_on(Top { every, left, next }, None)
}

fn bad(run: &mut Run<'_, '_>, why: &str) -> Flow {
    run.complain(format!("Layerlab: {why}\n"));
    Flow::Exit(1)
}

impl ProgramState for Top {
    const NAME: &'static str = "top";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        if system.now() >= self.next {
            if self.left == Some(0) {
                return Next::Exit(0);
            }
            let text = table(system, process);
            process.print(system, text);
            self.left = self.left.map(|left| left - 1);
            if self.left == Some(0) {
                return Next::Exit(0);
            }
            self.next = system.now().saturating_add(self.every);
        }
        Next::Wait(Wait::until(self.next))
    }
}

/// One table, with what stands above it.
fn table(system: &mut System<'_>, process: &mut Process) -> String {
    let clear = if process.stdout.is_terminal(system) { "\x1b[H\x1b[J" } else { "" };
    let mut run = Run::new(system, process);
    let has_procps = run.habits().has_procps;
    let memory = fs::read(run.system.kernel, &run.process.task.clone(), b"/proc/meminfo").unwrap_or_default();
    let users = Users::read(&mut run);
    let from = run.process.place.clone();
    let now = run.system.now();
    let system = &*run.system;
    let tasks = &system.world.tasks;
    let rows: Vec<&Row> = tasks.iter().filter(|row| tasks.number(&from, row).is_some()).collect();
    let show = |row: &Row, name: &str| cell(system, &users, &from, row, &chosen(name, "", 0));
    let (total, free) = (kilobytes(&memory, "MemTotal:"), kilobytes(&memory, "MemFree:"));
    let used = total.saturating_sub(free);
    let mut text = clear.to_owned();
    if !has_procps {
        text += &format!(
            "Mem: {used}K used, {free}K free, 0K shrd, 0K buff, 0K cached\n\
             CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq\n\
             Load average: 0.00 0.00 0.00 1/{} {}\n  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n",
            rows.len(),
            rows.last().map_or(0, |row| tasks.number(&from, row).unwrap_or_default())
        );
        for row in rows {
            let [pid, parent, user, state, args] =
                ["pid", "ppid", "user", "stat", "args"].map(|name| show(row, name));
            let state = state.chars().next().unwrap_or('S');
            text += &format!("{pid:>5} {parent:>5} {user:<8} {state:<4}     0   0%   0   0% {args}\n");
        }
        return text;
    }
    let clock = time::format(to_timespec(now)).get(11..19).unwrap_or_default().to_owned();
    let running = rows.iter().filter(|row| show(row, "stat").starts_with('R')).count();
    let mebibytes = |kilobytes: u64| kilobytes as f64 / 1024.0;
    text += &format!(
        "top - {clock} up 0 min,  0 users,  load average: 0.00, 0.00, 0.00\n\
         Tasks: {:>3} total, {running:>3} running, {:>3} sleeping,   0 stopped,   0 zombie\n\
         %Cpu(s):  0.0 us,  0.0 sy,  0.0 ni,100.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st\n\
         MiB Mem : {:>8.1} total, {:>8.1} free, {:>8.1} used,      0.0 buff/cache\n\
         MiB Swap:      0.0 total,      0.0 free,      0.0 used. {:>8.1} avail Mem\n\n    \
         PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n",
        rows.len(),
        rows.len() - running,
        mebibytes(total),
        mebibytes(free),
        mebibytes(used),
        mebibytes(free)
    );
    for row in rows {
        let [pid, user, state, name] = ["pid", "user", "stat", "comm"].map(|name| show(row, name));
        let state = state.chars().next().unwrap_or('S');
        text += &format!(
            "{pid:>7} {user:<8}  20   0       0      0      0 {state}   0.0   0.0   0:00.00 {name}\n"
        );
    }
    text
}

/// A line of /proc/meminfo (proc_meminfo(5)).
fn kilobytes(text: &[u8], name: &str) -> u64 {
    let text = String::from_utf8_lossy(text);
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
