//! The machine that a host session runs on: the running kernel, on a disk that can be thrown away.

use std::os::fd::OwnedFd;

use layerlab_core::kernel::{Kernel, Result};
use layerlab_core::session::Backend;

use super::room::{self, NamedDisk};
use crate::linux::{LinuxKernel, Naming};

/// The kernel and its disk.
#[derive(Debug)]
pub(super) struct HostMachine {
    kernel: LinuxKernel,
    /// The directory that the user named, if any.
    disk: Option<NamedDisk>,
}

impl HostMachine {
    /// Takes the calling thread, whose root is the disk.
    pub(super) fn new(naming: Naming, proc: OwnedFd, disk: Option<NamedDisk>) -> Result<Self> {
        Ok(Self { kernel: LinuxKernel::new(naming, proc)?, disk })
    }
}

impl Backend for HostMachine {
    fn kernel(&mut self) -> &mut dyn Kernel {
        &mut self.kernel
    }

    fn fork(&self) -> Option<Box<dyn Backend>> {
        None
    }

    fn reset(&mut self) -> std::result::Result<(), String> {
        if self.disk.is_some() {
            return Err("the disk is a directory that was named with --root, and is kept as it is".to_owned());
        }
        self.kernel.let_go().map_err(|error| format!("the old disk cannot be left: {error}"))?;
        room::enter_fresh_tmpfs().map_err(|error| format!("a new disk cannot be made: {error}"))?;
        self.kernel.rehome().map_err(|error| format!("the new disk cannot be entered: {error}"))
    }

    fn pass(&mut self, _seconds: u64) {}
}
