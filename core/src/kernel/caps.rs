//! Capabilities: root's powers, one by one (capabilities(7)).

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

bitflags! {
    /// A set of capabilities, with Linux's numbers as bits: bit 0 is `CAP_CHOWN`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub struct Caps: u64 {
        /// Give files to other owners and groups.
        const CHOWN = 1 << 0;
        /// Pass over permission bits.
        const DAC_OVERRIDE = 1 << 1;
        /// Read any file, list and search any directory.
        const DAC_READ_SEARCH = 1 << 2;
        /// Do with any file what is its owner's to do.
        const FOWNER = 1 << 3;
        /// Keep set-id bits over writes, and set the group bit for any group.
        const FSETID = 1 << 4;
        /// Send signals to any process.
        const KILL = 1 << 5;
        /// Take other group ids.
        const SETGID = 1 << 6;
        /// Take other user ids.
        const SETUID = 1 << 7;
        /// Drop capabilities from the bounding set.
        const SETPCAP = 1 << 8;
        /// Set the immutable and append-only flags.
        const LINUX_IMMUTABLE = 1 << 9;
        /// Listen on ports below 1024.
        const NET_BIND_SERVICE = 1 << 10;
        /// Broadcast and listen to multicast.
        const NET_BROADCAST = 1 << 11;
        /// Change interfaces, routes and firewalls.
        const NET_ADMIN = 1 << 12;
        /// Use raw and packet sockets: ping.
        const NET_RAW = 1 << 13;
        /// Lock memory.
        const IPC_LOCK = 1 << 14;
        /// Pass over the permissions of System V objects.
        const IPC_OWNER = 1 << 15;
        /// Load kernel modules.
        const SYS_MODULE = 1 << 16;
        /// Reach ports and memory of devices.
        const SYS_RAWIO = 1 << 17;
        /// Change the root directory.
        const SYS_CHROOT = 1 << 18;
        /// Trace any process.
        const SYS_PTRACE = 1 << 19;
        /// Switch process accounting.
        const SYS_PACCT = 1 << 20;
        /// Mount, and much else: `trusted.*` attributes are its as well.
        const SYS_ADMIN = 1 << 21;
        /// Reboot.
        const SYS_BOOT = 1 << 22;
        /// Raise priorities.
        const SYS_NICE = 1 << 23;
        /// Pass over limits and quotas.
        const SYS_RESOURCE = 1 << 24;
        /// Set the clock.
        const SYS_TIME = 1 << 25;
        /// Configure terminals.
        const SYS_TTY_CONFIG = 1 << 26;
        /// Make devices.
        const MKNOD = 1 << 27;
        /// Take leases on any file.
        const LEASE = 1 << 28;
        /// Write to the audit log.
        const AUDIT_WRITE = 1 << 29;
        /// Configure auditing.
        const AUDIT_CONTROL = 1 << 30;
        /// Give capabilities to files.
        const SETFCAP = 1 << 31;
        /// Pass over mandatory access control.
        const MAC_OVERRIDE = 1 << 32;
        /// Configure mandatory access control.
        const MAC_ADMIN = 1 << 33;
        /// Read the kernel's log.
        const SYSLOG = 1 << 34;
        /// Set timers that wake the machine.
        const WAKE_ALARM = 1 << 35;
        /// Keep the machine awake.
        const BLOCK_SUSPEND = 1 << 36;
        /// Read the audit log.
        const AUDIT_READ = 1 << 37;
        /// Observe performance.
        const PERFMON = 1 << 38;
        /// Load BPF programs.
        const BPF = 1 << 39;
        /// Checkpoint and restore processes.
        const CHECKPOINT_RESTORE = 1 << 40;
    }
}

impl Caps {
    /// What Docker leaves the processes of a container (Docker's documentation, "Runtime privilege and Linux
    /// capabilities").
    pub const CONTAINER: Self = Self::CHOWN
        .union(Self::DAC_OVERRIDE)
        .union(Self::FSETID)
        .union(Self::FOWNER)
        .union(Self::MKNOD)
        .union(Self::NET_RAW)
        .union(Self::SETGID)
        .union(Self::SETUID)
        .union(Self::SETFCAP)
        .union(Self::SETPCAP)
        .union(Self::NET_BIND_SERVICE)
        .union(Self::SYS_CHROOT)
        .union(Self::KILL)
        .union(Self::AUDIT_WRITE);

    /// The capability of this name, in upper case, with or without `CAP_`; `None` if there is no such one.
    pub fn named(name: &str) -> Option<Self> {
        Self::from_name(name.strip_prefix("CAP_").unwrap_or(name))
    }

    /// The names, as capabilities(7) has them, in the order of the numbers.
    pub fn names(self) -> impl Iterator<Item = String> {
        self.iter_names().map(|(name, _)| format!("CAP_{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_linuxs() {
        assert_eq!(Caps::named("CAP_SYS_ADMIN"), Caps::named("SYS_ADMIN"));
        assert_eq!(Caps::named("SYS_ADMIN").map(|caps| caps.bits()), Some(1 << 21));
        assert_eq!(Caps::named("sys_admin"), None);
        // The mask that /proc/PID/status of a container's process shows.
        assert_eq!(Caps::CONTAINER.bits(), 0xa804_25fb);
        assert_eq!(Caps::all().bits(), 0x1ff_ffff_ffff);
        assert_eq!((Caps::CHOWN | Caps::MKNOD).names().collect::<Vec<_>>(), ["CAP_CHOWN", "CAP_MKNOD"]);
    }
}
