//! `nc -z`: whether somebody listens.

use super::super::BEYOND;
use super::super::http::{Silence, connect};
use crate::options::{Known, Options};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "nc", summary: "see whether somebody listens", scope: Scope::Everywhere, main: nc };

const KNOWN: &[Known] = &[(&["-z"], false), (&["-v"], false), (&["-w"], true), (&["-n"], false)];

fn nc(system: &mut System<'_>, process: &mut Process) -> Flow {
    let options = match Options::read(&process.args, KNOWN) {
        Ok(options) if options.has("-z") && options.operands.len() == 2 => options,
        _ => {
            process.complain(
                system,
                "Layerlab: the lab's nc looks whether somebody listens: nc -z [-v] HOST PORT\n",
            );
            return Flow::Exit(1);
        }
    };
    let host = options.operands[0].clone();
    let Ok(port) = options.operands[1].parse::<u16>() else {
        process.complain(system, format!("nc: bad port '{}'\n", options.operands[1]));
        return Flow::Exit(1);
    };
    let loud = options.has("-v");
    let why = match connect(system, process, &host, port) {
        Ok((address, _)) | Err(Silence::Reset(address)) => {
            if loud {
                process.complain(system, format!("{host} ({address}:{port}) open\n"));
            }
            return Flow::OK;
        }
        Err(Silence::NoName) => {
            process.complain(system, format!("nc: bad address '{host}'\n{BEYOND}"));
            return Flow::Exit(1);
        }
        Err(Silence::Beyond(at)) => {
            process.complain(system, format!("nc: {host} ({at}:{port}): Network is unreachable\n{BEYOND}"));
            return Flow::Exit(1);
        }
        Err(Silence::Refused(at)) => format!("nc: {host} ({at}:{port}): Connection refused\n"),
        Err(Silence::NoWay(at)) => format!("nc: {host} ({at}:{port}): No route to host\n"),
        Err(Silence::Broken(why)) => format!("nc: {why}\n"),
    };
    if loud {
        process.complain(system, why);
    }
    Flow::Exit(1)
}
