//! What has layers: containers and images as the engine knows them, and overlay mounts made by hand.

use super::names::{Named, hues, name};
use super::{RowKind, Subject, SubjectKind};
use crate::engine::{Container, Engine, is_own_mount, layout};
use crate::kernel::{ByteString, Kernel, MountInfo, Task, fs, path};
use crate::oci::{Digest, chain_ids};
use crate::program::World;

/// A layer with what is known of it besides its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) kind: RowKind,
    pub(super) name: String,
    pub(super) number: u32,
    pub(super) command: Option<String>,
    pub(super) commit_of: Option<String>,
    pub(super) hue: Option<u8>,
    pub(super) size: u64,
    pub(super) digest: Option<String>,
    pub(super) chain: Option<Digest>,
    pub(super) shared_by: u32,
    pub(super) dir: ByteString,
}

/// A subject with its layers, from the top down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) subject: Subject,
    pub(super) layers: Vec<Layer>,
}

/// What the engine knows, read once for a screen.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    pub(super) containers: Vec<Container>,
    pub(super) images: Vec<Named>,
    mounts: Vec<MountInfo>,
}

impl Catalogue {
    /// Reads what there is. A kernel on which docker never ran has neither images nor containers, and is left as it is.
    pub(super) fn read(kernel: &mut dyn Kernel, world: &World) -> Result<Self, String> {
        let mounts = kernel.mountinfo().map_err(|errno| errno.text().to_owned())?;
        if !fs::exists(kernel, &Task::root(), layout::VOLUMES.as_bytes()) {
            return Ok(Self { mounts, ..Self::default() });
        }
        let mut world = world.clone();
        let mut engine = Engine::new(kernel, &mut world).map_err(|error| error.to_string())?;
        let mut containers = engine.containers().map_err(|error| error.to_string())?;
        containers.sort_by(|a, b| (&a.created, &a.id).cmp(&(&b.created, &b.id)));
        let mut images = Vec::new();
        for image in engine.images().map_err(|error| error.to_string())? {
            let names = engine.references_of(&image.id).map_err(|error| error.to_string())?;
            let tagged = names.iter().find(|name| name.tag.is_some()).or(names.first());
            let name = tagged.map_or_else(|| image.id.short().clone(), crate::oci::Reference::familiar);
            let chains = chain_ids(&image.config.rootfs.diff_ids);
            let step = names.is_empty()
                && !engine.children(&image.id).map_err(|error| error.to_string())?.is_empty();
            images.push(Named { image, name, chains, step });
        }
        images.sort_by(|a, b| (&a.image.config.created, &a.name).cmp(&(&b.image.config.created, &b.name)));
        Ok(Self { containers, images, mounts })
    }

    /// Everything that can be shown.
    pub(super) fn subjects(&self) -> Vec<Subject> {
        let containers = self.containers.iter().map(|container| self.container_subject(container));
        let images = self.shown().map(image_subject);
        containers.chain(images).chain(self.hand_made().map(mount_subject)).collect()
    }

    /// The layers of a subject; of the newest container, image or mount where none is named.
    pub(super) fn source(
        &self,
        kernel: &mut dyn Kernel,
        world: &World,
        id: Option<&str>,
    ) -> Result<Option<Source>, String> {
        let subjects = self.subjects();
        let newest = [SubjectKind::Container, SubjectKind::Image, SubjectKind::Mount];
        let shown = id.and_then(|id| subjects.iter().find(|subject| subject.id == id)).or_else(|| {
            newest.iter().find_map(|kind| subjects.iter().rev().find(|subject| subject.kind == *kind))
        });
        let Some(subject) = shown.cloned() else { return Ok(None) };
        if let Some(mount) = self.hand_made().find(|mount| mount_id(mount) == subject.id) {
            return Ok(Some(Source { layers: mount_layers(mount), subject }));
        }
        let mut world = world.clone();
        let mut engine = Engine::new(kernel, &mut world).map_err(|error| error.to_string())?;
        let container = self.containers.iter().find(|c| container_id(c) == subject.id);
        let layers = match container {
            Some(container) => self.container_layers(&mut engine, container),
            None => match self.images.iter().find(|named| image_id(named) == subject.id) {
                Some(named) => self.image_layers(&mut engine, named),
                None => return Ok(None),
            },
        };
        let layers = layers.map_err(|error| error.to_string())?;
        Ok(Some(Source { subject, layers }))
    }

    /// The images that `docker images` shows.
    pub(super) fn shown(&self) -> impl Iterator<Item = &Named> {
        self.images.iter().filter(|named| !named.step)
    }

    /// Bytes of all layers, each once, and of all images as each claims them.
    pub(super) fn sizes(&self, kernel: &mut dyn Kernel, world: &World) -> (u64, u64) {
        let mut world = world.clone();
        if self.images.is_empty() {
            return (0, 0);
        }
        let Ok(mut engine) = Engine::new(kernel, &mut world) else { return (0, 0) };
        let mut size = |chain: &Digest| engine.chain_size(chain).ok().flatten().unwrap_or_default();
        let all: std::collections::BTreeSet<Digest> =
            self.images.iter().flat_map(|named| named.chains.iter().copied()).collect();
        let once = all.iter().map(&mut size).sum();
        let claimed = self.shown().flat_map(|named| &named.chains).map(size).sum();
        (once, claimed)
    }

    /// How many images and containers there are.
    pub(super) fn counts(&self) -> (u32, u32) {
        (self.shown().count() as u32, self.containers.len() as u32)
    }

    pub(super) fn container_subject(&self, container: &Container) -> Subject {
        Subject {
            id: container_id(container),
            kind: SubjectKind::Container,
            name: container.plain_name().to_owned(),
            image: Some(self.image_name(container)),
            mounted: container.state.running,
            upper: None,
        }
    }

    fn image_name(&self, container: &Container) -> String {
        let named = self.images.iter().find(|named| named.image.id == container.image);
        named.map_or_else(|| container.config.image.clone(), |named| named.name.clone())
    }

    /// Overlay mounts that are not the engine's.
    fn hand_made(&self) -> impl Iterator<Item = &MountInfo> {
        self.mounts.iter().filter(|m| m.fstype == "overlay" && !is_own_mount(&m.target))
    }

    fn container_layers(
        &self,
        engine: &mut Engine<'_>,
        container: &Container,
    ) -> crate::engine::Result<Vec<Layer>> {
        let mount = engine.mount_id(&container.id)?;
        let dirs = engine.graph_dirs(&mount)?;
        let own = |kind, dir: &str| Layer::bare(kind, container.plain_name(), dir.into());
        let mut layers = vec![own(RowKind::Writable, &dirs.upper)];
        layers.extend(dirs.lower.first().map(|init| own(RowKind::Init, init)));
        if let Some(named) = self.images.iter().find(|named| named.image.id == container.image) {
            layers.extend(self.image_layers(engine, named)?);
        } else {
            // The image is gone (`rmi -f`), its layers are not: they go by the number alone.
            let count = dirs.lower.len() as u32 - 1;
            layers.extend(dirs.lower.iter().skip(1).zip(0..).map(|(dir, n)| Layer {
                number: count - n,
                hue: Some(((count - n) % u32::from(super::HUES)) as u8),
                name: container.config.image.clone(),
                ..own(RowKind::Image, dir)
            }));
        }
        Ok(layers)
    }

    fn image_layers(&self, engine: &mut Engine<'_>, named: &Named) -> crate::engine::Result<Vec<Layer>> {
        let mut layers = Vec::new();
        for n in 0..named.chains.len() {
            layers.extend(self.image_layer(engine, named, n)?);
        }
        layers.reverse();
        Ok(layers)
    }

    /// A layer of an image by its place, lowest 0; none where its directory is missing.
    pub(super) fn image_layer(
        &self,
        engine: &mut Engine<'_>,
        named: &Named,
        n: usize,
    ) -> crate::engine::Result<Option<Layer>> {
        let chain = &named.chains[n];
        let Some(cache) = engine.cache_id(chain)? else { return Ok(None) };
        let sharers = self.shown().filter(|other| other.chains.contains(chain)).count();
        let Some(called) = name(&self.images, chain, |id| self.container_name(id)) else { return Ok(None) };
        Ok(Some(Layer {
            number: called.number,
            command: called.command,
            commit_of: called.commit_of,
            hue: hues(&named.chains[..=n]).last().copied(),
            size: engine.chain_size(chain)?.unwrap_or_default(),
            digest: named.image.config.rootfs.diff_ids.get(n).map(ToString::to_string),
            chain: Some(*chain),
            shared_by: sharers as u32,
            ..Layer::bare(RowKind::Image, &called.image, engine.graph_dirs(&cache)?.upper.into())
        }))
    }

    /// A container's name; the short id of one that is gone.
    fn container_name(&self, id: &str) -> String {
        let known = self.containers.iter().find(|container| container.id == id);
        known.map_or_else(|| id.chars().take(12).collect(), |container| container.plain_name().to_owned())
    }
}

impl Layer {
    /// A layer of which nothing but its directory is known.
    pub(super) fn bare(kind: RowKind, name: &str, dir: ByteString) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            number: 0,
            command: None,
            commit_of: None,
            hue: None,
            size: 0,
            digest: None,
            chain: None,
            shared_by: 0,
            dir,
        }
    }
}

fn container_id(container: &Container) -> String {
    format!("container:{}", container.id)
}

fn image_id(named: &Named) -> String {
    format!("image:{}", named.image.id)
}

fn mount_id(mount: &MountInfo) -> String {
    format!("mount:{}", mount.target)
}

pub(super) fn image_subject(named: &Named) -> Subject {
    Subject {
        id: image_id(named),
        kind: SubjectKind::Image,
        name: named.name.clone(),
        image: None,
        mounted: false,
        upper: None,
    }
}

fn mount_subject(mount: &MountInfo) -> Subject {
    let name = mount.target.to_text();
    let upper = mount_layers(mount)
        .first()
        .filter(|layer| layer.kind == RowKind::Writable)
        .map(|layer| layer.dir.to_text());
    Subject { id: mount_id(mount), kind: SubjectKind::Mount, name, image: None, mounted: true, upper }
}

/// The layers of a mount, from its options (`lowerdir=/a:/b,upperdir=/c,…`); a backslash takes the meaning from what
/// follows it, as overlayfs reads it.
fn mount_layers(mount: &MountInfo) -> Vec<Layer> {
    let layer = |kind, dir: ByteString| Layer::bare(kind, &mount.target.to_text(), path::normalize(&dir));
    let options = split(&mount.options, b',');
    let option =
        |name: &[u8]| options.iter().find_map(|option| option.strip_prefix(name).map(<[u8]>::to_vec));
    let mut layers = Vec::new();
    if let Some(upper) = option(b"upperdir=") {
        layers.push(layer(RowKind::Writable, unescaped(&upper)));
    }
    let lower = option(b"lowerdir=").unwrap_or_default();
    let dirs = split(&lower, b':');
    let dirs: Vec<_> = dirs.iter().filter(|dir| !dir.is_empty()).collect();
    layers.extend(dirs.iter().enumerate().map(|(n, dir)| Layer {
        hue: Some(((dirs.len() - 1 - n) % usize::from(super::HUES)) as u8),
        ..layer(RowKind::Lower, unescaped(dir))
    }));
    layers
}

fn split(text: &[u8], at: u8) -> Vec<Vec<u8>> {
    let mut parts = vec![Vec::new()];
    let mut escaped = false;
    for &byte in text {
        let last = parts.last_mut().expect("there is always one");
        if byte == at && !escaped {
            parts.push(Vec::new());
        } else {
            last.push(byte);
        }
        escaped = byte == b'\\' && !escaped;
    }
    parts
}

fn unescaped(text: &[u8]) -> ByteString {
    let mut escaped = false;
    text.iter()
        .filter(|byte| {
            escaped = **byte == b'\\' && !escaped;
            !escaped
        })
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_of_a_mount_made_by_hand() {
        let mount = MountInfo {
            source: "overlay".into(),
            root: "/".into(),
            target: "/mnt".into(),
            fstype: "overlay".into(),
            options: r"rw,relatime,lowerdir=/a\:b:/c/,upperdir=/u,workdir=/w".into(),
            read_only: false,
        };
        let layers = mount_layers(&mount);
        let seen: Vec<_> = layers.iter().map(|layer| (layer.kind, layer.dir.to_text())).collect();
        let want = [(RowKind::Writable, "/u"), (RowKind::Lower, "/a:b"), (RowKind::Lower, "/c")];
        assert_eq!(seen, want.map(|(kind, dir)| (kind, dir.to_owned())));
    }
}
