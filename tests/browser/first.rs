//! What the page runs before its prompt takes input: `cargo xtask first` writes it into web-ui/first.txt, by which the
//! bundler cuts the WebAssembly module in two.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use layerlab_tests::browser::{Browser, Look};
use layerlab_tests::poll::poll;
use layerlab_tests::turns::Worker;
use serde_json::{Value, json};

/// Hears the numbers of the functions that run, from the window and from its worker.
const LISTEN: &str = "
  window.__hits = new Set();
  new BroadcastChannel('layerlab-first').onmessage = (event) => window.__hits.add(event.data);
  // A line that is typed goes as far as the window's end of the worker, where it waits for the second part. What runs it is
  // of that part.
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...more) {
    if (!/{\"run\":{\"line\":\"[^\"]/.test(message)) post.call(this, message, ...more);
  };
";

const HEAD: &str = "\
# What the page runs until its prompt takes input and its layers are drawn, as `cargo xtask first` saw it in Chromium: the
# functions of the first part of the WebAssembly module. All others are in the second, which is fetched after that
# (xtask/bundle/src/split). Run it again when `cargo xtask bench page` says that the first prompt waited for the rest: what
# it sees is added, what is no more goes. To begin anew, delete this file before.
";

#[test]
#[ignore = "writes web-ui/first.txt: cargo xtask first"]
fn first_part() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let names =
        std::fs::read_to_string(root.join("dist/functions.txt")).expect("a page that tells what runs");
    let names: Vec<&str> = names.lines().collect();
    let mut ran = BTreeSet::new();
    let dark = Look { dark: true, language: "zh", ..Look::DESK };
    for look in [Look::DESK, dark, Look::PHONE] {
        for worker in [Worker::Free, Worker::First, Worker::Last] {
            let browser = Browser::start(look);
            browser.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({"source": LISTEN}));
            browser.turns(worker);
            browser.open("#/");
            ran.extend(until_rest(&browser, look));
            // A slow line and a slow processor: the window and the worker take turns in yet another order.
            browser.slow(true);
            browser.reload();
            ran.extend(until_rest(&browser, look));
        }
    }
    // Not every run sees every order of turns.
    let file = root.join("web-ui/first.txt");
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    let there: BTreeSet<&str> = names.iter().copied().collect();
    let mut list: BTreeSet<&str> = before.lines().filter(|name| there.contains(name)).collect();
    list.extend(ran.iter().filter_map(|n| names.get(*n as usize).copied()));
    let lines: String =
        list.iter().filter(|name| !name.is_empty()).fold(String::new(), |text, name| text + name + "\n");
    std::fs::write(file, format!("{HEAD}{lines}")).expect("a list that can be written");
}

/// What makes the page say that its second part cannot be fetched, until the person tries again.
const FAILED: &str = "
  document.documentElement.dataset.rest = 'failed';
  dispatchEvent(new Event('layerlab-rest'));
  return null";

/// What ran until the page was at rest, a line typed and sent: that must not wait for the second part either, nor may what says
/// that it cannot be had, and tries again.
fn until_rest(browser: &Browser, look: Look) -> Vec<u64> {
    browser.wait("the layers to be drawn", "document.querySelector('.grid td')");
    browser.find("textbox", if look.language == "zh" { "终端" } else { "Terminal" }).focus();
    browser.press("Enter");
    browser.keys("docker exec web1 rm /etc/motd");
    browser.eval(FAILED);
    browser.wait("a button to try again", "document.querySelector('.banner button')");
    browser.press("Enter");
    browser.wait(
        "the line to be seen",
        "document.querySelector('[role=log]').innerText.includes('rm /etc/motd')",
    );
    browser.eval("document.querySelector('.banner button').click(); return null");
    browser.wait("the banner to go", "!document.querySelector('.banner')");
    let mut before = 0;
    let seen = poll("the page to be at rest", Duration::from_mins(1), || {
        let seen = browser.eval("return [...window.__hits]");
        let now = seen.as_array().map_or(0, Vec::len);
        let rests = now == before;
        before = now;
        rests.then_some(seen)
    });
    seen.as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
}
