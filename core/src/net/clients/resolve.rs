//! `nslookup` and `getent hosts`: the address of a name.

use super::super::BEYOND;
use super::super::names::{in_networks, lookup};
use crate::engine::Engine;
use crate::engine::wire::Wire;
use crate::kernel::{ByteString, fs};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const NSLOOKUP: Program = Program {
    name: "nslookup",
    summary: "ask for a name's address",
    scope: Scope::Everywhere,
    main: nslookup,
};
pub(super) const GETENT: Program = Program {
    name: "getent",
    summary: "look a name up in /etc/hosts and beyond",
    scope: Scope::Everywhere,
    main: getent,
};

fn wire(system: &mut System<'_>, process: &mut Process) -> Option<Wire> {
    match Engine::of(system).and_then(|mut engine| Wire::of(&mut engine)) {
        Ok(wire) => Some(wire),
        Err(error) => {
            process.complain(system, format!("{error}\n"));
            None
        }
    }
}

fn nslookup(system: &mut System<'_>, process: &mut Process) -> Flow {
    let [_, name] = process.args.as_slice() else {
        process.complain(system, "Layerlab: the lab's nslookup is called as nslookup NAME\n");
        return Flow::Exit(1);
    };
    let name = name.to_text();
    let Some(wire) = wire(system, process) else { return Flow::Exit(1) };
    let from = wire.place(&process.place);
    let conf = fs::read(system.kernel, &process.task, b"/etc/resolv.conf").unwrap_or_default();
    let conf = String::from_utf8_lossy(&conf).into_owned();
    let server = conf.lines().find_map(|line| line.strip_prefix("nameserver ")).unwrap_or("127.0.0.1").trim();
    // The server of a network knows its containers; it does not read /etc/hosts.
    let found = in_networks(&wire, &from, &name);
    let known = server == "127.0.0.11";
    if !known {
        process.complain(system, format!(";; connection timed out; no servers could be reached\n\n{BEYOND}"));
        return Flow::Exit(1);
    }
    process.print(system, format!("Server:\t\t{server}\nAddress:\t{server}:53\n\n"));
    match found {
        Some(address) => {
            let text = format!(
                "Non-authoritative answer:\n\nNon-authoritative answer:\nName:\t{name}\nAddress: {address}\n\n"
            );
            process.print(system, text);
            Flow::OK
        }
        None => {
            process.print(system, format!("** server can't find {name}: NXDOMAIN\n\n"));
            process.complain(system, BEYOND);
            Flow::Exit(1)
        }
    }
}

fn getent(system: &mut System<'_>, process: &mut Process) -> Flow {
    let args: Vec<String> = process.args.iter().skip(1).map(ByteString::to_text).collect();
    let database = args.first().map_or("", String::as_str);
    if !matches!(database, "hosts" | "ahosts" | "ahostsv4") {
        process.complain(system, "Layerlab: the lab's getent looks names up: getent hosts NAME...\n");
        return Flow::Exit(1);
    }
    let Some(wire) = wire(system, process) else { return Flow::Exit(1) };
    let from = wire.place(&process.place);
    let mut status = 0;
    for name in &args[1..] {
        match lookup(system, process, &wire, &from, name) {
            Some(address) => process.print(system, format!("{:<15} {name}\n", address.to_string())),
            None => status = 2,
        }
    }
    Flow::Exit(status)
}
