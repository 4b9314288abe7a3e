//! Waiting for something, with a limit and a word on what was waited for.

use std::time::{Duration, Instant};

/// Asks `ready` again and again until it answers `Some`, at most for `limit`.
pub fn poll<T>(what: &str, limit: Duration, ready: impl FnMut() -> Option<T>) -> T {
    within(limit, ready).unwrap_or_else(|| panic!("waited {limit:?} in vain for {what}"))
}

/// The same, where the end of the time is no failure.
pub fn within<T>(limit: Duration, mut ready: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(value) = ready() {
            return Some(value);
        }
        if start.elapsed() >= limit {
            return None;
        }
        #[expect(clippy::disallowed_methods, reason = "this is the one place that waits between two looks")]
        std::thread::sleep(Duration::from_millis(20));
    }
}
