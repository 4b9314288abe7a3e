//! What a shell says of a mistake, in the words of the shell that it is.

use crate::help::Topic;
use crate::kernel::{ByteString, Errno};
use crate::program::{Bound, Terminal, advise_on_errno};
use crate::shell::live::{Shell, Step, Stop};
use crate::shell::parse::Syntax;
use crate::shell::state::{Dialect, ShellState};
use std::ops::ControlFlow;

/// What stands before a message: Bash names the line in a script, Dash always.
fn prefix(state: &ShellState, line: usize) -> Vec<u8> {
    match (state.dialect, state.terminal) {
        (Dialect::Ash, _) | (Dialect::Bash, Terminal::Yes) => [&state.name[..], b": "].concat(),
        (Dialect::Bash, Terminal::No) => format!("{}: line {line}: ", state.name.to_text()).into_bytes(),
        (Dialect::Dash, _) => format!("{}: {line}: ", state.name.to_text()).into_bytes(),
    }
}

/// A syntax error's message.
fn syntax(state: &ShellState, error: &Syntax, line: usize, text: &[u8]) -> Vec<u8> {
    let lines = text.split(|b| *b == b'\n').count();
    let at = if matches!(error, Syntax::Incomplete(_)) { lines } else { line };
    let bash = state.dialect == Dialect::Bash;
    let what = match error {
        Syntax::Incomplete(Some(open)) if bash && *open != ')' => {
            format!("unexpected EOF while looking for matching `{open}'")
        }
        Syntax::Incomplete(Some(open @ ('"' | '\'' | '`'))) => match open {
            '`' => "syntax error: EOF in backquote substitution".to_owned(),
            _ if state.dialect == Dialect::Ash => "syntax error: unterminated quoted string".to_owned(),
            _ => "Syntax error: Unterminated quoted string".to_owned(),
        },
        Syntax::Incomplete(_) if bash => "syntax error: unexpected end of file".to_owned(),
        Syntax::Incomplete(_) if state.dialect == Dialect::Ash => {
            "syntax error: unexpected end of file".to_owned()
        }
        Syntax::Incomplete(_) => "Syntax error: end of file unexpected".to_owned(),
        Syntax::LoopVariable(name) if bash && !name.is_empty() => format!("`{name}': not a valid identifier"),
        Syntax::LoopVariable(_) if bash => "syntax error near unexpected token `('".to_owned(),
        Syntax::LoopVariable(_) if state.dialect == Dialect::Ash => {
            "syntax error: bad for loop variable".to_owned()
        }
        Syntax::LoopVariable(_) => "Syntax error: Bad for loop variable".to_owned(),
        // It is replaced before anybody is told.
        Syntax::Alias { .. } => return Vec::new(),
        Syntax::Lacks(_, why) if bash => return format!("Layerlab: {why}\n").into_bytes(),
        Syntax::Unexpected(token) if bash => format!("syntax error near unexpected token `{token}'"),
        Syntax::Unexpected(token) | Syntax::Lacks(token, _) => {
            let token = if *token == "newline" { "newline".to_owned() } else { format!("\"{token}\"") };
            match state.dialect {
                Dialect::Ash => format!("syntax error: unexpected {token}"),
                _ => format!("Syntax error: {token} unexpected"),
            }
        }
        Syntax::BadSubstitution(text) if bash => format!("{text}: bad substitution"),
        Syntax::BadSubstitution(_) if state.dialect == Dialect::Ash => {
            "syntax error: bad substitution".to_owned()
        }
        Syntax::BadSubstitution(_) => "Bad substitution".to_owned(),
        Syntax::TooDeep => return b"Layerlab: the line is nested too deeply\n".to_vec(),
    };
    let mut message = prefix(state, at);
    message.extend_from_slice(what.as_bytes());
    message.push(b'\n');
    message
}

impl Shell<'_, '_> {
    /// What stands before a message of this shell.
    pub(in crate::shell) fn prefix(&self) -> Vec<u8> {
        prefix(self.state, 1)
    }

    /// Prints `bash: message`.
    pub(in crate::shell) fn complain(&mut self, message: impl AsRef<[u8]>) {
        let mut text = prefix(self.state, 1);
        text.extend_from_slice(message.as_ref());
        text.push(b'\n');
        self.io.stderr().write(self.system, &text);
        advise_on_errno(self.system, self.io.stderr(), &self.state.task, &text);
    }

    /// Prints a message and ends the line: an error of expansion.
    pub(in crate::shell) fn abort<T>(&mut self, message: &[u8]) -> Step<T> {
        self.complain(message);
        self.state.status = if self.state.dialect == Dialect::Bash { 1 } else { 2 };
        ControlFlow::Break(Stop::Abort)
    }

    /// Says that a function, a subshell or a program stands too deep.
    pub(in crate::shell) fn too_deep(&mut self) {
        let text = b"Layerlab: functions, subshells and programs are nested too deeply\n";
        self.io.stderr().write(self.system, text);
        self.state.status = 2;
    }

    pub(super) fn syntax_error(&mut self, error: &Syntax, line: usize, text: &[u8]) {
        let message = syntax(self.state, error, line, text);
        self.io.stderr().write(self.system, message);
        if self.system.world.files.is_heard(self.io.stderr().0) {
            match error {
                Syntax::Incomplete(Some(open @ ('\'' | '"'))) => {
                    self.system.help(Topic::QuoteOpen, &[&open.to_string()]);
                }
                Syntax::Unexpected(token) => self.system.help(Topic::SyntaxBad, &[&token.to_text()]),
                _ => {}
            }
        }
        self.state.status = 2;
    }

    /// A command that is nowhere.
    pub(super) fn not_found(&mut self, name: &[u8]) {
        let text: &[u8] = if self.is_bash() { b": command not found" } else { b": not found" };
        self.complain([name, text].concat());
        self.advise_not_found(name);
        self.state.status = 127;
    }

    /// A command whose file could not be run.
    pub(super) fn not_run(&mut self, name: &[u8], error: Errno) {
        let missing = matches!(error, Errno::ENOENT | Errno::ENOTDIR);
        self.state.status = if missing { 127 } else { 126 };
        let text = match (self.state.dialect, error) {
            (Dialect::Bash, _) => error.text(),
            (_, Errno::ENOENT | Errno::ENOTDIR) => "not found",
            _ => error.text(),
        };
        self.complain([name, b": ", text.as_bytes()].concat());
    }

    /// A redirection that failed.
    pub(super) fn cannot_open(&mut self, file: &[u8], creating: bool, error: Errno) {
        let missing = matches!(error, Errno::ENOENT | Errno::ENOTDIR);
        let message = match self.state.dialect {
            Dialect::Bash if error == Errno::EEXIST => [file, b": cannot overwrite existing file"].concat(),
            Dialect::Bash => [file, b": ", error.text().as_bytes()].concat(),
            Dialect::Ash => {
                let verb: &[u8] = if creating { b"can't create " } else { b"can't open " };
                let text = match (missing, creating) {
                    (true, true) => "nonexistent directory",
                    (true, false) => "no such file",
                    _ => error.text(),
                };
                [verb, file, b": ", text.as_bytes()].concat()
            }
            Dialect::Dash => {
                let verb: &[u8] = if creating { b"cannot create " } else { b"cannot open " };
                let text = match (missing, creating) {
                    (true, true) => "Directory nonexistent",
                    (true, false) => "No such file",
                    _ => error.text(),
                };
                [verb, file, b": ", text.as_bytes()].concat()
            }
        };
        self.complain(message);
        self.state.status = if self.state.dialect == Dialect::Dash { 2 } else { 1 };
    }

    /// A variable that cannot be changed; ends the line.
    pub(in crate::shell) fn read_only<T>(&mut self, name: &[u8]) -> Step<T> {
        let text: &[u8] = if self.is_bash() { b": readonly variable" } else { b": is read only" };
        self.abort(&[name, text].concat())
    }

    /// Sets a variable, or ends the line where it is read-only.
    pub(in crate::shell) fn assign(&mut self, name: &[u8], value: ByteString) -> Step {
        if !self.system.may_hold(value.len() as u64) {
            return ControlFlow::Break(Stop::Exit);
        }
        if value.len() > self.system.world.bounds.len(Bound::Value) {
            return self.over(Bound::Value, "a variable would hold more than");
        }
        let value = match self.state.vars.get(name) {
            Some(var) if var.integer => self.arithmetic(&value)?.to_string().into(),
            _ => value,
        };
        match self.state.set(name, value) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => self.read_only(name),
        }
    }
}
