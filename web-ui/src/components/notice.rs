//! What is said when a session is open in another tab, or needs a file that is not here.

use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::archives;
use crate::hooks::use_lab;
use crate::state::{Action, Owner};
use crate::text::use_text;
use crate::visible;

/// The banner; nothing while the tab owns its session and has its files.
#[component]
pub(crate) fn Notice() -> Html {
    let (lab, text) = (use_lab(), use_text());
    if let Some(missing) = &lab.state.missing {
        let choose = {
            let (lab, digest) = (lab.clone(), missing.digest.clone());
            Callback::from(move |event: Event| {
                let input = event.target_dyn_into::<HtmlInputElement>();
                let Some(file) = input.and_then(|input| input.files()).and_then(|files| files.get(0)) else {
                    return;
                };
                let (lab, digest) = (lab.clone(), digest.clone());
                spawn_local(async move {
                    match archives::read(&file).await {
                        Ok((found, bytes)) if found == digest => {
                            lab.dispatch(Action::Found);
                            if let Err(trouble) = archives::keep(&digest, &bytes).await {
                                lab.dispatch(Action::Unkept { trouble });
                            }
                            lab.supply(bytes.to_vec());
                        }
                        Ok(_) => lab.dispatch(Action::WrongFile),
                        Err(message) => lab.dispatch(Action::Failed { message }),
                    }
                });
            })
        };
        let name = missing.path.to_text();
        let name = visible::line(name.rsplit('/').next().unwrap_or(&name).as_bytes());
        let tick = lab.state.reply.tick + 1;
        return html! {
            <div class="banner" role="alert">
                <p>{ text.with("file.missing", &[("name", &name), ("digest", &missing.digest), ("n", &tick)]) }
                    if lab.state.wrong_file { <b class="bad">{ " " }{ text.get("file.wrong") }</b> }</p>
                <label class="btn main" for="missing-file">{ text.get("file.choose") }</label>
                <input type="file" class="sr-only" id="missing-file" onchange={choose} />
            </div>
        };
    }
    let (what, act) = match lab.state.owner {
        Owner::Here => return Html::default(),
        Owner::Second => ("tab.second", "tab.take"),
        Owner::Lost => ("tab.lost", "tab.back"),
    };
    let take = {
        let lab = lab.clone();
        Callback::from(move |_: MouseEvent| lab.dispatch(Action::Reopen { steal: true }))
    };
    let close = {
        let lab = lab.clone();
        Callback::from(move |_: MouseEvent| lab.dispatch(Action::Noted))
    };
    html! {
        <div class="banner" role="alert">
            <p>{ text.get(what) }</p>
            <button type="button" class="btn main" onclick={take}>{ text.get(act) }</button>
            if lab.state.owner == Owner::Second {
                <button type="button" class="btn" onclick={close}>{ text.get("tab.fine") }</button>
            }
        </div>
    }
}
