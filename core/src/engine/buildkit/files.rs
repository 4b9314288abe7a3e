//! `COPY`, `ADD` and `WORKDIR`: a layer that is filled by the engine itself.

use super::SolveError;
use super::ops::CopyOp;
use crate::engine::build::files::{
    Builder, Counted, Found, Source, Target, find, has_wildcards, is_archive, is_named, owner, unpack,
};
use crate::engine::{Engine, Error};
use crate::kernel::{Task, fs};
use crate::oci::Digest;
use crate::oci::layer::Names;

impl Engine<'_> {
    /// What a `COPY` finds.
    pub(super) fn copy_found(&mut self, source: &Source, op: &CopyOp) -> Result<Vec<Found>, SolveError> {
        let mut found = Vec::new();
        for asked in &op.sources {
            let path = format!("/{}", asked.trim_start_matches('/'));
            let path = String::from_utf8_lossy(&crate::oci::gopath::clean(path.as_bytes())).into_owned();
            let one = find(self, source, asked).map_err(|error| {
                let missing = format!("\"{path}\" not found: not found");
                SolveError::new(if error.limit { error.text } else { missing })
            })?;
            found.extend(one);
        }
        Ok(found)
    }

    /// A tree to copy from.
    pub(super) fn copy_source(
        &mut self,
        context: Option<&String>,
        chain: Option<Digest>,
    ) -> Result<Source, SolveError> {
        if let Some(context) = context {
            return Ok(Source {
                task: Task::root().chrooted(context.as_str()),
                counted: Counted::AsRootWhole,
                confines: false,
                view: None,
            });
        }
        let view = self.layers().prepare(self, chain.as_ref())?;
        let root = self.layers().mount(self, &view)?;
        Ok(Source {
            task: Task::root().chrooted(root),
            counted: Counted::Own(Names::default()),
            confines: false,
            view: Some(view),
        })
    }

    /// Fills a new layer with what was found.
    pub(super) fn copy_layer(
        &mut self,
        below: Option<&Digest>,
        source: &Source,
        found: &[Found],
        op: &CopyOp,
    ) -> Result<Digest, SolveError> {
        // Nobody can be looked for where there is no image below (recorded).
        if below.is_none() && is_named(&op.chown) {
            return Err(Error::Failed("invalid user index: -1".to_owned()).into());
        }
        self.check_patterns(source, op)?;
        self.filled(below, |engine, task, root| {
            let owner = match op.chown.as_str() {
                "" => None,
                text => Some(owner(engine, task, text)),
            };
            let target =
                Target { task, root, asked: &op.target, owner, mode: op.chmod, builder: Builder::Kit };
            for one in found {
                let is_packed = op.unpacks
                    && !one.is_dir
                    && is_archive(engine, source, one).map_err(|error| Error::Failed(error.text))?;
                if is_packed {
                    unpack(engine, source, one, &target)?;
                } else {
                    target.put(engine, source, one)?;
                }
            }
            Ok(())
        })
    }

    /// A pattern may match nothing, but the directory that it is looked for in is there (recorded).
    fn check_patterns(&mut self, source: &Source, op: &CopyOp) -> Result<(), SolveError> {
        for asked in op.sources.iter().filter(|asked| has_wildcards(asked)) {
            let clean = crate::oci::gopath::clean(format!("/{asked}").as_bytes());
            let clean = String::from_utf8_lossy(&clean).into_owned();
            let plain: Vec<&str> = clean.split('/').take_while(|part| !has_wildcards(part)).collect();
            let dir = plain.join("/");
            if dir.is_empty() || fs::exists(self.kernel, &source.task, dir.as_bytes()) {
                continue;
            }
            let root = match &source.view {
                Some(view) => self.graph_dirs(view)?.merged,
                None => {
                    let number = u32::from_str_radix(&self.world.new_id()[..8], 16).unwrap_or_default();
                    format!("{}/tmp/buildkit-mount{number}", crate::engine::layout::ROOT)
                }
            };
            return Err(Error::Failed(format!("lstat {root}{dir}: no such file or directory")).into());
        }
        Ok(())
    }

    /// Makes a directory with its parents, for a user.
    pub(super) fn mkdir_layer(
        &mut self,
        below: Option<&Digest>,
        dir: &str,
        user: &str,
    ) -> Result<Digest, SolveError> {
        self.filled(below, |engine, task, root| {
            let owner = if user.is_empty() {
                None
            } else {
                let who = engine.identity(task, user, None)?;
                Some((who.uid, who.gid))
            };
            let target = Target { task, root, asked: dir, owner, mode: None, builder: Builder::Kit };
            target.make_dirs(engine.kernel, dir.as_bytes(), owner)
        })
    }

    fn filled(
        &mut self,
        below: Option<&Digest>,
        work: impl FnOnce(&mut Self, &Task, &str) -> crate::engine::error::Result<()>,
    ) -> Result<Digest, SolveError> {
        let key = self.layers().prepare(self, below)?;
        let root = self.layers().mount(self, &key)?;
        let task = Task::root().chrooted(root.as_str());
        let done = work(self, &task, &root);
        let unmounted = self.layers().unmount(self, &key);
        if let Err(error) = done.and(unmounted) {
            self.layers().remove(self, &key)?;
            return Err(error.into());
        }
        Ok(self.layer_done(&key, below)?)
    }
}
