//! `echo`, as Bash and BusyBox have it: `-n`, `-e`, `-E`.

use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};
use crate::shell::escape::{Octal, unescape};

pub(super) const PROGRAM: Program =
    Program { name: "echo", summary: "print words", scope: Scope::Everywhere, main };

pub(in crate::shell) fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let (mut newline, mut escapes) = (true, false);
    let mut words = &process.args[1..];
    while let Some(arg) = words.first() {
        let letters = arg.strip_prefix(b"-").unwrap_or_default();
        if letters.is_empty() || !letters.iter().all(|b| b"neE".contains(b)) {
            break;
        }
        for letter in letters {
            match letter {
                b'n' => newline = false,
                letter => escapes = *letter == b'e',
            }
        }
        words = &words[1..];
    }
    let mut text = words.iter().map(ByteString::as_bytes).collect::<Vec<_>>().join(&b' ');
    if escapes {
        let (plain, stopped) = unescape(&text, Octal::AfterZero);
        text = plain;
        newline &= !stopped;
    }
    if newline {
        text.push(b'\n');
    }
    process.print(system, text);
    Flow::OK
}
