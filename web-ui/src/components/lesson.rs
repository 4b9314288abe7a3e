//! The lesson's page: prose, lines to run, questions, checks, hints.

use layerlab_core::lesson::{Keep, LessonAct, LessonStep, Predicate, Question};
use yew::prelude::*;

use super::icon::{Icon, icon};
use super::markdown::{blocks, inline};
use crate::hooks::{Lab, use_lab, use_progress};
use crate::lesson::Page;
use crate::link::Move;
use crate::state::{Action, Phase, StepState};
use crate::text::{Text, use_text};
use crate::{class, progress};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct LessonProps {
    /// The lesson; an error is one sentence.
    pub(crate) page: Result<Page, String>,
}

/// The lesson's pane.
#[component]
pub(crate) fn LessonPane(props: &LessonProps) -> Html {
    let (lab, text) = (use_lab(), use_text());
    use_grading(&lab, props.page.as_ref().ok());
    use_progress(&lab, props.page.as_ref().ok());
    let page = match &props.page {
        Ok(page) => page,
        Err(why) => {
            return html! {
                <section class="lesson" aria-label={text.get("lesson.name")}><p class="bad" role="alert">{ why }</p></section>
            };
        }
    };
    let now = page.at_hand(&lab.state);
    let again = {
        let (lab, id) = (lab.clone(), page.key.clone());
        Callback::from(move |_: MouseEvent| {
            progress::forget(&id);
            lab.go(Move::Jump(0));
            lab.dispatch(Action::Recalled { steps: std::collections::BTreeMap::new() });
        })
    };
    html! {
        <section class="lesson" aria-label={text.get("lesson.name")} tabindex="0">
            <p class="over">{ way_back(page, &text) }</p>
            <h2>{ &page.lesson.title }</h2>
            if let Some(packed) = &page.packed { <p class="foreign">{ text.get("lesson.foreign") }{ " " }
                <a href={format!("#/edit?text={packed}")}>{ text.get("lesson.edit") }</a></p> }
            <ol class="steps">
                { for page.steps.iter().enumerate().map(|(at, step)| {
                    let done = page.is_done(at, &lab.state);
                    let class = classes!("step", done.then_some("done"), (now == Some(at)).then_some("now"));
                    html! {
                        <li key={at} {class} aria-current={(now == Some(at)).then_some("step")}>
                            if done && step.act != LessonAct::Read { <span class="sr-only">{ text.get("lesson.step-done") }</span> }
                            { for step.prose.iter().map(|prose| blocks(prose)) }
                            { act(&lab, &text, at, step) }
                            { help(&lab, &text, at, step) }
                            if done { { explain(&lab, at, step) } }
                        </li>
                    }
                }) }
            </ol>
            if now.is_none() {
                <p class="finished" role="status">{ text.get("lesson.finished") }</p>
                { page.keep.as_ref().map(|kept| keep(&text, kept)) }
                <p class="next">
                    if let Some(next) = &page.next {
                        <a class="btn main" href={format!("#/lesson/{next}")}>{ text.get("lesson.next") }</a>
                    }
                    <a class="btn" href="#/lessons">{ text.get("lesson.all") }</a>
                    <button type="button" class="btn" onclick={again}>{ text.get("lesson.again") }</button>
                </p>
            }
        </section>
    }
}

/// The way to the list that the lesson was chosen from.
fn way_back(page: &Page, text: &Text) -> Html {
    match class::of(&page.lesson.id).filter(|_| page.packed.is_none()) {
        Some(class) => html! { <a href={class.fragment()}>{ text.get("lesson.class") }</a> },
        None => html! { <a href="#/lessons">{ text.get("lesson.all") }</a> },
    }
}

fn act(lab: &Lab, text: &Text, at: usize, step: &LessonStep) -> Html {
    let seen = lab.state.steps.get(&at).cloned().unwrap_or_default();
    match &step.act {
        LessonAct::Read => Html::default(),
        LessonAct::Run(lines) => lines.iter().map(|line| command(lab, text, line)).collect(),
        LessonAct::Predict(question) => predict(lab, text, at, question, &seen),
        LessonAct::Check(predicates) => check(lab, text, at, (step, predicates), &seen),
    }
}

/// A line that one click runs.
fn command(lab: &Lab, text: &Text, line: &str) -> Html {
    let run = {
        let (lab, line) = (lab.clone(), line.to_owned());
        Callback::from(move |_: MouseEvent| lab.run(line.clone()))
    };
    let name = text.with("lesson.run", &[("line", &line)]);
    let disabled = lab.state.phase != Phase::Ready;
    html! {
        <button type="button" class="cmd" aria-label={name} {disabled} onclick={run}>
            <code>{ line }</code>{ icon(Icon::Play) }
        </button>
    }
}

fn predict(lab: &Lab, text: &Text, at: usize, question: &Question, seen: &StepState) -> Html {
    let graded = !seen.statuses.is_empty();
    let right = question.right(&seen.statuses);
    let choices = question.choices.iter().enumerate().map(|(n, choice)| {
        let take = {
            let lab = lab.clone();
            Callback::from(move |_: Event| lab.dispatch(Action::Answered { step: at, choice: n }))
        };
        let right = right.contains(&n);
        let taken = seen.choice == Some(n);
        let class = classes!("choice", taken.then_some("taken"), (graded && right).then_some("right"));
        html! {
            <label {class}>
                <input type="radio" name={format!("step-{at}")} checked={taken} disabled={graded} onchange={take} />
                <span>{ inline(&choice.text) }</span>
            </label>
        }
    });
    let verdict = graded.then(|| {
        let right = seen.choice.is_some_and(|choice| right.contains(&choice));
        if right { ("good", "lesson.right") } else { ("bad", "lesson.not-so") }
    });
    let taken = seen.choice.and_then(|taken| question.choices.get(taken));
    let why = taken.and_then(|choice| choice.why.as_deref()).filter(|_| graded);
    html! {
        <fieldset class="quiz">
            <legend><b>{ text.get("lesson.predict") }</b>{ " " }{ inline(&question.text) }</legend>
            { for choices }
            <p class="verdict" aria-live="polite">
                if let Some((class, key)) = verdict { <b {class}>{ text.get(key) }</b> }
                { why.map(|why| html! { <>{ " " }{ inline(why) }</> }) }
            </p>
        </fieldset>
    }
}

/// The goals, each with its mark, and what is said of the first that is not reached.
fn check(lab: &Lab, text: &Text, at: usize, task: (&LessonStep, &[Predicate]), seen: &StepState) -> Html {
    let (step, predicates) = task;
    let test = {
        let (lab, lines) = (lab.clone(), step.tests());
        Callback::from(move |_: MouseEvent| lab.test(at, lines.clone()))
    };
    let statuses = &seen.statuses[..predicates.len().min(seen.statuses.len())];
    let first = statuses.iter().position(|status| *status != 0);
    let message = first.and_then(|first| step.said(&seen.outputs).0.into_iter().nth(first));
    let goals = predicates.iter().enumerate().map(|(n, predicate)| {
        let (class, key) = match statuses.get(n) {
            None => ("open", ""),
            Some(0) => ("good", "lesson.reached"),
            Some(_) => ("bad", "lesson.not-reached"),
        };
        html! {
            <li {class}>
                if !key.is_empty() { <span class="sr-only">{ text.get(key) }{ " " }</span> }
                { inline(&predicate.goal) }
            </li>
        }
    });
    html! {
        <div class="check">
            <ul class="goals">{ for goals }</ul>
            <button type="button" class="btn main" disabled={lab.state.phase != Phase::Ready} onclick={test}>
                { text.get("lesson.check") }
            </button>
            <div aria-live="polite">
                { message.map(|message| html! { <p class="bad">{ inline(&message) }</p> }) }
                if !statuses.is_empty() && first.is_none() {
                    <p class="good"><b>{ text.get("lesson.passed") }</b></p>
                }
            </div>
        </div>
    }
}

/// Why it is so, with the figures of the learner's own state.
fn explain(lab: &Lab, at: usize, step: &LessonStep) -> Html {
    let outputs = lab.state.steps.get(&at).map(|seen| seen.outputs.clone()).unwrap_or_default();
    step.said(&outputs)
        .1
        .map(|text| html! { <div class="explain">{ blocks(&text) }</div> })
        .unwrap_or_default()
}

/// The end card.
fn keep(text: &Text, kept: &Keep) -> Html {
    html! {
        <div class="keep">
            <p><b>{ text.get("lesson.keep") }</b>{ " " }{ inline(&kept.text) }</p>
            if !kept.lines.is_empty() {
                <p>{ text.get("lesson.real-host") }</p>
                <pre tabindex="0"><code>{ kept.lines.join("\n") }</code></pre>
            }
        </div>
    }
}

/// Hints one after another, then the solution.
fn help(lab: &Lab, text: &Text, at: usize, step: &LessonStep) -> Html {
    let seen = lab.state.steps.get(&at).cloned().unwrap_or_default();
    let more = seen.hints < step.hints.len();
    let action = if more { Action::Hinted { step: at } } else { Action::Solved { step: at } };
    let next = if more { "lesson.hint" } else { "lesson.solution" };
    let offered = more || (!step.solution.is_empty() && !seen.solution);
    let ask = {
        let lab = lab.clone();
        Callback::from(move |_: MouseEvent| lab.dispatch(action.clone()))
    };
    html! {
        <>
            <div aria-live="polite">
                { for step.hints.iter().take(seen.hints).map(|hint| html! { <p class="hint">{ inline(hint) }</p> }) }
                if seen.solution { { for step.solution.iter().map(|line| command(lab, text, line)) } }
            </div>
            if offered { <button type="button" class="link" onclick={ask}>{ text.get(next) }</button> }
        </>
    }
}

/// Grades an answer once what it was about has been run.
#[hook]
fn use_grading(lab: &Lab, page: Option<&Page>) {
    let wanted = page.and_then(|page| page.to_grade(&lab.state));
    let lab = lab.clone();
    use_effect_with(wanted, move |wanted| {
        if let Some((step, lines)) = wanted.clone() {
            lab.test(step, lines);
        }
    });
}
