//! `DOCKER_BUILDKIT=1 docker build` (docker/cli 20.10 `cli/command/image/build_buildkit.go`): progress goes to standard
//! error, as plain lines or, on a terminal, as the list of steps that it comes to.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::super::super::{Call, Failure, units};
use super::kit::{self, Wanted};
use super::outputs::{secrets, target};
use super::prepare::{From, Prepared, no_context, send};
use super::progress::{Progress, style};
use super::request::{Request, limits_nothing};
use super::tail::Tail;
use crate::dockerfile::{ignore::Ignore, lines};
use crate::engine::build::{Context, DOCKERFILE, Sent};
use crate::engine::buildkit::{End, Given, Shown, Solve, SolveError, SourceKey};
use crate::kernel::{ByteString, fs, path};
use crate::program::Flow;

pub(super) fn run(call: &mut Call<'_, '_>, request: Request) -> Result<Flow, Failure> {
    limits_nothing(call)?;
    let style = style(call, &request)?;
    let target = target(call)?;
    let secrets = secrets(call)?;
    let prepared = prepare(call, &request)?;
    let context = send(call, &prepared, Sent::Files)?;
    let mut progress = Progress::new(style);
    call.system.world.build_steps = Arc::default();
    let solve = plan(call, &request, &prepared, &context, secrets, &mut progress);
    let inline = request.options.args.get("BUILDKIT_INLINE_CACHE").cloned().flatten();
    let wanted = Wanted {
        target,
        progress,
        tail: Tail { quiet: request.quiet, iidfile: request.iidfile },
        names: request.typed.iter().map(ToString::to_string).collect(),
        inline_cache: inline.is_some_and(|value| matches!(value.as_str(), "1" | "true")),
    };
    kit::begin(call, solve, context, wanted)
}

/// Finds the context and the Dockerfile; whether that is there shows when it is read.
fn prepare(call: &mut Call<'_, '_>, request: &Request) -> Result<Prepared, Failure> {
    let wants_both = request.context == "-" && request.file == "-";
    if wants_both {
        return Err(Failure::new("invalid argument: can't use stdin for both build context and dockerfile"));
    }
    let mut input = None;
    if request.context == "-" || request.file == "-" {
        let from = call.process.stdin;
        input = Some(from.read_to_end(call.system).map_err(super::super::load::plain)?);
    }
    if request.context == "-" {
        let name = if request.file.is_empty() { DOCKERFILE.to_owned() } else { request.file.clone() };
        return Ok(Prepared {
            from: From::Stdin,
            ignore: Ignore::default(),
            name,
            text: None,
            input,
            ignores: (None, None),
        });
    }
    let task = call.process.task.clone();
    let kernel = &mut *call.system.kernel;
    let Ok(dir) = kernel.chdir(&task, request.context.as_bytes()) else {
        return Err(no_context(&request.context));
    };
    let at = match request.file.as_str() {
        "" | "-" => path::join(&dir, DOCKERFILE.as_bytes()),
        file => path::normalize(&path::join(&task.cwd, file.as_bytes())),
    };
    let name =
        path::file_name(&at).map(|name| String::from_utf8_lossy(name).into_owned()).unwrap_or_default();
    let text = match input {
        Some(data) => Some(data),
        None => fs::read(kernel, &task, &at).ok().map(|text| text.to_vec()),
    };
    let own = ByteString::from([at.as_slice(), b".dockerignore"].concat());
    let own = fs::read(kernel, &task, &own).ok();
    let common = fs::read(kernel, &task, &path::join(&dir, b".dockerignore")).ok();
    let ignores = (own.as_ref().map(Bytes::len), common.as_ref().map(Bytes::len));
    let patterns = own.or(common).unwrap_or_default();
    let ignore = Ignore::parse(&String::from_utf8_lossy(&patterns), &[])
        .map_err(|why| Failure::new(format!("error checking context: {why}")))?;
    Ok(Prepared { from: From::Dir(dir), ignore, name, text, input: None, ignores })
}

/// Returns the bytes that are sent of files in a directory; those of no directory are sent each time.
fn sent(
    call: &mut Call<'_, '_>,
    kind: &str,
    dir: Option<&ByteString>,
    files: &[(&str, usize)],
) -> Result<u64, SolveError> {
    let key = dir.map(|dir| SourceKey::new(kind, &dir.to_text()));
    let task = call.process.task.clone();
    let place: &[u8] = dir.map_or(b"/", |dir| dir);
    let lost = |failure: Failure| SolveError::new(failure.text);
    let mut engine = call.engine().map_err(lost)?;
    engine.files_sent(key.as_ref(), (&task, place), files).map_err(|error| lost(error.into()))
}

/// Reads the Dockerfile and makes the graph.
fn plan(
    call: &mut Call<'_, '_>,
    request: &Request,
    prepared: &Prepared,
    context: &Context,
    secrets: BTreeMap<String, Vec<u8>>,
    progress: &mut Progress,
) -> Result<Solve, SolveError> {
    let lost = |failure: Failure| SolveError::new(failure.text);
    let text = match &prepared.from {
        From::Dir(_) => prepared.text.clone(),
        From::Stdin => {
            let inside = crate::kernel::Task::root().chrooted(context.path.as_str());
            fs::read(call.system.kernel, &inside, format!("/{}", prepared.name).as_bytes())
                .ok()
                .map(|text| text.to_vec())
        }
    };
    let own = format!("{}.dockerignore", prepared.name);
    let files: Vec<(&str, usize)> = text
        .iter()
        .map(|text| (prepared.name.as_str(), text.len()))
        .chain(prepared.ignores.0.map(|size| (own.as_str(), size)))
        .collect();
    let task = call.process.task.clone();
    let dir = match &prepared.from {
        From::Dir(dir) => Some(dir.clone()),
        From::Stdin => None,
    };
    let at = match (&dir, request.file.as_str()) {
        (None, _) | (_, "-") => None,
        (Some(dir), "") => Some(dir.clone()),
        (_, file) => {
            let file = path::normalize(&path::join(&task.cwd, file.as_bytes()));
            Some(ByteString::from(path::parent(&file)))
        }
    };
    let size = sent(call, "dockerfile", at.as_ref(), &files)?;
    let line = format!("transferring dockerfile: {} done", units::size(size, 4));
    progress.show(
        call,
        Shown::done(format!("[internal] load build definition from {}", prepared.name), &[&line]),
    );
    let frontend = "failed to solve with frontend dockerfile.v0";
    let Some(text) = text else {
        let number = context.path.rsplit("docker-builder").next().unwrap_or_default();
        return Err(SolveError::new(format!(
            "{frontend}: failed to read dockerfile: open /var/lib/docker/tmp/buildkit-mount{number}/{}: no such file or \
             directory",
            prepared.name
        )));
    };
    let ignore: Vec<(&str, usize)> = prepared.ignores.1.iter().map(|size| (".dockerignore", *size)).collect();
    let line = format!(
        "transferring context: {} done",
        units::size(sent(call, "dockerignore", dir.as_ref(), &ignore)?, 4)
    );
    progress.show(call, Shown::done("[internal] load .dockerignore", &[&line]));
    let text = String::from_utf8_lossy(&text).into_owned();
    call.seen.dockerfile.clone_from(&text);
    if text.is_empty() {
        return Err(SolveError::new(format!(
            "{frontend}: failed to create LLB definition: the Dockerfile cannot be empty"
        )));
    }
    if let Some(name) = lines::parse(&text).ok().and_then(|lines| lines.directives.syntax) {
        return Err(no_frontend(call, progress, &name));
    }
    let given = Given { secrets, context: Some(context.path.clone()), sent: String::new() };
    let options = request.options.clone();
    let solve = {
        let mut engine = call.engine().map_err(lost)?;
        Solve::new(&mut engine, &text, options, given).and_then(|mut solve| {
            let key = dir.as_ref().map(|dir| SourceKey::new("context", &dir.to_text()));
            let sent = solve.context_sent(&mut engine, key.as_ref()).map_err(|error| (Vec::new(), error))?;
            solve.set_sent(units::size(sent, 4));
            Ok(solve)
        })
    };
    solve.map_err(|(shown, error)| {
        for one in shown {
            progress.show(call, one);
        }
        error
    })
}

/// `# syntax=`: another frontend, which would have to be fetched.
fn no_frontend(call: &mut Call<'_, '_>, progress: &mut Progress, name: &str) -> SolveError {
    let full = crate::oci::Reference::parse(name)
        .map_or_else(|_| name.to_owned(), |name| name.or_latest().to_string());
    let why = "pull access denied, repository does not exist or may require authorization: server message: \
               insufficient_scope: authorization failed";
    let name = format!("resolve image config for {full}");
    progress.show(call, Shown::ended(name, Vec::new(), End::Error(why.to_owned())));
    SolveError::new(format!(
        "failed to solve with frontend dockerfile.v0: failed to solve with frontend gateway.v0: {why}\nLayerlab: the lab \
         has the frontend of Docker 20.10 alone; take the line \"# syntax\" out"
    ))
}
