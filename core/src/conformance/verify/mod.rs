//! Two kernels held against each other: random layers, random operations, and what one answers is what the other must.
//!
//! A sequence is a plan (a trace without answers), made from a seed alone. One kernel, the truth, answers it; the
//! recording is replayed on the other. A difference is shrunk to a small trace, with the truth's answers in it, that
//! `layerlab replay` takes.

mod layers;
mod matrix;
mod naive;
mod names;
mod ops;
mod profile;
mod random;
mod shrink;
mod values;

pub use matrix::matrix;
pub use naive::naive_view;
pub use profile::Profile;
pub use random::Random;
pub use shrink::shrink;

use serde::{Deserialize, Serialize};

use super::trace::{Difference, Header, Trace, TraceStep, record, replay_ticking};
use crate::kernel::{ByteString, Errno, Kernel};
use layers::LayerMaker;
use names::Names;

/// What a sequence is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Where the random numbers start.
    pub seed: u64,
    /// How many operations.
    pub calls: usize,
    /// The most lower layers; between 1 and this many are made.
    pub layers: usize,
}

/// What became of a sequence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Verdict {
    /// The kernels agree on all of it.
    Agree {
        /// Operations made.
        calls: usize,
    },
    /// They do not.
    Differ {
        /// The first difference of the shrunken trace.
        first: Difference,
        /// That trace, as text.
        trace: ByteString,
    },
    /// The kernel that knows could not make the layers.
    Impossible(Errno),
}

/// The sequence of a plan, without answers.
pub fn generate(plan: &Plan) -> Trace {
    let mut trace = sequence(Random::new(plan.seed), plan.calls, plan.layers);
    trace.header.name = format!("seed-{}", plan.seed);
    trace
}

/// The sequence that a fuzzer's bytes stand for: they are its decisions, and the more, the longer it is.
pub fn from_bytes(data: &[u8]) -> Trace {
    sequence(Random::from_bytes(data), (data.len() / 6).clamp(1, 80), 4)
}

/// A sequence of so many calls over at most so many lower layers, from any source of random numbers.
pub fn sequence(mut random: Random, calls: usize, layers: usize) -> Trace {
    let profile = Profile::ALL[random.below(Profile::ALL.len())];
    let names = Names::new(&mut random, profile);
    let lower_layers = 1 + random.below(layers.max(1));
    let mut maker = LayerMaker::new(profile);
    let mut lower = Vec::new();
    for layer in 0..lower_layers {
        lower.extend(maker.layer(&mut random, &names, Some(layer), 4 + random_size(lower_layers)));
    }
    let upper_size = if random.chance(30) { 8 } else { 0 };
    let upper = maker.layer(&mut random, &names, None, upper_size);
    let mut known: Vec<ByteString> = lower.iter().chain(&upper).map(|entry| entry.path.clone()).collect();
    known.sort();
    known.dedup();
    let mut maker =
        ops::OpMaker { names: &names, known, profile, times: 1_100_000_000, upper: maker, relative: false };
    let steps: Vec<TraceStep> = (0..calls).map(|_| maker.step(&mut random)).collect();
    let umask = if random.chance(80) { "0022" } else { "0000" }.to_owned();
    // Where nothing can be written, what is asked first is what is answered.
    let read_only = if random.chance(3) { ",ro" } else { "" };
    // `follow` is what `off` does as well.
    let redirect = if random.chance(75) { "off" } else { random.pick(&["on", "on", "follow", "nofollow"]) };
    let header = Header {
        format: "overlay-trace/3".to_owned(),
        name: String::new(),
        options: format!("redirect_dir={redirect},index=off,metacopy=off{read_only}"),
        umask,
        lower_layers,
        lower,
        upper: Some(upper),
    };
    Trace { header, steps, last: None }
}

fn random_size(layers: usize) -> usize {
    24 / layers.max(2) + 4
}

/// Runs a plan on both kernels, below `base` on each. `tick` makes the model's clock go on.
pub fn verify<M: Kernel>(
    truth: &mut dyn Kernel,
    model: &mut M,
    tick: fn(&mut M),
    base: &[u8],
    plan: &Plan,
) -> Verdict {
    compare(truth, model, tick, base, &generate(plan))
}

/// Runs the operations of a trace on both kernels, below `base` on each; the answers that stand in it are not looked
/// at.
pub fn compare<M: Kernel>(
    truth: &mut dyn Kernel,
    model: &mut M,
    tick: fn(&mut M),
    base: &[u8],
    plan: &Trace,
) -> Verdict {
    let mut replay = |trace: &Trace| replay_ticking(model, base, trace, tick);
    let trace = match record(truth, base, plan) {
        Ok(trace) => trace,
        Err(errno) => return Verdict::Impossible(errno),
    };
    let report = replay(&trace);
    if report.differences.is_empty() {
        return Verdict::Agree { calls: report.calls };
    }
    let small = shrink(trace, |trace| {
        let recorded = record(truth, base, trace).ok()?;
        let differs = !replay(&recorded).differences.is_empty();
        differs.then_some(recorded)
    });
    match replay(&small).differences.into_iter().next() {
        Some(first) => Verdict::Differ { first, trace: small.to_text().into() },
        // A difference that is not there again would be a kernel that answers at random.
        None => Verdict::Impossible(Errno::EAGAIN),
    }
}

#[cfg(test)]
mod tests;
