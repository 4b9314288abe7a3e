//! The page under a finger, at 390×844.

use layerlab_tests::browser::{Browser, Look};
use serde_json::json;

use crate::view::{MOTD, cell, ticks};

#[test]
fn a_chip_runs_a_line_and_the_stack_shows_it() {
    let browser = Browser::start(Look::PHONE);
    browser.open("#/");
    browser.find("button", "docker exec web1 rm /etc/motd").tap();
    cell(&browser, MOTD, "web1", "deleted");
    cell(&browser, MOTD, "merged view", "empty");
    assert_eq!(ticks(&browser), 1);
    browser.find("button", "Inspector").tap();
    browser.wait(
        "the inspector to be seen",
        "document.querySelector('.inspector').getBoundingClientRect().height > 100",
    );
    browser.find("button", "Layers").tap();
    browser.find("button", "Undo").tap();
    cell(&browser, MOTD, "merged view", "from nginx · 1");
}

#[test]
fn nothing_is_wider_than_the_screen_and_targets_fit_a_finger() {
    let browser = Browser::start(Look::PHONE);
    browser.open("#/");
    assert_eq!(browser.eval("return document.documentElement.scrollWidth <= 390"), json!(true));
    let small = "return [...document.querySelectorAll('button, select, textarea')].filter(e => e.offsetParent && \
                 getComputedStyle(e).visibility === 'visible').map(e => [e.className, e.getBoundingClientRect()])\
                 .filter(([, r]) => r.height > 0 && (r.width < 24 || r.height < 24)).map(([name]) => name)";
    assert_eq!(browser.eval(small), json!([]), "targets of less than 24 pixels");
}
