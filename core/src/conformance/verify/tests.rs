//! Plans are the same from the same seed, and a difference shrinks to what shows it.

use super::*;
use crate::conformance::trace::Op;

#[test]
fn a_seed_is_a_sequence() {
    let plan = Plan { seed: 7, calls: 50, layers: 8 };
    assert_eq!(generate(&plan), generate(&plan));
    assert_ne!(generate(&plan).steps, generate(&Plan { seed: 8, ..plan }).steps);
    assert_eq!(generate(&plan).steps.len(), 50);
}

#[test]
fn shrinking_keeps_what_shows() {
    let plan = Plan { seed: 3, calls: 200, layers: 4 };
    let renames = |trace: &Trace| trace.steps.iter().any(|step| matches!(step.op, Op::Rename { .. }));
    let small = shrink(generate(&plan), |trace| renames(trace).then(|| trace.clone()));
    assert_eq!(small.steps.len(), 1);
    assert_eq!((small.header.lower_layers, small.header.lower.len()), (1, 1));
}
