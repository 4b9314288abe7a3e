//! What is not lost: the session when its worker dies, or when a line is given up.

use layerlab_tests::browser::{Browser, Look};
use layerlab_tests::turns::Worker;
use serde_json::json;

use crate::view::{MOTD, cell, holds, run, saved, says};

#[test]
fn a_panic_in_the_worker_loses_nothing() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "docker exec web1 rm /etc/motd");
    run(&browser, "docker exec web1 touch /notes");
    cell(&browser, MOTD, "web1", "deleted");
    browser.eval("window.dispatchEvent(new Event('layerlab-panic')); return null");
    says(&browser, "a panic that was asked for");
    cell(&browser, MOTD, "web1", "deleted");
    cell(&browser, "/notes", "web1", "added");
    holds(&browser, 2);
    run(&browser, "docker diff web1");
    says(&browser, "A /notes");
    saved(&browser);
    browser.reload();
    holds(&browser, 3);
    says(&browser, "docker exec web1 touch /notes");
    cell(&browser, "/notes", "web1", "added");
}

#[test]
fn a_session_is_saved_before_it_is_said_to_be() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "touch /root/kept");
    saved(&browser);
    // Closing the window at once is what a crash of the tab looks like to the disk.
    browser.open("#/lessons");
    browser.open("#/");
    browser.reload();
    holds(&browser, 1);
    run(&browser, "ls /root");
    says(&browser, "kept");
}

/// The worker may be faster than the page that has to hear that it is ready.
#[test]
fn a_worker_that_is_ready_before_the_page_is_heard() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "touch /root/kept");
    saved(&browser);
    // Whoever was here before has all that the worker needs before the window has begun.
    browser.turns(Worker::First);
    browser.reload();
    holds(&browser, 1);
    run(&browser, "docker ps");
    says(&browser, "web1");
}

/// A line that is typed while the module's second part cannot be had waits for it.
#[test]
fn a_newer_version_asks_for_a_reload() {
    let browser = Browser::start(Look::DESK);
    let gone = "const real = window.fetch; window.fetch = (what, ...more) => String(what).includes('/rest-') ? \
                Promise.resolve(new Response('', {status: 404})) : real(what, ...more);";
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({"source": gone}));
    browser.open("#/");
    browser.wait(
        "a word about the newer version",
        "document.querySelector('.banner')?.innerText.includes('A newer version of Layerlab was published')",
    );
    browser.find("button", "Reload");
}

#[test]
fn the_page_starts_and_works_where_storage_is_blocked() {
    let browser = Browser::start(Look::DESK);
    let blocked = "for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) \
                   Object.defineProperty(window, name, {get() { throw new DOMException('denied', 'SecurityError'); }}); \
                   Object.defineProperty(Navigator.prototype, 'storage', {get() { throw new DOMException('denied', 'SecurityError'); }}); \
                   Object.defineProperty(Navigator.prototype, 'locks', {get() { throw new DOMException('denied', 'SecurityError'); }});";
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({"source": blocked}));
    browser.open("#/");
    run(&browser, "docker exec web1 rm /etc/motd");
    cell(&browser, MOTD, "web1", "deleted");
    browser.find("button", "Theme").click();
    browser.find("button", "Session").click();
    browser.find("menuitem", "New session");
    browser.wait("a word that nothing is saved", "document.querySelector('.bottom [role=alert]')");
    assert_eq!(browser.eval("return document.querySelector('.bottom .saved')"), json!(null));
}

/// A lesson, a shared session and lines in the address need the second part before anything is drawn.
#[test]
fn a_lesson_whose_second_part_cannot_be_fetched_says_so_and_tries_again() {
    let browser = Browser::start(Look { language: "zh", ..Look::PHONE });
    let block = |urls: &[&str]| {
        browser.cdp("Network.setBlockedURLs", &json!({"urls": urls}));
    };
    browser.cdp("Network.enable", &json!({}));
    block(&["*/rest-*"]);
    browser.visit(&format!("{}#/lesson/whiteouts", browser.base()));
    browser.find("button", "重试").tap();
    browser.wait("the word again", "document.querySelector('.boot[role=alert] button:not(:disabled)')");
    block(&[]);
    browser.find("button", "重试").tap();
    browser.wait_long("the prompt to take input", "document.documentElement.dataset.ready === 'true'");
    browser.find("region", "课程");
}

#[test]
fn what_is_typed_waits_for_a_part_that_cannot_be_fetched() {
    let browser = Browser::start(Look::DESK);
    let block = |urls: &[&str]| {
        browser.cdp("Network.setBlockedURLs", &json!({"urls": urls}));
    };
    browser.cdp("Network.enable", &json!({}));
    block(&["*/rest-*"]);
    browser.open("#/");
    browser.find("button", "Try again");
    browser.find("textbox", "Terminal").focus();
    browser.keys("docker exec web1 rm /etc/motd");
    browser.press("Enter");
    says(&browser, "docker exec web1 rm /etc/motd");
    // Once more in vain.
    browser.find("button", "Try again").click();
    browser.find("button", "Try again");
    assert!(!browser.has("gridcell", "/etc/motd, web1, deleted"));
    block(&[]);
    browser.find("button", "Try again").click();
    cell(&browser, MOTD, "web1", "deleted");
    browser.wait("the banner to go", "!document.querySelector('.banner')");
    saved(&browser);
    browser.reload();
    cell(&browser, MOTD, "web1", "deleted");
}
