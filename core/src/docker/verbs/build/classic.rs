//! A build of the classic builder while it goes on: a client that takes one turn after another, and waits for the process of
//! a `RUN` as others wait for theirs.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::super::running::{self, Started, Stdin};
use super::super::super::seen::Seen;
use super::super::super::{Call, Failure, supervise};
use super::tail::{Came, Tail};
use crate::engine::UnnamedVolumes;
use crate::engine::build::{Build, BuildError, Context, StepEvent, Turn};
use crate::kernel::ByteString;
use crate::oci::Digest;
use crate::program::{Desc, Flow, Next, Pid, Process, ProgramState, Stream, System, Wait, signals};

/// A build under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::docker) struct Classic {
    build: Build,
    /// What was sent, until it is thrown away.
    context: Option<Context>,
    tail: Tail,
    heard: Heard,
    args: Vec<ByteString>,
    /// What the advice on a mistake needs.
    seen: Seen,
    out: Option<Out>,
}

/// A container whose process runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Out {
    id: String,
    pid: Pid,
    /// Where what it writes is kept until it is told.
    first: Desc,
    second: Desc,
}

/// Where what the daemon says goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Heard {
    quiet: bool,
    kept: Vec<u8>,
}

impl Heard {
    pub(super) fn new(quiet: bool) -> Self {
        Self { quiet, kept: Vec::new() }
    }

    pub(super) fn say(&mut self, call: &mut Call<'_, '_>, stream: Stream, text: &[u8]) {
        if stream == Stream::Stdout {
            call.seen.note(text);
        }
        let text = match stream {
            Stream::Stdout => text.to_vec(),
            Stream::Stderr => [b"\x1b[91m", text, b"\x1b[0m"].concat(),
        };
        if self.quiet { self.kept.extend(text) } else { call.print(text) }
    }
}

fn lost(failure: Failure) -> BuildError {
    BuildError::new(failure.text)
}

/// Begins the turns of a build whose context was sent.
pub(super) fn begin(
    call: &mut Call<'_, '_>,
    build: Result<Build, BuildError>,
    context: Context,
    tail: Tail,
    heard: Heard,
) -> Result<Flow, Failure> {
    match build {
        Ok(build) => {
            call.system.world.build_steps = Arc::default();
            let args = call.flags.args.clone();
            let seen = std::mem::take(&mut call.seen);
            let job = Classic { build, context: Some(context), tail, heard, args, seen, out: None };
            Ok(call.system.goes_on(job, None))
        }
        Err(error) => {
            call.engine()?.context_drop(&context)?;
            ended(call, &tail, heard, Err(error))
        }
    }
}

/// What the client prints in the end.
fn ended(
    call: &mut Call<'_, '_>,
    tail: &Tail,
    heard: Heard,
    result: Result<Digest, BuildError>,
) -> Result<Flow, Failure> {
    match result {
        Ok(id) => tail.built(call, &id),
        Err(error) => {
            let text =
                if error.early { format!("Error response from daemon: {}", error.text) } else { error.text };
            if heard.quiet && !error.early {
                call.process.complain(call.system, heard.kept);
            }
            Err(Failure::with_status(text, error.code))
        }
    }
}

impl Classic {
    /// Takes a turn, or hears what the process of one has written.
    fn turn(&mut self, call: &mut Call<'_, '_>) -> Result<Came<Digest>, BuildError> {
        if let Some(out) = self.out.clone() {
            return self.listen(call, &out);
        }
        let turn = self.build.turn(&mut call.engine().map_err(lost)?);
        self.report(call);
        match turn? {
            Turn::Done(id) => Ok(Came::Done(id)),
            Turn::Next => Ok(Came::On),
            Turn::Run(container) => self.start(call, &container),
        }
    }

    /// Prints and records what a build has to say.
    fn report(&mut self, call: &mut Call<'_, '_>) {
        for said in self.build.take_said() {
            self.heard.say(call, said.stream, &said.text);
        }
        let events: Vec<StepEvent> = self.build.take_events();
        Arc::make_mut(&mut call.system.world.build_steps).extend(events);
    }

    /// Starts the process of a `RUN`.
    fn start(&mut self, call: &mut Call<'_, '_>, container: &str) -> Result<Came<Digest>, BuildError> {
        let mut found = call.engine().map_err(lost)?.find_container(container)?;
        let front = call.is_front();
        match supervise::start(call.system, &mut found, Stdin::Nobody, front).map_err(lost)? {
            Started::Failed(why, _) => {
                let result = self.build.not_started(&mut call.engine().map_err(lost)?, &why);
                self.report(call);
                result?;
            }
            Started::Up(pid) => {
                let (first, second) = call.system.world.files.record(Stream::Stdout, Stream::Stderr);
                call.system.world.logs.attach(&found.id, first, second);
                self.out = Some(Out { id: found.id, pid, first, second });
            }
        }
        Ok(Came::On)
    }

    /// Tells what the process has written so far; goes on with the build when it has ended.
    fn listen(&mut self, call: &mut Call<'_, '_>, out: &Out) -> Result<Came<Digest>, BuildError> {
        running::settle(call.system, &out.id).map_err(lost)?;
        for (stream, bytes) in call.system.world.files.take_record(out.first).pieces {
            self.build.heard(stream, &bytes);
        }
        if call.system.world.running.get(&out.id).is_some_and(|running| running.pid == out.pid) {
            self.report(call);
            let grown = Some((out.id.clone(), call.system.world.logs.written(&out.id)));
            let gone = Some((out.id.clone(), out.pid));
            return Ok(Came::Waits(Wait { gone, grown, ..Wait::default() }));
        }
        self.out = None;
        out.let_go(call.system);
        let known = call.system.world.exits.get(&out.id).filter(|(own, _, _)| *own == out.pid);
        let status = known.map_or(128 + signals::KILL, |(_, status, _)| *status);
        let result = self.build.ran(&mut call.engine().map_err(lost)?, status);
        self.report(call);
        result.map(|()| Came::On)
    }

    /// The build has ended: what was sent goes, and the client says how it went.
    fn finish(
        &mut self,
        call: &mut Call<'_, '_>,
        result: Result<Digest, BuildError>,
    ) -> Result<Flow, Failure> {
        if let Some(context) = self.context.take() {
            call.engine()?.context_drop(&context)?;
        }
        ended(call, &self.tail, std::mem::take(&mut self.heard), result)
    }

    fn next(&mut self, call: &mut Call<'_, '_>) -> Next {
        let result = match self.turn(call) {
            Ok(Came::On) => return Next::Again,
            Ok(Came::Waits(wait)) => return Next::Wait(wait),
            Ok(Came::Done(id)) => Ok(id),
            Err(error) => Err(error),
        };
        let result = self.finish(call, result);
        call.ends(result)
    }
}

impl Out {
    fn let_go(&self, system: &mut System<'_>) {
        system.world.logs.detach(&self.id, self.first, self.second);
        for desc in [self.first, self.second] {
            system.world.files.release(system.kernel, desc);
        }
    }

    /// The client is gone, or was stopped: the daemon kills the container and removes it (moby 20.10, "Build cancelled,
    /// killing and removing container").
    fn cancel(&self, system: &mut System<'_>) {
        self.let_go(system);
        if let Some(running) = system.world.running.get_mut(&self.id) {
            running.stopping = true;
            system.signal(self.pid, signals::KILL);
        }
        // Nobody is left to tell of a disk that fails.
        let _ = running::settle(system, &self.id);
        if let Ok(mut engine) = running::engine(system)
            && let Ok(Some(container)) = engine.container(&self.id)
        {
            let _ = engine.remove_container(&container, UnnamedVolumes::Removed);
        }
    }
}

impl ProgramState for Classic {
    const NAME: &'static str = "classic build";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let mut call = Call::again(system, process, "build", self.args.clone());
        call.seen = std::mem::take(&mut self.seen);
        let next = self.next(&mut call);
        self.seen = std::mem::take(&mut call.seen);
        next
    }

    fn close(&mut self, system: &mut System<'_>) {
        if let Some(out) = self.out.take() {
            out.cancel(system);
        }
        if let Some(context) = self.context.take()
            && let Ok(mut engine) = running::engine(system)
        {
            // As above.
            let _ = engine.context_drop(&context);
        }
    }
}
