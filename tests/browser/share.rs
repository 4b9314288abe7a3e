//! A session as an address: made, short, and opened elsewhere to the same state, beside one's own work.

use layerlab_tests::browser::{Browser, Look};

use crate::view::{MOTD, cell, holds, run, saved, says};

#[test]
fn an_address_brings_a_session_back_and_overwrites_nothing() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "docker exec web1 rm /etc/motd");
    run(&browser, "docker exec web1 touch /notes");
    run(&browser, "docker diff web1");
    browser.find("button", "Undo").focus();
    browser.press("Enter");
    browser.wait("the undo", "!document.querySelector('[role=log]').innerText.includes('docker diff')");
    browser.find("button", "Share").click();
    let address = browser.find("textbox", "Address of this session").text();
    let (_, fragment) = address.split_once('#').expect("the session is the address's fragment");
    assert!(fragment.starts_with("/share/") && address.len() < 400, "{address}");

    // Somebody else's browser.
    let other = Browser::start(Look::DESK);
    other.open("#/");
    run(&other, "touch /root/mine");
    saved(&other);
    other.open(&format!("#{fragment}"));
    cell(&other, MOTD, "web1", "deleted");
    cell(&other, "/notes", "web1", "added");
    // What was undone is not shared.
    holds(&other, 2);
    says(&other, "docker exec web1 touch /notes");
    other.open("#/");
    other.wait("one's own session", "document.querySelector('[role=log]').innerText.includes('/root/mine')");
    holds(&other, 1);

    other.open("#/share/damaged");
    other.wait(
        "a word about it",
        "document.querySelector('.bottom').innerText.includes('the address is damaged')",
    );
}

#[test]
fn a_shared_session_opens_at_what_its_lines_are_about() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "docker exec web1 touch /notes");
    run(&browser, "docker run -d --name web2 nginx");
    run(&browser, "docker exec web2 rm /etc/motd");
    run(&browser, "docker ps");
    let first = address(&browser);
    run(&browser, "docker commit web2 mine:1");
    run(&browser, "docker images");
    let second = address(&browser);
    let shows = |other: &Browser, name: &str| {
        other.find("combobox", "Subject");
        other.wait(
            &format!("{name} to be shown"),
            &format!("document.querySelector('.choose select').selectedOptions[0].innerText === '{name}'"),
        );
    };
    let other = Browser::start(Look::DESK);
    other.open(&first);
    shows(&other, "web2 · container");
    cell(&other, MOTD, "web2", "deleted");
    other.open(&second);
    shows(&other, "mine:1 · image");
    cell(&other, MOTD, "mine:1 · 5", "deleted");
    // What is taken out, and compared, is this session, not one's own playground.
    other.find("button", "Session").click();
    other.find("menuitem", "Export images, files, the journal").click();
    other.find("button", "Docker archive: mine:1");
    other.eval("location.hash = '#/drivers'; return null");
    other.wait_long("the screen", "document.querySelector('.side-by-side')");
    other.eval("history.go(-2); return null");
    shows(&other, "mine:1 · image");
    // Nor is a lesson's session that of the playground.
    other.open("#/lesson/whiteouts");
    other.find("grid", "Layers");
    other.find("button", "Session").click();
    other.find("menuitem", "Export images, files, the journal").click();
    other.wait("the lesson's container", "document.querySelector('.export select option')");
    assert!(!other.has("button", "Docker archive: mine:1"));
}

fn address(browser: &Browser) -> String {
    browser.find("button", "Share").click();
    let address = browser.find("textbox", "Address of this session").text();
    browser.press("Escape");
    browser.find("textbox", "Terminal").focus();
    address.split_once('#').map(|(_, fragment)| format!("#{fragment}")).expect("the address has a fragment")
}

#[test]
fn a_hundred_ordinary_lines_make_a_short_address() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    let lines = (0..25).map(|n| {
        format!(
            "docker run -d --name web{} nginx\ndocker exec web{} rm /etc/motd\ndocker diff web{}\ndocker rm -f web{}\n",
            n + 2, n + 2, n + 2, n + 2
        )
    });
    let text: String = lines.collect();
    browser.cdp("Input.insertText", &serde_json::json!({"text": text}));
    browser.wait("all lines to be done", "document.querySelector('.ticks').dataset.ticks == 101 - 1");
    says(&browser, "docker rm -f web26");
    browser.find("button", "Share").click();
    let length = browser.find("textbox", "Address of this session").text().len();
    assert!(length <= 2000, "{length} characters");
}
