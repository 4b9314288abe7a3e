//! What stands there before an image does: what the screen is for, how far an import is, what went wrong, what to choose.

use yew::prelude::*;

use super::act::Act;
use crate::components::icon::{Icon, icon};
use crate::components::units::bytes;
use crate::image::{Chosen, Import, Stage, State};
use crate::text::Text;
use crate::visible;

/// Nothing is imported yet: what this is for, and how to make a file.
pub(super) fn nothing(text: &Text) -> Html {
    html! {
        <section class="welcome">
            <h2>{ text.get("image.title") }</h2>
            <p>{ text.get("image.what") }</p>
            <p><button type="button" class="btn main" data-act={Act::Pick.to_string()}>
                { icon(Icon::Open) }{ text.get("image.pick") }
            </button></p>
            <p class="muted">{ text.get("image.drop") }</p>
            <h3>{ text.get("image.how") }</h3>
            <pre tabindex="0"><code>{ "docker save nginx -o nginx.tar\npodman save --format oci-archive nginx -o nginx.tar\nskopeo copy docker://nginx oci-archive:nginx.tar" }</code></pre>
            <p class="muted">{ text.get("image.forms") }</p>
            <p class="private">{ icon(Icon::Lock) }{ text.get("image.private") }</p>
        </section>
    }
}

/// How far an import is, and why the last one failed.
pub(super) fn news(state: &State, text: &Text) -> Html {
    html! {
        <div class="news">
            if let Some(import) = &state.import { { progress(import, text) } }
            if let Some((name, message)) = &state.trouble {
                <p class="bad" role="alert">
                    <b>{ text.with("image.failed", &[("name", &visible::line(name.as_bytes()))]) }</b>{ " " }
                    { visible::line(message.as_bytes()) }
                </p>
            }
        </div>
    }
}

fn progress(import: &Import, text: &Text) -> Html {
    let stage = match import.stage {
        Stage::Opening => text.get("import.opening"),
        Stage::Expanding => text.get("import.expanding"),
        Stage::Layer(n, of) => text.with("import.layer", &[("n", &n), ("of", &of)]),
        Stage::Stacking => text.get("import.stacking"),
    };
    // A stage that cannot tell how far it is has no value.
    let value = (import.total > 0).then(|| import.done.to_string());
    let so_far = text.with("import.bytes", &[("done", &bytes(import.done)), ("total", &bytes(import.total))]);
    html! {
        <div class="importing">
            <p><b>{ visible::line(import.name.as_bytes()) }</b>{ " · " }{ stage }
                if import.total > 0 { { " · " }<span class="so-far">{ so_far }</span> }
            </p>
            <progress aria-label={text.get("import.name")} max={import.total.max(1).to_string()} {value} />
            <button type="button" class="btn" data-act={Act::Cancel.to_string()}>{ text.get("import.cancel") }</button>
            <p class="muted">{ text.get("image.private") }</p>
        </div>
    }
}

/// Several images in one archive.
pub(super) fn choices(archive: &Chosen, busy: bool, text: &Text) -> Html {
    html! {
        <section class="welcome" aria-label={text.get("image.choose")}>
            <h2>{ text.with("image.several", &[("name", &visible::line(archive.name.as_bytes())), ("n", &archive.choices.len())]) }</h2>
            <ul class="choices">
            { for archive.choices.iter().enumerate().map(|(at, choice)| html! {
                <li key={at}><button type="button" class="btn" disabled={busy} data-act={Act::Choose(at).to_string()}>
                    <b>{ label(&choice.names, &choice.id) }</b>
                    <span>{ visible::line(choice.platform.as_bytes()) }</span>
                    <span>{ text.count("stage.layers", choice.layers as u64) }{ " · " }{ bytes(choice.bytes) }</span>
                </button></li>
            }) }
            </ul>
            if !busy {
                <p><button type="button" class="link" data-act={Act::Cancel.to_string()}>{ text.get("import.cancel") }</button></p>
            }
        </section>
    }
}

/// What an image is called: its names, else the beginning of its id.
pub(super) fn label(names: &[String], id: &str) -> String {
    if names.is_empty() {
        id.trim_start_matches("sha256:").chars().take(12).collect()
    } else {
        visible::line(names.join(", ").as_bytes())
    }
}
