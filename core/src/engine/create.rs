//! Making, renaming and removing containers (`daemon/create.go`, `daemon/delete.go`, `daemon/commit.go` for the merge
//! of configurations).

use std::collections::BTreeMap;

use super::containers::{Container, ContainerState};
use super::endpoints::NetworkSettings;
use super::error::{Error, Named as _, Result};
use super::stores::StoredImage;
use super::{Engine, HostConfig, layout, names, verify};
use crate::kernel::{Errno, Task, Timespec, fs};
use crate::oci::config::ContainerConfig;
use crate::oci::time;

/// What is wanted of a new container.
#[derive(Debug, Clone)]
pub struct CreateSpec {
    /// Its name; one is made up where there is none.
    pub name: Option<String>,
    /// Its image.
    pub image: StoredImage,
    /// What the caller says of how it runs; the image's configuration fills the gaps.
    pub config: ContainerConfig,
    /// How it meets its host.
    pub host: HostConfig,
    /// Its networks.
    pub networks: NetworkSettings,
}

impl Engine<'_> {
    /// Makes a container, its writable layer and its volumes, and returns it with the daemon's warnings. What is wrong is
    /// found in Docker's order.
    ///
    /// # Errors
    /// Settings that cannot be, a bad or taken name, nothing to run, or the disk's.
    pub fn create(&mut self, spec: CreateSpec) -> Result<(Container, Vec<String>)> {
        let (mut config, mut host) = (spec.config, spec.host);
        verify::check_config(&mut config)?;
        let warnings = self.check_host(&mut host)?;
        self.adapt_host(&mut host)?;
        if let Some(from) = &spec.image.config.config {
            merge(&mut config, from);
        }
        // `--entrypoint ''` is no program, and hides the image's.
        if config.entrypoint.as_ref().is_some_and(|words| words == &[""]) {
            config.entrypoint = None;
        }
        let argv: Vec<String> = config.entrypoint.iter().chain(&config.cmd).flatten().cloned().collect();
        let Some((path, args)) = argv.split_first() else {
            return Err(Error::Invalid("No command specified".to_owned()));
        };
        self.default_log(&mut host);
        verify::check_log(&host)?;
        if let Some(name) = &spec.name {
            let name = name.strip_prefix('/').unwrap_or(name);
            names::check(name)?;
            self.check_name_is_free(name)?;
        }
        self.check_networks(&mut host, &mut config, &spec.networks)?;
        verify::check_security(&host)?;
        let id = self.fresh_id();
        let name = match &spec.name {
            Some(name) => name.strip_prefix('/').unwrap_or(name).to_owned(),
            None => self.generate_name(&id)?,
        };
        if config.hostname.is_empty() {
            id[..12].clone_into(&mut config.hostname);
        }
        let created = self.next_moment()?;
        let mut container = Container {
            state: ContainerState::default(),
            created,
            path: path.clone(),
            args: args.to_vec(),
            image: spec.image.id,
            log_path: format!("{}/{id}-json.log", layout::container(&id)),
            name: format!("/{name}"),
            driver: "overlay2".to_owned(),
            os: "linux".to_owned(),
            restart_count: 0,
            mount_points: BTreeMap::new(),
            network_settings: spec.networks,
            config,
            id,
        };
        let made = self.create_on_disk(&mut container, &host, spec.image.chain_id().as_ref());
        if made.is_err() {
            // The first error is the one to tell.
            let id = &container.id;
            let _ = self
                .layers()
                .remove_container(self, id)
                .and_then(|()| self.remove(&layout::container(id)))
                .and_then(|()| self.remove_volumes_of(&container));
        }
        self.world.newest = made.is_ok().then(|| container.id.clone()).or(self.world.newest.take());
        if made.is_ok() {
            self.tell_container(&container, "create", &[]);
        }
        made.map(|()| (container, warnings))
    }

    /// The time, later than that of any container there is: where a clock stands still, the order of their making shows.
    fn next_moment(&mut self) -> Result<String> {
        let now = self.now();
        let last = match self.world.held.made {
            Some(last) => Some(last),
            None => self.containers()?.first().and_then(|newest| time::parse(&newest.created)),
        };
        let moment = match last {
            Some(last) if last >= now => Timespec { sec: last.sec, nsec: last.nsec + 1 },
            _ => now,
        };
        self.world.held.made = Some(moment);
        Ok(time::format(moment))
    }

    fn create_on_disk(
        &mut self,
        container: &mut Container,
        host: &HostConfig,
        chain: Option<&crate::oci::Digest>,
    ) -> Result<()> {
        self.layers().prepare_container(self, &container.id, chain)?;
        let dir = layout::container(&container.id);
        self.make_dir(&dir, 0o710)?;
        self.make_dir(&format!("{dir}/checkpoints"), 0o700)?;
        self.write_json(&format!("{dir}/hostconfig.json"), host, 0o644)?;
        container.mount_points = self.mount_points(host)?;
        let id = self.mount_id(&container.id)?;
        let root = self.layers().mount(self, &id)?;
        let made =
            self.make_working_dir(container, &root).and_then(|()| self.own_volumes(container, host, &root));
        self.layers().unmount(self, &id)?;
        made?;
        self.container_save(container)
    }

    /// Makes a container's working directory in its tree.
    fn make_working_dir(&mut self, container: &Container, root: &str) -> Result<()> {
        let path = container.config.working_dir.as_bytes();
        if path.is_empty() {
            return Ok(());
        }
        let task = Task::root().chrooted(root);
        match fs::mkdir_all(self.kernel, &task, path, 0o755) {
            Err(Errno::EEXIST | Errno::ENOTDIR) => Err(Error::Failed(format!(
                "Cannot mkdir: {} is not a directory",
                container.config.working_dir
            ))),
            made => made.named("mkdir", path),
        }
    }

    fn check_name_is_free(&mut self, name: &str) -> Result<()> {
        let wanted = format!("/{name}");
        match self.container_named(name)? {
            None => Ok(()),
            Some(other) => Err(Error::Conflict(format!(
                "Conflict. The container name \"{wanted}\" is already in use by container \"{}\". You have to remove \
                 (or rename) that container to be able to reuse that name.",
                other.id
            ))),
        }
    }

    /// Gives a container another name.
    ///
    /// # Errors
    /// A bad or taken name, or the same one.
    pub fn rename(&mut self, old: &str, new: &str) -> Result<()> {
        if old.is_empty() || new.is_empty() {
            return Err(Error::Invalid("Neither old nor new names may be empty".to_owned()));
        }
        let new = new.strip_prefix('/').unwrap_or(new);
        let mut container = self.find_container(old)?;
        if container.plain_name() == new {
            return Err(Error::Invalid(
                "Renaming a container with the same name as its current name".to_owned(),
            ));
        }
        names::check(new).and_then(|()| self.check_name_is_free(new)).map_err(|error| match error {
            Error::Call { .. } => error,
            // The daemon has put the slash before the name already.
            other => {
                let why = other.to_string().replacen(
                    &format!("container name ({new})"),
                    &format!("container name (/{new})"),
                    1,
                );
                Error::Failed(format!("Error when allocating new name: {why}"))
            }
        })?;
        let before = std::mem::replace(&mut container.name, format!("/{new}"));
        self.container_save(&container)?;
        self.tell_container(&container, "rename", &[("oldName", &before)]);
        Ok(())
    }

    /// Removes a container that is not up.
    ///
    /// # Errors
    /// It is up (oracle: rm-running, rm-paused), or the disk's.
    pub fn remove_container(&mut self, container: &Container, volumes: UnnamedVolumes) -> Result<()> {
        if container.state.paused {
            return Err(Error::Conflict(format!(
                "You cannot remove a paused container {}. Unpause and then stop the container before attempting \
                 removal or force remove",
                container.id
            )));
        }
        if container.state.is_running() {
            let state = container.state.status();
            return Err(Error::Conflict(format!(
                "You cannot remove a {state} container {}. Stop the container before attempting removal or force \
                 remove",
                container.id
            )));
        }
        self.layers().remove_container(self, &container.id)?;
        self.forget_name(&container.id)?;
        self.remove(&layout::container(&container.id))?;
        if volumes == UnnamedVolumes::Removed {
            self.remove_volumes_of(container)?;
        }
        self.tell_container(container, "destroy", &[]);
        Ok(())
    }
}

/// What becomes of a container's volumes that nobody named, when it is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnnamedVolumes {
    /// They stay.
    Kept,
    /// They go with it (`docker rm -v`).
    Removed,
}

/// Fills the gaps of a container's configuration from its image's (`daemon/commit.go`, `merge`).
pub(super) fn merge(config: &mut ContainerConfig, from: &ContainerConfig) {
    let is_empty = |list: &Option<Vec<String>>| list.as_ref().is_none_or(Vec::is_empty);
    if config.user.is_empty() {
        config.user.clone_from(&from.user);
    }
    for port in from.exposed_ports.iter().flat_map(|set| &set.0) {
        config.exposed_ports.get_or_insert_default().0.insert(port.clone());
    }
    if is_empty(&config.env) {
        config.env.clone_from(&from.env);
    } else if let Some(env) = &mut config.env {
        for line in from.env.iter().flatten() {
            let key = line.split('=').next();
            if !env.iter().any(|own| own.split('=').next() == key) {
                env.push(line.clone());
            }
        }
    }
    let labels = config.labels.get_or_insert_default();
    for (key, value) in from.labels.iter().flatten() {
        labels.entry(key.clone()).or_insert_with(|| value.clone());
    }
    if is_empty(&config.entrypoint) {
        if is_empty(&config.cmd) {
            config.cmd.clone_from(&from.cmd);
            config.args_escaped = from.args_escaped;
        }
        if config.entrypoint.is_none() {
            config.entrypoint.clone_from(&from.entrypoint);
        }
    }
    if config.healthcheck.is_none() {
        config.healthcheck.clone_from(&from.healthcheck);
    }
    if config.working_dir.is_empty() {
        config.working_dir.clone_from(&from.working_dir);
    }
    for volume in from.volumes.iter().flat_map(|set| &set.0) {
        config.volumes.get_or_insert_default().0.insert(volume.clone());
    }
    if config.stop_signal.is_empty() {
        config.stop_signal.clone_from(&from.stop_signal);
    }
}
