//! The tree, a look-up, differences and lists as lines. What comes out of an image is shown with control and direction
//! characters escaped.

use std::io::{self, Write};

use layerlab_core::explore::{Explorer, Mark, NodeKind, PathChange, Resolved, Same, Setting, Why};
use layerlab_core::oci::archive::{Listed, ListedKind};
use layerlab_core::overlay::{Saw, Then};
use serde_json::Value;

use super::asked::Asked;
use super::units::size;
use crate::cli::text::visible;

/// Every path, with its provider and each layer's letter.
pub(super) fn tree(out: &mut impl Write, explorer: &Explorer) -> io::Result<()> {
    for row in explorer.rows(0, usize::MAX) {
        let provider = row.provider.map_or("-".to_owned(), |layer| layer.to_string());
        let marks: Vec<String> =
            row.marks.iter().map(|(layer, mark)| format!("{}{layer}", letter(*mark))).collect();
        let mut target = row.target.map(|target| format!(" -> {}", visible(&target))).unwrap_or_default();
        if let Some(first) = &row.hard_link {
            target.push_str(&format!(" (hard link of {})", visible(first)));
        }
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

/// The steps of a look-up; where links lead on, what comes of it is told by [`way`].
pub(super) fn why(out: &mut impl Write, explorer: &Explorer, why: &Why, leads_on: bool) -> io::Result<()> {
    for part in &why.parts {
        writeln!(out, "{}", visible(&part.path))?;
        for step in &part.steps {
            let sheet = &explorer.stack.sheets()[step.layer];
            let link = sheet.find(&part.path).and_then(|id| match &sheet.node(id).kind {
                NodeKind::Symlink(target) => Some(visible(target)),
                _ => None,
            });
            let saw = match (&step.saw, link) {
                (Saw::Nothing, _) => "no such name".to_owned(),
                (Saw::Whiteout, _) => "a whiteout: the name is deleted here".to_owned(),
                (Saw::Dir, _) => "a directory: it merges with those below".to_owned(),
                (Saw::OpaqueDir, _) => "an opaque directory: what is below is hidden".to_owned(),
                (Saw::Other, Some(target)) => format!("found: a link to {target}"),
                (Saw::Other, None) => "found".to_owned(),
                (Saw::Shadowed, Some(target)) => {
                    format!("a link to {target}, under a directory: it does not count")
                }
                (Saw::Shadowed, None) => {
                    "something that is no directory, under one: it does not count".to_owned()
                }
                (Saw::Redirect(name), _) => format!("a directory that goes on as {}", visible(name)),
            };
            let then = match step.then {
                Then::Continue => "",
                Then::Stop => "; the search ends",
            };
            writeln!(out, "  layer {}: {saw}{then}", step.layer)?;
        }
    }
    match why.provider {
        None if leads_on => Ok(()),
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

/// The links on a path, where they lead, and what is odd on the way.
pub(super) fn way(out: &mut impl Write, explorer: &Explorer, asked: &Asked<'_>) -> io::Result<()> {
    for link in &asked.way.links {
        let (path, target) = (visible(&link.path), visible(&link.target));
        writeln!(out, "{path} is a link to {target} (layer {})", link.layer)?;
    }
    if let Some(led) = &asked.led {
        writeln!(out, "the path leads to {}", visible(&asked.way.leads_to))?;
        why(out, explorer, led, false)?;
    }
    for oddity in &asked.way.oddities {
        writeln!(out, "warning: {}", visible(oddity.to_string().as_bytes()))?;
    }
    if let Some((path, layer)) = &asked.way.behind {
        writeln!(out, "it was {} (layer {layer}), which is still there under that name", visible(path))?;
    }
    Ok(())
}

/// One path of a lens.
pub(super) fn resolved(out: &mut impl Write, path: &[u8], what: &Resolved) -> io::Result<()> {
    let target = what.target.as_ref().map(|target| format!(" -> {}", visible(target))).unwrap_or_default();
    let from = what.content.map(|(layer, _, _)| format!("  [layer {layer}]")).unwrap_or_default();
    let bytes = what.content.map_or(String::new(), |(_, _, len)| size(len));
    writeln!(out, "{:<8} {:>5o} {bytes:>9}  {}{target}{from}", what.kind.to_text(), what.mode, visible(path))
}

/// What differs: a line a path, and below it what of it is other; then the settings.
pub(super) fn changes(out: &mut impl Write, changes: &[PathChange], settings: &[Setting]) -> io::Result<()> {
    for change in changes {
        writeln!(out, "{} {}", letter(change.mark), visible(&change.path))?;
        if !change.what.is_empty() {
            let words: Vec<&str> = change.what.iter().map(|what| what.word()).collect();
            writeln!(out, "    {}", words.join(", "))?;
        }
    }
    if !settings.is_empty() {
        writeln!(out, "Configuration:")?;
    }
    for setting in settings {
        let told = |value: &Value| match (&setting.key, value) {
            (Some(key), Value::String(text)) => format!("{key}={text}"),
            (Some(key), value) if *value == Value::Object(serde_json::Map::new()) => key.clone(),
            (Some(key), value) => format!("{key}={value}"),
            (None, value) => value.to_string(),
        };
        let values = [&setting.before, &setting.after];
        let values: Vec<String> = values.into_iter().flatten().map(told).collect();
        let line = format!("{} {} {}", letter(setting.mark), setting.name, values.join(" -> "));
        writeln!(out, "{}", visible(line.as_bytes()))?;
    }
    Ok(())
}

/// What an archive lists, a line an entry.
pub(super) fn listed(out: &mut impl Write, listed: &[&Listed]) -> io::Result<()> {
    for entry in listed {
        let mut line = format!(
            "  {:<11}  {:<14}  {}",
            entry.word(),
            entry.platform.as_deref().unwrap_or("-"),
            entry.digest.short()
        );
        for name in &entry.names {
            line.push_str(&format!("  {name}"));
        }
        if entry.kind != ListedKind::Image {
            let kind =
                entry.artifact_type.as_ref().filter(|text| !text.is_empty()).unwrap_or(&entry.media_type);
            let kind = if entry.kind == ListedKind::Attestation {
                entry.predicates.join(", ")
            } else {
                kind.clone()
            };
            if !kind.is_empty() {
                line.push_str(&format!("  {kind}"));
            }
        }
        if let Some(subject) = &entry.subject {
            line.push_str(&format!("  (of {})", subject.short()));
        }
        if !entry.present {
            line.push_str("  (not in the archive)");
        }
        writeln!(out, "{}", visible(line.as_bytes()))?;
    }
    Ok(())
}

/// Every line of the history, with the layer that it made.
pub(super) fn history(out: &mut impl Write, explorer: &Explorer) -> io::Result<()> {
    for line in layerlab_core::explore::history(&explorer.image) {
        let layer = line.layer.map_or_else(|| "-".to_owned(), |layer| layer.to_string());
        writeln!(
            out,
            "{layer:>3}  {:<20}  {}",
            visible(line.created.as_bytes()),
            visible(line.command.as_bytes())
        )?;
        for (word, said) in [("by", &line.author), ("comment", &line.comment)] {
            if !said.is_empty() {
                writeln!(out, "{:>27}{word}: {}", "", visible(said.as_bytes()))?;
            }
        }
    }
    Ok(())
}

/// Files with the same contents under other names.
pub(super) fn duplicates(out: &mut impl Write, same: &[Same]) -> io::Result<()> {
    let extra: u64 = same.iter().map(Same::extra).sum();
    writeln!(out, "\nThe same contents under other names: {} more than once", size(extra))?;
    for group in same {
        let names: Vec<String> = group.names.iter().map(|name| visible(name)).collect();
        writeln!(out, "{:>9}  {}", size(group.size), names.join("  "))?;
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
