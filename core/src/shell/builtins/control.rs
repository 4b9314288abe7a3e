//! `exit`, `return`, `break`, `continue`.

use std::ops::ControlFlow;

use crate::kernel::ByteString;
use crate::program::Place;
use crate::shell::live::{Shell, Step, Stop};
use crate::shell::state::Dialect;

pub(super) fn exit(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    shell.state.status = status(shell, args);
    if shell.vm.sits && shell.state.place == Place::Host && shell.system.world.tasks.readers.len() <= 1 {
        let text =
            "Layerlab: the lab's own terminal stays open: a new shell begins, and everything else stays\n";
        shell.io.stderr().write(shell.system, text);
    }
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
        Ok(number) if number >= 0 || shell.is_bash() => number as u8,
        _ => {
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
    if shell.loops() == 0 {
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
