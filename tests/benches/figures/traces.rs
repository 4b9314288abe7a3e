//! The calls of recorded random traces: how long two kernels take for them, set-up excluded.

use std::time::Instant;

use layerlab_core::conformance::trace::{Drive, Trace};
use layerlab_core::kernel::Kernel;

/// How often each kernel runs through all of them.
const ROUNDS: usize = 21;

/// Returns the seconds that each of the two takes for one run through all of them.
///
/// A round is all traces, each on layers made anew; the two kernels take rounds in turn, so that what else the machine
/// does meets both. Of a trace's runs on a kernel the middle one counts.
pub(super) fn seconds(kernels: &mut [&mut dyn Kernel; 2], base: &str) -> [f64; 2] {
    let folder = layerlab_tests::oracle::folder("overlay").join("random");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the traces are there")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    let parse = |file| Trace::parse(&std::fs::read(file).expect("it is listed")).expect("it is a trace");
    let traces: Vec<Trace> = files.iter().map(parse).collect();
    let mut runs =
        [vec![Vec::with_capacity(ROUNDS); traces.len()], vec![Vec::with_capacity(ROUNDS); traces.len()]];
    for _ in 0..ROUNDS {
        for (kernel, runs) in kernels.iter_mut().zip(&mut runs) {
            for (trace, runs) in traces.iter().zip(runs) {
                runs.push(run(*kernel, base, trace));
            }
        }
    }
    let middle = |mut runs: Vec<f64>| {
        runs.sort_by(f64::total_cmp);
        runs[ROUNDS / 2]
    };
    runs.map(|of_traces| of_traces.into_iter().map(middle).sum())
}

fn run(kernel: &mut dyn Kernel, base: &str, trace: &Trace) -> f64 {
    let mut drive = Drive::set_up(kernel, base.as_bytes(), trace).expect("its layers can be made");
    let start = Instant::now();
    drive.run(kernel);
    let spent = start.elapsed().as_secs_f64();
    drive.end(kernel).expect("nothing is in use");
    spent
}
