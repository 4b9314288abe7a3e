//! `kill` and `killall`: send a signal to processes, by number and by name.

use super::common::processes::seen;
use super::common::run::Run;
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System, signals};

pub(super) const PROGRAM: Program =
    Program { name: "kill", summary: "send a signal to processes", scope: Scope::Everywhere, main: kill };

pub(super) const KILLALL: Program = Program {
    name: "killall",
    summary: "send a signal to processes by name",
    scope: Scope::Everywhere,
    main: kill,
};

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
