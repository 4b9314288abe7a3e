//! The stack: a row a layer, a column a path, and in each cell what the layer has there.

use super::columns::{Wish, choose};
use super::sources::{Layer, Source};
use super::walk::{self, Forest};
use super::{Badge, Cell, CellState, Row, RowKind, Stack, SubjectKind};
use crate::engine::marks;
use crate::kernel::{ByteString, Errno, FileType, Task, path};
use crate::overlay::Directories;

/// What is asked of a stack: see [`super::Query::Screen`].
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) limit: usize,
    pub(super) path: Option<&'a ByteString>,
    pub(super) show: &'a [ByteString],
    pub(super) unfolded: &'a [ByteString],
}

/// Draws the layers of a subject, and names the path that tells most. Whether any layer has the path that was asked for is
/// told too.
pub(super) fn build(
    dirs: &mut Directories<'_>,
    source: &Source,
    asked: &Asked<'_>,
) -> Result<(Stack, Option<ByteString>, bool), Errno> {
    let numbers: Vec<usize> = dirs.numbers().collect();
    let forest = Forest::read(dirs)?;
    let init = source.layers.iter().position(|layer| layer.kind == RowKind::Init);
    let (own, shares) = own(source);
    let own: Vec<usize> = own.into_iter().filter_map(|at| numbers.get(at).copied()).collect();
    let choice = choose(
        &forest,
        &Wish {
            limit: asked.limit,
            path: asked.path,
            show: asked.show,
            unfolded: asked.unfolded,
            init: init.and_then(|at| numbers.get(at).copied()),
            layers: &numbers,
            own: &own,
            based: shares && source.subject.kind == SubjectKind::Image,
        },
    );
    let merged = Row {
        kind: RowKind::Merged,
        name: source.subject.name.clone(),
        number: 0,
        command: None,
        commit_of: None,
        hue: None,
        size: 0,
        digest: None,
        chain: None,
        shared_by: 0,
        dir: ByteString::new(),
        cells: Vec::new(),
    };
    let mut rows = vec![merged];
    for layer in &source.layers {
        rows.push(row(dirs, layer));
    }
    let mut columns = Vec::with_capacity(choice.columns.len());
    for (column, shared) in choice.columns {
        let cells = match shared {
            Some(cells) => cells,
            None => cells(dirs, &numbers, &column.path)?,
        };
        for (row, cell) in rows.iter_mut().zip(cells) {
            row.cells.push(cell);
        }
        columns.push(column);
    }
    let whiteouts =
        forest.nodes.iter().flat_map(|node| &node.here).filter(|here| here.stat.is_whiteout()).count();
    let stack = Stack {
        subject: source.subject.clone(),
        rows,
        columns,
        paths: choice.paths,
        shown: choice.shown,
        more: forest.cut,
        whiteouts: whiteouts as u32,
    };
    let is_there = asked.path.is_some_and(|path| forest.find(path).is_some());
    Ok((stack, choice.telling, is_there))
}

/// The layers that tell what an image is, by their places: its topmost, and those above the first that others have too;
/// whether there is one.
fn own(source: &Source) -> (Vec<usize>, bool) {
    let image: Vec<(usize, u32)> = source
        .layers
        .iter()
        .enumerate()
        .filter(|(_, layer)| layer.kind == RowKind::Image)
        .map(|(at, layer)| (at, layer.shared_by))
        .collect();
    let shared = image.iter().position(|(_, shared_by)| *shared_by > 1);
    let own = image.into_iter().take(shared.unwrap_or(1).max(1)).map(|(at, _)| at).collect();
    (own, shared.is_some_and(|shared| shared > 0))
}

/// A layer without its cells.
fn row(dirs: &mut Directories<'_>, layer: &Layer) -> Row {
    let is_known = layer.size > 0 || layer.kind == RowKind::Image;
    Row {
        kind: layer.kind,
        name: layer.name.clone(),
        number: layer.number,
        command: layer.command.clone(),
        commit_of: layer.commit_of.clone(),
        hue: layer.hue,
        size: if is_known { layer.size } else { walk::size(dirs.kernel, &layer.dir) },
        digest: layer.digest.clone(),
        chain: layer.chain,
        shared_by: layer.shared_by,
        dir: layer.dir.clone(),
        cells: Vec::new(),
    }
}

/// The cells of a path: the merged view's, then each layer's.
fn cells(dirs: &mut Directories<'_>, numbers: &[usize], inside: &ByteString) -> Result<Vec<Cell>, Errno> {
    let sight = dirs.sight(inside)?;
    let row = |layer: usize| (layer - numbers[0] + 1) as u32;
    let provider = sight.providers.first().copied();
    let state = if provider.is_some() { CellState::Provided } else { CellState::Absent };
    let mut cells = vec![Cell { state, badge: None, provider: provider.map(row), size: 0, paths: 0 }];
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
    let absent = Cell { state: CellState::Absent, badge: None, provider: None, size: 0, paths: 0 };
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
    Ok(Cell { state, badge, provider: None, size, paths: 0 })
}
