//! Variables that a shell makes up when they are asked for (bash(1), "Shell Variables"; BusyBox ash and dash have some).

use crate::kernel::ByteString;
use crate::program::SECOND;
use crate::shell::live::{Frame, Shell};
use crate::shell::state::Dialect;

impl Shell<'_, '_> {
    /// The value of a variable that nobody has set and that the shell knows.
    pub(super) fn special(&mut self, name: &[u8]) -> Option<ByteString> {
        let dialect = self.state.dialect;
        let number = match name {
            b"PPID" => self.parent_number(),
            b"LINENO" => self.line_number(),
            _ if dialect == Dialect::Dash => return None,
            // No two are equal by chance, and all are in every replay.
            b"RANDOM" => (self.system.world.files.random.draw() >> 16) & 0x7fff,
            _ if dialect == Dialect::Ash => return None,
            b"UID" | b"EUID" => u64::from(self.state.task.uid),
            b"SECONDS" => {
                let since = self.system.world.tasks.get(self.system.current).map_or(0, |row| row.since);
                ((self.system.now() - since).max(0) / SECOND) as u64
            }
            b"EPOCHSECONDS" => (self.system.now().max(0) / SECOND) as u64,
            // Of what was no pipeline; a pipeline sets the variable.
            b"PIPESTATUS" => u64::from(self.state.status),
            b"BASHPID" => u64::from(self.state.pid),
            b"BASH" => return Some("/bin/bash".into()),
            b"BASH_VERSION" => return Some("5.2.15(1)-release".into()),
            b"HOSTTYPE" => return Some("x86_64".into()),
            b"OSTYPE" => return Some("linux-gnu".into()),
            b"MACHTYPE" => return Some("x86_64-pc-linux-gnu".into()),
            _ => return None,
        };
        Some(number.to_string().into())
    }

    fn parent_number(&self) -> u64 {
        let tasks = &self.system.world.tasks;
        let parent = tasks.get(self.system.current).and_then(|row| tasks.get(row.parent));
        parent.and_then(|row| tasks.number(&self.state.place, row)).map_or(0, u64::from)
    }

    /// The line that runs: of a script, or of what was typed so far.
    fn line_number(&self) -> u64 {
        if self.vm.sits {
            return self.vm.typed.len() as u64;
        }
        let script = self.vm.frames.iter().rev().find_map(|frame| match frame {
            Frame::Script { text, at, .. } => Some(&text[..(*at).min(text.len())]),
            _ => None,
        });
        script.map_or(1, |text| {
            let lines = text.iter().filter(|b| **b == b'\n').count();
            (lines + usize::from(!text.ends_with(b"\n"))).max(1) as u64
        })
    }
}
