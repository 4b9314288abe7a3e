//! Images as the engine finds, names and lists them; its store keeps them ([`Images`]).

use super::Engine;
use super::error::{Error, Result};
use super::stores::{Images, Overlay2, StoredImage};
use crate::oci::{ConfigDocument, Digest, ImageName, Reference, chain_ids};

/// An image in a list, with its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The image.
    pub image: StoredImage,
    /// `name:tag`, sorted.
    pub tags: Vec<Reference>,
    /// `name@digest`, sorted.
    pub digests: Vec<Reference>,
    /// Bytes of all its layers.
    pub size: u64,
}

impl Engine<'_> {
    /// The store that keeps the images.
    pub(super) fn image_store(&self) -> &'static dyn Images {
        &Overlay2
    }

    /// The image with this id.
    pub fn image(&mut self, id: &Digest) -> Result<Option<StoredImage>> {
        self.image_store().config(self, id)
    }

    /// All images, by id.
    pub fn images(&mut self) -> Result<Vec<StoredImage>> {
        self.image_store().list(self)
    }

    /// Stores an image's document. The same document twice is one image.
    pub(crate) fn image_create(
        &mut self,
        document: &ConfigDocument,
        parent: Option<&Digest>,
    ) -> Result<Digest> {
        let id = self.image_store().write(self, document)?;
        if let Some(parent) = parent {
            self.image_store().set_parent(self, &id, parent)?;
        }
        Ok(id)
    }

    /// The images made from this one.
    pub fn children(&mut self, id: &Digest) -> Result<Vec<Digest>> {
        self.image_store().children(self, Some(id))
    }

    /// All names with the ids that they stand for, sorted as text.
    pub fn references(&mut self) -> Result<Vec<(Reference, Digest)>> {
        self.image_store().names(self)
    }

    /// The names of one image, sorted as text.
    pub fn references_of(&mut self, id: &Digest) -> Result<Vec<Reference>> {
        let mut names = self.image_store().names_of(self, id)?;
        names.sort_by_key(ToString::to_string);
        Ok(names)
    }

    /// The id that a name stands for; with both tag and digest the digest counts.
    pub fn reference(&mut self, name: &Reference) -> Result<Option<Digest>> {
        let mut name = name.clone().or_latest();
        if name.digest.is_some() {
            name.tag = None;
        }
        self.image_store().named(self, &name)
    }

    /// Gives an image a name; another image loses it. Returns that other one.
    pub(crate) fn tag(&mut self, name: &Reference, id: &Digest) -> Result<Option<Digest>> {
        Ok(self.tag_all(&[(name.clone(), *id)])?.into_iter().flatten().next())
    }

    /// Gives images names, all at once; other images lose them. Returns those, a place a name.
    pub(crate) fn tag_all(&mut self, names: &[(Reference, Digest)]) -> Result<Vec<Option<Digest>>> {
        self.image_store().put(self, names)
    }

    /// Takes a name away.
    pub(crate) fn untag(&mut self, name: &Reference) -> Result<()> {
        self.image_store().delete(self, name)
    }

    /// The image that a person means: a name, an id or the start of an id (`ImageService.GetImage`).
    pub fn find_image(&mut self, text: &str) -> Result<StoredImage> {
        let name = ImageName::parse(text).map_err(|error| Error::Invalid(error.to_string()))?;
        let missing = match &name {
            ImageName::Id(id) => {
                return self.image(id)?.ok_or_else(|| Error::NotFound(format!("No such image: {id}")));
            }
            ImageName::Name(reference) => reference.clone().or_latest().familiar(),
        };
        if let ImageName::Name(reference) = &name
            && let Some(id) = self.reference(reference)?
            && let Some(image) = self.image(&id)?
        {
            return Ok(image);
        }
        if let Some(id) = self.image_store().resolve_id(self, text)?
            && let Some(image) = self.image(&id)?
        {
            return Ok(image);
        }
        Err(Error::NotFound(format!("No such image: {missing}")))
    }

    /// Bytes of all layers of an image; layers that are gone count nothing.
    pub fn image_size(&mut self, image: &StoredImage) -> Result<u64> {
        let mut size = 0;
        for chain in chain_ids(&image.config.rootfs.diff_ids) {
            size += self.chain_size(&chain)?.unwrap_or_default();
        }
        Ok(size)
    }

    /// All images with their names, newest first.
    pub fn image_summaries(&mut self) -> Result<Vec<Summary>> {
        let references = self.references()?;
        let mut list = Vec::new();
        for image in self.images()? {
            let names = || references.iter().filter(|(_, id)| *id == image.id).map(|(name, _)| name.clone());
            let mut tags: Vec<Reference> = names().filter(|name| name.tag.is_some()).collect();
            let mut digests: Vec<Reference> = names().filter(|name| name.digest.is_some()).collect();
            tags.sort_by_key(ToString::to_string);
            digests.sort_by_key(ToString::to_string);
            let size = self.image_size(&image)?;
            list.push(Summary { image, tags, digests, size });
        }
        list.sort_by_key(|entry| std::cmp::Reverse(entry.image.config.created_at()));
        Ok(list)
    }
}
