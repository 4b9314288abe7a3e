//! Storage drivers side by side: what each would have done with the containers of the session.

use std::rc::Rc;

use layerlab_core::session::{Event, Request};
use serde::Deserialize;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::components::units::bytes;
use crate::hooks::{Lab, use_lab};
use crate::state::Phase;
use crate::text::{Text, use_text};

/// What the lab's own program says.
const LINE: &str = "drivers --json";
/// The driver that the lab runs; the others are models.
const OWN: &str = "overlay2";

/// What that program prints.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Told {
    drivers: Vec<Driver>,
}

/// A driver, and its figures.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Driver {
    name: String,
    bytes: u64,
    append: u64,
    container: u64,
    place: String,
    source: String,
}

/// The screen.
#[component]
pub(super) fn Drivers() -> Html {
    let (lab, text) = (use_lab(), use_text());
    let told = use_state_eq(|| None::<Result<Rc<Told>, String>>);
    {
        let (told, asked) = (told.setter(), lab.clone());
        let stands = lab.state.phase != Phase::Starting;
        use_effect_with((stands, lab.state.epoch), move |(stands, _)| {
            if *stands {
                spawn_local(async move { told.set(Some(ask(&asked).await.map(Rc::new))) });
            }
        });
    }
    html! {
        <main class="lessons drivers" id="terminal" tabindex="-1">
            <h2>{ text.get("title.drivers") }</h2>
            <p>{ text.get("drivers.what") }</p>
            { match &*told {
                None => html! { <p role="status">{ text.get("drivers.coming") }</p> },
                Some(Err(why)) => html! { <p class="bad" role="alert">{ why }</p> },
                Some(Ok(told)) => html! { <>{ table(told, &text) }{ details(told, &text) }</> },
            } }
            <p class="next">
                <a class="btn" href="#/">{ text.get("lesson.playground") }</a>
                <a class="btn" href="#/lesson/drivers">{ text.get("drivers.lesson") }</a>
            </p>
        </main>
    }
}

async fn ask(lab: &Lab) -> Result<Told, String> {
    let events = lab.question(Request::Test { lines: vec![LINE.into()] }).await?;
    let said = events.into_iter().find_map(|event| match event {
        Event::Tested { statuses, outputs } if statuses == [0] => outputs.into_iter().next(),
        _ => None,
    });
    let said = said.ok_or_else(|| format!("{LINE}: no answer"))?;
    serde_json::from_slice(&said).map_err(|error| error.to_string())
}

/// A row a driver. Where there is no room for columns, each cell says what it is.
fn table(told: &Told, text: &Text) -> Html {
    let columns = ["copies", "append", "deletion", "bytes", "container"];
    let heads = columns.map(|column| text.get(&format!("drivers.{column}")));
    let most = |figure: fn(&Driver) -> u64| told.drivers.iter().map(figure).max().unwrap_or_default();
    let (bytes_most, append_most, container_most) =
        (most(|one| one.bytes), most(|one| one.append), most(|one| one.container));
    // What several of them wrote is told of none.
    let least = told.drivers.iter().map(|one| one.bytes).min().unwrap_or_default();
    let is_one = told.drivers.iter().filter(|one| one.bytes == least).count() == 1;
    html! {
        <table class="side-by-side">
            <caption class="sr-only">{ text.get("title.drivers") }</caption>
            <thead><tr><th scope="col">{ text.get("drivers.driver") }</th>
                { for heads.iter().map(|head| html! { <th scope="col">{ head }</th> }) }</tr></thead>
            <tbody>
            { for told.drivers.iter().map(|one| {
                let say = |what: &str| text.get(&format!("drivers.{}.{what}", one.name));
                let is_least = is_one && one.bytes == least;
                html! {
                    <tr key={one.name.clone()} class={classes!((one.name == OWN).then_some("own"))}>
                        <th scope="row">{ &one.name }
                            <small>{ text.get(if one.name == OWN { "drivers.own" } else { "drivers.model" }) }</small></th>
                        <td data-head={heads[0].clone()}>{ say("copies") }</td>
                        <td data-head={heads[1].clone()} class="n">{ bytes(one.append) }{ bar(one.append, append_most) }</td>
                        <td data-head={heads[2].clone()}>{ say("deletion") }</td>
                        <td data-head={heads[3].clone()} class="n">{ bytes(one.bytes) }
                            if is_least { <small class="good">{ " " }{ text.get("drivers.least") }</small> }
                            { bar(one.bytes, bytes_most) }</td>
                        <td data-head={heads[4].clone()} class="n">{ bytes(one.container) }{ bar(one.container, container_most) }</td>
                    </tr>
                }
            }) }
            </tbody>
        </table>
    }
}

/// A figure as a part of the largest one; the figure itself stands beside it.
fn bar(figure: u64, most: u64) -> Html {
    let width = (figure.saturating_mul(100)).div_ceil(most.max(1)).min(100);
    html! {
        <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect class="ground" width="100" height="4" /><rect class="part" width={width.to_string()} height="4" />
        </svg>
    }
}

/// What the table does not say of each.
fn details(told: &Told, text: &Text) -> Html {
    html! {
        <>
            <h3>{ text.get("drivers.more") }</h3>
            { for told.drivers.iter().map(|one| {
                let say = |what: &str| text.get(&format!("drivers.{}.{what}", one.name));
                html! {
                    <details key={one.name.clone()}>
                        <summary>{ &one.name }</summary>
                        <dl>
                            <dt>{ text.get("drivers.place") }</dt><dd><code>{ &one.place }</code></dd>
                            <dt>{ text.get("drivers.recreated") }</dt><dd>{ say("recreated") }</dd>
                            <dt>{ text.get("drivers.layers") }</dt><dd>{ say("layers") }</dd>
                            <dt>{ text.get("drivers.left-out") }</dt><dd>{ say("leaves-out") }</dd>
                            <dt>{ text.get("drivers.source") }</dt><dd>{ &one.source }</dd>
                        </dl>
                    </details>
                }
            }) }
            <p class="muted">{ text.get("drivers.left-out-all") }</p>
        </>
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use layerlab_core::drivers::DRIVERS;

    #[test]
    fn the_words_for_each_driver_are_those_of_its_row() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("text/en.more.json");
        let words: BTreeMap<String, String> =
            serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        for driver in &DRIVERS {
            let said = |what: &str| words[&format!("drivers.{}.{what}", driver.name)].as_str();
            assert_eq!(said("copies"), driver.copies);
            assert_eq!(said("deletion"), driver.deletion);
            assert_eq!(said("recreated"), driver.recreated);
            assert_eq!(said("layers"), driver.layers);
            assert_eq!(said("leaves-out"), driver.leaves_out);
        }
    }
}
