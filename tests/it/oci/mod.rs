//! The image formats against what real systems answered (`../shared/oracle`, when it is there).

mod bad_images;
mod commits;
mod corpus;
mod damage;
mod lens;
mod random_stacks;
mod stacks;
mod waste;

use std::path::PathBuf;

/// A folder of the recorded answers; `None` on a machine without them, where the project's own fixtures hold a case of
/// each kind.
fn oracle(part: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/oracle").join(part);
    path.is_dir().then_some(path)
}
