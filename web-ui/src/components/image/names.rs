//! What things of the image screen are called, and which hue a layer has.

use layerlab_core::explore::Mark;
use layerlab_core::explore::screen::{LayerCell, LayerState};
use layerlab_core::view::HUES;

use crate::components::NARROW;
use crate::image::Tab;
use crate::text::Text;

/// All tabs, in their order.
pub(super) const TABS: [Tab; 9] = [
    Tab::Layers,
    Tab::Files,
    Tab::Path,
    Tab::Sizes,
    Tab::Compare,
    Tab::Waste,
    Tab::Secrets,
    Tab::History,
    Tab::Documents,
];

/// The least width of the columns of names and sizes, on a phone that of names alone, and the width of a layer's, in pixels.
const NAME_AND_SIZE: usize = 306;
const NAME: usize = 190;
const LAYER: usize = 38;

/// The width of a matrix of so many layers: what fits is seen without scrolling sideways.
pub(crate) fn width(layers: usize) -> String {
    let phone = gloo::utils::window().match_media(PHONE).ok().flatten();
    let least = if phone.is_some_and(|query| query.matches()) { NAME } else { NAME_AND_SIZE };
    (least + LAYER * layers).to_string()
}

/// Where the layers have a tab, as the style sheet has it.
const MIDDLE: &str = "(max-width: 1199px)";

/// Where sizes are not seen beside the names, as the style sheet has it.
const PHONE: &str = "(max-width: 480px)";

/// A tab's name in attributes.
pub(super) fn tab(tab: Tab) -> &'static str {
    match tab {
        Tab::Layers => "layers",
        Tab::Files => "files",
        Tab::Path => "path",
        Tab::Sizes => "sizes",
        Tab::Compare => "compare",
        Tab::Waste => "waste",
        Tab::Secrets => "secrets",
        Tab::History => "history",
        Tab::Documents => "documents",
    }
}

/// The tab that is current: where layers or the path stand beside the files, they have none of their own.
pub(super) fn current(tab: Tab) -> Tab {
    let fits = |query: &str| {
        let query = gloo::utils::window().match_media(query).ok().flatten();
        query.is_some_and(|query| query.matches())
    };
    match tab {
        Tab::Layers if !fits(MIDDLE) && !fits(NARROW) => Tab::Files,
        Tab::Path if !fits(NARROW) => Tab::Files,
        tab => tab,
    }
}

/// The key of its name in the texts.
pub(super) fn tab_key(tab: Tab) -> &'static str {
    match tab {
        Tab::Layers => "image.layers",
        Tab::Files => "image.files",
        Tab::Path => "image.path",
        Tab::Sizes => "image.sizes",
        Tab::Compare => "image.compare",
        Tab::Waste => "image.waste",
        Tab::Secrets => "image.secrets",
        Tab::History => "image.history",
        Tab::Documents => "image.documents",
    }
}

/// The hue of a layer, lowest 0: they take turns, as in the stack.
pub(super) fn hue(layer: usize) -> String {
    format!("h{}", layer % usize::from(HUES))
}

/// What a layer is called: people count from 1, the lowest.
pub(super) fn layer(layer: usize, text: &Text) -> String {
    text.with("image.layer", &[("n", &(layer + 1))])
}

/// The same where a line begins with it.
pub(super) fn title(layer: usize, text: &Text) -> String {
    text.with("image.layer-title", &[("n", &(layer + 1))])
}

/// Docker diff's letter.
pub(in crate::components) fn letter(mark: Mark) -> &'static str {
    match mark {
        Mark::A => "A",
        Mark::C => "C",
        Mark::D => "D",
    }
}

/// The letter in words.
pub(in crate::components) fn mark(mark: Mark, text: &Text) -> String {
    text.get(match mark {
        Mark::A => "cell.added",
        Mark::C => "cell.changed",
        Mark::D => "cell.deleted",
    })
}

/// What a layer's entry means, in a class name.
pub(in crate::components) fn state_class(state: LayerState) -> &'static str {
    match state {
        LayerState::Provides => "provides",
        LayerState::Merges => "merges",
        LayerState::Hidden => "covered",
        LayerState::Whiteout => "white",
        LayerState::Opaque => "opaq",
        LayerState::Removed => "removed",
    }
}

/// The same in words.
pub(in crate::components) fn state(state: LayerState, text: &Text) -> String {
    text.get(match state {
        LayerState::Provides => "cell.seen",
        LayerState::Merges => "cell.merged",
        LayerState::Hidden => "cell.hidden",
        LayerState::Whiteout => "image.whiteout",
        LayerState::Opaque => "cell.opaque",
        LayerState::Removed => "image.removed",
    })
}

/// A cell in words.
pub(in crate::components) fn cell(cell: LayerCell, text: &Text) -> String {
    format!("{}, {}", mark(cell.mark, text), state(cell.state, text))
}
