//! `type`: what a name means.

use std::ops::ControlFlow;

use super::scripts::location;
use crate::kernel::ByteString;
use crate::shell::live::{Shell, Step};

pub(super) fn type_of(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let mut status = 0;
    for name in &args[1..] {
        let text: Vec<u8> = if let Some(value) = shell.state.aliases.get(name) {
            if shell.is_bash() {
                [name, &b" is aliased to `"[..], value, b"'\n"].concat()
            } else {
                [name, &b" is an alias for "[..], value, b"\n"].concat()
            }
        } else if shell.state.functions.contains_key(name) {
            [name, &b" is a function\n"[..]].concat()
        } else if shell.builtin(name).is_some() {
            [name, &b" is a shell builtin\n"[..]].concat()
        } else if let Some(file) = location(shell, name) {
            [name, &b" is "[..], &file, b"\n"].concat()
        } else if shell.is_bash() {
            shell.complain([b"type: ", &name[..], b": not found"].concat());
            status = 1;
            continue;
        } else {
            status = 127;
            [name, &b": not found\n"[..]].concat()
        };
        shell.print(text);
    }
    ControlFlow::Continue(status)
}
