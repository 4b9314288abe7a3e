//! `ulimit` and `history`: what a shell says of its limits, and of the lines before.

use std::ops::ControlFlow;

use super::super::live::{Shell, Step};
use crate::kernel::ByteString;
use crate::map::Map;
use crate::program::Place;

/// A limit: its letter, its name in `docker run --ulimit`, what it bounds, the unit, its size in bytes, and what it is in a
/// container that says nothing (as Docker's packages start the daemon).
struct Limit(char, &'static str, &'static str, &'static str, i64, i64);

/// No limit.
const NONE: i64 = -1;

const LIMITS: [Limit; 11] = [
    Limit('c', "core", "core file size", "blocks", 1024, NONE),
    Limit('d', "data", "data seg size", "kbytes", 1024, NONE),
    Limit('f', "fsize", "file size", "blocks", 1024, NONE),
    Limit('i', "sigpending", "pending signals", "", 1, NONE),
    Limit('l', "memlock", "max locked memory", "kbytes", 1024, 64 * 1024),
    Limit('m', "rss", "max memory size", "kbytes", 1024, NONE),
    Limit('n', "nofile", "open files", "", 1, 1_048_576),
    Limit('s', "stack", "stack size", "kbytes", 1024, 8 * 1024 * 1024),
    Limit('t', "cpu", "cpu time", "seconds", 1, NONE),
    Limit('u', "nproc", "max user processes", "", 1, NONE),
    Limit('v', "as", "virtual memory", "kbytes", 1024, NONE),
];

/// `ulimit [-SH] [-a | -LETTER]`: the limits that the container was given. They are not changed from inside.
pub(super) fn ulimit(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let (mut hard, mut all, mut wanted) = (false, false, None);
    for arg in &args[1..] {
        let text = arg.to_text();
        let Some(letters) = text.strip_prefix('-') else {
            let why = "Layerlab: limits are set where a container is made: docker run --ulimit nofile=1024\n";
            shell.io.stderr().write(shell.system, why);
            return ControlFlow::Continue(1);
        };
        for letter in letters.chars() {
            match letter {
                'S' => {}
                'H' => hard = true,
                'a' => all = true,
                // Ash has its own letter for processes.
                'p' if !shell.is_bash() => wanted = Some('u'),
                letter if LIMITS.iter().any(|limit| limit.0 == letter) => wanted = Some(letter),
                _ => return shell.mistake(args, format!("{text}: invalid option"), 2),
            }
        }
    }
    let own: Vec<(String, i64, i64)> = match &shell.state.place {
        Place::Container(id) => {
            shell.system.world.running.get(id).map(|running| running.limits.clone()).unwrap_or_default()
        }
        Place::Host => Vec::new(),
    };
    let value = |Limit(_, name, _, _, unit, usual): &Limit| {
        let given = own.iter().find(|(known, ..)| known == name);
        match given.map_or(*usual, |(_, soft, most)| if hard { *most } else { *soft }) {
            limit if limit < 0 => "unlimited".to_owned(),
            limit => (limit / unit).to_string(),
        }
    };
    let mut text = String::new();
    if all {
        for limit in &LIMITS {
            let unit = if limit.3.is_empty() { String::new() } else { format!("{}, ", limit.3) };
            text.push_str(&format!(
                "{:<20} {:>20} {}\n",
                limit.2,
                format!("({unit}-{})", limit.0),
                value(limit)
            ));
        }
    } else {
        let wanted = wanted.unwrap_or('f');
        text.extend(LIMITS.iter().filter(|limit| limit.0 == wanted).map(|limit| value(limit) + "\n"));
    }
    shell.print(text);
    ControlFlow::Continue(0)
}

/// `history [N | -c]`: the lines that were typed at this terminal.
pub(super) fn history(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let lines = shell.vm.typed.len();
    let shown = match args.get(1).map(ByteString::to_text) {
        None => lines,
        Some(text) if text == "-c" => {
            shell.vm.typed = Map::default();
            return ControlFlow::Continue(0);
        }
        Some(text) => match text.parse() {
            Ok(count) => count,
            Err(_) => return shell.mistake(args, format!("{text}: numeric argument required"), 1),
        },
    };
    let mut out = Vec::new();
    for (at, line) in shell.vm.typed.values().enumerate().skip(lines.saturating_sub(shown)) {
        out.extend_from_slice(format!("{:>5}  ", at + 1).as_bytes());
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    shell.print(out);
    ControlFlow::Continue(0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn limits_and_history() {
        crate::shell::tests::check(
            r"
            $ ulimit -n; ulimit -c; ulimit -Hs; ulimit -n 5; echo $?
            1048576
            unlimited
            8192
            Layerlab: limits are set where a container is made: docker run --ulimit nofile=1024
            1
            $ history 1
            |    2  history 1
            ",
        );
    }
}
