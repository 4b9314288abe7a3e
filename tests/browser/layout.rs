//! Every size of window: nothing overlaps, nothing is cut, and a stranger sees what this is.

use layerlab_tests::browser::{Browser, Look};
use serde_json::{Value, json};

use crate::view::{holds, run};

/// A laptop at 200 %.
const ZOOMED: Look = Look { width: 720, height: 450, ..Look::DESK };

const SIZES: [Look; 4] = [Look::DESK, Look { width: 1024, height: 768, ..Look::DESK }, ZOOMED, Look::PHONE];

#[test]
fn no_page_is_wider_or_taller_than_its_window() {
    let browser = Browser::start(Look::DESK);
    for look in SIZES {
        browser.look(look);
        for screen in ["#/lessons", "#/", "#/lesson/whiteouts", "#/image"] {
            browser.open(screen);
            let body = "const e = document.documentElement; return [e.scrollWidth <= innerWidth, e.scrollHeight <= innerHeight]";
            assert_eq!(browser.eval(body), json!([true, true]), "{screen} at {}×{}", look.width, look.height);
            let here = format!("{screen} at {}×{}", look.width, look.height);
            assert_eq!(overlaps(&browser), json!(false), "the header of {here}");
        }
    }
}

/// Whether neighbours in the header lie on each other.
fn overlaps(browser: &Browser) -> Value {
    browser.eval(
        "const r = [...document.querySelectorAll('.top > *, .top .btn, .top .reach, .top .ticks')].filter(e => e.offsetParent && \
         !e.querySelector('.btn, button:not(.tick)')).map(e => e.getBoundingClientRect()).filter(r => r.width > 0); \
         return r.some((a, i) => r.some((b, j) => i < j && a.left < b.right - 1 && b.left < a.right - 1 && \
         a.top < b.bottom - 1 && b.top < a.bottom - 1))",
    )
}

#[test]
fn after_many_lines_nothing_overlaps_and_time_is_in_reach() {
    for look in SIZES {
        let browser = Browser::start(look);
        browser.open("#/");
        let lines: Vec<String> = (0..45).map(|n| format!("echo {n}\n")).collect();
        browser.find("textbox", "Terminal").focus();
        browser.cdp("Input.insertText", &json!({"text": lines.concat()}));
        holds(&browser, 45);
        let here = format!("{}×{}", look.width, look.height);
        assert_eq!(overlaps(&browser), json!(false), "the header at {here}");
        let seen = "return ['.timeline .btn', '.timeline .reach', '.tick[aria-current]'].every((name) => { \
                    const e = document.querySelector(name), r = e.getBoundingClientRect(); \
                    return e.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)) })";
        assert_eq!(browser.eval(seen), json!(true), "what goes along time at {here}");
        assert_eq!(
            browser.eval("return document.documentElement.scrollWidth <= innerWidth"),
            json!(true),
            "{here}"
        );
    }
}

/// A build of as many steps as an image's own layers, with its steps above.
#[test]
fn with_the_steps_of_a_build_every_layer_is_in_sight() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    browser.find("textbox", "Terminal").focus();
    run(
        &browser,
        "mkdir app; printf 'FROM nginx\\nRUN echo a > /a\\nRUN echo b > /b\\nRUN rm /etc/motd\\nRUN echo d > /d\\n' > app/Dockerfile",
    );
    run(&browser, "docker build -t my app");
    browser.wait("the layers", "document.querySelectorAll('tr.sheet').length === 9");
    browser.wait(
        "the lowest in sight",
        "[...document.querySelectorAll('tr.sheet')].at(-1).getBoundingClientRect().bottom <= \
         document.querySelector('.sheets').getBoundingClientRect().bottom + 1",
    );
}

/// Names that are long are cut nowhere without their number, and the subject's stands whole.
#[test]
fn long_names_and_ids_on_a_phone() {
    let browser = Browser::start(Look::PHONE);
    browser.open("#/");
    browser.find("textbox", "Terminal").focus();
    run(&browser, "docker commit web1");
    browser.wait(
        "the id on one line",
        "document.querySelector('.lab .id')?.getBoundingClientRect().height < 22",
    );
    let whole = "(() => { const s = document.querySelector('.choose select'); return s.scrollWidth <= s.clientWidth && \
                 s.getBoundingClientRect().right <= innerWidth })()";
    browser.wait("the whole of it as the subject", whole);
    run(&browser, "docker commit web1 registry.example.com:5000/team/shop-frontend:2024-11-30");
    browser.wait("its name", "document.querySelector('.choose select')?.title.startsWith('registry')");
    let rows =
        "[...document.querySelectorAll('tr.sheet')].every((row) => row.getBoundingClientRect().height < 70)";
    browser.wait("rows of a common height", rows);
    assert_eq!(browser.eval("return document.documentElement.scrollWidth <= innerWidth"), json!(true));
}

#[test]
fn three_layers_are_in_sight_in_every_window() {
    let browser = Browser::start(Look::DESK);
    for look in SIZES {
        browser.look(look);
        browser.open("#/lessons");
        browser.open("#/");
        browser.wait("the layers to be drawn", "document.querySelector('.grid td')");
        let whole = "const place = document.querySelector('.sheets').getBoundingClientRect(); \
                     return [...document.querySelectorAll('.grid tbody tr')].filter(r => { const b = r.getBoundingClientRect(); \
                     return b.top >= place.top - 1 && b.bottom <= place.bottom + 1 }).length";
        let rows = browser.eval(whole).as_u64().expect("a number");
        assert!(rows >= 3, "{rows} layers in sight at {}×{}", look.width, look.height);
    }
}

#[test]
fn on_a_phone_a_lessons_line_shows_what_it_did() {
    let browser = Browser::start(Look::PHONE);
    browser.open("#/lesson/whiteouts");
    browser.find("radio", "A character device 0:0").tap();
    browser.find("button", "Run docker exec web1 rm /etc/motd").tap();
    // The stack scrolls to what changed, which takes a few frames.
    let seen = "(() => { const e = document.querySelector('.grid .writable .whiteout .chip'); if (!e) return false; \
                const r = e.getBoundingClientRect(); \
                const top = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2); \
                return r.height > 10 && r.right <= innerWidth && e.contains(top) })()";
    browser.wait("the whiteout to be in sight beside the lesson", seen);
    // And below it, whole, the layer that still has the file.
    let rows = "[...document.querySelectorAll('.grid tbody tr')].filter((row) => row.offsetParent)";
    let whole = "(row) => row.getBoundingClientRect().bottom <= document.querySelector('.stage').getBoundingClientRect().bottom";
    for look in [Look::PHONE, Look { width: 720, height: 450, ..Look::DESK }] {
        browser.look(look);
        browser.wait(
            "three whole rows",
            &format!(
                "{rows}.length === 3 && {rows}.every({whole}) && {rows}[2].textContent.includes('nginx · 1')"
            ),
        );
    }
}

#[test]
fn a_stranger_is_told_what_this_is() {
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    let intro = browser.find("region", "The first minute").text();
    assert!(intro.contains("See which layer every file comes from."), "{intro}");
    assert_eq!(browser.eval("return document.title"), json!("Playground · Layerlab"));
    browser.wait("the story first", "document.querySelector('.inspector .path')?.innerText === '/etc/motd'");
    browser.find("list", "What the cells mean");
    browser.find("button", "1 Delete a file").click();
    browser.find("gridcell", "/etc/motd, web1, deleted");
    browser.find("button", "2 Look under it").click();
    browser.wait(
        "the whiteout to be listed",
        "/c-+ .* motd/.test(document.querySelector('[role=log]').innerText)",
    );
    browser.find("button", "3 Commit it").click();
    browser.find("gridcell", "/etc/motd, mine · 5, deleted");
    browser.find("button", "Put this away").click();
    browser.wait("it to be gone", "!document.querySelector('.intro')");
    browser.reload();
    assert_eq!(browser.eval("return document.querySelector('.intro')"), json!(null), "it stays away");
}

#[test]
fn every_screen_has_a_title_and_a_wrong_address_says_so() {
    let browser = Browser::start(Look::DESK);
    for (screen, title) in [
        ("#/lessons", "Lessons · Layerlab"),
        ("#/image", "Image · Layerlab"),
        ("#/lesson/whiteouts", "Deleting hides, it does not free · Layerlab"),
        ("#/nothing", "There is no such page · Layerlab"),
    ] {
        browser.open(screen);
        browser.wait(title, &format!("document.title === {title:?}"));
    }
    browser.find("alert", "");
    browser.eval("location.hash = '#/lesson/nothing'; return null");
    browser.wait(
        "a word about it",
        "document.querySelector('main [role=alert]')?.innerText.includes('“nothing”')",
    );
    browser.eval("location.hash = '#/'; return null");
    browser.wait("the playground", "document.title === 'Playground · Layerlab'");
    browser.find("textbox", "Terminal").focus();
    run(&browser, "docker ps");
}
