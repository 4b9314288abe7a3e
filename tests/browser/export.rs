//! What is taken out of a session: images as archives with the ids that the page shows, files, the journal; and paper.

use layerlab_tests::browser::{Browser, Look};
use layerlab_tests::cli::{answer, typed};
use layerlab_tests::lab::On;
use serde_json::{Value, json};

use crate::own::{catch, tells};
use crate::view::{MOTD, run, said};

/// The bytes that were saved last, once they are those of this file.
fn given(browser: &Browser, name: &str) -> Vec<u8> {
    browser.wait_long("the file", &format!("window.givenName === '{name}' && window.bytes"));
    let bytes =
        browser.eval("const bytes = window.bytes; window.bytes = window.givenName = null; return bytes");
    bytes.as_array().expect("bytes").iter().map(|byte| byte.as_u64().expect("a byte") as u8).collect()
}

#[test]
fn an_image_goes_out_in_both_forms_with_the_id_that_the_session_shows() {
    let files = tempfile::tempdir().expect("a temporary folder");
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "docker exec web1 rm /etc/motd");
    run(&browser, "docker commit web1 mine:1");
    run(&browser, "docker image inspect -f '{{.Id}}' mine:1");
    let log = said(&browser);
    let id = log.lines().rev().find(|line| line.starts_with("sha256:")).expect("an id").trim().to_owned();
    browser.find("button", "Session").click();
    browser.find("menuitem", "Export images, files, the journal").click();
    catch(&browser);
    for (button, name) in
        [("Docker archive: mine:1", "mine_1.tar"), ("OCI archive: mine:1", "mine_1-oci.tar")]
    {
        browser.find("button", button).click();
        let file = files.path().join(name);
        std::fs::write(&file, given(&browser, name)).expect("our own folder");
        let path = file.to_string_lossy().into_owned();
        let (report, why, status) = answer(&typed(On::Sim, &["image", &path, "--json"], ""));
        assert_eq!(status, 0, "{why}");
        let report: Value = serde_json::from_str(&report).expect("a report");
        assert_eq!(report["id"], json!(id), "{name}");
    }
    // Nothing of it is a line of the session, or a file in it.
    browser.open("#/");
    browser.wait("the playground", "document.querySelector('.ticks')?.dataset.ticks === '3'");
}

#[test]
fn a_file_and_the_journal_go_out_on_a_phone() {
    let files = tempfile::tempdir().expect("a temporary folder");
    let browser = Browser::start(Look::PHONE);
    browser.open("#/");
    browser.find("textbox", "Terminal").focus();
    run(&browser, "docker exec web1 sh -c 'echo \"mine, with a tail\" > \"/root/my file\"'");
    browser.open("#/export");
    catch(&browser);
    // What was changed last is what is most likely wanted.
    browser.wait("the path", "document.querySelector('.export input')?.value === '/root/my file'");
    browser.wait("the container", "document.querySelector('.export select option[value=web1]')");
    assert_eq!(browser.eval("return document.querySelector('.export select').value"), json!("web1"));
    browser.find("button", "Save the file").tap();
    assert_eq!(given(&browser, "my file"), b"mine, with a tail\n");
    browser.eval("document.querySelector('.export input').value = '/nowhere'; return null");
    browser.find("button", "Save the file").tap();
    tells(&browser, ".export .said", "There is no file to be read at /nowhere.");
    browser.eval("layerlab.download = (name, text) => { window.text = [name, text]; }; return null");
    browser.find("button", "Save the journal").tap();
    browser.wait("the journal", "window.text");
    let text = browser.eval("return window.text");
    let file = files.path().join("journal.json");
    std::fs::write(&file, text[1].as_str().expect("a text")).expect("our own folder");
    assert!(text[1].to_string().contains("mine, with a tail"), "{text}");
}

#[test]
fn a_lesson_and_the_stack_as_a_list_are_printed_without_the_page_around_them() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/lesson/whiteouts");
    browser.find("button", "Run docker exec web1 rm /etc/motd").click();
    browser.wait("the line to be done", "document.querySelector('.ticks')?.dataset.ticks === '1'");
    let printed = browser.cdp("Page.printToPDF", &json!({"printBackground": false}));
    assert!(printed["data"].as_str().is_some_and(|data| data.len() > 10_000), "a document");
    // What is seen on paper, and what is not.
    browser.cdp("Emulation.setEmulatedMedia", &json!({"media": "print"}));
    browser.wait("the list", "document.querySelector('.tree')");
    let seen = |part: &str| {
        let body =
            format!("const part = document.querySelector('{part}'); return !!part && part.checkVisibility()");
        browser.eval(&body) == json!(true)
    };
    for part in [".lesson h2", ".lesson .cmd", ".tree"] {
        assert!(seen(part), "{part} is on the paper");
    }
    for part in [".top", ".term", ".stage .grid", ".bottom", ".lesson .check .btn"] {
        assert!(!seen(part), "{part} is not on the paper");
    }
    let list = browser.eval("return document.querySelector('.tree').innerText").to_string();
    assert!(list.contains(MOTD) && list.contains("deleted"), "{list}");
}
