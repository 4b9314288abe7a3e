//! `docker build` (docker/cli 20.10 `cli/command/image/build.go`): the context is prepared and sent, and what the daemon
//! says is printed.

mod buildkit;
mod outputs;
mod prepare;
mod progress;
mod request;

use super::super::{Call, Failure, supervise, units};
use crate::engine::build::{Build, BuildError, Context, StepEvent, Turn};
use crate::engine::go_text;
use crate::kernel::{Errno, fs};
use crate::oci::Digest;
use crate::program::{Flow, Stream};
use prepare::{From, Prepared, prepare, send};
use request::Request;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let request = Request::read(call)?;
    if request.is_buildkit {
        return buildkit::run(call, &request);
    }
    classic(call, request)
}

fn classic(call: &mut Call<'_, '_>, request: Request) -> Result<Flow, Failure> {
    if let Some(file) = &request.iidfile {
        let task = call.process.task.clone();
        match call.system.kernel.unlink(&task, file) {
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(errno) => {
                return Err(Failure::new(format!(
                    "Removing image ID file: remove {file}: {}",
                    go_text(errno)
                )));
            }
        }
    }
    let prepared = prepare(call, &request)?;
    let context = send(call, &prepared)?;
    let is_packed = call.flags.is_set("compress") && matches!(prepared.from, From::Dir(_));
    let sent = if is_packed { call.engine()?.context_compressed(&context)? } else { context.sent };
    let sent = units::size(sent, 4);
    let mut heard = Heard { quiet: request.quiet, kept: Vec::new() };
    heard.say(
        call,
        Stream::Stdout,
        format!("Sending build context to Docker daemon  {sent:>7}\r\r\n").as_bytes(),
    );
    let result = if request.digest_tag {
        Err(BuildError { text: "build tag cannot contain a digest".to_owned(), code: 1, early: true })
    } else {
        build(call, &request, &prepared, &context, &mut heard)
    };
    call.engine()?.context_drop(&context)?;
    match result {
        Ok(id) => {
            if let Some(file) = &request.iidfile {
                let task = call.process.task.clone();
                fs::write(call.system.kernel, &task, file, id.to_string().as_bytes(), 0o666)
                    .map_err(|errno| Failure::new(format!("open {file}: {}", go_text(errno))))?;
            }
            if request.quiet {
                call.line(&id.to_string());
            }
            Ok(Flow::OK)
        }
        Err(error) => {
            let text =
                if error.early { format!("Error response from daemon: {}", error.text) } else { error.text };
            if request.quiet && !error.early {
                let kept = std::mem::take(&mut heard.kept);
                call.process.complain(call.system, kept);
            }
            Err(Failure::with_status(text, error.code))
        }
    }
}

/// Where what the daemon says goes.
struct Heard {
    quiet: bool,
    kept: Vec<u8>,
}

impl Heard {
    fn say(&mut self, call: &mut Call<'_, '_>, stream: Stream, text: &[u8]) {
        let text = match stream {
            Stream::Stdout => text.to_vec(),
            Stream::Stderr => [b"\x1b[91m", text, b"\x1b[0m"].concat(),
        };
        if self.quiet { self.kept.extend(text) } else { call.print(text) }
    }
}

fn build(
    call: &mut Call<'_, '_>,
    request: &Request,
    prepared: &Prepared,
    context: &Context,
    heard: &mut Heard,
) -> Result<Digest, BuildError> {
    let lost = |failure: Failure| BuildError { text: failure.text, code: 1, early: false };
    let text = match &prepared.text {
        Some(text) => String::from_utf8_lossy(text).into_owned(),
        None => call.engine().map_err(lost)?.context_dockerfile(context, &prepared.name)?,
    };
    let mut engine = call.engine().map_err(lost)?;
    let mut build = Build::new(&text, request.options.clone(), Some(context.path.clone()), &mut engine)?;
    call.system.world.build_steps.clear();
    loop {
        let turn = build.turn(&mut call.engine().map_err(lost)?);
        let turn = match turn {
            Ok(Turn::Run(container)) => run_step(call, &mut build, &container, heard).map(|()| Turn::Next),
            other => other,
        };
        report(call, &mut build, heard);
        match turn? {
            Turn::Done(id) => return Ok(id),
            Turn::Next | Turn::Run(_) => {}
        }
    }
}

/// Prints and records what a build has to say.
fn report(call: &mut Call<'_, '_>, build: &mut Build, heard: &mut Heard) {
    for said in build.take_said() {
        heard.say(call, said.stream, &said.text);
    }
    let events: Vec<StepEvent> = build.take_events();
    call.system.world.build_steps.extend(events);
}

/// Runs the process of a `RUN`.
fn run_step(
    call: &mut Call<'_, '_>,
    build: &mut Build,
    container: &str,
    heard: &mut Heard,
) -> Result<(), BuildError> {
    let lost = |failure: Failure| BuildError { text: failure.text, code: 1, early: false };
    report(call, build, heard);
    let found = call.engine().map_err(lost)?.find_container(container)?;
    let mut found = found;
    let started = supervise::run_to_end(call.system, &mut found).map_err(lost)?;
    match started {
        supervise::Ran::Failed(why) => build.not_started(&mut call.engine().map_err(lost)?, &why),
        supervise::Ran::Ended(outcome) => {
            for (stream, bytes) in &outcome.written.pieces {
                build.heard(*stream, bytes);
            }
            let status = outcome.flow.status();
            build.ran(&mut call.engine().map_err(lost)?, status)
        }
    }
}
