//! Two images beside each other: what the second has more, other and less.

use std::collections::BTreeSet;
use std::io::{self, Write};

use layerlab_core::explore::{Comparison, Explorer, FileDigests, Report, Shared};
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
    let (_before, old) = asked.read(before, limits, FileDigests::Yes)?;
    let (_after, new) = asked.read(after, limits, FileDigests::Yes)?;
    let Comparison { changes, counts, settings, layers } = Comparison::images(&old, &new);
    let (a, b) = (Side::of(before, &old), Side::of(after, &new));
    let Shared { both, before: only_a, after: only_b } = layers.unwrap_or_default();
    let shared: Vec<&Digest> = a.layers.intersection(&b.layers).collect();
    let mut out = io::BufWriter::new(io::stdout().lock());
    if asked.json {
        let object = json!({
            "a": a.json(), "b": b.json(), "shared_layers": shared, "shared_bytes": both.1,
            "only_a_bytes": only_a.1, "only_b_bytes": only_b.1, "diff": changes, "diff_config": settings,
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
        both.0,
        size(both.1),
        only_a.0,
        size(only_a.1),
        only_b.0,
        size(only_b.1)
    )?;
    writeln!(
        out,
        "Paths        {} more ({}), {} changed, {} less ({})",
        counts.added.0,
        size(counts.added.1),
        counts.changed,
        counts.deleted.0,
        size(counts.deleted.1)
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
