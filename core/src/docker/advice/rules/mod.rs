//! The table from the text of an error to its mistake, in one file a subject.

mod builds;
mod containers;
mod images;
mod networks;
mod values;

use super::rule::Rule;

/// All rows; of several that fit the first counts.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    [builds::RULES, values::RULES, networks::RULES, containers::RULES, images::RULES].into_iter().flatten()
}
