//! Commands that the shell runs itself, since they change the shell.

mod alias;
mod arrays;
mod control;
mod declare;
mod dirs;
mod jobs;
mod limits;
mod place;
mod scripts;
mod show;
mod variables;

use std::ops::ControlFlow;

use super::live::{Builtin, Shell, Step};
use super::state::Dialect;
use crate::kernel::ByteString;
use crate::program::{Flavour, Output, Stream, Terminal};

/// The builtins by name, sorted.
const BUILTINS: &[(&str, Builtin)] = &[
    (".", scripts::dot),
    (":", |_, _| ControlFlow::Continue(0)),
    ("[", program),
    ("alias", alias::alias),
    ("bg", jobs::bg),
    ("break", control::break_loop),
    ("builtin", scripts::command),
    ("cd", place::cd),
    ("command", scripts::command),
    ("continue", control::continue_loop),
    ("declare", declare::local),
    ("dirs", dirs::dirs),
    ("echo", program),
    ("eval", scripts::eval),
    ("exec", scripts::exec),
    ("exit", control::exit),
    ("export", variables::export),
    ("false", |_, _| ControlFlow::Continue(1)),
    ("fg", jobs::fg),
    ("getopts", arrays::getopts),
    ("history", limits::history),
    ("jobs", jobs::jobs),
    ("kill", jobs::kill),
    ("let", arrays::evaluate),
    ("local", declare::local),
    ("logout", control::exit),
    ("mapfile", arrays::mapfile),
    ("popd", dirs::popd),
    ("printf", printf),
    ("pushd", dirs::pushd),
    ("pwd", place::pwd),
    ("read", variables::read),
    ("readarray", arrays::mapfile),
    ("readonly", variables::readonly),
    ("return", control::return_function),
    ("set", variables::set),
    ("shift", variables::shift),
    ("shopt", arrays::shopt),
    ("source", scripts::dot),
    ("test", program),
    ("trap", jobs::trap),
    ("true", |_, _| ControlFlow::Continue(0)),
    ("type", show::type_of),
    ("typeset", declare::local),
    ("ulimit", limits::ulimit),
    ("umask", place::umask),
    ("unalias", alias::unalias),
    ("unset", variables::unset),
    ("wait", jobs::wait),
];

/// What Bash alone has.
const BASH: &[&str] =
    &["builtin", "declare", "dirs", "logout", "mapfile", "popd", "pushd", "readarray", "shopt", "typeset"];

/// What Dash has not.
const NOT_DASH: &[&str] = &["let", "source"];

/// The builtin of this name in a shell of that kind.
pub(super) fn find(name: &[u8], dialect: Dialect) -> Option<Builtin> {
    let among = |names: &[&str]| names.iter().any(|known| known.as_bytes() == name);
    if dialect != Dialect::Bash && among(BASH) || dialect == Dialect::Dash && among(NOT_DASH) {
        return None;
    }
    BUILTINS.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, builtin)| *builtin)
}

/// The builtins' names, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    BUILTINS.iter().map(|(name, _)| *name)
}

/// `printf`, and `printf -v NAME`, which puts what it would print into a variable.
fn printf(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let (Some(name), true) = (args.get(2), args.get(1).is_some_and(|arg| *arg == "-v") && shell.is_bash())
    else {
        return program(shell, args);
    };
    if !super::parse::is_name(name) {
        return shell.mistake(args, [b"`", &name[..], b"': not a valid identifier"].concat(), 2);
    }
    let Some(main) = shell.system.table.get(&args[0]).map(|program| program.main) else {
        return shell.mistake(args, "not a shell builtin", 1);
    };
    let rest = args.iter().take(1).chain(&args[3..]).cloned().collect();
    let mut process = shell.process(rest);
    process.spoken = Some([&shell.prefix()[..], &args[0]].concat().into());
    let (out, err) = shell.system.world.files.record(Stream::Stdout, Stream::Stderr);
    process.stdout = Output(out);
    let status = main(shell.system, &mut process).status();
    let written = shell.system.world.files.take_record(out).collect(Stream::Stdout);
    for desc in [out, err] {
        shell.system.world.files.release(shell.system.kernel, desc);
    }
    shell.assign(name, written.into())?;
    ControlFlow::Continue(status)
}

/// Runs a program's code inside the shell: `echo` and its like are both.
fn program(shell: &mut Shell<'_, '_>, args: &[ByteString]) -> Step<u8> {
    let Some(main) = shell.system.table.get(&args[0]).map(|program| program.main) else {
        return shell.mistake(args, "not a shell builtin", 1);
    };
    let mut process = shell.process(args.to_vec());
    // It is the shell that speaks; BusyBox, whose applet it is, does not name the builtin.
    if shell.state.dialect == Dialect::Ash {
        process.flavour = Flavour::Busybox;
        process.spoken = Some(shell.state.name.clone());
    } else {
        process.spoken = Some([&shell.prefix()[..], &args[0]].concat().into());
    }
    ControlFlow::Continue(main(shell.system, &mut process).status())
}

impl Shell<'_, '_> {
    /// Prints to standard output.
    fn print(&mut self, text: impl AsRef<[u8]>) {
        self.io.stdout().write(self.system, text);
    }

    /// Prints `bash: name: message` and gives the status.
    pub(super) fn mistake(&mut self, args: &[ByteString], message: impl AsRef<[u8]>, status: u8) -> Step<u8> {
        // Ash names the line of a script too, and counts a `-c` text as line 0.
        let ash_script = self.state.dialect == Dialect::Ash && self.state.terminal == Terminal::No;
        let line: &[u8] = if ash_script { b": line 0: " } else { b": " };
        self.complain([&args[0][..], line, message.as_ref()].concat());
        ControlFlow::Continue(status)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_sorted() {
        assert!(super::BUILTINS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
