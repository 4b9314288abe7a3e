//! A container's ups and downs: mounted while it is up, its state in its document, its process in the world.

use super::Engine;
use super::containers::Container;
use super::create::UnnamedVolumes;
use super::error::{Error, Named as _, Result};
use super::host_config::HostConfig;
use crate::kernel::{ByteString, MountFlags, Task, fs, path};
use crate::oci::time;
use crate::program::proc::{self, Shown};
use crate::program::{Env, LogLine, Pid, Running};

/// Where the host has Docker's init, and where a container sees it (`daemon/oci_linux.go`).
const INIT_ON_HOST: &str = "/usr/bin/docker-init";
const INIT: &str = "/sbin/docker-init";

/// Where a container's processes run and as whom.
#[derive(Debug, Clone)]
pub struct Place {
    /// In the merged view, as the container's user.
    pub task: Task,
    /// Its environment.
    pub env: Env,
}

impl Engine<'_> {
    /// Mounts a container's view with everything that belongs in it, and returns its path.
    ///
    /// # Errors
    /// The disk's, or the mount's.
    pub fn mount_container(&mut self, container: &Container) -> Result<String> {
        let id = self.mount_id(&container.id)?;
        let was_up = self.is_mounted(&id)?;
        let root = self.layers().mount(self, &id)?;
        if was_up {
            return Ok(root);
        }
        let host = self.host_config(&container.id)?;
        self.mount_system(&root, &host)?;
        self.bind_all(container, &root, true)?;
        if host.init == Some(true) {
            self.bind_init(&root)?;
        }
        self.make_devices(&host, &root)?;
        self.guard_root(&host, &root)?;
        Ok(root)
    }

    /// Shows a container's own files and its volumes in its tree.
    pub(super) fn bind_all(&mut self, container: &Container, root: &str, with_tmpfs: bool) -> Result<()> {
        let writable = !self.host_config(&container.id)?.readonly_rootfs;
        let dir = self.network_files_of(container)?;
        for name in ["hostname", "hosts", "resolv.conf"] {
            let file = format!("{dir}/{name}");
            // There are none before the first start.
            if fs::exists(self.kernel, &Task::root(), file.as_bytes()) {
                // Over the empty file of the init layer: what is written here is never committed.
                self.bind(root, &file, &format!("/etc/{name}"), writable)?;
            }
        }
        self.mount_all(container, root, with_tmpfs)
    }

    /// Shows the host's `docker-init` in a container, where it is the first process (`--init`).
    fn bind_init(&mut self, root: &str) -> Result<()> {
        let host = Task::root();
        if !fs::exists(self.kernel, &host, INIT_ON_HOST.as_bytes()) {
            let dir = path::parent(INIT_ON_HOST.as_bytes());
            fs::mkdir_all(self.kernel, &host, dir, 0o755).named("mkdir", dir)?;
            let program = crate::hub::service_file("docker-init");
            fs::write(self.kernel, &host, INIT_ON_HOST.as_bytes(), &program, 0o755)
                .named("open", INIT_ON_HOST.as_bytes())?;
        }
        self.bind(root, INIT_ON_HOST, INIT, false)
    }

    /// What a container's first process is started with.
    ///
    /// # Errors
    /// The disk's.
    pub fn first_args(&mut self, container: &Container) -> Result<Vec<String>> {
        let init = self.host_config(&container.id)?.init == Some(true);
        let before: &[&str] = if init { &[INIT, "--"] } else { &[] };
        let own = std::iter::once(&container.path).chain(&container.args).cloned();
        Ok(before.iter().map(|word| (*word).to_owned()).chain(own).collect())
    }

    /// Shows a directory or file of the host at a place in a container; the place is made where it is missing, in the
    /// writable layer, as runc makes it.
    pub(super) fn bind(&mut self, root: &str, source: &str, destination: &str, writable: bool) -> Result<()> {
        let host = Task::root();
        let inside = host.chrooted(root);
        let is_dir = self.kernel.stat(&host, source.as_bytes()).named("stat", source.as_bytes())?.is_dir();
        if !fs::exists(self.kernel, &inside, destination.as_bytes()) {
            let dir = if is_dir { destination.as_bytes() } else { path::parent(destination.as_bytes()) };
            fs::mkdir_all(self.kernel, &inside, dir, 0o755).named("mkdir", dir)?;
            if !is_dir {
                fs::write(self.kernel, &inside, destination.as_bytes(), b"", 0o755)
                    .named("open", destination.as_bytes())?;
            }
        }
        let real = self.kernel.chdir(
            &inside,
            if is_dir { destination.as_bytes() } else { path::parent(destination.as_bytes()) },
        );
        let mut real = real.named("chdir", destination.as_bytes())?;
        if !is_dir {
            real = path::join(&real, path::file_name(destination.as_bytes()).unwrap_or_default());
        }
        let target = [root.as_bytes(), &real].concat();
        self.kernel
            .mount(&host, source.as_bytes(), &target, b"", MountFlags::BIND, b"")
            .named("mount", &target)?;
        if !writable {
            let flags = MountFlags::BIND | MountFlags::REMOUNT | MountFlags::RDONLY;
            self.kernel.mount(&host, b"", &target, b"", flags, b"").named("mount", &target)?;
        }
        Ok(())
    }

    /// Takes a container's view away, with what is mounted in it.
    ///
    /// # Errors
    /// The kernel's.
    pub fn unmount_container(&mut self, container: &str) -> Result<()> {
        let id = self.mount_id(container)?;
        let merged = self.graph_dirs(&id)?.merged;
        self.unmount_below(&merged)?;
        self.layers().unmount(self, &id)?;
        proc::mounts_changed(self.kernel, b"/").named("write", b"/proc")
    }

    /// Where the processes of a container whose view is mounted at `root` run. `user` is who they are, empty for the
    /// container's own user.
    ///
    /// # Errors
    /// A user or group that is not in the container's files.
    pub fn place(&mut self, container: &Container, root: &str, user: &str) -> Result<Place> {
        let user = if user.is_empty() { container.config.user.as_str() } else { user };
        let inside = Task::root().chrooted(root);
        let who = self.identity(&inside, user, Some(container))?;
        let host = self.host_config(&container.id)?;
        let mut task = inside.with_user(who.uid, who.gid).with_caps(super::verify::capabilities(&host)?);
        task.groups = who.groups;
        if !container.config.working_dir.is_empty() {
            task = task.at(path::normalize(container.config.working_dir.as_bytes()));
        }
        let mut env = Env::new();
        env.insert("PATH".into(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".into());
        env.insert("HOSTNAME".into(), container.config.hostname.as_str().into());
        if container.config.tty {
            env.insert("TERM".into(), "xterm".into());
        }
        for (key, value) in self.link_env(container)? {
            env.insert(key.into(), value.into());
        }
        let own = env.clone();
        for line in container.config.env.iter().flatten() {
            // A name alone takes the variable away.
            let Some((key, value)) = line.split_once('=') else {
                env.remove(line);
                continue;
            };
            // What Docker sets itself is replaced in its place; of others the last one counts, where it stands.
            if own.get(key).is_none() {
                env.remove(key);
            }
            env.insert(key.into(), value.into());
        }
        if env.get(b"HOME".as_slice()).is_none_or(|home| home.is_empty()) {
            env.insert("HOME".into(), who.home.into());
        }
        Ok(Place { task, env })
    }

    /// The container's process is up.
    ///
    /// # Errors
    /// The disk's.
    pub fn started(&mut self, container: &mut Container, pid: Pid) -> Result<()> {
        let now = self.now();
        container.state.running = true;
        container.state.paused = false;
        container.state.pid = pid;
        container.state.exit_code = 0;
        container.state.error = String::new();
        container.state.started_at = time::format(now);
        container.state.restarting = false;
        let check = container.config.healthcheck.as_ref().and_then(|check| check.test.as_ref());
        let checked = check.is_some_and(|words| words.len() > 1 && words[0] != "NONE");
        container.state.health = checked.then(super::Health::default);
        container.state.oom_killed = false;
        let host = self.host_config(&container.id)?;
        let in_memory = self.places_in_memory(container, &host)?;
        let limits = host.resources.ulimits.into_iter().flatten();
        let limits = limits.map(|limit| (limit.name, limit.soft, limit.hard)).collect();
        let running = Running {
            pid,
            since: now,
            paused: false,
            stopping: false,
            limits,
            pids: host.resources.pids_limit.and_then(|limit| u64::try_from(limit).ok()).unwrap_or_default(),
            memory: u64::try_from(host.resources.memory).unwrap_or_default(),
            in_memory,
            held: 0,
            out_of_memory: false,
            has_host_name: host.uts_mode == "host",
            stdin: None,
        };
        self.world.running.insert(container.id.clone(), running);
        self.show_process(container, pid)?;
        self.container_save(container)?;
        self.tell_container(container, "start", &[]);
        Ok(())
    }

    /// The file systems in memory that count as a container's, where its memory is limited.
    pub(super) fn places_in_memory(
        &mut self,
        container: &Container,
        host: &HostConfig,
    ) -> Result<Vec<ByteString>> {
        if host.resources.memory <= 0 {
            return Ok(Vec::new());
        }
        let root = self.merged_of(&container.id)?;
        let places = std::iter::once("/dev/shm").chain(host.tmpfs.keys().map(String::as_str));
        Ok(places.map(|place| format!("{root}{place}").as_str().into()).collect())
    }

    /// Shows a container's process in its own `/proc`, where it is the first, and in the host's.
    fn show_process(&mut self, container: &Container, pid: u32) -> Result<()> {
        let id = self.mount_id(&container.id)?;
        let root = self.graph_dirs(&id)?.merged;
        let task = self.place(container, &root, "")?.task;
        let args = self.first_args(container)?;
        let number = self.world.tasks.get(pid).map_or(1, |row| row.inner);
        let inside = Shown {
            pid: number,
            parent: 0,
            args: args.iter().map(|arg| arg.as_str().into()).collect(),
            task,
            state: 'S',
            cgroup: "/".to_owned(),
        };
        proc::add(self.kernel, root.as_bytes(), &inside).named("write", b"/proc")?;
        let outside = Shown { pid, parent: 1, cgroup: format!("/docker/{}", container.id), ..inside };
        proc::add(self.kernel, b"/", &outside).named("write", b"/proc")
    }

    /// The container's process has ended. With `--rm` the container goes too.
    ///
    /// # Errors
    /// The disk's.
    pub fn exited(&mut self, id: &str, status: u8) -> Result<()> {
        let Some(mut container) = self.container(id)? else { return Ok(()) };
        if let Some(running) = self.world.running.remove(id) {
            container.state.oom_killed = running.out_of_memory;
            if running.out_of_memory {
                self.tell_container(&container, "oom", &[]);
            }
            proc::remove(self.kernel, b"/", running.pid).named("write", b"/proc")?;
        }
        container.state.running = false;
        container.state.paused = false;
        container.state.pid = 0;
        container.state.exit_code = status;
        container.state.finished_at = self.now_text();
        // Whose checks have stopped is no longer healthy (transcript docker-health-good).
        if let Some(health) = &mut container.state.health {
            "unhealthy".clone_into(&mut health.status);
        }
        self.tell_container(&container, "die", &[("exitCode", &status.to_string())]);
        self.tell_networks("disconnect", &container)?;
        container.network_settings.leave();
        self.container_save(&container)?;
        self.unmount_container(id)?;
        self.volumes_unmount(&container)?;
        for point in container.mount_points.values().filter(|point| point.kind == "volume") {
            self.tell_volume("unmount", &point.name, &[("container", id)]);
        }
        if self.host_config(id)?.auto_remove {
            self.remove_container(&container, UnnamedVolumes::Removed)?;
        }
        Ok(())
    }

    /// The container's process has ended, and its policy starts it again soon.
    ///
    /// # Errors
    /// The disk's.
    pub fn restarting(&mut self, container: &mut Container) -> Result<()> {
        container.state.restarting = true;
        self.container_save(container)
    }

    /// The container is not started again after all.
    ///
    /// # Errors
    /// The disk's.
    pub fn stopped_restarting(&mut self, id: &str) -> Result<()> {
        let Some(mut container) = self.container(id)? else { return Ok(()) };
        container.state.restarting = false;
        self.container_save(&container)
    }

    /// The container's process could not be started.
    ///
    /// # Errors
    /// The disk's.
    pub fn failed_to_start(&mut self, container: &mut Container, status: u8, why: &str) -> Result<()> {
        self.world.running.remove(&container.id);
        self.tell_networks("disconnect", container)?;
        container.state = super::ContainerState {
            exit_code: status,
            error: why.to_owned(),
            ..super::ContainerState::default()
        };
        container.network_settings.leave();
        self.container_save(container)?;
        self.unmount_container(&container.id)?;
        if self.host_config(&container.id)?.auto_remove {
            self.remove_container(container, UnnamedVolumes::Removed)?;
        }
        Ok(())
    }

    /// Holds a container's processes, or lets them go on.
    ///
    /// # Errors
    /// It is not up, or is so already (oracle: pause, unpause).
    pub fn set_paused(&mut self, container: &mut Container, paused: bool) -> Result<()> {
        let name = container.id.clone();
        if !container.state.running && paused {
            return Err(Error::Conflict(container.why_not_up()));
        }
        match (paused, container.state.paused) {
            (true, true) => return Err(Error::Conflict(format!("Container {name} is already paused"))),
            (false, false) => return Err(Error::Conflict(format!("Container {name} is not paused"))),
            _ => {}
        }
        container.state.paused = paused;
        if let Some(running) = self.world.running.get_mut(&container.id) {
            running.paused = paused;
        }
        self.world.tasks.set_paused(&container.id, paused);
        self.container_save(container)?;
        self.tell_container(container, if paused { "pause" } else { "unpause" }, &[]);
        Ok(())
    }

    /// Whether a started container's `-json.log` has lines, and which: stream and text, in order.
    ///
    /// # Errors
    /// The disk's.
    pub fn log(&mut self, container: &Container) -> Result<Vec<LogLine>> {
        let Some(text) = self.read_optional(&container.log_path)? else { return Ok(Vec::new()) };
        Ok(text.lines().filter_map(|line| serde_json::from_slice(line.as_bytes()).ok()).collect())
    }

    /// Adds what a container's process has written to its log.
    ///
    /// # Errors
    /// None that its caller could do anything about: what cannot be written is lost, as on a full disk.
    pub fn log_append(
        &mut self,
        container: &Container,
        pieces: &[(crate::program::Stream, Vec<u8>)],
    ) -> Result<()> {
        let now = crate::program::from_timespec(self.now());
        for (stream, bytes) in pieces {
            // Who is attached sees the container's own streams alone.
            self.world.logs.write(self.kernel, now, (&container.id, *stream), bytes);
        }
        Ok(())
    }
}
