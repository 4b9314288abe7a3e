//! `ln`: hard and symbolic links.

use super::common::args::{Flag, Order, Usage, flag, missing, parse, valued};
use super::common::run::Run;
use super::common::text::quote;
use crate::kernel::{ByteString, Errno, FileType, Kernel, Task, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "ln", summary: "make links", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    flag('f', "force", "remove what is there"),
    flag('i', "interactive", ""),
    flag('L', "logical", "follow symbolic links of TARGET"),
    flag('n', "no-dereference", "treat a symbolic link to a directory as a file"),
    flag('P', "physical", "link to symbolic links themselves"),
    flag('r', "relative", "make symbolic links relative to where they stand"),
    flag('s', "symbolic", "make symbolic links"),
    valued('t', "target-directory", "make the links in this directory"),
    flag('T', "no-target-directory", "the last operand is a file, never a directory"),
    flag('v', "verbose", "say what is done"),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... TARGET... LINK_NAME|DIRECTORY",
    about: "Create links to the TARGET(s).",
    flags: FLAGS,
    status: 1,
};

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let mut parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let mut operands = std::mem::take(&mut parsed.operands);
    if operands.is_empty() {
        return Flow::Exit(missing(&mut run, &USAGE, "missing file operand"));
    }
    let (symbolic, keep_link) = (parsed.has('s'), parsed.has('n'));
    let dir = match parsed.value('t') {
        Some(dir) => Some(dir.clone()),
        None if operands.len() == 1 => Some(".".into()),
        None => {
            let last = operands.last().cloned().unwrap_or_default();
            let is_link = keep_link && run.lstat(&last).is_ok_and(|s| s.kind == FileType::Symlink);
            let is_dir = !parsed.has('T') && !is_link && run.stat(&last).is_ok_and(|s| s.is_dir());
            if !is_dir && operands.len() > 2 {
                run.warn([b"target ", &quote(&last)[..], b" is not a directory"].concat());
                return run.end();
            }
            is_dir.then(|| operands.pop().unwrap_or_default())
        }
    };
    let drops_dot = run.habits().drops_dot;
    let pairs: Vec<(ByteString, ByteString)> = match dir {
        Some(dir) => operands
            .into_iter()
            .map(|target| {
                let name = path::join(&dir, path::file_name(&target).unwrap_or(b""));
                (target, if dir == "." && drops_dot { ByteString::from(&name[2..]) } else { name })
            })
            .collect(),
        None => {
            let name = operands.pop().unwrap_or_default();
            operands.into_iter().map(|target| (target, name.clone())).collect()
        }
    };
    let kind = if symbolic { LinkKind::Symbolic } else { LinkKind::Hard };
    let there = if parsed.has('f') { There::Removed } else { There::Kept };
    for (target, name) in pairs {
        let target = if symbolic && parsed.has('r') { relative(&mut run, &target, &name) } else { target };
        if let Err(message) = link(&mut run, &target, &name, kind, there) {
            run.warn(message);
        } else if parsed.has('v') {
            let arrow: &[u8] = if symbolic { b" -> " } else { b" => " };
            let text = [&quote(&name)[..], arrow, &quote(&target), b"\n"].concat();
            run.print(text);
        }
    }
    run.end()
}

/// The kind of link that is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LinkKind {
    Hard,
    Symbolic,
}

impl LinkKind {
    fn make(self, kernel: &mut dyn Kernel, task: &Task, target: &[u8], name: &[u8]) -> Result<(), Errno> {
        match self {
            Self::Symbolic => kernel.symlink(task, target, name),
            Self::Hard => kernel.link(task, target, name),
        }
    }
}

/// What becomes of a file that has the link's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum There {
    Kept,
    /// With `-f`.
    Removed,
}

fn link(
    run: &mut Run<'_, '_>,
    target: &[u8],
    name: &[u8],
    kind: LinkKind,
    there: There,
) -> Result<(), Vec<u8>> {
    if run.habits().ln_removes_first {
        return remove_and_link(run, target, name, kind, there);
    }
    if kind == LinkKind::Hard {
        match run.lstat(target) {
            Ok(stat) if stat.is_dir() => {
                return Err([target, b": hard link not allowed for directory"].concat());
            }
            Ok(stat) => {
                if let Ok(old) = run.lstat(name)
                    && there == There::Removed
                    && (old.dev, old.ino) == (stat.dev, stat.ino)
                {
                    return Err([&quote(target)[..], b" and ", &quote(name), b" are the same file"].concat());
                }
            }
            Err(error) => {
                return Err(
                    [b"failed to access ", &quote(target)[..], b": ", error.text().as_bytes()].concat()
                );
            }
        }
    }
    let (kernel, task) = run.kernel();
    let mut result = kind.make(kernel, task, target, name);
    if there == There::Removed && result == Err(Errno::EEXIST) {
        result = kernel.unlink(task, name).and_then(|()| kind.make(kernel, task, target, name));
    }
    result.map_err(|error| {
        let text = error.text().as_bytes();
        let what: &[u8] = match kind {
            LinkKind::Symbolic => b"failed to create symbolic link ",
            LinkKind::Hard => b"failed to create hard link ",
        };
        match (kind, error) {
            (LinkKind::Symbolic, _) | (LinkKind::Hard, Errno::EEXIST) => {
                [what, &quote(name), b": ", text].concat()
            }
            (LinkKind::Hard, _) => [what, &quote(name), b" => ", &quote(target), b": ", text].concat(),
        }
    })
}

/// With `-f` what is there goes first, whatever comes of the link.
fn remove_and_link(
    run: &mut Run<'_, '_>,
    target: &[u8],
    name: &[u8],
    kind: LinkKind,
    there: There,
) -> Result<(), Vec<u8>> {
    let told = |file: &[u8], error: Errno| [file, b": ", error.text().as_bytes()].concat();
    if kind == LinkKind::Hard
        && let Err(error) = run.lstat(target)
    {
        return Err(told(target, error));
    }
    let (kernel, task) = run.kernel();
    if there == There::Removed {
        let _ = kernel.unlink(task, name);
    }
    kind.make(kernel, task, target, name).map_err(|error| told(name, error))
}

/// The way from the link's directory to the target, by text.
fn relative(run: &mut Run<'_, '_>, target: &[u8], name: &[u8]) -> ByteString {
    let cwd = run.process.task.cwd.clone();
    let target = path::normalize(&path::join(&cwd, target));
    let name = path::normalize(&path::join(&cwd, name));
    let to: Vec<&[u8]> = path::components(&target).collect();
    let from: Vec<&[u8]> = path::components(path::parent(&name)).collect();
    let common = to.iter().zip(&from).take_while(|(a, b)| a == b).count();
    let mut parts: Vec<&[u8]> = vec![b".."; from.len() - common];
    parts.extend_from_slice(&to[common..]);
    if parts.is_empty() { ".".into() } else { parts.join(&b'/').into() }
}
