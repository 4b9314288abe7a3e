//! The terminal: what was printed, and a prompt with a line editor's keys.

use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::chips::Chips;
use super::transcript::Printed;
use crate::asked::is_embedded;
use crate::hooks::{Lab, use_event, use_lab};
use crate::state::edit::{Edit, Line, split_lines};
use crate::state::history::{Search, Walk};
use crate::state::{Action, Ahead, END_OF_INPUT, Phase, Waiting};
use crate::text::use_text;
use crate::visible;
use layerlab_core::session::edited;

/// How many of the lines that wait for the end of one are shown at most.
const AHEAD_MAX: usize = 20;

/// What the prompt remembers between keys.
#[derive(Debug, Clone, Default)]
struct Prompt {
    walk: Walk,
    search: Option<Search>,
    /// Escape was pressed: the next Tab leaves the terminal instead of completing.
    leaving: bool,
    /// Ctrl-P was pressed in a container: Ctrl-Q leaves it to itself then.
    detaching: bool,
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct TerminalProps {
    /// The lines that a lesson runs next.
    pub(crate) next: Vec<String>,
}

/// The terminal with its prompt.
#[component]
pub(crate) fn Terminal(props: &TerminalProps) -> Html {
    let (lab, text) = (use_lab(), use_text());
    let (area, log) = (use_node_ref(), use_node_ref());
    let memory = use_mut_ref(Prompt::default);
    let searching = use_state_eq(|| None::<(String, Option<String>)>);
    let length = use_state_eq(|| 1_u32);

    use_scroll_down(&lab, &log);
    use_completion(&lab, &area);
    use_focus(&lab, &area);

    let settle = {
        let (memory, searching, length, lab) =
            (memory.clone(), searching.clone(), length.clone(), lab.clone());
        // After each key: show the search, if one goes on, and give the prompt the height of its text.
        move |area: &HtmlTextAreaElement| {
            let query = area.value();
            let lines = lab.state.transcript.lines();
            let found = memory
                .borrow()
                .search
                .as_ref()
                .map(|search| (query.clone(), search.found(&lines, &query).map(str::to_owned)));
            searching.set(found);
            length.set(u32::try_from(query.split('\n').count()).unwrap_or(1).min(8));
        }
    };
    let onkeydown = {
        let (memory, lab, settle) = (memory.clone(), lab.clone(), settle.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.is_composing() {
                return;
            }
            let Some(area) = event.target_dyn_into::<HtmlTextAreaElement>() else { return };
            if key(&lab, &mut memory.borrow_mut(), &area, &event) {
                event.prevent_default();
            }
            settle(&area);
        })
    };
    let oninput = {
        let (memory, lab) = (memory.clone(), lab.clone());
        Callback::from(move |event: InputEvent| {
            let Some(area) = event.target_dyn_into::<HtmlTextAreaElement>() else { return };
            typed(&lab, &mut memory.borrow_mut(), &area);
            settle(&area);
        })
    };
    let focus = {
        let area = area.clone();
        Callback::from(move |_: MouseEvent| {
            let selection = gloo::utils::window().get_selection().ok().flatten();
            if selection.is_none_or(|selection| selection.is_collapsed()) {
                focus(&area);
            }
        })
    };
    let state = &lab.state;
    // What the line that runs makes of what is typed.
    let hint = match state.waiting {
        Waiting::Nothing => None,
        Waiting::Typing => Some("term.types"),
        Waiting::Time => Some("term.waits"),
    };
    let prompt = match &*searching {
        Some((query, found)) => {
            text.with("term.search", &[("query", query), ("found", &found.clone().unwrap_or_default())])
        }
        None if hint.is_some() => String::new(),
        None => state.prompt().to_owned(),
    };
    html! {
        <section class="term" aria-label={text.get("term.region")}>
            <Chips next={props.next.clone()} />
            <div class="scroll" ref={log} tabindex="0" role="log" aria-label={text.get("term.output")} onclick={focus}>
                <Printed transcript={state.transcript.clone()} />
                if state.waiting == Waiting::Time {
                    { for state.queue.iter().take(AHEAD_MAX).filter_map(Ahead::line).map(|line| html! {
                        <p class="line wait">{ visible::line(line) }</p>
                    }) }
                }
                if state.phase == Phase::Starting {
                    <p class="line wait">{ text.get("term.starting") }</p>
                }
                if state.phase == Phase::Broken {
                    <p class="line err">{ text.get("say.broken") }</p>
                }
            </div>
            <div class={classes!("ask", (state.phase == Phase::Busy).then_some("busy"))}>
                <label class="prompt" for="terminal">{ prompt }</label>
                <textarea id="terminal" ref={area} rows={length.to_string()} aria-label={text.get("term.name")}
                    aria-describedby="terminal-help" autocapitalize="off" autocomplete="off" autocorrect="off"
                    placeholder={hint.map(|key| text.get(key))} spellcheck="false" enterkeyhint="go" {onkeydown} {oninput} />
                <span id="terminal-help" class="sr-only">{ text.get("term.help") }</span>
            </div>
        </section>
    }
}

/// What a key does; true where the browser should do nothing more.
fn key(lab: &Lab, prompt: &mut Prompt, area: &HtmlTextAreaElement, event: &KeyboardEvent) -> bool {
    let key = event.key();
    if matches!(key.as_str(), "Control" | "Shift" | "Alt" | "Meta") {
        return false;
    }
    let leaving = std::mem::take(&mut prompt.leaving);
    let line = read(area);
    let lines = || lab.state.transcript.lines();
    if event.ctrl_key() && !event.alt_key() && !event.meta_key() {
        return control(lab, prompt, area, &key);
    }
    if event.alt_key() || event.meta_key() {
        return false;
    }
    match (key.as_str(), event.shift_key()) {
        ("Enter", false) => {
            if let Some(search) = prompt.search.take() {
                let all = lines();
                let found = search.found(&all, &line.text).unwrap_or_default().to_owned();
                write(area, &Line::at_end(found));
            }
            submit(lab, prompt, area);
        }
        ("Escape", _) => match prompt.search.take() {
            Some(search) => write(area, &Line::at_end(search.draft)),
            None => prompt.leaving = true,
        },
        ("Tab", false) if !leaving && !line.text.trim().is_empty() => lab.complete(&line.text, line.cursor),
        ("ArrowUp", _) if !line.text[..line.cursor].contains('\n') => {
            if let Some(text) = prompt.walk.up(&lines(), &line.text) {
                write(area, &Line::at_end(text));
            }
        }
        ("ArrowDown", _) if !line.text[line.cursor..].contains('\n') => {
            if let Some(text) = prompt.walk.down(&lines()) {
                write(area, &Line::at_end(text));
            }
        }
        ("ArrowRight" | "ArrowLeft", _) if prompt.search.is_some() => accept(lab, prompt, area),
        _ => return false,
    }
    true
}

fn control(lab: &Lab, prompt: &mut Prompt, area: &HtmlTextAreaElement, key: &str) -> bool {
    let line = read(area);
    let detaching = std::mem::take(&mut prompt.detaching);
    let is_in_container = lab.state.is_inside() || lab.state.phase == Phase::Busy;
    let edit = match key {
        "a" => Edit::BeginningOfLine,
        "e" => Edit::EndOfLine,
        "k" => Edit::KillLine,
        "u" => Edit::UnixLineDiscard,
        "w" => Edit::UnixWordRubout,
        "l" => {
            lab.dispatch(Action::Cleared);
            return true;
        }
        "r" => {
            match prompt.search.as_mut() {
                Some(search) => search.older(&lab.state.transcript.lines(), &line.text),
                None => {
                    prompt.search = Some(Search::new(&line.text));
                    write(area, &Line::default());
                }
            }
            return true;
        }
        "g" if prompt.search.is_some() => {
            if let Some(search) = prompt.search.take() {
                write(area, &Line::at_end(search.draft));
            }
            return true;
        }
        "p" if is_in_container => {
            prompt.detaching = true;
            return true;
        }
        "q" if detaching => {
            lab.detach();
            return true;
        }
        // As in a shell, where no container hears the key.
        "p" | "n" => {
            let lines = lab.state.transcript.lines();
            let text = if key == "p" { prompt.walk.up(&lines, &line.text) } else { prompt.walk.down(&lines) };
            if let Some(text) = text {
                write(area, &Line::at_end(text));
            }
            return true;
        }
        // What is typed without its end goes to the program, or the end does.
        "d" if lab.state.phase == Phase::Busy && prompt.search.is_none() => {
            let mut keys = line.text.into_bytes();
            keys.push(END_OF_INPUT);
            lab.type_keys(keys);
            write(area, &Line::default());
            return true;
        }
        // The end of the input ends a container's shell; the lab's own stays open.
        "d" if line.text.is_empty() && prompt.search.is_none() => {
            if lab.state.is_inside() && lab.state.phase == Phase::Ready {
                lab.run("exit");
            }
            return true;
        }
        "c" => {
            // With text selected, Ctrl-C copies.
            if area.selection_start().ok() != area.selection_end().ok() {
                return false;
            }
            prompt.search = None;
            prompt.walk.reset();
            if lab.state.phase != Phase::Busy {
                lab.dispatch(Action::GaveUp { line: line.text });
            }
            write(area, &Line::default());
            lab.interrupt();
            return true;
        }
        _ => return false,
    };
    if prompt.search.is_some() {
        accept(lab, prompt, area);
    }
    write(area, &read(area).edited(edit));
    true
}

/// The line found by a search becomes the line at the prompt.
fn accept(lab: &Lab, prompt: &mut Prompt, area: &HtmlTextAreaElement) {
    if let Some(search) = prompt.search.take() {
        let lines = lab.state.transcript.lines();
        let found = search.found(&lines, &area.value()).map_or(search.draft.clone(), str::to_owned);
        write(area, &Line::at_end(found));
    }
}

/// Text came: typed, pasted, or from an on-screen keyboard whose Enter is a line feed.
fn typed(lab: &Lab, prompt: &mut Prompt, area: &HtmlTextAreaElement) {
    if let Some(search) = prompt.search.as_mut() {
        search.restart();
    }
    let (lines, rest) = split_lines(&area.value());
    if !lines.is_empty() {
        prompt.search = None;
        prompt.walk.reset();
        for line in lines {
            lab.run(line);
        }
        write(area, &Line::at_end(rest));
    }
}

fn submit(lab: &Lab, prompt: &mut Prompt, area: &HtmlTextAreaElement) {
    prompt.walk.reset();
    let line = area.value();
    match edited(&line).filter(|_| lab.state.phase == Phase::Ready && !lab.state.is_inside()) {
        Some(file) => lab.open(&line, file),
        None => lab.run(line.as_str()),
    }
    write(area, &Line::default());
}

fn read(area: &HtmlTextAreaElement) -> Line {
    let units = area.selection_start().ok().flatten().unwrap_or(u32::MAX);
    Line::at_utf16(area.value(), units as usize)
}

fn write(area: &HtmlTextAreaElement, line: &Line) {
    area.set_value(&line.text);
    let units = u32::try_from(line.cursor_utf16()).unwrap_or(u32::MAX);
    // A text area always has a selection.
    let _ = area.set_selection_range(units, units);
}

fn focus(area: &NodeRef) {
    if let Some(area) = area.cast::<HtmlTextAreaElement>() {
        // An element of the page can be focused.
        let _ = area.focus();
    }
}

/// Keeps the newest output in sight.
#[hook]
fn use_scroll_down(lab: &Lab, log: &NodeRef) {
    let down = {
        let log = log.clone();
        move || {
            if let Some(log) = log.cast::<web_sys::Element>() {
                log.set_scroll_top(log.scroll_height());
            }
        }
    };
    let again = down.clone();
    use_effect_with((lab.state.transcript.clone(), lab.state.phase), move |_| down());
    // A window that became lower, as under a keyboard on glass, has its newest output in sight too.
    use_event("resize", move |_| again());
}

/// Puts a completion into the line that it was asked for.
#[hook]
fn use_completion(lab: &Lab, area: &NodeRef) {
    let (area, lab) = (area.clone(), lab.clone());
    use_effect_with(lab.state.completion.clone(), move |completion| {
        let Some((completion, area)) = completion.as_ref().zip(area.cast::<HtmlTextAreaElement>()) else {
            return;
        };
        let line = read(&area);
        if line.text != completion.line {
            return;
        }
        match line.completed(completion.start, &completion.words) {
            Some(line) => write(&area, &line),
            None if completion.words.len() > 1 => {
                lab.dispatch(Action::Listed { line: line.text, words: completion.words.clone() });
            }
            None => {}
        }
    });
}

/// The prompt has the focus when it first takes input, unless the person is elsewhere already or types on glass, where
/// the focus would raise a keyboard.
#[hook]
fn use_focus(lab: &Lab, area: &NodeRef) {
    let area = area.clone();
    use_effect_with(lab.state.phase == Phase::Ready, move |ready| {
        let document = gloo::utils::document();
        let idle =
            document.active_element().is_none_or(|e| e.dyn_ref::<web_sys::HtmlBodyElement>().is_some());
        // Not "has a fine pointer": a desk without a mouse has a keyboard all the same.
        let glass = gloo::utils::window().match_media("(pointer: coarse)").ok().flatten();
        // A guest takes nothing from the page that it is in.
        if *ready && idle && !is_embedded() && glass.is_none_or(|query| !query.matches()) {
            focus(&area);
        }
    });
}
