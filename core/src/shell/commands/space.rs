//! `du` and `df`.

use std::collections::BTreeSet;

use super::common::args::{Flag, Order, Usage, Value, flag, long, parse, refused, valued};
use super::common::run::Run;
use super::common::text::human;
use super::mount::visible;
use crate::kernel::{ByteString, fs, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const DU: Program =
    Program { name: "du", summary: "space that files take", scope: Scope::Everywhere, main: du };
pub(super) const DF: Program =
    Program { name: "df", summary: "space of file systems", scope: Scope::Everywhere, main: df };

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

const DF_USAGE: Usage = Usage {
    synopsis: "[OPTION]... [FILE]...",
    about: "Show information about the file system on which each FILE resides, or all file systems.",
    flags: &[
        flag('a', "all", ""),
        flag('h', "human-readable", "sizes like 1.0K, 23M"),
        flag('k', "", ""),
        flag('T', "print-type", "with the type"),
        valued('t', "type", "only this type"),
    ],
    status: 1,
};

fn df(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &DF_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let mounts = visible(&mut run);
    let mut wanted: Vec<(ByteString, ByteString)> = Vec::new();
    if parsed.operands.is_empty() {
        // What has no blocks is not listed.
        let real = mounts.iter().filter(|mount| mount.fstype != "proc" && mount.fstype != "sysfs");
        wanted.extend(real.map(|mount| (mount.source.clone(), mount.target.clone())));
    }
    for operand in &parsed.operands {
        if let Err(error) = run.stat(operand) {
            run.warn_bare(operand, error);
            continue;
        }
        let full = path::normalize(&path::join(&run.process.task.cwd, operand));
        let over = |target: &ByteString| {
            *target == "/" || full == *target || full.starts_with(&[&target[..], b"/"].concat())
        };
        let found = mounts.iter().filter(|mount| over(&mount.target)).max_by_key(|mount| mount.target.len());
        match found {
            Some(mount) => wanted.push((mount.source.clone(), mount.target.clone())),
            None => wanted.push(("-".into(), "/".into())),
        }
    }
    let size = |bytes: u64| if parsed.has('h') { human(bytes) } else { (bytes / 1024).to_string() };
    let head = if parsed.has('h') { ["Size", "Used", "Avail"] } else { ["1K-blocks", "Used", "Available"] };
    let mut rows = vec![[
        "Filesystem".to_owned(),
        "Type".to_owned(),
        head[0].to_owned(),
        head[1].to_owned(),
        head[2].to_owned(),
        "Use%".to_owned(),
        "Mounted on".to_owned(),
    ]];
    for (source, target) in wanted {
        let (kernel, task) = run.kernel();
        let Ok(stat) = kernel.statfs(task, &target) else { continue };
        if parsed.value('t').is_some_and(|kind| *kind != stat.fstype) {
            continue;
        }
        let used = stat.total.saturating_sub(stat.available);
        let share =
            if stat.total == 0 { "-".to_owned() } else { format!("{}%", (used * 100).div_ceil(stat.total)) };
        rows.push([
            source.to_text(),
            stat.fstype.to_text(),
            size(stat.total),
            size(used),
            size(stat.available),
            share,
            target.to_text(),
        ]);
    }
    let wide: Vec<usize> =
        (0..7).map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0)).collect();
    for row in rows {
        let mut line = format!("{:<width$}", row[0], width = wide[0].max(14));
        for (at, cell) in row.iter().enumerate().skip(1) {
            match at {
                1 if !parsed.has('T') => {}
                1 => line.push_str(&format!(" {cell:<width$}", width = wide[1])),
                6 => line.push_str(&format!(" {cell}")),
                _ => line
                    .push_str(&format!(" {cell:>width$}", width = wide[at].max(if at == 5 { 4 } else { 5 }))),
            }
        }
        run.print(line + "\n");
    }
    run.end()
}
