//! Lessons of one's own: dropped, fetched from this and from another host, written in the page's editor.

use std::path::Path;

use layerlab_tests::browser::{Browser, Look};
use layerlab_tests::files::Files;
use serde_json::json;

use crate::axe::{axe, violations};
use crate::view::{run, tab_to};

/// A page that asks for one file.
const PAGE: &str = "---\nid: whiteouts\ntitle: Not the course's whiteouts\nsummary: Another page.\nteaches: [layer]\nminutes: 5\n\
    docker: both\ntask: find\nstart:\n  - docker pull -q debian\n  - docker run -dit --name mine debian\n---\nMake the file.\n\n\
    ```check\nthere: docker exec mine test -e /x\n+ `/x` is there\n! `/x` is not there.\n```\n";

/// Waits until a part of the page says this.
pub(crate) fn tells(browser: &Browser, part: &str, text: &str) {
    let text = serde_json::to_string(text).expect("text is JSON");
    browser.wait_long(
        &format!("{part} to say {text}"),
        &format!("document.querySelector('{part}')?.innerText.includes({text})"),
    );
}

/// What is saved from now on is kept for the test instead.
pub(crate) fn catch(browser: &Browser) {
    browser.eval(
        "URL.createObjectURL = (blob) => { blob.arrayBuffer().then((bytes) => { \
           window.bytes = Array.from(new Uint8Array(bytes)); window.given = new TextDecoder().decode(bytes); }); return '#'; }; \
         HTMLAnchorElement.prototype.click = function () { window.givenName = this.download; }; return null",
    );
}

#[test]
fn a_dropped_page_is_somebody_elses_lesson_in_a_session_of_its_own() {
    let files = tempfile::tempdir().expect("a temporary folder");
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    run(&browser, "docker exec web1 touch /of-the-playground");
    let drop = format!(
        "const carried = new DataTransfer(); carried.items.add(new File([{}], 'mine.md')); \
         document.querySelector('[role=log]').dispatchEvent(new DragEvent('drop', {{dataTransfer: carried, bubbles: true, cancelable: true}})); \
         return null",
        serde_json::to_string(PAGE).expect("text is JSON")
    );
    browser.eval(&drop);
    browser.find("region", "Lesson");
    tells(&browser, ".lesson h2", "Not the course's whiteouts");
    tells(&browser, ".lesson .foreign", "Somebody else’s lesson");
    browser.find("button", "Check");
    browser.find("textbox", "Terminal").focus();
    run(&browser, "docker exec mine touch /x");
    tab_to(&browser, "the check", "e.innerText === 'Check'");
    browser.press("Enter");
    browser.wait("the lesson to be finished", "document.querySelector('.finished')");
    // The address alone has it all, and the course's lesson of the same id is as it was.
    browser.reload();
    browser.wait("the lesson to be finished still", "document.querySelector('.finished')");
    browser.open("#/lessons");
    browser.wait("the list", "document.querySelector('.lessons a[href=\"#/lesson/whiteouts\"]')");
    let course =
        "return document.querySelector('.lessons a[href=\"#/lesson/whiteouts\"]').closest('li').innerText";
    assert!(!browser.eval(course).to_string().contains("Finished"));
    browser.open("#/");
    browser.wait("the playground", "document.querySelector('.ticks')?.dataset.ticks === '1'");
    // What is no lesson is refused by its line, with the way to mend it.
    let broken = files.path().join("broken.md");
    std::fs::write(&broken, PAGE.replace("! `/x` is not there.\n", "")).expect("our own folder");
    browser.pick(&broken);
    tells(&browser, "main [role=alert]", "each predicate has a message");
    browser.find("link", "Open it in the editor").click();
    browser.find("textbox", "Lesson page");
    browser.wait(
        "the page in the editor",
        "document.querySelector('.write textarea').value.includes('Not the course')",
    );
}

#[test]
fn a_page_is_fetched_from_this_host_at_once_and_from_another_when_the_person_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let inner = folder.path().join("open");
    std::fs::create_dir(&inner).expect("our own folder");
    for at in [folder.path(), inner.as_path()] {
        std::fs::write(at.join("mine.md"), PAGE).expect("our own folder");
    }
    std::fs::write(inner.join("bytes.md"), [0xff, 0xfe, 0x00]).expect("our own folder");
    std::fs::write(inner.join("long.md"), vec![b'a'; 2 << 20]).expect("our own folder");
    let host = Files::start("/", folder.path());
    let browser = Browser::start(Look::PHONE);
    let lessons = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist/lessons/en");
    let mut files = std::fs::read_dir(lessons).expect("the lessons").flatten().map(|file| file.path());
    let page = files.find(|file| {
        file.to_string_lossy().contains("copy-up") && file.extension().is_some_and(|end| end == "md")
    });
    let page = page.expect("the lesson");
    let name = page.file_name().expect("a name").to_string_lossy();
    browser.visit(&format!("{}?lesson=lessons/en/{}", browser.base(), name));
    tells(&browser, ".lesson .foreign", "Somebody else’s lesson");
    // Another host hears nothing before that.
    let from = |name: &str| format!("#/lesson?from={}/{name}", host.origin());
    browser.open(&from("open/mine.md"));
    browser.find("button", "Fetch the lesson").tap();
    tells(&browser, ".lesson h2", "Not the course's whiteouts");
    let failed = |name: &str, why: &str| {
        browser.open(&from(name));
        browser.find("button", "Fetch the lesson").tap();
        tells(&browser, "main [role=alert]", why);
    };
    failed("mine.md", "Access-Control-Allow-Origin");
    failed("open/none.md", "status 404");
    failed("open/bytes.md", "no text in UTF-8");
    failed("open/long.md", "longer than 1048576 bytes");
    browser.open("#/lesson?from=ftp://example.org/a.md");
    tells(&browser, "main [role=alert]", "no address of the web");
}

#[test]
fn a_lesson_is_written_checked_and_run_in_the_page_with_the_keyboard() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/edit");
    browser.find("textbox", "Lesson page").focus();
    browser.wait("a page to begin with", "document.querySelector('.write textarea').value.startsWith('---')");
    catch(&browser);
    // As it is it has no fault; one wrong word is said with its line, as `layerlab lesson check` says it.
    tab_to(&browser, "the check", "e.innerText === 'Check'");
    browser.press("Enter");
    tells(&browser, ".write [role=status]", "Nothing is wrong");
    browser.eval(
        "const a = document.querySelector('.write textarea'); \
         a.value = a.value.replace('docker exec c1 touch /root/other\\n```\\n\\n```wrong', 'docker exec c1 ls\\n```\\n\\n```wrong'); \
         a.dispatchEvent(new InputEvent('input', {bubbles: true})); return null",
    );
    tab_to(&browser, "the check", "e.innerText === 'Check'");
    browser.press("Enter");
    tells(&browser, ".problems", "the solution does not pass the check there");
    tells(&browser, ".problems", "mend the solution or the predicate");
    tab_to(&browser, "the line", "/^Line \\d+$/.test(e.innerText)");
    browser.press("Enter");
    let chosen = "(() => { const a = document.querySelector('.write textarea'); \
        return document.activeElement === a && a.value.slice(a.selectionStart, a.selectionEnd); })()";
    browser.wait("the line to be selected", &format!("{chosen} === '```solution'"));
    // What was written is there after a reload.
    browser.reload();
    browser.wait(
        "the page as it was",
        "document.querySelector('.write textarea')?.value.includes('docker exec c1 ls')",
    );
    tab_to(&browser, "the link", "e.innerText === 'Share by link'");
    browser.press("Enter");
    browser.wait("an address", "document.querySelector('.write .to-copy')?.value.includes('#/lesson?text=')");
    let address = browser.eval("return document.querySelector('.write .to-copy').value");
    catch(&browser);
    tab_to(&browser, "the download", "e.innerText === 'Download'");
    browser.press("Enter");
    browser
        .wait("a file", "window.givenName === 'my-lesson.md' && window.given.includes('docker exec c1 ls')");
    tab_to(&browser, "the run", "e.innerText === 'Run it'");
    browser.press("Enter");
    tells(&browser, ".lesson .foreign", "Somebody else’s lesson");
    browser.find("radio", "In the writable layer of `c1`".replace('`', "").as_str());
    assert_eq!(browser.eval("return location.href"), address);
    browser.find("link", "Edit this page").click();
    browser.wait(
        "the page in the editor",
        "document.querySelector('.write textarea')?.value.includes('docker exec c1 ls')",
    );
}

#[test]
fn no_violation_on_the_screens_of_ones_own_lessons_in_either_language() {
    let axe = axe();
    let mut found = Vec::new();
    for (language, look) in [("en", Look::DESK), ("zh", Look { touch: false, ..Look::PHONE })] {
        let browser = Browser::start(Look { language, ..look });
        for dark in [false, true] {
            browser.look(Look { dark, language, ..look });
            for screen in [
                "#/edit",
                "#/class",
                "#/class?title=T&lessons=whiteouts,copy-up,none",
                "#/drivers",
                "#/lesson?from=https://example.org/a.md",
            ] {
                browser.open(screen);
                browser.wait_long("the screen", "document.querySelector('main h2')");
                browser.wait("what comes into it", "!document.querySelector('[aria-busy=true]')");
                if screen == "#/drivers" {
                    browser.wait_long("the drivers", "document.querySelector('.side-by-side')");
                    let title =
                        if language == "zh" { "存储驱动对照" } else { "Storage drivers side by side" };
                    browser.find("heading", title);
                }
                let width = browser.eval("return document.documentElement.scrollWidth - innerWidth");
                assert_eq!(width, json!(0), "{screen} is too wide in {language}");
                found.extend(
                    violations(&browser, &axe)
                        .into_iter()
                        .map(|v| format!("{screen} {language} dark {dark}: {v}")),
                );
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
