//! What is not lost: the session when its worker dies, or when a line is given up.

use layerlab_tests::browser::{Browser, Look};
use layerlab_tests::turns::Worker;

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
    browser.turns(Worker::First);
    browser.open("#/");
    run(&browser, "docker ps");
    says(&browser, "web1");
}
