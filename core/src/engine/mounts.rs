//! What is mounted in a container: the words of `-v`, `--mount`, `--tmpfs` and `--volumes-from`, and what they come to
//! (moby 20.10's `volume/mounts`, `daemon/volumes.go` and `daemon/create_unix.go`).

use std::collections::{BTreeMap, BTreeSet};

use super::error::{Error, Result};
use super::layout;
use super::mount_spec::{BindOptions, MountPoint, MountSpec, VolumeOptions};
use super::{Container, Engine, HostConfig};
use crate::kernel::{Task, fs, path};

/// The kinds of propagation of a mount.
const PROPAGATIONS: [&str; 6] = ["private", "rprivate", "slave", "rslave", "shared", "rshared"];
/// How well a mount keeps up with its source, on machines where the two are far apart.
const CONSISTENCIES: [&str; 4] = ["consistent", "cached", "delegated", "default"];

/// Whether the words of a mode go together: at most one of each kind (`linux_parser.go`, `ValidateMountMode`).
fn is_mode(mode: &str) -> bool {
    if mode.is_empty() {
        return true;
    }
    let mut counts = [0usize; 5];
    for word in mode.split(',') {
        let kind = match word {
            "rw" | "ro" => 0,
            "z" | "Z" => 1,
            "nocopy" => 2,
            word if PROPAGATIONS.contains(&word) => 3,
            word if CONSISTENCIES[..3].contains(&word) => 4,
            _ => return false,
        };
        counts[kind] += 1;
    }
    counts.iter().all(|count| *count <= 1)
}

/// Whether a mode lets a container write.
fn is_writable(mode: &str) -> bool {
    !mode.split(',').any(|word| word == "ro")
}

/// Checks a place in a container.
fn check_place(place: &str) -> std::result::Result<(), String> {
    if !place.starts_with('/') {
        return Err(format!("invalid mount path: '{place}' mount path must be absolute"));
    }
    if path::normalize(place.as_bytes()) == "/" {
        return Err("invalid specification: destination can't be '/'".to_owned());
    }
    Ok(())
}

/// Checks the places of `--tmpfs`.
pub(super) fn check_tmpfs(host: &HostConfig) -> Result<()> {
    host.tmpfs.keys().try_for_each(|place| check_place(place)).map_err(Error::Invalid)
}

impl Engine<'_> {
    /// Checks `--mount` (`validateMountConfig`); `is_raw` for the words of `-v`, whose source may be missing.
    pub(super) fn check_mount(&mut self, spec: &MountSpec, is_raw: bool) -> Result<()> {
        let kind = spec.kind.as_str();
        let bad =
            |why: String| Err(Error::Invalid(format!("invalid mount config for type \"{kind}\": {why}")));
        if spec.target.is_empty() {
            return bad("field Target must not be empty".to_owned());
        }
        if let Err(why) = check_place(&spec.target) {
            return bad(why);
        }
        let extra = |field: &str| format!("field {field} must not be specified");
        match kind {
            "bind" => {
                if spec.source.is_empty() {
                    return bad("field Source must not be empty".to_owned());
                }
                if spec.volume_options.is_some() {
                    return bad(extra("VolumeOptions"));
                }
                let propagation =
                    spec.bind_options.as_ref().map_or("", |options| options.propagation.as_str());
                if !propagation.is_empty() && !PROPAGATIONS.contains(&propagation) {
                    return bad(format!("invalid propagation mode: {propagation}"));
                }
                if !spec.source.starts_with('/') {
                    return bad(format!("invalid mount path: '{}' mount path must be absolute", spec.source));
                }
                if !is_raw && !fs::exists(self.kernel, &Task::root(), spec.source.as_bytes()) {
                    return bad(format!("bind source path does not exist: {}", spec.source));
                }
            }
            "volume" => {
                if spec.bind_options.is_some() {
                    return bad(extra("BindOptions"));
                }
                if spec.source.is_empty() && spec.read_only {
                    return bad("must not set ReadOnly mode when using anonymous volumes".to_owned());
                }
            }
            "tmpfs" => {
                if spec.bind_options.is_some() {
                    return bad(extra("BindOptions"));
                }
                if !spec.source.is_empty() {
                    return bad(extra("Source"));
                }
            }
            _ => return bad("mount type unknown".to_owned()),
        }
        Ok(())
    }

    /// What a container's words come to, in Docker's order: other containers' volumes, `-v`, `--mount`. Volumes are made.
    pub(super) fn mount_points(&mut self, host: &HostConfig) -> Result<BTreeMap<String, MountPoint>> {
        let mut points = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for words in host.volumes_from.iter().flatten() {
            for point in self.volumes_from(words)? {
                points.insert(point.destination.clone(), point);
            }
        }
        for words in host.binds.iter().flatten() {
            let mut point = self.read_bind(words)?;
            if taken.contains(&point.destination) || host.tmpfs.contains_key(&point.destination) {
                return Err(duplicate(&point.destination));
            }
            if point.kind == "volume" {
                self.volume_of(&mut point, &host.volume_driver)?;
            }
            taken.insert(point.destination.clone());
            points.insert(point.destination.clone(), point);
        }
        for spec in &host.mounts {
            let mut point = self.read_mount(spec)?;
            if taken.contains(&point.destination) {
                return Err(duplicate(&spec.target));
            }
            if point.kind == "volume" {
                let driver = spec.volume_options.as_ref().and_then(|options| options.driver_config.as_ref());
                self.volume_of(&mut point, driver.map_or("", |driver| &driver.name))?;
            }
            point.must_exist = point.kind == "bind";
            taken.insert(point.destination.clone());
            points.insert(point.destination.clone(), point);
        }
        Ok(points)
    }

    /// Another container's mounts, `NAME[:ro|rw|…]`.
    fn volumes_from(&mut self, words: &str) -> Result<Vec<MountPoint>> {
        if words.is_empty() {
            return Err(Error::Invalid("volumes-from specification cannot be an empty string".to_owned()));
        }
        let (name, mode) = words.split_once(':').unwrap_or((words, "rw"));
        let copies = mode.split(',').any(|word| matches!(word, "copy" | "nocopy"));
        if !is_mode(mode) || copies || mode.split(',').any(|word| PROPAGATIONS.contains(&word)) {
            return Err(Error::Invalid(format!("invalid mode: {mode}")));
        }
        if name.is_empty() {
            return Err(Error::Invalid("invalid name or ID supplied: \"\"".to_owned()));
        }
        let other = self.find_container(name)?;
        let points = other.mount_points.into_values().map(|point| MountPoint {
            writable: point.writable && is_writable(mode),
            mode: String::new(),
            copy_data: false,
            must_exist: false,
            ..point
        });
        Ok(points.collect())
    }

    /// `-v SOURCE:PLACE[:MODE]` (`ParseMountRaw`).
    fn read_bind(&mut self, words: &str) -> Result<MountPoint> {
        let invalid = |why: Option<String>| {
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            Error::Invalid(format!("invalid volume specification: '{words}'{why}"))
        };
        let parts: Vec<&str> = words.split(':').collect();
        let (source, place, mode) = match parts.as_slice() {
            [place] => ("", *place, ""),
            [source, place] => (*source, *place, ""),
            [source, place, mode] => (*source, *place, *mode),
            _ => return Err(invalid(None)),
        };
        if parts[0].is_empty() {
            return Err(invalid(None));
        }
        if !is_mode(mode) {
            return Err(Error::Invalid(format!("invalid mode: {mode}")));
        }
        let propagation = mode.split(',').find(|word| PROPAGATIONS.contains(word));
        let spec = MountSpec {
            kind: if source.starts_with('/') { "bind" } else { "volume" }.to_owned(),
            source: source.to_owned(),
            target: place.to_owned(),
            read_only: !is_writable(mode),
            bind_options: propagation
                .map(|word| BindOptions { propagation: word.to_owned(), non_recursive: false }),
            volume_options: mode
                .split(',')
                .any(|word| word == "nocopy")
                .then(|| VolumeOptions { no_copy: true, ..VolumeOptions::default() }),
            ..MountSpec::default()
        };
        if let Err(why) = self.check_mount(&spec, true) {
            return Err(invalid(Some(why.to_string())));
        }
        Ok(MountPoint { mode: mode.to_owned(), ..point(&spec)? })
    }

    /// `--mount` (`ParseMountSpec`).
    fn read_mount(&mut self, spec: &MountSpec) -> Result<MountPoint> {
        self.check_mount(spec, false)?;
        point(spec)
    }

    /// Makes the volume of a mount point.
    fn volume_of(&mut self, point: &mut MountPoint, driver: &str) -> Result<()> {
        let options = point.spec.volume_options.clone().unwrap_or_default();
        let details = super::volumes::Details {
            driver: driver.to_owned(),
            labels: options.labels,
            options: options.driver_config.map(|driver| driver.options).unwrap_or_default(),
            by_command: false,
        };
        if point.name.is_empty() {
            point.name = self.world.new_id();
        }
        point.source = self.volume_make(&point.name.clone(), details)?;
        if point.mode.is_empty() {
            "z".clone_into(&mut point.mode);
        }
        Ok(())
    }

    /// The image's own volumes and `-v PLACE`, made once the container's tree is there, and empty volumes filled with what
    /// the tree has at their places.
    pub(super) fn own_volumes(
        &mut self,
        container: &mut Container,
        host: &HostConfig,
        root: &str,
    ) -> Result<()> {
        let wanted = container.config.volumes.clone().unwrap_or_default();
        let inside = Task::root().chrooted(root);
        for words in wanted.0 {
            let place = if words.is_empty() { ".".to_owned() } else { clean(&words) };
            if container.mount_points.contains_key(&place) || host.tmpfs.contains_key(&place) {
                continue;
            }
            let at = path::join(b"/", place.as_bytes());
            if self.kernel.stat(&inside, &at).is_ok_and(|stat| !stat.is_dir()) {
                return Err(Error::Failed(format!(
                    "cannot mount volume over existing file, file exists {root}{at}"
                )));
            }
            let name = self.world.new_id();
            let details =
                super::volumes::Details { driver: host.volume_driver.clone(), ..Default::default() };
            let source = self.volume_make(&name, details)?;
            let spec = MountSpec { kind: "volume".to_owned(), target: words.clone(), ..MountSpec::default() };
            let made = MountPoint { name, source, destination: place.clone(), ..point(&spec)? };
            container.mount_points.insert(place, made);
        }
        for point in container.mount_points.values().filter(|point| point.kind == "volume" && point.copy_data)
        {
            self.volume_fill(&point.source, &point.destination, root)?;
        }
        Ok(())
    }

    /// Removes the volumes of a container that is gone, where nobody named them and no other container has them.
    pub(super) fn remove_volumes_of(&mut self, container: &Container) -> Result<()> {
        if !container.mount_points.values().any(MountPoint::is_anonymous) {
            return Ok(());
        }
        let others = self.containers()?;
        let is_used = |name: &str| {
            others.iter().any(|other| other.mount_points.values().any(|point| point.name == name))
        };
        for point in container.mount_points.values() {
            if point.is_anonymous() && !is_used(&point.name) {
                self.volume_remove(&point.name)?;
            }
        }
        Ok(())
    }
}

/// Go's `filepath.Clean`, which leaves a relative path relative.
fn clean(text: &str) -> String {
    if text.starts_with('/') {
        return path::normalize(text.as_bytes()).to_text();
    }
    path::normalize(path::join(b"/", text.as_bytes()).as_slice()).to_text()[1..].to_owned()
}

/// Whether a directory of the host holds the daemon's own or lies in it. Docker compares the paths' beginnings as text.
fn meets_daemon(source: &str) -> bool {
    source.starts_with(layout::ROOT) || layout::ROOT.starts_with(source)
}

/// Makes a mount point. What meets the daemon's directory is mounted so that mounts made later show in it (recorded).
///
/// # Errors
/// Another propagation was asked for there.
fn point(spec: &MountSpec) -> Result<MountPoint> {
    let asked = spec.bind_options.as_ref().map_or("", |options| options.propagation.as_str());
    let propagation = match (spec.kind.as_str(), asked) {
        ("bind", "" | "rslave" | "rshared") if meets_daemon(&spec.source) => {
            if asked.is_empty() {
                "rslave"
            } else {
                asked
            }
        }
        ("bind", _) if meets_daemon(&spec.source) => {
            return Err(Error::Invalid(format!(
                "invalid mount config: must use either propagation mode \"rslave\" or \"rshared\" when mount source is \
                 within the daemon root, daemon root: {:?}, bind mount source: {:?}, propagation: {asked:?}",
                layout::ROOT,
                spec.source
            )));
        }
        ("bind", "") => "rprivate",
        ("bind", asked) => asked,
        _ => "",
    };
    let propagation = propagation.to_owned();
    Ok(MountPoint {
        kind: spec.kind.clone(),
        name: if spec.kind == "volume" { spec.source.clone() } else { String::new() },
        source: if spec.kind == "bind" { clean(&spec.source) } else { String::new() },
        destination: clean(&spec.target),
        writable: !spec.read_only,
        propagation,
        copy_data: !spec.volume_options.as_ref().is_some_and(|options| options.no_copy),
        spec: spec.clone(),
        ..MountPoint::default()
    })
}

fn duplicate(place: &str) -> Error {
    Error::Invalid(format!("Duplicate mount point: {place}"))
}
