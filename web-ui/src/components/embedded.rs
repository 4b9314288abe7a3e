//! The lab as a guest in somebody else's page: what stands below its terminal, and what that page is told.

use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use yew::prelude::*;

use crate::hooks::{Lab, use_lab};
use crate::lesson::Page;
use crate::link::Move;
use crate::route::Route;
use crate::state::{Announcement, Phase, Saved};
use crate::text::use_text;

#[wasm_bindgen]
extern "C" {
    /// embed.js: tells the page around this one what happened, and more of it as JSON.
    #[wasm_bindgen(js_namespace = layerlab, catch)]
    fn report(what: &str, detail: &str) -> Result<(), JsValue>;
}

/// A line has ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Ran {
    line: String,
    status: u8,
    tick: usize,
}

/// A lesson is finished.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Solved {
    lesson: String,
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct EmbeddedProps {
    /// The screen.
    pub(crate) route: Route,
    /// Its lesson, once it is there.
    pub(crate) page: Option<Page>,
}

/// What stands below an embedded lab's terminal.
#[component]
pub(crate) fn Embedded(props: &EmbeddedProps) -> Html {
    let (lab, text) = (use_lab(), use_text());
    use_reports(&lab, props.page.as_ref());
    let saved = match &lab.state.saved {
        Saved::Failed(_) => {
            Some(html! { <span class="bad" role="status">{ text.get("embed.unkept") }</span> })
        }
        Saved::Done => Some(html! { <span class="good saved">{ text.get("status.saved") }</span> }),
        Saved::Nothing | Saved::Writing => None,
    };
    let again = match &props.route {
        Route::Lines { lines, .. } => {
            let (lab, begin) = (lab.clone(), lines.len());
            Some(Callback::from(move |_: MouseEvent| lab.go(Move::Jump(begin))))
        }
        _ => None,
    };
    html! {
        <footer class="bottom">
            if let Some(onclick) = again {
                <button type="button" class="link" disabled={lab.state.phase != Phase::Ready} {onclick}>
                    { text.get("lesson.again") }
                </button>
            }
            if let Some(trouble) = &lab.state.trouble {
                <span class="bad" role="alert">{ trouble }</span>
            }
            <span class="end">{ for saved }</span>
            <a href={alone()} target="_blank" rel="noopener">{ text.get("embed.open") }</a>
        </footer>
    }
}

/// The address of the same in a page of its own.
fn alone() -> String {
    let location = gloo::utils::window().location();
    let search = location.search().unwrap_or_default();
    let asked = search.trim_start_matches('?').split('&');
    let own = asked.filter(|part| {
        let name = part.split('=').next().unwrap_or_default();
        !name.is_empty() && !matches!(name, "embed" | "origin")
    });
    format!("./?{}{}", own.collect::<Vec<_>>().join("&"), location.hash().unwrap_or_default())
}

/// Tells the page around this one of each line that ends, and of the lesson's end.
#[hook]
fn use_reports(lab: &Lab, page: Option<&Page>) {
    let state = &lab.state;
    let node = state.reply.node;
    let ended = matches!(state.announcement, Some(Announcement::Done(..))).then(|| {
        // The next line stands where this one ended, and behind it.
        let line = state.transcript.seen().find(|block| block.node == node && !block.prompt.is_empty());
        let line = line.map(|block| block.line.trim_end().to_owned()).unwrap_or_default();
        Ran { line, status: state.reply.status, tick: state.reply.tick }
    });
    use_effect_with((node, ended), |(_, ended)| {
        if let Some(ran) = ended {
            tell("ran", ran);
        }
    });
    let solved = page
        .filter(|page| state.phase != Phase::Starting && page.at_hand(state).is_none())
        .map(|page| Solved { lesson: page.lesson.id.clone() });
    use_effect_with(solved, |solved| {
        if let Some(solved) = solved {
            tell("solved", solved);
        }
    });
}

fn tell<T: Serialize>(what: &str, detail: &T) {
    if let Ok(detail) = serde_json::to_string(detail) {
        // A page that hears nothing changes nothing here.
        let _ = report(what, &detail);
    }
}
