//! `export`, `readonly`, `local`, `unset`, `set`, `shift`, `read`.

use std::ops::ControlFlow;

use crate::kernel::ByteString;
use crate::shell::escape::quote;
use crate::shell::live::{Pending, Shell, Step, Stop};
use crate::shell::parse::is_name;
use crate::shell::state::{Dialect, OPTIONS};

pub(super) fn export(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let remove = args.get(1).is_some_and(|arg| *arg == "-n");
    let names = operands(args);
    if names.is_empty() {
        let lead = if shell.is_bash() { "declare -x " } else { "export " };
        print_marked(shell, lead, |var| var.exported);
        return ControlFlow::Continue(0);
    }
    each(shell, args, &names, |var| var.exported = !remove)
}

pub(super) fn readonly(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let names = operands(args);
    if names.is_empty() {
        let lead = if shell.is_bash() { "declare -r " } else { "readonly " };
        print_marked(shell, lead, |var| var.readonly);
        return ControlFlow::Continue(0);
    }
    each(shell, args, &names, |var| var.readonly = true)
}

pub(super) fn local(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let exported = args.iter().any(|arg| *arg == "-x");
    let readonly = args.iter().any(|arg| *arg == "-r");
    let integer = args.iter().any(|arg| *arg == "-i");
    if args.iter().any(|arg| *arg == "-a" || *arg == "-A") {
        shell.io.stderr().write(shell.system, format!("Layerlab: {}\n", crate::shell::parse::NO_ARRAYS));
        return ControlFlow::Continue(1);
    }
    if shell.state.locals.is_empty() && args[0] == "local" {
        let text = if shell.is_bash() { "can only be used in a function" } else { "not in a function" };
        return shell.mistake(args, text, 1);
    }
    let names = operands(args);
    for name in &names {
        let name: ByteString = name.split(|b| *b == b'=').next().unwrap_or_default().into();
        let hidden = shell.state.vars.get(&name).cloned();
        if let Some(scope) = shell.state.locals.last_mut()
            && !scope.contains_key(&name)
        {
            scope.insert(name.clone(), hidden);
            shell.state.vars.remove(&name);
        }
        if integer && is_name(&name) {
            // What follows `=` is an expression already.
            shell.state.vars.entry(name).or_default().integer = true;
        }
    }
    each(shell, args, &names, |var| {
        var.exported |= exported;
        var.readonly |= readonly;
    })
}

fn operands(args: &[ByteString]) -> Vec<ByteString> {
    args[1..].iter().filter(|arg| !arg.starts_with(b"-")).cloned().collect()
}

fn print_marked(shell: &mut Shell<'_, '_>, lead: &str, wanted: fn(&crate::shell::state::Variable) -> bool) {
    let bash = shell.is_bash();
    let lines: Vec<Vec<u8>> = shell
        .state
        .vars
        .iter()
        .filter(|(_, var)| wanted(var))
        .map(|(name, var)| match &var.value {
            Some(value) if bash => [lead.as_bytes(), name, b"=\"", value, b"\"\n"].concat(),
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
fn each(
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
            .filter_map(|(name, var)| Some([name, &b"="[..], &quote(var.value.as_ref()?), b"\n"].concat()))
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
                        match OPTIONS.iter().find(|(_, known)| *known == name) {
                            Some((letter, _)) => shell.state.options.set(*letter, on),
                            // Known elsewhere and without a meaning here.
                            None => name == "posix",
                        }
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

/// `read [-r] [-p prompt] [-t seconds] name…`: one line, split at `IFS`; the last name takes the rest.
pub(super) fn read(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let mut names = Vec::new();
    let (mut raw, mut until) = (false, None);
    let mut rest = args[1..].iter();
    while let Some(arg) = rest.next() {
        match &arg[..] {
            b"-r" => raw = true,
            b"-p" => drop(rest.next()),
            b"-s" => {}
            b"-t" => {
                let seconds = rest.next().and_then(|arg| arg.to_text().parse::<f64>().ok()).unwrap_or(0.0);
                until = Some(shell.system.now().saturating_add((seconds * 1e9) as i64));
            }
            _ => names.push(arg.clone()),
        }
    }
    if names.is_empty() {
        names.push("REPLY".into());
    }
    shell.vm.pending = Pending::Line { args: args.to_vec(), names, raw, line: Vec::new(), until };
    ControlFlow::Break(Stop::Begun)
}
