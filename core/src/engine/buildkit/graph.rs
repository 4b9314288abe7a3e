//! From a Dockerfile to the vertices that its target needs (BuildKit v0.8 `frontend/dockerfile/dockerfile2llb`).

use std::collections::BTreeMap;

use super::SolveError;
use super::ops::{Built, Op, Step, Tree, Vertex};
use super::stages::{Meant, meant, needed, sources};
use crate::dockerfile::{Command, Dockerfile, DockerfileError, Instruction, expand, stages};
use crate::engine::build::Options;
use crate::engine::{Engine, Error, StoredImage};
use crate::oci::config::ContainerConfig;
use crate::oci::{Digest, Reference, gopath};

/// The search path of an image that has none.
const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// The shell of a stage that names none.
const SHELL: [&str; 2] = ["/bin/sh", "-c"];
/// Vertices at most.
const MAX_VERTICES: usize = 20_000;

/// Why there is no graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GraphError {
    /// The Dockerfile is wrong.
    File(String),
    /// An image's description could not be had: its name, and why.
    Image(String, String),
    /// The image that a `COPY --from` names could not be had: its name, and why.
    CopyFrom(String, String),
    /// Anything else.
    Other(SolveError),
}

impl From<Error> for GraphError {
    fn from(error: Error) -> Self {
        Self::Other(error.into())
    }
}

/// The vertices, in an order in which each comes after what it needs.
#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    pub(super) vertices: Vec<Vertex>,
    pub(super) target: Option<Built>,
    /// Images whose descriptions were loaded, by their full names.
    pub(super) loaded: Vec<String>,
}

/// A stage that is being read.
pub(super) struct Stage {
    pub(super) name: String,
    pub(super) index: usize,
    pub(super) total: usize,
    pub(super) config: ContainerConfig,
    /// `ARG`s with their values, in order.
    pub(super) args: Vec<(String, Option<String>)>,
    /// The environment of processes: the image's, and `ARG`s where they stand.
    pub(super) env: Vec<String>,
    pub(super) cmd_set: bool,
    pub(super) built: Built,
}

impl Stage {
    pub(super) fn prefix(&mut self) -> String {
        self.index += 1;
        let width = self.total.max(1).to_string().len();
        let name = if self.name.is_empty() { String::new() } else { format!("{} ", self.name) };
        format!("[{name}{:>width$}/{}] ", self.index, self.total)
    }

    /// What words are expanded with: the environment first, then arguments.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = self.config.env.clone().unwrap_or_default();
        words
            .extend(self.args.iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?))));
        words
    }

    pub(super) fn set_env(&mut self, name: &str, value: &str) {
        set(&mut self.env, name, value);
    }

    pub(super) fn step(&mut self, created_by: String, vertex: Option<usize>) {
        self.built.steps.push(Step { created_by, vertex });
    }

    pub(super) fn shell(&self) -> Vec<String> {
        match &self.config.shell {
            Some(shell) if !shell.is_empty() => shell.clone(),
            _ => SHELL.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    pub(super) fn in_dir(&self, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_owned();
        }
        let joined = gopath::clean(format!("/{}/{path}", self.config.working_dir).as_bytes());
        String::from_utf8_lossy(&joined).into_owned()
    }
}

pub(super) fn set(env: &mut Vec<String>, name: &str, value: &str) {
    let line = format!("{name}={value}");
    match env.iter_mut().find(|old| old.split('=').next() == Some(name)) {
        Some(old) => *old = line,
        None => env.push(line),
    }
}

/// The work of reading a Dockerfile.
pub(super) struct Reading<'r, 'e> {
    pub(super) engine: &'r mut Engine<'e>,
    pub(super) options: &'r Options,
    pub(super) file: &'r Dockerfile,
    pub(super) bases: Vec<String>,
    pub(super) globals: Vec<(String, Option<String>)>,
    pub(super) graph: Graph,
    pub(super) done: BTreeMap<usize, Built>,
    pub(super) images: BTreeMap<String, usize>,
}

/// Makes the graph of a Dockerfile's target.
pub(super) fn graph(engine: &mut Engine<'_>, text: &str, options: &Options) -> Result<Graph, GraphError> {
    let file = Dockerfile::parse(text).map_err(|error| {
        GraphError::File(match error {
            DockerfileError::Lines(why) => why,
            other => other.to_string(),
        })
    })?;
    if file.stages.is_empty() {
        return Err(GraphError::File("no build stage in current context".to_owned()));
    }
    let target = match options.target.as_str() {
        "" => file.stages.len() - 1,
        name => file
            .target(name)
            .ok_or_else(|| GraphError::File(format!("target stage {name} could not be found")))?,
    };
    let escape = file.directives.escape;
    let mut globals: Vec<(String, Option<String>)> = Vec::new();
    for instruction in &file.args {
        let Command::Arg(list) = &instruction.command else { continue };
        for (name, default) in list {
            let env = lines(&globals);
            let default = default.as_deref().map(|text| expand::word(text, &env, escape)).transpose();
            let given = options.args.get(name).cloned().flatten();
            globals.push((name.clone(), given.or(default.map_err(GraphError::File)?)));
        }
    }
    let mut bases = Vec::new();
    for stage in &file.stages {
        let base = expand::word(&stage.from.base, &lines(&globals), escape).map_err(GraphError::File)?;
        if base.is_empty() {
            return Err(GraphError::File(format!("base name ({}) should not be blank", stage.from.base)));
        }
        bases.push(base);
    }
    let order = needed(&file, &bases, target).map_err(GraphError::File)?;
    let mut reading = Reading {
        engine,
        options,
        file: &file,
        bases,
        globals,
        graph: Graph::default(),
        done: BTreeMap::new(),
        images: BTreeMap::new(),
    };
    // A stage may take from one that stands below it, so the order of the file is not enough.
    let mut left = order;
    while !left.is_empty() {
        let before = left.len();
        let mut waiting = Vec::new();
        for stage in left {
            if reading.is_ready(stage) { reading.stage(stage)? } else { waiting.push(stage) }
        }
        if waiting.len() == before {
            return Err(GraphError::File("circular dependency detected".to_owned()));
        }
        left = waiting;
    }
    let mut built = reading.done.remove(&target);
    if let Some(built) = &mut built {
        for (name, value) in &options.labels {
            built.config.labels.get_or_insert_default().insert(name.clone(), value.clone());
        }
    }
    reading.graph.target = built;
    Ok(reading.graph)
}

fn lines(pairs: &[(String, Option<String>)]) -> Vec<String> {
    // The last one of a name counts.
    pairs.iter().rev().filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?))).collect()
}

impl Reading<'_, '_> {
    fn is_ready(&self, stage: usize) -> bool {
        let base = meant(self.file, &self.bases, &self.bases[stage], stage, false);
        let more = sources(self.file, stage);
        let more = more.iter().map(|name| meant(self.file, &self.bases, name, self.file.stages.len(), true));
        std::iter::once(base).chain(more).all(|meant| match meant {
            Meant::Stage(index) => self.done.contains_key(&index),
            _ => true,
        })
    }

    /// How many states the frontend has: with more than one, steps are named by their stage.
    fn has_many(&self) -> bool {
        self.file.stages.len() > 1
            || sources(self.file, 0)
                .iter()
                .any(|name| !matches!(meant(self.file, &self.bases, name, 1, true), Meant::Stage(_)))
    }

    fn stage(&mut self, index: usize) -> Result<(), GraphError> {
        let from = &self.file.stages[index].from;
        let base = meant(self.file, &self.bases, &self.bases[index], index, false);
        let name = match from.name.as_str() {
            _ if !self.has_many() => String::new(),
            "" => format!("stage-{index}"),
            name => name.to_owned(),
        };
        let counts = |instruction: &&Instruction| {
            matches!(
                instruction.command,
                Command::Add(_) | Command::Copy(_) | Command::Run(_) | Command::Workdir(_)
            )
        };
        let own = self.file.stages[index].instructions.iter().filter(counts).count();
        let total = own + usize::from(matches!(base, Meant::Image(_)));
        let empty = Built {
            base: None,
            top: Tree::Scratch,
            config: ContainerConfig {
                env: Some(vec![PATH.to_owned()]),
                working_dir: "/".to_owned(),
                ..ContainerConfig::default()
            },
            author: String::new(),
            steps: Vec::new(),
        };
        let mut stage = Stage {
            name,
            index: 0,
            total,
            config: ContainerConfig::default(),
            args: Vec::new(),
            env: Vec::new(),
            cmd_set: false,
            built: empty,
        };
        match base {
            Meant::Stage(below) => {
                if let Some(built) = self.done.get(&below) {
                    stage.built = built.clone();
                }
            }
            Meant::Image(name) => self.base(&mut stage, &name, from.line)?,
            Meant::Scratch => {}
        }
        stage.config = stage.built.config.clone();
        let env = stage.config.env.get_or_insert_default();
        if !env.iter().any(|line| line.starts_with("PATH=")) {
            env.push(PATH.to_owned());
        }
        stage.env.clone_from(env);
        let triggers = stage.config.on_build.take().unwrap_or_default();
        for text in triggers {
            let instruction = stages::trigger(&text).map_err(GraphError::File)?;
            self.instruction(&mut stage, &instruction)?;
        }
        for instruction in &self.file.stages[index].instructions {
            self.instruction(&mut stage, instruction)?;
        }
        if self.graph.vertices.len() > MAX_VERTICES {
            return Err(GraphError::File(format!(
                "more than {MAX_VERTICES} steps\nLayerlab: these are too many for the lab"
            )));
        }
        stage.built.config = stage.config;
        self.done.insert(index, stage.built);
        Ok(())
    }

    /// A stage's image: its description is loaded, and its tree is a vertex that stages share.
    fn base(&mut self, stage: &mut Stage, name: &str, line: usize) -> Result<(), GraphError> {
        let reference = Reference::parse(name).map_err(|error| {
            GraphError::File(format!(
                "failed to parse stage name {}: {error}",
                crate::dockerfile::quote(name)
            ))
        })?;
        let full = reference.clone().or_latest().to_string();
        let image = self.image(name, &reference, &full)?;
        if !self.graph.loaded.contains(&full) {
            self.graph.loaded.push(full);
        }
        stage.built.base = Some(image.id);
        stage.built.config = image.config.config.clone().unwrap_or_default();
        stage.built.author.clone_from(&image.config.author);
        let title = format!("{}FROM {reference}", stage.prefix());
        stage.built.top = self.shared(title, line, image.chain_id());
        Ok(())
    }

    fn shared(&mut self, title: String, line: usize, chain: Option<Digest>) -> Tree {
        let by = chain.map(|chain| chain.to_string()).unwrap_or_default();
        if let Some(vertex) = self.images.get(&by) {
            return Tree::Vertex(*vertex);
        }
        let vertex = self.add(title, line, Tree::Scratch, Op::Base(chain));
        self.images.insert(by, vertex);
        Tree::Vertex(vertex)
    }

    fn image(&mut self, name: &str, reference: &Reference, full: &str) -> Result<StoredImage, GraphError> {
        if !self.options.pull {
            match self.engine.find_image(name) {
                Err(Error::NotFound(_)) => {}
                found => return Ok(found?),
            }
        }
        let wanted = reference.clone().or_latest();
        match self.engine.pull(&wanted, &mut |_| {}) {
            Ok(()) => Ok(self.engine.find_image(name)?),
            Err(error) => {
                let why = match error {
                    Error::PullDenied(_) => {
                        "pull access denied, repository does not exist or may require authorization: server message: \
                         insufficient_scope: authorization failed"
                            .to_owned()
                    }
                    other => other.to_string(),
                };
                Err(GraphError::Image(full.to_owned(), why))
            }
        }
    }

    pub(super) fn add(&mut self, name: String, line: usize, below: Tree, op: Op) -> usize {
        self.graph.vertices.push(Vertex { name, line, below, op });
        self.graph.vertices.len() - 1
    }

    /// The tree that a name means.
    pub(super) fn tree(&mut self, name: &str, line: usize) -> Result<Tree, GraphError> {
        match meant(self.file, &self.bases, name, self.file.stages.len(), true) {
            Meant::Stage(stage) => Ok(self.done.get(&stage).map_or(Tree::Scratch, |built| built.top.clone())),
            Meant::Scratch => Ok(Tree::Scratch),
            Meant::Image(name) => {
                let reference = Reference::parse(&name).map_err(|error| {
                    GraphError::File(format!(
                        "failed to parse stage name {}: {error}",
                        crate::dockerfile::quote(&name)
                    ))
                })?;
                let full = reference.clone().or_latest().to_string();
                match self.image(&name, &reference, &full) {
                    Ok(image) => Ok(self.shared(format!("FROM {full}"), line, image.chain_id())),
                    Err(GraphError::Image(full, why)) => Err(GraphError::CopyFrom(full, why)),
                    Err(other) => Err(other),
                }
            }
        }
    }
}
