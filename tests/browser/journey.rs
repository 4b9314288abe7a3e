//! The main journey, with the keyboard alone: pull, run, delete, look, undo, redo, reload.

use layerlab_tests::browser::{Browser, Look};
use layerlab_tests::turns::Worker;

use crate::view::{MOTD, cell, has_focus, holds, not_early, run, said, saved, says, tab_to};

#[test]
fn a_first_line_shows_something_at_once() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    assert!(has_focus(&browser, "terminal"), "the prompt has the focus");
    browser.find("grid", "Layers");
    cell(&browser, MOTD, "merged view", "from nginx · 1");
    // Every layer's row is a row: its name on the left, its cells under the merged view's, one row under the other.
    let rows = "[...document.querySelectorAll('.grid tbody tr')].map((row) => [...row.children].map(\
                (cell) => cell.getBoundingClientRect()))";
    let straight = "rows.every((row, r) => row.every((cell, c) => Math.abs(cell.left - rows[0][c].left) < 1 && \
                    cell.width > 0 && (r === 0 || cell.top >= rows[r - 1][c].bottom - 1)))";
    let body = format!("const rows = {rows}; return rows.length > 4 && {straight}");
    assert_eq!(browser.eval(&body), serde_json::json!(true), "the stack is a grid");
    // What the first prompt does not need is in a file of its own (web-ui/first.txt), and comes by itself after it.
    browser.wait(
        "the rest to be fetched",
        "performance.getEntriesByType('resource').some(e => /rest-[^/]*\\.wasm/.test(e.name))",
    );
    run(&browser, "docker ps");
    says(&browser, "web1");
    run(&browser, "docker exec web1 sh -c 'echo hello >> /etc/motd'");
    browser
        .wait("what was copied up", "/just copied up [1-9]/.test(document.querySelector('.of').innerText)");
}

#[test]
fn the_first_prompt_does_not_wait_for_the_second_part() {
    for (look, worker) in
        [(Look::DESK, Worker::Free), (Look::PHONE, Worker::Free), (Look::DESK, Worker::Last)]
    {
        let browser = Browser::start(look);
        browser.turns(worker);
        browser.open("#/");
        in_time(&browser);
        browser.slow(true);
        browser.reload();
        in_time(&browser);
    }
}

fn in_time(browser: &Browser) {
    browser.wait("the layers to be drawn", "document.querySelector('.grid td')");
    not_early(browser);
}

#[test]
fn deleting_hides_and_undo_brings_back() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "docker pull alpine");
    says(&browser, "Status: Downloaded newer image for alpine:latest");
    run(&browser, "docker run -d --name web2 nginx");
    run(&browser, "docker exec web2 rm /etc/motd");
    // Two bytes: the server has written its process id meanwhile.
    browser.find("rowheader", "web2 writable layer · 2 B");
    cell(&browser, MOTD, "web2", "deleted");
    cell(&browser, MOTD, "merged view", "empty");
    cell(&browser, MOTD, "nginx · 1", "hidden");
    let inspector = browser.find("complementary", "Inspector").text();
    for form in ["c--------- 0, 0 motd", "etc/.wh.motd", "D /etc/motd", "whiteout"] {
        assert!(inspector.contains(form), "{form} in:\n{inspector}");
    }
    run(&browser, "docker diff web2");
    says(&browser, "D /etc/motd");

    tab_to(&browser, "Undo", "e.getAttribute('aria-label') === 'Undo'");
    browser.press("Enter");
    browser.wait(
        "docker diff to be undone",
        "!document.querySelector('[role=log]').innerText.includes('docker diff')",
    );
    browser.press("Enter");
    cell(&browser, MOTD, "merged view", "from nginx · 1");
    assert!(!browser.has("gridcell", "/etc/motd, web2, deleted"));
    tab_to(&browser, "Redo", "e.getAttribute('aria-label') === 'Redo'");
    browser.press("Enter");
    cell(&browser, MOTD, "web2", "deleted");
    holds(&browser, 4);

    saved(&browser);
    browser.reload();
    cell(&browser, MOTD, "web2", "deleted");
    holds(&browser, 4);
    says(&browser, "docker exec web2 rm /etc/motd");
    assert!(!said(&browser).contains("docker diff web2"), "the line that was undone is still undone");
    browser.find("button", "Redo").focus();
    browser.press("Enter");
    says(&browser, "docker diff web2");
}

#[test]
fn the_stack_is_walked_with_arrow_keys() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "docker exec web1 rm /etc/motd");
    cell(&browser, MOTD, "web1", "deleted");
    tab_to(&browser, "the stack", "e.getAttribute('role') === 'gridcell'");
    browser.press("ArrowLeft");
    let path = "document.querySelector('.inspector .path').innerText";
    browser.wait("the path beside it to be explained", &format!("{path} === '/etc/group'"));
    browser.press("ArrowRight");
    browser.wait("the first one to be explained again", &format!("{path} === '/etc/motd'"));
    browser.press("ArrowDown");
    browser.wait(
        "the focus to be on the whiteout",
        "document.activeElement.getAttribute('aria-label') === '/etc/motd, web1, deleted'",
    );
}

#[test]
fn who_left_the_stack_is_not_taken_back_to_it() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    browser.find("gridcell", "/etc/group, merged view, from nginx · 2").click();
    browser.find("textbox", "Terminal").focus();
    // As when a button that was pressed goes away.
    browser.eval("document.activeElement.blur(); return null");
    browser.eval("document.querySelector('.chips .chip').click(); return null");
    cell(&browser, MOTD, "web1", "deleted");
    let path = "document.querySelector('.inspector .path').innerText";
    browser.wait("what the line changed to be explained", &format!("{path} === '/etc/motd'"));
    // The prompt takes the focus that nobody has, not the cell that was chosen before.
    assert_eq!(browser.eval("return !!document.activeElement.closest('.grid')"), serde_json::json!(false));
}

#[test]
fn language_and_theme_change_at_once_and_stay() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    browser.find("button", "Language").click();
    browser.find("textbox", "终端");
    browser.wait("the document to be Chinese", "document.documentElement.lang === 'zh'");
    browser.find("button", "主题").click();
    browser.wait("the document to be dark", "document.documentElement.dataset.theme === 'dark'");
    browser.reload();
    browser.find("textbox", "终端");
    browser.wait("the document to be dark", "document.documentElement.dataset.theme === 'dark'");
    let fetched =
        "performance.getEntriesByType('resource').filter(e => /text\\/[a-z]+-/.test(e.name)).length === 1";
    browser.wait("one language alone to be loaded", fetched);
}
