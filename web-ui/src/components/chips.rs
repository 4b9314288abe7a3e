//! Commands at a finger's reach: the next things that are worth a try.

use std::borrow::Cow;

use layerlab_core::view::{CellState, Row, RowKind, Screen, Stack, Subject, SubjectKind};
use yew::prelude::*;

use crate::hooks::{Lab, use_lab};
use crate::state::{END_OF_INPUT, Phase, Waiting};
use crate::text::{Text, use_text};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct ChipsProps {
    /// The lines that a lesson runs next; where there are none, what is worth a try.
    pub(crate) next: Vec<String>,
}

/// A row of commands; one touch runs one.
#[component]
pub(crate) fn Chips(props: &ChipsProps) -> Html {
    let (lab, text) = (use_lab(), use_text());
    let place = use_node_ref();
    let lines = if props.next.is_empty() { suggestions(&lab) } else { props.next.clone() };
    {
        let place = place.clone();
        // What is new is seen from its beginning.
        use_effect_with(lines.clone(), move |_| {
            if let Some(place) = place.cast::<web_sys::Element>() {
                place.set_scroll_left(0);
            }
        });
    }
    if lab.state.waiting != Waiting::Nothing {
        return keys(&lab, &text);
    }
    // Before anything is drawn it is not known what there is.
    if lines.is_empty() || !lab.state.drawn {
        return Html::default();
    }
    html! {
        <div class="chips" ref={place} role="group" aria-label={text.get("term.chips")}>
            <span class="try">{ text.get("term.try") }</span>
            { for lines.into_iter().map(|line| chip(&lab, line)) }
            if lab.state.is_inside() {
                <button type="button" class="chip" disabled={lab.state.phase != Phase::Ready}
                    onclick={Callback::from({ let lab = lab.clone(); move |_: MouseEvent| lab.detach() })}>
                    { text.get("term.detach") }
                </button>
            }
        </div>
    }
}

/// The keys of a line that waits, for those who have none.
fn keys(lab: &Lab, text: &Text) -> Html {
    let key = |name: &str, act: fn(&Lab)| {
        let lab = lab.clone();
        let press = Callback::from(move |_: MouseEvent| act(&lab));
        html! { <button type="button" class="chip" onclick={press}>{ text.get(name) }</button> }
    };
    html! {
        <div class="chips" role="group" aria-label={text.get("term.keys")}>
            if lab.state.waiting == Waiting::Typing {
                { key("term.end", |lab| lab.type_keys(&[END_OF_INPUT][..])) }
            }
            { key("term.stop", |lab| lab.interrupt()) }
        </div>
    }
}

fn chip(lab: &Lab, line: String) -> Html {
    let run = {
        let (lab, line) = (lab.clone(), line.clone());
        Callback::from(move |_: MouseEvent| lab.run(line.clone()))
    };
    let disabled = lab.state.phase != Phase::Ready;
    let shown = match id_in(&line) {
        // The way to a layer's directory is as long as a row: what is behind it is seen, the whole is run.
        Some((from, to)) => {
            html! { <>{ &line[..from] }<span class="id">{ &line[from..to] }</span>{ &line[to..] }</> }
        }
        None => html! { { &line } },
    };
    html! {
        <button key={line.clone()} type="button" class="chip" aria-label={line.clone()} title={line.clone()} onclick={run} {disabled}>
            { shown }
        </button>
    }
}

/// The least length of a word of hexadecimal digits that is an id.
const ID: usize = 32;

/// Where a path up to an id stands in a line.
fn id_in(line: &str) -> Option<(usize, usize)> {
    let (from, to) = digits_in(line)?;
    Some((line[..from].rfind(' ').map_or(0, |at| at + 1), to))
}

fn digits_in(line: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    for word in line.split(|c: char| !c.is_ascii_hexdigit()) {
        if word.len() >= ID {
            return Some((from, from + word.len()));
        }
        // What splits is ASCII in the lines that are offered; anything else has no id behind it.
        from += word.len() + line[from + word.len()..].chars().next().map_or(0, char::len_utf8);
    }
    None
}

/// How many chips there are at most.
const CHIPS_MAX: usize = 5;

/// The images of the lab's hub that hold a system and no service.
const SYSTEMS: [&str; 5] = ["alpine", "busybox", "centos", "debian", "ubuntu"];

/// What is worth a try now: each line can be run as things stand, and was not run yet.
fn suggestions(lab: &Lab) -> Vec<String> {
    let journal = &lab.state.journal;
    let lines = journal.lines();
    let done: Vec<Cow<'_, str>> =
        lines.iter().take(journal.done()).map(|line| String::from_utf8_lossy(line.trim_ascii())).collect();
    let all = all(&lab.state.screen, &done, lab.state.is_inside());
    // The way out of a container stays.
    let all = all.into_iter().filter(|line| line == "exit" || done.iter().all(|done| done != line));
    all.take(CHIPS_MAX).collect()
}

fn all(screen: &Screen, done: &[Cow<'_, str>], is_inside: bool) -> Vec<String> {
    let Some(stack) = &screen.stack else {
        return vec!["docker pull nginx".into(), "docker run -d --name web1 nginx".into()];
    };
    if is_inside {
        let mut lines = vec!["ls -la /".to_owned()];
        lines.extend(sees(stack, "/etc/motd").then(|| "rm /etc/motd".to_owned()));
        lines.extend(["echo hi > /notes".to_owned(), "exit".to_owned()]);
        return lines;
    }
    let name = &stack.subject.name;
    let free = |base: &str| free(&screen.subjects, base);
    let mut lines = match stack.subject.kind {
        SubjectKind::Container => container(stack, name, &free("mine"), done),
        SubjectKind::Image => {
            let name = name.strip_suffix(":latest").unwrap_or(name);
            let is_run =
                |line: &Cow<'_, str>| line.starts_with("docker run ") && line.ends_with(&format!(" {name}"));
            // A system's image has a shell, which ends at once where nobody types.
            let run = if SYSTEMS.contains(&name) {
                format!("docker run -it --name {} {name}", free("box"))
            } else {
                format!("docker run -d --name {} {name}", free("web"))
            };
            let run = (!done.iter().any(is_run)).then_some(run);
            run.into_iter().chain([format!("docker history {name}"), "docker images".into()]).collect()
        }
        SubjectKind::Mount => {
            vec![format!("ls -la {name}"), format!("echo hi > {name}/notes"), "mount".into()]
        }
    };
    lines.extend(["docker ps -a".into(), "docker system df".into()]);
    lines
}

/// What is worth a try with a container: delete, look under, compare, keep, go in.
fn container(stack: &Stack, name: &str, image: &str, done: &[Cow<'_, str>]) -> Vec<String> {
    let mut lines = Vec::new();
    let upper = stack.rows.iter().find(|row| row.kind == RowKind::Writable);
    if stack.subject.mounted && sees(stack, "/etc/motd") {
        lines.push(format!("docker exec {name} rm /etc/motd"));
    } else if let Some(upper) = upper.filter(|upper| has(stack, upper, "/etc/motd")) {
        lines.push(format!("ls -l {}/etc", upper.dir.to_text()));
    }
    if stack.subject.mounted {
        lines.push(format!("docker exec {name} sh -c 'echo hi > /notes'"));
    } else {
        lines.push(format!("docker start {name}"));
    }
    lines.push(format!("docker diff {name}"));
    let commit = format!("docker commit {name} ");
    lines.extend((!done.iter().any(|line| line.starts_with(&commit))).then(|| format!("{commit}{image}")));
    lines.extend(stack.subject.mounted.then(|| format!("docker exec -it {name} sh")));
    lines
}

/// Whether the merged view shows a path, as far as the stack says.
fn sees(stack: &Stack, path: &str) -> bool {
    stack.rows.first().is_some_and(|merged| has(stack, merged, path))
}

fn has(stack: &Stack, row: &Row, path: &str) -> bool {
    let column = stack.columns.iter().position(|column| column.fold.is_none() && column.path == *path);
    column.and_then(|column| row.cells.get(column)).is_some_and(|cell| cell.state != CellState::Absent)
}

/// A name that nothing has yet: `mine`, `mine2`; `web2`.
fn free(subjects: &[Subject], base: &str) -> String {
    let taken = |name: &str| {
        subjects.iter().any(|subject| subject.name.split(':').next().is_some_and(|taken| taken == name))
    };
    let names = (1..).map(|n| if n == 1 && base != "web" { base.to_owned() } else { format!("{base}{n}") });
    names.into_iter().find(|name| !taken(name)).unwrap_or_else(|| base.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_in_a_line() {
        let id = "0123456789abcdef0123456789abcdef";
        let line = format!("ls -l /var/lib/é/{id}/diff/etc");
        let (from, to) = id_in(&line).expect("there is one");
        assert_eq!((&line[..from], &line[to..]), ("ls -l ", "/diff/etc"));
        assert!(line[from..to].starts_with("/var/lib/é/") && line[from..to].ends_with(id));
        assert_eq!(id_in("docker exec web1 cat /etc/face"), None);
    }

    #[test]
    fn what_was_committed_and_run_is_not_offered_again() {
        let subject = |kind, name: &str| Subject {
            id: name.into(),
            kind,
            name: name.into(),
            image: None,
            mounted: false,
            upper: None,
        };
        let screen = |shown: Subject| Screen {
            subjects: vec![shown.clone(), subject(SubjectKind::Image, "mine:latest")],
            stack: Some(Stack {
                subject: shown,
                rows: Vec::new(),
                columns: Vec::new(),
                paths: 0,
                shown: 0,
                more: false,
                whiteouts: 0,
            }),
            ..Screen::default()
        };
        let web = screen(subject(SubjectKind::Container, "web1"));
        let mine = screen(subject(SubjectKind::Image, "mine:latest"));
        let has = |screen: &Screen, done: &[Cow<'_, str>], start: &str| {
            all(screen, done, false).iter().any(|line| line.starts_with(start))
        };
        assert!(has(&web, &[], "docker commit web1 mine2"));
        assert!(!has(&web, &["docker commit web1 mine".into()], "docker commit"));
        assert!(has(&mine, &[], "docker run -d --name web1 mine"));
        let ubuntu = screen(subject(SubjectKind::Image, "ubuntu:latest"));
        assert!(has(&ubuntu, &[], "docker run -it --name box ubuntu"));
        assert!(!has(&mine, &["docker run -d --name web9 mine".into()], "docker run"));
    }

    #[test]
    fn a_name_that_is_taken_is_not_offered() {
        let subject = |name: &str| Subject {
            id: name.into(),
            kind: SubjectKind::Image,
            name: name.into(),
            image: None,
            mounted: false,
            upper: None,
        };
        let all = [subject("web1"), subject("mine:latest")];
        assert_eq!(
            (free(&all, "web"), free(&all, "mine"), free(&[], "web")),
            ("web2".into(), "mine2".into(), "web1".into())
        );
    }
}
