//! What the letters and the looks of cells mean, in one line.

use yew::prelude::*;

use crate::text::Text;

/// The legend.
pub(super) fn legend(text: &Text) -> Html {
    let letters = [("A", "cell.added"), ("C", "cell.changed"), ("D", "cell.deleted")];
    html! {
        <ul class="legend" aria-label={text.get("image.legend")}>
            { for letters.into_iter().map(|(letter, key)| html! {
                <li><i class={classes!("badge", letter)} aria-hidden="true"></i>{ text.get(key) }</li>
            }) }
            <li><i class="swatch white" aria-hidden="true"></i>{ text.get("image.whiteout") }</li>
            <li><i class="swatch below" aria-hidden="true"></i>{ text.get("cell.hidden") }</li>
        </ul>
    }
}
