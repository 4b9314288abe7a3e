//! Small programs that say one thing, or move one thing.

use super::common::run::Run;
use super::lines::split;
use crate::kernel::{ByteString, fs};
use crate::program::{Flow, Process, Program, Row, Scope, System, Terminal, signals};

const fn program(
    name: &'static str,
    summary: &'static str,
    main: fn(&mut System<'_>, &mut Process) -> Flow,
) -> Program {
    Program { name, summary, scope: Scope::Everywhere, main }
}

pub(super) const ARCH: Program = program("arch", "print the machine's kind", arch);
pub(super) const KILL: Program = program("kill", "send a signal to processes", kill);
pub(super) const KILLALL: Program = program("killall", "send a signal to processes by name", kill);
pub(super) const LINK: Program = program("link", "give a file a second name", link);
pub(super) const NPROC: Program = program("nproc", "print how many processors there are", nproc);
pub(super) const PIDOF: Program = program("pidof", "print the numbers of processes by name", pidof);
pub(super) const REV: Program = program("rev", "print lines backwards", rev);
pub(super) const TTY: Program = program("tty", "print the terminal's name", tty);
pub(super) const UNLINK: Program = program("unlink", "take a file's name away", unlink);

fn arch(system: &mut System<'_>, process: &mut Process) -> Flow {
    process.print(system, "x86_64\n");
    Flow::OK
}

fn nproc(system: &mut System<'_>, process: &mut Process) -> Flow {
    let info = fs::read(system.kernel, &process.task, b"/proc/cpuinfo").unwrap_or_default();
    let count = split(&info).into_iter().filter(|line| line.starts_with(b"processor")).count();
    process.print(system, format!("{}\n", count.max(1)));
    Flow::OK
}

fn tty(system: &mut System<'_>, process: &mut Process) -> Flow {
    if process.terminal == Terminal::Yes {
        process.print(system, "/dev/pts/0\n");
        return Flow::OK;
    }
    if process.args.get(1).is_none_or(|arg| *arg != "-s") {
        process.print(system, "not a tty\n");
    }
    Flow::Exit(1)
}

fn rev(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let files: Vec<ByteString> = run.process.args[1..].to_vec();
    for file in Run::or_stdin(files) {
        match run.slurp(&file) {
            Ok(data) => {
                for line in split(&data) {
                    let text: String = String::from_utf8_lossy(line).chars().rev().collect();
                    run.print(text + "\n");
                }
            }
            Err(error) => run.warn_bare(&file, error),
        }
    }
    run.end()
}

fn link(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let [from, to] = &run.process.args[1..] else {
        run.warn("two names are needed");
        return run.end();
    };
    let (from, to) = (from.clone(), to.clone());
    let (kernel, task) = run.kernel();
    if let Err(error) = kernel.link(task, &from, &to) {
        run.warn(
            [b"cannot create link '", &to[..], b"' to '", &from, b"': ", error.text().as_bytes()].concat(),
        );
    }
    run.end()
}

fn unlink(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let [file] = &run.process.args[1..] else {
        run.warn("one name is needed");
        return run.end();
    };
    let file = file.clone();
    let (kernel, task) = run.kernel();
    if let Err(error) = kernel.unlink(task, &file) {
        run.warn_path("cannot unlink", &file, error);
    }
    run.end()
}

/// The processes that a program at this place sees, with the numbers that they have there.
fn seen(run: &Run<'_, '_>) -> Vec<(u32, u32, Vec<u8>)> {
    let tasks = &run.system.world.tasks;
    let place = &run.process.place;
    let name =
        |row: &Row| row.args.first().map(|arg| crate::kernel::path::file_name(arg).unwrap_or(arg).to_vec());
    let rows = tasks.iter().filter(|row| row.ended.is_none());
    rows.filter_map(|row| Some((row.pid, tasks.number(place, row)?, name(row).unwrap_or_default()))).collect()
}

fn pidof(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let words: Vec<ByteString> = run.process.args[1..].to_vec();
    let mut found: Vec<u32> = seen(&run)
        .into_iter()
        .filter(|(_, _, name)| words.iter().any(|w| w[..] == name[..]))
        .map(|row| row.1)
        .collect();
    found.reverse();
    if found.is_empty() {
        return Flow::Exit(1);
    }
    let text: Vec<String> = found.iter().map(u32::to_string).collect();
    run.print(text.join(" ") + "\n");
    run.end()
}

/// `kill` by number, and `killall` by name.
fn kill(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let by_name = run.process.name() == b"killall";
    let words: Vec<String> = run.process.args[1..].iter().map(ByteString::to_text).collect();
    let mut words = words.into_iter().peekable();
    let mut signal = signals::TERM;
    if let Some(option) = words.next_if(|word| word.len() > 1 && word.starts_with('-') && word != "--") {
        let name = match &option[..] {
            "-l" => {
                let list: Vec<String> =
                    signals::all().map(|(number, name)| format!("{number:>2}) {name}")).collect();
                run.print(list.join("\n") + "\n");
                return run.end();
            }
            "-s" => words.next().unwrap_or_default(),
            other => other[1..].to_owned(),
        };
        match signals::number(&name) {
            Some(number) => signal = number,
            None if name == "0" => signal = 0,
            None => {
                run.warn_filled(run.words().bad_signal, &[name.as_bytes()]);
                return run.end();
            }
        }
    }
    let targets: Vec<String> = words.filter(|word| word != "--").collect();
    if targets.is_empty() {
        run.warn(run.words().kill_whom);
        return run.end();
    }
    for target in targets {
        let rows = seen(&run);
        let below = target.parse::<i64>().ok().filter(|number| *number < 0 && !by_name);
        let tasks = &run.system.world.tasks;
        let below = below.map(|number| tasks.meant(&run.process.place, run.system.current, number));
        let mut meant: Vec<u32> = rows
            .iter()
            .filter(
                |(_, number, name)| {
                    if by_name { *name == target.as_bytes() } else { target.parse() == Ok(*number) }
                },
            )
            .map(|row| row.0)
            .collect();
        meant.extend(below.unwrap_or_default());
        if meant.is_empty() {
            let words = run.words();
            let message = match (by_name, target.parse::<i64>().is_ok()) {
                (true, _) => words.killall_no_process,
                (false, true) => words.kill_no_process,
                (false, false) => "invalid number '{0}'",
            };
            run.warn_filled(message, &[target.as_bytes()]);
        }
        for pid in meant {
            run.system.signal_from_inside(pid, signal);
        }
    }
    run.end()
}

#[cfg(test)]
mod tests {
    #[test]
    fn processes_by_number_and_name() {
        crate::shell::tests::check(
            r"
            $ sleep 100 & command kill -0 $!; echo $?; pidof sleep | wc -w; killall sleep; sleep 1; pidof sleep; echo $?
            0
            1
            1
            $ env kill -9 -7777
            kill: (-7777): No such process
            $ fg; sleep 1 & fg; echo $?; bg %2
            bash: fg: current: no such job
            sleep 1
            0
            bash: bg: %2: no such job
            $ env kill 99999; echo $?; env kill -s BOGUS 1; killall nosuch; arch; nproc; tty; echo abc | rev
            kill: (99999): No such process
            1
            kill: invalid signal: 'BOGUS'
            killall: nosuch: no process found
            x86_64
            1
            /dev/pts/0
            cba
            ",
        );
    }
}
