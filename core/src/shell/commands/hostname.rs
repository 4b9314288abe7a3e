//! `hostname`: prints the machine's name and address.

use super::common::host_name::own_name;
use super::common::run::Run;
use crate::kernel::{Caps, fs};
use crate::program::{Flow, Place, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "hostname", summary: "the machine's name", scope: Scope::Everywhere, main: hostname };

/// The address of a name in a file of hosts (hosts(5)).
fn address(hosts: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(hosts);
    let mut lines = text.lines().map(|line| line.split_whitespace());
    lines.find_map(|mut words| {
        let address = words.next()?;
        words.any(|word| word == name).then(|| address.to_owned())
    })
}

/// The first name beside a name, which is the whole one (hosts(5), hostname(1)).
fn full_name(hosts: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(hosts);
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let first = words.next()?;
        (first == name || words.any(|word| word == name)).then(|| first.to_owned())
    })
}

fn hostname(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let text = match run.process.args.get(1).map(|arg| &arg[..]) {
        Some(b"-i" | b"-I") => {
            let name = own_name(&mut run);
            let task = run.process.task.clone();
            let hosts = fs::read(run.system.kernel, &task, b"/etc/hosts").unwrap_or_default();
            match address(&hosts, &name) {
                Some(address) => address,
                None if run.process.place == Place::Host => "127.0.0.1".to_owned(),
                None => {
                    run.warn(format!("{name}: Host name lookup failure"));
                    return Flow::Exit(1);
                }
            }
        }
        Some(name) if !name.starts_with(b"-") => {
            if matches!(run.process.place, Place::Container(_)) && !run.process.task.can(Caps::SYS_ADMIN) {
                run.warn("sethostname: Operation not permitted");
            } else {
                run.complain(
                    "Layerlab: the lab's machines keep their names; docker run --hostname gives one\n",
                );
            }
            return Flow::Exit(1);
        }
        Some(flag @ (b"-f" | b"--fqdn" | b"-d" | b"-s")) => {
            let flag = flag.to_vec();
            let name = own_name(&mut run);
            let task = run.process.task.clone();
            let hosts = fs::read(run.system.kernel, &task, b"/etc/hosts").unwrap_or_default();
            let whole = full_name(&hosts, &name).unwrap_or_else(|| name.clone());
            let (short, domain) = whole.split_once('.').unwrap_or((&whole, ""));
            match &flag[..] {
                b"-d" => domain.to_owned(),
                b"-s" => short.to_owned(),
                _ => whole,
            }
        }
        _ => own_name(&mut run),
    };
    run.print(text + "\n");
    run.end()
}
