//! What these tests do again and again: type a line, look at a cell.

use layerlab_tests::browser::Browser;
use layerlab_tests::poll::poll;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The path that is deleted again and again: a file of the image's lowest layer.
pub(crate) const MOTD: &str = "/etc/motd";

/// Types a line where the focus is and waits until it is done.
pub(crate) fn run(browser: &Browser, line: &str) {
    let before = ticks(browser);
    browser.keys(line);
    browser.press("Enter");
    poll(&format!("{line} to be done"), Duration::from_secs(20), || {
        (ticks(browser) == before + 1).then_some(())
    });
}

/// How many lines the timeline holds.
pub(crate) fn ticks(browser: &Browser) -> u64 {
    let body = "return Number(document.querySelector('.ticks').dataset.ticks)";
    browser.eval(body).as_u64().expect("a number")
}

/// Waits until the timeline holds so many lines.
pub(crate) fn holds(browser: &Browser, lines: u64) {
    browser.wait(
        &format!("the timeline to hold {lines} lines"),
        &format!("document.querySelector('.ticks')?.dataset.ticks === '{lines}'"),
    );
}

/// What the terminal says.
pub(crate) fn said(browser: &Browser) -> String {
    browser.find("log", "Terminal output").text()
}

/// Waits until the terminal says this.
pub(crate) fn says(browser: &Browser, text: &str) {
    let name = serde_json::to_string(text).expect("text is JSON");
    browser.wait(
        &format!("the terminal to say {name}"),
        &format!("document.querySelector('[role=log]')?.innerText.includes({name})"),
    );
}

/// Waits until this cell stands in the stack.
pub(crate) fn cell(browser: &Browser, path: &str, layer: &str, state: &str) {
    browser.find("gridcell", &format!("{path}, {layer}, {state}"));
}

/// Whether the focus is in the element with this id.
pub(crate) fn has_focus(browser: &Browser, id: &str) -> bool {
    browser.eval("return document.activeElement && document.activeElement.id") == json!(id)
}

/// Presses Tab until the focus is on an element for which the expression (over `e`) is true.
pub(crate) fn tab_to(browser: &Browser, what: &str, expression: &str) {
    for _ in 0..60 {
        browser.press("Tab");
        let found = browser.eval(&format!("const e = document.activeElement; return !!({expression})"));
        if found == json!(true) {
            return;
        }
    }
    panic!("60 times Tab did not lead to {what}");
}

/// Waits until the page says that the session is on the disk.
pub(crate) fn saved(browser: &Browser) {
    browser.wait("the session to be saved", "document.querySelector('.bottom .saved')");
}

/// Imports an archive of these bytes and waits until its image is laid out; its file lies in the folder.
pub(crate) fn import(browser: &Browser, folder: &Path, name: &str, archive: &[u8]) -> PathBuf {
    let file = folder.join(name);
    std::fs::write(&file, archive).expect("our own folder");
    browser.pick(&file);
    browser.wait(
        "the image to be laid out",
        &format!("document.querySelector('.image-head')?.innerText.includes({name:?})"),
    );
    browser.wait("its rows", "document.querySelector('.mx-row')");
    file
}

/// Fails where the window waited for the module's second part, and names the functions that asked for it.
pub(crate) fn not_early(browser: &Browser) {
    let Some(stack) =
        browser.eval("return document.documentElement.dataset.early ?? null").as_str().map(str::to_owned)
    else {
        return;
    };
    // `cargo xtask build` writes the names beside the module that it cuts.
    let names =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("../wasm32-unknown-unknown/wasm/layerlab-web.names");
    let names = std::fs::read_to_string(names).unwrap_or_default();
    let names: Vec<&str> = names.lines().collect();
    let mut told = String::new();
    for line in stack.lines() {
        let number = line
            .split("wasm-function[")
            .nth(1)
            .and_then(|rest| rest.split(']').next()?.parse::<usize>().ok());
        let name = number.and_then(|number| names.get(number));
        told = told + "\n  " + name.unwrap_or(&line.trim());
    }
    panic!(
        "web-ui/first.txt is out of date (cargo xtask first). What waited for the second part, the innermost first:{told}"
    );
}
