//! Sharing: the session as an address, in a field to copy from, and copied at once where the browser lets us.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::icon::{Icon, icon};
use crate::hooks::use_lab;
use crate::share::address;
use crate::text::use_text;

/// What became of sharing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shared {
    /// The address, or one sentence.
    address: Result<String, String>,
    /// Whether it is on the clipboard.
    copied: bool,
}

/// The button, and what it opens.
#[component]
pub(crate) fn Share() -> Html {
    let (lab, text) = (use_lab(), use_text());
    let shared = use_state(|| None::<Shared>);
    let share = {
        let (shared, journal) = (shared.clone(), lab.state.journal.clone());
        Callback::from(move |_: MouseEvent| {
            let (shared, journal) = (shared.clone(), journal.clone());
            if shared.is_some() {
                return shared.set(None);
            }
            spawn_local(async move {
                let address = address(&journal).await;
                let copied = match &address {
                    Ok(address) => copy(address).await,
                    Err(_) => false,
                };
                shared.set(Some(Shared { address, copied }));
            });
        })
    };
    let close = {
        let shared = shared.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                shared.set(None);
            }
        })
    };
    html! {
        <div class="share" onkeydown={close}>
            <button type="button" class="btn" aria-expanded={shared.is_some().to_string()} aria-label={text.get("share.name")}
                title={text.get("share.name")} onclick={share}>
                { icon(Icon::Link) }<span class="wide">{ text.get("share.name") }</span>
            </button>
            <div class="said" role="status">
                if let Some(Shared { address, copied }) = &*shared {
                    { match address {
                        Ok(address) => html! {
                            <div class="pop">
                                <p>{ text.get(if *copied { "share.copied" } else { "share.copy" }) }</p>
                                <input readonly=true value={address.clone()} aria-label={text.get("share.address")} />
                            </div>
                        },
                        Err(why) => html! { <div class="pop"><p class="bad">{ why }</p></div> },
                    } }
                }
            </div>
        </div>
    }
}

/// Puts a text on the clipboard; false where the browser refuses.
pub(super) async fn copy(text: &str) -> bool {
    let clipboard = gloo::utils::window().navigator().clipboard();
    // Outside a secure context there is none, and the call throws.
    if clipboard.is_undefined() {
        return false;
    }
    wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text)).await.is_ok()
}
