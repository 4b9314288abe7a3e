//! `export`, `readonly`, `unset`, `set`, `shift`, `read`.

use std::ops::ControlFlow;

use crate::kernel::ByteString;
use crate::shell::escape::quote;
use crate::shell::live::{Pending, Shell, Step, Stop};
use crate::shell::parse::is_name;
use crate::shell::state::Dialect;

pub(super) fn export(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let remove = args.get(1).is_some_and(|arg| *arg == "-n");
    let names = operands(args);
    if names.is_empty() {
        print_marked(shell, "export ", |var| var.exported);
        return ControlFlow::Continue(0);
    }
    each(shell, args, &names, |var| var.exported = !remove)
}

pub(super) fn readonly(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let names = operands(args);
    if names.is_empty() {
        print_marked(shell, "readonly ", |var| var.readonly);
        return ControlFlow::Continue(0);
    }
    each(shell, args, &names, |var| var.readonly = true)
}

pub(super) fn operands(args: &[ByteString]) -> Vec<ByteString> {
    args[1..].iter().filter(|arg| !arg.starts_with(b"-")).cloned().collect()
}

pub(super) fn print_marked(
    shell: &mut Shell<'_, '_>,
    lead: &str,
    wanted: fn(&crate::shell::state::Variable) -> bool,
) {
    let bash = shell.is_bash();
    let lines: Vec<Vec<u8>> = shell
        .state
        .vars
        .iter()
        .filter(|(_, var)| wanted(var))
        .map(|(name, var)| match var.text() {
            _ if bash => var.declared(name),
            Some(value) => [lead.as_bytes(), name, b"=", &always_quoted(value), b"\n"].concat(),
            None => [lead.as_bytes(), name, b"\n"].concat(),
        })
        .collect();
    shell.print(lines.concat());
}

fn always_quoted(value: &[u8]) -> Vec<u8> {
    let quoted = quote(value);
    if quoted.starts_with(b"'") { quoted } else { [b"'", &quoted[..], b"'"].concat() }
}

/// Sets or marks variables given as `name` or `name=value`.
pub(super) fn each(
    shell: &mut Shell<'_, '_>,
    args: &[ByteString],
    names: &[ByteString],
    mark: impl Fn(&mut crate::shell::state::Variable),
) -> Step<u8> {
    let mut status = 0;
    for arg in names {
        let (name, value) = match arg.iter().position(|b| *b == b'=') {
            Some(at) => (&arg[..at], Some(ByteString::from(&arg[at + 1..]))),
            None => (&arg[..], None),
        };
        if !is_name(name) {
            let text = if shell.is_bash() {
                [b"`", &arg[..], b"': not a valid identifier"].concat()
            } else {
                [name, b": bad variable name"].concat()
            };
            shell.mistake(args, text, 1)?;
            if !shell.is_bash() {
                // A special builtin's error ends a shell that nobody types into (POSIX, 2.8.1).
                shell.state.status = 2;
                return ControlFlow::Break(shell.fatal());
            }
            status = 1;
            continue;
        }
        if let Some(value) = value {
            shell.assign(name, value)?;
        }
        mark(shell.state.vars.entry(name.into()).or_default());
    }
    ControlFlow::Continue(status)
}

pub(super) fn unset(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let functions = args.get(1).is_some_and(|arg| *arg == "-f");
    for name in operands(args) {
        if functions {
            shell.state.functions.remove(&name);
            continue;
        }
        let element =
            name.iter().position(|b| *b == b'[').filter(|_| shell.is_bash() && name.ends_with(b"]"));
        if let Some(at) = element {
            let (name, subscript) = (&name[..at], &name[at + 1..name.len() - 1]);
            let key = shell.key(name, subscript)?;
            if let Some(var) = shell.state.vars.get_mut(name).filter(|var| !var.readonly) {
                var.as_array().remove(&key);
            }
            continue;
        }
        if shell.state.vars.get(&name).is_some_and(|var| var.readonly) {
            let text: &[u8] =
                if shell.is_bash() { b": cannot unset: readonly variable" } else { b": is read only" };
            return shell.mistake(args, [&name[..], text].concat(), 1);
        }
        if shell.state.vars.remove(&name).is_none() {
            shell.state.functions.remove(&name);
        }
    }
    ControlFlow::Continue(0)
}

pub(super) fn set(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    if args.len() == 1 {
        let lines: Vec<Vec<u8>> = shell
            .state
            .vars
            .iter()
            .filter_map(|(name, var)| {
                let value = match &var.array {
                    Some(array) => array.shown(),
                    None => quote(var.text()?),
                };
                Some([name, &b"="[..], &value, b"\n"].concat())
            })
            .collect();
        shell.print(lines.concat());
        return ControlFlow::Continue(0);
    }
    let mut rest = args[1..].iter();
    while let Some(arg) = rest.clone().next() {
        match &arg[..] {
            b"--" => {
                rest.next();
                shell.state.params = rest.cloned().collect();
                return ControlFlow::Continue(0);
            }
            [sign @ (b'-' | b'+'), letters @ ..] if !letters.is_empty() => {
                rest.next();
                let on = *sign == b'-';
                for letter in letters.iter().map(|b| char::from(*b)) {
                    let known = if letter == 'o' {
                        let name = rest.next().map(ByteString::to_text).unwrap_or_default();
                        shell.state.options.set_named(&name, on)
                    } else {
                        matches!(letter, 'b' | 'h' | 'm' | 'n') || shell.state.options.set(letter, on)
                    };
                    if !known {
                        let text = format!("{}{letter}: invalid option", char::from(*sign));
                        return shell.mistake(args, text, 2);
                    }
                }
            }
            _ => {
                shell.state.params = rest.cloned().collect();
                return ControlFlow::Continue(0);
            }
        }
    }
    ControlFlow::Continue(0)
}

pub(super) fn shift(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let count = args.get(1).map_or(Ok(1), |arg| arg.to_text().parse::<usize>());
    match count {
        Ok(count) if count <= shell.state.params.len() => {
            shell.state.params.drain(..count);
            ControlFlow::Continue(0)
        }
        Ok(_) if shell.state.dialect != Dialect::Dash => ControlFlow::Continue(1),
        Ok(_) => shell.mistake(args, "can't shift that many", 2),
        Err(_) => {
            let arg = args[1].clone();
            shell.mistake(args, [&arg[..], b": numeric argument required"].concat(), 1)
        }
    }
}

/// `read [-r] [-s] [-p prompt] [-t seconds] [-a array] name…`: one line, split at `IFS`; the last name takes the rest.
pub(super) fn read(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let (mut raw, mut until, mut array) = (false, None, None);
    let mut rest = args[1..].iter().peekable();
    while let Some(arg) = rest.next_if(|arg| arg.starts_with(b"-") && arg.len() > 1) {
        for (at, letter) in arg.iter().enumerate().skip(1) {
            match letter {
                b'r' => {
                    raw = true;
                    continue;
                }
                b's' => continue,
                b'p' | b't' => {}
                b'a' if shell.is_bash() => {}
                other => {
                    let letter = char::from(*other);
                    let text =
                        format!("Layerlab: read -{letter} is not there; it takes -r, -s, -p, -t and -a\n");
                    shell.io.stderr().write(shell.system, text);
                    return ControlFlow::Continue(2);
                }
            }
            let given = if at + 1 < arg.len() { Some(arg[at + 1..].into()) } else { rest.next().cloned() };
            let given = given.unwrap_or_default();
            match letter {
                b'p' if shell.system.world.files.is_terminal(shell.io.stdin().0) => {
                    shell.io.stderr().write(shell.system, &given);
                }
                b't' => {
                    let seconds = given.to_text().parse::<f64>().unwrap_or(0.0);
                    until = Some(shell.system.now().saturating_add((seconds * 1e9) as i64));
                }
                b'a' => array = Some(given),
                _ => {}
            }
            break;
        }
    }
    let is_array = array.is_some();
    let mut names: Vec<ByteString> = array.into_iter().chain(rest.cloned()).collect();
    if names.is_empty() {
        names.push("REPLY".into());
    }
    if is_array {
        names.truncate(1);
    }
    shell.vm.pending = Pending::Line { args: args.to_vec(), names, is_array, raw, line: Vec::new(), until };
    ControlFlow::Break(Stop::Begun)
}
