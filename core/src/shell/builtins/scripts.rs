//! `.`, `eval`, `exec`, `command`: running text and programs.

use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::Bytes;

use super::alias::shown;
use crate::kernel::{ByteString, fs};
use crate::program::find_in_path;
use crate::shell::io::{Known, known_device};
use crate::shell::live::{Kind, Shell, Step, Stop};

pub(super) fn eval(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let text = args[1..].iter().map(ByteString::as_bytes).collect::<Vec<_>>().join(&b' ');
    if text.trim_ascii().is_empty() {
        return ControlFlow::Continue(0);
    }
    begin(shell, text, Kind::Eval)
}

pub(super) fn dot(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let Some(file) = args.get(1) else {
        return shell.mistake(args, "filename argument required", 2);
    };
    let text = match known_device(&shell.state.task, file) {
        Some(Known::Null) => Ok(Bytes::new()),
        _ => fs::read(shell.system.kernel, &shell.state.task, file),
    };
    match text {
        Ok(text) => {
            let params =
                (args.len() > 2).then(|| std::mem::replace(&mut shell.state.params, args[2..].to_vec()));
            begin(shell, text.to_vec(), Kind::Dot(params))
        }
        Err(error) => {
            let text = [&file[..], b": ", error.text().as_bytes()].concat();
            if shell.is_bash() {
                shell.complain(text);
                return ControlFlow::Continue(1);
            }
            // A special builtin's error ends a shell that nobody types into (POSIX, 2.8.1).
            shell.state.status = 2;
            let _ = shell.mistake(args, [b"can't open ", &text[..]].concat(), 2);
            ControlFlow::Break(shell.fatal())
        }
    }
}

fn begin(shell: &mut Shell<'_, '_>, text: Vec<u8>, kind: Kind) -> Step<u8> {
    shell.deeper()?;
    shell.state.status = 0;
    shell.begin(Arc::new(text), kind);
    ControlFlow::Break(Stop::Begun)
}

/// `exec program`: the shell becomes it. (Redirections without a program are made before this is called.)
pub(super) fn exec(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    shell.become_program(args[1..].to_vec())
}

/// `command name …`: a builtin or a program, never a function; `-v` says where it is.
pub(super) fn command(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    match args.get(1).map(|arg| &arg[..]) {
        None => ControlFlow::Continue(0),
        Some(b"-v" | b"-V") => {
            let mut status = 0;
            for name in &args[2..] {
                if let Some(value) = shell.state.aliases.get(name).cloned() {
                    let word: &[u8] = if shell.is_bash() { b"" } else { b"alias " };
                    let text = [word, &shown(shell, name, &value)].concat();
                    shell.print(text);
                    continue;
                }
                match location(shell, name) {
                    Some(text) => shell.print([&text[..], b"\n"].concat()),
                    None => status = 1,
                }
            }
            ControlFlow::Continue(status)
        }
        Some(_) => {
            let args: Vec<ByteString> =
                args[1..].iter().skip_while(|a| **a == "-p" || **a == "--").cloned().collect();
            let Some(name) = args.first() else { return ControlFlow::Continue(0) };
            match shell.builtin(name) {
                Some(builtin) => builtin(shell, &args),
                None => {
                    shell.external(Vec::new(), args)?;
                    ControlFlow::Continue(shell.state.status)
                }
            }
        }
    }
}

/// Where a name leads, as `command -v` prints it.
pub(super) fn location(shell: &mut Shell<'_, '_>, name: &[u8]) -> Option<ByteString> {
    if shell.state.functions.contains_key(name) || shell.builtin(name).is_some() {
        return Some(name.into());
    }
    let process = shell.process(vec![name.into()]);
    match find_in_path(shell.system.kernel, &process) {
        Ok(file) => Some(file),
        Err(_) if process.place == crate::program::Place::Host && shell.system.table.get(name).is_some() => {
            Some([b"/usr/bin/", name].concat().into())
        }
        Err(_) => None,
    }
}
