//! `df`: prints the space of file systems.

use super::common::args::{Order, Usage, flag, parse, valued};
use super::common::run::Run;
use super::common::text::human;
use super::mount::visible;
use crate::kernel::{ByteString, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "df", summary: "space of file systems", scope: Scope::Everywhere, main: df };

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
