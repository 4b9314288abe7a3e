//! `uname`: prints the kernel's name and version.

use super::common::args::{Order, Usage, flag, parse};
use super::common::host_name::own_name;
use super::common::run::Run;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "uname", summary: "the kernel's name", scope: Scope::Everywhere, main: uname };

const UNAME_USAGE: Usage = Usage {
    synopsis: "[OPTION]...",
    about: "Print certain system information. With no OPTION, same as -s.",
    flags: &[
        flag('a', "all", "everything"),
        flag('s', "kernel-name", "the kernel's name"),
        flag('n', "nodename", "the machine's name"),
        flag('r', "kernel-release", "the kernel's release"),
        flag('v', "kernel-version", "the kernel's version"),
        flag('m', "machine", "the hardware"),
        flag('p', "processor", ""),
        flag('i', "hardware-platform", ""),
        flag('o', "operating-system", "the operating system"),
    ],
    status: 1,
};

/// The kernel that the lab's rules were measured on; the seam has no `uname(2)`.
const RELEASE: &str = "6.18.0-layerlab";

fn uname(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &UNAME_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let name = own_name(&mut run);
    let all = parsed.has('a');
    let parts =
        [('s', "Linux"), ('n', &name), ('r', RELEASE), ('v', "#1 SMP"), ('m', "x86_64"), ('o', "GNU/Linux")];
    let none = parsed.options.is_empty();
    let wanted = |key: char| all || parsed.has(key) || none && key == 's';
    let text: Vec<&str> = parts.iter().filter(|(key, _)| wanted(*key)).map(|(_, text)| *text).collect();
    run.print(text.join(" ") + "\n");
    run.end()
}
