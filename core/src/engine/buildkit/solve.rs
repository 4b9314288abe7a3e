//! The vertices of a graph, one after the other.

use serde::{Deserialize, Serialize};

use super::cache::{Record, Records, key};
use super::exec::{Out, Process};
use super::graph::{GraphError, graph};
use super::ops::{Built, CopyOp, Op, Tree, Vertex};
use super::sources::SourceKey;
use super::{End, Given, Shown, SolveError};
use crate::engine::Engine;
use crate::engine::build::Options;
use crate::oci::Digest;

/// What comes after a turn.
#[derive(Debug, Clone)]
pub enum Turn {
    /// Another turn.
    Next,
    /// A process; [`Solve::ran`] takes its status.
    Run(Process),
    /// All is done.
    Done,
}

/// What a vertex came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Result {
    /// The topmost layer; none of an empty tree.
    pub(super) chain: Option<Digest>,
    pub(super) key: String,
    pub(super) created: String,
}

/// A build under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Solve {
    pub(super) options: Options,
    pub(super) given: Given,
    vertices: Vec<Vertex>,
    pub(super) target: Option<Built>,
    next: usize,
    pub(super) results: Vec<Result>,
    records: Records,
    shown: Vec<Shown>,
    context_shown: bool,
    out: Option<Out>,
    out_key: String,
    /// What the process that runs has written.
    #[serde(rename = "heard")]
    output: Vec<u8>,
    /// How much of it was returned line by line.
    #[serde(default, rename = "told")]
    returned: usize,
}

impl Solve {
    /// A build of a Dockerfile's text; the descriptions of its images are loaded.
    ///
    /// # Errors
    /// Why there is nothing to solve; what was shown until then comes too.
    pub fn new(
        engine: &mut Engine<'_>,
        text: &str,
        options: Options,
        given: Given,
    ) -> std::result::Result<Self, (Vec<Shown>, SolveError)> {
        let frontend = "failed to solve with frontend dockerfile.v0: failed to create LLB definition";
        let graph = graph(engine, text, &options).map_err(|error| match error {
            GraphError::File(why) => (Vec::new(), SolveError::new(format!("{frontend}: {why}"))),
            GraphError::Image(name, why) => {
                let name = format!("[internal] load metadata for {name}");
                let shown = Shown::ended(name, Vec::new(), End::Error(why.clone()));
                (vec![shown], SolveError::new(format!("{frontend}: {why}")))
            }
            GraphError::CopyFrom(name, why) => {
                let lines = vec![format!("resolve {name} done")];
                let shown = Shown::ended(format!("FROM {name}"), lines, End::Error(why.clone()));
                (vec![shown], SolveError::new(format!("failed to load cache key: {why}")))
            }
            GraphError::Other(error) => (Vec::new(), error),
        })?;
        let records = engine.build_records().map_err(|error| (Vec::new(), error.into()))?;
        let shown = graph
            .loaded
            .iter()
            .map(|name| Shown::done(format!("[internal] load metadata for {name}"), &[]))
            .collect();
        Ok(Self {
            options,
            given,
            vertices: graph.vertices,
            target: graph.target,
            next: 0,
            results: Vec::new(),
            records,
            shown,
            context_shown: false,
            out: None,
            out_key: String::new(),
            output: Vec::new(),
            returned: 0,
        })
    }

    /// Returns the bytes that are sent of the context; with a key, what was sent before is not sent again.
    ///
    /// # Errors
    /// The disk's.
    pub fn context_sent(
        &self,
        engine: &mut Engine<'_>,
        key: Option<&SourceKey>,
    ) -> std::result::Result<u64, SolveError> {
        let Some(context) = &self.given.context else { return Ok(0) };
        Ok(engine.context_sent(context, &self.vertices, key)?)
    }

    /// Sets how much of the context is sent, as the client says it.
    pub fn set_sent(&mut self, sent: String) {
        self.given.sent = sent;
    }

    /// What was shown since this was asked last.
    pub fn take_shown(&mut self) -> Vec<Shown> {
        std::mem::take(&mut self.shown)
    }

    /// Takes what a process wrote; returns the lines that are whole by now and were not before.
    pub fn on_output(&mut self, bytes: &[u8]) -> Vec<String> {
        self.output.extend_from_slice(bytes);
        let whole = self.output.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let new = lines(&self.output[self.returned.min(whole)..whole]);
        self.returned = whole;
        new
    }

    /// The name of the vertex whose process runs.
    pub fn running(&self) -> Option<&str> {
        Some(&self.vertices.get(self.out.as_ref()?.vertex)?.name)
    }

    fn chain(&self, tree: &Tree) -> Option<Digest> {
        match tree {
            Tree::Vertex(index) => self.results.get(*index).and_then(|result| result.chain),
            Tree::Context | Tree::Scratch => None,
        }
    }

    fn key_of(&self, tree: &Tree) -> String {
        match tree {
            Tree::Vertex(index) => {
                self.results.get(*index).map(|result| result.key.clone()).unwrap_or_default()
            }
            Tree::Context => "context".to_owned(),
            Tree::Scratch => "scratch".to_owned(),
        }
    }

    /// Does one vertex, or the part of one up to its process.
    ///
    /// # Errors
    /// Why the build ends here.
    pub fn turn(&mut self, engine: &mut Engine<'_>) -> std::result::Result<Turn, SolveError> {
        let Some(vertex) = self.vertices.get(self.next).cloned() else { return Ok(Turn::Done) };
        match self.vertex(engine, &vertex) {
            Ok(turn) => Ok(turn),
            Err(error) => {
                engine.build_records_save(&self.records)?;
                let shown = error.cause.as_ref().unwrap_or(&error.text).clone();
                self.show(&vertex.name, End::Error(shown), None);
                Err(error)
            }
        }
    }

    fn vertex(&mut self, engine: &mut Engine<'_>, vertex: &Vertex) -> std::result::Result<Turn, SolveError> {
        let below = self.chain(&vertex.below);
        let below_key = self.key_of(&vertex.below);
        match &vertex.op {
            Op::Base(chain) => {
                let key = key(&["image", &chain.map(|chain| chain.to_string()).unwrap_or_default()]);
                self.show(&vertex.name, End::Done, None);
                self.finish(Result { chain: *chain, key, created: String::new() });
                Ok(Turn::Next)
            }
            Op::Mkdir(dir, user) => {
                let key = key(&["mkdir", &below_key, dir, user]);
                if !self.cached(engine, vertex, &key, true)? {
                    let chain = engine.mkdir_layer(below.as_ref(), dir, user)?;
                    self.made(engine, vertex, key, chain)?;
                }
                Ok(Turn::Next)
            }
            Op::Copy(op) => {
                if op.from == Tree::Context {
                    self.show_context();
                }
                let context = self.given.context.clone().filter(|_| op.from == Tree::Context);
                let mut source = engine.copy_source(context.as_ref(), self.chain(&op.from))?;
                let done = self.copy(engine, vertex, op, &source, (below, &below_key));
                if let Some(view) = source.view.take() {
                    engine.layers().remove(engine, &view)?;
                }
                done.map(|()| Turn::Next)
            }
            Op::Run(op) => {
                let mut words = vec!["run".to_owned(), below_key];
                words.extend(op.args.iter().cloned());
                words.extend(op.env.iter().filter(|line| !is_proxy(line)).cloned());
                words.push(format!("{}\n{}\n{}", op.dir, op.user, op.network));
                for (mount, tree) in &op.mounts {
                    if *tree == Tree::Context {
                        self.show_context();
                        words.push(self.context_key(engine)?);
                    }
                    words.push(format!("{mount:?} {}", self.key_of(tree)));
                }
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let key = key(&words);
                if self.cached(engine, vertex, &key, !self.options.no_cache)? {
                    return Ok(Turn::Next);
                }
                let given = self.given.clone();
                let chains = |tree: &Tree| self.chain(tree);
                let (out, process) = engine.exec_begin(self.next, below.as_ref(), op, &given, &chains)?;
                self.out = Some(out);
                self.out_key = key;
                self.output.clear();
                Ok(Turn::Run(process))
            }
        }
    }

    /// What a mount of the context hangs on: all of it.
    fn context_key(&self, engine: &mut Engine<'_>) -> std::result::Result<String, SolveError> {
        let source = engine.copy_source(self.given.context.as_ref(), None)?;
        let op = CopyOp {
            from: Tree::Context,
            sources: vec![".".to_owned()],
            target: String::new(),
            chown: String::new(),
            chmod: None,
            unpacks: false,
        };
        let found = engine.copy_found(&source, &op)?;
        Ok(found.into_iter().map(|one| one.sum).collect())
    }

    fn copy(
        &mut self,
        engine: &mut Engine<'_>,
        vertex: &Vertex,
        op: &CopyOp,
        source: &crate::engine::build::files::Source,
        (below, below_key): (Option<Digest>, &str),
    ) -> std::result::Result<(), SolveError> {
        let found = engine.copy_found(source, op).map_err(|error| SolveError::of_key(error.text))?;
        let sums: Vec<String> = found.iter().map(|one| format!("{} {}", one.sum, one.asked)).collect();
        let key = key(&[
            "copy",
            below_key,
            &sums.join("\n"),
            &op.target,
            &op.chown,
            &format!("{:?} {}", op.chmod, op.unpacks),
        ]);
        if self.cached(engine, vertex, &key, !self.options.no_cache)? {
            return Ok(());
        }
        let chain = engine.copy_layer(below.as_ref(), source, &found, op).inspect_err(|error| {
            self.show(&vertex.name, End::Error(error.text.clone()), None);
        })?;
        self.made(engine, vertex, key, chain)
    }

    /// The process of a `RUN` has ended.
    ///
    /// # Errors
    /// Its status was not 0, or the disk's.
    pub fn ran(&mut self, engine: &mut Engine<'_>, status: u8) -> std::result::Result<(), SolveError> {
        let Some(out) = self.out.take() else { return Ok(()) };
        let vertex = self.vertices[out.vertex].clone();
        engine.exec_clear(&out)?;
        if status != 0 {
            engine.layers().remove(engine, &out.key)?;
            engine.build_records_save(&self.records)?;
            let why = format!("executor failed running [{}]: exit code: {status}", out.command);
            self.show(&vertex.name, End::Error(why.clone()), None);
            return Err(SolveError::new(why));
        }
        let below = self.chain(&vertex.below);
        let chain = engine.layer_done(&out.key, below.as_ref())?;
        let key = std::mem::take(&mut self.out_key);
        self.made(engine, &vertex, key, chain)
    }

    /// The build ends while a process is out: what was made for it goes.
    ///
    /// # Errors
    /// The disk's.
    pub fn abandon(&mut self, engine: &mut Engine<'_>) -> std::result::Result<(), SolveError> {
        let Some(out) = self.out.take() else { return Ok(()) };
        engine.exec_clear(&out)?;
        engine.layers().remove(engine, &out.key)?;
        Ok(engine.build_records_save(&self.records)?)
    }

    fn show_context(&mut self) {
        if !self.context_shown {
            self.context_shown = true;
            let line = format!("transferring context: {} done", self.given.sent);
            self.shown.push(Shown::done("[internal] load build context", &[&line]));
        }
    }

    /// Takes a vertex from the cache, if it may be and is there.
    fn cached(
        &mut self,
        engine: &mut Engine<'_>,
        vertex: &Vertex,
        key: &str,
        may: bool,
    ) -> std::result::Result<bool, SolveError> {
        let Some(record) = self.records.get(key).filter(|_| may).cloned() else { return Ok(false) };
        let size = engine.chain_size(&record.chain)?.unwrap_or_default();
        self.show(&vertex.name, End::Cached, Some((record.chain, size)));
        self.finish(Result { chain: Some(record.chain), key: key.to_owned(), created: record.created });
        Ok(true)
    }

    /// A vertex was done.
    fn made(
        &mut self,
        engine: &mut Engine<'_>,
        vertex: &Vertex,
        key: String,
        chain: Digest,
    ) -> std::result::Result<(), SolveError> {
        let created = engine.now_text();
        let record = Record { chain, created: created.clone(), name: vertex.name.clone() };
        self.records.insert(key.clone(), record);
        engine.build_records_save(&self.records)?;
        let size = engine.chain_size(&chain)?.unwrap_or_default();
        self.show(&vertex.name, End::Done, Some((chain, size)));
        self.finish(Result { chain: Some(chain), key, created });
        Ok(())
    }

    fn finish(&mut self, result: Result) {
        self.results.push(result);
        self.next += 1;
    }

    fn show(&mut self, name: &str, end: End, layer: Option<(Digest, u64)>) {
        self.returned = 0;
        let lines = lines(&std::mem::take(&mut self.output));
        self.shown.push(Shown { layer, ..Shown::ended(name, lines, end) });
    }
}

/// What a process wrote, as it is shown.
fn lines(output: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(output).lines().map(|line| format!("0.1 {line}")).collect()
}

/// Proxies do not count for the cache.
fn is_proxy(line: &str) -> bool {
    let name = line.split('=').next().unwrap_or_default().to_lowercase();
    matches!(name.as_str(), "http_proxy" | "https_proxy" | "ftp_proxy" | "no_proxy" | "all_proxy")
}
