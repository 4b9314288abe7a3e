//! The sheets: a row a layer, a column a path, and the merged view on top.

use std::rc::Rc;

use layerlab_core::kernel::ByteString;
use layerlab_core::session::Change;
use layerlab_core::view::{Column, Row, RowKind, Screen, Stack};
use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::cell::{Look, cell};
use super::icon::{Icon, icon};
use super::units::{bytes, command, hue, parent, row_name};
use crate::hooks::use_hands;
use crate::state::Action;
use crate::text::{Text, use_text};
use crate::visible;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct SheetsProps {
    /// What to draw.
    pub(crate) screen: Rc<Screen>,
    /// The path that the person chose.
    pub(crate) selected: Option<ByteString>,
    /// What the last line changed.
    pub(crate) changes: Rc<Vec<Change>>,
}

/// The grid of layers and paths.
#[component]
pub(crate) fn Sheets(props: &SheetsProps) -> Html {
    let (lab, text) = (use_hands(), use_text());
    let held = use_state(|| 0_usize);
    let Some(stack) = &props.screen.stack else { return Html::default() };
    let chosen = props.screen.explained.as_ref().map(|e| &e.path).or(props.selected.as_ref());
    let column = chosen.and_then(|path| stack.columns.iter().position(|c| c.path == *path)).unwrap_or(0);
    let row = (*held).min(stack.rows.len().saturating_sub(1));
    let onkeydown = {
        let (rows, columns) = (stack.rows.len(), stack.columns.len());
        Callback::from(move |event: KeyboardEvent| arrow(&event, row, column, rows, columns))
    };
    let select = {
        let (screen, held) = (Rc::clone(&props.screen), held.clone());
        Callback::from(move |event: Event| {
            let Some(at) = place(&event) else { return };
            held.set(at.0);
            let stack = screen.stack.as_ref();
            if let Some(column) = stack.and_then(|stack| stack.columns.get(at.1)) {
                lab.dispatch(Action::Selected { path: column.path.clone() });
            }
        })
    };
    let onfocusin = select.reform(|event: FocusEvent| Event::from(event));
    let onclick = select.reform(|event: MouseEvent| Event::from(event));
    let changed = stack.changed as usize;
    html! {
        <div class="sheets">
            <table role="grid" aria-label={text.get("stack.name")} class="grid" {onkeydown} {onfocusin} {onclick}>
                <thead>{ directories(stack, changed, &text) }</thead>
                <tbody>
                { for stack.rows.iter().enumerate().map(|(r, sheet)| html! {
                    <tr key={format!("{}{}", sheet.dir, r)} class={classes!("sheet", kind_class(sheet.kind), hue(stack, r))}>
                        <th scope="row" class="label">{ label(stack, sheet, &text) }</th>
                        { for sheet.cells.iter().enumerate().map(|(c, _)| {
                            let fresh = is_fresh(&props.changes, sheet, &stack.columns[c]);
                            let focusable = r == row && c == column;
                            cell(stack, (r, c), Look { chosen: c == column, focusable, fresh }, &text)
                        }) }
                    </tr>
                }) }
                </tbody>
            </table>
        </div>
    }
}

fn kind_class(kind: RowKind) -> &'static str {
    match kind {
        RowKind::Merged => "merged",
        RowKind::Writable => "writable",
        RowKind::Init => "base",
        RowKind::Image | RowKind::Lower => "image",
    }
}

/// The directories over their columns: neighbours of one directory share a heading.
fn directories(stack: &Stack, changed: usize, text: &Text) -> Html {
    let mut groups: Vec<(&[u8], usize, bool)> = Vec::new();
    for (at, column) in stack.columns.iter().enumerate() {
        let dir = parent(&column.path);
        match groups.last_mut() {
            Some((last, count, _)) if *last == dir && at != changed => *count += 1,
            _ => groups.push((dir, 1, at == changed && at > 0)),
        }
    }
    html! {
        <tr>
            <td class="corner">{ text.get("stack.corner") }</td>
            { for groups.into_iter().enumerate().map(|(at, (dir, count, seam))| html! {
                <th key={at} scope="colgroup" colspan={count.to_string()} class={classes!("dir", seam.then_some("seam"))}>
                    <span title={visible::line(dir)}>{ visible::line(dir) }</span>
                </th>
            }) }
        </tr>
    }
}

fn label(stack: &Stack, row: &Row, text: &Text) -> Html {
    let (mark, detail) = match row.kind {
        RowKind::Merged => {
            let name = visible::line(stack.subject.name.as_bytes());
            (Icon::Eye, text.with("row.sees", &[("name", &name)]))
        }
        RowKind::Writable => (Icon::Pen, text.with("row.writable", &[("size", &bytes(row.size))])),
        RowKind::Init => (Icon::Lock, text.get("row.init-detail")),
        RowKind::Lower => (Icon::Lock, text.with("row.lower", &[("size", &bytes(row.size))])),
        RowKind::Image => {
            let made = row.command.as_deref().map(command).unwrap_or_default();
            (Icon::Lock, made)
        }
    };
    // What an image's layer weighs stands beside its name, so that its command has a line of its own.
    let size = (row.kind == RowKind::Image).then(|| bytes(row.size));
    let shared = (row.shared_by > 1).then(|| text.count("row.shared", row.shared_by.into()));
    let detail = shared.map_or(detail.clone(), |shared| format!("{shared} · {detail}"));
    let title = match &row.digest {
        Some(digest) => format!("{}\n{digest}", row.command.as_deref().map(command).unwrap_or_default()),
        None => visible::line(&row.dir),
    };
    html! {
        <div class="lab" {title}>
            { icon(mark) }
            <span class="head">
                <b>{ row_name(row, text) }</b>
                if let Some(size) = size { <span class="size">{ size }</span> }
            </span>
            <span class="detail">{ detail }</span>
        </div>
    }
}

/// Whether the last line changed this path in this layer.
fn is_fresh(changes: &[Change], row: &Row, column: &Column) -> bool {
    row.kind == RowKind::Writable && changes.iter().any(|c| c.path == column.path && c.layer == row.name)
}

/// The row and column that an event happened at.
fn place(event: &Event) -> Option<(usize, usize)> {
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let cell = target.closest("[role=gridcell]").ok().flatten()?;
    let (row, column) =
        cell.id().strip_prefix("cell-")?.split_once('-').map(|(r, c)| (r.parse(), c.parse()))?;
    row.ok().zip(column.ok())
}

/// Arrow keys, Home and End move between cells.
fn arrow(event: &KeyboardEvent, row: usize, column: usize, rows: usize, columns: usize) {
    let (row, column) = match event.key().as_str() {
        "ArrowUp" => (row.saturating_sub(1), column),
        "ArrowDown" => ((row + 1).min(rows.saturating_sub(1)), column),
        "ArrowLeft" => (row, column.saturating_sub(1)),
        "ArrowRight" => (row, (column + 1).min(columns.saturating_sub(1))),
        "Home" => (row, 0),
        "End" => (row, columns.saturating_sub(1)),
        _ => return,
    };
    event.prevent_default();
    let cell = gloo::utils::document().get_element_by_id(&format!("cell-{row}-{column}"));
    if let Some(cell) = cell.and_then(|cell| cell.dyn_into::<web_sys::HtmlElement>().ok()) {
        // A cell can be focused whatever its place in the tab order.
        let _ = cell.focus();
    }
}
