//! Commands at a finger's reach: the next things that are worth a try.

use layerlab_core::view::SubjectKind;
use yew::prelude::*;

use crate::hooks::{Lab, use_lab};
use crate::state::Phase;
use crate::text::use_text;

/// A row of commands; one touch runs one.
#[component]
pub(crate) fn Chips() -> Html {
    let (lab, text) = (use_lab(), use_text());
    let lines = suggestions(&lab);
    if lines.is_empty() {
        return Html::default();
    }
    html! {
        <div class="chips" role="group" aria-label={text.get("term.chips")}>
            <span class="try">{ text.get("term.try") }</span>
            { for lines.into_iter().map(|line| chip(&lab, line)) }
        </div>
    }
}

fn chip(lab: &Lab, line: String) -> Html {
    let run = {
        let (lab, line) = (lab.clone(), line.clone());
        Callback::from(move |_: MouseEvent| lab.run(line.clone()))
    };
    let disabled = lab.state.phase != Phase::Ready;
    html! { <button key={line.clone()} type="button" class="chip" onclick={run} {disabled}>{ line }</button> }
}

/// What is worth a try now: for the container that is shown, things that leave a trace in its layer.
fn suggestions(lab: &Lab) -> Vec<String> {
    let Some(stack) = &lab.state.screen.stack else {
        return vec!["docker pull nginx".into(), "docker run -d --name web1 nginx".into()];
    };
    let name = &stack.subject.name;
    let lines = match stack.subject.kind {
        SubjectKind::Container if stack.subject.mounted => vec![
            format!("docker exec {name} rm /etc/motd"),
            format!("docker exec {name} sh -c 'echo hi > /notes'"),
            format!("docker diff {name}"),
            format!("docker commit {name} mine"),
            format!("docker exec -it {name} sh"),
        ],
        SubjectKind::Container => vec![format!("docker start {name}"), "docker ps -a".into()],
        SubjectKind::Image => {
            vec![format!("docker history {name}"), format!("docker run -d --name web2 {name}")]
        }
        SubjectKind::Mount => vec![format!("ls -la {name}"), "mount".into()],
    };
    // Inside a container's shell the docker command is not at hand.
    let inside = !lab.state.prompt().contains("lab");
    if inside { vec!["ls -la /".into(), "rm /etc/motd".into(), "exit".into()] } else { lines }
}
