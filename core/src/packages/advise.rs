//! Advice on a package that is not there.

use super::index::Index;
use crate::help::Topic;
use crate::program::{Process, System};

/// Advises on a package that an index does not have: the nearest name of it.
pub(super) fn advise_missing(system: &mut System<'_>, process: &Process, index: &Index, name: &str) {
    let near = crate::help::nearest(name, index.names()).unwrap_or_default().to_owned();
    process.advise(system, Topic::PackageMissing, &[name, &near]);
}
