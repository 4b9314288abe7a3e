//! Which image a step finds in the cache: a child of the one before that was made by the same container configuration
//! (moby `daemon/images/cache.go`, `image/cache/cache.go`).

use serde::{Deserialize, Serialize};

use super::super::Engine;
use super::super::error::Result;
use super::super::stores::StoredImage;
use crate::oci::config::{ContainerConfig, History, NameSet};
use crate::oci::{ConfigDocument, Digest};

/// What is known of the cache within a stage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cache {
    /// `--no-cache`.
    pub(crate) off: bool,
    /// A step of this stage was not found: nothing after it is.
    pub(crate) busted: bool,
    /// `--cache-from`.
    pub(crate) sources: Vec<Digest>,
}

impl Engine<'_> {
    /// Looks a step up.
    pub(super) fn probe(
        &mut self,
        cache: &mut Cache,
        parent: Option<&Digest>,
        config: &ContainerConfig,
    ) -> Result<Option<Digest>> {
        if cache.off || cache.busted {
            return Ok(None);
        }
        let found = self.cached_child(parent, config)?;
        let found = match found {
            Some(id) if cache.sources.is_empty() => Some(id),
            found => self.among_sources(cache, parent, config, found)?,
        };
        cache.busted = found.is_none();
        Ok(found)
    }

    /// The newest child of an image that was made by this configuration.
    fn cached_child(&mut self, parent: Option<&Digest>, config: &ContainerConfig) -> Result<Option<Digest>> {
        let mut best: Option<StoredImage> = None;
        for id in self.image_store().children(self, parent)? {
            let Some(image) = self.image(&id)? else { continue };
            if is_same(&image.config.container_config, config)
                && best.as_ref().is_none_or(|best| best.config.created_at() < image.config.created_at())
            {
                best = Some(image);
            }
        }
        Ok(best.map(|image| image.id))
    }

    /// With `--cache-from` a local image counts where one of the sources stands on it; else its history is gone along,
    /// and the image at that place made anew.
    fn among_sources(
        &mut self,
        cache: &mut Cache,
        parent: Option<&Digest>,
        config: &ContainerConfig,
        local: Option<Digest>,
    ) -> Result<Option<Digest>> {
        if let Some(id) = local {
            for source in cache.sources.clone() {
                let mut at = Some(source);
                while let Some(image) = at {
                    if image == id {
                        return Ok(Some(id));
                    }
                    at = self.image(&image)?.and_then(|image| image.parent);
                }
            }
        }
        let parent_image = match parent {
            Some(id) => self.image(id)?,
            None => None,
        };
        for source in cache.sources.clone() {
            let Some(target) = self.image(&source)? else { continue };
            let (history, layers) = match &parent_image {
                Some(image) => (image.config.history.as_slice(), image.config.rootfs.diff_ids.as_slice()),
                None => (&[][..], &[][..]),
            };
            let at = history.len();
            let stands_on = target.config.history.len() > at
                && target.config.rootfs.diff_ids.starts_with(layers)
                && target.config.history.iter().zip(history).all(|(a, b)| is_same_step(a, b));
            if !stands_on || target.config.history[at].created_by != created_by(config) {
                continue;
            }
            if target.config.history.len() - 1 == at {
                if let Some(parent) = parent {
                    self.image_store().set_parent(self, &target.id, parent)?;
                }
                return Ok(Some(target.id));
            }
            cache.sources = vec![target.id];
            return self.restore(parent, &target, at, config).map(Some);
        }
        Ok(None)
    }

    /// Makes the image that stood at a place of another one's history.
    fn restore(
        &mut self,
        parent: Option<&Digest>,
        target: &StoredImage,
        at: usize,
        config: &ContainerConfig,
    ) -> Result<Digest> {
        let mut image = target.config.clone();
        image.history.truncate(at + 1);
        let layers = image.history.iter().filter(|line| !line.empty_layer).count();
        image.rootfs.diff_ids.truncate(layers);
        image.created.clone_from(&image.history[at].created);
        image.author.clone_from(&image.history[at].author);
        image.container_config = config.clone();
        image.config = Some(ContainerConfig { cmd: None, ..config.clone() });
        let document = ConfigDocument::write(image);
        self.image_create(&document, parent)
    }
}

fn is_same_step(a: &History, b: &History) -> bool {
    a.created_by == b.created_by && a.empty_layer == b.empty_layer && a.created == b.created
}

/// A history's text for a step.
pub(super) fn created_by(config: &ContainerConfig) -> String {
    config.cmd.iter().flatten().cloned().collect::<Vec<_>>().join(" ")
}

/// Whether two configurations are the same step (moby `runconfig/compare.go`): not the host's name, not the image.
fn is_same(a: &ContainerConfig, b: &ContainerConfig) -> bool {
    let list = |a: &Option<Vec<String>>, b: &Option<Vec<String>>| {
        a.as_deref().unwrap_or_default() == b.as_deref().unwrap_or_default()
    };
    let set = |a: &Option<NameSet>, b: &Option<NameSet>| {
        a.clone().unwrap_or_default() == b.clone().unwrap_or_default()
    };
    !a.open_stdin
        && !b.open_stdin
        && a.attach_stdout == b.attach_stdout
        && a.attach_stderr == b.attach_stderr
        && a.user == b.user
        && a.tty == b.tty
        && list(&a.cmd, &b.cmd)
        && list(&a.env, &b.env)
        && list(&a.entrypoint, &b.entrypoint)
        && a.labels.clone().unwrap_or_default() == b.labels.clone().unwrap_or_default()
        && set(&a.exposed_ports, &b.exposed_ports)
        && set(&a.volumes, &b.volumes)
}
