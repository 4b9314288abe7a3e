//! The screens that come after the first prompt: somebody else's lessons, the editor of lessons, a teacher's choice of them,
//! storage drivers side by side, exports.

mod check;
mod choose;
mod class;
mod drivers;
mod edit;
mod export;
mod fetch;
mod form;

use yew::prelude::*;

use crate::route::Route;
use crate::text::Text;
use class::Chosen;
use drivers::Drivers;
use edit::Edit;
use export::Export;
use fetch::{Broken, Fetch};

pub(super) use fetch::take_page;
pub(super) use form::{pick, text_of};

/// The screen of this address, with all its words; `trouble` is why its lesson cannot be shown.
pub(super) fn screen(route: &Route, trouble: Option<&String>, text: &Text) -> Html {
    let inner = match route {
        Route::Fetch(address) => html! { <Fetch address={address.clone()} /> },
        Route::Page(packed) => {
            html! { <Broken packed={packed.clone()} why={trouble.cloned().unwrap_or_default()} /> }
        }
        Route::Edit(packed) => html! { <Edit packed={packed.clone()} /> },
        Route::Class(asked) => html! { <Chosen asked={asked.clone()} /> },
        Route::Drivers => html! { <Drivers /> },
        Route::Export => html! { <Export /> },
        _ => Html::default(),
    };
    html! { <ContextProvider<Text> context={text.clone()}>{ inner }</ContextProvider<Text>> }
}
