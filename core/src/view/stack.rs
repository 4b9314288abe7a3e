//! The stack: a row a layer, a column a path, and in each cell what the layer has there.

use super::columns::{self, choose};
use super::sources::Source;
use super::{Badge, Cell, CellState, Row, RowKind, Stack};
use crate::engine::marks;
use crate::kernel::{ByteString, Errno, FileType, Task, path};
use crate::overlay::Directories;

/// Draws the layers of a subject with at most `limit` columns.
pub(super) fn build(
    dirs: &mut Directories<'_>,
    source: &Source,
    limit: usize,
    wanted: Option<&ByteString>,
) -> Result<Stack, Errno> {
    let choice = choose(dirs, limit, wanted)?;
    let numbers: Vec<usize> = dirs.numbers().collect();
    let merged = Row {
        kind: RowKind::Merged,
        name: source.subject.name.clone(),
        number: 0,
        command: None,
        size: 0,
        digest: None,
        shared_by: 0,
        dir: ByteString::new(),
        cells: Vec::new(),
    };
    let mut rows = vec![merged];
    for (layer, number) in source.layers.iter().zip(&numbers) {
        let size = if layer.size == 0 && layer.kind != RowKind::Image {
            columns::size(dirs, *number)
        } else {
            layer.size
        };
        rows.push(Row {
            kind: layer.kind,
            name: layer.name.clone(),
            number: layer.number,
            command: layer.command.clone(),
            size,
            digest: layer.digest.clone(),
            shared_by: layer.shared_by,
            dir: layer.dir.clone(),
            cells: Vec::new(),
        });
    }
    for column in &choice.columns {
        let cells = cells(dirs, &numbers, &column.path)?;
        for (row, cell) in rows.iter_mut().zip(cells) {
            row.cells.push(cell);
        }
    }
    let whiteouts =
        rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.state == CellState::Whiteout).count();
    Ok(Stack {
        subject: source.subject.clone(),
        rows,
        columns: choice.columns,
        changed: choice.changed as u32,
        more: choice.more,
        whiteouts: whiteouts as u32,
    })
}

/// The cells of a path: the merged view's, then each layer's.
fn cells(dirs: &mut Directories<'_>, numbers: &[usize], inside: &ByteString) -> Result<Vec<Cell>, Errno> {
    let sight = dirs.sight(inside)?;
    let row = |layer: usize| (layer - numbers[0] + 1) as u32;
    let provider = sight.providers.first().copied();
    let state = if provider.is_some() { CellState::Provided } else { CellState::Absent };
    let mut cells = vec![Cell { state, badge: None, provider: provider.map(row), size: 0 }];
    for &layer in numbers {
        let cell = layer_cell(dirs, layer, inside, &sight.providers)?;
        if provider == Some(layer) {
            cells[0].size = cell.size;
        }
        cells.push(cell);
    }
    Ok(cells)
}

fn layer_cell(
    dirs: &mut Directories<'_>,
    layer: usize,
    inside: &ByteString,
    providers: &[usize],
) -> Result<Cell, Errno> {
    let absent = Cell { state: CellState::Absent, badge: None, provider: None, size: 0 };
    let Some(stat) = dirs.entry(layer, inside) else { return Ok(absent) };
    let size = if stat.kind == FileType::File { stat.size } else { 0 };
    if stat.is_whiteout() {
        return Ok(Cell { state: CellState::Whiteout, badge: Some(Badge::D), ..absent });
    }
    let real = dirs.dir(layer).map(|dir| path::join(dir, &inside[1..])).unwrap_or_default();
    let opaque = stat.is_dir() && marks(dirs.kernel, &Task::root(), &real).opaque;
    let state = match () {
        () if !providers.contains(&layer) => CellState::Hidden,
        () if opaque => CellState::Opaque,
        () if providers.len() > 1 => CellState::Merged,
        () => CellState::Provided,
    };
    // As docker diff: what the image had is changed, what it did not have is added.
    let badge = match layer {
        0 if dirs.sight_below(inside)?.providers.is_empty() => Some(Badge::A),
        0 => Some(Badge::C),
        _ => None,
    };
    Ok(Cell { state, badge, provider: None, size })
}
