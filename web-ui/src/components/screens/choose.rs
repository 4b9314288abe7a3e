//! A teacher's choice: lessons in the course's order, a title, and the address that opens them.

use std::collections::BTreeSet;

use layerlab_core::lesson::{Course, Lesson};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::form::address;
use crate::class::Class;
use crate::components::share::copy;
use crate::lesson::{load_all, load_course};
use crate::share;
use crate::text::{Text, use_text};

/// The list to choose from, and the address.
#[component]
pub(super) fn Choose() -> Html {
    let text = use_text();
    let all = use_state(|| (Course::default(), Vec::<Lesson>::new()));
    let taken = use_state(BTreeSet::<String>::new);
    let title = use_state(String::new);
    let copied = use_state(|| None::<bool>);
    {
        let all = all.setter();
        use_effect_with(text.language, move |language| {
            let language = *language;
            spawn_local(async move { all.set((load_course().await, load_all(language).await)) });
        });
    }
    let (course, lessons) = &*all;
    let order = course.order().filter(|id| taken.contains(*id)).map(str::to_owned);
    let class = Class { title: (*title).clone(), lessons: order.collect() };
    let link = share::here(&class.fragment());
    let named = {
        let title = title.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                title.set(input.value());
            }
        })
    };
    let to_copy = {
        let (link, copied) = (link.clone(), copied.setter());
        Callback::from(move |_: MouseEvent| {
            let (link, copied) = (link.clone(), copied.clone());
            spawn_local(async move { copied.set(Some(copy(&link).await)) });
        })
    };
    let ways = course.ways.iter().map(|way| {
        let take = {
            let (taken, title) = (taken.clone(), title.clone());
            let (ids, name) = (way.lessons.clone(), way.title.get(text.language.tag()).cloned());
            Callback::from(move |_: MouseEvent| {
                taken.set(ids.iter().cloned().collect());
                title.set(name.clone().unwrap_or_default());
            })
        };
        html! { <button type="button" class="btn" onclick={take}>{ way.title.get(text.language.tag()) }</button> }
    });
    html! {
        <>
            <h2>{ text.get("class.choose") }</h2>
            <p>{ text.get("class.choose-what") }</p>
            <p class="ways"><span>{ text.get("class.ways") }</span>{ for ways }</p>
            { for course.chapters.iter().map(|chapter| html! {
                <fieldset key={chapter.id.clone()} class="chapter">
                    <legend>{ chapter.title.get(text.language.tag()) }</legend>
                    { for chapter.lessons.iter().filter_map(|id| lessons.iter().find(|lesson| lesson.id == *id)).map(|lesson| {
                        one(lesson, taken.contains(&lesson.id), &taken, &text)
                    }) }
                </fieldset>
            }) }
            <label class="field"><span>{ text.get("class.title") }</span>
                <input value={(*title).clone()} maxlength="120" oninput={named} /></label>
            if class.lessons.is_empty() {
                <p class="muted">{ text.get("class.none") }</p>
            } else {
                <p>{ text.count("class.chosen", class.lessons.len() as u64) }</p>
                { address(&text.get("share.address"), &link) }
                <p class="next">
                    <button type="button" class="btn main" onclick={to_copy}>{ text.get("class.copy") }</button>
                    <a class="btn" href={class.fragment()}>{ text.get("class.see") }</a>
                </p>
                <p role="status">{ copied.map(|copied| text.get(if copied { "share.copied" } else { "share.copy" })) }</p>
            }
        </>
    }
}

fn one(lesson: &Lesson, is_taken: bool, taken: &UseStateHandle<BTreeSet<String>>, text: &Text) -> Html {
    let change = {
        let (taken, id) = (taken.clone(), lesson.id.clone());
        Callback::from(move |_: Event| {
            let mut now = (*taken).clone();
            if !now.remove(&id) {
                now.insert(id.clone());
            }
            taken.set(now);
        })
    };
    let minutes = text.with("lesson.minutes", &[("minutes", &lesson.minutes)]);
    html! {
        <label class="take"><input type="checkbox" checked={is_taken} onchange={change} />
            <span>{ &lesson.title }</span><span class="minutes">{ minutes }</span></label>
    }
}
