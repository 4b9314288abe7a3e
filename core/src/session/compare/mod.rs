//! Two machines held against each other after a line: what it printed, what every mounted view shows, and what every upper
//! directory holds.
//!
//! What two kernels need not agree in is left out: times, inode numbers, the sizes and link counts of directories, and the
//! handles that overlayfs notes where a file came from. Ids that depend on the time are compared by where they stand.

mod said;
mod tree;
mod types;

pub use said::Said;
pub use tree::look;
pub use types::{Difference, Seen, Tree};

/// The first difference between two machines after a line.
pub fn difference(first: (&Said, &Seen), second: (&Said, &Seen)) -> Option<Difference> {
    said::difference(first.0, second.0).or_else(|| trees(first.1, second.1))
}

fn trees(first: &Seen, second: &Seen) -> Option<Difference> {
    let missing = "not there";
    for (name, tree) in &first.trees {
        let Some(other) = second.trees.get(name) else {
            return Some(Difference { what: name.clone(), first: "there".into(), second: missing.into() });
        };
        let paths = tree.keys().chain(other.keys());
        let differs = |path: &&String| tree.get(*path) != other.get(*path);
        if let Some(path) = paths.filter(differs).min() {
            let shown = |tree: &Tree| tree.get(path).cloned().unwrap_or_else(|| missing.into());
            return Some(Difference {
                what: format!("{name}, {path}"),
                first: shown(tree),
                second: shown(other),
            });
        }
    }
    let extra = second.trees.keys().find(|name| !first.trees.contains_key(*name))?;
    Some(Difference { what: extra.clone(), first: missing.into(), second: "there".into() })
}
