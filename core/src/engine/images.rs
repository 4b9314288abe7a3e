//! The image store: configurations by id, names, parents (`image/store.go`, `reference/store.go`; oracle:
//! image-db-repositories, images-*, history-*).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use super::{Engine, layout};
use crate::kernel::Timespec;
use crate::oci::{ConfigDocument, Digest, ImageConfig, ImageName, Limits, Reference, chain_ids, time};

/// An image with its id and its original document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The id.
    pub id: Digest,
    /// The document, byte for byte.
    pub bytes: Vec<u8>,
    /// What it says.
    pub config: ImageConfig,
    /// The image that it was made from here, if any.
    pub parent: Option<Digest>,
    /// When it was tagged last.
    pub last_tagged: Option<Timespec>,
}

impl Image {
    /// The chain id of its topmost layer, if it has layers.
    pub fn chain_id(&self) -> Option<Digest> {
        chain_ids(&self.config.rootfs.diff_ids).last().copied()
    }
}

/// An image in a list, with its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The image.
    pub image: Image,
    /// `name:tag`, sorted.
    pub tags: Vec<Reference>,
    /// `name@digest`, sorted.
    pub digests: Vec<Reference>,
    /// Bytes of all its layers.
    pub size: u64,
}

/// `repositories.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Repositories {
    repositories: BTreeMap<String, BTreeMap<String, Digest>>,
}

impl Engine<'_> {
    /// The image with this id.
    pub fn image(&mut self, id: &Digest) -> Result<Option<Image>> {
        let Some(bytes) = self.read_bytes(&layout::image(id))? else { return Ok(None) };
        let document = ConfigDocument::parse_docker(&bytes, Limits::default().json).map_err(Error::Failed)?;
        let metadata = layout::image_metadata(id);
        let parent = self.read_optional(&format!("{metadata}/parent"))?;
        let tagged = self.read_optional(&format!("{metadata}/lastUpdated"))?;
        Ok(Some(Image {
            id: *id,
            bytes: document.bytes,
            config: document.config,
            parent: parent.and_then(|text| Digest::parse(text.trim()).ok()),
            last_tagged: tagged.and_then(|text| time::parse(text.trim())),
        }))
    }

    /// All images, by id.
    pub fn images(&mut self) -> Result<Vec<Image>> {
        let mut images = Vec::new();
        for name in self.names(&format!("{}/imagedb/content/sha256", layout::IMAGE))? {
            if let Ok(id) = Digest::from_hex(&name)
                && let Some(image) = self.image(&id)?
            {
                images.push(image);
            }
        }
        Ok(images)
    }

    /// Stores an image's document. The same document twice is one image.
    pub(crate) fn image_create(
        &mut self,
        document: &ConfigDocument,
        parent: Option<&Digest>,
    ) -> Result<Digest> {
        self.write_atomic(&layout::image(&document.id), &document.bytes, 0o600)?;
        if let Some(parent) = parent {
            self.image_set_parent(&document.id, parent)?;
        }
        Ok(document.id)
    }

    /// Says which image one was made from.
    pub(super) fn image_set_parent(&mut self, id: &Digest, parent: &Digest) -> Result<()> {
        let dir = layout::image_metadata(id);
        self.make_dir(&dir, 0o700)?;
        self.write_atomic(&format!("{dir}/parent"), parent.to_string().as_bytes(), 0o600)
    }

    /// The images made from this one.
    pub fn children(&mut self, id: &Digest) -> Result<Vec<Digest>> {
        let images = self.images()?;
        Ok(images.iter().filter(|image| image.parent.as_ref() == Some(id)).map(|image| image.id).collect())
    }

    /// All names with the ids that they stand for, sorted as text.
    pub fn references(&mut self) -> Result<Vec<(Reference, Digest)>> {
        let file: Repositories = self.read_json(&layout::repositories())?.unwrap_or_default();
        let names = file.repositories.into_values().flatten();
        Ok(names.filter_map(|(name, id)| Some((Reference::parse(&name).ok()?, id))).collect())
    }

    /// The names of one image, sorted as text.
    pub fn references_of(&mut self, id: &Digest) -> Result<Vec<Reference>> {
        let mut names: Vec<Reference> =
            self.references()?.into_iter().filter(|(_, of)| of == id).map(|(name, _)| name).collect();
        names.sort_by_key(ToString::to_string);
        Ok(names)
    }

    /// The id that a name stands for; with both tag and digest the digest counts.
    pub fn reference(&mut self, name: &Reference) -> Result<Option<Digest>> {
        let mut name = name.clone().or_latest();
        if name.digest.is_some() {
            name.tag = None;
        }
        Ok(self.references()?.into_iter().find(|(known, _)| *known == name).map(|(_, id)| id))
    }

    /// Gives an image a name; another image loses it. Returns that other one.
    pub(crate) fn tag(&mut self, name: &Reference, id: &Digest) -> Result<Option<Digest>> {
        let mut file: Repositories = self.read_json(&layout::repositories())?.unwrap_or_default();
        let names = file.repositories.entry(name.familiar_name()).or_default();
        let before = names.insert(name.familiar(), *id);
        self.write_json(&layout::repositories(), &file, 0o600)?;
        if name.tag.is_some() {
            let now = self.now_text();
            let dir = layout::image_metadata(id);
            self.make_dir(&dir, 0o700)?;
            self.write_atomic(&format!("{dir}/lastUpdated"), now.as_bytes(), 0o600)?;
        }
        Ok(before.filter(|before| before != id))
    }

    /// Takes a name away.
    pub(crate) fn untag(&mut self, name: &Reference) -> Result<()> {
        let mut file: Repositories = self.read_json(&layout::repositories())?.unwrap_or_default();
        let repository = name.familiar_name();
        if let Some(names) = file.repositories.get_mut(&repository) {
            names.remove(&name.familiar());
            if names.is_empty() {
                file.repositories.remove(&repository);
            }
        }
        self.write_json(&layout::repositories(), &file, 0o600)
    }

    /// The image that a person means: a name, an id or the start of an id (`ImageService.GetImage`).
    pub fn find_image(&mut self, text: &str) -> Result<Image> {
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
        if let Some(id) = self.search_image(text)?
            && let Some(image) = self.image(&id)?
        {
            return Ok(image);
        }
        Err(Error::NotFound(format!("No such image: {missing}")))
    }

    /// The one image whose id starts so; with or without `sha256:`.
    pub(super) fn search_image(&mut self, text: &str) -> Result<Option<Digest>> {
        let start = text.strip_prefix("sha256:").unwrap_or(text);
        if start.is_empty() || !start.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let names = self.names(&format!("{}/imagedb/content/sha256", layout::IMAGE))?;
        let mut found = names.iter().filter(|name| name.starts_with(start));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(Digest::from_hex(one).ok()),
            _ => Ok(None),
        }
    }

    /// Bytes of all layers of an image; layers that are gone count nothing.
    pub fn image_size(&mut self, image: &Image) -> Result<u64> {
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
