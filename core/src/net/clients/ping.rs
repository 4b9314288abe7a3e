//! `ping`: whether somebody has an address.

use std::net::IpAddr;

use super::super::BEYOND;
use super::super::names::lookup;
use crate::engine::Engine;
use crate::engine::wire::{Way, Wire};
use crate::options::{Known, Options};
use crate::program::{Flavour, Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program = Program {
    name: "ping",
    summary: "see whether an address is there",
    scope: Scope::Everywhere,
    main: ping,
};

const KNOWN: &[Known] = &[
    (&["-c"], true),
    (&["-q"], false),
    (&["-W"], true),
    (&["-w"], true),
    (&["-i"], true),
    (&["-s"], true),
    (&["-4"], false),
    (&["-6"], false),
    (&["-n"], false),
];
/// How many are sent where no number was given, and at most: nobody sits there to press Ctrl-C.
const USUAL: u32 = 4;
const MOST: u32 = 100;

fn ping(system: &mut System<'_>, process: &mut Process) -> Flow {
    let busybox = process.flavour == Flavour::Busybox;
    let options = match Options::read(&process.args, KNOWN) {
        Ok(options) if options.operands.len() == 1 => options,
        _ => {
            process.complain(system, "Layerlab: the lab's ping is called as ping [-c COUNT] [-q] HOST\n");
            return Flow::Exit(if busybox { 1 } else { 2 });
        }
    };
    let count = options.value("-c").map(str::parse::<u32>);
    let Some(count) = count.map_or(Some(USUAL), Result::ok).filter(|count| (1..=MOST).contains(count)) else {
        let text = options.value("-c").unwrap_or_default();
        process.complain(system, format!("ping: invalid number '{text}'\n"));
        return Flow::Exit(1);
    };
    let host = options.operands[0].clone();
    let found = Engine::of(system).and_then(|mut engine| Wire::of(&mut engine));
    let wire = match found {
        Ok(wire) => wire,
        Err(error) => {
            process.complain(system, format!("ping: {error}\n"));
            return Flow::Exit(1);
        }
    };
    let from = wire.place(&process.place);
    let Some(address) = lookup(system, process, &wire, &from, &host) else {
        let why = if busybox {
            format!("bad address '{host}'")
        } else {
            format!("{host}: Name or service not known")
        };
        process.complain(system, format!("ping: {why}\n{BEYOND}"));
        return Flow::Exit(if busybox { 1 } else { 2 });
    };
    let reached = match wire.way(&from, address) {
        Way::Beyond => {
            let why =
                if busybox { "sendto: Network is unreachable" } else { "connect: Network is unreachable" };
            process.complain(system, format!("ping: {why}\n{BEYOND}"));
            return Flow::Exit(if busybox { 1 } else { 2 });
        }
        Way::To(..) => true,
        Way::Nobody => false,
    };
    let text = report(&Pinged { busybox, host: &host, address, count, reached, quiet: options.has("-q") });
    process.print(system, text);
    if options.value("-c").is_none() {
        process.complain(
            system,
            format!("Layerlab: without -c ping goes on until Ctrl-C; here it sends {USUAL}\n"),
        );
    }
    Flow::Exit(u8::from(!reached))
}

/// What was pinged, and how that went.
struct Pinged<'h> {
    busybox: bool,
    host: &'h str,
    address: IpAddr,
    count: u32,
    reached: bool,
    /// `-q`.
    quiet: bool,
}

fn report(pinged: &Pinged<'_>) -> String {
    let Pinged { busybox, host, address, count, reached, quiet } = *pinged;
    let size = if busybox { "56 data bytes".to_owned() } else { "56(84) bytes of data.".to_owned() };
    let colon = if busybox { ":" } else { "" };
    let mut text = format!("PING {host} ({address}){colon} {size}\n");
    if reached && !quiet {
        for at in 0..count {
            let number = if busybox { format!("seq={at}") } else { format!("icmp_seq={}", at + 1) };
            text.push_str(&format!("64 bytes from {address}: {number} ttl=64 time=0.050 ms\n"));
        }
    }
    let came = if reached { count } else { 0 };
    let loss = if reached { 0 } else { 100 };
    text.push_str(&format!("\n--- {host} ping statistics ---\n"));
    if busybox {
        text.push_str(&format!(
            "{count} packets transmitted, {came} packets received, {loss}% packet loss\n"
        ));
        if reached {
            text.push_str("round-trip min/avg/max = 0.050/0.050/0.050 ms\n");
        }
    } else {
        let time = (count - 1) * 1000;
        text.push_str(&format!(
            "{count} packets transmitted, {came} received, {loss}% packet loss, time {time}ms\n"
        ));
        if reached {
            text.push_str("rtt min/avg/max/mdev = 0.050/0.050/0.050/0.000 ms\n");
        }
    }
    text
}
