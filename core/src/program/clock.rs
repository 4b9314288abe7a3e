//! The lab's time in numbers.

use super::wait::Nanos;
use crate::kernel::Timespec;

/// A second of the lab's time.
pub const SECOND: Nanos = 1_000_000_000;
/// What starting a program, or making an object of the engine, takes of the lab's time.
pub const MILLISECOND: Nanos = 1_000_000;

/// The lab's time as the kernel has it.
pub fn to_timespec(now: Nanos) -> Timespec {
    Timespec { sec: now.div_euclid(SECOND), nsec: now.rem_euclid(SECOND) as u32 }
}

/// A time of the kernel's as the lab has it.
pub fn from_timespec(at: Timespec) -> Nanos {
    at.sec.saturating_mul(SECOND).saturating_add(i64::from(at.nsec))
}
