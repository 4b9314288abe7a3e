//! Arbitrary sequences of calls on the simulated kernel: no panic, link counts true, no orphan, and a merged view that is
//! what the layers say by an independent rule.
#![no_main]

use layerlab_core::conformance::trace::record;
use layerlab_core::conformance::verify::{from_bytes, naive_view};
use layerlab_core::sim::SimKernel;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut kernel = SimKernel::new();
    let recorded = record(&mut kernel, b"/base", &from_bytes(data)).expect("the layers can be made");
    assert_eq!(naive_view(&recorded), Vec::<String>::new());
    assert_eq!(kernel.inconsistencies(), Vec::<String>::new());
    assert_eq!(kernel.inodes(), 1);
});
