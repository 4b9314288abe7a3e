//! The times that Docker gives to what it unpacks: it cannot set every time that a tar can hold.

use crate::kernel::Timespec;

/// In nanoseconds.
const SECOND: i64 = 1_000_000_000;
/// Go's "no time".
const NONE: Timespec = Timespec::seconds(-62_135_596_800);
/// The first and the last second that ext4, where Docker keeps its layers, has room for (`fs/ext4/ext4.h`,
/// `EXT4_TIMESTAMP_MIN` and `EXT4_EXTRA_TIMESTAMP_MAX`); Linux brings other times to these.
const FIRST: Timespec = Timespec::seconds(i32::MIN as i64);
const LAST: Timespec = Timespec::seconds((1 << 34) - 1 + i32::MIN as i64);

/// moby `system.Chtimes`: times before 1970 or past 2262 become 1970's first second.
pub fn kept(time: Timespec) -> Timespec {
    let last = Timespec { sec: i64::MAX / SECOND, nsec: (i64::MAX % SECOND) as u32 };
    if (Timespec::default()..=last).contains(&time) { time } else { Timespec::default() }
}

/// Nanoseconds in 64 bits, which wrap, as Go's `UnixNano`.
pub fn wrapped(time: Timespec) -> Timespec {
    of_nanos(time.sec.wrapping_mul(SECOND).wrapping_add(i64::from(time.nsec)))
}

/// Whether Go takes this time for none.
pub fn is_none(time: Timespec) -> bool {
    time == NONE
}

/// moby `system.LUtimesNano`, for a symbolic link: nanoseconds that wrap. "No time" becomes the number that tells the
/// kernel to leave a time as it is (`UTIME_OMIT`), and is taken for nanoseconds on its way there.
pub fn of_link(time: Timespec) -> Timespec {
    const OMIT: i64 = (1 << 30) - 2;
    on_ext4(if is_none(time) { of_nanos(OMIT) } else { wrapped(time) })
}

fn of_nanos(nanos: i64) -> Timespec {
    Timespec { sec: nanos.div_euclid(SECOND), nsec: nanos.rem_euclid(SECOND) as u32 }
}

/// The time that ext4 keeps.
pub fn on_ext4(time: Timespec) -> Timespec {
    time.clamp(FIRST, LAST)
}
