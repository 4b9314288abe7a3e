//! The first screen is drawn before the lab runs: it is what the lab says, and what is done meanwhile is not lost.

use layerlab_core::opening::{self, Opening};
use layerlab_core::session::{Event, Request};
use layerlab_core::view::{Answer, Query};
use layerlab_tests::browser::{Browser, Look};
use serde_json::{Value, json};

use crate::view::{holds, not_early, run, saved};

/// Keeps what the window and its worker say to each other, and counts what changes in the stack.
const LISTEN: &str = "
  window.__asked = [], window.__said = [];
  window.Worker = class extends Worker {
    constructor(...all) {
      super(...all);
      this.addEventListener('message', ({ data }) => typeof data === 'string' && __said.push(data));
    }
    postMessage(message, ...more) {
      if (typeof message === 'string') __asked.push(message);
      super.postMessage(message, ...more);
    }
  };
";

/// A browser that hears the worker, and cannot fetch the second part yet.
fn without_the_rest(look: Look) -> Browser {
    let browser = Browser::start(look);
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({"source": LISTEN}));
    browser.cdp("Network.enable", &json!({}));
    browser.cdp("Network.setBlockedURLs", &json!({"urls": ["*/rest-*"]}));
    browser.open("#/");
    browser.wait("the layers to be drawn", "document.querySelector('.grid td')");
    not_early(&browser);
    browser
}

fn fetch_the_rest(browser: &Browser) {
    browser.cdp("Network.setBlockedURLs", &json!({"urls": []}));
    browser.find("button", "Try again").click();
}

/// The JSON texts of a list of the page.
fn texts(browser: &Browser, list: &str) -> Vec<Value> {
    let texts = browser.eval(&format!("return {list}"));
    let texts = texts.as_array().expect("a list").iter().filter_map(Value::as_str);
    texts.map(|text| serde_json::from_str(text).expect("JSON")).collect()
}

#[test]
fn the_first_screen_is_what_the_worker_says() {
    let known = Opening::record().expect("the lab begins");
    let (low, middle) =
        (Look { width: 720, height: 450, ..Look::DESK }, Look { width: 1024, height: 768, ..Look::DESK });
    for look in [Look::DESK, middle, low, Look::PHONE, Look { width: 2560, height: 1300, ..Look::DESK }] {
        let browser = without_the_rest(look);
        browser.find("button", "Try again");
        assert_eq!(texts(&browser, "__said"), Vec::<Value>::new(), "no worker runs");
        let changed = "window.__changes = 0; window.__grid = document.querySelector('.grid'); \
                       new MutationObserver((all) => { __changes += all.length; }).observe(\
                       document.querySelector('.stage'), {subtree: true, childList: true, characterData: true, attributes: true}); \
                       return null";
        browser.eval(changed);
        fetch_the_rest(&browser);
        browser.wait("the worker to show its screen", "__said.some((text) => text.includes('\"view\"'))");

        let asked: Vec<(u32, Request)> = texts(&browser, "__asked")
            .into_iter()
            .flat_map(|message| {
                serde_json::from_value::<Vec<(u32, Request)>>(message["Ask"].clone()).expect("requests")
            })
            .collect();
        let of = |id: u32| asked.iter().find(|(asked, _)| *asked == id).map(|(_, request)| request);
        let told: Vec<(u32, Event)> = texts(&browser, "__said")
            .into_iter()
            .filter(|message| message["Events"].is_array())
            .flat_map(|message| {
                serde_json::from_value::<Vec<(u32, Event)>>(message["Events"].clone()).expect("events")
            })
            .collect();
        let mut compared = 0;
        for (id, event) in told {
            match (of(id).expect("what was asked"), event) {
                (Request::Restore { journal }, Event::Done { reply }) => {
                    assert_eq!(*journal, opening::journal());
                    assert_eq!(Some(reply), known.reply());
                    compared += 1;
                }
                (
                    Request::View { query: query @ Query::Screen { .. } },
                    Event::View { answer: Answer::Screen(screen) },
                ) => {
                    assert_eq!(known.screen(query).as_ref(), Some(&*screen), "{look:?}");
                    compared += 1;
                }
                _ => {}
            }
        }
        assert_eq!(compared, 2, "the start and one screen");
        browser.wait("the banner to go", "!document.querySelector('.banner')");
        let same = "return [window.__changes, window.__grid === document.querySelector('.grid')]";
        assert_eq!(browser.eval(same), json!([0, true]), "nothing is drawn anew");
    }
}

#[test]
fn the_record_is_of_this_code() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    let text = "const name = performance.getEntriesByType('resource').map((e) => e.name).find((n) => /opening-[^/]*\\.txt/.test(n)); \
                const request = new XMLHttpRequest(); request.open('GET', name, false); request.send(); return request.responseText";
    let known = Opening::record().expect("the lab begins");
    assert_eq!(
        browser.eval(text),
        json!(known.text()),
        "dist/ is of another state of the code: cargo xtask build"
    );
}

#[test]
fn what_is_done_before_the_lab_runs_is_not_lost() {
    let browser = without_the_rest(Look::DESK);
    let group = browser.find("gridcell", "/etc/group, merged view, from nginx · 2");
    group.click();
    browser.find("textbox", "Terminal").focus();
    browser.keys("docker exec web1 touch /notes");
    browser.press("Enter");
    browser.keys("docker ps");
    browser.press("Enter");
    assert_eq!(browser.eval("return document.querySelector('.ticks').dataset.ticks"), json!("0"));
    let path = |path: &str| format!("document.querySelector('.inspector .path')?.innerText === '{path}'");
    assert_eq!(browser.eval(&format!("return {}", path("/etc/group"))), json!(false));
    not_early(&browser);
    fetch_the_rest(&browser);
    holds(&browser, 2);
    browser.find("gridcell", "/notes, web1, added");
    // The line changed something: that is explained then. What was chosen was asked for before.
    browser.wait("the new path to be explained", &path("/notes"));
    assert!(
        texts(&browser, "__said").iter().any(|said| said.to_string().contains("\"path\":\"/etc/group\""))
    );
}

#[test]
fn a_kept_session_waits_for_the_lab() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "docker exec web1 touch /notes");
    saved(&browser);
    browser.cdp("Network.enable", &json!({}));
    browser.cdp("Network.setBypassServiceWorker", &json!({"bypass": true}));
    browser.cdp("Network.setCacheDisabled", &json!({"cacheDisabled": true}));
    browser.cdp("Network.setBlockedURLs", &json!({"urls": ["*/rest-*"]}));
    browser.visit("about:blank");
    browser.visit(&format!("{}#/", browser.base()));
    browser.find("button", "Try again");
    assert_eq!(browser.eval("return document.documentElement.dataset.ready ?? ''"), json!(""));
    assert!(!browser.has("grid", "Layers"), "another session than the kept one would be drawn");
    fetch_the_rest(&browser);
    holds(&browser, 1);
    browser.find("gridcell", "/notes, web1, added");
}
