//! What the page runs before its prompt takes input: `cargo xtask first` writes it into web-ui/first.txt, by which the
//! bundler cuts the WebAssembly module in two.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use layerlab_tests::browser::{Browser, Look};
use layerlab_tests::poll::poll;
use serde_json::{Value, json};

use crate::view::{run, saved};

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
    let (low, middle) =
        (Look { width: 720, height: 450, ..Look::DESK }, Look { width: 1024, height: 768, ..Look::DESK });
    for look in [Look::DESK, dark, Look::PHONE, low, middle] {
        let browser = Browser::start(look);
        mute(&browser);
        browser.open("#/");
        ran.extend(until_rest(&browser, look));
        // A slow line and a slow processor: things come in another order.
        browser.slow(true);
        browser.reload();
        ran.extend(until_rest(&browser, look));
    }
    // What a busy machine does now and then.
    for seed in 1..=ORDERS {
        let browser = Browser::start(Look::DESK);
        mute(&browser);
        let script = WAITS.replace("SEED", &seed.to_string());
        browser.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({"source": script}));
        browser.cdp("Emulation.setCPUThrottlingRate", &json!({"rate": seed}));
        browser.open("#/");
        ran.extend(until_rest(&browser, Look::DESK));
    }
    // Somebody who was here before: the session waits for the lab, and in a second tab another one begins.
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "docker exec web1 touch /notes");
    saved(&browser);
    mute(&browser);
    browser.visit("about:blank");
    browser.visit(&format!("{}#/", browser.base()));
    browser.wait(
        "the session to be read",
        "document.querySelector('[role=log]')?.innerText.includes('docker pull')",
    );
    browser.eval(FAILED);
    browser.find("button", "Try again").click();
    ran.extend(hits(&browser));
    browser.another_tab(Look::DESK);
    mute(&browser);
    browser.open("#/");
    ran.extend(until_rest(&browser, Look::DESK));
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

/// How many orders of turns are tried, each on a slower processor than the one before.
const ORDERS: u32 = 6;

/// What makes the browser's answers come late, each by another time.
const WAITS: &str = "
  let seed = SEED;
  const some = (most) => { seed = seed * 48271 % 2147483647; return seed % 3 ? seed % most : 0; };
  const wait = () => new Promise((done) => setTimeout(done, some(400)));
  const late = (owner, name) => {
    const now = owner[name];
    owner[name] = function (...all) { return now.apply(this, all).finally(wait); };
  };
  late(window, 'fetch');
  late(Response.prototype, 'text');
  late(WebAssembly, 'compileStreaming');
  late(WebAssembly, 'instantiate');
  const request = LockManager.prototype.request;
  LockManager.prototype.request = function (...all) { return wait().then(() => request.apply(this, all)); };
  const frame = window.requestAnimationFrame;
  window.requestAnimationFrame = (act) => frame.call(window, (time) => setTimeout(() => act(time), some(120)));
  const timeout = window.setTimeout;
  window.setTimeout = (act, time = 0, ...all) => timeout.call(window, act, time + some(60), ...all);
";

/// What ran until the page was at rest, a cell chosen, a chip touched, lines typed and sent: none of that may wait for the second
/// part, nor may what says that it cannot be had, and tries again.
fn until_rest(browser: &Browser, look: Look) -> Vec<u64> {
    browser.wait("the layers to be drawn", "document.querySelector('.grid td')");
    browser.find("textbox", if look.language == "zh" { "终端" } else { "Terminal" }).focus();
    browser.keys("docker exec web1 rm /etc/motd");
    browser.eval(FAILED);
    browser.wait("a button to try again", "document.querySelector('.banner button')");
    browser.press("Enter");
    browser.wait(
        "the line to be seen",
        "document.querySelector('[role=log]').innerText.includes('rm /etc/motd')",
    );
    // The next waits for it.
    browser.keys("ls");
    browser.press("Tab");
    browser.press("Enter");
    browser.press("Enter");
    for key in ["ArrowUp", "ArrowUp", "ArrowDown", "Escape", "Tab", "Tab"] {
        browser.press(key);
    }
    browser.eval("document.querySelector('.chips button')?.click(); return null");
    // With the mouse, which brings the focus: a path, one that a layer hides, a folded directory.
    for cell in [".merged .provided:not(.fold)", ".hidden-below", ".merged .fold"] {
        browser.click_at(cell);
        for key in ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "End", "Home"] {
            browser.press(key);
        }
    }
    browser.eval(
        "document.querySelectorAll('.grid td button, .grid td').forEach((cell) => cell.click()); return null",
    );
    // "Try again", and "Fine" below what is said of another tab.
    browser.eval(
        "document.querySelectorAll('.banner button:last-of-type').forEach((b) => b.click()); return null",
    );
    browser.wait("the banner to go", "!document.querySelector('.banner')");
    hits(browser)
}

/// From the next page on the worker is given nothing: what runs there is of the second part, and so is what the window does
/// with its answers.
fn mute(browser: &Browser) {
    let script = "Worker.prototype.postMessage = () => {};";
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({"source": script}));
}

/// What ran when nothing more does.
fn hits(browser: &Browser) -> Vec<u64> {
    let (mut before, mut looks) = (0, 0);
    let seen = poll("the page to be at rest", Duration::from_mins(1), || {
        let seen = browser.eval("return [...window.layerlabFirst]");
        let now = seen.as_array().map_or(0, Vec::len);
        looks = if now == before { looks + 1 } else { 0 };
        before = now;
        (looks > 10).then_some(seen)
    });
    seen.as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
}
