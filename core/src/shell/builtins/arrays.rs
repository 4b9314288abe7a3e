//! `mapfile`, `let`, `getopts`, `shopt`.

use std::ops::ControlFlow;

use crate::kernel::ByteString;
use crate::shell::live::{Pending, Shell, Step, Stop};
use crate::shell::parse::is_name;
use crate::shell::state::Dialect;

/// `mapfile [-t] [name]`: the lines of standard input as an array.
pub(super) fn mapfile(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let mut rest = args[1..].iter().peekable();
    let mut strip = false;
    while let Some(option) = rest.next_if(|arg| arg.starts_with(b"-") && arg.len() > 1) {
        if *option != "-t" {
            let text = format!("Layerlab: {} {option} is not there; it takes -t\n", args[0]);
            shell.io.stderr().write(shell.system, text);
            return ControlFlow::Continue(1);
        }
        strip = true;
    }
    let name = rest.next().cloned().unwrap_or_else(|| "MAPFILE".into());
    if !is_name(&name) {
        return shell.mistake(args, [b"`", &name[..], b"': not a valid identifier"].concat(), 1);
    }
    shell.vm.pending = Pending::Lines { args: args.to_vec(), name, strip, text: ByteString::new() };
    ControlFlow::Break(Stop::Begun)
}

/// `let expression…`: 1 where the last value is 0.
pub(super) fn evaluate(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    if args.len() == 1 {
        return shell.mistake(args, "expression expected", 1);
    }
    let mut value = 0;
    for expression in &args[1..] {
        value = shell.arithmetic(expression)?;
    }
    ControlFlow::Continue(u8::from(value == 0))
}

/// `shopt [-s|-u] name…`: the options that there are.
pub(super) fn shopt(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let on = match args.get(1).map(|arg| &arg[..]) {
        Some(b"-s") => Some(true),
        Some(b"-u") => Some(false),
        _ => None,
    };
    let names = &args[1 + usize::from(on.is_some())..];
    if let Some(other) = names
        .iter()
        .find(|name| !["dotglob", "expand_aliases", "nullglob"].iter().any(|known| **name == *known))
    {
        let text =
            format!("Layerlab: shopt {other} is not there; it takes nullglob, dotglob and expand_aliases\n");
        shell.io.stderr().write(shell.system, text);
        return ControlFlow::Continue(1);
    }
    let Some(on) = on.filter(|_| !names.is_empty()) else {
        let all = ["dotglob", "expand_aliases", "nullglob"].map(ByteString::from);
        let shown = if names.is_empty() { &all[..] } else { names };
        let mut text = String::new();
        let mut status = 0;
        for name in shown {
            let is_on = shell.has_option(name);
            if on.is_none_or(|on| on == is_on) {
                text.push_str(&format!("{:<15}\t{}\n", name.to_text(), if is_on { "on" } else { "off" }));
            }
            status |= u8::from(!is_on && !names.is_empty());
        }
        shell.print(text);
        return ControlFlow::Continue(status);
    };
    for name in names {
        // Kept is what differs from how a shell begins.
        if on == shell.begins_with(name) {
            shell.state.shopts.remove(name);
        } else {
            shell.state.shopts.insert(name.clone());
        }
    }
    ControlFlow::Continue(0)
}

/// `getopts letters name [arg…]` (POSIX.1-2017, getopts).
pub(super) fn getopts(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let (Some(letters), Some(name)) = (args.get(1).cloned(), args.get(2).cloned()) else {
        return match shell.state.dialect {
            Dialect::Bash => {
                shell.io.stderr().write(shell.system, "getopts: usage: getopts optstring name [arg ...]\n");
                ControlFlow::Continue(2)
            }
            Dialect::Ash => shell.mistake(args, "usage: getopts optstring var [arg]", 2),
            Dialect::Dash => shell.mistake(args, "Usage: getopts optstring var [arg...]", 2),
        };
    };
    let words = if args.len() > 3 { args[3..].to_vec() } else { shell.state.params.clone() };
    let given = shell.state.get(b"OPTIND").and_then(|text| text.to_text().parse::<usize>().ok());
    let mut index = given.unwrap_or(1).max(1);
    // Where the script itself has set OPTIND, the word is begun anew.
    let mut at = if shell.state.letter.0 == index { shell.state.letter.1 } else { 0 };
    let word = words.get(index - 1).cloned().unwrap_or_default();
    if at == 0 && (!word.starts_with(b"-") || word.len() == 1 || word == "--") {
        index += usize::from(word == "--");
        return found(shell, &name, "?", None, (index, 0), 1);
    }
    at = at.max(1);
    let letter = word.get(at).copied().unwrap_or(b'?');
    at += 1;
    let silent = letters.starts_with(b":");
    let place = letters.iter().position(|known| *known == letter && letter != b':');
    let ends = at >= word.len();
    let next = if ends { (index + 1, 0) } else { (index, at) };
    let shown = char::from(letter);
    let Some(place) = place else {
        if silent {
            return found(shell, &name, "?", Some((&[letter][..]).into()), next, 0);
        }
        let text = match shell.state.dialect {
            Dialect::Bash => format!("{}: illegal option -- {shown}\n", shell.state.name),
            _ => format!("Illegal option -{shown}\n"),
        };
        shell.io.stderr().write(shell.system, text);
        return found(shell, &name, "?", None, next, 0);
    };
    let option = shown.to_string();
    if letters.get(place + 1) != Some(&b':') {
        return found(shell, &name, &option, None, next, 0);
    }
    if !ends {
        return found(shell, &name, &option, Some(word[at..].into()), (index + 1, 0), 0);
    }
    match words.get(index).cloned() {
        Some(value) => found(shell, &name, &option, Some(value), (index + 2, 0), 0),
        None if silent => found(shell, &name, ":", Some((&[letter][..]).into()), (index + 1, 0), 0),
        None => {
            let text = match shell.state.dialect {
                Dialect::Bash => format!("{}: option requires an argument -- {shown}\n", shell.state.name),
                _ => format!("No arg for -{shown} option\n"),
            };
            shell.io.stderr().write(shell.system, text);
            found(shell, &name, "?", None, (index + 1, 0), 0)
        }
    }
}

/// Sets what `getopts` gives: the variable, OPTARG, OPTIND.
fn found(
    shell: &mut Shell<'_, '_>,
    name: &[u8],
    option: &str,
    value: Option<ByteString>,
    next: (usize, usize),
    status: u8,
) -> Step<u8> {
    match value {
        Some(value) => shell.assign(b"OPTARG", value)?,
        None => drop(shell.state.vars.remove(&b"OPTARG"[..])),
    }
    shell.assign(b"OPTIND", next.0.to_string().into())?;
    shell.state.letter = next;
    shell.assign(name, option.into())?;
    ControlFlow::Continue(status)
}
