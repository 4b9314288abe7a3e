//! `declare` and `local`: variables with their attributes (bash(1), "Shell Builtin Commands").

use std::ops::ControlFlow;
use std::sync::Arc;

use super::variables::{each, operands};
use crate::kernel::ByteString;
use crate::shell::array::Array;
use crate::shell::live::{Shell, Step};
use crate::shell::parse::is_name;
use crate::shell::state::Variable;

pub(super) fn local(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let options = args[1..].iter().filter(|arg| arg.starts_with(b"-"));
    let letters: Vec<u8> = options.flat_map(|arg| arg[1..].to_vec()).collect();
    let has = |letter: u8| letters.contains(&letter);
    if let Some(other) = letters.iter().find(|letter| !b"aAfFgiprx-".contains(letter)) {
        let letter = char::from(*other);
        if b"Ilntu".contains(other) {
            let text = format!(
                "Layerlab: {} -{letter} is not there; it takes -a, -A, -F, -g, -i, -p, -r and -x\n",
                args[0]
            );
            shell.io.stderr().write(shell.system, text);
            return ControlFlow::Continue(1);
        }
        return shell.mistake(args, format!("-{letter}: invalid option"), 2);
    }
    let in_function = !shell.state.locals.is_empty();
    if !in_function && args[0] == "local" {
        let text = if shell.is_bash() { "can only be used in a function" } else { "not in a function" };
        return shell.mistake(args, text, 1);
    }
    let names = operands(args);
    if has(b'f') || has(b'F') {
        return functions(shell, &names, has(b'f'));
    }
    if shell.is_bash() && (has(b'p') || names.is_empty()) {
        return print(shell, args, &names, &letters);
    }
    for name in &names {
        let name: ByteString = name.split(|b| *b == b'=').next().unwrap_or_default().into();
        let hidden = shell.state.vars.get(&name).cloned();
        if let Some(scope) = shell.state.locals.last_mut()
            && !has(b'g')
            && !scope.contains_key(&name)
        {
            scope.insert(name.clone(), hidden);
            shell.state.vars.remove(&name);
        }
        if !is_name(&name) {
            continue;
        }
        let var = shell.state.vars.entry(name.clone()).or_default();
        // What follows `=` is an expression already.
        var.integer |= has(b'i');
        let is_map = var.array.as_ref().map(|array| array.is_map());
        let wrong = if has(b'A') { is_map == Some(false) } else { has(b'a') && is_map == Some(true) };
        if wrong {
            let [from, to] = if has(b'A') { ["indexed", "associative"] } else { ["associative", "indexed"] };
            return shell.mistake(args, format!("{name}: cannot convert {from} to {to} array"), 1);
        }
        if has(b'A') && is_map.is_none() {
            var.array = Some(Arc::new(Array::map()));
            if let Some(value) = var.value.take() {
                var.as_array().set(b"0", value);
            }
        } else if has(b'a') {
            var.as_array();
        }
    }
    each(shell, args, &names, |var| {
        var.exported |= has(b'x');
        var.readonly |= has(b'r');
    })
}

/// `declare -F`: the names of functions; their text is not kept.
fn functions(shell: &mut Shell<'_, '_>, names: &[ByteString], text: bool) -> Step<u8> {
    let known: Vec<ByteString> = shell.state.functions.keys().cloned().collect();
    let missing = names.iter().any(|name| !known.contains(name));
    let shown = known.iter().filter(|name| names.is_empty() || names.contains(name));
    let lead: &[u8] = if names.is_empty() { b"declare -f " } else { b"" };
    let lines: Vec<Vec<u8>> = shown.map(|name| [lead, name, b"\n"].concat()).collect();
    if text && !lines.is_empty() {
        let why = "Layerlab: the text of functions is not kept; declare -F shows their names\n";
        shell.io.stderr().write(shell.system, why);
        return ControlFlow::Continue(1);
    }
    shell.print(lines.concat());
    ControlFlow::Continue(u8::from(missing))
}

/// `declare -p`: variables as commands that would make them.
fn print(shell: &mut Shell<'_, '_>, args: &[ByteString], names: &[ByteString], letters: &[u8]) -> Step<u8> {
    let has = |letter: u8| letters.contains(&letter);
    let wanted = |var: &Variable| {
        let is_map = var.array.as_ref().map(|array| array.is_map());
        (!has(b'x') || var.exported)
            && (!has(b'r') || var.readonly)
            && (!has(b'i') || var.integer)
            && (!has(b'a') || is_map == Some(false))
            && (!has(b'A') || is_map == Some(true))
    };
    let (mut out, mut status) = (Vec::new(), 0);
    if names.is_empty() {
        for (name, var) in shell.state.vars.iter().filter(|(_, var)| wanted(var)) {
            out.extend_from_slice(&var.declared(name));
        }
    }
    for name in names {
        match shell.state.vars.get(name) {
            Some(var) => out.extend_from_slice(&var.declared(name)),
            None => {
                shell.mistake(args, [&name[..], b": not found"].concat(), 1)?;
                status = 1;
            }
        }
    }
    shell.print(out);
    ControlFlow::Continue(status)
}
