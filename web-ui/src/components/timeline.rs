//! The session's ticks: back, forth, and to any of them.

use std::rc::Rc;

use layerlab_core::session::Journal;
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
            Some(line) => text.with("time.tick", &[("n", &n), ("line", &visible::line(line))]),
            None => text.get("time.begin"),
        };
        let class = classes!("tick", (n > tick).then_some("undone"));
        let current = (n == tick).then_some("step");
        html! {
            <button key={n} type="button" {class} title={name.clone()} aria-label={name} aria-current={current}
                disabled={!stands} onclick={go(Move::Jump(n))}>{ n }</button>
        }
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
                { for near(tick, ticks).map(mark) }
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

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn ticks_around_the_one_at_hand() {
        assert_eq!(
            (near(3, 10), near(0, 500), near(500, 500), near(250, 500)),
            (0..=10, 0..=40, 460..=500, 230..=270)
        );
    }
}
