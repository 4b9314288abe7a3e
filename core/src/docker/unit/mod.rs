//! The daemon's unit, `docker.service`: started, stopped and reloaded by `systemctl` and `service`, read by `journalctl`.
//!
//! The lab has no `docker.socket`: a stopped daemon stays down until somebody starts it. Texts are those of systemd 252.

mod dockerd;
mod journalctl;
mod shutdown;
mod status;
mod systemctl;
mod turns;

pub(super) use shutdown::Turn;
pub(super) use turns::boot;

use crate::program::Program;

/// The programs of the init system.
pub(super) const PROGRAMS: [Program; 4] =
    [systemctl::SYSTEMCTL, systemctl::SERVICE, journalctl::PROGRAM, dockerd::PROGRAM];
