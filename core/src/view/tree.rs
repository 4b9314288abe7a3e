//! The layers of a subject as the image screen's matrix: a row a path, a column a layer, a window of rows at a time.

use serde::{Deserialize, Serialize};

use super::walk::Forest;
use super::{RowKind, Subject};
use crate::explore::screen::{self, Table};
use crate::explore::{Sheet, Stack};
use crate::kernel::{Device, Errno, FileType, path};
use crate::oci::layer::{OPAQUE, WHITEOUT};
use crate::oci::tar::{Kind, TarEntry};
use crate::overlay::Directories;

/// What a screen of the matrix is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// Whose layers they are; none where there is nothing to show.
    pub subject: Option<Subject>,
    /// The layers, lowest first.
    pub layers: Vec<BranchLayer>,
    /// How many paths they have.
    pub paths: u32,
    /// The answer to the question.
    pub told: screen::Answer,
}

/// A layer that is a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchLayer {
    /// What it is.
    pub kind: RowKind,
    /// See [`super::Row::name`].
    pub name: String,
    /// See [`super::Row::number`].
    pub number: u32,
    /// See [`super::Row::hue`].
    pub hue: Option<u8>,
}

/// What was read for the matrix, so that scrolling reads nothing again.
#[derive(Debug, Default)]
pub struct Memory {
    kept: Option<Kept>,
}

#[derive(Debug)]
struct Kept {
    subject: Option<String>,
    epoch: u32,
    table: Table,
}

impl Memory {
    /// The table of a subject's layers, read anew where the subject or the epoch is another.
    pub(super) fn table(
        &mut self,
        dirs: &mut Directories<'_>,
        subject: &Subject,
        epoch: u32,
    ) -> Result<&mut Table, Errno> {
        let is_same = |kept: &Kept| kept.subject.as_ref() == Some(&subject.id);
        let before = self.kept.take().filter(is_same);
        let kept = match before {
            Some(kept) if kept.epoch == epoch => kept,
            before => {
                let mut table = Table::new(stack(dirs)?);
                if let Some(before) = before {
                    table.turn_as(&before.table);
                }
                Kept { subject: Some(subject.id.clone()), epoch, table }
            }
        };
        Ok(&mut self.kept.insert(kept).table)
    }
}

/// The layers as sheets on each other, lowest first.
fn stack(dirs: &mut Directories<'_>) -> Result<Stack, Errno> {
    let forest = Forest::read(dirs)?;
    let order = forest.in_order();
    let sheet = |layer: usize| {
        let mut sheet = Sheet::new();
        for (id, _) in &order {
            let node = &forest.nodes[*id];
            let Some(here) = node.at(layer) else { continue };
            let name = &node.path[1..];
            let kind = match here.stat.kind {
                _ if here.stat.is_whiteout() => {
                    let (dir, last) =
                        (path::parent(&node.path), path::file_name(&node.path).unwrap_or_default());
                    let marker = path::join(&dir[1..], &[WHITEOUT, last].concat());
                    // The sheet refuses nothing that a directory can hold; what it would refuse is left out.
                    let _ = sheet.add(&TarEntry::new(marker, Kind::File, 0));
                    continue;
                }
                FileType::File => Kind::File,
                FileType::Dir => Kind::Dir,
                FileType::Symlink => Kind::Symlink,
                FileType::Char | FileType::Socket => Kind::Char,
                FileType::Block => Kind::Block,
                FileType::Fifo => Kind::Fifo,
            };
            let mut entry = TarEntry::new(name, kind, here.stat.mode);
            entry.size = if kind == Kind::File { here.stat.size } else { 0 };
            if kind == Kind::Symlink {
                // Where it leads is nothing that the matrix shows.
                entry.link = ".".into();
            }
            if matches!(kind, Kind::Char | Kind::Block) {
                entry.device = Device { major: 1, minor: 3 };
            }
            let _ = sheet.add(&entry);
            if here.opaque {
                let _ = sheet.add(&TarEntry::new(path::join(name, OPAQUE), Kind::File, 0));
            }
        }
        // Only what the reading of a tar needed goes.
        let _ = sheet.settle();
        sheet
    };
    Ok(Stack::new(dirs.numbers().rev().map(sheet).collect()))
}
