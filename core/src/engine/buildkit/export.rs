//! What a build comes to: an image, or a tree for the client (`--output`).

use super::SolveError;
use super::ops::Tree;
use super::solve::Solve;
use crate::engine::Engine;
use crate::oci::config::{History, RootFs};
use crate::oci::{ConfigDocument, Digest, ImageConfig};

/// The comment of every line of history.
const COMMENT: &str = "buildkit.dockerfile.v0";

/// The tree of a build, mounted for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Where it is.
    pub root: String,
    key: String,
}

impl Solve {
    /// Writes the image, and gives it its names.
    ///
    /// # Errors
    /// The disk's.
    pub fn image(&self, engine: &mut Engine<'_>) -> Result<Digest, SolveError> {
        let Some(built) = &self.target else { return Err(SolveError::new("no target")) };
        let base = match &built.base {
            Some(id) => engine.image(id)?,
            None => None,
        };
        let mut history = base.as_ref().map(|image| image.config.history.clone()).unwrap_or_default();
        let mut diff_ids =
            base.as_ref().map(|image| image.config.rootfs.diff_ids.clone()).unwrap_or_default();
        let created_of = |vertex: Option<usize>| {
            vertex.and_then(|index| self.results.get(index)).map(|result| result.created.clone())
        };
        let first = built.steps.iter().find_map(|step| created_of(step.vertex));
        let base_time = base.as_ref().map(|image| image.config.created.clone());
        let mut created = match first.or(base_time) {
            Some(time) => time,
            None => engine.now_text(),
        };
        for step in &built.steps {
            if let Some(time) = created_of(step.vertex) {
                created = time;
            }
            history.push(History {
                created: created.clone(),
                author: String::new(),
                created_by: step.created_by.clone(),
                comment: COMMENT.to_owned(),
                empty_layer: step.vertex.is_none(),
            });
            if let Some(result) = step.vertex.and_then(|index| self.results.get(index))
                && let Some(chain) = result.chain
            {
                diff_ids.push(engine.diff_id(&chain)?);
            }
        }
        let document = ConfigDocument::write(ImageConfig {
            architecture: "amd64".to_owned(),
            author: built.author.clone(),
            config: Some(built.config.clone()),
            created,
            docker_version: String::new(),
            history,
            os: "linux".to_owned(),
            rootfs: RootFs { diff_ids, ..RootFs::default() },
            ..ImageConfig::default()
        });
        let id = engine.image_create(&document, None)?;
        for tag in &self.options.tags {
            engine.tag(tag, &id)?;
        }
        Ok(id)
    }

    /// Mounts the target's tree for the client.
    ///
    /// # Errors
    /// The disk's.
    pub fn export(&self, engine: &mut Engine<'_>) -> Result<Exported, SolveError> {
        let chain = match self.target.as_ref().map(|built| &built.top) {
            Some(Tree::Vertex(index)) => self.results.get(*index).and_then(|result| result.chain),
            _ => None,
        };
        let key = engine.layers().prepare(engine, chain.as_ref())?;
        let root = engine.layers().mount(engine, &key)?;
        Ok(Exported { root, key })
    }
}

impl Engine<'_> {
    /// Takes an exported tree away again.
    ///
    /// # Errors
    /// The disk's.
    pub fn export_end(&mut self, exported: &Exported) -> Result<(), SolveError> {
        Ok(self.layers().remove(self, &exported.key)?)
    }

    /// Copies an exported tree into a directory of the client's.
    ///
    /// # Errors
    /// The disk's.
    pub fn export_to(&mut self, exported: &Exported, dir: &str) -> Result<(), SolveError> {
        self.make_dir(dir, 0o755)?;
        Ok(crate::engine::copy::copy_contents(self.kernel, exported.root.as_bytes(), dir.as_bytes())?)
    }

    /// The diff id of a known layer.
    pub(super) fn diff_id(&mut self, chain: &Digest) -> crate::engine::error::Result<Digest> {
        self.layers().diff(self, chain)
    }
}
