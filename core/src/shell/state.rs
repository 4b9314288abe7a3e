//! What a shell keeps from one line to the next.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::alias::Aliases;
use super::array::{Array, double_quoted};
use super::code::Code;
use crate::kernel::{ByteString, Fd, Kernel, Task, fs, path};
use crate::program::{Env, Flavour, Place, Terminal};

/// A shell between two lines: variables, functions, place, last status. A clone is a subshell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShellState {
    /// Credentials and place of what it starts.
    pub(super) task: Task,
    pub(super) place: Place,
    pub(super) terminal: Terminal,
    pub(super) dialect: Dialect,
    /// `$0`.
    pub(super) name: ByteString,
    /// `$1` and on.
    pub(super) params: Vec<ByteString>,
    pub(super) vars: BTreeMap<ByteString, Variable>,
    pub(super) functions: BTreeMap<ByteString, Code>,
    /// Names that the functions being run made their own, with what they hid.
    pub(super) locals: Vec<BTreeMap<ByteString, Option<Variable>>>,
    /// The working directory with the links that led there.
    pub(super) pwd: ByteString,
    pub(super) options: Options,
    pub(super) status: u8,
    pub(super) exited: bool,
    /// The last background process's number.
    pub(super) background: Option<u32>,
    /// How many conditions (`if`, `&&`, `!`) are being evaluated, where `set -e` does nothing.
    pub(super) conditions: u32,
    /// What `trap` wants run when the shell ends.
    pub(super) at_exit: Option<ByteString>,
    /// What it wants run when a signal comes; nothing where that is ignored.
    pub(super) traps: BTreeMap<u8, ByteString>,
    /// `$$`.
    pub(super) pid: u32,
    /// What `shopt` has switched on.
    #[serde(default)]
    pub(super) shopts: BTreeSet<ByteString>,
    /// The directories that `pushd` keeps, the newest last.
    #[serde(default)]
    pub(super) dirs: Vec<ByteString>,
    /// What `alias` has set.
    #[serde(default)]
    pub(super) aliases: Aliases,
    /// Where `getopts` stands: `OPTIND`, and the letter in that word.
    #[serde(default)]
    pub(super) letter: (usize, usize),
    /// The directory that this shell itself went to, and closes when it ends.
    #[serde(default)]
    pub(super) held: Option<Fd>,
}

/// A variable.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Variable {
    /// `None` where it is only marked (`export x`).
    pub(super) value: Option<ByteString>,
    pub(super) exported: bool,
    pub(super) readonly: bool,
    /// `declare -i`: what it is given is an expression.
    #[serde(default)]
    pub(super) integer: bool,
    /// What it holds as an array; `value` is nothing then.
    #[serde(default)]
    pub(super) array: Option<Arc<Array>>,
}

impl Variable {
    /// Its value; of an array the element 0.
    pub(super) fn text(&self) -> Option<&ByteString> {
        match &self.array {
            Some(array) => array.get(b"0"),
            None => self.value.as_ref(),
        }
    }

    /// As `declare -p` shows it: the command that would make it.
    pub(super) fn declared(&self, name: &[u8]) -> Vec<u8> {
        let kind = self.array.as_ref().map_or("", |array| if array.is_map() { "A" } else { "a" });
        let mut flags = format!(
            "{kind}{}{}{}",
            if self.integer { "i" } else { "" },
            if self.readonly { "r" } else { "" },
            if self.exported { "x" } else { "" }
        );
        if flags.is_empty() {
            flags.push('-');
        }
        let value = match (&self.array, &self.value) {
            (Some(array), _) => [b"=", &array.shown()[..]].concat(),
            (None, Some(value)) => [b"=", &double_quoted(value)[..]].concat(),
            (None, None) => Vec::new(),
        };
        [b"declare -", flags.as_bytes(), b" ", name, &value, b"\n"].concat()
    }

    /// The array that it is, or becomes: what it was is the element 0.
    pub(super) fn as_array(&mut self) -> &mut Array {
        let value = self.value.take();
        let array = Arc::make_mut(self.array.get_or_insert_default());
        if let Some(value) = value {
            array.set(b"0", value);
        }
        array
    }
}

/// Whose error texts the shell speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Dialect {
    /// Bash, as on the lab's host.
    Bash,
    /// Dash, Debian's `sh`.
    Dash,
    /// BusyBox ash.
    Ash,
}

/// What `set` switches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Options(BTreeSet<char>);

/// The options that there are, by letter and name.
pub(super) const OPTIONS: &[(char, &str)] = &[
    ('C', "noclobber"),
    ('a', "allexport"),
    ('e', "errexit"),
    ('f', "noglob"),
    ('u', "nounset"),
    ('v', "verbose"),
    ('x', "xtrace"),
    (PIPEFAIL, "pipefail"),
];

/// Bash's array of how the last pipeline's commands ended; it is there until the next command runs.
pub(super) const PIPE_STATUS: &str = "PIPESTATUS";
/// What stands for `pipefail`, which has no letter.
pub(super) const PIPEFAIL: char = '|';

impl Options {
    pub(super) fn has(&self, letter: char) -> bool {
        self.0.contains(&letter)
    }

    /// Switches one; `false` where there is none of that letter.
    pub(super) fn set(&mut self, letter: char, on: bool) -> bool {
        if on {
            self.0.insert(letter);
        } else {
            self.0.remove(&letter);
        }
        OPTIONS.iter().any(|(known, _)| *known == letter)
    }

    /// Switches one by its name; `false` where there is none.
    pub(super) fn set_named(&mut self, name: &str, on: bool) -> bool {
        match OPTIONS.iter().find(|(_, known)| *known == name) {
            Some((letter, _)) => self.set(*letter, on),
            // Known elsewhere and without a meaning here.
            None => name == "posix",
        }
    }

    pub(super) fn letters(&self) -> impl Iterator<Item = char> {
        self.0.iter().copied().filter(|letter| *letter != PIPEFAIL)
    }
}

impl ShellState {
    /// A Bash at a terminal, as the lab's host has it.
    pub fn new(task: Task, env: Env, place: Place) -> Self {
        let mut state = Self::named(task, env, place, "bash".into(), Flavour::Gnu);
        // Bash sets it for itself and does not hand it on.
        if let Some(host) = state.vars.get_mut(&b"HOSTNAME"[..]) {
            host.exported = false;
        }
        state
    }

    /// Lets go of the directory that the shell went to.
    pub(super) fn leave(&mut self, kernel: &mut dyn Kernel) {
        if let Some(dir) = self.held.take() {
            // It was open, and is closed now; there is nothing more to do about an error.
            let _ = kernel.close(dir);
        }
    }

    pub(super) fn named(task: Task, env: Env, place: Place, name: ByteString, flavour: Flavour) -> Self {
        let dialect = match flavour {
            Flavour::Busybox => Dialect::Ash,
            Flavour::Gnu if place != Place::Host && path::file_name(&name) != Some(b"bash") => Dialect::Dash,
            Flavour::Gnu => Dialect::Bash,
        };
        let vars = env.into_iter().map(|(name, value)| {
            (name, Variable { value: Some(value), exported: true, ..Variable::default() })
        });
        let mut state = Self {
            pwd: task.cwd.clone(),
            task,
            place,
            terminal: Terminal::Yes,
            dialect,
            name,
            params: Vec::new(),
            vars: vars.collect(),
            functions: BTreeMap::new(),
            locals: Vec::new(),
            options: Options::default(),
            status: 0,
            exited: false,
            background: None,
            conditions: 0,
            at_exit: None,
            traps: BTreeMap::new(),
            pid: 1,
            shopts: BTreeSet::new(),
            dirs: Vec::new(),
            aliases: Aliases::new(),
            letter: (0, 0),
            held: None,
        };
        let pwd = state.pwd.clone();
        state.set_exported("PWD", pwd);
        if dialect == Dialect::Ash {
            let outer = state.get(b"SHLVL").and_then(|text| text.to_text().parse::<u32>().ok());
            state.set_exported("SHLVL", format!("{}", outer.unwrap_or(0).saturating_add(1)).into());
        }
        state
    }

    /// `$?`.
    pub fn status(&self) -> u8 {
        self.status
    }

    /// Sets `$?`.
    pub fn set_status(&mut self, status: u8) {
        self.status = status;
    }

    /// Whether `exit` ended this shell; the status is then its own.
    pub fn has_exited(&self) -> bool {
        self.exited
    }

    /// Has it hold a directory as its working directory. Where that cannot be entered it keeps the path alone, as a shell
    /// does that starts in a directory that is not there.
    pub fn enter(&mut self, kernel: &mut dyn Kernel, dir: &[u8]) {
        let _ = fs::enter(kernel, &mut self.task, dir);
    }

    /// The process that it starts its commands as.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The names of its variables, sorted, for completion.
    pub fn variables(&self) -> impl Iterator<Item = &ByteString> {
        self.vars.keys()
    }

    /// The value of a variable, if it is set.
    pub fn variable(&self, name: &str) -> Option<&ByteString> {
        self.get(name.as_bytes())
    }

    /// What it exports to the programs that it starts.
    pub fn environment(&self) -> Env {
        self.vars
            .iter()
            .filter(|(_, var)| var.exported)
            .filter_map(|(name, var)| Some((name.clone(), var.value.clone()?)))
            .collect()
    }

    /// The prompt: the lab's host's, Bash's in a container, Dash's or BusyBox's.
    pub fn prompt(&self) -> String {
        let sign = if self.task.uid == 0 { '#' } else { '$' };
        let cwd = self.pwd.to_text();
        let home = self.get(b"HOME").map(ByteString::to_text).unwrap_or_default();
        let short = match cwd.strip_prefix(&home) {
            Some(rest) if home.len() > 1 && (rest.is_empty() || rest.starts_with('/')) => format!("~{rest}"),
            _ => cwd.clone(),
        };
        let host = self.get(b"HOSTNAME").map_or_else(|| "lab".to_owned(), ByteString::to_text);
        let user = match (self.task.uid, self.get(b"USER")) {
            (0, _) => "root".to_owned(),
            (_, Some(name)) => name.to_text(),
            (_, None) => "I have no name!".to_owned(),
        };
        match (&self.place, self.dialect) {
            (Place::Host, Dialect::Bash) => {
                let last = short.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("/");
                format!("[{user}@{host} {last}]{sign} ")
            }
            (_, Dialect::Bash) => format!("{user}@{host}:{short}{sign} "),
            (_, Dialect::Dash) => format!("{sign} "),
            (_, Dialect::Ash) => format!("{short} {sign} "),
        }
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<&ByteString> {
        self.vars.get(name)?.text()
    }

    /// Sets a variable; `Err` where it is read-only.
    pub(super) fn set(&mut self, name: &[u8], value: impl Into<ByteString>) -> Result<(), ReadOnly> {
        let export_all = self.options.has('a');
        let var = self.vars.entry(name.into()).or_default();
        if var.readonly {
            return Err(ReadOnly);
        }
        match &mut var.array {
            Some(array) => Arc::make_mut(array).set(b"0", value.into()),
            None => var.value = Some(value.into()),
        }
        var.exported |= export_all;
        Ok(())
    }

    /// Sets a variable that the shell itself keeps, and exports it.
    pub(super) fn set_exported(&mut self, name: &str, value: ByteString) {
        let var = Variable { value: Some(value), exported: true, ..Variable::default() };
        self.vars.insert(name.into(), var);
    }

    /// The characters that fields are split at.
    pub(super) fn ifs(&self) -> ByteString {
        self.get(b"IFS").cloned().unwrap_or_else(|| " \t\n".into())
    }
}

/// A variable cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReadOnly;
