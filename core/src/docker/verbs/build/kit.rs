//! A build with BuildKit while it goes on: a client that takes one vertex after another, and waits for the process of a
//! `RUN`.

use serde::{Deserialize, Serialize};

use super::super::super::running::{self, Wires};
use super::super::super::seen::Seen;
use super::super::super::{Call, Failure};
use super::outputs::Target;
use super::progress::{Progress, Style, list, plain};
use super::tail::{Came, Tail};
use crate::engine::build::Context;
use crate::engine::buildkit::{self, End, Shown, Solve, SolveError, Turn};
use crate::kernel::{ByteString, path};
use crate::oci::Digest;
use crate::program::{
    Desc, Flow, Input, Next, Output, Pid, Process, ProgramState, Spawn, Stream, System, Terminal, Wait,
    signals,
};

/// A build under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::docker) struct Kit {
    solve: Solve,
    /// What was sent, until it is thrown away.
    context: Option<Context>,
    target: Target,
    progress: Progress,
    tail: Tail,
    /// The names as they were typed.
    names: Vec<String>,
    /// Whether a cache is exported with the image.
    inline_cache: bool,
    args: Vec<ByteString>,
    /// What the advice on a mistake needs.
    seen: Seen,
    out: Option<Out>,
}

/// A process that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Out {
    pid: Pid,
    /// Where what it writes is kept.
    record: (Desc, Desc),
}

fn lost(failure: Failure) -> SolveError {
    SolveError::new(failure.text)
}

/// What a build is given beside its graph.
pub(super) struct Wanted {
    pub(super) target: Target,
    pub(super) progress: Progress,
    pub(super) tail: Tail,
    pub(super) names: Vec<String>,
    pub(super) inline_cache: bool,
}

/// Begins the turns of a build whose context was sent.
pub(super) fn begin(
    call: &mut Call<'_, '_>,
    solve: Result<Solve, SolveError>,
    context: Context,
    wanted: Wanted,
) -> Result<Flow, Failure> {
    let Wanted { target, progress, tail, names, inline_cache } = wanted;
    match solve {
        Ok(solve) => {
            let args = call.flags.args.clone();
            let context = Some(context);
            let seen = std::mem::take(&mut call.seen);
            let job =
                Kit { solve, context, target, progress, tail, names, inline_cache, args, seen, out: None };
            Ok(call.system.goes_on(job, None))
        }
        Err(error) => {
            call.engine()?.context_drop(&context)?;
            ended(call, &tail, &progress, Err(error))
        }
    }
}

/// What the client prints in the end.
fn ended(
    call: &mut Call<'_, '_>,
    tail: &Tail,
    progress: &Progress,
    result: Result<Option<Digest>, SolveError>,
) -> Result<Flow, Failure> {
    if progress.style == Style::List {
        list(call, &progress.list, result.is_ok());
    }
    match result {
        Ok(Some(id)) => tail.built(call, &id),
        Ok(None) => Ok(Flow::OK),
        Err(error) => {
            if progress.style == Style::Quiet {
                call.process.complain(call.system, plain(&progress.list));
            }
            let failed = progress.list.last().filter(|shown| matches!(shown.end, End::Error(_)));
            if let Some(shown) = failed {
                let name = shown.name.clone();
                call.complain(&format!("------\n > {name}:\n------"));
            }
            Err(Failure::new(error.text))
        }
    }
}

impl Kit {
    /// Takes a turn, or looks whether the process of one has ended.
    fn turn(&mut self, call: &mut Call<'_, '_>) -> Result<Came<Option<Digest>>, SolveError> {
        if let Some(out) = self.out {
            return self.listen(call, out);
        }
        let turn = self.solve.turn(&mut call.engine().map_err(lost)?);
        self.show(call);
        if let Ok(Turn::Run(process)) = turn {
            return self.start(call, process);
        }
        match turn? {
            Turn::Done => self.export(call).map(Came::Done),
            Turn::Next | Turn::Run(_) => Ok(Came::On),
        }
    }

    fn show(&mut self, call: &mut Call<'_, '_>) {
        for shown in self.solve.take_shown() {
            self.progress.show(call, shown);
        }
    }

    /// Starts the process of a `RUN`.
    fn start(
        &mut self,
        call: &mut Call<'_, '_>,
        process: buildkit::Process,
    ) -> Result<Came<Option<Digest>>, SolveError> {
        let wires = Wires { stdin: Input::EMPTY, terminal: Terminal::No };
        let front = call.is_front();
        let system = &mut *call.system;
        let record = system.world.files.record(Stream::Stdout, Stream::Stderr);
        let streams = (Output(record.0), Output(record.1));
        let buildkit::Process { id, place, args } = process;
        let prepared = running::prepare(system, &id, place, &args, &wires, streams);
        let started = prepared.and_then(|(process, body)| {
            let spawn = Spawn { first: true, kept: true, front, ..Spawn::new(system.current, process, body) };
            system.spawn(spawn).map_err(running::StartError::spawn)
        });
        match started {
            Ok(pid) => {
                self.out = Some(Out { pid, record });
                let name = self.solve.running().unwrap_or_default().to_owned();
                self.progress.begin(call, &name);
                Ok(Came::On)
            }
            Err(error) => {
                release(system, record);
                let text = format!("runc run failed: unable to start container process: {}\n", error.why);
                self.solve.on_output(text.as_bytes());
                self.ran(call, error.status)
            }
        }
    }

    fn listen(&mut self, call: &mut Call<'_, '_>, out: Out) -> Result<Came<Option<Digest>>, SolveError> {
        for (_, bytes) in call.system.world.files.take_record(out.record.0).pieces {
            let lines = self.solve.on_output(&bytes);
            self.progress.wrote(call, &lines);
        }
        let system = &mut *call.system;
        if !system.world.tasks.has_ended(out.pid) {
            let recorded = self.progress.is_live().then_some(out.record.0);
            return Ok(Came::Waits(Wait { recorded, ..Wait::child(out.pid) }));
        }
        self.out = None;
        let status = system.world.tasks.reap(out.pid).unwrap_or(128 + signals::KILL);
        release(system, out.record);
        self.ran(call, status)
    }

    fn ran(&mut self, call: &mut Call<'_, '_>, status: u8) -> Result<Came<Option<Digest>>, SolveError> {
        let result = self.solve.ran(&mut call.engine().map_err(lost)?, status);
        self.show(call);
        result.map(|()| Came::On)
    }

    fn export(&mut self, call: &mut Call<'_, '_>) -> Result<Option<Digest>, SolveError> {
        match self.target.clone() {
            Target::Image => self.export_image(call).map(Some),
            Target::Dir(dir) => self.export_dir(call, &dir).map(|()| None),
            Target::Tar(file) => self.export_tar(call, &file).map(|()| None),
        }
    }

    fn export_image(&mut self, call: &mut Call<'_, '_>) -> Result<Digest, SolveError> {
        let id = self.solve.image(&mut call.engine().map_err(lost)?)?;
        let mut lines = vec!["exporting layers done".to_owned(), format!("writing image {id} done")];
        lines.extend(self.names.iter().map(|name| format!("naming to {name} done")));
        self.progress.show(call, Shown::ended("exporting to image", lines, End::Done));
        if self.inline_cache {
            self.progress
                .show(call, Shown::done("exporting cache", &["preparing build cache for export done"]));
        }
        Ok(id)
    }

    fn export_dir(&mut self, call: &mut Call<'_, '_>, dir: &str) -> Result<(), SolveError> {
        let at = path::normalize(&path::join(&call.process.task.cwd.clone(), dir.as_bytes())).to_text();
        let mut engine = call.engine().map_err(lost)?;
        let exported = self.solve.export(&mut engine)?;
        let done = engine.export_to(&exported, &at);
        engine.export_end(&exported)?;
        done?;
        self.progress.show(call, Shown::done("exporting to client", &["copying files done"]));
        Ok(())
    }

    fn export_tar(&mut self, call: &mut Call<'_, '_>, file: &str) -> Result<(), SolveError> {
        let mut engine = call.engine().map_err(lost)?;
        let exported = self.solve.export(&mut engine)?;
        let names = engine.names_inside(&exported.root);
        let task = crate::kernel::Task::root();
        let packed = engine.pack_part(&task, exported.root.as_bytes(), b"", &names);
        engine.export_end(&exported)?;
        let packed = packed.map_err(|error| SolveError::new(error.to_string()))?;
        let to = (file != "-").then(|| ByteString::from(file));
        super::super::save::deliver(call, &packed, to).map_err(lost)?;
        self.progress.show(call, Shown::done("exporting to client", &["sending tarball done"]));
        Ok(())
    }

    /// The build has ended: what was sent goes, and the client says how it went.
    fn finish(
        &mut self,
        call: &mut Call<'_, '_>,
        result: Result<Option<Digest>, SolveError>,
    ) -> Result<Flow, Failure> {
        if let Some(context) = self.context.take() {
            call.engine()?.context_drop(&context)?;
        }
        ended(call, &self.tail, &self.progress, result)
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

fn release(system: &mut System<'_>, record: (Desc, Desc)) {
    for desc in [record.0, record.1] {
        system.world.files.release(system.kernel, desc);
    }
}

impl ProgramState for Kit {
    const NAME: &'static str = "buildkit build";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let mut call = Call::again(system, process, "build", self.args.clone());
        call.seen = std::mem::take(&mut self.seen);
        let next = self.next(&mut call);
        self.seen = std::mem::take(&mut call.seen);
        next
    }

    fn close(&mut self, system: &mut System<'_>) {
        if let Some(out) = self.out.take() {
            system.signal(out.pid, signals::KILL);
            system.world.tasks.reap(out.pid);
            release(system, out.record);
            if let Ok(mut engine) = running::engine(system) {
                // Nobody is left to tell of a disk that fails.
                let _ = self.solve.abandon(&mut engine);
            }
        }
        if let Some(context) = self.context.take()
            && let Ok(mut engine) = running::engine(system)
        {
            let _ = engine.context_drop(&context);
        }
    }
}
