//! The bottom of the page: what lies on the disk, and whether the session is saved.

use layerlab_core::view::SubjectKind;
use yew::prelude::*;

use super::units::bytes;
use crate::hooks::use_lab;
use crate::state::Saved;
use crate::text::{Text, use_text};

/// The bottom of the page.
#[component]
pub(crate) fn StatusBar() -> Html {
    let (lab, text) = (use_lab(), use_text());
    let disk = lab.state.screen.disk;
    let container = lab.state.screen.stack.as_ref().is_some_and(|s| s.subject.kind == SubjectKind::Container);
    let saved = match &lab.state.saved {
        Saved::Nothing => None,
        Saved::Writing => Some(html! { <span>{ text.get("status.saving") }</span> }),
        Saved::Done => Some(html! { <span class="good saved">{ text.get("status.saved") }</span> }),
        Saved::Failed(why) => Some(
            html! { <span class="bad" role="alert">{ text.with("status.unsaved", &[("why", why)]) }</span> },
        ),
    };
    html! {
        <footer class="bottom">
            if lab.state.drawn {
                <span>{ text.count("status.images", disk.images.into()) }</span>
                <span>{ text.count("status.containers", disk.containers.into()) }</span>
                <span>{ text.with("status.disk", &[("size", &bytes(disk.layers))]) }</span>
            }
            if disk.claimed > disk.layers {
                <span>{ text.with("status.claimed", &[("size", &bytes(disk.claimed))]) }</span>
            }
            if container {
                <span>{ text.with("status.writable", &[("size", &bytes(disk.writable))]) }</span>
            }
            if let Some(why) = &lab.state.unkept {
                <span class="bad" role="alert">{ unkept(why, &text) }</span>
            }
            if let Some(trouble) = &lab.state.trouble {
                <span class="bad" role="alert">{ trouble }</span>
            }
            <span class="end">{ for saved }</span>
            <span class="keys">{ text.get("status.keys") }</span>
        </footer>
    }
}

/// Why a file could not be kept, and what that means.
fn unkept(why: &str, text: &Text) -> String {
    match why {
        "full" => text.get("file.full"),
        why => text.with("file.unkept", &[("why", &why)]),
    }
}
