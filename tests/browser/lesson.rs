//! The first lesson to its end: with the keyboard alone, and under a finger.

use layerlab_tests::browser::{Browser, Look};

use crate::view::{MOTD, cell, run, saved, tab_to};

const LESSON: &str = "#/lesson/whiteouts";

/// The lesson in the list.
const ENTRY: &str = "document.querySelector('.lessons a[href=\"#/lesson/whiteouts\"]')?.closest('li')";

/// Waits until the step at hand says this.
fn at_hand(browser: &Browser, text: &str) {
    let text = serde_json::to_string(text).expect("text is JSON");
    let step = "document.querySelector('.lesson [aria-current=step]')";
    browser.wait(
        &format!("the step at hand to say {text}"),
        &format!("{step} && {step}.innerText.includes({text})"),
    );
}

#[test]
fn the_lesson_is_done_with_the_keyboard_alone() {
    let browser = Browser::start(Look::DESK);
    browser.open(LESSON);
    browser.find("region", "Lesson");
    cell(&browser, MOTD, "merged view", "from nginx · 1");
    at_hand(&browser, "Predict.");
    tab_to(&browser, "the first answer", "e.type === 'radio'");
    browser.press("ArrowDown");
    at_hand(&browser, "docker exec web1 rm /etc/motd");
    tab_to(
        &browser,
        "the line to run",
        "e.getAttribute('aria-label') === 'Run docker exec web1 rm /etc/motd'",
    );
    browser.press("Enter");
    cell(&browser, MOTD, "web1", "deleted");
    browser.wait(
        "the answer to be graded",
        "document.querySelector('.lesson').innerText.includes('Right, the laboratory agrees')",
    );
    tab_to(&browser, "the next line", "e.getAttribute('aria-label') === 'Run docker diff web1'");
    browser.press("Enter");
    at_hand(&browser, "Now without help");
    tab_to(&browser, "the check", "e.innerText === 'Check'");
    browser.press("Enter");
    at_hand(&browser, "can still be seen in the container");
    tab_to(&browser, "a hint", "e.innerText === 'A hint, please'");
    browser.press("Enter");
    at_hand(&browser, "does to one file, it does to any");
    tab_to(&browser, "the terminal", "e.id === 'terminal'");
    run(&browser, "docker exec web1 rm /etc/issue");
    run(&browser, "docker exec web1 touch /etc/motd");
    tab_to(&browser, "the check", "e.innerText === 'Check'");
    browser.press("Enter");
    browser.wait("the lesson to be finished", "document.querySelector('.finished')");
    saved(&browser);

    browser.open("#/lessons");
    browser.wait("the list to tell it", &format!("{ENTRY}?.innerText.includes('Finished')"));
    browser.open(LESSON);
    browser.wait("the lesson to be finished still", "document.querySelector('.finished')");
    browser.reload();
    browser.wait("the lesson to be finished still", "document.querySelector('.finished')");
    tab_to(&browser, "the way back", "e.innerText === 'Start over'");
    browser.press("Enter");
    at_hand(&browser, "Predict.");
    cell(&browser, MOTD, "merged view", "from nginx · 1");
}

#[test]
fn what_was_typed_elsewhere_is_no_step_of_a_lesson() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "docker exec web1 rm /etc/motd");
    run(&browser, "docker diff web1");
    browser.open(LESSON);
    cell(&browser, MOTD, "merged view", "from nginx · 1");
    at_hand(&browser, "Predict.");
    browser.open("#/lessons");
    browser.wait("the list", ENTRY);
    let told = browser.eval(&format!("return {ENTRY}.innerText"));
    assert!(!told.to_string().contains("steps done"), "{told}");
}

#[test]
fn the_lesson_is_done_under_a_finger() {
    let browser = Browser::start(Look::PHONE);
    browser.open(LESSON);
    browser.find("button", "Lesson").tap();
    browser.find("radio", "A character device 0:0").tap();
    browser.find("button", "Run docker exec web1 rm /etc/motd").tap();
    browser.wait(
        "the answer to be graded",
        "document.querySelector('.lesson').innerText.includes('Right, the laboratory agrees')",
    );
    browser.find("button", "Run docker diff web1").tap();
    at_hand(&browser, "Now without help");
    for _ in 0..3 {
        browser.find("button", "A hint, please").tap();
    }
    browser.find("button", "Show the solution").tap();
    browser.find("button", "Run docker exec web1 rm /etc/issue").tap();
    browser.find("button", "Run docker exec web1 touch /etc/motd").tap();
    browser.wait("both lines to be done", "document.querySelector('.ticks').dataset.ticks == 5 - 1");
    browser.find("button", "Check").tap();
    browser.wait("the lesson to be finished", "document.querySelector('.finished')");
}
