//! Where BusyBox's programs part from GNU's: in their words, by a table; in what they do, by name.
//!
//! A command says which message or which habit it means, and never asks which program it is. What the words are was
//! recorded from coreutils 9.1, diffutils, findutils and BusyBox 1.35.0 (`tests/fixtures/shell`, `tests/oracle`).

use super::run::Run;
use super::text::{quote, quote_if_needed};
use crate::kernel::Errno;
use crate::program::Flavour;

/// How a message about a file reads, before the error.
#[derive(Debug, Clone, Copy)]
pub(in crate::shell::commands) enum Form {
    /// `WHAT 'FILE': `
    About(&'static str),
    /// `FILE: `, quoted where a shell would need it.
    Bare,
    /// Two texts with the file between them, as it is.
    Plain(&'static str, &'static str),
    /// The same with the file in quotes.
    Quoted(&'static str, &'static str),
    /// The same with the file in the locale's quotes.
    Curly(&'static str, &'static str),
}

/// A message about a file, in GNU's words and in BusyBox's.
#[derive(Debug, Clone, Copy)]
pub(in crate::shell::commands) struct Fault {
    gnu: Form,
    busybox: Form,
}

/// A text in GNU's words and in BusyBox's.
#[derive(Debug, Clone, Copy)]
pub(in crate::shell::commands) struct Words {
    gnu: &'static str,
    busybox: &'static str,
}

/// The messages about files.
pub(in crate::shell::commands) mod fault {
    use super::Fault;
    use super::Form::{About, Bare, Curly, Plain, Quoted};

    macro_rules! faults {
        ($($name:ident: $gnu:expr, $busybox:expr;)*) => {
            $(pub(in crate::shell::commands) const $name: Fault = Fault { gnu: $gnu, busybox: $busybox };)*
        };
    }

    faults! {
        ACCESS: About("cannot access"), Bare;
        CHANGE_GROUP: About("changing group of"), Bare;
        CHANGE_MODE: About("changing permissions of"), Bare;
        CHANGE_OWNER: About("changing ownership of"), Bare;
        DD_OPEN: About("failed to open"), About("can't open");
        FIND: Curly("", ": "), Plain("", ": ");
        HEAD_OPEN: Quoted("cannot open ", " for reading: "), Bare;
        LIST_DIRECTORY: About("cannot open directory"), About("can't open");
        LIST_FILE: About("cannot access"), Plain("", ": ");
        MAKE_DIRECTORY: Curly("cannot create directory ", ": "), About("can't create directory");
        MAKE_FIFO: About("cannot create fifo"), Bare;
        OPEN: Bare, About("can't open");
        READ: Bare, About("can't read");
        REMOVE: About("cannot remove"), About("can't remove");
        SED_READ: Plain("can't read ", ": "), Plain("", ": ");
        SORT_READ: Plain("cannot read: ", ": "), Plain("", ": ");
        STAT: About("cannot statx"), About("can't stat");
        TAIL_OPEN: Quoted("cannot open ", " for reading: "), About("can't open");
        TAR_OPEN: Plain("", ": Cannot open: "), Plain("", ": ");
        TAR_STAT: Plain("", ": Cannot stat: "), Bare;
        TOUCH: About("cannot touch"), Bare;
        TRUNCATE_OPEN: Quoted("cannot open ", " for writing: "), Plain("", ": open: ");
    }
}

/// Other texts.
pub(in crate::shell::commands) mod words {
    use super::Words;

    macro_rules! words {
        ($($name:ident: $gnu:expr, $busybox:expr;)*) => {
            $(pub(in crate::shell::commands) const $name: Words = Words { gnu: $gnu, busybox: $busybox };)*
        };
    }

    words! {
        BYTE: "byte", "char";
        DIRECTORY_MADE: "mkdir: created directory ", "created directory: ";
        DIRECTORY_REMOVED: "removed directory ", "removed directory: ";
        HELP_HEAD: "", "BusyBox multi-call binary.\n\n";
        KILL_WHOM: "not enough arguments", "you need to specify whom to kill";
        LEADING_SLASH: "tar: Removing leading `/' from member names\n", "tar: removing leading '/' from member names\n";
        NOT_IN_ARCHIVE: ": Not found in archive", ": not found in archive";
        NO_PROCESS: "found", "killed";
        PS_HEAD: "    PID TTY          TIME CMD\n", "PID   USER     TIME  COMMAND\n";
        STAT_DEVICE: "%\u{1},%\u{2}", "%Dh/%dd";
        UNKNOWN_SUFFIX: "unknown suffix -- ignored", "unknown suffix - ignored";
        UNMATCHED_QUOTE: "; by default quotes are special to xargs unless you use the -0 option", "";
    }
}

/// What a program of BusyBox's does and GNU's does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shell::commands) enum Habit {
    /// A wrong value is told in one short line with status 1, without a hint to `--help`.
    ShortComplaints,
    /// A mistake in the options is answered with the whole usage.
    UsageAfterMistakes,
    /// Names in messages have plain quotes or none, whatever is in them.
    PlainNames,
    /// `cp`, `mv`, `ln`, `touch` and `mkdir -p` go about it in their own way.
    OwnSteps,
    /// `ls`, `stat`, `ps`, `wc` and `time` print their own columns.
    OwnColumns,
    /// Symbolic links below an operand, or named as one, are treated in the other way.
    LinksTheOtherWay,
    /// What GNU's program adds to its answer is left out: sums of bytes, dates, last words.
    FewerWords,
    /// Directories where files are expected are passed over without a word.
    QuietDirectories,
    /// The first failure ends the program.
    StopsAtFailure,
    /// Works on nothing where there is no input (`xargs`), and compares in the unified form (`diff`).
    OtherDefaults,
}

impl Habit {
    const BUSYBOX: [Self; 10] = [
        Self::ShortComplaints,
        Self::UsageAfterMistakes,
        Self::PlainNames,
        Self::OwnSteps,
        Self::OwnColumns,
        Self::LinksTheOtherWay,
        Self::FewerWords,
        Self::QuietDirectories,
        Self::StopsAtFailure,
        Self::OtherDefaults,
    ];
}

impl Run<'_, '_> {
    /// Returns whether the program that runs has this habit.
    pub(in crate::shell::commands) fn has_habit(&self, habit: Habit) -> bool {
        let habits: &[Habit] = match self.process.flavour {
            Flavour::Gnu => &[],
            Flavour::Busybox => &Habit::BUSYBOX,
        };
        habits.contains(&habit)
    }

    /// Returns a text in the program's words.
    pub(in crate::shell::commands) fn words(&self, words: Words) -> &'static str {
        match self.process.flavour {
            Flavour::Gnu => words.gnu,
            Flavour::Busybox => words.busybox,
        }
    }

    /// Gives a message about a file and an error, in the program's words.
    pub(in crate::shell::commands) fn fault(&mut self, fault: Fault, file: &[u8], error: Errno) {
        let form = match self.process.flavour {
            Flavour::Gnu => fault.gnu,
            Flavour::Busybox => fault.busybox,
        };
        let (before, shown, after) = match form {
            Form::About(what) => return self.warn_path(what, file, error),
            Form::Bare => return self.warn_bare(file, error),
            Form::Plain(before, after) => (before, file.to_vec(), after),
            Form::Quoted(before, after) => (before, quote(file), after),
            Form::Curly(before, after) => (before, self.curly(file), after),
        };
        self.warn([before.as_bytes(), &shown, after.as_bytes(), error.text().as_bytes()].concat());
    }

    /// Returns a file's name as messages have it.
    pub(in crate::shell::commands) fn shown(&self, file: &[u8]) -> Vec<u8> {
        if self.has_habit(Habit::PlainNames) { file.to_vec() } else { quote_if_needed(file) }
    }
}
