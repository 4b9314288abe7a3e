//! A build's steps and where it stands among them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::args::BuildArgs;
use super::cache::Cache;
use super::stage::Stage;
use super::{BuildError, Options, Said, StepEvent, StepState};
use crate::dockerfile::{Command, Dockerfile, From, Instruction, expand};
use crate::engine::Engine;
use crate::oci::Digest;
use crate::program::Stream;

/// Instructions of one Dockerfile; more are refused.
const MAX_STEPS: usize = 20_000;

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Step {
    /// `ARG` before the first `FROM`.
    Global(Instruction),
    /// `FROM`.
    From(From),
    /// An instruction of the base's `ONBUILD`.
    Trigger(Instruction),
    /// The base's `ONBUILD` is done, or there was none.
    Begun,
    /// An instruction.
    Do(Instruction),
    /// The stage ends.
    End,
}

/// What comes after a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Another turn.
    Next,
    /// A process: that of this container, by its full id. [`Build::ran`] or [`Build::not_started`] is told how it went.
    Run(String),
    /// The image.
    Done(Digest),
}

/// A `RUN` whose process is out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Out {
    pub(super) container: String,
    pub(super) command: String,
    /// The configuration that its image remembers.
    pub(super) noted: crate::oci::config::ContainerConfig,
}

/// A build under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    pub(super) options: Options,
    /// The context's directory, if it has one.
    pub(super) context: Option<String>,
    pub(super) escape: char,
    steps: Vec<Step>,
    next: usize,
    number: usize,
    total: usize,
    args: BuildArgs,
    pub(super) cache: Cache,
    pub(super) stage: Stage,
    /// Stages that are done, with their images.
    pub(super) done: Vec<(String, Option<Digest>)>,
    /// Images of this build whose `COPY` or `ADD` changed nothing: Docker mounts an empty layer for them that their
    /// configuration does not name, and cannot store a layer above it.
    pub(super) unchanged: BTreeSet<Digest>,
    pub(super) out: Option<Out>,
    /// Containers that are to go when a step is done.
    pub(super) containers: Vec<String>,
    said: Vec<Said>,
    events: Vec<StepEvent>,
    current: Option<(String, usize)>,
}

impl Build {
    /// A build of a Dockerfile.
    ///
    /// # Errors
    /// What is wrong with the Dockerfile or with the options, before anything is done.
    pub fn new(
        text: &str,
        options: Options,
        context: Option<String>,
        engine: &mut Engine<'_>,
    ) -> Result<Self, BuildError> {
        let early = BuildError::early;
        let mut file = Dockerfile::parse(text).map_err(|error| early(error.to_string()))?;
        if !options.target.is_empty() {
            let Some(last) = file.target(&options.target) else {
                let target = &options.target;
                return Err(early(format!("failed to reach build target {target} in Dockerfile")));
            };
            file.stages.truncate(last + 1);
        }
        if let Some(stage) = file.stages.last_mut() {
            for (name, value) in &options.labels {
                let command = Command::Label(vec![(name.clone(), value.clone())]);
                let code = format!("LABEL {name}={value}");
                stage.instructions.push(Instruction { command, code, line: stage.from.line });
            }
        }
        let total = file.args.len()
            + file.stages.len()
            + file.stages.iter().map(|stage| stage.instructions.len()).sum::<usize>();
        if total > MAX_STEPS {
            return Err(early(format!(
                "the Dockerfile has {total} instructions\nLayerlab: more than {MAX_STEPS} are too many for the lab"
            )));
        }
        let mut steps: Vec<Step> = file.args.into_iter().map(Step::Global).collect();
        for stage in file.stages {
            steps.push(Step::From(stage.from));
            steps.push(Step::Begun);
            steps.extend(stage.instructions.into_iter().map(Step::Do));
            steps.push(Step::End);
        }
        let mut cache = Cache { off: options.no_cache, ..Cache::default() };
        for name in &options.cache_from {
            // A source that is not here is none.
            if let Ok(image) = engine.find_image(name) {
                cache.sources.push(image.id);
            }
        }
        let mut build = Self {
            args: BuildArgs::new(options.args.clone()),
            options,
            context,
            escape: file.directives.escape,
            steps,
            next: 0,
            number: 0,
            total,
            cache,
            stage: Stage::default(),
            done: Vec::new(),
            unchanged: BTreeSet::new(),
            out: None,
            containers: Vec::new(),
            said: Vec::new(),
            events: Vec::new(),
            current: None,
        };
        if !file.warnings.is_empty() {
            build.say_error(format!("{}\n", file.warnings.join("\n")).as_bytes());
        }
        Ok(build)
    }

    /// What was printed since this was asked last.
    pub fn take_said(&mut self) -> Vec<Said> {
        std::mem::take(&mut self.said)
    }

    /// What became of steps since this was asked last.
    pub fn take_events(&mut self) -> Vec<StepEvent> {
        std::mem::take(&mut self.events)
    }

    /// Does one step, or the part of one up to its process.
    ///
    /// # Errors
    /// Why the build ends here.
    pub fn turn(&mut self, engine: &mut Engine<'_>) -> Result<Turn, BuildError> {
        let Some(step) = self.steps.get(self.next).cloned() else { return self.finish(engine) };
        self.next += 1;
        match self.step(engine, step) {
            Ok(turn) => Ok(turn),
            Err(error) => {
                self.failed(engine)?;
                Err(error)
            }
        }
    }

    /// A step failed.
    pub(super) fn failed(&mut self, engine: &mut Engine<'_>) -> Result<(), BuildError> {
        self.clear_away(engine, false)?;
        self.event(engine, StepState::Failed)
    }

    fn step(&mut self, engine: &mut Engine<'_>, step: Step) -> Result<Turn, BuildError> {
        match step {
            Step::Global(instruction) => {
                self.announce(engine, &instruction.code, instruction.line)?;
                if let Command::Arg(list) = instruction.command {
                    for (name, default) in list {
                        let env = self.args.global_env();
                        let default = default
                            .map(|text| expand::word(&text, &env, self.escape))
                            .transpose()
                            .map_err(BuildError::new)?;
                        self.args.declare_global(&name, default);
                    }
                }
            }
            Step::From(from) => {
                if !from.name.is_empty() && self.done.iter().any(|(name, _)| *name == from.name) {
                    return Err(BuildError::new(format!("{} stage name already used", from.name)));
                }
                self.announce(engine, &from.code, from.line)?;
                self.stage =
                    Stage { name: from.name.clone(), args: self.args.for_stage(), ..Stage::default() };
                self.cache.busted = false;
                let env = self.args.global_env();
                let triggers = self.begin(engine, &from, &env)?;
                let at = self.next;
                self.steps.splice(at..at, triggers.into_iter().map(Step::Trigger));
            }
            Step::Begun => self.step_done(engine, StepState::Cached)?,
            Step::Trigger(instruction) => {
                self.stage.config.image = self.stage_image();
                return self.instruction(engine, instruction);
            }
            Step::Do(instruction) => {
                self.announce(engine, &instruction.code, instruction.line)?;
                return self.instruction(engine, instruction);
            }
            Step::End => {
                let name = std::mem::take(&mut self.stage.name);
                self.done.push((name, self.stage.image));
                let stage_args = std::mem::take(&mut self.stage.args);
                self.args.take_used(&stage_args);
            }
        }
        Ok(Turn::Next)
    }

    fn instruction(&mut self, engine: &mut Engine<'_>, instruction: Instruction) -> Result<Turn, BuildError> {
        let before = self.stage.image;
        if self.dispatch(engine, instruction.command)? {
            let out = self.out.as_ref().map(|out| out.container.clone()).unwrap_or_default();
            return Ok(Turn::Run(out));
        }
        let state = if self.stage.image == before { StepState::Ran } else { self.last_state() };
        self.instruction_done(engine, state)?;
        Ok(Turn::Next)
    }

    /// An instruction is done: its containers go, and unless a trigger did it, its image is told.
    pub(super) fn instruction_done(
        &mut self,
        engine: &mut Engine<'_>,
        state: StepState,
    ) -> Result<(), BuildError> {
        self.clear_away(engine, true)?;
        let was_trigger = matches!(self.steps.get(self.next - 1), Some(Step::Trigger(_)));
        if was_trigger {
            return Ok(());
        }
        self.step_done(engine, state)
    }

    fn step_done(&mut self, engine: &mut Engine<'_>, state: StepState) -> Result<(), BuildError> {
        self.stage.config.image = self.stage_image();
        let id = self.stage.image.map(|id| id.short()).unwrap_or_default();
        self.say(format!(" ---> {id}\n"));
        self.event(engine, state)
    }

    fn stage_image(&self) -> String {
        self.stage.image.map(|id| id.to_string()).unwrap_or_default()
    }

    /// Whether the step before this was found in the cache.
    fn last_state(&self) -> StepState {
        let is_hit = self.said.iter().rev().take(2).any(|said| said.text == b" ---> Using cache\n");
        if is_hit { StepState::Cached } else { StepState::Ran }
    }

    fn finish(&mut self, engine: &mut Engine<'_>) -> Result<Turn, BuildError> {
        let unused = self.args.unused().join(" ");
        if !unused.is_empty() {
            self.say(format!("[Warning] One or more build-args [{unused}] were not consumed\n"));
        }
        if self.done.is_empty() {
            // Docker's daemon falls over here.
            return Err(BuildError::new("unexpected EOF"));
        }
        let Some(id) = self.stage.image else {
            return Err(BuildError::new("No image was generated. Is your Dockerfile empty?"));
        };
        self.say(format!("Successfully built {}\n", id.short()));
        for tag in self.options.tags.clone() {
            engine.tag(&tag, &id)?;
            engine.tell_image("tag", &id, &tag.familiar());
            self.say(format!("Successfully tagged {}\n", tag.familiar()));
        }
        Ok(Turn::Done(id))
    }

    fn announce(&mut self, engine: &mut Engine<'_>, code: &str, line: usize) -> Result<(), BuildError> {
        self.number += 1;
        self.say(format!("Step {}/{} : {code}\n", self.number, self.total));
        self.current = Some((code.to_owned(), line));
        self.event(engine, StepState::Started)
    }

    pub(super) fn say(&mut self, text: impl Into<Vec<u8>>) {
        self.said.push(Said { stream: Stream::Stdout, text: text.into() });
    }

    pub(super) fn say_error(&mut self, text: &[u8]) {
        self.said.push(Said { stream: Stream::Stderr, text: text.to_vec() });
    }

    fn event(&mut self, engine: &mut Engine<'_>, state: StepState) -> Result<(), BuildError> {
        let Some((code, line)) = self.current.clone() else { return Ok(()) };
        let (mut layer, mut bytes) = (None, 0);
        if !matches!(state, StepState::Started | StepState::Failed)
            && let Some(id) = self.stage.image
            && let Some(image) = engine.image(&id)?
            && image.config.history.last().is_some_and(|line| !line.empty_layer)
        {
            layer = image.chain_id();
            bytes = match &layer {
                Some(chain) => engine.chain_size(chain)?.unwrap_or_default(),
                None => 0,
            };
        }
        let image = self.stage.image;
        self.events.push(StepEvent {
            number: self.number,
            of: self.total,
            code,
            line,
            state,
            image,
            layer,
            bytes,
        });
        Ok(())
    }
}
