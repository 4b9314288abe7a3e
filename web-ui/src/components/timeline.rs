//! The session's ticks: back, forth, and to any of them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use layerlab_core::kernel::ByteString;
use layerlab_core::session::{DETACH, Journal};
use yew::prelude::*;

use super::icon::{Icon, icon};
use crate::hooks::{use_hands, use_lab};
use crate::link::Move;
use crate::state::Phase;
use crate::text::use_text;
use crate::visible;

/// How many ticks are drawn; where there are more, a slider reaches all of them.
const NEAR: usize = 40;

/// The ticks around the one at hand.
fn near(tick: usize, ticks: usize) -> std::ops::RangeInclusive<usize> {
    let from = tick.saturating_sub(NEAR / 2).min(ticks.saturating_sub(NEAR));
    from..=(from + NEAR).min(ticks)
}

/// Undo, the ticks, redo.
#[component]
pub(crate) fn Timeline() -> Html {
    let lab = use_lab();
    let (tick, ticks) = (lab.state.reply.tick, lab.state.reply.ticks);
    // While a line runs there is a session to go along: a step waits for its end.
    let stands = matches!(lab.state.phase, Phase::Ready | Phase::Busy);
    html! { <Strip {tick} {ticks} {stands} journal={Rc::clone(&lab.state.journal)} /> }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct StripProps {
    tick: usize,
    ticks: usize,
    stands: bool,
    journal: Rc<Journal>,
}

#[component]
fn Strip(props: &StripProps) -> Html {
    let (hands, text) = (use_hands(), use_text());
    let strip = use_node_ref();
    let StripProps { tick, ticks, stands, .. } = *props;
    {
        let strip = strip.clone();
        use_effect_with((tick, ticks), move |_| {
            let strip = strip.cast::<web_sys::Element>();
            if let Some(now) = strip.as_ref().and_then(|s| s.query_selector("[aria-current]").ok().flatten())
                && let Some(strip) = strip
            {
                let bar = strip.get_bounding_client_rect();
                let mark = now.get_bounding_client_rect();
                let by = (mark.left() + mark.width() / 2.0) - (bar.left() + bar.width() / 2.0);
                strip.set_scroll_left(strip.scroll_left() + by as i32);
            }
        });
    }
    let go = |step: Move| {
        let hands = hands.clone();
        Callback::from(move |_: MouseEvent| hands.go(step))
    };
    let lines = props.journal.lines();
    let mark = |n: usize| {
        let line = n.checked_sub(1).and_then(|at| lines.get(at));
        let name = match line {
            Some(line) if line[..] == *DETACH => {
                text.with("time.tick", &[("n", &n), ("line", &"Ctrl-P Ctrl-Q")])
            }
            Some(line) => text.with("time.tick", &[("n", &n), ("line", &first_line(line))]),
            None => text.get("time.begin"),
        };
        let class = classes!("tick", (n > tick).then_some("undone"));
        let current = (n == tick).then_some("step");
        html! {
            <button key={n} type="button" {class} title={name.clone()} aria-label={name} aria-current={current}
                disabled={!stands} onclick={go(Move::Jump(n))}>{ n }</button>
        }
    };
    let others = others(&props.journal);
    let other = |branch: &Other| {
        let name = text.with("time.branch", &[("n", &branch.tick), ("line", &first_line(&branch.line))]);
        html! {
            <button key={format!("to {}", branch.end)} type="button" class="tick other" title={name.clone()} aria-label={name}
                disabled={!stands} onclick={go(Move::Visit(branch.end))}>{ format!("{}′", branch.tick) }</button>
        }
    };
    let marks = |n: usize| {
        let beside = others.get(&n).into_iter().flatten().map(other);
        std::iter::once(mark(n)).chain(beside).collect::<Vec<Html>>()
    };
    let reach = {
        let hands = hands.clone();
        Callback::from(move |event: Event| {
            let input = event.target_dyn_into::<web_sys::HtmlInputElement>();
            if let Some(tick) = input.and_then(|input| input.value().parse().ok()) {
                hands.go(Move::Jump(tick));
            }
        })
    };
    html! {
        <div class="timeline" role="group" aria-label={text.get("time.name")}>
            <button type="button" class="btn square" aria-label={text.get("time.undo")} title={text.get("time.undo")}
                disabled={!stands || tick == 0} onclick={go(Move::Undo)}>{ icon(Icon::Undo) }</button>
            <div class="ticks" ref={strip} data-ticks={ticks.to_string()}>
                { for near(tick, ticks).flat_map(marks) }
            </div>
            if ticks > NEAR {
                <input type="range" class="reach" aria-label={text.get("time.reach")} title={text.get("time.reach")} min="0" max={ticks.to_string()}
                    value={tick.to_string()} disabled={!stands} onchange={reach} />
            }
            <button type="button" class="btn square" aria-label={text.get("time.redo")} title={text.get("time.redo")}
                disabled={!stands || tick == ticks} onclick={go(Move::Redo)}>{ icon(Icon::Redo) }</button>
        </div>
    }
}

/// A line as a name; of several lines the first.
fn first_line(line: &[u8]) -> String {
    match line.iter().position(|byte| *byte == b'\n') {
        Some(end) => format!("{} …", visible::line(&line[..end])),
        None => visible::line(line),
    }
}

/// A branch that is not in view: where it begins beside the one that is, and where it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Other {
    tick: usize,
    line: ByteString,
    end: usize,
}

/// The other branches, by the tick beside which they begin.
fn others(journal: &Journal) -> BTreeMap<usize, Vec<Other>> {
    let here: BTreeSet<usize> = journal.branch().into_iter().collect();
    let mut depths = vec![0; journal.entries.len() + 1];
    // The branch that each entry off the one in view belongs to: the number of its first entry.
    let mut roots: BTreeMap<usize, usize> = BTreeMap::new();
    let mut found: BTreeMap<usize, Other> = BTreeMap::new();
    for (before, entry) in journal.entries.iter().enumerate() {
        let (number, parent) = (before + 1, entry.parent.unwrap_or(before).min(before));
        depths[number] = depths[parent] + usize::from(!entry.what.is_within_a_line());
        if here.contains(&number) {
            continue;
        }
        let root = roots.get(&parent).copied().unwrap_or(number);
        roots.insert(number, root);
        match found.get_mut(&root) {
            // The newest end of it.
            Some(other) => other.end = number,
            None => {
                let line = journal.text(number).unwrap_or_default();
                found.insert(root, Other { tick: depths[number], line, end: number });
            }
        }
    }
    let mut ticks: BTreeMap<usize, Vec<Other>> = BTreeMap::new();
    for other in found.into_values() {
        ticks.entry(other.tick).or_default().push(other);
    }
    ticks
}

#[cfg(test)]
mod tests {
    use layerlab_core::session::{Journal, JournalEntry};

    use super::{near, others};

    #[test]
    fn other_branches_stand_beside_the_line_that_they_are_another_of() {
        let mut journal = Journal::of_lines(Vec::new(), vec!["a".into(), "b".into(), "c".into()], 3);
        let line = |line: &str, parent| JournalEntry { parent: Some(parent), ..JournalEntry::line(line) };
        journal.record(4, line("d", 1));
        let told = |journal: &Journal| {
            others(journal)
                .into_values()
                .flatten()
                .map(|other| (other.tick, other.line.to_text(), other.end))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&journal), [(2, "b".to_owned(), 3)]);
        journal.stand_at(3);
        assert_eq!(told(&journal), [(2, "d".to_owned(), 4)]);
    }

    #[test]
    fn ticks_around_the_one_at_hand() {
        assert_eq!(
            (near(3, 10), near(0, 500), near(500, 500), near(250, 500)),
            (0..=10, 0..=40, 460..=500, 230..=270)
        );
    }
}
