//! The daemon's events (moby 20.10's `daemon/events.go`): who is told of, and with which attributes.

use std::collections::BTreeMap;

use super::{Container, Engine};
use crate::oci::{Digest, Reference};

fn pairs(list: &[(&str, &str)]) -> BTreeMap<String, String> {
    list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

impl Engine<'_> {
    /// Tells of something that happened to a container: with its labels, its image and its name.
    pub fn tell_container(&mut self, container: &Container, action: &str, more: &[(&str, &str)]) {
        let mut attributes: BTreeMap<String, String> = container
            .config
            .labels
            .iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        attributes.insert("image".to_owned(), container.config.image.clone());
        attributes.insert("name".to_owned(), container.plain_name().to_owned());
        attributes.extend(pairs(more));
        self.world.tell("container", action, &container.id, attributes);
    }

    /// Tells of something that happened to an image, by its id, under this name.
    pub fn tell_image(&mut self, action: &str, id: &Digest, name: &str) {
        // The document of one that is gone has no labels to tell.
        let labels = self.image(id).ok().flatten().and_then(|image| image.config.config?.labels);
        let mut attributes: BTreeMap<String, String> = labels.into_iter().flatten().collect();
        attributes.insert("name".to_owned(), name.to_owned());
        self.world.tell("image", action, &id.to_string(), attributes);
    }

    /// Tells that an image was pulled or pushed, by its whole name.
    pub fn tell_transfer(&mut self, action: &str, name: &Reference) {
        let repository = Reference { tag: None, digest: None, ..name.clone() }.familiar();
        self.world.tell("image", action, &name.familiar(), pairs(&[("name", &repository)]));
    }

    /// Tells of something that happened to a volume.
    pub fn tell_volume(&mut self, action: &str, name: &str, more: &[(&str, &str)]) {
        let mut attributes = pairs(more);
        attributes.insert("driver".to_owned(), "local".to_owned());
        self.world.tell("volume", action, name, attributes);
    }

    /// Tells of something that happened to a network: its id, its name, its driver.
    pub(super) fn tell_network(
        &mut self,
        action: &str,
        network: (&str, &str, &str),
        container: Option<&str>,
    ) {
        let (id, name, driver) = network;
        let mut attributes = pairs(&[("name", name), ("type", driver)]);
        if let Some(container) = container {
            attributes.insert("container".to_owned(), container.to_owned());
        }
        self.world.tell("network", action, id, attributes);
    }

    /// Tells that things of a kind were cleared away, and how many bytes came free.
    pub fn tell_prune(&mut self, kind: &str, reclaimed: u64) {
        self.world.tell(kind, "prune", "", pairs(&[("reclaimed", &reclaimed.to_string())]));
    }
}
