//! A lesson that lies somewhere else: fetched at once from the page's own host, from another one when the person says so.
//! What came is put into the address, so that it can be read again without that host.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::form::text_of;
use crate::hooks::Hands;
use crate::late::{self, PAGE_MAX, Place, Trouble};
use crate::share;
use crate::state::Action;
use crate::text::{Text, use_text};
use crate::visible;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct FetchProps {
    /// Where the lesson lies.
    pub(super) address: String,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Looking,
    /// Another host is asked only if the person wants it.
    Asks(Place),
    Coming,
    Failed(Why),
}

/// Why there is no lesson.
#[derive(Debug, Clone, PartialEq)]
enum Why {
    NoAddress,
    Trouble(Trouble),
    Other(String),
}

/// The way to the lesson.
#[component]
pub(super) fn Fetch(props: &FetchProps) -> Html {
    let text = use_text();
    let stage = use_state_eq(|| Stage::Looking);
    {
        let stage = stage.setter();
        use_effect_with(props.address.clone(), move |address| {
            let address = address.clone();
            stage.set(Stage::Looking);
            spawn_local(async move {
                match late::place(&address).await {
                    None => stage.set(Stage::Failed(Why::NoAddress)),
                    Some(place) if place.is_own => take(place.address, stage).await,
                    Some(place) => stage.set(Stage::Asks(place)),
                }
            });
        });
    }
    let address = visible::line(props.address.as_bytes());
    html! {
        <main class="lessons" id="terminal" tabindex="-1">
            <h2>{ text.get("fetch.name") }</h2>
            <p class="address"><code>{ address }</code></p>
            { match &*stage {
                Stage::Looking | Stage::Coming => html! { <p role="status">{ text.get("fetch.coming") }</p> },
                Stage::Asks(place) => {
                    let onclick = {
                        let (place, stage) = (place.address.clone(), stage.setter());
                        Callback::from(move |_: MouseEvent| spawn_local(take(place.clone(), stage.clone())))
                    };
                    html! {
                        <>
                            <p>{ text.with("fetch.asks", &[("host", &visible::line(place.host.as_bytes()))]) }</p>
                            <p class="next">
                                <button type="button" class="btn main" {onclick}>{ text.get("fetch.take") }</button>
                                <a class="btn" href="#/lessons">{ text.get("lesson.all") }</a>
                            </p>
                        </>
                    }
                }
                Stage::Failed(why) => html! {
                    <>
                        <p class="bad" role="alert">{ reason(why, &text) }</p>
                        <p class="next">
                            <a class="btn" href="#/edit">{ text.get("edit-page.name") }</a>
                            <a class="btn" href="#/lessons">{ text.get("lesson.all") }</a>
                        </p>
                    </>
                },
            } }
        </main>
    }
}

fn reason(why: &Why, text: &Text) -> String {
    match why {
        Why::NoAddress => text.get("fetch.no-address"),
        Why::Other(words) => words.clone(),
        Why::Trouble(Trouble { kind, detail }) => match kind.as_str() {
            "status" => text.with("fetch.status", &[("status", detail)]),
            "text" => text.get("fetch.no-text"),
            "long" => text.with("fetch.long", &[("most", &PAGE_MAX)]),
            _ => text.with("fetch.unreachable", &[("why", detail)]),
        },
    }
}

/// A lesson's page among files that were dropped or picked is opened; false where there is none.
pub(in crate::components) fn take_page(hands: &Hands, files: Option<&web_sys::FileList>) -> bool {
    let file = files.and_then(|files| files.get(0));
    let is_page = |file: &web_sys::File| {
        let name = file.name().to_ascii_lowercase();
        [".md", ".markdown"].iter().any(|end| name.ends_with(end))
    };
    let Some(file) = file.filter(is_page) else { return false };
    let hands = hands.clone();
    spawn_local(async move {
        let packed = match text_of(&file, PAGE_MAX).await {
            Ok(page) => share::packed(&page).await,
            Err(why) => Err(why),
        };
        match packed {
            // A well-formed fragment can be gone to.
            Ok(packed) => {
                drop(gloo::utils::window().location().set_hash(&format!("#/lesson?text={packed}")));
            }
            Err(message) => hands.dispatch(Action::Failed { message }),
        }
    });
    true
}

/// Fetches the lesson and goes to it.
async fn take(address: String, stage: UseStateSetter<Stage>) {
    stage.set(Stage::Coming);
    let packed = match late::page(&address).await {
        Ok(page) => share::packed(&page).await,
        Err(trouble) => return stage.set(Stage::Failed(Why::Trouble(trouble))),
    };
    match packed {
        // The way back leads to where the person was before. A well-formed fragment can be gone to.
        Ok(packed) => {
            drop(gloo::utils::window().location().replace(&format!("#/lesson?text={packed}")));
        }
        Err(words) => stage.set(Stage::Failed(Why::Other(words))),
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct BrokenProps {
    /// The page, packed.
    pub(super) packed: String,
    /// Why it is no lesson.
    pub(super) why: String,
}

/// A page that is no lesson.
#[component]
pub(super) fn Broken(props: &BrokenProps) -> Html {
    let text = use_text();
    html! {
        <main class="lessons" id="terminal" tabindex="-1">
            <h2>{ text.get("fetch.broken") }</h2>
            <p class="bad" role="alert">{ &props.why }</p>
            <p class="next">
                <a class="btn main" href={format!("#/edit?text={}", props.packed)}>{ text.get("fetch.mend") }</a>
                <a class="btn" href="#/lessons">{ text.get("lesson.all") }</a>
            </p>
        </main>
    }
}
