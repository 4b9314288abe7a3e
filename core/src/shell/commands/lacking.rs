//! Programs that the lab has in part: `top` and `watch` show what they show once, `jq` and `xz` say what there is instead.

use super::common::run::Run;
use super::who::replace;
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAMS: [Program; 4] = [
    Program { name: "jq", summary: "no jq here: docker inspect --format", scope: Scope::Host, main: jq },
    Program { name: "top", summary: "list processes once", scope: Scope::Everywhere, main: top },
    Program { name: "watch", summary: "run a command once", scope: Scope::Everywhere, main: watch },
    Program { name: "xz", summary: "no xz here: use gzip", scope: Scope::Host, main: xz },
];

fn jq(system: &mut System<'_>, process: &mut Process) -> Flow {
    let text = "Layerlab: there is no jq here; `docker inspect --format '{{json .State}}'` and grep pick fields out\n";
    process.complain(system, text);
    Flow::Exit(127)
}

fn xz(system: &mut System<'_>, process: &mut Process) -> Flow {
    process.complain(
        system,
        "Layerlab: there is no xz here; gzip packs, and `docker load` reads archives packed by xz\n",
    );
    Flow::Exit(127)
}

/// The processes as they are now: nothing draws over what stands on the screen here.
fn top(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    run.complain("Layerlab: top shows the processes once here; `docker stats` goes on\n");
    let words: &[&str] = if run.is_busybox() { &["ps"] } else { &["ps", "aux"] };
    replace(&mut run, words.iter().map(|word| ByteString::from(*word)).collect())
}

/// A command's output once, under the line that says which it is.
fn watch(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let mut words = run.process.args[1..].iter().cloned().peekable();
    let mut seconds = ByteString::from("2.0");
    while let Some(option) = words.next_if(|word| word.starts_with(b"-") && word.len() > 1) {
        match &option[..] {
            b"-n" | b"--interval" => seconds = words.next().unwrap_or_default(),
            [b'-', b'n', rest @ ..] => seconds = rest.into(),
            _ => {}
        }
    }
    let command: Vec<ByteString> = words.collect();
    if command.is_empty() {
        run.complain("Usage: watch [-n SEC] PROG ARGS\n");
        return Flow::Exit(1);
    }
    let text: Vec<&[u8]> = command.iter().map(ByteString::as_bytes).collect();
    let text = text.join(&b' ');
    run.print([b"Every ", &seconds[..], b"s: ", &text, b"\n\n"].concat());
    run.complain("Layerlab: watch runs its command once here\n");
    replace(&mut run, vec!["sh".into(), "-c".into(), text.into()])
}
