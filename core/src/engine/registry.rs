//! Which name is which container's: the daemon keeps it in memory (`pkg/registrar`, `Daemon.containersReplica`) and reads it
//! from the disk when it starts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::Result;
use super::{Container, Engine, layout};

/// Names without their slash, to full ids.
pub type Registry = BTreeMap<String, String>;

impl Engine<'_> {
    /// The names of all containers, with their ids.
    ///
    /// # Errors
    /// The disk's, when the names are read for the first time.
    pub fn registry(&mut self) -> Result<Arc<Registry>> {
        if let Some(known) = &self.world.registry {
            return Ok(Arc::clone(known));
        }
        let mut names = Registry::new();
        for id in self.names(layout::CONTAINERS)? {
            if let Some(container) = self.container(&id)? {
                names.insert(container.plain_name().to_owned(), id);
            }
        }
        Ok(Arc::clone(self.world.registry.insert(Arc::new(names))))
    }

    /// The container of this name.
    pub(super) fn container_named(&mut self, name: &str) -> Result<Option<Container>> {
        match self.registry()?.get(name) {
            // Its files may be gone all the same: they are files of the lab.
            Some(id) => Ok(self.container(id)?.filter(|container| container.plain_name() == name)),
            None => Ok(None),
        }
    }

    /// Gives a container its name; it loses the one it had.
    pub(super) fn register_name(&mut self, container: &Container) -> Result<()> {
        let name = container.plain_name();
        if self.registry()?.get(name) == Some(&container.id) {
            return Ok(());
        }
        self.forget_name(&container.id)?;
        let mut names = self.registry()?;
        Arc::make_mut(&mut names).insert(name.to_owned(), container.id.clone());
        self.world.registry = Some(names);
        Ok(())
    }

    /// Takes a container's name away.
    pub(super) fn forget_name(&mut self, id: &str) -> Result<()> {
        let mut names = self.registry()?;
        if names.values().any(|other| other == id) {
            self.world.registry = None;
            Arc::make_mut(&mut names).retain(|_, other| other != id);
            self.world.registry = Some(names);
        }
        Ok(())
    }
}
