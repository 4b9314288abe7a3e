//! `getfattr` and `setfattr` (the `attr` package).

use super::common::args::{Flag, Order, Parsed, Usage, Value, flag, long, parse, valued};
use super::common::run::Run;
use crate::kernel::{ByteString, Errno, Follow, XattrMode, base64_decode, base64_encode, fs, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const GET: Program =
    Program { name: "getfattr", summary: "show extended attributes", scope: Scope::Everywhere, main: get };
pub(super) const SET: Program =
    Program { name: "setfattr", summary: "set extended attributes", scope: Scope::Everywhere, main: set };

const GET_FLAGS: &[Flag] = &[
    valued('n', "name", "show this attribute"),
    flag('d', "dump", "show values too"),
    valued('e', "encoding", "write values as text, hex or base64"),
    valued('m', "match", "show names that match (- for all); ^user\\. otherwise"),
    flag('h', "no-dereference", "of symbolic links themselves"),
    flag('R', "recursive", "of all that is below too"),
    flag('L', "logical", ""),
    flag('P', "physical", ""),
    long("only-values", Value::No, "values alone, as they are"),
    long("absolute-names", Value::No, "keep the leading / of paths"),
];
const GET_USAGE: Usage = Usage {
    synopsis: "[-hRLP] [-n name|-d] [-e en] [-m pattern] path...",
    about: "Get extended attributes of filesystem objects.",
    flags: GET_FLAGS,
    status: 2,
};

fn get(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &GET_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        run.complain(
            "Usage: getfattr [-hRLP] [-n name|-d] [-e en] [-m pattern] path...\nTry `getfattr --help' for more information.\n",
        );
        return Flow::Exit(2);
    }
    let mut told = false;
    for operand in parsed.operands.clone() {
        let mut work = vec![operand];
        while let Some(file) = work.pop() {
            if !run.step() {
                return run.end();
            }
            show(&mut run, &parsed, &file, &mut told);
            if parsed.has('R') && run.lstat(&file).is_ok_and(|s| s.is_dir()) {
                let (kernel, task) = run.kernel();
                let entries = fs::read_dir_sorted(kernel, task, &file).unwrap_or_default();
                work.extend(entries.iter().rev().map(|entry| path::join(&file, &entry.name)));
            }
        }
    }
    run.end()
}

fn show(run: &mut Run<'_, '_>, parsed: &Parsed, file: &ByteString, told: &mut bool) {
    let follow = if parsed.has('h') { Follow::Link } else { Follow::Target };
    let (kernel, task) = run.kernel();
    let names = match (parsed.value('n'), kernel.listxattr(task, file, follow)) {
        (Some(name), _) => vec![name.clone()],
        (None, Ok(names)) => {
            let mut names: Vec<ByteString> = names.into_iter().filter(|name| matches(parsed, name)).collect();
            // Sorted, so that the list does not hang on the file system's order.
            names.sort();
            names
        }
        (None, Err(error)) => return run.warn([&file[..], b": ", error.text().as_bytes()].concat()),
    };
    let values = parsed.has('n') || parsed.has('d') || parsed.has("only-values");
    let mut lines = Vec::new();
    for name in names {
        let (kernel, task) = run.kernel();
        match kernel.getxattr(task, file, &name, follow) {
            Ok(value) if parsed.has("only-values") => lines.extend_from_slice(&value),
            Ok(value) if values => {
                let text = encode(&value, parsed.value('e'));
                lines.extend([&name[..], b"=", &text, b"\n"].concat());
            }
            Ok(_) => lines.extend([&name[..], b"\n"].concat()),
            Err(Errno::ENOENT) if run.lstat(file).is_err() => {
                return run.warn([&file[..], b": ", Errno::ENOENT.text().as_bytes()].concat());
            }
            Err(error) => {
                let text = if error == Errno::ENODATA { "No such attribute" } else { error.text() };
                // getfattr names the file alone here, not itself.
                run.complain([&file[..], b": ", &name, b": ", text.as_bytes(), b"\n"].concat());
                run.status = 1;
            }
        }
    }
    if lines.is_empty() {
        return;
    }
    if parsed.has("only-values") {
        return run.print(lines);
    }
    let keeps = parsed.has("absolute-names");
    if !keeps && file.starts_with(b"/") && !std::mem::replace(told, true) {
        run.complain("getfattr: Removing leading '/' from absolute path names\n");
    }
    let shown = if keeps { file } else { plain(file) };
    run.print([b"# file: ", shown, b"\n", &lines, b"\n"].concat());
}

/// A name without the slashes, or the `./`, that it starts with; what is empty then is the directory itself.
fn plain(name: &[u8]) -> &[u8] {
    let rest = if name.starts_with(b"./") { &name[1..] } else { name };
    let rest = &rest[rest.iter().take_while(|b| **b == b'/').count()..];
    if rest.is_empty() { b"." } else { rest }
}

/// Whether `-m` lets a name through: `-` for all, `^…` for a start, anything else for a part; a dot may be escaped.
fn matches(parsed: &Parsed, name: &[u8]) -> bool {
    let pattern = parsed.value('m').map_or_else(|| "^user\\.".to_owned(), ByteString::to_text);
    if pattern == "-" || pattern.is_empty() || pattern == "." {
        return true;
    }
    let plain = pattern.replace('\\', "").replace(".*", "").replace('$', "");
    match plain.strip_prefix('^') {
        Some(start) => name.starts_with(start.as_bytes()),
        None => name.windows(plain.len().max(1)).any(|w| w == plain.as_bytes()),
    }
}

fn encode(value: &[u8], encoding: Option<&ByteString>) -> Vec<u8> {
    let body = value.strip_suffix(&[0]).unwrap_or(value);
    let odd = body.iter().filter(|b| !(b' '..=b'~').contains(b)).count();
    let form = match encoding.map(|e| &e[..]) {
        Some(b"hex") => b'h',
        Some(b"base64") => b'b',
        Some(b"text") => b't',
        // What is mostly printable is shown as text (getfattr's well_enough_printable).
        _ if value.len() >= odd * 8 => b't',
        _ => b'b',
    };
    match form {
        b'h' => {
            let digits = value.iter().flat_map(|b| format!("{b:02x}").into_bytes());
            b"0x".iter().copied().chain(digits).collect()
        }
        b'b' => [b"0s", base64_encode(value).as_bytes()].concat(),
        _ => {
            let mut text = vec![b'"'];
            for byte in value {
                match byte {
                    b'"' | b'\\' => text.extend_from_slice(&[b'\\', *byte]),
                    0 | b'\n' | b'\r' => text.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
                    byte => text.push(*byte),
                }
            }
            text.push(b'"');
            text
        }
    }
}

const SET_FLAGS: &[Flag] = &[
    valued('n', "name", "set this attribute"),
    valued('v', "value", "to this: text, \"text\" with escapes, 0x hexadecimal, 0s base64"),
    valued('x', "remove", "remove this attribute"),
    flag('h', "no-dereference", "of symbolic links themselves"),
];
const SET_USAGE: Usage = Usage {
    synopsis: "{-n name} [-v value] [-h] file...",
    about: "Set extended attributes of filesystem objects.",
    flags: SET_FLAGS,
    status: 2,
};
const SET_HELP: &str = "Usage: setfattr {-n name} [-v value] [-h] file...\n       setfattr {-x name} [-h] file...\nTry `setfattr --help' for more information.\n";

fn set(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &SET_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let (name, removes) = match (parsed.value('n'), parsed.value('x')) {
        (Some(name), None) => (name.clone(), false),
        (None, Some(name)) => (name.clone(), true),
        _ => {
            run.complain(SET_HELP);
            return Flow::Exit(2);
        }
    };
    if parsed.operands.is_empty() {
        run.complain(SET_HELP);
        return Flow::Exit(2);
    }
    let Some(value) = parsed.value('v').map_or_else(|| Some(Vec::new()), |text| decode(text)) else {
        run.warn("bad input encoding");
        return run.end();
    };
    for file in &parsed.operands {
        let follow = if parsed.has('h') { Follow::Link } else { Follow::Target };
        let (kernel, task) = run.kernel();
        let result = if removes {
            kernel.removexattr(task, file, &name, follow)
        } else {
            kernel.setxattr(task, file, &name, &value, XattrMode::Set, follow)
        };
        if let Err(error) = result {
            let text = if error == Errno::ENODATA { "No such attribute" } else { error.text() };
            run.warn([&file[..], b": ", text.as_bytes()].concat());
        }
    }
    run.end()
}

fn decode(text: &[u8]) -> Option<Vec<u8>> {
    match text {
        [b'0', b'x' | b'X', digits @ ..] => {
            let digits: Vec<u8> = digits.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
            digits
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                .collect()
        }
        [b'0', b's' | b'S', rest @ ..] => base64_decode(std::str::from_utf8(rest).ok()?),
        _ => {
            let quoted = text.strip_prefix(b"\"").and_then(|t| t.strip_suffix(b"\""));
            Some(crate::shell::escape::unescape(quoted.unwrap_or(text), crate::shell::escape::Octal::Plain).0)
        }
    }
}
