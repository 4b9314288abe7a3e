//! `docker rmi`: names go first, then images that nothing needs, then their layers (`daemon/images/image_delete.go`;
//! oracle: rmi-*).

use super::Engine;
use super::error::{Error, Result};
use super::stores::StoredImage;
use crate::oci::{Digest, Reference};

/// One line of what `docker rmi` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// A name was taken away.
    Untagged(String),
    /// An image, or a layer by its chain id, is gone.
    Deleted(Digest),
}

/// How hard to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RemoveOptions {
    /// `-f`.
    pub force: bool,
    /// `--no-prune`: leave parents without names.
    pub no_prune: bool,
}

/// Which soft reasons count; children and containers that are up always do.
#[derive(Debug, Clone, Copy)]
struct Soft {
    references: bool,
    stopped: bool,
}

/// Why an image stays.
struct Obstacle {
    hard: bool,
    /// A container is why.
    used: bool,
    why: String,
}

impl Obstacle {
    fn into_error(self, id: &Digest) -> Error {
        let how = if self.hard { "cannot be forced" } else { "must be forced" };
        Error::Conflict(format!("conflict: unable to delete {} ({how}) - {}", id.short(), self.why))
    }
}

/// What a reason to keep an image comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacles {
    /// The image stays, and that is no error.
    Keep,
    /// It is an error.
    Refuse,
}

/// What becomes of parents that nothing needs any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parents {
    /// They go too.
    Removed,
    /// They stay (`--no-prune`).
    Kept,
}

impl Engine<'_> {
    /// Removes a name, or an image by id.
    ///
    /// # Errors
    /// It is not there, or something needs it.
    pub fn remove_image(&mut self, text: &str, options: RemoveOptions) -> Result<Vec<Removed>> {
        let image = self.find_image(text)?;
        let mut done = Vec::new();
        let mut references = self.references_of(&image.id)?;
        let by_id = is_id_start(&image.id, text);
        if by_id {
            if is_single(&references) {
                let soft = Soft { references: false, stopped: !options.force };
                if let Some(obstacle) = self.obstacle(&image.id, soft)? {
                    return Err(obstacle.into_error(&image.id));
                }
                for name in references {
                    self.untag(&name)?;
                    self.tell_image("untag", &image.id, &image.id.to_string());
                    done.push(Removed::Untagged(name.familiar()));
                }
            }
        } else {
            if !options.force
                && is_single(&references)
                && let Some(container) = self.containers()?.iter().find(|c| c.image == image.id)
            {
                return Err(Error::Conflict(format!(
                    "conflict: unable to remove repository reference \"{text}\" (must force) - container {} is using \
                     its referenced image {}",
                    container.short_id(),
                    image.id.short()
                )));
            }
            let mut name =
                Reference::parse(text).map_err(|error| Error::Invalid(error.to_string()))?.or_latest();
            if name.digest.is_some() {
                name.tag = None;
            }
            self.untag(&name)?;
            self.tell_image("untag", &image.id, &image.id.to_string());
            done.push(Removed::Untagged(name.familiar()));
            references.retain(|other| *other != name);
            let same = |other: &Reference| other.name() == name.name();
            if name.digest.is_none() && !references.iter().any(|other| same(other) && other.digest.is_none())
            {
                // The last tag of a repository takes the repository's digests along.
                for digest in references.iter().filter(|other| same(other)) {
                    self.untag(digest)?;
                    done.push(Removed::Untagged(digest.familiar()));
                }
                references.retain(|other| !same(other));
            }
            if !references.is_empty() {
                return Ok(done);
            }
        }
        let soft = Soft { references: !options.force, stopped: !options.force };
        let obstacles = if by_id { Obstacles::Refuse } else { Obstacles::Keep };
        let parents = if options.no_prune { Parents::Kept } else { Parents::Removed };
        self.delete_image(&image, soft, (obstacles, parents), &mut done)?;
        Ok(done)
    }

    /// Deletes an image, its layers, and parents that nothing needs any more.
    fn delete_image(
        &mut self,
        image: &StoredImage,
        mut soft: Soft,
        (mut obstacles, parents): (Obstacles, Parents),
        done: &mut Vec<Removed>,
    ) -> Result<()> {
        let mut at = Some(image.clone());
        while let Some(image) = at {
            if let Some(obstacle) = self.obstacle(&image.id, soft)? {
                let dangling =
                    self.references_of(&image.id)?.is_empty() && self.children(&image.id)?.is_empty();
                if obstacles == Obstacles::Keep && (!dangling || obstacle.used) {
                    return Ok(());
                }
                return Err(obstacle.into_error(&image.id));
            }
            for name in self.references_of(&image.id)? {
                self.untag(&name)?;
                self.tell_image("untag", &image.id, &image.id.to_string());
                done.push(Removed::Untagged(name.familiar()));
            }
            self.image_store().remove(self, &image.id)?;
            self.tell_image("delete", &image.id, &image.id.to_string());
            done.push(Removed::Deleted(image.id));
            if let Some(chain) = image.chain_id() {
                done.extend(self.layers().release(self, &chain)?.into_iter().map(Removed::Deleted));
            }
            at = match image.parent {
                Some(parent) if parents == Parents::Removed => self.image(&parent)?,
                _ => None,
            };
            soft = Soft { references: true, stopped: true };
            obstacles = Obstacles::Keep;
        }
        Ok(())
    }

    /// What stands in the way of deleting an image.
    fn obstacle(&mut self, id: &Digest, soft: Soft) -> Result<Option<Obstacle>> {
        if !self.children(id)?.is_empty() {
            let why = "image has dependent child images".to_owned();
            return Ok(Some(Obstacle { hard: true, used: false, why }));
        }
        let containers = self.containers()?;
        if let Some(container) = containers.iter().find(|c| c.image == *id && c.state.is_running()) {
            let why = format!("image is being used by running container {}", container.short_id());
            return Ok(Some(Obstacle { hard: true, used: true, why }));
        }
        if soft.references && !self.references_of(id)?.is_empty() {
            let why = "image is referenced in multiple repositories".to_owned();
            return Ok(Some(Obstacle { hard: false, used: false, why }));
        }
        if soft.stopped
            && let Some(container) = containers.iter().find(|c| c.image == *id)
        {
            let why = format!("image is being used by stopped container {}", container.short_id());
            return Ok(Some(Obstacle { hard: false, used: true, why }));
        }
        Ok(None)
    }
}

/// Whether the text is an id or the start of one, rather than a name (`isImageIDPrefix`).
fn is_id_start(id: &Digest, text: &str) -> bool {
    id.to_string().starts_with(text) || id.hex().starts_with(text)
}

/// Whether all names are of one repository, with one tag at most (`isSingleReference`); not for none at all.
fn is_single(references: &[Reference]) -> bool {
    let tags: Vec<&Reference> = references.iter().filter(|name| name.digest.is_none()).collect();
    let mut repositories: Vec<String> =
        references.iter().filter(|name| name.digest.is_some()).map(Reference::name).collect();
    repositories.sort();
    repositories.dedup();
    match (references.len(), tags.as_slice()) {
        (0, _) | (_, [_, _, ..]) => false,
        (1, _) => true,
        (_, [tag]) => repositories == [tag.name()],
        (_, []) => repositories.len() == 1,
    }
}
