//! A column that many paths share: what they come to in each layer.

use std::collections::BTreeMap;

use super::walk::Node;
use super::{Badge, Cell, CellState};
use crate::kernel::FileType;

/// What paths that share a column come to.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) paths: u32,
    pub(super) last: usize,
    seen: u32,
    layers: BTreeMap<usize, Part>,
}

#[derive(Default)]
struct Part {
    paths: u32,
    seen: u32,
    whiteouts: u32,
    added: u32,
    bytes: u64,
}

impl Shared {
    pub(super) fn add(&mut self, id: usize, node: &Node, layers: &[usize]) {
        self.paths += 1;
        self.last = id;
        self.seen += u32::from(!node.seen.is_empty());
        for here in &node.here {
            let part = self.layers.entry(here.layer).or_default();
            if here.stat.is_whiteout() {
                part.whiteouts += 1;
                continue;
            }
            part.paths += 1;
            part.seen += u32::from(node.seen.contains(&here.layer));
            part.added += u32::from(node.here.len() == 1 && layers.first() == Some(&here.layer));
            part.bytes += if here.stat.kind == FileType::File { here.stat.size } else { 0 };
        }
    }

    /// The merged view's cell, then each layer's.
    pub(super) fn cells(&self, layers: &[usize]) -> Vec<Cell> {
        let most = layers.iter().enumerate().filter_map(|(row, layer)| {
            let part = self.layers.get(layer).filter(|part| part.seen > 0)?;
            Some((part.seen, row as u32 + 1))
        });
        let provider = most.max_by_key(|(seen, row)| (*seen, std::cmp::Reverse(*row))).map(|(_, row)| row);
        let state = if self.seen > 0 { CellState::Provided } else { CellState::Absent };
        let mut cells = vec![Cell { state, badge: None, provider, size: 0, paths: self.seen }];
        for layer in layers {
            let none = Part::default();
            let part = self.layers.get(layer).unwrap_or(&none);
            let state = match () {
                () if part.seen > 0 => CellState::Provided,
                () if part.paths > 0 => CellState::Hidden,
                () if part.whiteouts > 0 => CellState::Whiteout,
                () => CellState::Absent,
            };
            let badge = match (*layer, state) {
                (_, CellState::Whiteout) => Some(Badge::D),
                (0, CellState::Absent) => None,
                (0, _) if part.added == part.paths && part.whiteouts == 0 => Some(Badge::A),
                (0, _) => Some(Badge::C),
                _ => None,
            };
            cells.push(Cell {
                state,
                badge,
                provider: None,
                size: part.bytes,
                paths: part.paths + part.whiteouts,
            });
        }
        cells
    }
}
