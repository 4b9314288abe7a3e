//! `du`: prints the space that files take.

use super::common::args::{Flag, Order, Usage, Value, flag, long, parse, refused, valued};
use super::common::run::Run;
use super::common::text::human;
use crate::kernel::{ByteString, fs, path};
use crate::program::{Flow, Process, Program, Scope, System};
use std::collections::BTreeSet;

pub(super) const PROGRAM: Program =
    Program { name: "du", summary: "space that files take", scope: Scope::Everywhere, main: du };

const DU_FLAGS: &[Flag] = &[
    flag('a', "all", "files too"),
    flag('b', "bytes", "the sizes themselves, in bytes"),
    flag('c', "total", "with a total"),
    valued('d', "max-depth", "this deep at most"),
    flag('h', "human-readable", "sizes like 1.0K, 23M"),
    flag('k', "", ""),
    flag('m', "", "in mebibytes"),
    flag('s', "summarize", "only the operands"),
    refused(
        flag('x', "one-file-system", ""),
        "the lab's du counts what is mounted below too; leave -x out",
        &[],
    ),
    long("apparent-size", Value::No, "the sizes themselves"),
];

const DU_USAGE: Usage = Usage {
    synopsis: "[OPTION]... [FILE]...",
    about: "Summarize device usage of the set of FILEs, recursively for directories.",
    flags: DU_FLAGS,
    status: 1,
};

struct Dir {
    file: ByteString,
    depth: usize,
    total: u64,
    left: Vec<ByteString>,
}

fn du(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &DU_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let apparent = parsed.has('b') || parsed.has("apparent-size");
    let most = if parsed.has('s') {
        0
    } else {
        parsed.value('d').and_then(|text| text.to_text().parse().ok()).unwrap_or(usize::MAX)
    };
    let shown = |bytes: u64| match () {
        () if parsed.has('h') => human(bytes),
        () if parsed.has('b') => bytes.to_string(),
        () if parsed.has('m') => bytes.div_ceil(1 << 20).to_string(),
        () => bytes.div_ceil(1024).to_string(),
    };
    let mut seen: BTreeSet<(u64, u64)> = BTreeSet::new();
    let mut all = 0;
    let operands = if parsed.operands.is_empty() { vec![".".into()] } else { parsed.operands.clone() };
    for operand in operands {
        let mut open: Vec<Dir> = Vec::new();
        let mut next = Some((operand.clone(), 0));
        loop {
            if !run.step() {
                return run.end();
            }
            if let Some((file, depth)) = next.take() {
                match run.lstat(&file) {
                    Err(error) => run.warn_failed(run.words().cannot_access, &file, error),
                    Ok(stat) => {
                        let again = stat.nlink > 1 && !stat.is_dir() && !seen.insert((stat.dev, stat.ino));
                        let size = match (again, apparent) {
                            (true, _) => 0,
                            (_, true) => stat.size,
                            _ => stat.blocks * 512,
                        };
                        if stat.is_dir() {
                            let (kernel, task) = run.kernel();
                            let mut left: Vec<ByteString> = match fs::read_dir_sorted(kernel, task, &file) {
                                Ok(entries) => {
                                    entries.iter().map(|entry| path::join(&file, &entry.name)).collect()
                                }
                                Err(error) => {
                                    run.warn_path("cannot read directory", &file, error);
                                    Vec::new()
                                }
                            };
                            left.reverse();
                            open.push(Dir { file, depth, total: size, left });
                        } else {
                            if depth == 0 || parsed.has('a') && depth <= most && !again {
                                run.print([shown(size).as_bytes(), b"\t", &file, b"\n"].concat());
                            }
                            match open.last_mut() {
                                Some(dir) => dir.total += size,
                                None => all += size,
                            }
                        }
                    }
                }
            }
            let Some(dir) = open.last_mut() else { break };
            if let Some(file) = dir.left.pop() {
                next = Some((file, dir.depth + 1));
                continue;
            }
            let Some(dir) = open.pop() else { break };
            if dir.depth <= most {
                run.print([shown(dir.total).as_bytes(), b"\t", &dir.file, b"\n"].concat());
            }
            match open.last_mut() {
                Some(outer) => outer.total += dir.total,
                None => all += dir.total,
            }
        }
    }
    if parsed.has('c') {
        run.print(format!("{}\ttotal\n", shown(all)));
    }
    run.end()
}
