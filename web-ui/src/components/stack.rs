//! The sheets: a row a layer, a column a path, and the merged view on top.

use std::collections::BTreeSet;
use std::rc::Rc;

use layerlab_core::kernel::ByteString;
use layerlab_core::oci::Digest;
use layerlab_core::session::LayerChange;
use layerlab_core::view::{Column, Row, RowKind, Screen, Stack, SubjectKind};
use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::cell::{Look, cell, key};
use super::icon::{Icon, icon};
use super::units::{brief, bytes, command, hue, made, row_name};
use crate::hooks::{use_event, use_hands};
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
    pub(crate) changes: Rc<Vec<LayerChange>>,
    /// The layers that the last line built, by their chain ids.
    pub(crate) built: Vec<Digest>,
    /// How many columns fit.
    pub(crate) fits: u32,
    /// The directories that are unfolded.
    pub(crate) unfolded: BTreeSet<ByteString>,
}

/// The widths of names and of a column where the stack is wider than its place, in pixels.
const LABEL: usize = 222;
const COLUMN: usize = 84;

/// The grid of layers and paths.
#[component]
pub(crate) fn Sheets(props: &SheetsProps) -> Html {
    let (lab, text) = (use_hands(), use_text());
    // The row and the column that the keyboard was at last.
    let held = use_state_eq(|| (0_usize, None::<String>));
    let grid = use_node_ref();
    use_kept_focus(&grid);
    use_change_in_sight(&grid, &props.changes);
    use_unfolded_in_sight(&grid, &props.unfolded, &props.screen, held.0);
    let landed = use_landed(props.screen.stack.as_ref());
    let Some(stack) = &props.screen.stack else { return Html::default() };
    let chosen = props.screen.explained.as_ref().map(|e| &e.path).or(props.selected.as_ref());
    let chosen =
        chosen.and_then(|path| stack.columns.iter().position(|c| c.fold.is_none() && c.path == *path));
    let at_hand = held.1.as_ref().and_then(|name| stack.columns.iter().position(|c| key(c) == *name));
    let column = at_hand.or(chosen).unwrap_or(0);
    let row = held.0.min(stack.rows.len().saturating_sub(1));
    let unfold = {
        let (screen, lab) = (Rc::clone(&props.screen), lab.clone());
        move |column: usize| {
            let stack = screen.stack.as_ref();
            if let Some(column) =
                stack.and_then(|stack| stack.columns.get(column)).filter(|c| c.fold.is_some())
            {
                lab.dispatch(Action::Unfolded { dir: column.path.clone(), open: true });
            }
        }
    };
    let onkeydown = {
        let (rows, columns, unfold) = (stack.rows.len(), stack.columns.len(), unfold.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" | " " => {
                if let Some((_, column)) = place(&event) {
                    event.prevent_default();
                    unfold(column);
                }
            }
            _ => arrow(&event, row, column, rows, columns),
        })
    };
    let onfocusin = {
        let (screen, held, lab) = (Rc::clone(&props.screen), held.clone(), lab.clone());
        Callback::from(move |event: FocusEvent| {
            let Some((row, column)) = place(&event) else { return };
            let stack = screen.stack.as_ref();
            let Some(column) = stack.and_then(|stack| stack.columns.get(column)) else { return };
            held.set((row, Some(key(column))));
            if column.fold.is_none() {
                lab.dispatch(Action::Selected { path: column.path.clone() });
            }
        })
    };
    let onclick = {
        let lab = lab.clone();
        Callback::from(move |event: MouseEvent| {
            if let Some((_, column)) = place(&event) {
                unfold(column);
            } else if let Some(dir) = heading(&event) {
                lab.dispatch(Action::Unfolded { dir, open: false });
            }
        })
    };
    let is_wide = stack.columns.len() > props.fits as usize;
    let width = is_wide.then(|| (LABEL + COLUMN * stack.columns.len()).to_string());
    html! {
        <div class={classes!("sheets", is_wide.then_some("wide"))}>
            <table ref={grid} {width} role="grid" aria-label={text.get("stack.name")} class="grid" {onkeydown} {onfocusin} {onclick}>
                <colgroup><col class="k-label" /><col span={stack.columns.len().max(1).to_string()} class="k-path" /></colgroup>
                <thead>{ directories(stack, &props.unfolded, &text) }</thead>
                <tbody>
                { for stack.rows.iter().enumerate().map(|(r, sheet)| html! {
                    <tr key={format!("{}{}", sheet.dir, r)}
                        class={classes!("sheet", kind_class(sheet.kind), hue(stack, r), (landed && r == 1 || is_built(props, sheet)).then_some("landed"))}>
                        <th scope="row" class="label">{ label(stack, sheet, &text) }</th>
                        { for sheet.cells.iter().enumerate().map(|(c, _)| {
                            let fresh = is_fresh(&props.changes, sheet, &stack.columns[c]);
                            let focusable = r == row && c == column;
                            cell(stack, (r, c), Look { chosen: Some(c) == chosen, focusable, fresh }, &text)
                        }) }
                    </tr>
                }) }
                </tbody>
            </table>
        </div>
    }
}

/// Whether the last line built this layer.
fn is_built(props: &SheetsProps, row: &Row) -> bool {
    row.chain.is_some_and(|chain| props.built.contains(&chain))
}

/// Columns come and go while the keyboard is in the grid: its focus goes to the cell that is at hand now, never to nowhere.
/// Who goes elsewhere, or presses elsewhere, has left the grid.
#[hook]
fn use_kept_focus(grid: &NodeRef) {
    let is_inside = use_mut_ref(|| false);
    let went = {
        let (grid, is_inside) = (grid.clone(), Rc::clone(&is_inside));
        move |event: &Event| {
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
            let grid = grid.cast::<web_sys::Element>();
            *is_inside.borrow_mut() = grid.is_some_and(|grid| grid.contains(target.as_ref()));
        }
    };
    use_event("focusin", went.clone());
    use_event("pointerdown", went);
    let grid = grid.clone();
    use_effect(move || {
        let Some(grid) = grid.cast::<web_sys::Element>() else { return };
        let active = gloo::utils::document().active_element();
        let is_nowhere = active.is_none_or(|active| active.dyn_ref::<web_sys::HtmlBodyElement>().is_some());
        if is_nowhere
            && *is_inside.borrow()
            && let Some(cell) = grid.query_selector("td[tabindex='0']").ok().flatten()
        {
            focus(cell);
        }
    });
}

/// What a line changed is brought into sight once, when it is drawn; after that the person scrolls.
#[hook]
fn use_change_in_sight(grid: &NodeRef, changes: &Rc<Vec<LayerChange>>) {
    let seen = use_mut_ref(|| None::<Rc<Vec<LayerChange>>>);
    let (grid, changes) = (grid.clone(), Rc::clone(changes));
    use_effect(move || {
        if seen.borrow().as_ref().is_some_and(|seen| Rc::ptr_eq(seen, &changes)) {
            return;
        }
        let Some(grid) = grid.cast::<web_sys::Element>() else { return };
        let find = |name: &str| grid.query_selector(name).ok().flatten();
        // The line may have ended before its screen came.
        let Some(fresh) = find(".chosen.fresh").or_else(|| find(".fresh")) else { return };
        *seen.borrow_mut() = Some(changes);
        let (Some(place), Some(corner)) = (grid.closest(".sheets").ok().flatten(), find(".corner")) else {
            return;
        };
        let (window, cell) = (place.get_bounding_client_rect(), fresh.get_bounding_client_rect());
        // Names and directories lie over what is scrolled.
        let over = corner.get_bounding_client_rect();
        let by = |from: f64, to: f64, first: f64, last: f64| {
            if first < from { first - from } else { (last - to).max(0.0) }
        };
        let across = by(window.left() + over.width(), window.right(), cell.left(), cell.right());
        let down = by(window.top() + over.height(), window.bottom(), cell.top(), cell.bottom());
        place.set_scroll_left(place.scroll_left() + across as i32);
        place.set_scroll_top(place.scroll_top() + down as i32);
    });
}

/// A directory that was unfolded is brought into sight once, when its columns are drawn.
#[hook]
fn use_unfolded_in_sight(grid: &NodeRef, unfolded: &BTreeSet<ByteString>, screen: &Rc<Screen>, row: usize) {
    let seen = use_mut_ref(|| unfolded.clone());
    let (grid, unfolded, screen) = (grid.clone(), unfolded.clone(), Rc::clone(screen));
    use_effect(move || {
        let mut seen = seen.borrow_mut();
        seen.retain(|dir| unfolded.contains(dir));
        let Some(new) = unfolded.iter().find(|dir| !seen.contains(*dir)).cloned() else { return };
        let Some(grid) = grid.cast::<web_sys::Element>() else { return };
        let Some(stack) = &screen.stack else { return };
        // Its columns come with the next screen.
        if stack.columns.iter().any(|column| column.fold.is_some() && column.path == new) {
            return;
        }
        let Some(first) = stack.columns.iter().position(|column| column.heading == new) else { return };
        seen.insert(new);
        let find = |name: &str| grid.query_selector(name).ok().flatten();
        let (Some(cell), Some(corner)) = (find(&format!("#cell-{row}-{first}")), find(".corner")) else {
            return;
        };
        let from = cell.get_bounding_client_rect().left() - corner.get_bounding_client_rect().right();
        let active = gloo::utils::document().active_element();
        if active.is_some_and(|active| grid.contains(Some(&active))) {
            focus(cell);
        }
        if let Some(place) = grid.closest(".sheets").ok().flatten() {
            place.set_scroll_left(place.scroll_left() + from as i32);
        }
    });
}

/// Whether the image that is seen was just committed from the container that was seen before: its writable layer is seen to
/// become the image's top layer.
#[hook]
fn use_landed(stack: Option<&Stack>) -> bool {
    let before = use_mut_ref(|| (String::new(), None::<String>, false));
    let Some(stack) = stack else { return false };
    let mut before = before.borrow_mut();
    let (id, container, landed) = &mut *before;
    if *id != stack.subject.id {
        let top = stack.rows.get(1).and_then(|row| row.commit_of.as_ref());
        *landed = top.is_some() && top == container.as_ref();
        id.clone_from(&stack.subject.id);
        *container = (stack.subject.kind == SubjectKind::Container).then(|| stack.subject.name.clone());
    }
    *landed
}

fn kind_class(kind: RowKind) -> &'static str {
    match kind {
        RowKind::Merged => "merged",
        RowKind::Writable => "writable",
        RowKind::Init => "base",
        RowKind::Image | RowKind::Lower => "image",
    }
}

/// The directories over their columns, one heading each; one that was unfolded can be folded there.
fn directories(stack: &Stack, unfolded: &BTreeSet<ByteString>, text: &Text) -> Html {
    let mut groups: Vec<(&ByteString, usize)> = Vec::new();
    for column in &stack.columns {
        match groups.last_mut() {
            Some((last, count)) if *last == &column.heading => *count += 1,
            _ => groups.push((&column.heading, 1)),
        }
    }
    html! {
        <tr>
            <td class="corner">{ text.get("stack.corner") }</td>
            { for groups.into_iter().enumerate().map(|(at, (dir, count))| {
                let name = visible::line(dir);
                html! {
                    <th key={at} scope="colgroup" colspan={count.to_string()} class="dir">
                        if unfolded.contains(dir) {
                            <button type="button" data-dir={name.clone()} title={text.with("stack.fold", &[("path", &name)])}
                                aria-label={text.with("stack.fold", &[("path", &name)])}>{ format!("▾ {name}") }</button>
                        } else {
                            <span title={name.clone()}>{ name.clone() }</span>
                        }
                    </th>
                }
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
        RowKind::Image => (Icon::Lock, brief(&made(row.command.as_deref(), row.commit_of.as_deref(), text))),
    };
    // What an image's layer weighs stands beside its name, so that its command has a line of its own.
    let size = (row.kind == RowKind::Image).then(|| bytes(row.size));
    let shared = (row.shared_by > 1).then(|| text.count("row.shared", row.shared_by.into()));
    let title = match &row.digest {
        Some(digest) => format!("{}\n{digest}", row.command.as_deref().map(command).unwrap_or_default()),
        None => visible::line(&row.dir),
    };
    // A long name is cut before its number.
    let name = row_name(row, text);
    let number = (row.kind == RowKind::Image).then(|| format!(" · {}", row.number));
    let name = number.as_deref().and_then(|number| name.strip_suffix(number)).unwrap_or(&name).to_owned();
    html! {
        <div class="lab" {title}>
            { icon(mark) }
            <span class="head">
                <b class={is_id(&name).then_some("id")}>{ name }</b>
                if let Some(number) = number { <b class="no">{ number }</b> }
                if let Some(size) = size { <span class="size">{ size }</span> }
            </span>
            <span class="detail">
                if let Some(shared) = shared { { shared }{ " · " } }
                { detail }
            </span>
        </div>
    }
}

/// Whether an image has no name but the beginning of its id, which is not broken.
fn is_id(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether the last line changed this path in this layer.
fn is_fresh(changes: &[LayerChange], row: &Row, column: &Column) -> bool {
    let is_here = |change: &LayerChange| match column.fold {
        None => change.path == column.path,
        Some(_) => change.path.starts_with(&column.path) && change.path != column.path,
    };
    let of_layer = |change: &LayerChange| change.layer == row.name || row.dir == *change.layer;
    row.kind == RowKind::Writable && changes.iter().any(|change| is_here(change) && of_layer(change))
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
        "Home" if event.ctrl_key() => (0, 0),
        "End" if event.ctrl_key() => (rows.saturating_sub(1), columns.saturating_sub(1)),
        "Home" => (row, 0),
        "End" => (row, columns.saturating_sub(1)),
        "PageUp" => (0, column),
        "PageDown" => (rows.saturating_sub(1), column),
        _ => return,
    };
    event.prevent_default();
    if let Some(cell) = gloo::utils::document().get_element_by_id(&format!("cell-{row}-{column}")) {
        focus(cell);
    }
}

fn focus(cell: web_sys::Element) {
    if let Ok(cell) = cell.dyn_into::<web_sys::HtmlElement>() {
        // A cell can be focused whatever its place in the tab order.
        let _ = cell.focus();
    }
}

/// The unfolded directory whose heading an event happened at.
fn heading(event: &Event) -> Option<ByteString> {
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let name = target.closest("[data-dir]").ok().flatten()?.get_attribute("data-dir")?;
    Some(name.as_str().into())
}
