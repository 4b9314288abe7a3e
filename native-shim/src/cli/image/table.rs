//! The report as a table for people. What comes out of an image is shown with control and direction characters escaped.

use std::io::{self, Write};

use layerlab_core::explore::{Change, Explorer, Mark, Report, Resolved, Why};
use layerlab_core::overlay::{Saw, Then};

use crate::cli::text::visible;

/// A number of things.
fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// At most so many characters, the last one a sign that there are more.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// The report; `columns` is how wide a terminal is.
pub(super) fn report(out: &mut impl Write, report: &Report, columns: Option<usize>) -> io::Result<()> {
    let names: Vec<String> = report.names.iter().map(|name| visible(name.as_bytes())).collect();
    writeln!(out, "Image        {}", if names.is_empty() { "<none>".to_owned() } else { names.join(", ") })?;
    writeln!(out, "Id           {}", report.id)?;
    if let Some(manifest) = report.manifest {
        writeln!(out, "Manifest     {manifest}")?;
    }
    writeln!(out, "Platform     {}", visible(report.platform.as_bytes()))?;
    if !report.created.is_empty() {
        writeln!(out, "Created      {}", visible(report.created.as_bytes()))?;
    }
    writeln!(
        out,
        "Content      {} in {}, {} of it shown",
        size(report.content_bytes),
        counted(report.layers.len(), "layer"),
        size(report.shown_bytes)
    )?;
    let files = counted(report.reclaimable.len(), "file");
    writeln!(out, "Reclaimable  {} in {files}", size(report.reclaimable_bytes))?;
    writeln!(
        out,
        "Efficiency   {:.2} % (as usually defined; {} in paths that several layers have)",
        report.efficiency.score * 100.0,
        size(report.efficiency.wasted_bytes)
    )?;
    // What is left of a terminal's line behind the other columns; elsewhere, and on a very narrow one, what a person reads.
    let room = columns.map_or(80, |columns| columns.saturating_sub(65).max(20));
    writeln!(out)?;
    writeln!(
        out,
        "{:>5}  {:>9}  {:>9}  {:>7} {:>7} {:>7}  {:<12}  COMMAND",
        "LAYER", "CONTENT", "HIDDEN", "ADDED", "CHANGED", "DELETED", "DIFF ID"
    )?;
    for layer in report.layers.iter().rev() {
        let mut command = cut(&visible(layer.command.as_bytes()), room);
        if layer.digest.is_none() {
            command = "(not in the archive)".to_owned();
        }
        writeln!(
            out,
            "{:>5}  {:>9}  {:>9}  {:>7} {:>7} {:>7}  {:<12}  {command}",
            layer.index,
            size(layer.content_bytes),
            size(layer.hidden_bytes),
            layer.added,
            layer.changed,
            layer.deleted,
            layer.diff_id.short(),
        )?;
    }
    if !report.reclaimable.is_empty() {
        writeln!(out, "\nHidden for good, and still in the image:")?;
        for path in report.reclaimable.iter().take(20) {
            writeln!(
                out,
                "{:>9}  {}  (layer {}, hidden by layer {})",
                size(path.size),
                visible(&path.path),
                path.layer,
                path.hidden_by
            )?;
        }
        if report.reclaimable.len() > 20 {
            writeln!(out, "           and {} more (--json has them all)", report.reclaimable.len() - 20)?;
        }
    }
    if !report.secrets.is_empty() {
        writeln!(out, "\nWhat looks like a secret:")?;
        for secret in &report.secrets {
            let rule = serde_json::to_value(secret.rule).map_err(io::Error::other)?;
            let rule = rule.as_str().unwrap_or_default().to_owned();
            let place = match secret.layer {
                Some(layer) if secret.shown => format!("layer {layer}"),
                Some(layer) => format!("layer {layer}, deleted later, and still there"),
                None => "configuration".to_owned(),
            };
            writeln!(out, "  {rule}: {} ({place})", visible(secret.at.as_bytes()))?;
        }
    }
    for warning in &report.warnings {
        writeln!(out, "\nwarning: {}", visible(warning.as_bytes()))?;
    }
    Ok(())
}

/// Every path, with its provider and each layer's letter.
pub(super) fn tree(out: &mut impl Write, explorer: &Explorer) -> io::Result<()> {
    for row in explorer.rows(0, usize::MAX) {
        let provider = row.provider.map_or("-".to_owned(), |layer| layer.to_string());
        let marks: Vec<String> =
            row.marks.iter().map(|(layer, mark)| format!("{}{layer}", letter(*mark))).collect();
        let target = row.target.map(|target| format!(" -> {}", visible(&target))).unwrap_or_default();
        writeln!(
            out,
            "{provider:>3}  {:<8} {:>5o} {:>9}  {}{target}  [{}]",
            row.kind.unwrap_or("gone"),
            row.mode,
            size(row.size),
            visible(&row.path),
            marks.join(" ")
        )?;
    }
    Ok(())
}

/// The steps of a look-up.
pub(super) fn why(out: &mut impl Write, explorer: &Explorer, why: &Why) -> io::Result<()> {
    for part in &why.parts {
        writeln!(out, "{}", visible(&part.path))?;
        for step in &part.steps {
            let saw = match &step.saw {
                Saw::Nothing => "no such name".to_owned(),
                Saw::Whiteout => "a whiteout: the name is deleted here".to_owned(),
                Saw::Dir => "a directory: it merges with those below".to_owned(),
                Saw::OpaqueDir => "an opaque directory: what is below is hidden".to_owned(),
                Saw::Other => "found".to_owned(),
                Saw::Shadowed => "something that is no directory, under one: it does not count".to_owned(),
                Saw::Redirect(name) => format!("a directory that goes on as {}", visible(name)),
            };
            let then = match step.then {
                Then::Continue => "",
                Then::Stop => "; the search ends",
            };
            writeln!(out, "  layer {}: {saw}{then}", step.layer)?;
        }
    }
    match why.provider {
        None => writeln!(out, "not there"),
        Some(layer) => {
            let id = explorer.image.layers[layer].diff_id;
            writeln!(out, "provided by layer {layer} ({})", id.short())?;
            if why.merges.len() > 1 {
                let merged: Vec<String> = why.merges.iter().map(ToString::to_string).collect();
                writeln!(out, "merges layers {}", merged.join(", "))?;
            }
            Ok(())
        }
    }
}

/// One path of a lens.
pub(super) fn resolved(out: &mut impl Write, path: &[u8], what: &Resolved) -> io::Result<()> {
    let target = what.target.as_ref().map(|target| format!(" -> {}", visible(target))).unwrap_or_default();
    let from = what.content.map(|(layer, _, _)| format!("  [layer {layer}]")).unwrap_or_default();
    let bytes = what.content.map_or(String::new(), |(_, _, len)| size(len));
    writeln!(out, "{:<8} {:>5o} {bytes:>9}  {}{target}{from}", what.kind.to_text(), what.mode, visible(path))
}

/// What differs.
pub(super) fn changes(out: &mut impl Write, changes: &[Change]) -> io::Result<()> {
    for change in changes {
        writeln!(out, "{} {}", letter(change.mark), visible(&change.path))?;
    }
    Ok(())
}

fn letter(mark: Mark) -> char {
    match mark {
        Mark::A => 'A',
        Mark::C => 'C',
        Mark::D => 'D',
    }
}

/// Bytes as Docker prints sizes.
#[expect(clippy::cast_precision_loss, reason = "three digits for people")]
fn size(bytes: u64) -> String {
    let (mut value, mut unit) = (bytes as f64, 0);
    let units = ["B", "kB", "MB", "GB", "TB"];
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes}B")
    } else if value < 10.0 {
        format!("{value:.2}{}", units[unit])
    } else if value < 100.0 {
        format!("{value:.1}{}", units[unit])
    } else {
        format!("{value:.0}{}", units[unit])
    }
}
