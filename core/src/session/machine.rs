//! The whole state of a session at one moment: a kernel, what is not on its disk, and the shells that are open.

use serde::{Deserialize, Serialize};

use super::changes::Snapshot;
use super::{Backend, disk};
use crate::docker;
use crate::kernel::{ByteString, Task};
use crate::program::{Attached, Entered, Flow, Output, Place, Stream, System, Table, World};
use crate::shell;

/// A machine with its open shells, the innermost last. The first is the lab's host shell and never ends.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) backend: Box<dyn Backend>,
    pub(super) world: World,
    shells: Vec<Frame>,
    /// The writable layers when they were last looked at.
    seen: Snapshot,
    /// A line that was taken and did not run yet.
    line: Option<ByteString>,
    /// What was typed and not read yet.
    typed: Vec<u8>,
    /// Tenths of a second that did not make a whole one yet.
    tenths: u64,
}

/// How far a line has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It goes on: call [`Machine::step`] again.
    #[allow(dead_code, reason = "the scheduler says it")]
    More,
    /// It has ended with this status; a prompt can be shown.
    Done(u8),
    /// It follows something (`logs -f`): nothing happens before time passes ([`Machine::advance`]) or
    /// [`Machine::interrupt`] ends it.
    #[allow(dead_code, reason = "the scheduler says it")]
    Follows,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Frame {
    state: shell::State,
    container: Option<Attached>,
}

impl Machine {
    /// A machine whose disk holds the lab's small host tree.
    pub(super) fn new(mut backend: Box<dyn Backend>) -> Result<Self, String> {
        disk::prepare(backend.kernel()).map_err(|error| format!("the lab's disk cannot be made: {error}"))?;
        Ok(Self {
            backend,
            world: World::default(),
            shells: vec![host_shell()],
            seen: Snapshot::default(),
            line: None,
            typed: Vec::new(),
            tenths: 0,
        })
    }

    /// A copy, where the backend has one.
    pub(super) fn fork(&self) -> Option<Self> {
        let backend = self.backend.fork()?;
        Some(Self {
            backend,
            world: self.world.clone(),
            shells: self.shells.clone(),
            seen: self.seen.clone(),
            line: self.line.clone(),
            typed: self.typed.clone(),
            tenths: self.tenths,
        })
    }

    /// The same machine with an empty disk.
    pub(super) fn reset(&mut self) -> Result<(), String> {
        self.backend.reset()?;
        disk::prepare(self.backend.kernel())
            .map_err(|error| format!("the lab's disk cannot be made: {error}"))?;
        self.world = World::default();
        self.shells = vec![host_shell()];
        self.seen = Snapshot::default();
        Ok(())
    }

    /// The prompt of the innermost shell.
    pub(super) fn prompt(&self) -> String {
        self.innermost().prompt()
    }

    /// The state of the innermost shell.
    pub(super) fn innermost(&self) -> &shell::State {
        &self.shells.last().expect("the host's shell never ends").state
    }

    /// Runs a complete line in the innermost shell and lets its time pass; the exit status is 0 to 255.
    pub(super) fn run(&mut self, table: &Table, line: &[u8], stdout: Output, stderr: Output) -> u8 {
        let frame = self.shells.last_mut().expect("the host's shell never ends");
        let mut system = System::new(self.backend.kernel(), &mut self.world, table);
        let flow = shell::run(&mut system, &mut frame.state, line, stdout, stderr);
        let entered = system.entered.take();
        let status = match flow {
            _ if frame.state.has_exited() => {
                let status = frame.state.status();
                self.leave(table, status, stderr);
                status
            }
            Flow::Entered => {
                self.enter(entered);
                0
            }
            flow => flow.status(),
        };
        let slept = std::mem::take(&mut self.world.slept);
        self.backend.pass(slept + 1);
        status
    }

    /// Takes a complete line, which [`Machine::step`] then runs in the innermost shell.
    pub(super) fn begin(&mut self, _table: &Table, line: &[u8]) {
        self.line = Some(line.into());
    }

    /// Goes on with the line for at most `budget` steps.
    pub(super) fn step(&mut self, table: &Table, _budget: u64) -> Turn {
        match self.line.take() {
            Some(line) => Turn::Done(self.run(table, &line, Output::TERMINAL, Output::TERMINAL_ERR)),
            None => Turn::Done(self.innermost().status()),
        }
    }

    /// Takes out what reached the terminal since it was last asked.
    pub(super) fn drain(&mut self) -> Vec<(Stream, Vec<u8>)> {
        self.world.files.take_terminal().pieces
    }

    /// Ctrl-C: SIGINT to what runs in the foreground.
    pub(super) fn interrupt(&mut self, _table: &Table) {
        self.line = None;
    }

    /// What a person types while a program runs.
    pub(super) fn input(&mut self, bytes: &[u8]) {
        self.typed.extend_from_slice(bytes);
    }

    /// Lets tenths of a second of the lab's time pass; what runs in the background lives on in them.
    pub(super) fn advance(&mut self, _table: &Table, tenths: u64) {
        self.tenths += tenths;
        self.backend.pass(self.tenths / 10);
        self.tenths %= 10;
    }

    /// Runs a line in a host shell of its own, unseen, whichever shell is open; its exit status and standard output.
    pub(super) fn ask(&mut self, table: &Table, line: &[u8]) -> (u8, ByteString) {
        let mut frame = host_shell();
        let mut system = System::new(self.backend.kernel(), &mut self.world, table);
        let (out, err) = system.world.files.record(Stream::Stdout, Stream::Stderr);
        let flow = shell::run(&mut system, &mut frame.state, line, Output(out), Output::NULL);
        let printed = system.world.files.take_record(out).collect(Stream::Stdout);
        for desc in [out, err] {
            system.world.files.release(system.kernel, desc);
        }
        // Nobody sees what it says, and so nobody needs advice.
        self.world.help.take();
        (flow.status(), ByteString::from(printed))
    }

    /// The writable layers as they stand.
    pub(super) fn snapshot(&mut self) -> Snapshot {
        let touched = self.backend.take_touched();
        self.seen = self.seen.renew(self.backend.kernel(), &mut self.world, touched.as_ref());
        self.seen.clone()
    }

    fn enter(&mut self, entered: Option<Entered>) {
        if let Some(entered) = entered {
            let place = entered.container.as_ref().map_or(Place::Host, |c| Place::Container(c.id.clone()));
            self.shells
                .push(Frame { state: shell::State::enter(&entered, place), container: entered.container });
        }
    }

    /// Ends the innermost shell. The host's own starts anew, as after a new login.
    fn leave(&mut self, table: &Table, status: u8, stderr: Output) {
        let mut frame = self.shells.pop().expect("the host's shell never ends");
        frame.state.leave(self.backend.kernel());
        if let Some(attached) = frame.container {
            let mut system = System::new(self.backend.kernel(), &mut self.world, table);
            if let Err(text) = docker::ended(&mut system, &attached, status) {
                stderr.write(&mut system, format!("{text}\n"));
            }
        }
        match self.shells.last_mut() {
            Some(outer) => outer.state.set_status(status),
            None => self.shells.push(host_shell()),
        }
    }
}

fn host_shell() -> Frame {
    let task = Task::root().at(ByteString::from("/root"));
    Frame { state: shell::State::new(task, disk::environment(), Place::Host), container: None }
}

/// What a machine is beside its kernel is data: it can be written down, and sent to another thread, which nothing that
/// hides a shared cell can.
const _: () = {
    const fn is_data<T: Clone + Send + Sync + serde::Serialize + for<'a> serde::Deserialize<'a>>() {}
    is_data::<World>();
    is_data::<Frame>();
};
