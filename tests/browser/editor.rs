//! The editor over the page: `vi`, `nano` and `edit` open a file in it, and what it saves is one entry.

use layerlab_tests::browser::{Browser, Look};
use serde_json::json;

use crate::axe::{axe, violations};
use crate::terminal::control;
use crate::view::{holds, run, saved, says, ticks};

#[test]
fn what_the_editor_saves_is_one_entry() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "cd /root; echo old > notes");
    browser.keys("vi notes");
    browser.press("Enter");
    browser.find("dialog", "Edit /root/notes");
    let area = browser.find("textbox", "Content of /root/notes");
    assert_eq!(area.text(), "old\n");
    browser.wait("the text to have the focus", "document.activeElement.matches('.editor textarea')");
    assert_eq!(violations(&browser, &axe()), Vec::<String>::new());
    browser.keys("new and ");
    control(&browser, 's');
    browser.wait("the editor to close", "!document.querySelector('.editor')");
    holds(&browser, 2);
    browser.wait("the prompt to have the focus", "document.activeElement.id === 'terminal'");
    run(&browser, "cat notes");
    says(&browser, "new and old");
    saved(&browser);
    browser.reload();
    holds(&browser, 3);
    says(&browser, "new and old");
    browser.find("button", "Undo").click();
    browser.wait("a step back", "document.querySelector('.tick[aria-current]').innerText === '2'");
}

#[test]
fn the_editor_is_left_without_a_change() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    browser.keys("edit /root/new");
    browser.press("Enter");
    browser.find("dialog", "Edit /root/new");
    browser.press("Escape");
    says(&browser, "nothing was changed");
    browser.keys("nano /root/new");
    browser.press("Enter");
    browser.find("dialog", "Edit /root/new");
    browser.wait("the text to have the focus", "document.activeElement.matches('.editor textarea')");
    browser.keys("lost?");
    browser.press("Escape");
    browser.find("alert", "");
    browser.find("button", "Discard the changes").click();
    browser.wait("the editor to close", "!document.querySelector('.editor')");
    assert_eq!(ticks(&browser), 0);
    browser.keys("vi /root");
    browser.press("Enter");
    says(&browser, "Layerlab: /root: is no file with text");
    assert_eq!(browser.eval("return document.querySelector('.editor')"), json!(null));
}
