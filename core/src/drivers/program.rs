//! `drivers`, in the lab's terminal.

use super::facts::collect;
use super::report::{Line, json, lines, text};
use crate::engine::Engine;
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};

const USAGE: &str = "Usage: drivers [--bytes | --json]\n\nWhat seven storage drivers would have done with the containers that are \
                     here.\n\n  --bytes  bytes and name of each, separated by a tab\n  --json   one document\n";

/// The program.
pub fn programs() -> [Program; 1] {
    [Program {
        name: "drivers",
        summary: "what other storage drivers would have done here",
        scope: Scope::Host,
        main: drivers,
    }]
}

fn drivers(system: &mut System<'_>, process: &mut Process) -> Flow {
    let words: Vec<String> = process.args.iter().skip(1).map(ByteString::to_text).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let show: fn(&[Line]) -> String = match words.as_slice() {
        [] => text,
        ["--bytes"] => {
            |lines| lines.iter().map(|line| format!("{}\t{}\n", line.bytes, line.driver.name)).collect()
        }
        ["--json"] => |lines| format!("{}\n", json(lines)),
        ["--help" | "-h"] => {
            process.print(system, USAGE);
            return Flow::OK;
        }
        other => {
            process.complain(system, format!("drivers: unknown argument {}\n{USAGE}", other.join(" ")));
            return Flow::Exit(2);
        }
    };
    let found = Engine::of(system).and_then(|mut engine| collect(&mut engine));
    match found {
        Ok(containers) => {
            process.print(system, show(&lines(&containers)));
            Flow::OK
        }
        Err(error) => {
            process.complain(system, format!("drivers: {error}\n"));
            Flow::Exit(1)
        }
    }
}
