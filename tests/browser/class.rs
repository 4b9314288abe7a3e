//! A teacher's choice of lessons: its address, the way through it, and the record that anybody computes again.

use layerlab_tests::browser::{Browser, Look};
use layerlab_tests::cli::{answer, typed};
use layerlab_tests::lab::On;
use serde_json::json;

use crate::own::{catch, tells};
use crate::view::{run, saved, tab_to};

#[test]
fn a_class_is_chosen_with_the_keyboard_and_opens_in_its_order() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/class");
    // Chosen in another order than the course's.
    for title in ["Commit", "Deleting hides, it does not free"] {
        let is = format!("e.type === 'checkbox' && e.closest('label').innerText.includes({title:?})");
        browser.wait("the lessons", "document.querySelectorAll('.class .take').length > 30");
        browser
            .eval("document.querySelector('.class h2').focus(); document.activeElement.blur(); return null");
        browser.eval(&format!(
            "[...document.querySelectorAll('.take input')].find((e) => {is})?.focus(); return null"
        ));
        browser.press(" ");
    }
    browser.wait("two of them", "document.querySelectorAll('.take input:checked').length === 2");
    browser.find("textbox", "Title").focus();
    browser.keys("周三 & 50 %");
    let address = "document.querySelector('.class .to-copy')?.value";
    browser.wait("the address", &format!("{address}?.includes('lessons=whiteouts,commit')"));
    tab_to(&browser, "the learner's page", "e.innerText === 'See it as a learner'");
    browser.press("Enter");
    tells(&browser, ".class h2", "周三 & 50 %");
    tells(&browser, ".class", "0 of 2 finished.");
    let order = "return [...document.querySelectorAll('.class ol li a')].map((a) => a.getAttribute('href'))";
    assert_eq!(browser.eval(order), json!(["#/lesson/whiteouts", "#/lesson/commit"]));
}

#[test]
fn a_record_of_a_class_is_computed_again_by_the_page_and_by_the_command_line() {
    let files = tempfile::tempdir().expect("a temporary folder");
    let browser = Browser::start(Look::DESK);
    browser.open("#/class?title=Wednesday&lessons=whiteouts,copy-up");
    tells(&browser, ".class h2", "Wednesday");
    tab_to(&browser, "the first lesson", "e.innerText === 'Begin'");
    browser.press("Enter");
    browser.find("region", "Lesson");
    browser.find("link", "The class’s lessons");
    browser.find("textbox", "Terminal").focus();
    for line in [
        "docker exec web1 rm /etc/motd",
        "docker diff web1",
        "docker exec web1 rm /etc/issue",
        "docker exec web1 touch /etc/motd",
    ] {
        run(&browser, line);
    }
    saved(&browser);
    browser.find("link", "The class’s lessons").click();
    tells(&browser, ".class h2", "Wednesday");
    catch(&browser);
    browser.find("textbox", "Your name").focus();
    browser.keys("Lin");
    browser.find("button", "Download the record").click();
    tells(&browser, ".hand-in [role=status]", "1 of 2 solved");
    tells(&browser, ".hand-in [role=status]", "✓ whiteouts · 4 lines");
    browser.wait("the file", "window.givenName === 'layerlab-record.json' && window.given");
    let record = browser.eval("return window.given").as_str().expect("a text").to_owned();
    let file = files.path().join("record.json");
    std::fs::write(&file, &record).expect("our own folder");
    let path = file.to_string_lossy().into_owned();
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/lessons");
    let verify =
        |path: &str| answer(&typed(On::Sim, &["lesson", "record", "--dir", lessons, "--verify", path], ""));
    let (said, why, status) = verify(&path);
    assert_eq!((said.as_str(), status), ("✓ whiteouts: solved in 4 lines\n", 0), "{why}");
    browser.pick_for("record-file", &file);
    tells(&browser, ".class", "The record of Lin is as it says.");
    // A line taken out of it is seen by both.
    let forged = record.replace("docker exec web1 rm /etc/issue", "docker exec web1 true");
    assert_ne!(forged, record);
    std::fs::write(&file, forged).expect("our own folder");
    let (said, _, status) = verify(&path);
    assert!(said.contains("✗ whiteouts") && status == 1, "{said}");
    browser.pick_for("record-file", &file);
    tells(&browser, ".class", "The record of Lin is not as it says.");
    tells(&browser, ".class", "the journal was changed");
}

#[test]
fn progress_is_taken_along_cleared_and_brought_back() {
    let files = tempfile::tempdir().expect("a temporary folder");
    let browser = Browser::start(Look::PHONE);
    browser.open("#/lesson/whiteouts");
    browser.find("button", "Run docker exec web1 rm /etc/motd").tap();
    browser.wait("the line to be done", "document.querySelector('.ticks')?.dataset.ticks === '1'");
    browser.open("#/lessons");
    let entry = "document.querySelector('.lessons a[href=\"#/lesson/whiteouts\"]')?.closest('li').innerText";
    browser.wait("what is done", &format!("{entry}?.includes('steps done')"));
    browser.eval("layerlab.download = (name, text) => { window.given = [name, text]; }; return null");
    browser.find("button", "Export progress").tap();
    browser.wait("the file", "window.given");
    let given = browser.eval("return window.given");
    assert_eq!(given[0], json!("layerlab-progress.json"));
    let file = files.path().join("progress.json");
    std::fs::write(&file, given[1].as_str().expect("a text")).expect("our own folder");
    browser.find("button", "Clear progress").tap();
    browser.find("button", "Really clear it").tap();
    tells(&browser, ".learned", "Nothing is kept");
    assert!(!browser.eval(&format!("return {entry}")).to_string().contains("steps done"));
    browser.pick_for("progress-file", &file);
    tells(&browser, ".learned", "1 lesson came.");
    browser.wait("what is done", &format!("{entry}?.includes('steps done')"));
    browser.open("#/lesson/whiteouts");
    browser.wait("the line again", "document.querySelector('.ticks')?.dataset.ticks === '1'");
    browser.open("#/lessons");
    std::fs::write(&file, "{}").expect("our own folder");
    browser.pick_for("progress-file", &file);
    tells(&browser, ".learned .bad", "layerlab_progress");
}
