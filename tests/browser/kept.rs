//! Work is never lost: files come back with their session, a tab owns its session, and each branch stays.

use std::path::Path;

use layerlab_tests::archive::{STUB, three_layers};
use layerlab_tests::browser::{Browser, Look};
use serde_json::json;

use crate::view::{MOTD, cell, holds, import, run, said, saved, says, ticks};

/// Waits until some element of the page says this.
fn tells(browser: &Browser, part: &str, text: &str) {
    browser.wait(
        &format!("{part} to say {text:?}"),
        &format!("[...document.querySelectorAll('{part}')].some(e => e.innerText.includes({text:?}))"),
    );
}

/// A container on an imported image, saved.
fn imported(browser: &Browser, folder: &Path) {
    browser.open("#/image");
    import(browser, folder, "three.tar", &three_layers(STUB));
    browser.find("button", "Run a container on it").click();
    says(browser, "docker run -dit lab:three");
    holds(browser, 3);
    saved(browser);
}

/// Opens the menu of sessions.
fn menu(browser: &Browser) {
    browser.find("button", "Session").click();
    browser.find("menu", "Session");
}

#[test]
fn an_imported_image_survives_a_reload() {
    let files = tempfile::tempdir().expect("a folder");
    let browser = Browser::start(Look::DESK);
    imported(&browser, files.path());
    browser.reload();
    holds(&browser, 3);
    says(&browser, "Loaded image: lab:three");
    assert!(said(&browser).contains("docker run -dit lab:three"));
    let rows = "[...document.querySelectorAll('.stage .grid th')].map(row => row.textContent)";
    browser.wait("the image's layers", &format!("{rows}.some(row => row.includes('lab:three · 3'))"));
    menu(&browser);
    tells(&browser, ".room", "1 file kept");
    // A worker that dies is given the file again.
    browser.press("Escape");
    browser.eval("window.dispatchEvent(new Event('layerlab-panic')); return null");
    says(&browser, "a panic that was asked for");
    browser.find("textbox", "Terminal").focus();
    run(&browser, "docker images -q lab:three");
    says(&browser, "docker images -q lab:three");
    assert!(!browser.has("alert", "Choose the file"));
    holds(&browser, 4);
}

#[test]
fn a_file_that_is_missing_is_asked_for_and_nothing_behind_it_is_lost() {
    let files = tempfile::tempdir().expect("a folder");
    let browser = Browser::start(Look::DESK);
    imported(&browser, files.path());
    let forget =
        "return navigator.storage.getDirectory().then(d => d.removeEntry('archives', {recursive: true}))";
    browser.eval(forget);
    browser.reload();
    tells(&browser, ".banner", "needs the file three.tar (sha256:");
    assert!(!said(&browser).contains("docker load"), "the replay stands before the file");
    holds(&browser, 3);
    // Another time, and another file.
    browser.reload();
    holds(&browser, 3);
    let other = files.path().join("other.tar");
    std::fs::write(&other, b"another file").expect("our own folder");
    browser.pick_for("missing-file", &other);
    tells(&browser, ".banner", "That is another file");
    browser.pick_for("missing-file", &files.path().join("three.tar"));
    says(&browser, "docker run -dit lab:three");
    browser.wait("the banner to go", "!document.querySelector('.banner')");
    holds(&browser, 3);
    browser.reload();
    says(&browser, "docker run -dit lab:three");
}

#[test]
fn a_file_for_which_there_is_no_room_is_told() {
    let files = tempfile::tempdir().expect("a folder");
    let browser = Browser::start(Look::DESK);
    browser.open("#/image");
    import(&browser, files.path(), "three.tar", &three_layers(STUB));
    browser.allow(1);
    browser.find("button", "Run a container on it").click();
    says(&browser, "docker run -dit lab:three");
    tells(&browser, ".bottom [role=alert]", "no room to keep the file");
}

#[test]
fn a_second_tab_writes_over_nothing() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "touch /root/first");
    saved(&browser);
    let first = browser.tab();
    browser.another_tab(Look::DESK);
    browser.open("#/");
    tells(&browser, ".banner", "open in another tab");
    holds(&browser, 0);
    browser.find("textbox", "Terminal").focus();
    run(&browser, "touch /root/second");
    run(&browser, "touch /root/more");
    saved(&browser);
    // Each tab has its own again.
    browser.reload();
    holds(&browser, 2);
    let second = browser.tab();
    browser.to_tab(&first);
    browser.reload();
    holds(&browser, 1);
    says(&browser, "/root/first");
    // The second takes another's over, and that one says so.
    browser.to_tab(&second);
    menu(&browser);
    browser.find("menuitemradio", "Session 1 · 1 line").click();
    tells(&browser, ".banner", "open in another tab");
    browser.find("button", "Take it over").click();
    says(&browser, "/root/first");
    holds(&browser, 1);
    browser.to_tab(&first);
    tells(&browser, ".banner", "Another tab took this session over");
}

#[test]
fn sessions_are_begun_named_chosen_and_deleted() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "docker exec web1 rm /etc/motd");
    saved(&browser);
    menu(&browser);
    browser.find("menuitem", "New session").click();
    holds(&browser, 0);
    cell(&browser, MOTD, "merged view", "from nginx · 1");
    browser.find("textbox", "Terminal").focus();
    run(&browser, "touch /root/mine");
    saved(&browser);
    menu(&browser);
    browser.find("textbox", "Name of this session").focus();
    browser.keys("Lost and found");
    browser.press("Enter");
    browser.press("Escape");
    // By keyboard alone: down to the first session.
    browser.find("button", "Session").focus();
    browser.press("Enter");
    browser.find("menuitemradio", "Lost and found · 1 line");
    browser
        .wait("the first item to have the focus", "document.activeElement.innerText.startsWith('Session 1')");
    browser.press("Enter");
    cell(&browser, MOTD, "web1", "deleted");
    assert_eq!(ticks(&browser), 1);
    menu(&browser);
    browser.find("menuitemradio", "Lost and found · 1 line").click();
    says(&browser, "/root/mine");
    menu(&browser);
    browser.find("menuitem", "Delete this session").click();
    browser.find("menuitem", "Really delete it? It cannot be brought back").click();
    cell(&browser, MOTD, "web1", "deleted");
    browser.reload();
    cell(&browser, MOTD, "web1", "deleted");
    menu(&browser);
    browser.find("menuitemradio", "Session 1 · 1 line");
    assert!(!browser.has("menuitemradio", "Lost and found · 1 line"));
}

#[test]
fn everything_is_exported_and_comes_back_in_another_browser() {
    let files = tempfile::tempdir().expect("a folder");
    let browser = Browser::start(Look::DESK);
    imported(&browser, files.path());
    browser.eval("layerlab.download = (name, text) => { window.given = [name, text]; }; return null");
    menu(&browser);
    browser.find("menuitem", "Export script").click();
    browser.wait("the script", "window.given?.[0] === 'layerlab.sh'");
    let script = browser.eval("return window.given[1]");
    let script = script.as_str().expect("a text");
    assert!(
        script.starts_with("#!/bin/bash\n") && script.contains("\ndocker load -i /root/three.tar\n"),
        "{script}"
    );
    menu(&browser);
    browser.find("menuitem", "Export everything").click();
    browser.wait("the file", "window.given[0] === 'layerlab-sessions.json'");
    let text = browser.eval("return window.given[1]");
    let file = files.path().join("all.json");
    std::fs::write(&file, text.as_str().expect("a text")).expect("our own folder");

    let other = Browser::start(Look::DESK);
    other.open("#/");
    run(&other, "touch /root/own");
    saved(&other);
    menu(&other);
    other.pick_for("import-sessions", &file);
    other.wait("the menu to close", "!document.querySelector('.sessions .pop')");
    menu(&other);
    other.find("menuitemradio", "Session 2 · 3 lines").click();
    says(&other, "docker run -dit lab:three");
    holds(&other, 3);
    menu(&other);
    other.find("menuitemradio", "Session 1 · 1 line").click();
    says(&other, "/root/own");
}

#[test]
fn going_back_and_typing_makes_a_branch_that_can_be_chosen() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "docker exec web1 touch /one");
    run(&browser, "docker exec web1 touch /two");
    run(&browser, "docker diff web1");
    for left in [2, 1] {
        browser.find("button", "Undo").click();
        browser.wait(
            "the undo",
            &format!("document.querySelector('.tick[aria-current]').innerText === '{left}'"),
        );
    }
    browser.find("textbox", "Terminal").focus();
    browser.keys("docker exec web1 touch /three");
    browser.press("Enter");
    cell(&browser, "/three", "web1", "added");
    holds(&browser, 2);
    assert!(!said(&browser).contains("touch /two"));
    saved(&browser);
    browser.reload();
    holds(&browser, 2);
    cell(&browser, "/three", "web1", "added");
    browser.find("button", "Another branch, line 2: docker exec web1 touch /two").click();
    holds(&browser, 3);
    says(&browser, "docker diff web1");
    cell(&browser, "/two", "web1", "added");
    assert!(!browser.has("gridcell", "/three, web1, added"));
    browser.find("button", "Another branch, line 2: docker exec web1 touch /three").click();
    cell(&browser, "/three", "web1", "added");
    assert!(!said(&browser).contains("touch /two"));
    saved(&browser);
    browser.reload();
    cell(&browser, "/three", "web1", "added");
    assert_eq!(browser.eval("return document.querySelectorAll('.tick.other').length"), json!(1));
}
