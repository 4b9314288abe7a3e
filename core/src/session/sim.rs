//! A session on the simulator: forks are clones, and time is what the session says.

use super::Backend;
use crate::kernel::{Kernel, Timespec};
use crate::overlay::CopyUps;
use crate::sim::SimKernel;

/// 2027-01-01T00:00:00Z, the date of a lab that was given none: output is the same every day.
pub const DEFAULT_CLOCK: i64 = 1_798_761_600;

/// The simulated machine.
#[derive(Debug, Clone)]
pub struct SimBackend {
    kernel: SimKernel,
    start: Timespec,
}

impl SimBackend {
    /// A machine with an empty disk whose clock stands at `seconds` since 1970.
    pub fn new(seconds: i64) -> Self {
        let start = Timespec::seconds(seconds);
        Self { kernel: fresh(start), start }
    }
}

impl Default for SimBackend {
    fn default() -> Self {
        Self::new(DEFAULT_CLOCK)
    }
}

fn fresh(start: Timespec) -> SimKernel {
    let mut kernel = SimKernel::new();
    kernel.set_clock(start);
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
        self.kernel = fresh(self.start);
        Ok(())
    }

    fn take_copy_ups(&mut self) -> Option<CopyUps> {
        Some(self.kernel.take_copy_ups())
    }

    fn pass(&mut self, seconds: u64) {
        let now = self.kernel.clock_gettime();
        self.kernel.set_clock(Timespec { sec: now.sec.saturating_add_unsigned(seconds), ..now });
    }
}
