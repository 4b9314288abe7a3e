//! Everything about one path: the look-up's steps by layer, and what each layer has there.

use super::matrix::cells;
use super::types::{Held, LayerCell, PathReport};
use crate::explore::rows::other_names;
use crate::explore::{Explorer, HiddenPath, Node, NodeKind, Sheet, Why, why};
use crate::kernel::{ByteString, FileType};
use crate::oci::tar::Kind;
use crate::overlay::{LookupStep, Saw, Then};
use crate::steps::{Found, LayerLookup, PathEntry, Went};

/// The most other names of a file that are told.
const LINKS_MAX: usize = 50;

/// Tells everything about a path without a leading slash.
pub(super) fn path_report(explorer: &Explorer, path: &[u8]) -> PathReport {
    let sheets = explorer.stack.sheets();
    let why = why(sheets, path);
    let at = |layer: usize| sheets.get(layer).and_then(|sheet| entry(sheet, path));
    let held = cells(&explorer.stack, path).into_iter().rev();
    let own = |hidden: &crate::explore::Hidden| hidden.path == path;
    PathReport {
        path: [b"/", path].concat().into(),
        seen: why.provider.and_then(at),
        provider: why.provider,
        steps: steps(sheets, &why, path),
        held: held.map(|cell| held_by(sheets, cell, path)).collect(),
        reclaimable: explorer.stack.reclaimable().into_iter().filter(own).map(HiddenPath::from).collect(),
    }
}

/// What a layer has there, and under which other names.
fn held_by(sheets: &[Sheet], cell: LayerCell, path: &[u8]) -> Held {
    let sheet = sheets.get(usize::from(cell.layer));
    let entry = sheet.and_then(|sheet| entry(sheet, path));
    let links = sheet.map(|sheet| other_names(sheet, path, LINKS_MAX)).unwrap_or_default();
    Held { cell, entry, links }
}

/// One step a layer, topmost first: the last that decided anything there.
fn steps(sheets: &[Sheet], why: &Why, path: &[u8]) -> Vec<LayerLookup> {
    let mut met: Vec<Option<(&LookupStep, Option<ByteString>)>> = vec![None; sheets.len()];
    let whole: ByteString = [b"/", path].concat().into();
    for part in &why.parts {
        // A directory on the way says nothing of the path itself, unless it hides what is below it.
        for earlier in &mut met {
            earlier.take_if(|(step, _)| step.then == Then::Continue && step.saw != Saw::Nothing);
        }
        for step in &part.steps {
            let at = (part.path != whole).then(|| part.path.clone());
            let was_opaque = met[step.layer].as_ref().is_some_and(|(step, _)| step.saw == Saw::OpaqueDir);
            if !(was_opaque && step.saw == Saw::Nothing) {
                met[step.layer] = Some((step, at));
            }
        }
    }
    // Where a layer ended the search, what a layer below it holds was never asked.
    let end = met.iter().rposition(|met| met.as_ref().is_some_and(|(step, _)| step.then == Then::Stop));
    met[..end.unwrap_or(0)].fill(None);
    (0..sheets.len()).rev().map(|layer| told_step(layer, met[layer].as_ref(), &sheets[layer], path)).collect()
}

fn told_step(
    layer: usize,
    met: Option<&(&LookupStep, Option<ByteString>)>,
    sheet: &Sheet,
    path: &[u8],
) -> LayerLookup {
    let (row, entry) = (layer as u32, entry(sheet, path));
    let Some((step, at)) = met else {
        let found = match &entry {
            None => Found::Nothing,
            Some(entry) if entry.kind == FileType::Dir => Found::Dir,
            Some(_) => Found::File,
        };
        return LayerLookup { row, found, went: Went::NotReached, entry, at: None };
    };
    let found = match step.saw {
        Saw::Nothing => Found::Nothing,
        Saw::Whiteout => Found::Whiteout,
        Saw::Dir | Saw::Redirect(_) => Found::Dir,
        Saw::OpaqueDir => Found::OpaqueDir,
        Saw::Other | Saw::Shadowed => Found::File,
    };
    let went = match step.then {
        Then::Continue => Went::On,
        Then::Stop => Went::Stopped,
    };
    LayerLookup { row, found, went, entry, at: at.clone().filter(|_| found != Found::Nothing) }
}

/// What a layer has at a path; a whiteout is nothing.
fn entry(sheet: &Sheet, path: &[u8]) -> Option<PathEntry> {
    let node = sheet.node(sheet.find(path)?);
    let target = match &node.kind {
        NodeKind::Symlink(target) => Some(target.clone()),
        _ => None,
    };
    let kind = kind(node)?;
    Some(PathEntry { kind, size: node.size, mode: node.mode, uid: node.uid, gid: node.gid, target })
}

fn kind(node: &Node) -> Option<FileType> {
    Some(match &node.kind {
        NodeKind::Dir { .. } => FileType::Dir,
        NodeKind::File { .. } => FileType::File,
        NodeKind::Symlink(_) => FileType::Symlink,
        NodeKind::Device(Kind::Char, _) => FileType::Char,
        NodeKind::Device(..) => FileType::Block,
        NodeKind::Fifo => FileType::Fifo,
        NodeKind::Whiteout => return None,
    })
}
