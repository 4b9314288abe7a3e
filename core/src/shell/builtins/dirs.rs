//! `pushd`, `popd`, `dirs`: a stack of directories (bash(1), "The Directory Stack").

use std::ops::ControlFlow;

use super::place;
use crate::kernel::ByteString;
use crate::shell::live::{Shell, Step};

/// How many directories the stack holds.
const HELD: usize = 1000;

pub(super) fn pushd(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let here = shell.state.pwd.clone();
    let to = match args.get(1) {
        Some(dir) => dir.clone(),
        None => match shell.state.dirs.last() {
            Some(dir) => dir.clone(),
            None => return shell.mistake(args, "no other directory", 1),
        },
    };
    if args.len() > 2 {
        return shell.mistake(args, "too many arguments", 1);
    }
    if shell.state.dirs.len() >= HELD {
        return shell.mistake(args, "too many directories", 1);
    }
    let status = place::cd(shell, &[args[0].clone(), to])?;
    if status == 0 {
        if args.len() == 1 {
            shell.state.dirs.pop();
        }
        shell.state.dirs.push(here);
        show(shell);
    }
    ControlFlow::Continue(status)
}

pub(super) fn popd(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let Some(to) = shell.state.dirs.last().cloned() else {
        return shell.mistake(args, "directory stack empty", 1);
    };
    let status = place::cd(shell, &[args[0].clone(), to])?;
    if status == 0 {
        shell.state.dirs.pop();
        show(shell);
    }
    ControlFlow::Continue(status)
}

pub(super) fn dirs(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    if args.get(1).is_some_and(|arg| *arg == "-c") {
        shell.state.dirs.clear();
        return ControlFlow::Continue(0);
    }
    show(shell);
    ControlFlow::Continue(0)
}

/// The stack, the place at hand first; the home directory is `~`.
fn show(shell: &mut Shell<'_, '_>) {
    let home = shell.state.get(b"HOME").cloned().filter(|home| home.len() > 1);
    let all = std::iter::once(&shell.state.pwd).chain(shell.state.dirs.iter().rev());
    let short = |dir: &ByteString| match home.as_ref().and_then(|home| dir.strip_prefix(&home[..])) {
        Some(rest) if rest.is_empty() || rest.starts_with(b"/") => [b"~", rest].concat(),
        _ => dir.to_vec(),
    };
    let text = all.map(short).collect::<Vec<_>>().join(&b' ');
    shell.print([&text[..], b"\n"].concat());
}
