//! One line a step with its time; a failed step's whole output and how to run it alone; a summary.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::sh::Result;

/// How a step ended: what to print under its line, or all that it said.
pub(crate) type Ended = std::result::Result<Vec<String>, String>;

/// The steps that ran, in order.
#[derive(Debug, Default)]
pub(crate) struct Report {
    steps: Vec<(String, Duration, bool)>,
}

impl Report {
    /// Runs a step: its line is begun before it and ended after it.
    pub(crate) fn step(&mut self, name: &str, what: &str, alone: &str, run: impl FnOnce() -> Ended) {
        print!("{name:<10} {what} ... ");
        let _ = std::io::stdout().flush();
        let start = Instant::now();
        let ended = run();
        let took = start.elapsed();
        let ok = ended.is_ok();
        println!("{} ({})", if ok { "ok" } else { "FAILED" }, seconds(took));
        match ended {
            Ok(lines) => lines.iter().for_each(|line| println!("           {line}")),
            Err(output) => {
                println!("---- all that step {name} said ----\n{}", output.trim_end());
                println!("---- end of step {name}; alone: {alone} ----");
            }
        }
        self.steps.push((name.to_owned(), took, ok));
    }

    /// The summary; an error if a step failed.
    pub(crate) fn finish(self) -> Result {
        let total = self.steps.iter().map(|s| s.1).sum();
        println!();
        for (name, took, ok) in &self.steps {
            println!("{:<10} {:>8}  {}", name, seconds(*took), if *ok { "ok" } else { "FAILED" });
        }
        let failed: Vec<&str> = self.steps.iter().filter(|s| !s.2).map(|s| s.0.as_str()).collect();
        println!("{} steps, {} failed, {} in all", self.steps.len(), failed.len(), seconds(total));
        if failed.is_empty() {
            return Ok(());
        }
        Err(format!("failed: {}; again: cargo xtask test {}", failed.join(", "), failed.join(" ")))
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
