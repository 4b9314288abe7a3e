//! `cargo xtask bench [NAME…]`: figures beside their budgets. It ends with failure if a budget is broken.

mod docker;
mod image;
mod import;
mod page;
mod session;
mod sim;
mod traces;

use std::process::ExitCode;

use layerlab::host::CHILD_COMMAND;

/// One figure.
#[derive(Debug)]
struct Figure {
    /// What was measured.
    name: String,
    /// What came.
    value: f64,
    /// What it may be at most.
    budget: f64,
    /// The unit of both.
    unit: &'static str,
}

/// A group of figures: its name and what measures it.
type Group = (&'static str, fn() -> Vec<Figure>);

const GROUPS: &[Group] = &[
    ("docker", docker::figures),
    ("image", image::figures),
    ("page", page::figures),
    ("session", session::figures),
    ("sim", sim::figures),
];

#[expect(clippy::print_stdout, reason = "a benchmark's job")]
fn main() -> ExitCode {
    // A lab on this host runs in a child, which is this program again.
    if std::env::args().nth(1).as_deref() == Some(CHILD_COMMAND) {
        return if layerlab::host::serve_child().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    // cargo adds --bench.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let mut broken = 0;
    for (name, measure) in GROUPS.iter().filter(|g| wanted.is_empty() || wanted.iter().any(|w| w == g.0)) {
        for figure in measure() {
            let ok = figure.value <= figure.budget;
            broken += usize::from(!ok);
            println!(
                "{name:<8} {:<48} {:>10.1} {:<4} budget {:>8.1}  {}",
                figure.name,
                figure.value,
                figure.unit,
                figure.budget,
                if ok { "ok" } else { "OVER" }
            );
        }
    }
    println!("{broken} over budget");
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
