//! The matrix of files and layers: a tree with a column a layer. Only the rows around those that are seen are drawn.

use layerlab_core::explore::screen::{LayerCell, Line, Only};
use yew::prelude::*;

use super::act::Act;
use super::names;
use crate::components::units::{base_name, bytes};
use crate::image::{Images, Laid, State};
use crate::text::Text;
use crate::visible;

/// A row's height in pixels before there is one to measure.
const ROW: f64 = 28.0;
/// Layers that fit beside the names on a desk's screen.
const FIT: usize = 8;
/// Deeper than this, names are not moved further to the right.
const INDENT_MAX: u32 = 24;

/// The matrix with what chooses its rows.
pub(super) fn matrix(state: &State, image: &Laid, text: &Text, images: &Images, scroll: &NodeRef) -> Html {
    let layers = image.overview.report.layers.len();
    let onscroll = {
        let (images, scroll) = (images.clone(), scroll.clone());
        Callback::from(move |_: Event| look(&images, &scroll))
    };
    let rows = &state.rows;
    let height = scroll.cast::<web_sys::Element>().map_or(ROW, |element| row_height(&element));
    let space = |rows: u32| {
        let height = (f64::from(rows) * height).round().to_string();
        (rows > 0)
            .then(|| html! { <tr aria-hidden="true"><td class="space" height={height} colspan="2" /></tr> })
    };
    let after = rows.total.saturating_sub(rows.from + rows.lines.len() as u32);
    let active = rows.line(state.active).map(|_| format!("row-{}", state.active));
    html! {
        <>
            { filter(state, text) }
            // The rows scroll inside; the keyboard's place is told by the row's name, so that a row may come and go.
            <div class={classes!("mx", (layers > FIT).then_some("many"))} ref={scroll.clone()} {onscroll} tabindex="0" role="treegrid" aria-label={text.get("image.matrix")}
                aria-rowcount={(rows.total + 1).to_string()} aria-colcount={(layers + 2).to_string()} aria-activedescendant={active}>
                // Columns of fixed widths: rows that come and go never move them, and need no second look.
                <table role="presentation" width={names::width(layers)}>
                    <colgroup><col /><col class="k-size" /><col class="k-layer" span={layers.to_string()} /></colgroup>
                    <thead role="rowgroup">
                        <tr role="row" aria-rowindex="1">
                            <th role="columnheader" class="c-name">{ text.get("image.path") }</th>
                            <th role="columnheader" class="c-size">{ text.get("inspect.size") }</th>
                            { for (0..layers).map(|layer| html! {
                                <th key={layer} role="columnheader" class={classes!("c-layer", names::hue(layer))}
                                    aria-label={names::layer(layer, text)}><span>{ layer + 1 }</span></th>
                            }) }
                        </tr>
                    </thead>
                    <tbody role="rowgroup">
                        { space(rows.from) }
                        { for (rows.from..).zip(rows.lines.iter()).map(|(row, line)| self::row(state, row, line, layers, text)) }
                        { space(after) }
                    </tbody>
                </table>
            </div>
            if rows.total == 0 { <p class="muted none">{ text.get("image.no-rows") }</p> }
            { legend(text) }
        </>
    }
}

fn filter(state: &State, text: &Text) -> Html {
    let only = |only: Only, key: &str| {
        html! {
            <button type="button" class="btn" aria-pressed={(state.only == only).to_string()} data-act={Act::Only(only).to_string()}>
                { text.get(key) }
            </button>
        }
    };
    html! {
        <div class="filter">
            <input type="search" aria-label={text.get("image.find")} placeholder={text.get("image.find")} value={state.filter.clone()} />
            <div role="group" aria-label={text.get("image.which")}>
                { only(Only::All, "image.all") }{ only(Only::Touched, "image.touched") }{ only(Only::Hidden, "image.only-hidden") }
            </div>
            <div class="folds">
                <button type="button" class="btn" title={text.get("image.unfold-all")} aria-label={text.get("image.unfold-all")}
                    data-act={Act::FoldAll(true).to_string()}>{ text.get("image.unfold") }</button>
                <button type="button" class="btn" title={text.get("image.fold-all")} aria-label={text.get("image.fold-all")}
                    data-act={Act::FoldAll(false).to_string()}>{ text.get("image.fold") }</button>
            </div>
        </div>
    }
}

fn row(state: &State, row: u32, line: &Line, layers: usize, text: &Text) -> Html {
    let is_active = row == state.active;
    let class = classes!("mx-row", is_active.then_some("active"), line.provider.is_none().then_some("gone"));
    let fold = line.open.map(|open| Act::Fold(row, line.id, !open).to_string());
    let hue = line.provider.map(|layer| names::hue(layer.into()));
    let name = match line.provider {
        Some(layer) => {
            let from = text.with("cell.from", &[("layer", &names::layer(layer.into(), text))]);
            format!("{}, {from}", visible::line(&line.path))
        }
        None => format!("{}, {}", visible::line(&line.path), text.get("image.unseen")),
    };
    html! {
        <tr key={line.id} id={format!("row-{row}")} role="row" {class} aria-label={name} aria-level={line.level.to_string()}
            aria-rowindex={(row + 2).to_string()} aria-expanded={line.open.map(|open| open.to_string())}
            aria-selected={is_active.to_string()} data-act={Act::Row(row).to_string()}>
            <td role="rowheader" class="c-name" title={visible::line(&line.path)}>
                { for (1..line.level.min(INDENT_MAX)).map(|_| html! { <i class="in" /> }) }
                <span class={classes!("arrow", line.open.map(|open| if open { "open" } else { "shut" }))} data-act={fold}></span>
                <span class={classes!("name", hue)}>{ base_name(&line.path, line.dir) }</span>
                if line.linked { <span class="linked" title={text.get("image.linked")}>{ " ≡" }<span class="sr-only">{ text.get("image.linked") }</span></span> }
            </td>
            <td role="gridcell" class="c-size">{ line.size.map(bytes).unwrap_or_default() }</td>
            { cells(line, layers, text) }
        </tr>
    }
}

/// The cells that hold something, and one wide gap between each two.
fn cells(line: &Line, layers: usize, text: &Text) -> Html {
    let gap = |from: usize, to: usize| {
        (from < to).then(|| html! { <td key={format!("g{from}")} aria-hidden="true" class="gap" colspan={(to - from).to_string()} /> })
    };
    let mut next = 0;
    let mut out = Vec::with_capacity(line.cells.len() * 2 + 1);
    for cell in &line.cells {
        let layer = usize::from(cell.layer);
        out.extend(gap(next, layer));
        out.push(one(line, *cell, text));
        next = layer + 1;
    }
    out.extend(gap(next, layers));
    out.into_iter().collect()
}

fn one(line: &Line, cell: LayerCell, text: &Text) -> Html {
    let layer = usize::from(cell.layer);
    let name = text.with(
        "cell.name",
        &[
            ("path", &visible::line(&line.path)),
            ("layer", &names::layer(layer, text)),
            ("state", &names::cell(cell, text)),
        ],
    );
    html! {
        <td key={layer} role="gridcell" class="c-layer" aria-label={name.clone()} title={name} aria-colindex={(layer + 3).to_string()}>
            <span class={classes!("lc", names::state_class(cell.state), names::hue(layer))}>{ names::letter(cell.mark) }</span>
        </td>
    }
}

fn legend(text: &Text) -> Html {
    let looks = [
        ("provides", "A", "cell.seen"),
        ("merges", "C", "cell.merged"),
        ("covered", "A", "cell.hidden"),
        ("white", "D", "image.whiteout"),
        ("opaq", "C", "cell.opaque"),
        ("removed", "D", "image.removed"),
    ];
    html! {
        <ul class="legend" aria-label={text.get("image.legend")}>
        { for looks.into_iter().map(|(class, letter, key)| html! {
            <li><span aria-hidden="true" class={classes!("lc", "h0", class)}>{ letter }</span>{ text.get(key) }</li>
        }) }
            <li><b>{ "A" }</b>{ " " }{ text.get("cell.added") }{ " · " }<b>{ "C" }</b>{ " " }{ text.get("cell.changed") }{ " · " }
                <b>{ "D" }</b>{ " " }{ text.get("cell.deleted") }</li>
        </ul>
    }
}

fn row_height(scroll: &web_sys::Element) -> f64 {
    let row = scroll.query_selector(".mx-row").ok().flatten();
    row.map(|row| row.get_bounding_client_rect().height()).filter(|height| *height > 1.0).unwrap_or(ROW)
}

/// The first row that is seen, and how many fit.
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

/// Sees to it that the rows that are seen are here.
fn look(images: &Images, scroll: &NodeRef) {
    if let Some(scroll) = scroll.cast::<web_sys::Element>() {
        let (first, count) = seen(&scroll);
        images.look(first, count);
    }
}

/// After the screen was drawn: the row that the keyboard went to comes into sight, and the rows in sight are fetched.
pub(in crate::components) fn settle(images: &Images, scroll: &NodeRef) {
    let Some(element) = scroll.cast::<web_sys::Element>() else { return };
    let state = images.state();
    if images.moved() {
        let height = row_height(&element);
        let head = element.query_selector("thead").ok().flatten();
        let head = head.map_or(height, |head| head.get_bounding_client_rect().height());
        let top = f64::from(state.active) * height;
        let (from, room) = (f64::from(element.scroll_top()), f64::from(element.client_height()) - head);
        let to = if top < from {
            Some(top)
        } else if top + height > from + room {
            Some(top + height - room)
        } else {
            None
        };
        #[expect(clippy::cast_possible_truncation, reason = "a place on a screen")]
        if let Some(to) = to {
            element.set_scroll_top(to.ceil() as i32);
        }
    }
    look(images, scroll);
}

/// The keys of a tree grid, while the matrix has the focus.
pub(super) fn key(images: &Images, scroll: &NodeRef, event: &KeyboardEvent) {
    let Some(element) = scroll.cast::<web_sys::Element>() else { return };
    let target = event.target_dyn_into::<web_sys::Element>();
    if target.as_ref() != Some(&element) || event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let state = images.state();
    let (at, last) = (state.active, state.rows.total.saturating_sub(1));
    let page = seen(&element).1.saturating_sub(3).max(1);
    let line = state.rows.line(at);
    let to = match event.key().as_str() {
        "ArrowDown" => at + 1,
        "ArrowUp" => at.saturating_sub(1),
        "PageDown" => at.saturating_add(page),
        "PageUp" => at.saturating_sub(page),
        "Home" => 0,
        "End" => last,
        "ArrowRight" => match line.map(|line| (line.id, line.open)) {
            Some((id, Some(false))) => {
                images.fold(id, true);
                at
            }
            Some((_, Some(true))) => at + 1,
            _ => at,
        },
        "ArrowLeft" => match line.map(|line| (line.id, line.open, line.parent)) {
            Some((id, Some(true), _)) => {
                images.fold(id, false);
                at
            }
            Some((_, _, Some(parent))) => parent,
            _ => at,
        },
        "Enter" | " " => match line.and_then(|line| line.open.map(|open| (line.id, open))) {
            Some((id, open)) => {
                images.fold(id, !open);
                at
            }
            None => at,
        },
        _ => return,
    };
    event.prevent_default();
    images.go(to.min(last));
}
