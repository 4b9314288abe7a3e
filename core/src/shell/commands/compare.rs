//! `diff`.

use super::cmp::read;
use super::common::args::{Flag, Order, Usage, flag, missing, parse, valued};
use super::common::lines::split;
use super::common::run::Run;
use super::hunks::{Show, changes};
use crate::kernel::{ByteString, FileType, fs, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const DIFF: Program =
    Program { name: "diff", summary: "compare files line by line", scope: Scope::Everywhere, main: diff };

const DIFF_FLAGS: &[Flag] = &[
    flag('q', "brief", "only whether they differ"),
    flag('r', "recursive", "all that is below directories"),
    flag('u', "unified", "with three lines around"),
    flag('s', "report-identical-files", "also where they are the same"),
    flag('a', "text", ""),
    flag('w', "ignore-all-space", "blanks are nothing"),
    flag('i', "ignore-case", "upper and lower case are one"),
    valued('U', "", "with this many lines around"),
];
const DIFF_USAGE: Usage = Usage {
    synopsis: "[OPTION]... FILES",
    about: "Compare FILES line by line.",
    flags: DIFF_FLAGS,
    status: 2,
};

fn diff(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &DIFF_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let [first, second] = &parsed.operands[..] else {
        let last = run.process.args.last().cloned().unwrap_or_default();
        return Flow::Exit(missing(&mut run, &DIFF_USAGE, &format!("missing operand after '{last}'")));
    };
    let around = parsed.value('U').and_then(|text| text.to_text().parse().ok()).unwrap_or(3usize);
    let how = How {
        brief: parsed.has('q'),
        unified: (parsed.has('u') || parsed.has('U') || run.habits().diff_is_unified).then_some(around),
        same: parsed.has('s'),
        blanks: parsed.has('w'),
        case: parsed.has('i'),
    };
    let mut status = 0;
    let mut work = vec![(first.clone(), second.clone())];
    let top_dirs = run.stat(first).is_ok_and(|s| s.is_dir()) && run.stat(second).is_ok_and(|s| s.is_dir());
    while let Some((a, b)) = work.pop() {
        if !run.step() {
            return Flow::Exit(2);
        }
        let kinds = (run.stat(&a), run.stat(&b));
        let (x, y) = match kinds {
            (Ok(x), Ok(y)) => (x, y),
            (x, y) => {
                for (file, found) in [(&a, x), (&b, y)] {
                    if let Err(error) = found {
                        run.warn_bare(file, error);
                    }
                }
                status = 2;
                continue;
            }
        };
        match (x.is_dir(), y.is_dir()) {
            (true, true) => {
                status = status.max(directories(&mut run, &a, &b, parsed.has('r'), &mut work));
            }
            (true, false) if !top_dirs && a == *first => {
                work.push((path::join(&a, path::file_name(&b).unwrap_or(b"")), b));
            }
            (false, true) if !top_dirs && a == *first => {
                work.push((a.clone(), path::join(&b, path::file_name(&a).unwrap_or(b""))));
            }
            (true, false) | (false, true) => {
                let kind = |dir: bool| if dir { "directory" } else { "regular file" };
                let text =
                    format!("File {a} is a {} while file {b} is a {}\n", kind(x.is_dir()), kind(y.is_dir()));
                run.print(text);
                status = status.max(1);
            }
            (false, false) => {
                let lead = if top_dirs && !how.brief {
                    let flags: Vec<String> = run.process.args[1..]
                        .iter()
                        .filter(|arg| arg.starts_with(b"-"))
                        .map(ByteString::to_text)
                        .collect();
                    Some(format!("diff {} {a} {b}\n", flags.join(" ")))
                } else {
                    None
                };
                status = status.max(files(&mut run, &a, &b, how, lead));
            }
        }
    }
    Flow::Exit(status)
}

#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is one option of diff, and they go in any mixture")]
struct How {
    brief: bool,
    unified: Option<usize>,
    same: bool,
    blanks: bool,
    case: bool,
}

fn directories(
    run: &mut Run<'_, '_>,
    a: &ByteString,
    b: &ByteString,
    recursive: bool,
    work: &mut Vec<(ByteString, ByteString)>,
) -> u8 {
    let (kernel, task) = run.kernel();
    let left = fs::read_dir_sorted(kernel, task, a).unwrap_or_default();
    let right = fs::read_dir_sorted(kernel, task, b).unwrap_or_default();
    let mut names: Vec<(&ByteString, FileType)> =
        left.iter().chain(&right).map(|e| (&e.name, e.kind)).collect();
    names.sort();
    names.dedup_by(|x, y| x.0 == y.0);
    let mut status = 0;
    let mut both = Vec::new();
    for (name, _) in names {
        let (in_left, in_right) =
            (left.iter().any(|e| e.name == *name), right.iter().any(|e| e.name == *name));
        let (x, y) = (path::join(a, name), path::join(b, name));
        match (in_left, in_right) {
            (true, true) => {
                let (p, q) = (run.stat(&x).is_ok_and(|s| s.is_dir()), run.stat(&y).is_ok_and(|s| s.is_dir()));
                if p && q && !recursive {
                    run.print([b"Common subdirectories: ", &x[..], b" and ", &y, b"\n"].concat());
                } else {
                    both.push((x, y));
                }
            }
            (only_left, _) => {
                let dir = if only_left { a } else { b };
                run.print([b"Only in ", &dir[..], b": ", name, b"\n"].concat());
                status = 1;
            }
        }
    }
    // What is below comes after what is here, in order.
    work.extend(both.into_iter().rev());
    status
}

fn files(run: &mut Run<'_, '_>, a: &ByteString, b: &ByteString, how: How, lead: Option<String>) -> u8 {
    let (Some(x), Some(y)) = (read(run, a), read(run, b)) else { return 2 };
    let key = |line: &[u8]| -> Vec<u8> {
        let mut key: Vec<u8> = line.to_vec();
        if how.blanks {
            key.retain(|byte| !byte.is_ascii_whitespace());
        }
        if how.case { key.to_ascii_lowercase() } else { key }
    };
    let ends = |data: &[u8]| data.is_empty() || data.ends_with(b"\n");
    let (left, right) = (split(&x), split(&y));
    let keyed = |lines: &[&[u8]], open: bool| -> Vec<Vec<u8>> {
        let last = lines.len().saturating_sub(1);
        // A last line without a line feed differs from the same with one.
        lines
            .iter()
            .enumerate()
            .map(|(at, line)| if open && at == last { [&key(line)[..], b"\0"].concat() } else { key(line) })
            .collect()
    };
    let (p, q) = (keyed(&left, !ends(&x)), keyed(&right, !ends(&y)));
    if p == q {
        if how.same {
            run.print([b"Files ", &a[..], b" and ", b, b" are identical\n"].concat());
        }
        return 0;
    }
    let binary = x.contains(&0) || y.contains(&0);
    if how.brief || binary {
        let lead: &[u8] = if binary && !how.brief { b"Binary files " } else { b"Files " };
        run.print([lead, &a[..], b" and ", b, b" differ\n"].concat());
        return 1;
    }
    if let Some(lead) = lead {
        run.print(lead);
    }
    let hunks = changes(&p, &q);
    let show = Show { left: &left, right: &right, left_open: !ends(&x), right_open: !ends(&y) };
    let mut out = Vec::new();
    match how.unified {
        None => hunks.iter().for_each(|hunk| show.normal(hunk, &mut out)),
        Some(around) => {
            for (mark, file) in [("---", a), ("+++", b)] {
                let date = run.stat(file).map(|s| super::common::time::full(s.mtime)).unwrap_or_default();
                let date = if run.habits().diff_dates_files { format!("\t{date}") } else { String::new() };
                out.extend([mark.as_bytes(), b" ", &file[..], date.as_bytes(), b"\n"].concat());
            }
            show.unified(&hunks, around, &mut out);
        }
    }
    run.print(out);
    1
}
