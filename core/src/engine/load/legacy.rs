//! Archives of before Docker 1.10: a directory an image, with `json` and `layer.tar`, and `repositories` for the names
//! (`image/tarexport/load.go`, `legacyLoad`). Each image becomes one of today's kind ([`v1`]).

use std::collections::BTreeMap;

use super::fault::{Fault, open, place};
use super::plan::{check_os, read};
use super::{Loaded, check_history};
use crate::engine::Engine;
use crate::oci::archive::Index;
use crate::oci::blob::{FdBlob, KernelBlob};
use crate::oci::v1::{self, Head, REPOSITORIES};
use crate::oci::{ConfigDocument, Digest, Limits, Reference};

/// The images of an archive, as far as they are loaded.
#[derive(Default)]
struct Made {
    /// By the name of their directory: the image, and the top of its layers.
    images: BTreeMap<String, (ConfigDocument, Digest)>,
    /// Bytes of their documents, each of which holds the history of those below.
    bytes: usize,
}

impl Engine<'_> {
    /// Loads all images of such an archive, then gives them their names. Images that came before a fault stay, without any.
    pub(super) fn load_legacy(
        &mut self,
        index: &Index,
        blob: FdBlob,
        limits: Limits,
        lines: &mut Vec<Loaded>,
    ) -> Result<(), Fault> {
        let mut made = Made::default();
        for dir in index.top_dirs() {
            // From the image to its lowest ancestor, then back: each needs its parent first.
            let mut line: Vec<(String, Vec<u8>, Head)> = Vec::new();
            let mut at = Some(dir.to_owned());
            while let Some(id) = at.filter(|id| !made.images.contains_key(id)) {
                if line.iter().any(|(other, ..)| *other == id) {
                    return Err(Fault::say(format!("image {id} is its own ancestor")));
                }
                if line.len() >= limits.layers {
                    return Err(Fault::say(format!("{dir}: more than {} layers", limits.layers)));
                }
                let (bytes, head) = self.legacy_head(index, blob, &id, limits)?;
                at = Some(head.parent.clone()).filter(|parent| !parent.is_empty());
                line.push((id, bytes, head));
            }
            while let Some((id, bytes, head)) = line.pop() {
                self.legacy_image(index, blob, (&id, &bytes), &head.parent, &mut made, limits)?;
            }
        }
        let mut source = KernelBlob::new(&mut *self.kernel, blob);
        let bytes = read(&mut source, open(index, &place(index, REPOSITORIES)?)?, REPOSITORIES, limits)?;
        let mut names = Vec::new();
        let mut add = |name: &str, tag: &str, id: &str| {
            let Some((config, _)) = made.images.get(id) else {
                return Err(Fault::say(format!("invalid target ID: {id}")));
            };
            let failed = |error: crate::oci::ReferenceError| Fault::say(error.to_string());
            let name = Reference::parse(name).map_err(failed)?.with_tag(tag).map_err(failed)?;
            names.push((name, config.id));
            Ok(())
        };
        let repositories = v1::repositories(&bytes, limits.json).map_err(Fault::say)?;
        let result = repositories.into_iter().try_for_each(|(name, tags)| {
            tags.unwrap_or_default().iter().try_for_each(|(tag, id)| add(&name, tag, id))
        });
        // What came before the first that is no good has its name.
        self.name(&names, false, lines)?;
        result
    }

    fn legacy_head(
        &mut self,
        index: &Index,
        blob: FdBlob,
        id: &str,
        limits: Limits,
    ) -> Result<(Vec<u8>, Head), Fault> {
        let file = place(index, &format!("{id}/json"))?;
        let bytes = read(&mut KernelBlob::new(&mut *self.kernel, blob), open(index, &file)?, &file, limits)?;
        let head = Head::read(&bytes, limits.json).map_err(Fault::say)?;
        check_os(&head.os)?;
        Ok((bytes, head))
    }

    fn legacy_image(
        &mut self,
        index: &Index,
        blob: FdBlob,
        (id, bytes): (&str, &[u8]),
        parent: &str,
        made: &mut Made,
        limits: Limits,
    ) -> Result<(), Fault> {
        let below = made.images.get(parent);
        let stored = open(index, &place(index, &format!("{id}/layer.tar"))?)?;
        let (diff_id, chain) = self.register_blob(blob, stored, below.map(|(_, chain)| chain))?;
        let config = v1::modern(bytes, below.map(|(below, _)| &below.config), diff_id, limits.json)
            .map_err(Fault::say)
            .and_then(|config| check_history(&config).map(|()| config).map_err(Fault::from));
        let config = match config {
            Ok(config) if made.bytes + config.bytes.len() <= limits.json => config,
            other => {
                self.give_back(&[chain])?;
                let many = Fault::say(format!("more than {} bytes of documents", limits.json));
                return Err(other.err().unwrap_or(many));
            }
        };
        let parent = below.map(|(below, _)| below.id);
        self.image_create(&config, parent.as_ref())?;
        made.bytes += config.bytes.len();
        made.images.insert(id.to_owned(), (config, chain));
        Ok(())
    }
}
