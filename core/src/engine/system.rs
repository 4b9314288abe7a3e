//! What a container has at `/proc`, `/dev` and `/sys`: file systems of their own, so that nothing there is ever
//! committed (`moby/oci/defaults.go`).
//!
//! `/proc` shows the container's own process ([`proc`]); no device model is in its `/sys`. Both cannot be written.

use super::error::{Named as _, Result};
use super::{DEFAULT_SHM_SIZE, Engine, HostConfig};
use crate::kernel::{Device, Errno, FileType, Kernel, MountFlags, Task, fs};
use crate::program::proc;

/// Names, minor numbers and modes of the memory and terminal devices that runc makes (major 1; `tty` is 5:0).
const DEVICES: [(&str, u32, u32); 6] =
    [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)];

/// `core` is not among them: runc makes it where the kernel has a `/proc/kcore`, and a lab has none (recorded build:
/// layer-devices).
const LINKS: [(&str, &str); 5] = [
    ("fd", "/proc/self/fd"),
    ("ptmx", "pts/ptmx"),
    ("stderr", "/proc/self/fd/2"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
];

/// The device that a path of the host names, by its name alone: the lab's host has no files for them.
pub(super) fn known_device(path: &str) -> Option<Device> {
    let name = path.strip_prefix("/dev/")?;
    DEVICES
        .iter()
        .find(|(known, _, _)| *known == name)
        .map(|(_, major, minor)| Device { major: *major, minor: *minor })
}

/// Makes the devices and links of a `/dev` that is there and empty, for the processes of `inside`.
///
/// # Errors
/// The disk's.
pub fn fill_dev(kernel: &mut dyn Kernel, inside: &Task) -> crate::kernel::Result<()> {
    for dir in ["/dev/mqueue", "/dev/pts"] {
        let mode = if dir == "/dev/pts" { 0o755 } else { 0o1777 };
        kernel.mkdir(inside, dir.as_bytes(), 0o755)?;
        kernel.chmod(inside, dir.as_bytes(), mode)?;
    }
    for (name, target) in LINKS {
        kernel.symlink(inside, target.as_bytes(), format!("/dev/{name}").as_bytes())?;
    }
    for (name, major, minor) in DEVICES {
        let path = format!("/dev/{name}");
        let device = Device { major, minor };
        match kernel.mknod(inside, path.as_bytes(), FileType::Char, 0o666, device) {
            // In a user namespace no device can be made; programs of the lab know these by name.
            Err(Errno::EPERM) => fs::write(kernel, inside, path.as_bytes(), b"", 0o666)?,
            made => made?,
        }
        kernel.chmod(inside, path.as_bytes(), 0o666)?;
    }
    Ok(())
}

impl Engine<'_> {
    /// Mounts them over the directories that the init layer has made.
    pub(super) fn mount_system(&mut self, root: &str, config: &HostConfig) -> Result<()> {
        let host = Task::root();
        let guarded = MountFlags::NOSUID | MountFlags::NODEV;
        proc::mount(self.kernel, root.as_bytes()).named("mount", root.as_bytes())?;
        for (source, place, flags, options) in
            [("tmpfs", "/dev", MountFlags::NOSUID, "mode=755"), ("sysfs", "/sys", guarded, "mode=555")]
        {
            let target = format!("{root}{place}");
            self.kernel
                .mount(&host, source.as_bytes(), target.as_bytes(), b"tmpfs", flags, options.as_bytes())
                .named("mount", target.as_bytes())?;
        }
        // Only the mount is read-only. Its file system stays writable, since the lab fills it later.
        let read_only = guarded | MountFlags::BIND | MountFlags::REMOUNT | MountFlags::RDONLY;
        let sys = format!("{root}/sys");
        self.kernel.mount(&host, b"", sys.as_bytes(), b"", read_only, b"").named("mount", sys.as_bytes())?;
        fill_dev(self.kernel, &host.chrooted(root)).named("mknod", b"/dev")?;
        self.set_sysctls(root, config)?;
        self.mount_shm(root, config)
    }

    /// Mounts `/dev/shm`: the container's own, of the size that it was given, or another's (`--ipc`).
    fn mount_shm(&mut self, root: &str, config: &HostConfig) -> Result<()> {
        let host = Task::root();
        let target = format!("{root}/dev/shm");
        if config.ipc_mode == "none" {
            return Ok(());
        }
        self.kernel.mkdir(&host, target.as_bytes(), 0o755).named("mkdir", target.as_bytes())?;
        let source = match config.ipc_mode.strip_prefix("container:") {
            Some(other) => Some(self.shm_of(other)?),
            None => (config.ipc_mode == "host").then(|| "/dev/shm".to_owned()),
        };
        if let Some(source) = source {
            fs::mkdir_all(self.kernel, &host, source.as_bytes(), 0o1777).named("mkdir", source.as_bytes())?;
            return self
                .kernel
                .mount(&host, source.as_bytes(), target.as_bytes(), b"", MountFlags::BIND, b"")
                .named("mount", target.as_bytes());
        }
        let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
        let size = if config.shm_size > 0 { config.shm_size } else { DEFAULT_SHM_SIZE };
        let options = format!("mode=1777,size={size}");
        self.kernel
            .mount(&host, b"shm", target.as_bytes(), b"tmpfs", flags, options.as_bytes())
            .named("mount", target.as_bytes())
    }
}
