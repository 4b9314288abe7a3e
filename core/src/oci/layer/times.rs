//! Times of unpacked files, as moby sets them.

use crate::kernel::{Follow, Kernel, Result, SetTime, Task, Timespec};

/// In nanoseconds.
const SECOND: i64 = 1_000_000_000;

/// moby `system.LUtimesNano` takes nanoseconds in 64 bits, which wrap; the first second of year 1 is Go's "no time".
pub(super) fn wrapped(time: Timespec) -> SetTime {
    const NONE: Timespec = Timespec::seconds(-62_135_596_800);
    if time == NONE {
        return SetTime::Omit;
    }
    let nanos = time.sec.wrapping_mul(SECOND).wrapping_add(i64::from(time.nsec));
    SetTime::At(Timespec { sec: nanos.div_euclid(SECOND), nsec: nanos.rem_euclid(SECOND) as u32 })
}

/// moby `system.Chtimes`: times before 1970 or past 2262 become 1970's first second.
pub(super) fn set_times(
    kernel: &mut dyn Kernel,
    task: &Task,
    path: &[u8],
    atime: Timespec,
    mtime: Timespec,
) -> Result<()> {
    let clamp = |time: Timespec| {
        let last = Timespec { sec: i64::MAX / SECOND, nsec: (i64::MAX % SECOND) as u32 };
        let fits = (Timespec::default()..=last).contains(&time);
        SetTime::At(if fits { time } else { Timespec::default() })
    };
    kernel.utimens(task, path, clamp(atime), clamp(mtime), Follow::Target)
}
