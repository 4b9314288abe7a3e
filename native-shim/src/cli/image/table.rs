//! The report as a table for people. What comes out of an image is shown with control and direction characters escaped.

use std::io::{self, Write};

use layerlab_core::explore::{LayerReport, Report};

use super::tables;
use super::units::{counted, size};
use crate::cli::text::visible;

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
    writeln!(out, "Stored       {}{}", size(report.stored_bytes), forms(&report.layers))?;
    let files = counted(report.reclaimable.len(), "file");
    writeln!(out, "Reclaimable  {} in {files}", size(report.reclaimable_bytes))?;
    writeln!(
        out,
        "Efficiency   {:.2} % (as usually defined; {} in paths that several layers have)",
        report.efficiency.score * 100.0,
        size(report.efficiency.repeated_bytes)
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
            command = if layer.erofs { "(an EROFS file system)" } else { "(not in the archive)" }.to_owned();
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
    if report.listed.len() > 1 {
        writeln!(out, "\nThe archive lists:")?;
        tables::listed(out, &report.listed.iter().collect::<Vec<_>>())?;
    }
    for warning in &report.warnings {
        writeln!(out, "\nwarning: {}", visible(warning.as_bytes()))?;
    }
    Ok(())
}

/// How the layers are stored, where it is not one plain tar each: `: 2 gzip, 1 zstd`.
fn forms(layers: &[LayerReport]) -> String {
    use layerlab_core::oci::decode::Compression;
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for layer in layers {
        let word = match layer.compression {
            Some(Compression::None) => "not compressed",
            Some(Compression::Gzip) => "gzip",
            Some(Compression::Zstd) => "zstd (Docker 20.10 reads none)",
            Some(Compression::Bzip2) => "bzip2",
            Some(Compression::Xz) => "xz",
            None if layer.erofs => "EROFS",
            None => "not in the archive",
        };
        *counts.entry(word).or_default() += 1;
    }
    if counts.keys().all(|word| *word == "not compressed") {
        return String::new();
    }
    let words: Vec<String> = counts.iter().map(|(word, n)| format!("{n} {word}")).collect();
    format!(": {}", words.join(", "))
}
