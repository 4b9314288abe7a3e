//! The top of the page: the name, time, the host's state, sharing and importing, language and theme.

use yew::prelude::*;

use super::icon::{Icon, brand, icon};
use super::import::Import;
use super::menu::Sessions;
use super::share::Share;
use super::timeline::Timeline;
use crate::hooks::use_theme;
use crate::text::{Language, use_text};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct HeaderProps {
    /// Changes the language.
    pub(crate) language: Callback<Language>,
    /// Opens a session of the playground.
    pub(crate) open: Callback<String>,
}

/// The top of the page.
#[component]
pub(crate) fn Header(props: &HeaderProps) -> Html {
    let text = use_text();
    let (theme, set_theme) = use_theme();
    let other = text.language.other();
    let language = {
        let language = props.language.clone();
        Callback::from(move |_: MouseEvent| language.emit(other))
    };
    let theme = Callback::from(move |_: MouseEvent| set_theme.emit(theme.other()));
    html! {
        <header class="top">
            <h1 class="brand"><a href="#/" aria-label="Layerlab">{ brand() }<span>{ "Layerlab" }</span></a></h1>
            <Timeline />
            <span class="host" role="status" aria-label={text.get("top.host")}>{ text.get("top.simulated") }</span>
            <Sessions open={props.open.clone()} />
            <Share />
            <Import />
            <a class="btn" href="#/lessons" aria-label={text.get("lesson.list")} title={text.get("lesson.list")}>
                { icon(Icon::Book) }<span class="wide">{ text.get("lesson.list") }</span>
            </a>
            <button type="button" class="btn lang" aria-label={text.get("top.language")} title={text.get("top.language")}
                data-to={text.get("top.other")} onclick={language} />
            <button type="button" class="btn square" aria-label={text.get("top.theme")} title={text.get("top.theme")}
                onclick={theme}>{ icon(Icon::Contrast) }</button>
        </header>
    }
}
