//! The calls of recorded random traces, which lie beside a checkout: how long a kernel takes for them, set-up excluded.

use std::path::Path;
use std::time::Instant;

use layerlab_core::kernel::Kernel;
use layerlab_core::kernel::trace::{Drive, Trace};

use super::sim::best;

/// Seconds for one run through all of them, or nothing where there are none. Each trace runs twenty times, each time on
/// layers made anew, and its best run counts.
pub(super) fn seconds(kernel: &mut dyn Kernel, base: &str) -> Option<f64> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/oracle/overlay/random");
    let mut files: Vec<_> = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut one = |file: &std::path::PathBuf| {
        let text = std::fs::read(file).expect("it is listed");
        let trace = Trace::parse(&text).expect("it is a trace");
        best(20, || {
            let mut drive = Drive::set_up(kernel, base.as_bytes(), &trace).expect("its layers can be made");
            let start = Instant::now();
            drive.run(kernel);
            let spent = start.elapsed().as_secs_f64();
            drive.end(kernel).expect("nothing is in use");
            spent
        })
    };
    Some(files.iter().map(&mut one).sum())
}
