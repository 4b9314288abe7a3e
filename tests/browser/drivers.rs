//! Storage drivers side by side, for the session as it is.

use layerlab_tests::browser::{Browser, Look};
use serde_json::json;

use crate::view::run;

/// The cells of a driver's row.
fn row(browser: &Browser, driver: &str) -> Vec<String> {
    let body = format!(
        "const row = [...document.querySelectorAll('.side-by-side tbody tr')].find((row) => row.querySelector('th').innerText.startsWith('{driver}')); \
         return [...row.querySelectorAll('td')].map((cell) => cell.innerText.trim())"
    );
    serde_json::from_value(browser.eval(&body)).expect("texts")
}

#[test]
fn a_change_a_deletion_and_one_byte_are_shown_as_each_driver_keeps_them() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/drivers");
    browser.find("table", "Storage drivers side by side");
    let first = row(&browser, "overlay2");
    assert_eq!(&first[..3], ["the whole file", "1.05 MB", "a character device 0:0 of that name"]);
    assert_eq!(&row(&browser, "devicemapper")[..2], ["blocks of 64 KiB", "65.5 kB"]);
    browser.open("#/");
    browser.wait("the prompt", "document.documentElement.dataset.ready === 'true'");
    browser.find("textbox", "Terminal").focus();
    run(&browser, "docker exec web1 sh -c 'dd if=/dev/zero of=/big bs=1000 count=3000'");
    browser.open("#/drivers");
    browser.find("table", "Storage drivers side by side");
    browser.wait(
        "the new figure",
        "[...document.querySelectorAll('.side-by-side tr.own td')].some((cell) => /^3(\\.\\d+)? MB/.test(cell.innerText))",
    );
    // Nothing of it is a line of the session.
    browser.open("#/");
    browser.wait("the playground", "document.querySelector('.ticks')?.dataset.ticks === '1'");
}

#[test]
fn on_a_phone_in_chinese_each_driver_is_a_card_and_says_what_it_leaves_out() {
    let browser = Browser::start(Look { language: "zh", ..Look::PHONE });
    browser.open("#/drivers");
    browser.wait_long("the drivers", "document.querySelector('.side-by-side')");
    assert_eq!(browser.eval("return document.documentElement.scrollWidth - innerWidth"), json!(0));
    assert_eq!(row(&browser, "btrfs")[0], "4 KiB 的块");
    browser.eval("document.querySelectorAll('.drivers details')[5].open = true; return null");
    browser.wait(
        "what is left out",
        "document.querySelectorAll('.drivers details')[5].innerText.includes('压缩，以及小于一条记录的文件')",
    );
}
