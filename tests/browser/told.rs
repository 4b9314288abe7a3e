//! What is told again after a reload, and what is in sight without being asked for.

use layerlab_tests::browser::{Browser, Look};
use serde_json::json;

use crate::terminal::control;
use crate::view::{MOTD, cell, holds, run, saved, says};

fn open(look: Look) -> Browser {
    let browser = Browser::start(look);
    browser.open("#/");
    browser
}

#[test]
fn an_edit_and_a_line_that_answers_otherwise_are_told_after_a_reload() {
    let browser = open(Look::DESK);
    browser.keys("vi /root/notes");
    browser.press("Enter");
    browser.find("dialog", "Edit /root/notes");
    browser.wait("the text to have the focus", "document.activeElement.matches('.editor textarea')");
    browser.keys("new");
    control(&browser, 's');
    holds(&browser, 1);
    browser.wait("the prompt to have the focus", "document.activeElement.id === 'terminal'");
    run(&browser, "cat /root/notes");
    saved(&browser);
    browser.reload();
    holds(&browser, 2);
    says(&browser, "edit /root/notes");
    assert_eq!(
        browser.eval("return document.querySelector('[role=log]').innerText.includes('else when')"),
        json!(false)
    );
    // As if an older lab had answered otherwise.
    let changed = browser.eval(
        "return new Promise((done, failed) => {
           const open = indexedDB.open('layerlab');
           open.onerror = failed;
           open.onsuccess = () => {
             const store = open.result.transaction('journals', 'readwrite').objectStore('journals');
             store.get('playground').onsuccess = ({ target }) => {
               const journal = target.result.replace(/\"d\":\"[0-9a-f]+\",\"t\":\"new\\\\n\"/, '\"d\":\"00\",\"t\":\"old\\\\n\"');
               store.put(journal, 'playground').onsuccess = () => { open.result.close(); done(journal !== target.result); };
             };
           };
         })",
    );
    assert_eq!(changed, json!(true), "the journal holds what the line said");
    browser.reload();
    says(&browser, "Layerlab: this line printed something else when it was recorded:");
    says(&browser, "old");
}

#[test]
fn why_a_file_is_not_edited_is_said_in_chinese() {
    let browser = open(Look { language: "zh", ..Look::DESK });
    browser.find("textbox", "终端").focus();
    for (line, why) in [
        ("vi /root", "Layerlab：/root：不是文本文件"),
        ("vi /nowhere/file", "Layerlab：/nowhere/file：没有那个文件或目录"),
    ] {
        browser.keys(line);
        browser.press("Enter");
        browser.wait(why, &format!("document.querySelector('[role=log]').innerText.replaceAll('Layerlab: ', 'Layerlab：').includes({why:?})"));
    }
    assert_eq!(browser.eval("return document.querySelector('.editor')"), json!(null));
}

#[test]
fn a_lessons_chips_are_the_lines_that_it_runs_next() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/lesson/whiteouts");
    let chips = |lines: &[&str]| {
        let want = serde_json::to_string(lines).expect("texts are JSON");
        let there =
            "JSON.stringify([...document.querySelectorAll('.chips .chip')].map((chip) => chip.title))";
        browser.wait(&format!("the chips {want}"), &format!("{there} === {want:?}"));
    };
    chips(&["docker exec web1 rm /etc/motd"]);
    browser.find("radio", "A character device 0:0").click();
    browser.find("button", "docker exec web1 rm /etc/motd").click();
    cell(&browser, MOTD, "web1", "deleted");
    chips(&["docker diff web1"]);
}

#[test]
fn chips_that_were_run_are_not_offered_again() {
    let browser = open(Look::DESK);
    let chips = || {
        browser
            .eval("return [...document.querySelectorAll('.chips .chip')].map((chip) => chip.title)")
            .to_string()
    };
    browser.find("button", "docker commit web1 mine");
    assert!(
        chips().contains("docker diff web1") && chips().contains("docker commit web1 mine"),
        "{}",
        chips()
    );
    run(&browser, "docker exec web1 rm /etc/motd");
    cell(&browser, MOTD, "web1", "deleted");
    // The way to the layer's directory is cut where it is seen, without a gap, and run whole.
    browser.wait("a look under it", "document.querySelector('.chips .chip').title.endsWith('/diff/etc')");
    let shape = "const chip = document.querySelector('.chips .chip'); \
                 return [chip.getBoundingClientRect().width < 200, chip.innerText === chip.title]";
    assert_eq!(browser.eval(shape), json!([true, true]));
    run(&browser, "docker diff web1");
    run(&browser, "docker commit web1 mine");
    run(&browser, "docker exec web1 ls /etc");
    browser.wait(
        "web1 to be seen again",
        "document.querySelector('.choose select').value.startsWith('container:')",
    );
    assert!(!chips().contains("docker diff") && !chips().contains("docker commit"), "{}", chips());
    browser.find("button", "Undo").click();
    browser.find("button", "Undo").click();
    browser.find("button", "docker commit web1 mine");
}

#[test]
fn the_newest_line_stays_in_sight_when_the_window_becomes_lower() {
    let browser = open(Look::DESK);
    run(&browser, "seq 60");
    says(&browser, "60");
    browser.look(Look { height: 600, ..Look::DESK });
    browser.wait(
        "the newest line to be in sight",
        "(() => { const log = document.querySelector('[role=log]'); \
         return innerHeight === 600 && log.scrollHeight > log.clientHeight + 100 \
         && log.scrollTop + log.clientHeight >= log.scrollHeight - 2; })()",
    );
}

#[test]
fn what_is_copied_has_the_lines_that_were_printed() {
    let browser = open(Look::DESK);
    run(&browser, "printf 'one\\ntwo\\n\\nfour\\n'");
    says(&browser, "four");
    let copied = browser.eval(
        "getSelection().selectAllChildren(document.querySelector('[role=log]')); return getSelection().toString()",
    );
    assert!(copied.as_str().expect("a text").contains("\none\ntwo\n\nfour"), "{copied}");
}

#[test]
fn the_subject_that_was_seen_is_seen_after_a_reload() {
    let browser = open(Look::DESK);
    let seen = |name: &str| {
        let chosen = "document.querySelector('.choose select')?.selectedOptions[0]?.text";
        browser.wait(&format!("{name} to be seen"), &format!("{chosen} === {name:?}"));
    };
    seen("web1 · container");
    run(&browser, "docker commit web1 mine");
    seen("mine · image");
    saved(&browser);
    browser.reload();
    seen("mine · image");
    let choose = "const select = document.querySelector('.choose select'); \
                  select.value = [...select.options].find((option) => option.text === 'nginx · image').value; \
                  select.dispatchEvent(new Event('change', { bubbles: true })); return null";
    browser.eval(choose);
    seen("nginx · image");
    browser.wait("its layers", "[...document.querySelectorAll('.grid tbody th')].length === 5");
    browser.reload();
    seen("nginx · image");
}

#[test]
fn a_far_jump_in_the_matrix_shows_rows_that_are_on_their_way() {
    let browser = open(Look::DESK);
    run(&browser, "docker exec web1 sh -c 'mkdir /many; for n in $(seq 3000); do echo $n > /many/$n; done'");
    browser.find("radio", "Tree").call("this.click()");
    browser.find("button", "Unfold all").click();
    browser.wait("all rows", "Number(document.querySelector('.mx')?.getAttribute('aria-rowcount')) > 3000");
    // In the first frame after the jump there are either rows or their outlines: never a blank.
    let jump = "return new Promise((done) => {
       const mx = document.querySelector('.mx');
       mx.scrollTop = mx.scrollHeight;
       requestAnimationFrame(() => setTimeout(() => {
         const { x, bottom } = mx.getBoundingClientRect();
         const there = document.elementFromPoint(x + 60, bottom - 60);
         const outline = there?.closest('.space');
         done(outline ? getComputedStyle(outline).backgroundImage : there?.closest('[role=row]')?.innerText || '');
       }));
     })";
    let first = browser.eval(jump);
    let first = first.as_str().unwrap_or_default();
    assert!(!first.is_empty() && first != "none", "a blank");
    browser.wait(
        "the last rows",
        "(() => { const mx = document.querySelector('.mx'), { x, bottom } = mx.getBoundingClientRect(); \
         const row = document.elementFromPoint(x + 60, bottom - 40)?.closest('[role=row]'); \
         return row && Number(row.getAttribute('aria-rowindex')) > Number(mx.getAttribute('aria-rowcount')) - 10; })()",
    );
}
