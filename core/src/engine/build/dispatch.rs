//! What each instruction does (moby 20.10 `builder/dockerfile/dispatchers.go`; Dockerfile reference).

use super::args::BuildArgs;
use super::change::{set_env, working_dir};
use super::plan::{Build, Out};
use super::{BuildError, StepState};
use crate::dockerfile::instruction::Run;
use crate::dockerfile::{Command, expand, options, quote_list};
use crate::engine::Engine;
use crate::oci::config::{ContainerConfig, Healthcheck};
use crate::program::Stream;

/// Where it is said what the classic builder cannot do.
const NEEDS_BUILDKIT: &str = "option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to \
                              build images with BuildKit enabled";

impl Build {
    /// Does an instruction. Returns whether its process is out.
    pub(super) fn dispatch(
        &mut self,
        engine: &mut Engine<'_>,
        mut command: Command,
    ) -> Result<bool, BuildError> {
        let env = self.stage.env();
        command.expand(&env, self.escape).map_err(BuildError::new)?;
        match command {
            Command::Env(pairs) => {
                let mut note = "ENV".to_owned();
                for (name, value) in &pairs {
                    note.push_str(&format!(" {name}={value}"));
                }
                set_env(&mut self.stage.config, pairs);
                self.note(engine, &note)
            }
            Command::Label(pairs) => {
                let mut note = "LABEL".to_owned();
                for (name, value) in pairs {
                    note.push_str(&format!(" {name}={value}"));
                    self.stage.config.labels.get_or_insert_default().insert(name, value);
                }
                self.note(engine, &note)
            }
            Command::Maintainer(name) => {
                let note = format!("MAINTAINER {name}");
                self.stage.author = name;
                self.note(engine, &note)
            }
            Command::Add(files) => self.copy_files(engine, &files, true),
            Command::Copy(files) => self.copy_files(engine, &files, false),
            Command::Run(run) => return self.run(engine, run),
            Command::Cmd(line) => {
                let words = self.stage.words(line);
                let note = format!("CMD {}", quote_list(words.as_deref().unwrap_or_default()));
                let is_set = words.as_ref().is_some_and(|words| !words.is_empty());
                self.stage.config.cmd = words;
                self.note(engine, &note)?;
                self.stage.cmd_set |= is_set;
                Ok(())
            }
            Command::Entrypoint(line) => {
                let words = self.stage.words(line);
                let note = format!("ENTRYPOINT {}", quote_list(words.as_deref().unwrap_or_default()));
                self.stage.config.entrypoint = words;
                if !self.stage.cmd_set {
                    self.stage.config.cmd = None;
                }
                self.note(engine, &note)
            }
            Command::Expose(list) => {
                let mut ports = Vec::new();
                for word in list {
                    ports.extend(expand::words(&word, &env, self.escape).map_err(BuildError::new)?);
                }
                for port in &ports {
                    let found = super::super::ports::parse(port).map_err(BuildError::new)?;
                    self.stage.config.exposed_ports.get_or_insert_default().0.extend(found);
                }
                self.note(engine, &format!("EXPOSE {}", ports.join(" ")))
            }
            Command::User(user) => {
                let note = format!("USER {user}");
                self.stage.config.user = user;
                self.note(engine, &note)
            }
            Command::Volume(list) => {
                if list.iter().any(String::is_empty) {
                    return Err(BuildError::new("VOLUME specified can not be an empty string"));
                }
                let note = format!("VOLUME [{}]", list.join(" "));
                self.stage.config.volumes.get_or_insert_default().0.extend(list);
                self.note(engine, &note)
            }
            Command::Workdir(dir) => self.workdir(engine, &dir),
            Command::StopSignal(signal) => {
                if !options::is_signal(&signal) {
                    return Err(BuildError::new(format!("Invalid signal: {signal}")));
                }
                let note = format!("STOPSIGNAL {signal}");
                self.stage.config.stop_signal = signal;
                self.note(engine, &note)
            }
            Command::Arg(list) => {
                let mut words = Vec::new();
                for (name, default) in list {
                    words.push(match &default {
                        Some(value) => format!("{name}={value}"),
                        None => name.clone(),
                    });
                    self.stage.args.declare(&name, default);
                }
                self.note(engine, &format!("ARG {}", words.join(" ")))
            }
            Command::Shell(words) => {
                let note = format!("SHELL [{}]", words.join(" "));
                self.stage.config.shell = Some(words);
                self.note(engine, &note)
            }
            Command::Healthcheck(check) => self.health(engine, check),
            Command::Onbuild(text) => {
                let note = format!("ONBUILD {text}");
                self.stage.config.on_build.get_or_insert_default().push(text);
                self.note(engine, &note)
            }
        }?;
        Ok(false)
    }

    /// Ends a step that only writes configuration: from the cache, or as a container that runs nothing.
    fn note(&mut self, engine: &mut Engine<'_>, note: &str) -> Result<(), BuildError> {
        let noted = self.stage.noted_apart(note);
        if self.hit(engine, &noted)? {
            return Ok(());
        }
        let container = self.container(engine, noted.clone())?;
        Ok(self.commit(engine, &container.id, noted)?)
    }

    /// Looks a step up in the cache.
    pub(super) fn hit(
        &mut self,
        engine: &mut Engine<'_>,
        noted: &ContainerConfig,
    ) -> Result<bool, BuildError> {
        let found = engine.probe(&mut self.cache, self.stage.image.as_ref(), noted)?;
        let Some(id) = found else { return Ok(false) };
        self.say(" ---> Using cache\n");
        self.stage.image = Some(id);
        Ok(true)
    }

    fn workdir(&mut self, engine: &mut Engine<'_>, dir: &str) -> Result<(), BuildError> {
        let dir = working_dir(&self.stage.config.working_dir, dir).map_err(BuildError::new)?;
        self.stage.config.working_dir.clone_from(&dir);
        let noted = self.stage.noted(&format!("WORKDIR {dir}"));
        if self.hit(engine, &noted)? {
            return Ok(());
        }
        // Making the container makes the directory.
        let container = self.container(engine, noted.clone())?;
        Ok(self.commit(engine, &container.id, noted)?)
    }

    fn health(&mut self, engine: &mut Engine<'_>, check: Healthcheck) -> Result<(), BuildError> {
        let old = self.stage.config.healthcheck.take().and_then(|old| old.test).unwrap_or_default();
        if old.first().is_some_and(|word| word != "NONE") {
            self.say(format!("Note: overriding previous HEALTHCHECK: [{}]\n", old.join(" ")));
        }
        let note = format!("HEALTHCHECK {}", options::health_text(&check));
        self.stage.config.healthcheck = Some(check);
        self.note(engine, &note)
    }

    /// Begins a `RUN`. Returns whether its process is out.
    fn run(&mut self, engine: &mut Engine<'_>, run: Run) -> Result<bool, BuildError> {
        if let Some(flag) = run.flag {
            return Err(BuildError::new(format!("the --{flag} {NEEDS_BUILDKIT}")));
        }
        let cmd = self.stage.words(run.line).unwrap_or_default();
        let own = self.stage.config.env.clone().unwrap_or_default();
        let args = self.stage.args.env(&own);
        let noted = ContainerConfig {
            cmd: Some(with_args(&self.stage.args, &args, &cmd)),
            entrypoint: None,
            ..self.stage.config.clone()
        };
        if self.hit(engine, &noted)? {
            return Ok(false);
        }
        let command = cmd.join(" ");
        let config = ContainerConfig {
            cmd: Some(cmd),
            // One empty word: the image's own does not run.
            entrypoint: Some(vec![String::new()]),
            env: Some(own.into_iter().chain(args).collect()),
            healthcheck: Some(Healthcheck { test: Some(vec!["NONE".to_owned()]), ..Healthcheck::default() }),
            ..self.stage.config.clone()
        };
        let container = self.container(engine, config)?;
        self.out = Some(Out { container: container.id, command, noted });
        Ok(true)
    }

    /// What the process of a `RUN` wrote.
    pub fn heard(&mut self, stream: Stream, bytes: &[u8]) {
        match stream {
            Stream::Stdout => self.say(bytes),
            Stream::Stderr => self.say_error(bytes),
        }
    }

    /// The process of a `RUN` has ended.
    ///
    /// # Errors
    /// Its status was not 0, or the disk's.
    pub fn ran(&mut self, engine: &mut Engine<'_>, status: u8) -> Result<(), BuildError> {
        let Some(out) = self.out.take() else { return Ok(()) };
        let result = if status == 0 {
            self.commit(engine, &out.container, out.noted).map_err(BuildError::from)
        } else {
            let text = format!("The command '{}' returned a non-zero code: {status}", out.command);
            Err(BuildError { code: status, ..BuildError::new(text) })
        };
        self.ended(engine, result)
    }

    /// The process of a `RUN` could not be started.
    ///
    /// # Errors
    /// Always: the daemon's words.
    pub fn not_started(&mut self, engine: &mut Engine<'_>, why: &str) -> Result<(), BuildError> {
        self.out = None;
        self.ended(engine, Err(BuildError::new(why)))
    }

    fn ended(&mut self, engine: &mut Engine<'_>, result: Result<(), BuildError>) -> Result<(), BuildError> {
        match result {
            Ok(()) => self.instruction_done(engine, StepState::Ran),
            Err(error) => {
                self.failed(engine)?;
                Err(error)
            }
        }
    }
}

/// The command that the cache looks at: arguments that count stand before it.
fn with_args(known: &BuildArgs, args: &[String], cmd: &[String]) -> Vec<String> {
    if args.is_empty() {
        return cmd.to_vec();
    }
    let mut counted: Vec<String> = args
        .iter()
        .filter(|line| known.counts(line.split('=').next().unwrap_or_default()))
        .cloned()
        .collect();
    counted.sort();
    let mut words = vec![format!("|{}", counted.len())];
    words.extend(counted);
    words.extend_from_slice(cmd);
    words
}
