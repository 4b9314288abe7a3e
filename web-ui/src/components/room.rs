//! How much the page keeps in the browser, below the list of sessions.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::units::bytes;
use crate::archives::{self, Room};
use crate::text::use_text;

/// A sentence on it; nothing before it is known.
#[component]
pub(crate) fn RoomNote() -> Html {
    let text = use_text();
    let room = use_state(|| None::<Room>);
    {
        let room = room.clone();
        use_effect_with((), move |()| spawn_local(async move { room.set(Some(archives::room().await)) }));
    }
    let Some(room) = &*room else { return Html::default() };
    let files: u64 = room.files.iter().map(|(_, size)| size).sum();
    let count = text.count("room.files", room.files.len() as u64);
    let promise = text.get(if room.promised { "room.promised" } else { "room.lent" });
    html! {
        <p class="room">{ text.with("room.used", &[
            ("files", &count), ("size", &bytes(files)), ("used", &bytes(room.used)), ("most", &bytes(room.most)),
        ]) }{ " " }{ promise }</p>
    }
}
