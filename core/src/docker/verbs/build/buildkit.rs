//! `DOCKER_BUILDKIT=1 docker build` (docker/cli 20.10 `cli/command/image/build_buildkit.go`): progress goes to standard
//! error, as plain lines or, on a terminal, as the list of steps that it comes to.

use std::collections::BTreeMap;

use super::super::super::running::{self, Wires};
use super::super::super::{Call, Failure, units};
use super::outputs::{Target, secrets, target};
use super::prepare::{From, Prepared, no_context, send};
use super::progress::{Progress, Style, list, style};
use super::request::Request;
use crate::dockerfile::{ignore::Ignore, lines};
use crate::engine::build::{Context, DOCKERFILE};
use crate::engine::buildkit::{End, Given, Process, Shown, Solve, SolveError, Turn};
use crate::engine::go_text;
use crate::kernel::{ByteString, fs, path};
use crate::oci::Digest;
use crate::program::{Flow, Input, Terminal};

pub(super) fn run(call: &mut Call<'_, '_>, request: &Request) -> Result<Flow, Failure> {
    let style = style(call, request)?;
    let target = target(call)?;
    let secrets = secrets(call)?;
    let prepared = prepare(call, request)?;
    let context = send(call, &prepared)?;
    let mut progress = Progress { style, count: 0, list: Vec::new() };
    call.system.world.build_steps.clear();
    let result = solve(call, request, &prepared, &context, secrets, &target, &mut progress);
    call.engine()?.context_drop(&context)?;
    if style == Style::List {
        list(call, &progress.list, result.is_ok());
    }
    match result {
        Ok(Some(id)) => {
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
        Ok(None) => Ok(Flow::OK),
        Err(error) => {
            let failed = progress.list.last().filter(|shown| matches!(shown.end, End::Error(_)));
            if let Some(shown) = failed.filter(|_| style != Style::Quiet) {
                let name = shown.name.clone();
                call.complain(&format!("------\n > {name}:\n------"));
            }
            Err(Failure::new(error.text))
        }
    }
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
        return Ok(Prepared { from: From::Stdin, ignore: Ignore::default(), name, text: None, input });
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
    let patterns = fs::read(kernel, &task, &own)
        .or_else(|_| fs::read(kernel, &task, &path::join(&dir, b".dockerignore")))
        .unwrap_or_default();
    let ignore = Ignore::parse(&String::from_utf8_lossy(&patterns), &[])
        .map_err(|why| Failure::new(format!("error checking context: {why}")))?;
    Ok(Prepared { from: From::Dir(dir), ignore, name, text, input: None })
}

fn solve(
    call: &mut Call<'_, '_>,
    request: &Request,
    prepared: &Prepared,
    context: &Context,
    secrets: BTreeMap<String, Vec<u8>>,
    target: &Target,
    progress: &mut Progress,
) -> Result<Option<Digest>, SolveError> {
    let lost = |failure: Failure| SolveError { text: failure.text };
    let text = match &prepared.from {
        From::Dir(_) => prepared.text.clone(),
        From::Stdin => {
            let inside = crate::kernel::Task::root().chrooted(context.path.as_str());
            fs::read(call.system.kernel, &inside, format!("/{}", prepared.name).as_bytes())
                .ok()
                .map(|text| text.to_vec())
        }
    };
    let size = text.as_ref().map_or(2, Vec::len);
    let line = format!("transferring dockerfile: {} done", units::size(size as u64, 4));
    progress.show(
        call,
        Shown::done(format!("[internal] load build definition from {}", prepared.name), &[&line]),
    );
    let frontend = "failed to solve with frontend dockerfile.v0";
    let Some(text) = text else {
        let number = context.path.rsplit("docker-builder").next().unwrap_or_default();
        return Err(SolveError {
            text: format!(
                "{frontend}: failed to read dockerfile: open /var/lib/docker/tmp/buildkit-mount{number}/{}: no such file or \
                 directory",
                prepared.name
            ),
        });
    };
    progress.show(call, Shown::done("[internal] load .dockerignore", &["transferring context: 2B done"]));
    let text = String::from_utf8_lossy(&text).into_owned();
    if text.is_empty() {
        return Err(SolveError {
            text: format!("{frontend}: failed to create LLB definition: the Dockerfile cannot be empty"),
        });
    }
    if let Some(name) = lines::parse(&text).ok().and_then(|lines| lines.directives.syntax) {
        return Err(no_frontend(call, progress, &name));
    }
    let given = Given { secrets, context: Some(context.path.clone()), sent: context.sent };
    let options = request.options.clone();
    let solve = {
        let mut engine = call.engine().map_err(lost)?;
        Solve::new(&mut engine, &text, options, given)
    };
    let mut solve = match solve {
        Ok(solve) => solve,
        Err((shown, error)) => {
            for one in shown {
                progress.show(call, one);
            }
            return Err(error);
        }
    };
    loop {
        let turn = solve.turn(&mut call.engine().map_err(lost)?);
        let turn = match turn {
            Ok(Turn::Run(process)) => run_step(call, &mut solve, process).map(|()| Turn::Next),
            other => other,
        };
        for shown in solve.take_shown() {
            progress.show(call, shown);
        }
        match turn? {
            Turn::Done => break,
            Turn::Next | Turn::Run(_) => {}
        }
    }
    match target {
        Target::Image => export_image(call, request, &solve, progress).map(Some),
        Target::Dir(dir) => export_dir(call, &solve, dir, progress).map(|()| None),
        Target::Tar(file) => export_tar(call, &solve, file, progress).map(|()| None),
    }
}

/// `# syntax=`: another frontend, which would have to be fetched.
fn no_frontend(call: &mut Call<'_, '_>, progress: &mut Progress, name: &str) -> SolveError {
    let full = crate::oci::Reference::parse(name)
        .map_or_else(|_| name.to_owned(), |name| name.or_latest().to_string());
    let why = "pull access denied, repository does not exist or may require authorization: server message: \
               insufficient_scope: authorization failed";
    let name = format!("resolve image config for {full}");
    progress.show(call, Shown { name, lines: Vec::new(), end: End::Error(why.to_owned()) });
    SolveError {
        text: format!(
            "failed to solve with frontend dockerfile.v0: failed to solve with frontend gateway.v0: {why}\nLayerlab: the lab \
             has the frontend of Docker 20.10 alone; take the line \"# syntax\" out"
        ),
    }
}

/// Runs the process of a `RUN`.
fn run_step(call: &mut Call<'_, '_>, solve: &mut Solve, process: Process) -> Result<(), SolveError> {
    let lost = |failure: Failure| SolveError { text: failure.text };
    let wires = Wires { stdin: Input::EMPTY, terminal: Terminal::No };
    let status = match running::launch(call.system, &process.id, process.place, &process.args, wires) {
        Ok(outcome) => {
            for (_, bytes) in &outcome.written.pieces {
                solve.heard(bytes);
            }
            outcome.flow.status()
        }
        Err(error) => {
            let text = format!("runc run failed: unable to start container process: {}\n", error.why);
            solve.heard(text.as_bytes());
            error.status
        }
    };
    solve.ran(&mut call.engine().map_err(lost)?, status)
}

fn export_image(
    call: &mut Call<'_, '_>,
    request: &Request,
    solve: &Solve,
    progress: &mut Progress,
) -> Result<Digest, SolveError> {
    let lost = |failure: Failure| SolveError { text: failure.text };
    let id = solve.image(&mut call.engine().map_err(lost)?)?;
    let mut lines = vec!["exporting layers done".to_owned(), format!("writing image {id} done")];
    lines.extend(request.typed.iter().map(|name| format!("naming to {name} done")));
    progress.show(call, Shown { name: "exporting to image".to_owned(), lines, end: End::Done });
    let inline = request.options.args.get("BUILDKIT_INLINE_CACHE").cloned().flatten();
    if inline.is_some_and(|value| matches!(value.as_str(), "1" | "true")) {
        progress.show(call, Shown::done("exporting cache", &["preparing build cache for export done"]));
    }
    Ok(id)
}

fn export_dir(
    call: &mut Call<'_, '_>,
    solve: &Solve,
    dir: &str,
    progress: &mut Progress,
) -> Result<(), SolveError> {
    let lost = |failure: Failure| SolveError { text: failure.text };
    let at = path::normalize(&path::join(&call.process.task.cwd.clone(), dir.as_bytes())).to_text();
    let mut engine = call.engine().map_err(lost)?;
    let exported = solve.export(&mut engine)?;
    let done = engine.export_to(&exported, &at);
    engine.export_end(&exported)?;
    done?;
    progress.show(call, Shown::done("exporting to client", &["copying files done"]));
    Ok(())
}

fn export_tar(
    call: &mut Call<'_, '_>,
    solve: &Solve,
    file: &str,
    progress: &mut Progress,
) -> Result<(), SolveError> {
    let lost = |failure: Failure| SolveError { text: failure.text };
    let mut engine = call.engine().map_err(lost)?;
    let exported = solve.export(&mut engine)?;
    let names = engine.names_inside(&exported.root);
    let task = crate::kernel::Task::root();
    let packed = engine.pack_part(&task, exported.root.as_bytes(), b"", &names);
    engine.export_end(&exported)?;
    let packed = packed.map_err(|error| SolveError { text: error.to_string() })?;
    let to = (file != "-").then(|| ByteString::from(file));
    super::super::save::deliver(call, &packed, to).map_err(lost)?;
    progress.show(call, Shown::done("exporting to client", &["sending tarball done"]));
    Ok(())
}
