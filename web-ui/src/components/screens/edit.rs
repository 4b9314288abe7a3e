//! The editor of lessons: write a page, run it as a learner does, check it as `layerlab lesson check` does, share it.

use std::rc::Rc;

use layerlab_core::lesson::{parse, template};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::form::{address, pick, text_of};
use crate::components::share::copy;
use crate::late::{PAGE_MAX, save};
use crate::prover::{Answer, Job, Prover, Said};
use crate::text::{Text, use_text};
use crate::{local, share};

/// Where the browser keeps the page that is being written, and the one before another was opened.
const DRAFT: &str = "layerlab.draft";
const BEFORE: &str = "layerlab.draft.before";
/// The id that a new page has until its author gives it another.
const NEW: &str = "my-lesson";
/// An address of more characters than this is not taken everywhere.
const ADDRESS_MAX: usize = 8_000;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct EditProps {
    /// A page to begin with, packed; empty: the one that was being written.
    pub(super) packed: String,
}

/// What was done last.
#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Nothing,
    Checking(Rc<Working>),
    Checked(Rc<Vec<Said>>),
    Shared(String, bool),
    Failed(String),
}

/// A check that goes on; it ends with this.
#[derive(Debug)]
struct Working(Prover);

impl PartialEq for Working {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// The editor.
#[component]
pub(super) fn Edit(props: &EditProps) -> Html {
    let text = use_text();
    let area = use_node_ref();
    let stage = use_state_eq(|| Stage::Nothing);
    let before = use_state_eq(|| local::kept(BEFORE).is_some());
    // Another page takes the place of the one that is written, which is kept.
    let open = {
        let (area, stage, before) = (area.clone(), stage.setter(), before.setter());
        Callback::from(move |page: String| {
            let draft = local::kept(DRAFT).filter(|draft| !draft.trim().is_empty() && *draft != page);
            if let Some(draft) = draft {
                local::keep(BEFORE, &draft);
                before.set(true);
            }
            local::keep(DRAFT, &page);
            write(&area, &page);
            stage.set(Stage::Nothing);
        })
    };
    {
        let (area, stage, open, tag) = (area.clone(), stage.setter(), open.clone(), text.language.tag());
        use_effect_with(props.packed.clone(), move |packed| {
            if packed.is_empty() {
                let draft = local::kept(DRAFT).filter(|draft| !draft.trim().is_empty());
                write(&area, &draft.unwrap_or_else(|| template(tag, NEW)));
                return;
            }
            let packed = packed.clone();
            spawn_local(async move {
                match share::text(&packed).await {
                    Ok(page) => open.emit(page),
                    Err(why) => stage.set(Stage::Failed(why)),
                }
            });
        });
    }
    let oninput = {
        let area = area.clone();
        Callback::from(move |_: InputEvent| local::keep(DRAFT, &written(&area)))
    };
    let check = {
        let (area, stage) = (area.clone(), stage.setter());
        Callback::from(move |()| {
            let working = Rc::new(Working(Prover::default()));
            stage.set(Stage::Checking(Rc::clone(&working)));
            let (page, stage) = (written(&area), stage.clone());
            spawn_local(async move {
                // A check that was stopped never answers.
                stage.set(match working.0.ask(&Job::Check { page }).await {
                    Answer::Checked(said) => Stage::Checked(Rc::new(said)),
                    Answer::Failed(why) => Stage::Failed(why),
                    _ => Stage::Nothing,
                });
            });
        })
    };
    let stop = {
        let stage = stage.clone();
        Callback::from(move |_: MouseEvent| {
            if let Stage::Checking(working) = &*stage {
                working.0.stop();
            }
            stage.set(Stage::Nothing);
        })
    };
    let run = {
        let (area, stage) = (area.clone(), stage.setter());
        Callback::from(move |_: MouseEvent| {
            let (page, stage) = (written(&area), stage.clone());
            spawn_local(async move { go(page, stage).await });
        })
    };
    let to_share = {
        let (area, stage) = (area.clone(), stage.setter());
        Callback::from(move |_: MouseEvent| {
            let (page, stage) = (written(&area), stage.clone());
            spawn_local(async move {
                stage.set(match share::packed(&page).await {
                    Ok(packed) => {
                        let address = share::here(&format!("#/lesson?text={packed}"));
                        let copied = copy(&address).await;
                        Stage::Shared(address, copied)
                    }
                    Err(why) => Stage::Failed(why),
                });
            });
        })
    };
    let download = {
        let area = area.clone();
        Callback::from(move |_: MouseEvent| {
            let page = written(&area);
            let id = parse(&page).map_or_else(|_| NEW.to_owned(), |lesson| lesson.id);
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            let name: String = id.chars().filter(|c| plain(*c)).collect();
            spawn_local(async move { save(&format!("{name}.md"), page.as_bytes(), "text/markdown").await });
        })
    };
    let file = {
        let (open, stage) = (open.clone(), stage.setter());
        Callback::from(move |file: web_sys::File| {
            let (open, stage) = (open.clone(), stage.clone());
            spawn_local(async move {
                match text_of(&file, PAGE_MAX).await {
                    Ok(page) => open.emit(page),
                    Err(why) => stage.set(Stage::Failed(why)),
                }
            });
        })
    };
    let fresh = {
        let (open, tag) = (open.clone(), text.language.tag());
        Callback::from(move |_: MouseEvent| open.emit(template(tag, NEW)))
    };
    let back = Callback::from(move |_: MouseEvent| {
        if let Some(page) = local::kept(BEFORE) {
            open.emit(page);
        }
    });
    let onkeydown = {
        let check = check.clone();
        Callback::from(move |event: KeyboardEvent| {
            if (event.ctrl_key() || event.meta_key()) && event.key() == "Enter" {
                event.prevent_default();
                check.emit(());
            }
            // The page's own keys are not the editor's.
            event.stop_propagation();
        })
    };
    let checking = matches!(*stage, Stage::Checking(_));
    html! {
        <main class="write" id="terminal" tabindex="-1">
            <header>
                <h2>{ text.get("edit-page.name") }</h2>
                <p class="acts">
                    <button type="button" class="btn main" onclick={run}>{ text.get("edit-page.run") }</button>
                    <button type="button" class="btn" disabled={checking} onclick={check.reform(|_| ())}>{ text.get("edit-page.check") }</button>
                    <button type="button" class="btn" onclick={to_share}>{ text.get("edit-page.share") }</button>
                    <button type="button" class="btn" onclick={download}>{ text.get("edit-page.download") }</button>
                    { pick("lesson-file", &text.get("edit-page.open"), file) }
                    <button type="button" class="btn" onclick={fresh}>{ text.get("edit-page.new") }</button>
                    if *before { <button type="button" class="btn" onclick={back}>{ text.get("edit-page.back") }</button> }
                </p>
            </header>
            <textarea ref={area.clone()} aria-label={text.get("edit-page.page")} spellcheck="false" autocapitalize="off" autocomplete="off"
                {oninput} {onkeydown} />
            <aside aria-label={text.get("edit-page.result")} tabindex="0">
                <div role="status">{ outcome(&stage, &area, stop, &text) }</div>
                <h3>{ text.get("edit-page.form") }</h3>
                <dl class="fences">
                    { for FENCES.iter().map(|(fence, key)| html! {
                        <><dt><code>{ *fence }</code></dt><dd>{ text.get(key) }</dd></>
                    }) }
                </dl>
                <p class="muted">{ text.get("edit-page.keys") }</p>
            </aside>
        </main>
    }
}

/// The blocks that a page has with the keys of what is said of each, in the order in which a learner meets them.
const FENCES: [(&str, &str); 9] = [
    ("start", "edit-page.start"),
    ("predict", "edit-page.predict"),
    ("console", "edit-page.console"),
    ("check", "edit-page.check-fence"),
    ("hint", "edit-page.hint"),
    ("solution", "edit-page.solution"),
    ("wrong", "edit-page.wrong"),
    ("explain", "edit-page.explain"),
    ("keep", "edit-page.keep"),
];

fn outcome(stage: &Stage, area: &NodeRef, stop: Callback<MouseEvent>, text: &Text) -> Html {
    match stage {
        Stage::Nothing => html! { <p>{ text.get("edit-page.what") }</p> },
        Stage::Checking(_) => html! {
            <p>{ text.get("edit-page.checking") }{ " " }
                <button type="button" class="link" onclick={stop}>{ text.get("edit-page.stop") }</button></p>
        },
        Stage::Failed(why) => html! { <p class="bad" role="alert">{ why }</p> },
        Stage::Shared(link, copied) => html! {
            <>
                <p>{ text.get(if *copied { "share.copied" } else { "share.copy" }) }</p>
                { address(&text.get("share.address"), link) }
                if link.len() > ADDRESS_MAX { <p class="muted">{ text.with("edit-page.long", &[("n", &link.len())]) }</p> }
            </>
        },
        Stage::Checked(said) if said.is_empty() => {
            html! { <p class="good"><b>{ text.get("edit-page.fine") }</b></p> }
        }
        Stage::Checked(said) => html! {
            <>
                <p class="bad"><b>{ text.count("edit-page.problems", said.len() as u64) }</b></p>
                <ul class="problems">{ for said.iter().map(|one| problem(one, area, text)) }</ul>
            </>
        },
    }
}

fn problem(said: &Said, area: &NodeRef, text: &Text) -> Html {
    let show = {
        let (area, line) = (area.clone(), said.line);
        Callback::from(move |_: MouseEvent| show_line(&area, line))
    };
    html! {
        <li>
            <button type="button" class="link" onclick={show}>{ text.with("edit-page.line", &[("n", &said.line)]) }</button>
            <p class="what">{ &said.what }</p>
            <p class="muted">{ &said.help }</p>
        </li>
    }
}

/// Goes to the page as a learner does, or says why it is no lesson.
async fn go(page: String, stage: UseStateSetter<Stage>) {
    if let Err(error) = parse(&page) {
        let said = Said { line: error.line, what: error.what.to_owned(), help: String::new() };
        return stage.set(Stage::Checked(Rc::new(vec![said])));
    }
    match share::packed(&page).await {
        // A well-formed fragment can be gone to.
        Ok(packed) => {
            drop(gloo::utils::window().location().set_hash(&format!("#/lesson?text={packed}")));
        }
        Err(why) => stage.set(Stage::Failed(why)),
    }
}

fn written(area: &NodeRef) -> String {
    area.cast::<HtmlTextAreaElement>().map(|area| area.value()).unwrap_or_default()
}

fn write(area: &NodeRef, page: &str) {
    if let Some(area) = area.cast::<HtmlTextAreaElement>() {
        area.set_value(page);
        area.unchecked_ref::<HtmlElement>().set_scroll_top(0);
    }
}

/// Selects a line, counted from 1, and brings it into sight.
fn show_line(area: &NodeRef, line: usize) {
    let Some(area) = area.cast::<HtmlTextAreaElement>() else { return };
    let page = area.value();
    let (from, to) = place_of(&page, line);
    let all = page.lines().count().max(1);
    let height = area.scroll_height();
    // A browser shows the selection by itself only when something is typed.
    let top = i32::try_from(line.saturating_sub(4) * height.unsigned_abs() as usize / all).unwrap_or(0);
    area.set_scroll_top(top);
    // They are places of the text.
    let _ = area.set_selection_range(from, to);
    let _ = area.focus();
}

/// Where a line begins and ends, as a browser counts: in UTF-16 units.
fn place_of(page: &str, line: usize) -> (u32, u32) {
    let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    let mut at = 0;
    for (n, text) in page.split('\n').enumerate() {
        let end = at + units(text);
        if n + 1 == line {
            return (at, end);
        }
        at = end + 1;
    }
    (0, 0)
}

#[cfg(test)]
mod tests {
    use super::place_of;

    #[test]
    fn a_line_is_found_as_a_browser_counts() {
        let page = "---\n层 😀 a\nlast";
        assert_eq!(place_of(page, 1), (0, 3));
        assert_eq!(place_of(page, 2), (4, 10));
        assert_eq!(place_of(page, 3), (11, 15));
        assert_eq!(place_of(page, 9), (0, 0));
    }
}
