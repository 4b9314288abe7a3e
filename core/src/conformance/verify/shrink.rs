//! Making a trace smaller while it still shows what it shows.

use crate::conformance::trace::{Trace, TreeEntry};

/// The most tries; each runs the trace on two kernels.
const TRIES: usize = 600;

/// Leaves out steps, then entries of layers, then layers, as long as `shows` gives the smaller trace back (with its
/// answers renewed).
pub fn shrink(mut trace: Trace, mut shows: impl FnMut(&Trace) -> Option<Trace>) -> Trace {
    let mut tries = 0;
    let mut attempt = |candidate: &Trace| {
        tries += 1;
        if tries > TRIES { None } else { shows(candidate) }
    };
    let mut size = trace.steps.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        while at < trace.steps.len() {
            let mut candidate = trace.clone();
            candidate.steps.drain(at..(at + size).min(trace.steps.len()));
            match attempt(&candidate) {
                Some(smaller) => trace = smaller,
                None => at += size,
            }
        }
        if size == 1 {
            break;
        }
        size = size.div_ceil(2);
    }
    let mut at = trace.header.lower.len();
    while at > 0 {
        at -= 1;
        let mut candidate = trace.clone();
        leave_out(&mut candidate.header.lower, at);
        if candidate.header.lower.len() < trace.header.lower.len()
            && let Some(smaller) = attempt(&candidate)
        {
            trace = smaller;
            at = at.min(trace.header.lower.len());
        }
    }
    let mut layer = trace.header.lower_layers;
    while layer > 0 {
        layer -= 1;
        if trace.header.lower_layers < 2 {
            break;
        }
        let mut candidate = trace.clone();
        candidate.header.lower_layers -= 1;
        candidate.header.lower.retain(|entry| entry.layer != Some(layer));
        for entry in &mut candidate.header.lower {
            entry.layer = entry.layer.map(|number| if number > layer { number - 1 } else { number });
        }
        if let Some(smaller) = attempt(&candidate) {
            trace = smaller;
        }
    }
    trace
}

/// Leaves out an entry with what is in it and what is a link to it; a layer's root stays.
fn leave_out(entries: &mut Vec<TreeEntry>, at: usize) {
    let gone = entries[at].clone();
    if gone.path == "/" {
        return;
    }
    let below = [&gone.path[..], b"/"].concat();
    let dropped = |path: &[u8]| path == &gone.path[..] || path.starts_with(&below);
    entries.retain(|entry| {
        let link = entry.link_to.as_ref().is_some_and(|to| dropped(to));
        entry.layer != gone.layer || !(dropped(&entry.path) || link)
    });
}
