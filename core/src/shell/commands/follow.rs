//! `tail -f`: what is added to files, as it comes.

use serde::{Deserialize, Serialize};

use super::common::args::Parsed;
use super::common::run::Run;
use crate::kernel::{ByteString, Kernel, OpenFlags, Task, fs};
use crate::program::{Flow, Next, Process, ProgramState, SECOND, System, Wait};

/// How much is printed of one file at once.
const PIECE: usize = 1 << 20;

/// A `tail` that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Following {
    files: Vec<File>,
    headed: bool,
    /// The file whose lines came last.
    last: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct File {
    path: ByteString,
    /// How much of it was printed.
    seen: u64,
}

/// Lets `tail` go on with these files, from their ends.
pub(super) fn follow(run: &mut Run<'_, '_>, parsed: &Parsed) -> Flow {
    let paths: Vec<ByteString> = parsed.operands.iter().filter(|path| **path != "-").cloned().collect();
    if paths.is_empty() {
        // Standard input has ended.
        return Flow::Exit(run.status);
    }
    let headed = parsed.has('v') || parsed.operands.len() > 1 && !parsed.has('q');
    let files: Vec<File> = paths
        .into_iter()
        .map(|path| File { seen: run.stat(&path).map_or(0, |stat| stat.size), path })
        .collect();
    let last = files.len() - 1;
    run.system.goes_on(Following { files, headed, last }, None)
}

/// What was added to a file since `seen`.
fn added(kernel: &mut dyn Kernel, task: &Task, file: &mut File) -> Option<bytes::Bytes> {
    let size = kernel.stat(task, &file.path).ok()?.size;
    if size < file.seen {
        // It was cut: what is in it now is new.
        file.seen = 0;
    }
    if size == file.seen {
        return None;
    }
    let (from, len) = (file.seen, PIECE.min((size - file.seen) as usize));
    let piece = fs::with_open(kernel, task, &file.path, OpenFlags::RDONLY, 0, |kernel, fd| {
        kernel.pread(fd, from, len)
    });
    let piece = piece.ok().filter(|piece| !piece.is_empty())?;
    file.seen += piece.len() as u64;
    Some(piece)
}

impl ProgramState for Following {
    const NAME: &'static str = "tail";
    const WRITES: bool = true;

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let mut more = false;
        for at in 0..self.files.len() {
            let Some(piece) = added(system.kernel, &process.task, &mut self.files[at]) else { continue };
            more = true;
            if self.headed && self.last != at {
                let name = self.files[at].path.clone();
                process.print(system, [b"\n==> ", &name[..], b" <==\n"].concat());
            }
            self.last = at;
            process.print(system, &piece);
        }
        if more {
            return Next::Again;
        }
        Next::Wait(Wait { until: Some(system.now() + SECOND), follows: true, ..Wait::default() })
    }
}
