//! Which name is which container's: the daemon keeps it in memory (`pkg/registrar`, `Daemon.containersReplica`) and reads it
//! from the disk when it starts.

use super::error::Result;
use super::{Container, Engine, layout};
use crate::program::ContainerNames as Registry;

impl Engine<'_> {
    /// The names of all containers, with their ids.
    ///
    /// # Errors
    /// The disk's, when the names are read for the first time.
    pub fn registry(&mut self) -> Result<Registry> {
        if let Some(known) = &self.world.registry {
            return Ok(known.clone());
        }
        let mut names = Registry::default();
        for id in self.names(layout::CONTAINERS)? {
            if let Some(container) = self.container(&id)? {
                names.insert(container.plain_name(), &id);
            }
        }
        Ok(self.world.registry.insert(names).clone())
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
        let mut names = self.registry()?;
        if names.get(name) != Some(&container.id) {
            names.insert(name, &container.id);
            self.world.registry = Some(names);
        }
        Ok(())
    }

    /// Takes a container's name away.
    pub(super) fn forget_name(&mut self, id: &str) -> Result<()> {
        let mut names = self.registry()?;
        names.remove(id);
        self.world.registry = Some(names);
        Ok(())
    }
}
