//! `tree`.

use super::common::args::{Flag, Order, Usage, Value, flag, long, parse, valued};
use super::common::mode;
use super::common::run::Run;
use crate::kernel::{ByteString, FileType, fs, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "tree", summary: "draw a directory and all below", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    flag('a', "", "also names that start with a dot"),
    flag('d', "", "directories alone"),
    flag('f', "", "with the whole path"),
    flag('F', "", "append / to directories, = | and * to others"),
    flag('h', "", "with sizes for people"),
    flag('i', "", "without lines"),
    flag('p', "", "with permission bits"),
    flag('s', "", "with sizes"),
    flag('n', "", ""),
    flag('C', "", ""),
    valued('L', "", "this deep at most"),
    long("noreport", Value::No, "without the count at the end"),
    long("dirsfirst", Value::No, "directories before files"),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... [DIRECTORY]...",
    about: "List directories in a tree.",
    flags: FLAGS,
    status: 1,
};

struct Item {
    file: ByteString,
    lead: String,
    branch: &'static str,
    depth: usize,
}

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let most = parsed.value('L').and_then(|text| text.to_text().parse::<usize>().ok()).unwrap_or(usize::MAX);
    let roots = if parsed.operands.is_empty() { vec![".".into()] } else { parsed.operands.clone() };
    let (mut dirs, mut files) = (0u64, 0u64);
    for root in roots {
        let mut work = vec![Item { file: root, lead: String::new(), branch: "", depth: 0 }];
        while let Some(item) = work.pop() {
            if !run.step() {
                return run.end();
            }
            let top = item.depth == 0;
            let stat = if top { run.stat(&item.file) } else { run.lstat(&item.file) };
            let name: &[u8] = if top || parsed.has('f') {
                &item.file
            } else {
                path::file_name(&item.file).unwrap_or(&item.file)
            };
            let Ok(stat) = stat else {
                let text = if top { "  [error opening dir]\n" } else { "\n" };
                run.print([item.lead.as_bytes(), item.branch.as_bytes(), name, text.as_bytes()].concat());
                run.status = run.status.max(if top { 2 } else { 0 });
                continue;
            };
            if !top {
                if stat.is_dir() { dirs += 1 } else { files += 1 }
            }
            let mut told = Vec::new();
            if parsed.has('p') {
                told.push(mode::letters(&stat));
            }
            if parsed.has('h') {
                told.push(format!("{:>4}", super::common::text::human(stat.size)));
            } else if parsed.has('s') {
                told.push(format!("{:>11}", stat.size));
            }
            let told = if told.is_empty() { String::new() } else { format!("[{}]  ", told.join(" ")) };
            let (lead, branch) = if parsed.has('i') { ("", "") } else { (&item.lead[..], item.branch) };
            let mut line = [lead.as_bytes(), branch.as_bytes(), told.as_bytes(), name].concat();
            if stat.kind == FileType::Symlink {
                let (kernel, task) = run.kernel();
                if let Ok(target) = kernel.readlink(task, &item.file) {
                    line.extend([b" -> ", &target[..]].concat());
                }
            } else if parsed.has('F') && stat.is_dir() && !line.ends_with(b"/") {
                line.push(b'/');
            }
            line.push(b'\n');
            run.print(line);
            if !stat.is_dir() || item.depth >= most {
                continue;
            }
            let (kernel, task) = run.kernel();
            let mut entries = fs::read_dir_sorted(kernel, task, &item.file).unwrap_or_default();
            entries.retain(|e| {
                (parsed.has('a') || !e.name.starts_with(b"."))
                    && (!parsed.has('d') || e.kind == FileType::Dir)
            });
            if parsed.has("dirsfirst") {
                entries.sort_by_key(|entry| entry.kind != FileType::Dir);
            }
            let down = match item.branch {
                "" => item.lead.clone(),
                "└── " => format!("{}    ", item.lead),
                _ => format!("{}│\u{a0}\u{a0} ", item.lead),
            };
            let last = entries.len().saturating_sub(1);
            for (at, entry) in entries.iter().enumerate().rev() {
                work.push(Item {
                    file: path::join(&item.file, &entry.name),
                    lead: down.clone(),
                    branch: if at == last { "└── " } else { "├── " },
                    depth: item.depth + 1,
                });
            }
        }
    }
    if !parsed.has("noreport") {
        let (d, f) =
            (if dirs == 1 { "directory" } else { "directories" }, if files == 1 { "file" } else { "files" });
        let text =
            if parsed.has('d') { format!("\n{dirs} {d}\n") } else { format!("\n{dirs} {d}, {files} {f}\n") };
        run.print(text);
    }
    run.end()
}
