//! Random stacks of layers, for whoever makes something of layers: a stack is made of its seed alone, and one that differs
//! is made smaller.
//!
//! `LAYERLAB_STACKS` says how many are tried, `LAYERLAB_SEED` where their seeds begin.

mod generate;
mod item;
mod shrink;
mod tree;

pub use item::{Item, show, tar};
pub use tree::{NO_TIME, Tree, archive, difference, of_explorer, of_kernel, of_lens, when, without_times};

/// The first seed of a run, unless another is asked for.
const SEED: u64 = 1;

/// A number of the environment.
fn asked(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Tries stacks, and fails with each that differs from `what`, made as small as it can be.
#[expect(clippy::print_stderr, reason = "a long run is looked at while it goes")]
pub fn try_stacks(what: &str, count: u64, mut differ: impl FnMut(&[Vec<Item>]) -> Option<String>) {
    let first = asked("LAYERLAB_SEED", SEED);
    let count = asked("LAYERLAB_STACKS", count);
    let mut wrong = Vec::new();
    for seed in first..first + count {
        let mut stack = generate::stack(seed);
        if differ(&stack).is_some() {
            shrink::shrink(&mut stack, |smaller| differ(smaller).is_some());
            let text = differ(&stack).unwrap_or_default();
            let text = format!("{what}, seed {seed}:\n{}{text}", show(&stack));
            eprintln!("{text}");
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{} of {count} stacks differ from {what}:\n{}", wrong.len(), wrong.join("\n"));
}
