//! `less`, `more` and `man`: what is read page by page elsewhere.

use super::common::run::Run;
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const LESS: Program =
    Program { name: "less", summary: "print files, for reading", scope: Scope::Everywhere, main: pager };
pub(super) const MORE: Program =
    Program { name: "more", summary: "print files, for reading", scope: Scope::Everywhere, main: pager };
pub(super) const MAN: Program =
    Program { name: "man", summary: "say what a command does", scope: Scope::Host, main: man };

fn pager(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let words: Vec<ByteString> = run.process.args[1..].to_vec();
    let files: Vec<ByteString> =
        words.into_iter().filter(|word| !word.starts_with(b"-") && !word.starts_with(b"+")).collect();
    for file in Run::or_stdin(files) {
        match run.slurp(&file) {
            Ok(data) => run.print(data),
            Err(error) => {
                let text = [&file[..], b": ", error.text().as_bytes(), b"\n"].concat();
                run.complain(text);
                run.status = 1;
            }
        }
    }
    let name = run.name();
    if run.process.stdout.is_terminal(run.system) {
        run.complain(format!("Layerlab: {name} shows all at once here; scroll the terminal\n"));
    }
    run.end()
}

fn man(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let words: Vec<ByteString> = run.process.args[1..].to_vec();
    // A section may stand before the name.
    let name = words.iter().rfind(|word| !word.starts_with(b"-"));
    let Some(name) = name.cloned() else {
        run.complain("What manual page do you want?\nFor example, try 'man man'.\n");
        return Flow::Exit(1);
    };
    let known = run.system.table.get(&name).copied().filter(|program| program.scope != Scope::Service);
    match known {
        Some(program) => {
            run.print(format!("{} - {}\n", program.name, program.summary));
            run.complain(format!(
                "Layerlab: these are the lab's own programs; `{name} --help` lists what it takes\n"
            ));
            Flow::OK
        }
        None => {
            run.complain([b"No manual entry for ", &name[..], b"\n"].concat());
            Flow::Exit(16)
        }
    }
}
