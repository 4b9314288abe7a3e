//! A container's mounts, put into its tree when it comes up (moby 20.10's `daemon/volumes_unix.go`, `oci_linux.go`, and
//! what runc does with them).

use super::error::{Error, Named as _, Result};
use super::{Container, Engine, HostConfig, MountPoint};
use crate::kernel::{Errno, FileType, MountFlags, Task, fs, path};

/// What runc says of a mount that fails; the path of the container's tree is not in it.
fn runc_failed(source: &str, place: &str) -> Error {
    Error::Failed(format!(
        "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: \
         error during container init: error mounting \"{source}\" to rootfs at \"{place}\": mount {source}:{place} (via \
         /proc/self/fd/6), flags: 0x5000: not a directory: unknown: Are you trying to mount a directory onto a file (or \
         vice-versa)? Check if the specified host path exists and is the expected type."
    ))
}

/// A mount to make, in the order of its depth.
enum Wanted<'a> {
    Point(&'a MountPoint),
    Tmpfs(String, String),
}

impl Wanted<'_> {
    fn place(&self) -> &str {
        match self {
            Self::Point(point) => &point.destination,
            Self::Tmpfs(place, _) => place,
        }
    }
}

/// The words of a tmpfs's options that are flags, and those with a value (`MergeTmpfsOptions`).
fn tmpfs_options(words: &str) -> Result<(MountFlags, String)> {
    const SWITCHES: [&str; 32] = [
        "defaults",
        "ro",
        "rw",
        "suid",
        "nosuid",
        "dev",
        "nodev",
        "exec",
        "noexec",
        "sync",
        "async",
        "dirsync",
        "remount",
        "mand",
        "nomand",
        "atime",
        "noatime",
        "diratime",
        "nodiratime",
        "bind",
        "rbind",
        "unbindable",
        "runbindable",
        "private",
        "rprivate",
        "shared",
        "rshared",
        "slave",
        "rslave",
        "relatime",
        "norelatime",
        "strictatime",
    ];
    const KEYS: [&str; 7] = ["mode", "uid", "gid", "size", "nr_blocks", "nr_inodes", "mpol"];
    let mut flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    let mut data: Vec<&str> = Vec::new();
    for word in words.split(',').filter(|_| !words.is_empty()) {
        match (word, word.split_once('=')) {
            ("ro", _) => flags |= MountFlags::RDONLY,
            ("rw", _) => flags &= !MountFlags::RDONLY,
            ("suid", _) => flags &= !MountFlags::NOSUID,
            ("exec", _) => flags &= !MountFlags::NOEXEC,
            ("dev", _) => flags &= !MountFlags::NODEV,
            (word, _) if SWITCHES.contains(&word) => {}
            (word, Some((key, _))) if KEYS.contains(&key) => {
                data.retain(|other| other.split('=').next() != Some(key));
                data.push(word);
            }
            (word, _) => return Err(Error::Invalid(format!("invalid tmpfs option [{word:?}]"))),
        }
    }
    Ok((flags, data.join(",")))
}

/// The options of `--mount type=tmpfs` in the words of `--tmpfs` (`ConvertTmpfsOptions`).
fn tmpfs_words(point: &MountPoint) -> String {
    let mut words = Vec::new();
    if point.spec.read_only {
        words.push("ro".to_owned());
    }
    let options = point.spec.tmpfs_options.clone().unwrap_or_default();
    if options.mode != 0 {
        words.push(format!("mode={:o}", options.mode));
    }
    if options.size_bytes != 0 {
        let (mut size, mut unit) = (options.size_bytes, "");
        for larger in ["k", "m", "g"] {
            if size % 1024 != 0 {
                break;
            }
            (size, unit) = (size / 1024, larger);
        }
        words.push(format!("size={size}{unit}"));
    }
    words.join(",")
}

impl Engine<'_> {
    /// Shows what a container has of its host in its tree, the shallow before the deep. `with_tmpfs`: its processes see
    /// more than `docker cp`, which sees no tmpfs.
    pub(super) fn mount_all(&mut self, container: &Container, root: &str, with_tmpfs: bool) -> Result<()> {
        let host = self.host_config(&container.id)?;
        let mut wanted: Vec<Wanted<'_>> = Vec::new();
        for point in container.mount_points.values() {
            if point.kind == "tmpfs" {
                wanted.push(Wanted::Tmpfs(point.destination.clone(), tmpfs_words(point)));
            } else {
                wanted.push(Wanted::Point(point));
            }
        }
        wanted.extend(host.tmpfs.iter().map(|(place, words)| Wanted::Tmpfs(place.clone(), words.clone())));
        wanted.sort_by_key(|one| {
            path::normalize(one.place().as_bytes()).iter().filter(|b| **b == b'/').count()
        });
        for one in wanted {
            match one {
                Wanted::Point(point) => {
                    self.show(point, root)?;
                    // `docker cp` mounts them too, and no daemon tells of that.
                    if with_tmpfs && point.kind == "volume" {
                        let writable = if point.writable { "true" } else { "false" };
                        let more = [
                            ("container", &container.id[..]),
                            ("destination", &point.destination),
                            ("propagation", ""),
                            ("read/write", writable),
                        ];
                        self.tell_volume("mount", &point.name, &more);
                    }
                }
                Wanted::Tmpfs(place, words) if with_tmpfs => self.mount_tmpfs(root, &place, &words)?,
                Wanted::Tmpfs(..) => {}
            }
        }
        Ok(())
    }

    fn show(&mut self, point: &MountPoint, root: &str) -> Result<()> {
        if point.kind == "volume" {
            self.volume_mount(&point.name)?;
        } else if !point.must_exist {
            self.make_host_dir(&point.source)?;
        }
        if path::normalize(path::join(b"/", point.destination.as_bytes()).as_slice()) == "/" {
            // What is mounted over everything hides /proc, which runc wants next (oracle: run-volume-specifications).
            return Err(Error::Caused {
                text: "failed to create shim task: OCI runtime create failed: runc create failed: unable to start \
                       container process: error during container init: open \
                       /proc/sys/net/ipv4/ip_unprivileged_port_start: no such file or directory: unknown"
                    .to_owned(),
                errno: Errno::ENOENT,
            });
        }
        let host = Task::root();
        let inside = host.chrooted(root);
        let place = path::join(b"/", point.destination.as_bytes());
        let source = self.kernel.stat(&host, point.source.as_bytes());
        let source = source.named("stat", point.source.as_bytes())?;
        if let Ok(there) = self.kernel.stat(&inside, &place)
            && there.is_dir() != source.is_dir()
        {
            return Err(runc_failed(&point.source, &point.destination));
        }
        self.bind(root, &point.source, &place.to_text(), point.writable)
    }

    /// Mounts a tmpfs in a container. A directory that the image has there gives it its mode, as runc does it.
    fn mount_tmpfs(&mut self, root: &str, place: &str, words: &str) -> Result<()> {
        let (flags, mut data) = tmpfs_options(words)?;
        let host = Task::root();
        let inside = host.chrooted(root);
        let there = self.kernel.stat(&inside, place.as_bytes()).ok();
        if there.is_none() {
            fs::mkdir_all(self.kernel, &inside, place.as_bytes(), 0o755).named("mkdir", place.as_bytes())?;
        }
        let real = self.kernel.chdir(&inside, place.as_bytes()).named("chdir", place.as_bytes())?;
        let target = [root.as_bytes(), &real].concat();
        if let Some(there) = there {
            let mut words: Vec<String> =
                data.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect();
            words.retain(|word| !word.starts_with("mode="));
            words.push(format!("mode={:o}", there.mode & 0o7777));
            data = words.join(",");
        }
        self.kernel.mount(&host, b"tmpfs", &target, b"tmpfs", flags, data.as_bytes()).named("mount", &target)
    }

    /// Makes the host's devices that a container is given in its own `/dev` (oracle: run --device).
    pub(super) fn make_devices(&mut self, host: &HostConfig, root: &str) -> Result<()> {
        let inside = Task::root().chrooted(root);
        for device in &host.resources.devices {
            let path = device.path_on_host.as_bytes();
            let gathering = |why: &str| {
                format!(
                    "error gathering device information while adding custom device \"{}\": {why}",
                    device.path_on_host
                )
            };
            // In a user namespace the host's own are plain files: they are known by name.
            let known = super::system::known_device(&device.path_on_host);
            let found = self.kernel.stat(&Task::root(), path);
            let (kind, mode, number) = match (found, known) {
                (Ok(there), _) if matches!(there.kind, FileType::Char | FileType::Block) => {
                    (there.kind, there.mode & 0o777, there.rdev)
                }
                (_, Some(number)) => (FileType::Char, 0o666, number),
                (Ok(_), None) => return Err(Error::Failed(gathering("not a device node"))),
                (Err(errno), None) => {
                    return Err(Error::Caused { text: gathering(&super::go_text(errno)), errno });
                }
            };
            let place = device.path_in_container.as_bytes();
            let dir = path::parent(place);
            fs::mkdir_all(self.kernel, &inside, dir, 0o755).named("mkdir", dir)?;
            let made = match self.kernel.mknod(&inside, place, kind, mode, number) {
                // In a user namespace no device can be made; programs of the lab know these by name.
                Err(Errno::EPERM) => fs::write(self.kernel, &inside, place, b"", mode),
                Err(Errno::EEXIST) => Ok(()),
                made => made,
            };
            made.named("mknod", place)?;
        }
        Ok(())
    }

    /// Takes the right to write to its own tree from a container that is to have none.
    pub(super) fn guard_root(&mut self, host: &HostConfig, root: &str) -> Result<()> {
        if !host.readonly_rootfs {
            return Ok(());
        }
        let flags = MountFlags::BIND | MountFlags::REMOUNT | MountFlags::RDONLY;
        self.kernel
            .mount(&Task::root(), b"", root.as_bytes(), b"", flags, b"")
            .named("mount", root.as_bytes())
    }
}
