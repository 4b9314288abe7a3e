//! The stack as the image screen's matrix: a row a path, a column a layer. Only the rows around those in sight are drawn.

use layerlab_core::explore::screen::{Line, Only, Query};
use layerlab_core::kernel::ByteString;
use layerlab_core::view::{BranchLayer, RowKind};
use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::image::names;
use super::units::{base_name, bytes, hue_of, layer_name};
use crate::hooks::{BRANCH_ROWS, Lab, use_lab};
use crate::state::{Action, Branching};
use crate::text::{Text, use_text};
use crate::visible;

/// A row's height before there is one to measure.
const ROW: f64 = 28.0;
const INDENT_MAX: u32 = 24;

/// The matrix with what chooses its rows.
#[component]
pub(crate) fn BranchTree() -> Html {
    let (lab, text) = (use_lab(), use_text());
    let scroll = use_node_ref();
    let tree = lab.state.branch.clone();
    use_in_sight(&lab, &scroll);
    let onscroll = {
        let (lab, scroll) = (lab.clone(), scroll.clone());
        Callback::from(move |_: Event| look(&lab, &scroll))
    };
    let onkeydown = {
        let (lab, scroll) = (lab.clone(), scroll.clone());
        Callback::from(move |event: KeyboardEvent| key(&lab, &scroll, &event))
    };
    let onclick = {
        let lab = lab.clone();
        Callback::from(move |event: MouseEvent| pressed(&lab, &event))
    };
    let height = scroll.cast::<web_sys::Element>().map_or(ROW, |element| row_height(&element));
    let space = |rows: u32| {
        let height = (f64::from(rows) * height).round().to_string();
        (rows > 0)
            .then(|| html! { <tr aria-hidden="true"><td class="space" height={height} colspan="2" /></tr> })
    };
    let layers = tree.layers.len();
    let after = tree.total.saturating_sub(tree.from + tree.lines.len() as u32);
    let active = tree.line(tree.active).map(|_| format!("branch-{}", tree.active));
    html! {
        <>
            { filter(&lab, &tree, &text) }
            <div class={classes!("mx", (layers > 8).then_some("many"))} ref={scroll.clone()} {onscroll} {onkeydown} {onclick} tabindex="0"
                role="treegrid" aria-label={text.get("image.matrix")} aria-rowcount={(tree.total + 1).to_string()}
                aria-colcount={(layers + 2).to_string()} aria-activedescendant={active}>
                <table role="presentation" width={names::width(layers)}>
                    <colgroup><col /><col class="k-size" /><col class="k-layer" span={layers.max(1).to_string()} /></colgroup>
                    <thead role="rowgroup">
                        <tr role="row" aria-rowindex="1">
                            <th role="columnheader" class="c-name">{ text.get("image.path") }</th>
                            <th role="columnheader" class="c-size">{ text.get("inspect.size") }</th>
                            { for tree.layers.iter().enumerate().map(|(at, layer)| head(at, layer, &text)) }
                        </tr>
                    </thead>
                    <tbody role="rowgroup">
                        { space(tree.from) }
                        { for (tree.from..).zip(tree.lines.iter()).map(|(row, line)| self::row(&tree, row, line, lab.state.selected.as_ref(), &text)) }
                        { space(after) }
                    </tbody>
                </table>
            </div>
            if tree.total == 0 { <p class="muted none">{ text.get("image.no-rows") }</p> }
        </>
    }
}

fn head(at: usize, layer: &BranchLayer, text: &Text) -> Html {
    let name = layer_name(layer.kind, &layer.name, layer.number, text);
    let short = match layer.kind {
        RowKind::Writable => "✎".to_owned(),
        RowKind::Init => "i".to_owned(),
        RowKind::Image => layer.number.to_string(),
        RowKind::Lower | RowKind::Merged => (at + 1).to_string(),
    };
    html! {
        <th key={at} role="columnheader" class={classes!("c-layer", hue_of(layer.kind, layer.hue))} title={name.clone()} aria-label={name}>
            <span>{ short }</span>
        </th>
    }
}

fn filter(lab: &Lab, tree: &Branching, text: &Text) -> Html {
    let only = |only: Only, key: &str| {
        let sift = {
            let (lab, filter) = (lab.clone(), tree.filter.clone());
            Callback::from(move |_: MouseEvent| sift(&lab, filter.clone(), only))
        };
        html! {
            <button type="button" class="btn" aria-pressed={(tree.only == only).to_string()} onclick={sift}>{ text.get(key) }</button>
        }
    };
    let typed = {
        let (lab, only) = (lab.clone(), tree.only);
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<web_sys::HtmlInputElement>() {
                sift(&lab, input.value(), only);
            }
        })
    };
    let all = |open: bool, key: &str, name: &str| {
        let fold = {
            let lab = lab.clone();
            Callback::from(move |_: MouseEvent| ask(&lab, Query::FoldAll { open }))
        };
        html! { <button type="button" class="btn" title={text.get(name)} aria-label={text.get(name)} onclick={fold}>{ text.get(key) }</button> }
    };
    html! {
        <div class="filter">
            <input type="search" aria-label={text.get("image.find")} placeholder={text.get("image.find")} value={tree.filter.clone()} oninput={typed} />
            <div role="group" aria-label={text.get("image.which")}>
                { only(Only::All, "image.all") }{ only(Only::Touched, "image.touched") }{ only(Only::Hidden, "image.only-hidden") }
            </div>
            <div class="folds">
                { all(true, "image.unfold", "image.unfold-all") }{ all(false, "image.fold", "image.fold-all") }
            </div>
        </div>
    }
}

fn sift(lab: &Lab, text: String, only: Only) {
    lab.dispatch(Action::Sifted { text: text.clone(), only });
    ask(lab, Query::Filter { text, only });
}

fn row(tree: &Branching, row: u32, line: &Line, selected: Option<&ByteString>, text: &Text) -> Html {
    let is_active = row == tree.active;
    let layer = |at: u16| tree.layers.get(usize::from(at));
    let called =
        |at: u16| layer(at).map_or_else(String::new, |l| layer_name(l.kind, &l.name, l.number, text));
    let hue = |at: u16| layer(at).map(|layer| hue_of(layer.kind, layer.hue));
    let path = visible::line(&line.path);
    let name = match line.provider {
        Some(at) => format!("{path}, {}", text.with("cell.from", &[("layer", &called(at))])),
        None => format!("{path}, {}", text.get("image.unseen")),
    };
    let mut cells = Vec::with_capacity(line.cells.len() * 2 + 1);
    let mut next = 0;
    let gap = |from: u16, to: usize| {
        let wide = to.saturating_sub(usize::from(from));
        (wide > 0).then(|| html! { <td key={format!("g{from}")} aria-hidden="true" class="gap" colspan={wide.to_string()} /> })
    };
    for cell in &line.cells {
        cells.extend(gap(next, usize::from(cell.layer)));
        let said = text.with(
            "cell.name",
            &[("path", &path), ("layer", &called(cell.layer)), ("state", &names::cell(*cell, text))],
        );
        cells.push(html! {
            <td key={cell.layer} role="gridcell" class="c-layer" aria-label={said.clone()} title={said} aria-colindex={(cell.layer + 3).to_string()}>
                <span class={classes!("lc", names::state_class(cell.state), hue(cell.layer))}>{ names::letter(cell.mark) }</span>
            </td>
        });
        next = cell.layer + 1;
    }
    cells.extend(gap(next, tree.layers.len()));
    html! {
        <tr key={line.id} id={format!("branch-{row}")} data-row={row.to_string()} role="row" aria-label={name}
            class={classes!("mx-row", is_active.then_some("active"), (selected == Some(&line.path)).then_some("picked"), line.provider.is_none().then_some("gone"))}
            aria-level={line.level.to_string()} aria-rowindex={(row + 2).to_string()}
            aria-expanded={line.open.map(|open| open.to_string())} aria-selected={is_active.to_string()}>
            <td role="rowheader" class="c-name" title={path}>
                { for (1..line.level.min(INDENT_MAX)).map(|_| html! { <i class="in" /> }) }
                <span class={classes!("arrow", line.open.map(|open| if open { "open" } else { "shut" }))}></span>
                <span class={classes!("name", line.provider.and_then(hue))}>{ base_name(&line.path, line.dir) }</span>
            </td>
            <td role="gridcell" class="c-size">{ line.size.map(bytes).unwrap_or_default() }</td>
            { for cells }
        </tr>
    }
}

fn ask(lab: &Lab, query: Query) {
    lab.branch(lab.state.subject.clone(), lab.state.epoch, query);
}

/// A press on a row: its path is explained; on its arrow: it unfolds or folds.
fn pressed(lab: &Lab, event: &MouseEvent) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
        return;
    };
    let row = target.closest("[data-row]").ok().flatten().and_then(|row| row.get_attribute("data-row"));
    let Some(row) = row.and_then(|row| row.parse().ok()) else { return };
    go(lab, row);
    if target.closest(".arrow").ok().flatten().is_some()
        && let Some((id, open)) = lab.state.branch.line(row).and_then(|line| Some((line.id, line.open?)))
    {
        ask(lab, Query::Fold { row: id, open: !open });
    }
}

fn go(lab: &Lab, row: u32) {
    lab.dispatch(Action::Stepped { row });
    if let Some(line) = lab.state.branch.line(row) {
        lab.dispatch(Action::Selected { path: line.path.clone() });
    }
}

fn row_height(scroll: &web_sys::Element) -> f64 {
    let row = scroll.query_selector(".mx-row").ok().flatten();
    row.map(|row| row.get_bounding_client_rect().height()).filter(|height| *height > 1.0).unwrap_or(ROW)
}

/// The first row in sight, and how many fit.
fn seen(scroll: &web_sys::Element) -> (u32, u32) {
    let height = row_height(scroll);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of rows of a screen, which are few and not less than none"
    )]
    let rows = |pixels: i32| (f64::from(pixels.max(0)) / height) as u32;
    (rows(scroll.scroll_top()), rows(scroll.client_height()) + 1)
}

/// Sees to it that the rows in sight are here.
fn look(lab: &Lab, scroll: &NodeRef) {
    let Some(scroll) = scroll.cast::<web_sys::Element>() else { return };
    let (first, count) = seen(&scroll);
    if !lab.state.branch.holds(first, count) {
        let from = first.saturating_sub(BRANCH_ROWS.saturating_sub(count) / 2);
        ask(lab, Query::Rows { from, count: BRANCH_ROWS });
    }
}

/// The row that the keyboard went to comes into sight.
#[hook]
fn use_in_sight(lab: &Lab, scroll: &NodeRef) {
    let (active, turn) = (lab.state.branch.active, lab.state.branch.turn);
    let scroll = scroll.clone();
    use_effect_with((active, turn), move |(active, _)| {
        let Some(element) = scroll.cast::<web_sys::Element>() else { return };
        let height = row_height(&element);
        let head = element.query_selector("thead").ok().flatten();
        let head = head.map_or(height, |head| head.get_bounding_client_rect().height());
        let top = f64::from(*active) * height;
        let (from, room) = (f64::from(element.scroll_top()), f64::from(element.client_height()) - head);
        let to = match () {
            () if top < from => top,
            () if top + height > from + room => top + height - room,
            () => return,
        };
        #[expect(clippy::cast_possible_truncation, reason = "a place on a screen")]
        element.set_scroll_top(to.ceil() as i32);
    });
}

/// The keys of a tree grid.
fn key(lab: &Lab, scroll: &NodeRef, event: &KeyboardEvent) {
    let Some(element) = scroll.cast::<web_sys::Element>() else { return };
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let tree = &lab.state.branch;
    let (at, last) = (tree.active, tree.total.saturating_sub(1));
    let page = seen(&element).1.saturating_sub(3).max(1);
    let line = tree.line(at);
    let fold = |open: bool| {
        if let Some(line) = line {
            ask(lab, Query::Fold { row: line.id, open });
        }
    };
    let to = match (event.key().as_str(), line.and_then(|line| line.open)) {
        ("ArrowDown", _) | ("ArrowRight", Some(true)) => at + 1,
        ("ArrowUp", _) => at.saturating_sub(1),
        ("PageDown", _) => at.saturating_add(page),
        ("PageUp", _) => at.saturating_sub(page),
        ("Home", _) => 0,
        ("End", _) => last,
        ("ArrowRight", Some(false)) => return turned(event, || fold(true)),
        ("ArrowLeft", Some(true)) => return turned(event, || fold(false)),
        ("Enter" | " ", Some(open)) => return turned(event, || fold(!open)),
        ("ArrowLeft", _) => line.and_then(|line| line.parent).unwrap_or(at),
        _ => return,
    };
    event.prevent_default();
    go(lab, to.min(last));
}

fn turned(event: &KeyboardEvent, act: impl FnOnce()) {
    event.prevent_default();
    act();
}
