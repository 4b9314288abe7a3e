//! The whole page: contexts, landmarks, and which panes there are.

use std::rc::Rc;

use layerlab_core::opening;
use layerlab_core::session::Journal;
use layerlab_core::view::Host;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::banner::Banner;
use super::editor::Editor;
use super::embedded::Embedded;
use super::gallery::Gallery;
use super::header::Header;
use super::inspector::Inspector;
use super::intro::Intro;
use super::late::Late;
use super::lesson::LessonPane;
use super::lessons::Lessons;
use super::notice::Notice;
use super::stage::Stage;
use super::status::StatusBar;
use super::tabs::Tabs;
use super::terminal::Terminal;
use crate::asked::is_embedded;
use crate::hooks::{Hands, Lab, use_lab_root, use_route, use_title};
use crate::lesson::{self, Page};
use crate::link::Move;
use crate::route::Route;
use crate::share;
use crate::state::{Action, Announcement, Form, Owner, Pane, Phase, Waiting};
use crate::text::{Language, Text, use_text};
use crate::{local, store};

/// Draws the page when its language is there.
pub(crate) fn start() {
    spawn_local(async {
        let document = gloo::utils::document();
        let tag = document.document_element().and_then(|root| root.get_attribute("lang")).unwrap_or_default();
        let text = Text::load(Language::from_tag(&tag)).await.unwrap_or_default();
        if let Some(root) = document.get_element_by_id("app") {
            yew::Renderer::<App>::with_root_and_props(root, AppProps { text }).render();
        }
    });
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct AppProps {
    text: Text,
}

#[component]
fn App(props: &AppProps) -> Html {
    let text = use_state(|| props.text.clone());
    let route = use_route();
    let page = use_lesson(&route, text.language);
    let shared = use_shared(&route);
    let chosen = use_state_eq(last);
    let in_sight = use_mut_ref(|| None::<(String, Journal)>);
    let (name, fresh) = match (&route, &page, &shared) {
        // A lesson's session waits for its start lines, a shared one for its journal.
        (Route::Lesson(_) | Route::Page(_), Some(Ok(page)), _) => {
            (route.save_name(), Some(beginning(&page.lesson.start)))
        }
        (Route::Shared(_), _, Some(Ok(journal))) => (route.save_name(), Some(journal.clone())),
        (Route::Lines { setup, lines }, ..) => {
            let lines: Vec<_> = lines.iter().map(|line| line.as_str().into()).collect();
            let (all, start) = (lines.len(), beginning(setup).start);
            (route.save_name(), Some(Journal::of_lines(start, lines, all)))
        }
        (Route::Lesson(_) | Route::Page(_), ..) | (Route::Shared(_), _, None) => (route.save_name(), None),
        // What is taken out, or compared, is the session that was in sight before.
        (Route::Export | Route::Drivers, ..) if in_sight.borrow().is_some() => {
            let (name, fresh) = in_sight.borrow().clone().unwrap_or_default();
            (name, Some(fresh))
        }
        _ => ((*chosen).clone(), Some(opening::journal())),
    };
    if let Some(fresh) = &fresh {
        *in_sight.borrow_mut() = Some((name.clone(), fresh.clone()));
    }
    let lab = use_lab_root(name, fresh);
    {
        let lab = lab.clone();
        use_effect_with(shared.and_then(Result::err), move |trouble| {
            if let Some(message) = trouble.clone() {
                lab.dispatch(Action::Failed { message });
            }
        });
    }
    {
        // Where not all panes fit, a lesson begins with its page and the playground with its layers.
        let (lab, pane) = (lab.clone(), if route.has_lesson() { Pane::Lesson } else { Pane::Layers });
        use_effect_with(pane, move |pane| lab.dispatch(Action::Showed(*pane)));
    }
    let language = {
        let text = text.clone();
        Callback::from(move |language: Language| {
            let text = text.clone();
            spawn_local(async move {
                if let Ok(loaded) = Text::load(language).await {
                    if let Some(root) = gloo::utils::document().document_element() {
                        // Setting a well-formed attribute cannot fail.
                        let _ = root.set_attribute("lang", language.tag());
                    }
                    crate::local::keep("layerlab.language", language.tag());
                    text.set(loaded);
                }
            });
        })
    };
    let open = {
        let (lab, chosen) = (lab.clone(), chosen.clone());
        Callback::from(move |name: String| {
            // Its own name again: a session that was deleted begins anew.
            if *chosen == name {
                lab.dispatch(Action::Reopen { steal: false });
            }
            chosen.set(name);
            // Setting a well-formed fragment cannot fail.
            let _ = gloo::utils::window().location().set_hash("#/");
        })
    };
    html! {
        <ContextProvider<Text> context={(*text).clone()}>
            <ContextProvider<Hands> context={(*lab).clone()}>
                <ContextProvider<Lab> context={lab}>
                    <Laboratory {language} {route} {page} {open} />
                </ContextProvider<Lab>>
            </ContextProvider<Hands>>
        </ContextProvider<Text>>
    }
}

/// The session of the playground that was open last: in this tab, or else in any.
fn last() -> String {
    let name = local::kept_in_tab(store::LAST).or_else(|| local::kept(store::LAST));
    name.filter(|name| store::is_listed(name)).unwrap_or_else(|| store::PLAYGROUND.to_owned())
}

/// A session of which nothing is done yet.
fn beginning<T: AsRef<str>>(start: &[T]) -> Journal {
    let start = start.iter().map(|line| line.as_ref().into()).collect();
    Journal::of_lines(start, Vec::new(), 0)
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct LaboratoryProps {
    open: Callback<String>,
    language: Callback<Language>,
    route: Route,
    page: Option<Result<Page, String>>,
}

/// The lesson that the address names, in the active language; none while it comes.
#[hook]
fn use_lesson(route: &Route, language: Language) -> Option<Result<Page, String>> {
    let page = use_state(|| None::<(Route, Result<Page, String>)>);
    let wanted = Some(route.clone()).filter(Route::has_lesson);
    let set = page.setter();
    use_effect_with((wanted.clone(), language), move |(wanted, language)| {
        if let Some(route) = wanted.clone() {
            let language = *language;
            spawn_local(async move {
                let loaded = lesson::load(language, &route).await;
                set.set(Some((route, loaded)));
            });
        }
    });
    page.as_ref().filter(|(route, _)| Some(route) == wanted.as_ref()).map(|(_, page)| page.clone())
}

/// The session that the address carries; none while it is unpacked.
#[hook]
fn use_shared(route: &Route) -> Option<Result<Journal, String>> {
    let shared = use_state(|| None::<(String, Result<Journal, String>)>);
    let wanted = route.shared().map(str::to_owned);
    let set = shared.setter();
    use_effect_with(wanted.clone(), move |wanted| {
        if let Some(packed) = wanted.clone() {
            spawn_local(async move {
                let journal = share::journal(&packed).await;
                set.set(Some((packed, journal)));
            });
        }
    });
    shared.as_ref().filter(|(packed, _)| Some(packed) == wanted.as_ref()).map(|(_, journal)| journal.clone())
}

#[component]
fn Laboratory(props: &LaboratoryProps) -> Html {
    let text = use_text();
    let lab = crate::hooks::use_lab();
    use_title(title(props, &text));
    let keys = {
        let lab = lab.clone();
        Callback::from(move |event: KeyboardEvent| time_keys(&lab, &event))
    };
    let screen = match props.route {
        _ if unknown(props).is_some() => "unknown",
        Route::Playground | Route::Shared(_) | Route::Lines { .. } => "playground",
        Route::Unknown(_) => "unknown",
        Route::Lessons => "lessons",
        Route::Image => "image",
        Route::Lesson(_) => "lesson",
        Route::Page(_) if !matches!(props.page, Some(Err(_))) => "lesson",
        _ => "late",
    };
    let is_lesson = screen == "lesson";
    let lesson = props.page.as_ref().and_then(|page| page.as_ref().ok());
    let guest = is_embedded();
    html! {
        <div class="app" data-pane={lab.state.pane.name()} data-screen={screen} onkeydown={keys}>
            <a class="skip" href="#terminal">{ text.get("page.skip") }</a>
            if !guest { <Header language={props.language.clone()} open={props.open.clone()} /> }
            if props.route == Route::Lessons {
                <Lessons />
            } else if props.route == Route::Image {
                <Gallery />
            } else if let Some((name, why)) = unknown(props) {
                <main class="lessons" id="terminal" tabindex="-1">
                    <h2>{ text.get("page.unknown") }</h2>
                    <p role="alert">{ text.with("page.unknown-what", &[("name", &name)]) }</p>
                    <p>{ why }</p>
                    <p class="next">
                        <a class="btn" href="#/">{ text.get("lesson.playground") }</a>
                        <a class="btn" href="#/lessons">{ text.get("lesson.all") }</a>
                    </p>
                </main>
            } else if screen == "late" {
                <Late route={props.route.clone()} trouble={props.page.clone().and_then(Result::err)} />
            } else {
                if !guest || is_lesson { <Tabs /> }
                if let Some(page) = &props.page { <LessonPane page={page.clone()} /> }
                <main class="work">
                    if screen == "playground" && !guest { <Intro /> }
                    <Stage {is_lesson} />
                    <Terminal next={lesson.map(|page| page.next_lines(&lab.state)).unwrap_or_default()} />
                </main>
                if !guest || is_lesson { <Inspector screen={lab.state.screen.clone()} host={shown_layer(&lab)} /> }
            }
            <Editor />
            <Banner />
            // The same block twice in one page is no second tab.
            if !guest || lab.state.owner != Owner::Second { <Notice /> }
            if guest { <Embedded route={props.route.clone()} page={lesson.cloned()} /> } else { <StatusBar /> }
            <p class="sr-only" aria-live="polite">{ announcement(&lab, &text) }</p>
        </div>
    }
}

/// What the address names where there is no such screen or lesson, and why a lesson cannot be had.
fn unknown(props: &LaboratoryProps) -> Option<(String, Option<String>)> {
    match (&props.route, &props.page) {
        (Route::Unknown(name), _) => Some((name.clone(), None)),
        (Route::Lesson(id), Some(Err(why))) => Some((id.clone(), Some(why.clone()))),
        _ => None,
    }
}

/// The layer of the disk that was chosen, where the disk is seen.
fn shown_layer(lab: &Lab) -> Option<(Rc<Host>, usize)> {
    let host = lab.state.host.clone().filter(|_| lab.state.form == Form::Host)?;
    let chosen = lab.state.layer.as_ref();
    let at = chosen.and_then(|dir| host.layers.iter().position(|layer| layer.dir == *dir));
    (!host.layers.is_empty()).then(|| (host, at.unwrap_or(0)))
}

/// The window's name.
fn title(props: &LaboratoryProps, text: &Text) -> String {
    let here = match (&props.route, &props.page) {
        (Route::Lesson(_) | Route::Page(_), Some(Ok(page))) => page.lesson.title.clone(),
        (Route::Lesson(_) | Route::Page(_) | Route::Fetch(_), _) => text.get("lesson.name"),
        (Route::Edit(_), _) => text.get("title.edit"),
        (Route::Class(_), _) => text.get("title.class"),
        (Route::Drivers, _) => text.get("title.drivers"),
        (Route::Export, _) => text.get("title.export"),
        (Route::Lessons, _) => text.get("lesson.list"),
        (Route::Image, _) => text.get("title.image"),
        (Route::Shared(_), _) => text.get("title.shared"),
        (Route::Lines { setup, lines }, _) => lines.iter().chain(setup).next().cloned().unwrap_or_default(),
        (Route::Unknown(_), _) => text.get("page.unknown"),
        (Route::Playground, _) => text.get("lesson.playground"),
    };
    format!("{here} · Layerlab")
}

/// Ctrl-Z and Ctrl-Y (or Ctrl-Shift-Z) go along the timeline, except in a text that is being edited.
fn time_keys(lab: &Lab, event: &KeyboardEvent) {
    let editing =
        event.target_dyn_into::<web_sys::HtmlTextAreaElement>().is_some_and(|area| !area.value().is_empty());
    if editing || !(event.ctrl_key() || event.meta_key()) || event.alt_key() {
        return;
    }
    let step = match (event.key().to_ascii_lowercase().as_str(), event.shift_key()) {
        ("z", false) => Move::Undo,
        ("z", true) | ("y", false) => Move::Redo,
        _ => return,
    };
    event.prevent_default();
    event.unchecked_ref::<web_sys::Event>().stop_propagation();
    lab.go(step);
}

fn announcement(lab: &Lab, text: &Text) -> String {
    if lab.state.phase == Phase::Broken {
        return text.get("say.broken");
    }
    if lab.state.waiting == Waiting::Typing {
        return text.get("term.types");
    }
    match &lab.state.announcement {
        None => String::new(),
        Some(Announcement::At(tick, ticks)) => text.with("say.at", &[("tick", tick), ("ticks", ticks)]),
        Some(Announcement::Done(0, changes)) => text.count("say.done", *changes as u64),
        Some(Announcement::Done(status, _)) => text.with("say.status", &[("status", status)]),
        Some(Announcement::Restored) => text.get("say.restored"),
    }
}
