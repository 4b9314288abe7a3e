//! A cell: what one layer has at one path, said by hue, pattern, letter and name alike.

use layerlab_core::view::{Badge, Cell, CellState, Column, Fold, RowKind, Stack};
use yew::prelude::*;

use super::units::{base_name, breakable, hue, row_name};
use crate::text::Text;
use crate::visible;

/// How a cell stands out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Its column is the path that the inspector explains.
    pub(super) chosen: bool,
    /// It is the one that Tab reaches.
    pub(super) focusable: bool,
    /// The last line changed it.
    pub(super) fresh: bool,
}

/// Draws the cell at a row and a column.
pub(super) fn cell(stack: &Stack, (row, column): (usize, usize), look: Look, text: &Text) -> Html {
    let (sheet, path) = (&stack.rows[row], &stack.columns[column]);
    let cell = &sheet.cells[column];
    let label = match path.fold {
        _ if cell.state == CellState::Absent => None,
        Some(fold) if sheet.kind == RowKind::Merged => Some(folded_label(path, fold)),
        Some(_) if cell.badge == Some(Badge::A) => Some(text.with("cell.new", &[("n", &cell.paths)])),
        Some(_) => Some(cell.paths.to_string()),
        None => Some(base_name(&path.path, path.dir)),
    };
    let name = match path.fold {
        Some(fold) => folded_name(stack, (row, column), fold, label.as_deref(), text),
        None => text.with(
            "cell.name",
            &[
                ("path", &visible::line(&path.path)),
                ("layer", &row_name(sheet, text)),
                ("state", &state_name(stack, row, cell, text)),
            ],
        ),
    };
    let class = classes!(
        "cell",
        state_class(cell.state),
        provider_hue(stack, row, cell),
        path.fold.map(|_| "fold"),
        look.chosen.then_some("chosen"),
        look.fresh.then_some("fresh"),
    );
    let open = path.fold.filter(|_| sheet.kind == RowKind::Merged).map(|_| "false");
    html! {
        <td key={key(path)} id={format!("cell-{row}-{column}")} role="gridcell" {class} aria-label={name.clone()}
            title={name} tabindex={if look.focusable { "0" } else { "-1" }} aria-selected={look.chosen.to_string()} aria-expanded={open}>
            <span class="chip">
                if let Some(label) = label { <span class="text">{ breakable(&label) }</span> }
                // The letter is drawn by the style sheet: the cell's name says it in words already.
                if let Some(badge) = cell.badge { <span class={classes!("badge", letter(badge))}></span> }
            </span>
        </td>
    }
}

/// What sets a column apart from all others.
pub(super) fn key(column: &Column) -> String {
    match column.fold {
        None => column.path.to_text(),
        Some(fold) if fold.rest => format!("{} rest", column.path.to_text()),
        Some(_) => format!("{} folded", column.path.to_text()),
    }
}

/// `bin ▸ 12`; what is left of a directory beside other columns of it has no name of its own.
fn folded_label(column: &Column, fold: Fold) -> String {
    if fold.rest {
        return format!("▸ {}", fold.paths);
    }
    format!("{} ▸ {}", base_name(&column.path, false), fold.paths)
}

/// What a folded cell says; what is seen in it is part of that, so that who speaks to the page can say what they see.
pub(super) fn folded_name(
    stack: &Stack,
    (row, column): (usize, usize),
    fold: Fold,
    label: Option<&str>,
    text: &Text,
) -> String {
    let (sheet, path) = (&stack.rows[row], &stack.columns[column]);
    let key = if fold.rest { "cell.rest" } else { "cell.fold" };
    let name = text.with(
        key,
        &[
            ("path", &visible::line(&path.path)),
            ("paths", &fold.paths),
            ("layer", &row_name(sheet, text)),
            ("n", &sheet.cells[column].paths),
        ],
    );
    match label {
        Some(label) if !name.contains(label) => format!("{name}, {label}"),
        _ => name,
    }
}

/// The state in words: what assistive technology says, and what the tree and the pointer's hint show.
pub(super) fn state_name(stack: &Stack, row: usize, cell: &Cell, text: &Text) -> String {
    let is_merged = stack.rows[row].kind == RowKind::Merged;
    match (cell.state, cell.badge) {
        (CellState::Absent, _) if is_merged => text.get("cell.empty"),
        (CellState::Absent, _) => text.get("cell.nothing"),
        (CellState::Whiteout, _) => text.get("cell.deleted"),
        (CellState::Opaque, _) => text.get("cell.opaque"),
        (CellState::Hidden, _) => text.get("cell.hidden"),
        (_, Some(Badge::A)) => text.get("cell.added"),
        (_, Some(Badge::C)) => text.get("cell.changed"),
        (CellState::Merged, _) => text.get("cell.merged"),
        (CellState::Provided, _) => match cell.provider.and_then(|at| stack.rows.get(at as usize)) {
            Some(provider) if is_merged => text.with("cell.from", &[("layer", &row_name(provider, text))]),
            _ => text.get("cell.seen"),
        },
    }
}

fn state_class(state: CellState) -> &'static str {
    match state {
        CellState::Absent => "absent",
        CellState::Provided => "provided",
        CellState::Merged => "both",
        CellState::Hidden => "hidden-below",
        CellState::Whiteout => "whiteout",
        CellState::Opaque => "opaque",
    }
}

/// A layer's cell has the layer's hue; the merged row takes that of the layer that it comes from.
fn provider_hue(stack: &Stack, row: usize, cell: &Cell) -> String {
    hue(stack, cell.provider.map_or(row, |provider| provider as usize))
}

fn letter(badge: Badge) -> &'static str {
    match badge {
        Badge::A => "A",
        Badge::C => "C",
        Badge::D => "D",
    }
}
