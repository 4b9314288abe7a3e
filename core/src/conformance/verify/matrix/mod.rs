//! Every kind of call on every kind of thing in every layer: what randomness meets rarely is gone through in order.
//!
//! A trace makes one call, with one choice of flags, by one user, with one ending of the path, on a set of
//! [`things`] one after another.

mod calls;
mod case;
mod open;
mod pairs;
mod things;

use crate::conformance::trace::Trace;

/// All traces, without answers. They are many (some thousands of about thirty calls); which is which stands in its name.
pub fn matrix() -> impl Iterator<Item = Trace> {
    open::traces().chain(calls::traces()).chain(pairs::traces())
}
