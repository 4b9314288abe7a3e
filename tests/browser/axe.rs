//! axe-core finds nothing against WCAG 2.2 A and AA, on each screen in both themes.

use std::path::Path;

use layerlab_tests::browser::{Browser, Look};
use serde_json::{Value, json};

use crate::view::{MOTD, cell, run};

/// axe-core's own text, of npm's package.
pub(crate) fn axe() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&file).unwrap_or_else(|_| {
        panic!("{} is missing: npm ci --prefix tests/browser (cargo xtask test does it)", file.display())
    })
}

/// What axe-core holds against the page as it stands.
pub(crate) fn violations(browser: &Browser, axe: &str) -> Vec<String> {
    // Not through eval(), which the page's policy forbids: the debugger's own way in.
    browser.cdp("Runtime.evaluate", &json!({"expression": axe}));
    // A colour on its way to another is no colour of the page.
    let run = "Promise.allSettled(document.getAnimations().filter(a => a.effect.getComputedTiming().endTime < Infinity)\
               .map(a => a.finished)).then(() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})).then(found => \
               found.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html.slice(0, 200) + ' ' + n.failureSummary)))";
    let found = browser
        .cdp("Runtime.evaluate", &json!({"expression": run, "awaitPromise": true, "returnByValue": true}));
    let Value::Array(found) = &found["result"]["value"] else { panic!("axe-core said nothing: {found}") };
    found.iter().map(|v| v.as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn no_violation_on_any_screen_in_any_theme() {
    let axe = axe();
    let browser = Browser::start(Look::DESK);
    let mut found = Vec::new();
    for look in
        [Look::DESK, Look { width: 1024, height: 768, ..Look::DESK }, Look { touch: false, ..Look::PHONE }]
    {
        for dark in [false, true] {
            browser.look(Look { dark, ..look });
            for screen in SCREENS {
                browser.open("#/lessons");
                browser.open(screen);
                if *screen == "#/" && !browser.has("gridcell", "/etc/motd, web1, deleted") {
                    browser.find("textbox", "Terminal").focus();
                    run(&browser, "docker exec web1 rm /etc/motd");
                    cell(&browser, MOTD, "web1", "deleted");
                }
                let here = format!(
                    "{screen} {}×{} {}",
                    look.width,
                    look.height,
                    if dark { "dark" } else { "light" }
                );
                found.extend(violations(&browser, &axe).into_iter().map(|v| format!("{here}: {v}")));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_violation_with_the_menu_of_sessions_open() {
    let axe = axe();
    let browser = Browser::start(Look::DESK);
    let mut found = Vec::new();
    browser.open("#/");
    run(&browser, "touch /root/one");
    for look in [Look::DESK, Look { touch: false, ..Look::PHONE }] {
        for dark in [false, true] {
            browser.look(Look { dark, ..look });
            browser.reload();
            browser.find("button", "Session").click();
            browser.find("menu", "Session");
            browser.wait("the room that is left", "document.querySelector('.room')");
            let here = format!("{} {}", look.width, if dark { "dark" } else { "light" });
            found.extend(violations(&browser, &axe).into_iter().map(|v| format!("{here}: {v}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every screen that there is.
pub(crate) const SCREENS: &[&str] = &["#/", "#/lesson/whiteouts", "#/lessons", "#/image"];
