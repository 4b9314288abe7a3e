//! Named volumes: directories below `/var/lib/docker/volumes` that outlive containers (moby 20.10's `volume/local`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::{Error, Named as _, Result};
use super::{Container, Engine, layout};
use crate::kernel::{Errno, MountFlags, Task, UmountFlags, fs};

/// What is kept of a volume beside its directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Details {
    /// Its driver; empty for `local`, the only one.
    pub driver: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What the driver is told: `type`, `device` and `o`, as mount(8) takes them.
    pub options: BTreeMap<String, String>,
    /// `docker volume create` made it, which says of labels and options that there are none; what makes a volume for a
    /// container says nothing (recorded on 20.10.24: `{}` and `null` in `docker volume inspect`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_command: bool,
}

/// The options of the driver `local`, and what each wants beside itself.
const OPTIONS: [(&str, &[&str]); 3] =
    [("device", &["type"]), ("o", &["device", "type"]), ("type", &["device"])];

fn dir(name: &str) -> String {
    format!("{}/{name}", layout::VOLUMES)
}

fn check(name: &str, details: &Details) -> std::result::Result<(), String> {
    if !matches!(details.driver.as_str(), "" | "local") {
        let driver = &details.driver;
        return Err(format!("error looking up volume plugin {driver}: plugin \"{driver}\" not found"));
    }
    if name.len() < 2 {
        return Err(
            "volume name is too short, names should be at least two alphanumeric characters".to_owned()
        );
    }
    let mut bytes = name.bytes();
    let good = bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    if !good {
        return Err(format!(
            "\"{name}\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are \
             allowed. If you intended to pass a host directory, use absolute path"
        ));
    }
    let known = |key: &str| OPTIONS.iter().any(|(name, _)| *name == key);
    if let Some(key) = details.options.keys().find(|key| !known(key)) {
        return Err(format!("invalid option: \"{key}\""));
    }
    for (_, wanted) in OPTIONS.iter().filter(|(name, _)| details.options.contains_key(*name)) {
        if let Some(missing) = wanted.iter().find(|wanted| !details.options.contains_key(**wanted)) {
            return Err(format!("missing required option: \"{missing}\""));
        }
    }
    Ok(())
}

impl Engine<'_> {
    /// Makes a volume and returns its directory; one that is there stays as it is.
    ///
    /// # Errors
    /// A bad name, an unknown driver or option (their order and words: oracle run-volume-specifications), or the disk's.
    pub fn volume_make(&mut self, name: &str, details: Details) -> Result<String> {
        let data = format!("{}/_data", dir(name));
        let is_name = !name.is_empty() && !name.contains('/') && !matches!(name, "." | "..");
        if is_name && fs::exists(self.kernel, &Task::root(), data.as_bytes()) {
            return Ok(data);
        }
        check(name, &details).map_err(|why| Error::Invalid(format!("create {name}: {why}")))?;
        self.make_dir(&dir(name), 0o701)?;
        self.make_dir(&data, 0o755)?;
        if details != Details::default() {
            self.write_json(&format!("{}/opts.json", dir(name)), &details, 0o600)?;
        }
        self.tell_volume("create", name, &[]);
        Ok(data)
    }

    /// What is kept of a volume.
    ///
    /// # Errors
    /// The disk's.
    pub fn volume_details(&mut self, name: &str) -> Result<Details> {
        Ok(self.read_json(&format!("{}/opts.json", dir(name)))?.unwrap_or_default())
    }

    /// Copies what a container's tree has at a place into an empty volume (`copyImagePathContent`).
    pub(super) fn volume_fill(&mut self, data: &str, place: &str, root: &str) -> Result<()> {
        let inside = Task::root().chrooted(root);
        let at = crate::kernel::path::join(b"/", place.as_bytes());
        if self.kernel.stat(&inside, &at).is_err() || !self.names(data)?.is_empty() {
            return Ok(());
        }
        match self.kernel.chdir(&inside, &at) {
            Ok(real) => {
                let from = [root.as_bytes(), &real].concat();
                super::copy::fill_volume(self.kernel, &from, data.as_bytes())
            }
            Err(Errno::ENOTDIR) => Err(Error::Failed(format!("source {root}{at} is not directory"))),
            Err(errno) => Err(errno).named("chdir", &at),
        }
    }

    /// Mounts what a volume's options say at its directory, if it has some and nothing is there yet.
    pub(super) fn volume_mount(&mut self, name: &str) -> Result<()> {
        let options = self.volume_details(name)?.options;
        let (Some(kind), Some(device)) = (options.get("type"), options.get("device")) else { return Ok(()) };
        let data = format!("{}/_data", dir(name));
        if self.is_mount(&data)? {
            return Ok(());
        }
        let words = options.get("o").cloned().unwrap_or_default();
        let mut flags = MountFlags::default();
        let mut rest = Vec::new();
        for word in words.split(',').filter(|word| !word.is_empty()) {
            match word {
                "bind" | "rbind" => flags |= MountFlags::BIND,
                "ro" => flags |= MountFlags::RDONLY,
                "nosuid" => flags |= MountFlags::NOSUID,
                "nodev" => flags |= MountFlags::NODEV,
                "noexec" => flags |= MountFlags::NOEXEC,
                "rw" => {}
                word => rest.push(word),
            }
        }
        let mounted = self.kernel.mount(
            &Task::root(),
            device.as_bytes(),
            data.as_bytes(),
            kind.as_bytes(),
            flags,
            rest.join(",").as_bytes(),
        );
        mounted.map_err(|errno| Error::Caused {
            text: format!(
                "error while mounting volume '{data}': failed to mount local volume: mount {device}:{data}, data: {}: {}",
                rest.join(","),
                super::go_text(errno)
            ),
            errno,
        })
    }

    /// Takes away what was mounted for a container's volumes that no other container uses now.
    pub(super) fn volumes_unmount(&mut self, container: &Container) -> Result<()> {
        if !container.mount_points.values().any(|point| point.kind == "volume") {
            return Ok(());
        }
        let users = self.running()?;
        for point in container.mount_points.values().filter(|point| point.kind == "volume") {
            let is_used = users.iter().any(|other| {
                other.id != container.id && other.mount_points.values().any(|its| its.name == point.name)
            });
            if !is_used && self.is_mount(&point.source)? {
                self.kernel
                    .umount(&Task::root(), point.source.as_bytes(), UmountFlags::DETACH)
                    .named("unmount", point.source.as_bytes())?;
            }
        }
        Ok(())
    }

    fn is_mount(&mut self, place: &str) -> Result<bool> {
        let mounts = self.kernel.mountinfo().named("open", b"/proc/self/mountinfo")?;
        Ok(mounts.iter().any(|mount| mount.target == place))
    }

    /// A directory of the host for a bind mount: made where it is missing, as Docker does for `-v`.
    ///
    /// # Errors
    /// The disk's.
    pub fn make_host_dir(&mut self, path: &str) -> Result<()> {
        if fs::exists(self.kernel, &Task::root(), path.as_bytes()) {
            Ok(())
        } else {
            self.make_dir(path, 0o755)
        }
    }

    /// The volumes' names, sorted.
    ///
    /// # Errors
    /// The disk's.
    pub fn volume_names(&mut self) -> Result<Vec<String>> {
        self.names(layout::VOLUMES)
    }

    /// When a volume was made.
    ///
    /// # Errors
    /// The disk's.
    pub fn volume_created(&mut self, name: &str) -> Result<crate::kernel::Timespec> {
        let dir = dir(name);
        let stat = self.kernel.stat(&Task::root(), dir.as_bytes()).named("stat", dir.as_bytes())?;
        Ok(crate::kernel::Timespec::seconds(stat.mtime.sec))
    }

    /// Removes a volume with what is in it.
    ///
    /// # Errors
    /// The disk's.
    pub fn volume_remove(&mut self, name: &str) -> Result<()> {
        self.remove(&dir(name))?;
        self.tell_volume("destroy", name, &[]);
        Ok(())
    }

    /// Bytes in a volume.
    ///
    /// # Errors
    /// The disk's.
    pub fn volume_size(&mut self, name: &str) -> Result<u64> {
        self.tree_size(&format!("{}/_data", dir(name)))
    }
}
