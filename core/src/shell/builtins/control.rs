//! `exit`, `return`, `break`, `continue`, `wait`.

use std::ops::ControlFlow;

use crate::kernel::ByteString;
use crate::shell::live::{Shell, Step, Stop};
use crate::shell::state::Dialect;

pub(super) fn exit(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    shell.state.status = status(shell, args);
    ControlFlow::Break(Stop::Exit)
}

pub(super) fn return_function(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    shell.state.status = status(shell, args);
    ControlFlow::Break(Stop::Return)
}

/// The number given, its low eight bits; the last status without one.
fn status(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> u8 {
    let Some(arg) = args.get(1) else { return shell.state.status };
    match arg.to_text().parse::<i64>() {
        Ok(number) => number as u8,
        Err(_) => {
            let text: &[u8] = match shell.state.dialect {
                Dialect::Bash => b": numeric argument required",
                _ => b"",
            };
            let lead: &[u8] = if shell.is_bash() { b"" } else { b"Illegal number: " };
            let _ = shell.mistake(args, [lead, arg, text].concat(), 2);
            2
        }
    }
}

pub(super) fn break_loop(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    leave(shell, args, Stop::Break)
}

pub(super) fn continue_loop(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    leave(shell, args, Stop::Continue)
}

fn leave(shell: &mut Shell<'_, '_>, args: &[ByteString], stop: fn(u32) -> Stop) -> Step<u8> {
    if shell.state.loops == 0 {
        if shell.is_bash() {
            return shell.mistake(args, "only meaningful in a `for', `while', or `until' loop", 0);
        }
        return ControlFlow::Continue(0);
    }
    let levels = args.get(1).map_or(Ok(1), |arg| arg.to_text().parse::<u32>());
    shell.state.status = 0;
    match levels {
        Ok(levels @ 1..) => ControlFlow::Break(stop(levels)),
        _ => {
            let arg = args[1].clone();
            shell.mistake(args, [&arg[..], b": loop count out of range"].concat(), 1)
        }
    }
}

/// `trap 'commands' EXIT`: what is run when the shell ends. Signals do not come here, so that traps for them are taken
/// and never run.
pub(super) fn trap(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let mut operands = args[1..].iter().filter(|arg| **arg != "--");
    let Some(action) = operands.next() else {
        if let Some(action) = &shell.state.at_exit {
            let text = [b"trap -- ", &crate::shell::escape::quote(action)[..], b" EXIT\n"].concat();
            shell.print(text);
        }
        return ControlFlow::Continue(0);
    };
    let mut names: Vec<&ByteString> = operands.collect();
    let reset = *action == "-" || names.is_empty();
    if names.is_empty() {
        names.push(action);
    }
    if names.iter().any(|name| matches!(&name[..], b"EXIT" | b"0")) {
        shell.state.at_exit = if reset { None } else { Some(action.clone()) };
    }
    ControlFlow::Continue(0)
}

/// Background commands have run to their end before the next command starts, except those that wait for ever: then
/// this waits for ever too.
pub(super) fn wait(shell: &mut Shell<'_, '_>, _: &[ByteString]) -> Step<u8> {
    if shell.state.waiting {
        return ControlFlow::Break(Stop::Waiting);
    }
    ControlFlow::Continue(0)
}
