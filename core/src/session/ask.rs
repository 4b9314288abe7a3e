//! Lines that nobody sees: a lesson's questions to the machine.

use super::machine::{Machine, host_state};
use crate::kernel::ByteString;
use crate::program::{Limits, Pause, Pid, SECOND, Stream, System, Table, end, run};
use crate::shell;

/// For how much of the lab's time a question that follows something is listened to.
const PATIENCE: i64 = 10 * SECOND;

impl Machine {
    /// Runs a line in a host shell of its own, unseen, whichever shell is open; its exit status and standard output. It takes
    /// none of the lab's time.
    pub(super) fn ask(&mut self, table: &Table, line: &[u8]) -> (u8, ByteString) {
        let clock = self.world.clock;
        let mut system = System::new(self.backend.kernel(), &mut self.world, table);
        let (out, err) = system.world.files.record(Stream::Stdout, Stream::Stderr);
        let status = match shell::unseen(&mut system, host_state(), line, out) {
            Ok(pid) => wait_for(&mut system, pid),
            Err(_) => 254,
        };
        let printed = system.world.files.take_record(out).collect(Stream::Stdout);
        for desc in [out, err] {
            system.world.files.release(system.kernel, desc);
        }
        // Nobody sees what it says, and so nobody needs advice.
        system.world.help.take();
        system.set_time(clock.unwrap_or_default());
        (status, ByteString::from(printed))
    }
}

/// Lets the machine go on until a process has ended; one that would go on for ever, or would need somebody to type, is
/// ended. Returns its status.
fn wait_for(system: &mut System<'_>, pid: Pid) -> u8 {
    let mut deadline = None;
    loop {
        let mut budget = u64::MAX;
        match run(system, &mut budget, deadline, &mut |world| world.tasks.has_ended(pid)) {
            Pause::Done => break,
            Pause::Budget => {}
            Pause::Follows if deadline.is_none() => deadline = Some(system.now() + PATIENCE),
            Pause::Follows | Pause::Time | Pause::Idle | Pause::Spent => end(system, pid, Limits::STATUS),
        }
    }
    system.world.tasks.reap(pid).unwrap_or_default()
}
