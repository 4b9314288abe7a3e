//! A session on the simulator: forks are clones, and time is what the session says.

use super::{Backend, Touched};
use crate::kernel::{Kernel, Timespec};
use crate::overlay::CopyUps;
use crate::program::{Bound, Bounds};
use crate::sim::SimKernel;

/// 2027-01-01T00:00:00Z, the date of a lab that was given none: output is the same every day.
pub const DEFAULT_CLOCK: i64 = 1_798_761_600;

/// The simulated machine.
#[derive(Debug, Clone)]
pub struct SimBackend {
    kernel: SimKernel,
    /// The kernel when it was last asked what changed.
    looked_at: SimKernel,
    start: Timespec,
    /// How many bytes all files may take.
    files: u64,
}

impl SimBackend {
    /// A machine with an empty disk whose clock stands at `seconds` since 1970.
    pub fn new(seconds: i64) -> Self {
        let start = Timespec::seconds(seconds);
        let files = Bounds::default().get(Bound::Files);
        let kernel = fresh(start, files);
        Self { looked_at: kernel.clone(), kernel, start, files }
    }
}

impl Default for SimBackend {
    fn default() -> Self {
        Self::new(DEFAULT_CLOCK)
    }
}

fn fresh(start: Timespec, files: u64) -> SimKernel {
    let mut kernel = SimKernel::new();
    kernel.set_clock(start);
    kernel.limit_files(files);
    kernel
}

impl Backend for SimBackend {
    fn kernel(&mut self) -> &mut dyn Kernel {
        &mut self.kernel
    }

    fn fork(&self) -> Option<Box<dyn Backend>> {
        Some(Box::new(self.clone()))
    }

    fn reset(&mut self) -> Result<(), String> {
        self.kernel = fresh(self.start, self.files);
        self.looked_at = self.kernel.clone();
        Ok(())
    }

    fn take_copy_ups(&mut self) -> Option<CopyUps> {
        Some(self.kernel.take_copy_ups())
    }

    fn take_touched(&mut self) -> Option<Touched> {
        let touched = self.kernel.changed_since(&self.looked_at);
        self.looked_at = self.kernel.clone();
        Some(touched)
    }

    fn limit_files(&mut self, bytes: u64) {
        self.files = bytes;
        self.kernel.limit_files(bytes);
    }

    fn pass(&mut self, seconds: u64) {
        let now = self.kernel.clock_gettime();
        self.kernel.set_clock(Timespec { sec: now.sec.saturating_add_unsigned(seconds), ..now });
    }
}
