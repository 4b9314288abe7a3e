//! A command while it runs: its machine, its process, the status it will end with.

use super::flavour::{self, Habits, Words};
use super::text;
use crate::kernel::{ByteString, Errno, Fd, Kernel, OpenFlags, Stat, Task};
use crate::program::{Flow, Input, Process, System};
use crate::shell::io::{self, Handle};

/// How much is read at once.
const PIECE: usize = 1 << 16;

/// A command at work. Messages set the status to 1, and the command goes on, as most do.
pub(in crate::shell::commands) struct Run<'a, 's> {
    pub(in crate::shell::commands) system: &'a mut System<'s>,
    pub(in crate::shell::commands) process: &'a mut Process,
    pub(in crate::shell::commands) status: u8,
}

impl<'a, 's> Run<'a, 's> {
    pub(in crate::shell::commands) fn new(system: &'a mut System<'s>, process: &'a mut Process) -> Self {
        Self { system, process, status: 0 }
    }

    /// The kernel and the task, side by side, for a call.
    pub(in crate::shell::commands) fn kernel(&mut self) -> (&mut dyn Kernel, &Task) {
        (self.system.kernel, &self.process.task)
    }

    pub(in crate::shell::commands) fn lstat(&mut self, path: &[u8]) -> Result<Stat, Errno> {
        self.system.kernel.lstat(&self.process.task, path)
    }

    pub(in crate::shell::commands) fn stat(&mut self, path: &[u8]) -> Result<Stat, Errno> {
        self.system.kernel.stat(&self.process.task, path)
    }

    /// The program's name, as its messages begin.
    pub(in crate::shell::commands) fn name(&self) -> String {
        String::from_utf8_lossy(self.process.name()).into_owned()
    }

    /// What programs of this flavour say.
    pub(in crate::shell::commands) fn words(&self) -> &'static Words {
        Words::of(self.process.flavour)
    }

    /// What programs of this flavour do.
    pub(in crate::shell::commands) fn habits(&self) -> &'static Habits {
        Habits::of(self.process.flavour)
    }

    /// Fills the holes of a message.
    pub(in crate::shell::commands) fn fill(&self, message: &str, parts: &[&[u8]]) -> Vec<u8> {
        flavour::fill(message, parts, |part| self.curly(part))
    }

    /// Writes `name: message` with its holes filled, and sets the status to 1.
    pub(in crate::shell::commands) fn warn_filled(&mut self, message: &str, parts: &[&[u8]]) {
        let text = self.fill(message, parts);
        self.warn(text);
    }

    /// The same for a message about a file that a call failed for.
    pub(in crate::shell::commands) fn warn_failed(&mut self, message: &str, file: &[u8], error: Errno) {
        self.warn_filled(message, &[file, error.text().as_bytes()]);
    }

    pub(in crate::shell::commands) fn print(&mut self, text: impl AsRef<[u8]>) {
        self.process.print(self.system, text);
    }

    /// Writes to standard error as it is.
    pub(in crate::shell::commands) fn complain(&mut self, text: impl AsRef<[u8]>) {
        self.process.complain(self.system, text);
    }

    /// Writes a line that only one flavour has to standard error.
    pub(in crate::shell::commands) fn complain_if_any(&mut self, line: &str) {
        if !line.is_empty() {
            self.complain(line);
        }
    }

    /// Writes `name: message` to standard error and sets the status to 1.
    pub(in crate::shell::commands) fn warn(&mut self, message: impl AsRef<[u8]>) {
        let text = [self.process.speaker(), b": ", message.as_ref(), b"\n"].concat();
        self.complain(text);
        self.status = self.status.max(1);
    }

    /// `name: <what> 'path': error`.
    pub(in crate::shell::commands) fn warn_path(&mut self, what: &str, path: &[u8], error: Errno) {
        let shown =
            if self.habits().quotes_for_shell { text::quote(path) } else { [b"'", path, b"'"].concat() };
        let text = [what.as_bytes(), b" ", &shown, b": ", error.text().as_bytes()].concat();
        self.warn(text);
    }

    /// `name: path: error`.
    pub(in crate::shell::commands) fn warn_bare(&mut self, path: &[u8], error: Errno) {
        let shown = if self.habits().quotes_for_shell { text::quote_if_needed(path) } else { path.to_vec() };
        let text = [&shown[..], b": ", error.text().as_bytes()].concat();
        self.warn(text);
    }

    /// Whether the locale's letters are UTF-8.
    pub(in crate::shell::commands) fn has_utf8(&self) -> bool {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| self.process.env.get(name.as_bytes()).filter(|value| !value.is_empty()));
        locale.is_some_and(|l| l.to_text().to_ascii_uppercase().replace('-', "").contains("UTF8"))
    }

    /// A text in the quotes of GNU's `quote`: typographic ones where the locale has UTF-8.
    pub(in crate::shell::commands) fn curly(&self, text: &[u8]) -> Vec<u8> {
        if self.has_utf8() && self.habits().quotes_for_shell {
            ["‘".as_bytes(), text, "’".as_bytes()].concat()
        } else {
            [b"'", text, b"'"].concat()
        }
    }

    /// Takes a step; `false` when the line has none left and the command must end.
    #[must_use]
    pub(in crate::shell::commands) fn step(&mut self) -> bool {
        self.system.limits.spend(1)
    }

    pub(in crate::shell::commands) fn end(self) -> Flow {
        Flow::Exit(self.status)
    }

    /// Opens a file for reading; `-` is standard input where the command takes it so.
    pub(in crate::shell::commands) fn open(&mut self, path: &[u8]) -> Result<Handle, Errno> {
        if path == b"-" {
            return Ok(Handle { input: Some(self.process.stdin), ..Handle::default() });
        }
        let Process { stdin, stdout, stderr, task, .. } = &*self.process;
        io::open(self.system, task, path, OpenFlags::RDONLY, |fd| match fd {
            0 => Some(stdin.0),
            1 => Some(stdout.0),
            2 => Some(stderr.0),
            _ => None,
        })
    }

    pub(in crate::shell::commands) fn close(&mut self, handle: &Handle) {
        io::close(self.system, handle);
    }

    /// The next piece of an input; empty at the end.
    pub(in crate::shell::commands) fn read(&mut self, input: Input) -> Result<bytes::Bytes, Errno> {
        if !self.step() {
            return Ok(bytes::Bytes::new());
        }
        input.read(self.system, PIECE)
    }

    /// A whole file, or standard input for `-`.
    pub(in crate::shell::commands) fn slurp(&mut self, path: &[u8]) -> Result<Vec<u8>, Errno> {
        let handle = self.open(path)?;
        let result = match &handle.input {
            Some(input) => input.read_to_end(self.system),
            None => Err(Errno::EBADF),
        };
        self.close(&handle);
        result
    }

    /// Copies all of one open file to another, from their starts, as `copy_file_range(2)` does it.
    pub(in crate::shell::commands) fn copy_all(&mut self, from: Fd, to: Fd) -> Result<(), Errno> {
        let size = self.system.kernel.fstat(from)?.size;
        let mut done = 0;
        while done < size {
            let copied = self.system.kernel.copy_file_range(from, done, to, done, size - done)?;
            if copied == 0 {
                break;
            }
            done += copied;
        }
        Ok(())
    }

    /// The operands, or `-` where there are none.
    pub(in crate::shell::commands) fn or_stdin(operands: Vec<ByteString>) -> Vec<ByteString> {
        if operands.is_empty() { vec!["-".into()] } else { operands }
    }
}
