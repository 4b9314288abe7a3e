//! `busybox`: runs one of BusyBox's applets.

use crate::program::{Flavour, Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "busybox", summary: "run a BusyBox applet", scope: Scope::Everywhere, main: busybox };

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
