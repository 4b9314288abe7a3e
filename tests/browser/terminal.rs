//! The prompt: history, search, completion, a line editor's keys, several lines at once.

use layerlab_tests::browser::{Browser, Look};
use serde_json::json;

use crate::view::{holds, run, said, saved, says, ticks};

fn open() -> Browser {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    browser
}

fn line(browser: &Browser) -> String {
    browser.find("textbox", "Terminal").text()
}

/// Presses a letter with Ctrl.
pub(crate) fn control(browser: &Browser, letter: char) {
    let code = letter.to_ascii_uppercase() as u32;
    let event = |kind: &str| json!({"type": kind, "key": letter.to_string(), "modifiers": 2, "windowsVirtualKeyCode": code});
    browser.cdp("Input.dispatchKeyEvent", &event("rawKeyDown"));
    browser.cdp("Input.dispatchKeyEvent", &event("keyUp"));
}

#[test]
fn earlier_lines_come_back() {
    let browser = open();
    run(&browser, "docker images");
    run(&browser, "docker ps");
    browser.press("ArrowUp");
    browser.press("ArrowUp");
    assert_eq!(line(&browser), "docker images");
    browser.press("ArrowDown");
    assert_eq!(line(&browser), "docker ps");
    browser.press("ArrowDown");
    assert_eq!(line(&browser), "");
    control(&browser, 'r');
    browser.keys("imag");
    browser.wait(
        "the search to find it",
        "document.querySelector('.prompt').innerText.includes('docker images')",
    );
    browser.press("Enter");
    browser.wait("the line found to run", "document.querySelector('.ticks').dataset.ticks == 4 - 1");
}

#[test]
fn keys_edit_the_line() {
    let browser = open();
    browser.keys("docker ps -a");
    control(&browser, 'w');
    assert_eq!(line(&browser), "docker ps ");
    control(&browser, 'a');
    control(&browser, 'k');
    assert_eq!(line(&browser), "");
    browser.keys("docker ima");
    browser.press("Tab");
    browser.wait("Tab to complete", "document.getElementById('terminal').value.startsWith('docker image')");
    control(&browser, 'u');
    assert_eq!(line(&browser), "");
    browser.keys("rm -rf /");
    control(&browser, 'c');
    says(&browser, "^C");
    assert_eq!((line(&browser).as_str(), ticks(&browser)), ("", 0));
    control(&browser, 'l');
    browser.wait("the screen to be clear", "document.querySelector('[role=log]').innerText.trim() === ''");
}

#[test]
fn clear_empties_the_screen_and_a_line_of_several_lines_is_undone_whole() {
    let browser = open();
    run(&browser, "echo seen");
    run(&browser, "clear");
    browser.wait("the screen to be clear", "document.querySelector('[role=log]').innerText.trim() === ''");
    run(&browser, "echo after");
    says(&browser, "after");
    for line in ["cat > notes <<END", "a line"] {
        browser.keys(line);
        browser.press("Enter");
        browser.wait(
            "the next line's prompt",
            "document.querySelector('.ask .prompt').innerText.trim() === '>'",
        );
    }
    run(&browser, "END");
    says(&browser, "a line");
    browser.find("button", "Line 4: cat > notes <<END …");
    browser.find("button", "Undo").click();
    browser.wait("none of it", "!document.querySelector('[role=log]').innerText.includes('a line')");
    saved(&browser);
    browser.reload();
    holds(&browser, 4);
    assert!(!said(&browser).contains("seen"), "{}", said(&browser));
}

#[test]
fn a_paste_of_several_lines_runs_them_in_order() {
    let browser = open();
    let pasted = "docker run -d --name aa nginx\ndocker exec aa rm /etc/motd\ndocker diff aa\nls";
    browser.cdp("Input.insertText", &json!({"text": pasted}));
    says(&browser, "D /etc/motd");
    assert_eq!(line(&browser), "ls", "what has no end yet stays at the prompt");
    let log = said(&browser);
    let at = |text: &str| log.find(text).unwrap_or_else(|| panic!("{text} in {log}"));
    assert!(
        at("docker run -d --name aa") < at("docker exec aa rm")
            && at("docker exec aa rm") < at("docker diff aa")
    );
}

#[test]
fn names_that_would_mislead_are_shown_as_they_are() {
    let browser = open();
    run(&browser, "printf 'a\\033[31mred\\342\\200\\256txt'");
    says(&browser, "a\\x1b[31mred\\u{202e}txt");
    run(&browser, "docker exec web1 touch '/<img src=x onerror=alert(1)>'");
    browser.find("gridcell", "/<img src=x onerror=alert(1)>, web1, added");
    assert_eq!(browser.eval("return document.querySelectorAll('img').length"), json!(0));
}

#[test]
fn a_container_s_paths_are_completed() {
    let browser = open();
    for (typed, found) in [
        ("docker exec web1 ls /etc/ngin", "docker exec web1 ls /etc/nginx/"),
        ("docker cp web1:/etc/ngin", "docker cp web1:/etc/nginx/"),
    ] {
        browser.keys(typed);
        browser.press("Tab");
        browser.wait(found, &format!("document.getElementById('terminal').value === {found:?}"));
        control(&browser, 'u');
    }
}

#[test]
fn a_long_output_costs_little() {
    let browser = open();
    run(&browser, "seq 20000");
    says(&browser, "\n20000");
    let nodes = "const walk = document.createTreeWalker(document, NodeFilter.SHOW_ALL); let n = 0; \
                 while (walk.nextNode()) n += 1; return n";
    let nodes = browser.eval(nodes).as_u64().expect("a number");
    assert!(nodes <= 9_000, "{nodes} nodes");
    let ends = "const log = document.querySelector('[role=log]'); \
                const has = (text) => [...log.querySelectorAll('.line')].some((line) => line.textContent === text); \
                return [log.scrollTop + log.clientHeight >= log.scrollHeight - 2, has('18500'), has('17000')]";
    assert_eq!(
        browser.eval(ends),
        json!([true, true, false]),
        "the end is in sight, and the newest lines are there"
    );
}

/// Waits until the terminal says these lines, one below the other.
fn prints(browser: &Browser, lines: &str) {
    let log = "document.querySelector('[role=log]').innerText.replace(/\\n+/g, '\\n')";
    browser.wait(&format!("the terminal to say {lines:?}"), &format!("{log}.includes({lines:?})"));
}

/// The line at the prompt becomes this one.
fn becomes(browser: &Browser, text: &str) {
    browser.wait(
        &format!("the prompt to hold {text:?}"),
        &format!("document.getElementById('terminal').value === {text:?}"),
    );
}

#[test]
fn what_is_typed_reaches_the_program_that_runs() {
    let browser = open();
    let types = "document.getElementById('terminal').placeholder.includes('Ctrl-D ends it')";
    for line in ["cat", "docker run -it --rm nginx cat"] {
        let before = ticks(&browser);
        browser.keys(line);
        browser.press("Enter");
        browser.wait("the prompt to say who reads", types);
        browser.keys("hello");
        browser.press("Enter");
        prints(&browser, &format!("{line}\nhello\nhello"));
        browser.keys("more");
        browser.press("Enter");
        prints(&browser, "hello\nmore\nmore");
        control(&browser, 'd');
        holds(&browser, before + 1);
        control(&browser, 'l');
    }
    // What is typed ahead goes to whoever reads first.
    browser.cdp("Input.insertText", &json!({"text": "read x\nwords\necho got $x\n"}));
    says(&browser, "got words");
    holds(&browser, 4);
    // For fingers there are keys to press.
    browser.keys("cat");
    browser.press("Enter");
    browser.find("button", "end of input (Ctrl-D)").click();
    holds(&browser, 5);
    browser.find("textbox", "Terminal").focus();
    browser.keys("cat");
    browser.press("Enter");
    browser.find("button", "stop (Ctrl-C)").click();
    holds(&browser, 6);
    saved(&browser);
    browser.reload();
    holds(&browser, 6);
    prints(&browser, "cat\nhello\nhello\nmore\nmore");
    says(&browser, "got words");
}

#[test]
fn the_detach_keys_leave_a_container_to_itself() {
    let browser = open();
    let line = "docker run -it --name box nginx sh";
    run(&browser, line);
    browser.wait("the container's prompt", "!document.querySelector('.prompt').innerText.includes('@lab')");
    control(&browser, 'p');
    control(&browser, 'q');
    says(&browser, "read escape sequence");
    holds(&browser, 2);
    run(&browser, "docker ps -q -f name=box | wc -l");
    prints(&browser, "wc -l\n1");
    browser.find("button", "Line 2: Ctrl-P Ctrl-Q");
    saved(&browser);
    browser.reload();
    holds(&browser, 3);
    says(&browser, "read escape sequence");
    // The keys are no line that was typed.
    browser.find("textbox", "Terminal").focus();
    browser.press("ArrowUp");
    becomes(&browser, "docker ps -q -f name=box | wc -l");
    browser.press("ArrowUp");
    becomes(&browser, line);
}

#[test]
fn a_line_that_goes_on_says_so_and_what_is_typed_meanwhile_is_seen() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    browser.find("textbox", "Terminal").focus();
    browser.keys("docker run --name front nginx");
    browser.press("Enter");
    browser.wait(
        "a word about it",
        "document.getElementById('terminal').placeholder.startsWith('this line still runs; Ctrl-C stops it')",
    );
    browser.keys("docker ps -a");
    browser.press("Enter");
    browser.wait(
        "the line that waits",
        "document.querySelector('[role=log] .wait')?.innerText === 'docker ps -a'",
    );
    browser.find("button", "stop (Ctrl-C)").click();
    says(&browser, "CONTAINER ID");
    browser.wait(
        "nothing that waits",
        "!document.querySelector('[role=log] .wait') && !document.getElementById('terminal').placeholder",
    );
    // The stack follows what ran.
    browser.wait(
        "its container",
        "document.querySelector('.choose select').selectedOptions[0].innerText === 'front · container'",
    );
}
