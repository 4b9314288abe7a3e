//! `docker save` and `docker export`: archives out of the stores (`image/tarexport/save.go`; oracle: save-*, export).

use super::error::{Error, Result};
use super::register::Scratch;
use super::{Container, Engine, layout};
use crate::kernel::{OpenFlags, Task};
use crate::oci::archive::{SaveImage, stage_save};
use crate::oci::blob::FdSink;
use crate::oci::layer::{self, LayerError, Names};
use crate::oci::{ConfigDocument, Digest, ImageName, Reference};
use crate::program::World;

/// An archive in a file of the engine's own, for the caller to copy out.
#[derive(Debug)]
pub struct Packed {
    pub(super) scratch: Scratch,
    /// How many bytes.
    pub len: u64,
}

impl Packed {
    /// The open file.
    pub fn fd(&self) -> crate::kernel::Fd {
        self.scratch.fd
    }
}

impl Engine<'_> {
    /// Packs images into an archive.
    ///
    /// # Errors
    /// A name that is not here, an image without layers, or the disk's.
    pub fn save(&mut self, names: &[String]) -> Result<Packed> {
        let wanted = self.save_list(names)?;
        let ids: Vec<Digest> = wanted.iter().map(|(id, _)| *id).collect();
        let mut images = Vec::new();
        for (id, names) in wanted {
            let image = self.image(&id)?.ok_or_else(|| Error::NotFound(format!("No such image: {id}")))?;
            if image.config.rootfs.diff_ids.is_empty() {
                return Err(Error::Failed("empty export - not implemented".to_owned()));
            }
            let config = ConfigDocument { bytes: image.bytes, id, config: image.config };
            images.push(SaveImage {
                config,
                names,
                parent: image.parent.filter(|parent| ids.contains(parent)),
            });
        }
        let stage = format!("{}/tmp/docker-export-{}", layout::ROOT, &self.world.new_id()[..10]);
        self.remove(&stage)?;
        self.make_dir(&stage, 0o700)?;
        let task = Task::root();
        let staged =
            stage_save(&mut *self.kernel, &task, stage.as_bytes(), &images, |kernel, chain, _, path| {
                let flags = OpenFlags::WRONLY | OpenFlags::CREAT | OpenFlags::EXCL;
                let failed = |errno| LayerError::call("open layer.tar", errno);
                let fd = kernel.open(&Task::root(), path, flags, 0o644).map_err(failed)?;
                // Reading a stored layer takes nothing out of the world.
                let mut world = World::default();
                let mut engine = Engine { kernel, world: &mut world, host: None };
                let written = engine.layer_tar(chain, &mut FdSink::new(fd));
                engine.kernel.close(fd).map_err(failed)?;
                written
            });
        let packed = match staged {
            Ok(()) => {
                let names = self.owner_names();
                self.pack(&stage, &names)
            }
            Err(error) => Err(Error::Failed(error.to_string())),
        };
        self.remove(&stage)?;
        packed
    }

    /// The images that the names mean, each once, with the names to save (`parseNames`).
    fn save_list(&mut self, names: &[String]) -> Result<Vec<(Digest, Vec<Reference>)>> {
        let mut list: Vec<(Digest, Vec<Reference>)> = Vec::new();
        let mut add = |id: Digest, name: Option<Reference>| {
            let at = list.iter().position(|(known, _)| *known == id).unwrap_or_else(|| {
                list.push((id, Vec::new()));
                list.len() - 1
            });
            if let Some(name) = name.filter(|name| name.tag.is_some())
                && !list[at].1.contains(&name)
            {
                list[at].1.push(name);
            }
        };
        for text in names {
            let missing = || Error::NotFound(format!("No such image: {text}"));
            match ImageName::parse(text).map_err(|error| Error::Invalid(error.to_string()))? {
                ImageName::Id(id) => add(self.image(&id)?.ok_or_else(missing)?.id, None),
                ImageName::Name(name) if name.is_name_only() => {
                    let tags: Vec<(Reference, Digest)> = self
                        .references()?
                        .into_iter()
                        .filter(|(known, _)| known.tag.is_some() && known.name() == name.name())
                        .collect();
                    if tags.is_empty() {
                        add(self.image_store().resolve_id(self, text)?.ok_or_else(missing)?, None);
                    }
                    for (known, id) in tags {
                        add(id, Some(known));
                    }
                }
                ImageName::Name(name) => {
                    let id = self.reference(&name)?;
                    add(
                        id.ok_or_else(|| Error::NotFound("reference does not exist".to_owned()))?,
                        Some(name),
                    );
                }
            }
        }
        Ok(list)
    }

    /// Packs everything that a container sees.
    ///
    /// # Errors
    /// The disk's.
    pub fn export(&mut self, container: &Container) -> Result<Packed> {
        self.with_bare_view(&container.id, |engine, dir| {
            let names = engine.names_inside(dir);
            engine.pack(dir, &names)
        })
    }

    fn pack(&mut self, dir: &str, names: &Names) -> Result<Packed> {
        let scratch = self.scratch()?;
        let mut sink = FdSink::new(scratch.fd);
        let packed = layer::pack_tree(self.kernel, &Task::root(), dir.as_bytes(), names, &mut sink);
        self.packed(scratch, packed)
    }

    pub(super) fn packed(
        &mut self,
        scratch: Scratch,
        packed: std::result::Result<layer::Packed, LayerError>,
    ) -> Result<Packed> {
        match packed {
            Ok(packed) => Ok(Packed { scratch, len: packed.len }),
            Err(error) => {
                self.discard(&scratch)?;
                Err(Error::Failed(error.to_string()))
            }
        }
    }

    /// Throws a packed archive away once it was copied out.
    ///
    /// # Errors
    /// The disk's.
    pub fn release(&mut self, packed: &Packed) -> Result<()> {
        self.discard(&packed.scratch)
    }

    /// The merged view of a container that is up.
    ///
    /// # Errors
    /// The mount's.
    pub fn merged_of(&mut self, container: &str) -> Result<String> {
        let id = self.mount_id(container)?;
        self.layers().mount(self, &id)
    }

    /// Bytes of a container's writable layer.
    ///
    /// # Errors
    /// The disk's.
    pub fn container_size(&mut self, container: &str) -> Result<u64> {
        let id = self.mount_id(container)?;
        let entries = self.layers().entries(&id);
        self.tree_size(&entries)
    }
}
