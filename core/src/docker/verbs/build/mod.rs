//! `docker build` (docker/cli 20.10 `cli/command/image/build.go`): the context is prepared and sent, and what the daemon
//! says is printed.

mod buildkit;
mod classic;
mod kit;
mod outputs;
mod prepare;
mod progress;
mod request;
mod tail;

pub(in crate::docker) use classic::Classic;
pub(in crate::docker) use kit::Kit;

use super::super::{Call, Failure, units};
use crate::engine::build::{Build, BuildError, Context, Sent};
use crate::engine::go_text;
use crate::kernel::Errno;
use crate::program::{Flow, Stream};
use classic::Heard;
use prepare::{From, Prepared, prepare, send};
use request::Request;
use tail::Tail;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let request = Request::read(call)?;
    if request.is_buildkit {
        return buildkit::run(call, request);
    }
    begin(call, request)
}

fn begin(call: &mut Call<'_, '_>, request: Request) -> Result<Flow, Failure> {
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
    let context = send(call, &prepared, Sent::Tar)?;
    let is_packed = call.flags.is_set("compress") && matches!(prepared.from, From::Dir(_));
    let sent = if is_packed { call.engine()?.context_compressed(&context)? } else { context.sent };
    let sent = units::size(sent, 4);
    let mut heard = Heard::new(request.quiet);
    heard.say(
        call,
        Stream::Stdout,
        format!("Sending build context to Docker daemon  {sent:>7}\r\r\n").as_bytes(),
    );
    let build = if request.digest_tag {
        Err(BuildError::early("build tag cannot contain a digest".to_owned()))
    } else {
        plan(call, &request, &prepared, &context).map_err(|error| named(error, &prepared.name))
    };
    let tail = Tail { quiet: request.quiet, iidfile: request.iidfile };
    classic::begin(call, build, context, tail, heard)
}

/// The daemon names the file that it was sent.
fn named(error: BuildError, name: &str) -> BuildError {
    if name.is_empty() {
        return error;
    }
    let text = error.text.replacen("failed to parse Dockerfile: ", &format!("failed to parse {name}: "), 1);
    BuildError { text, ..error }
}

/// Reads the Dockerfile.
fn plan(
    call: &mut Call<'_, '_>,
    request: &Request,
    prepared: &Prepared,
    context: &Context,
) -> Result<Build, BuildError> {
    let lost = |failure: Failure| BuildError::new(failure.text);
    let text = match &prepared.text {
        Some(text) => String::from_utf8_lossy(text).into_owned(),
        None => call.engine().map_err(lost)?.context_dockerfile(context, &prepared.name)?,
    };
    call.seen.dockerfile.clone_from(&text);
    let mut engine = call.engine().map_err(lost)?;
    Build::new(&text, request.options.clone(), Some(context.path.clone()), &mut engine)
}
