//! `registry`, the program of the image of that name: it serves the distribution API, and collects its garbage.

use crate::distribution::{Collect, Settings, Store, collect};
use crate::kernel::{ByteString, Task, fs};
use crate::oci::{gojson, time};
use crate::program::{Flow, Process, System};

const USAGE: &str = "`registry`\n\nUsage:\n  registry [flags]\n  registry [command]\n\nAvailable Commands:\n  \
                     garbage-collect `garbage-collect` deletes layers not referenced by any manifests\n  help            Help \
                     about any command\n  serve           `serve` stores and distributes Docker images\n\nFlags:\n  -h, \
                     --help      help for registry\n  -v, --version   show the version and exit\n\nUse \"registry [command] \
                     --help\" for more information about a command.\n";
const SERVE: &str = "Usage:\n  registry serve <config> [flags]\n\nFlags:\n  -h, --help   help for serve\n";
const COLLECT: &str = "Usage:\n  registry garbage-collect <config> [flags]\n\nFlags:\n  -m, --delete-untagged   delete manifests \
                       that are not currently referenced via tag\n  -d, --dry-run           do everything except remove the \
                       blobs\n  -h, --help              help for garbage-collect\n";
const VERSION: &str = "2.8.3";

pub(super) fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let words: Vec<String> = process.args.iter().skip(1).map(ByteString::to_text).collect();
    let (command, rest) = match words.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    match command {
        "--version" | "-v" => {
            process.print(system, format!("registry github.com/docker/distribution v{VERSION}\n"));
            Flow::OK
        }
        "help" | "--help" | "-h" => {
            process.print(system, USAGE);
            Flow::OK
        }
        "serve" => serve(system, process, rest),
        "garbage-collect" => garbage_collect(system, process, rest),
        other => {
            let text = format!(
                "Error: unknown command \"{other}\" for \"registry\"\nRun 'registry --help' for usage.\n"
            );
            process.complain(system, text);
            Flow::Exit(1)
        }
    }
}

fn serve(system: &mut System<'_>, process: &mut Process, words: &[String]) -> Flow {
    if words.iter().any(|word| word == "-h" || word == "--help") {
        process.print(system, SERVE);
        return Flow::OK;
    }
    let settings = match settings(system, process, words.first(), SERVE) {
        Ok(settings) => settings,
        Err(flow) => return flow,
    };
    if let Err(error) = fs::mkdir_all(system.kernel, &process.task.clone(), settings.root.as_bytes(), 0o755) {
        process.complain(system, format!("registry: cannot make {}: {error}\n", settings.root));
        return Flow::Exit(1);
    }
    let listening = format!("listening on [::]:{}", settings.port);
    for what in ["redis not configured", "using inmemory blob descriptor cache", &listening] {
        let line = log_line(system, what);
        process.complain(system, line);
    }
    super::serving::serve(system)
}

fn garbage_collect(system: &mut System<'_>, process: &mut Process, words: &[String]) -> Flow {
    let mut how = Collect::default();
    let mut files = Vec::new();
    for word in words {
        match word.as_str() {
            "-d" | "--dry-run" => how.dry_run = true,
            "-m" | "--delete-untagged" | "--delete-untagged=true" => how.untagged = true,
            "-h" | "--help" => {
                process.print(system, COLLECT);
                return Flow::OK;
            }
            flag if flag.starts_with('-') => {
                let why = if flag.starts_with("--") {
                    format!("Error: unknown flag: {flag}")
                } else {
                    format!(
                        "Error: unknown shorthand flag: {:?} in {flag}",
                        flag.chars().nth(1).unwrap_or('-')
                    )
                };
                process.complain(system, format!("{why}\n{COLLECT}"));
                return Flow::Exit(1);
            }
            file => files.push(file.to_owned()),
        }
    }
    let settings = match settings(system, process, files.first(), COLLECT) {
        Ok(settings) => settings,
        Err(flow) => return flow,
    };
    let store = Store::new(process.task.clone(), &settings.root);
    let mut lines = Vec::new();
    let done = collect(system.kernel, &store, how, &mut |is_log, line| lines.push((is_log, line)));
    for (is_log, line) in lines {
        if is_log {
            let line = log_line(system, &line);
            process.complain(system, line);
        } else {
            process.print(system, format!("{line}\n"));
        }
    }
    let why = match done {
        Ok(Some(())) => return Flow::OK,
        Ok(None) => {
            "error enumerating blobs: filesystem: Path not found: /docker/registry/v2/blobs".to_owned()
        }
        Err(errno) => format!("filesystem: {errno}"),
    };
    process.complain(system, format!("failed to garbage collect: {why}"));
    Flow::Exit(1)
}

/// The settings of a file and of the process's variables; where there are none, the program has ended.
fn settings(
    system: &mut System<'_>,
    process: &mut Process,
    file: Option<&String>,
    usage: &str,
) -> Result<Settings, Flow> {
    let task: Task = process.task.clone();
    let from_env = process.env.get("REGISTRY_CONFIGURATION_PATH").map(ByteString::to_text);
    let read = match file.cloned().or(from_env) {
        None => Err("configuration path unspecified".to_owned()),
        Some(file) => fs::read(system.kernel, &task, file.as_bytes())
            .map_err(|errno| format!("open {file}: {}", crate::engine::go_text(errno))),
    };
    let text = read.map_err(|why| {
        process.complain(system, format!("configuration error: {why}\n{usage}"));
        Flow::Exit(1)
    })?;
    let env: Vec<String> =
        process.env.iter().map(|(name, value)| format!("{}={}", name.to_text(), value.to_text())).collect();
    Settings::read(&String::from_utf8_lossy(&text), &env).map_err(|why| {
        process.complain(system, format!("Layerlab: {why}\n"));
        Flow::Exit(1)
    })
}

/// A line of its log (logrus's text form).
fn log_line(system: &mut System<'_>, what: &str) -> String {
    let now = system.world.time().unwrap_or_else(|| system.kernel.clock_gettime());
    let (at, message) = (time::format(now), gojson::quote(what.as_bytes()));
    format!("time=\"{at}\" level=info msg={message} go.version=go1.20.8 version={VERSION}\n")
}
