//! The first minute: what this is, and three steps that show it. It can be put away, and stays away.

use layerlab_core::session::ChangeKind;
use layerlab_core::view::{RowKind, Subject, SubjectKind};
use yew::prelude::*;

use super::icon::{Icon, icon};
use crate::hooks::{Lab, use_lab};
use crate::local::{keep, kept};
use crate::state::Phase;
use crate::text::use_text;

const AWAY: &str = "layerlab.intro";

/// One line for a stranger, and the steps.
#[component]
pub(crate) fn Intro() -> Html {
    let (lab, text) = (use_lab(), use_text());
    let away = use_state(|| kept(AWAY).is_some());
    if *away {
        return Html::default();
    }
    let close = {
        let away = away.clone();
        Callback::from(move |_: MouseEvent| {
            keep(AWAY, "away");
            away.set(true);
        })
    };
    let done = done(&lab);
    let lines = lines(&lab);
    let steps = ["intro.delete", "intro.look", "intro.commit"];
    html! {
        <section class="intro" aria-label={text.get("intro.name")}>
            <p>{ text.get("intro.what") }</p>
            <ol>
                { for steps.into_iter().enumerate().map(|(at, key)| {
                    let line = lines.get(at).cloned().flatten();
                    let run = {
                        let (lab, line) = (lab.clone(), line.clone());
                        Callback::from(move |_: MouseEvent| {
                            if let Some(line) = &line {
                                lab.run(line.clone());
                            }
                        })
                    };
                    let now = done.iter().position(|done| !done) == Some(at);
                    html! {
                        <li key={at} class={classes!(done[at].then_some("done"), now.then_some("now"))} aria-current={now.then_some("step")}>
                            <button type="button" class="btn" onclick={run} title={line.clone()}
                                disabled={!now || line.is_none() || lab.state.phase != Phase::Ready}>
                                if done[at] { <span class="sr-only">{ text.get("lesson.step-done") }</span> }
                                { text.get(key) }
                            </button>
                        </li>
                    }
                }) }
            </ol>
            <button type="button" class="btn square close" aria-label={text.get("intro.close")} title={text.get("intro.close")} onclick={close}>
                { icon(Icon::Close) }
            </button>
        </section>
    }
}

/// Which steps are done: by what was typed, whoever typed it.
fn done(lab: &Lab) -> [bool; 3] {
    let journal = &lab.state.journal;
    let typed = |start: &str, what: &str| {
        let typed = journal.lines();
        let mut lines = typed.iter().take(journal.done()).map(|line| String::from_utf8_lossy(line));
        lines.any(|line| line.trim_start().starts_with(start) && line.contains(what))
    };
    let deleted = lab.state.changes.iter().any(|change| change.kind == ChangeKind::Whiteout)
        || typed("docker exec", "rm ");
    [deleted, typed("ls ", "/diff") || typed("ls ", "UpperDir"), typed("docker commit", "")]
}

/// What each step runs, for the container in sight, or else for the first that there is.
fn lines(lab: &Lab) -> [Option<String>; 3] {
    let screen = &lab.state.screen;
    let is_container = |subject: &&Subject| subject.kind == SubjectKind::Container;
    let shown = screen.stack.as_ref().filter(|stack| is_container(&&stack.subject));
    let any = || screen.subjects.iter().find(is_container);
    let Some(subject) = shown.map(|stack| &stack.subject).or_else(any) else { return [None, None, None] };
    let name = &subject.name;
    let upper = shown
        .and_then(|stack| stack.rows.iter().find(|row| row.kind == RowKind::Writable))
        .map(|row| row.dir.to_text());
    let upper =
        upper.unwrap_or_else(|| format!("$(docker inspect -f '{{{{.GraphDriver.Data.UpperDir}}}}' {name})"));
    [
        Some(format!("docker exec {name} rm /etc/motd")),
        Some(format!("ls -l {upper}/etc")),
        Some(format!("docker commit {name} mine")),
    ]
}
