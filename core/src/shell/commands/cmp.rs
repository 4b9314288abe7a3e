//! `cmp`.

use super::common::args::{Order, Usage, flag, missing, parse};
use super::common::run::Run;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const CMP: Program =
    Program { name: "cmp", summary: "compare two files byte by byte", scope: Scope::Everywhere, main: cmp };

const CMP_USAGE: Usage = Usage {
    synopsis: "[OPTION]... FILE1 [FILE2]",
    about: "Compare two files byte by byte.",
    flags: &[flag('s', "quiet", "print nothing"), flag('l', "verbose", "all bytes that differ")],
    status: 2,
};

fn cmp(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &CMP_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let Some(first) = parsed.operands.first().cloned() else {
        return Flow::Exit(missing(&mut run, &CMP_USAGE, "missing operand after 'cmp'"));
    };
    let second = parsed.operands.get(1).cloned().unwrap_or_else(|| "-".into());
    let (Some(a), Some(b)) = (read(&mut run, &first), read(&mut run, &second)) else { return Flow::Exit(2) };
    let quiet = parsed.has('s');
    let mut differs = false;
    for (at, (x, y)) in a.iter().zip(&b).enumerate() {
        if x == y {
            continue;
        }
        differs = true;
        if quiet {
            break;
        }
        if parsed.has('l') {
            run.print(format!(
                "{:>width$} {x:3o} {y:3o}\n",
                at + 1,
                width = a.len().max(b.len()).to_string().len()
            ));
            continue;
        }
        let line = a[..at].split(|byte| *byte == b'\n').count();
        let (place, line) = ((at + 1).to_string(), line.to_string());
        let parts: [&[u8]; 4] = [&first, &second, place.as_bytes(), line.as_bytes()];
        run.print(run.fill(run.words().cmp_differ, &parts));
        break;
    }
    if a.len() != b.len() && (!differs || parsed.has('l')) {
        differs = true;
        let (short, len, data) =
            if a.len() < b.len() { (&first, a.len(), &a) } else { (&second, b.len(), &b) };
        if !quiet {
            let lines = data.split(|byte| *byte == b'\n').count();
            let text = match len {
                0 => "cmp: EOF on ‘NAME’ which is empty\n".to_owned(),
                _ if data.ends_with(b"\n") => {
                    format!("cmp: EOF on ‘NAME’ after byte {len}, line {}\n", lines - 1)
                }
                _ => format!("cmp: EOF on ‘NAME’ after byte {len}, in line {lines}\n"),
            };
            run.complain(text.replace("NAME", &short.to_text()));
        }
    }
    Flow::Exit(u8::from(differs))
}

/// A file's bytes, or a complaint.
pub(super) fn read(run: &mut Run<'_, '_>, file: &[u8]) -> Option<Vec<u8>> {
    match run.slurp(file) {
        Ok(data) => Some(data),
        Err(error) => {
            run.warn_bare(file, error);
            None
        }
    }
}
