//! `alias` and `unalias` (POSIX.1-2017; texts after Bash 5.2, dash 0.5.12 and BusyBox 1.35, asked on this project's test host).

use std::ops::ControlFlow;

use crate::kernel::ByteString;
use crate::shell::live::{Shell, Step};

/// A text in single quotes, as the shell writes its own.
fn quoted(shell: &Shell<'_, '_>, text: &[u8]) -> Vec<u8> {
    let quote: &[u8] = if shell.is_bash() { b"'\\''" } else { b"'\"'\"'" };
    let parts: Vec<&[u8]> = text.split(|byte| *byte == b'\'').collect();
    [b"'", &parts.join(quote)[..], b"'"].concat()
}

/// An alias as `alias` lists it.
pub(super) fn shown(shell: &Shell<'_, '_>, name: &[u8], value: &[u8]) -> Vec<u8> {
    let word: &[u8] = if shell.is_bash() { b"alias " } else { b"" };
    [word, name, b"=", &quoted(shell, value), b"\n"].concat()
}

fn list(shell: &mut Shell<'_, '_>) {
    let text: Vec<u8> =
        shell.state.aliases.iter().flat_map(|(name, value)| shown(shell, name, value)).collect();
    shell.print(text);
}

/// Says that there is no such alias, or that a name cannot be one.
fn refuse(shell: &mut Shell<'_, '_>, verb: &str, name: &[u8]) {
    if shell.is_bash() {
        shell.complain([verb.as_bytes(), b": ", name, b": not found"].concat());
    } else {
        let text = [verb.as_bytes(), b": ", name, b" not found\n"].concat();
        shell.io.stderr().write(shell.system, text);
    }
}

/// `alias [name[=text] …]`.
pub(super) fn alias(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let mut words = &args[1..];
    if shell.is_bash() && words.first().is_some_and(|word| word.len() > 1 && word.starts_with(b"-")) {
        if words[0] != "-p" {
            shell.complain([b"alias: ", &words[0][..2], b": invalid option"].concat());
            shell.io.stderr().write(shell.system, "alias: usage: alias [-p] [name[=value] ... ]\n");
            return ControlFlow::Continue(2);
        }
        words = &words[1..];
        list(shell);
    } else if words.is_empty() {
        list(shell);
    }
    let mut status = 0;
    for word in words {
        match word.iter().position(|byte| *byte == b'=').filter(|at| *at > 0) {
            Some(at) => {
                let (name, value) = (&word[..at], &word[at + 1..]);
                let is_bad = |byte: &u8| b"/$`\"'\\()<>|&; \t\n".contains(byte);
                if shell.is_bash() && name.iter().any(is_bad) {
                    shell.complain([b"alias: `", name, b"': invalid alias name"].concat());
                    status = 1;
                } else {
                    shell.state.aliases.insert(name.into(), value.into());
                }
            }
            None => match shell.state.aliases.get(word).cloned() {
                Some(value) => {
                    let text = shown(shell, word, &value);
                    shell.print(text);
                }
                None => {
                    refuse(shell, "alias", word);
                    status = 1;
                }
            },
        }
    }
    ControlFlow::Continue(status)
}

/// `unalias name …`, `unalias -a`.
pub(super) fn unalias(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    if args.len() == 1 && shell.is_bash() {
        shell.io.stderr().write(shell.system, "unalias: usage: unalias [-a] name [name ...]\n");
        return ControlFlow::Continue(2);
    }
    let mut status = 0;
    for word in &args[1..] {
        if *word == "-a" {
            shell.state.aliases.clear();
        } else if shell.state.aliases.remove(word).is_none() {
            refuse(shell, "unalias", word);
            status = 1;
        }
    }
    ControlFlow::Continue(status)
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_replaced() {
        crate::shell::tests::check(
            r#"
            $ alias hi='echo hello' sudo='sudo ' q="it's"; alias; alias hi
            alias hi='echo hello'
            alias q='it'\''s'
            alias sudo='sudo '
            alias hi='echo hello'
            $ hi you; "hi" 2>/dev/null || echo quoted; x=1 hi there | cat; (hi s); if hi t; then hi u; fi
            hello you
            quoted
            hello there
            hello s
            hello t
            hello u
            $ sudo hi w; type hi; command -v hi
            hello w
            hi is aliased to `echo hello'
            alias hi='echo hello'
            $ alias echo='echo A'; echo b
            b
            $ echo c; unalias echo
            A c
            $ alias a/b=c; unalias hi
            bash: alias: `a/b': invalid alias name
            $ alias one=two two=one; hi 2> /dev/null || echo gone
            gone
            $ one 2> /dev/null; unalias -a; alias; unalias nope; echo $?
            bash: unalias: nope: not found
            1
            "#,
        );
    }
}
