//! Storage drivers side by side: what each would have done with the containers that are there.
//!
//! A model is a row of rules with its source ([`rules`]); what it leaves out stands in the row. The facts come from the lab's
//! own disk ([`facts`]), so that a session is recorded by running it.

mod facts;
mod program;
mod report;
mod rules;

pub use facts::{Changed, Made, What};
pub use program::programs;
pub use report::{Line, json, lines, reference, text};
pub use rules::{DRIVERS, Driver, Unit};
