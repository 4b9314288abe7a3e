//! Two images beside each other: what the second has more, other and less.

use std::collections::BTreeSet;
use std::io::{self, Write};

use layerlab_core::explore::{self, Change, Explorer, Mark, Report};
use layerlab_core::oci::{Digest, Limits};
use serde_json::{Value, json};

use super::args::Image;
use super::tables;
use super::units::{counted, size};
use crate::cli::Outcome;
use crate::cli::text::{json as escaped, visible};

/// One of the two.
struct Side<'a> {
    file: &'a str,
    report: Report,
    layers: BTreeSet<Digest>,
}

impl<'a> Side<'a> {
    fn of(file: &'a str, explorer: &Explorer) -> Self {
        let layers = explorer.image.layers.iter().map(|layer| layer.diff_id).collect();
        Self { file, report: Report::of(explorer), layers }
    }

    fn json(&self) -> Value {
        let Report { names, id, platform, layers, content_bytes, shown_bytes, stored_bytes, .. } =
            &self.report;
        json!({
            "file": self.file, "names": names, "id": id, "platform": platform, "layers": layers.len(),
            "stored_bytes": stored_bytes, "content_bytes": content_bytes, "shown_bytes": shown_bytes,
            "reclaimable_bytes": self.report.reclaimable_bytes, "warnings": self.report.warnings,
        })
    }

    fn tell(&self, letter: char, out: &mut impl Write) -> io::Result<()> {
        let name = self.report.names.first().map_or(self.file, String::as_str);
        writeln!(
            out,
            "{letter:<12} {} ({}, {}): {}, {} of content, {} of it shown",
            visible(name.as_bytes()),
            self.report.id.short(),
            visible(self.report.platform.as_bytes()),
            counted(self.report.layers.len(), "layer"),
            size(self.report.content_bytes),
            size(self.report.shown_bytes)
        )?;
        for warning in &self.report.warnings {
            writeln!(out, "  warning: {}", visible(warning.as_bytes()))?;
        }
        Ok(())
    }
}

/// Compares two images.
pub(super) fn run(asked: &Image, before: &str, after: &str, limits: Limits) -> Outcome {
    let (_before, old) = asked.read(before, limits, true)?;
    let (_after, new) = asked.read(after, limits, true)?;
    let changes = explore::compare(&old.stack, &new.stack);
    let settings = explore::settings(&old.image.config, &new.image.config);
    let (a, b) = (Side::of(before, &old), Side::of(after, &new));
    let shared: Vec<&Digest> = a.layers.intersection(&b.layers).collect();
    let bytes_of =
        |digests: &BTreeSet<Digest>, other: &BTreeSet<Digest>, side: &Side<'_>, both: bool| -> u64 {
            let layers = side.report.layers.iter();
            layers
                .filter(|layer| digests.contains(&layer.diff_id) && other.contains(&layer.diff_id) == both)
                .map(|layer| layer.stored)
                .sum()
        };
    let in_both = bytes_of(&a.layers, &b.layers, &a, true);
    let (only_a, only_b) =
        (bytes_of(&a.layers, &b.layers, &a, false), bytes_of(&b.layers, &a.layers, &b, false));
    let mut out = io::BufWriter::new(io::stdout().lock());
    if asked.json {
        let object = json!({
            "a": a.json(), "b": b.json(), "shared_layers": shared, "shared_bytes": in_both,
            "only_a_bytes": only_a, "only_b_bytes": only_b, "diff": changes, "diff_config": settings,
        });
        writeln!(out, "{}", escaped(&object)?)?;
        out.flush()?;
        return Ok(0);
    }
    a.tell('A', &mut out)?;
    b.tell('B', &mut out)?;
    writeln!(
        out,
        "Layers       {} in both ({}), {} only in A ({}), {} only in B ({})",
        shared.len(),
        size(in_both),
        a.layers.len() - shared.len(),
        size(only_a),
        b.layers.len() - shared.len(),
        size(only_b)
    )?;
    let of = |mark: Mark| changes.iter().filter(move |change| change.mark == mark);
    let sum = |mark: Mark, bytes: fn(&Change) -> u64| size(of(mark).map(bytes).sum());
    writeln!(
        out,
        "Paths        {} more ({}), {} changed, {} less ({})",
        of(Mark::A).count(),
        sum(Mark::A, |change| change.after),
        of(Mark::C).count(),
        of(Mark::D).count(),
        sum(Mark::D, |change| change.before)
    )?;
    if changes.is_empty() && settings.is_empty() {
        writeln!(out, "\nNo path and no setting differs.")?;
    } else {
        writeln!(out)?;
        tables::changes(&mut out, &changes, &settings)?;
    }
    out.flush()?;
    Ok(0)
}
