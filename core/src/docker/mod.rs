//! The docker command line: what is typed, as Docker 20.10.24's client reads it, and what it prints.
//!
//! One table ([`table`]) names every command with its help, its arguments and its code; flags are read out of the help
//! texts. A command is a file in `verbs`.

mod advice;
mod columns;
mod complete;
mod config;
mod confirm;
mod down;
mod failure;
mod fate;
mod flags;
mod goparse;
mod health;
mod help;
mod json;
mod keys;
mod managed;
mod mount_value;
mod option_values;
mod options;
mod reference;
mod rows;
mod running;
mod seen;
mod supervise;
mod table;
mod template;
#[cfg(test)]
mod tests;
mod top;
mod unit;
mod units;
mod values;
mod verb;
mod verbs;
mod when;

pub use complete::{Inside, Paths, complete, inside, opened, paths};
pub use fate::{Fate, Row};
pub use reference::{CommandRows, commands};
pub(crate) use running::{Reach, clients, detaches, interrupted};

use failure::Failure;
use flags::{Flags, Parsed};
use table::Verb;
use top::Top;

use crate::engine::Engine;
use crate::help::Help;
use crate::kernel::ByteString;
use crate::program::{Flow, Loader, Next, Process, Program, Scope, System, loader};

/// The program `docker`.
pub fn program() -> Program {
    Program {
        name: "docker",
        summary: "containers and images, as Docker's command line",
        scope: Scope::Host,
        main,
    }
}

/// The programs that go with it on the host: `systemctl`, `service`, `journalctl`.
pub fn host_programs() -> impl Iterator<Item = Program> {
    unit::PROGRAMS.into_iter()
}

/// Starts the daemon as the machine boots, with the settings that its disk holds.
pub fn boot(system: &mut System<'_>) {
    unit::boot(system);
}

/// The states of the clients that wait and of the daemon's supervisors, for [`crate::program::Table::with_jobs`].
pub fn jobs() -> Vec<(&'static str, Loader)> {
    vec![
        loader::<confirm::Confirms>(),
        loader::<running::Awaits>(),
        loader::<running::Client>(),
        loader::<running::Said>(),
        loader::<supervise::Supervisor>(),
        loader::<unit::Turn>(),
        loader::<verbs::build::Classic>(),
        loader::<verbs::build::Kit>(),
        loader::<verbs::events::Watches>(),
        loader::<verbs::logs::Follows>(),
        loader::<verbs::pull::Pulls>(),
        loader::<verbs::push::Pushes>(),
        loader::<verbs::stats::Looks>(),
        loader::<verbs::stop::Stops>(),
        loader::<verbs::wait::Waits>(),
    ]
}

/// One command being done.
pub(crate) struct Call<'c, 's> {
    system: &'c mut System<'s>,
    process: &'c mut Process,
    flags: Flags,
    /// The flags before the command, `docker --config DIR ps`.
    top: Top,
    /// The command, as its help is named: `run`, `image inspect`.
    verb: &'static str,
    /// The advice on the error that is printed next, where its text does not say all.
    advised: Option<Help>,
    /// What a build has shown of itself.
    seen: seen::Seen,
    /// Whether a question waits at the terminal, and a no to it is told as space.
    asked: Option<bool>,
}

impl<'c, 's> Call<'c, 's> {
    /// A command that goes on: of its line only the arguments are left.
    fn again(
        system: &'c mut System<'s>,
        process: &'c mut Process,
        verb: &'static str,
        args: Vec<ByteString>,
    ) -> Self {
        let (flags, seen) = (Flags::of(args), seen::Seen::default());
        Self { system, process, flags, top: Top::default(), verb, advised: None, seen, asked: None }
    }
}

impl Call<'_, '_> {
    /// Whether the person at the terminal waits for this command.
    fn is_front(&self) -> bool {
        self.system.world.tasks.get(self.system.current).is_none_or(|row| row.front)
    }

    /// Ends a command that went on: says why it failed, if it did, and what there is to say on it.
    fn ends(&mut self, result: Result<Flow, Failure>) -> Next {
        match result {
            Ok(flow) => {
                advice::after_success(self, self.verb, flow);
                Next::Exit(flow.status())
            }
            Err(failure) => Next::Exit(self.fails(&failure).status()),
        }
    }

    /// Says why a command failed, unless that was said.
    fn fails(&mut self, failure: &Failure) -> Flow {
        if !failure.text.is_empty() {
            self.complain(&failure.text);
        }
        Flow::Exit(failure.status)
    }

    fn engine(&mut self) -> Result<Engine<'_>, Failure> {
        Ok(Engine::new(&mut *self.system.kernel, &mut *self.system.world)?)
    }

    fn print(&mut self, text: impl AsRef<[u8]>) {
        self.process.print(self.system, text);
    }

    fn line(&mut self, text: &str) {
        self.print(format!("{text}\n"));
    }

    fn complain(&mut self, text: &str) {
        self.process.complain(self.system, format!("{text}\n"));
        advice::after_error(self, text);
    }

    fn advise_on(&mut self, text: &str) {
        advice::after_error(self, text);
    }

    /// An error of the daemon's that it writes to the stream that is open already.
    fn say_on_stream(&mut self, text: &str) {
        self.print(format!("{text}\r\n"));
        advice::after_error(self, text);
    }

    /// The client's configuration file, an empty document where there is none.
    fn config(&mut self) -> json::Json {
        config::read(self.system, self.process, self.top.config_dir.as_ref())
    }

    fn arg(&self, at: usize) -> String {
        self.flags.args.get(at).map(ByteString::to_text).unwrap_or_default()
    }

    fn args(&self) -> Vec<String> {
        self.flags.args.iter().map(ByteString::to_text).collect()
    }

    /// Does the same to each argument; errors are told together at the end, as Docker's client does.
    fn each(
        &mut self,
        mut work: impl FnMut(&mut Self, &str) -> Result<(), Failure>,
    ) -> Result<Flow, Failure> {
        let mut errors = Vec::new();
        for arg in self.args() {
            if let Err(failure) = work(self, &arg) {
                errors.push(failure.text);
            }
        }
        if errors.is_empty() { Ok(Flow::OK) } else { Err(Failure::new(errors.join("\n"))) }
    }
}

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    match run(system, process) {
        Ok(flow) => flow,
        Err(failure) => {
            if !failure.text.is_empty() {
                process.complain(system, format!("{}\n", failure.text));
            }
            Flow::Exit(failure.status)
        }
    }
}

fn run(system: &mut System<'_>, process: &mut Process) -> Result<Flow, Failure> {
    let mut words: Vec<ByteString> = process.args.get(1..).unwrap_or_default().to_vec();
    let top = match top::flags(&words) {
        Ok(top) => top,
        Err(error) => {
            let usage = help::section("").unwrap_or_default().trim_end();
            process.complain(system, format!("{error}\nSee 'docker --help'.\n{usage}\n\n"));
            advice::of_top_flags(system, process, &error);
            return Ok(Flow::Exit(125));
        }
    };
    let top = match top {
        Parsed::Help | Parsed::ShortHelp => {
            process.print(system, help::section("").unwrap_or_default());
            return Ok(Flow::OK);
        }
        Parsed::Flags(flags) if flags.is_set("version") => {
            process.print(system, format!("Docker version {}, build 297e128\n", crate::engine::VERSION));
            return Ok(Flow::OK);
        }
        Parsed::Flags(flags) => {
            if let Some(why) = reference::refusal("", &flags) {
                return Err(Failure::new(why));
            }
            let top = Top::of(&flags, &process.env)?;
            words = flags.args;
            top
        }
    };
    let texts: Vec<String> = words.iter().map(ByteString::to_text).collect();
    if texts.first().is_some_and(|word| word == "help") {
        return help_topic(system, process, &texts[1..]);
    }
    match table::find(&texts) {
        table::Found::Verb(verb, name, used) => {
            Ok(dispatch(system, process, verb, name, &words[used..], top))
        }
        table::Found::Group(name, unknown) => {
            let after = texts.get(name.split(' ').count()).map_or("", String::as_str);
            let wants_help = texts.iter().any(|word| word == "--help");
            let text = help::section(name).unwrap_or_default();
            if after.starts_with('-') && !wants_help {
                let kind = if after.starts_with("--") { "flag" } else { "shorthand flag" };
                let shown = match after.strip_prefix("--") {
                    Some(_) => after.to_owned(),
                    None => format!("'{}' in {after}", after.chars().nth(1).unwrap_or('-')),
                };
                let see = format!("unknown {kind}: {shown}\nSee 'docker {name} --help'.\n{text}\n");
                process.complain(system, see);
                return Ok(Flow::Exit(125));
            }
            if unknown && !wants_help {
                process.complain(system, text);
                advice::of_group(system, process, name, after);
                return Ok(Flow::Exit(1));
            }
            if wants_help {
                process.print(system, text);
            } else {
                process.complain(system, text);
            }
            Ok(Flow::OK)
        }
        table::Found::Nothing => match texts.first() {
            None => {
                process.complain(system, help::section("").unwrap_or_default());
                Ok(Flow::OK)
            }
            Some(word) => {
                process.complain(
                    system,
                    format!("docker: '{word}' is not a docker command.\nSee 'docker --help'\n"),
                );
                if word == "buildx" {
                    let why = "buildx is a plug-in, and this Docker comes without it; DOCKER_BUILDKIT=1 docker build uses \
                               BuildKit";
                    process.complain(system, format!("Layerlab: {why}\n"));
                    return Ok(Flow::Exit(1));
                }
                advice::of_verb(system, process, word);
                Ok(Flow::Exit(1))
            }
        },
    }
}

fn help_topic(system: &mut System<'_>, process: &mut Process, words: &[String]) -> Result<Flow, Failure> {
    let text = match table::find(words) {
        table::Found::Verb(verb, name, _) => table::help(verb, name),
        table::Found::Group(name, _) => help::section(name).unwrap_or_default().to_owned(),
        table::Found::Nothing if words.is_empty() => help::section("").unwrap_or_default().to_owned(),
        table::Found::Nothing => {
            return Err(Failure::new(format!("unknown help topic: {}", words.join(" "))));
        }
    };
    process.print(system, text);
    Ok(Flow::OK)
}

fn dispatch(
    system: &mut System<'_>,
    process: &mut Process,
    verb: &'static Verb,
    name: &'static str,
    words: &[ByteString],
    top: Top,
) -> Flow {
    let specs = help::flags(verb.help);
    let flags = match flags::parse(&specs, words, verb.order()) {
        Err(error) => {
            process.complain(system, format!("{error}\nSee 'docker {name} --help'.\n"));
            advice::of_flags(system, process, name, &specs, &error);
            return Flow::Exit(125);
        }
        Ok(Parsed::Flags(flags)) => flags,
        Ok(parsed) => {
            if matches!(parsed, Parsed::ShortHelp) {
                process.complain(system, "Flag shorthand -h has been deprecated, please use --help\n");
            }
            process.print(system, table::help(verb, name));
            return Flow::OK;
        }
    };
    if let Some(why) = verb.args.refuse(flags.args.len()) {
        let text = table::help(verb, name);
        let usage = help::short_usage(&text);
        process.complain(system, format!("\"docker {name}\" {why}\nSee 'docker {name} --help'.\n{usage}\n"));
        advice::of_arguments(system, process, (name, &text), flags.args.len());
        return Flow::Exit(1);
    }
    let refused = reference::refusal(verb.help, &flags);
    let mut call = Call {
        system,
        process,
        flags,
        top,
        verb: verb.help,
        advised: None,
        seen: seen::Seen::default(),
        asked: None,
    };
    let result = match refused {
        Some(why) => Err(Failure::with_status(why, if verb.help == "run" { 125 } else { 1 })),
        None => match down::refuse(&mut call, verb) {
            Some(failure) => Err(failure),
            None => (verb.run)(&mut call),
        },
    };
    match result {
        Ok(flow) => {
            advice::after_success(&mut call, verb.help, flow);
            flow
        }
        Err(failure) => {
            if let Some(tells) = call.asked {
                return confirm::wait(call.system, call.process, tells);
            }
            call.fails(&failure)
        }
    }
}
