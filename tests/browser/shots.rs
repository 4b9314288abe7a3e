//! Screenshots of each screen × size × theme × language, for people to look at: `cargo xtask shots`.

use std::path::{Path, PathBuf};

use layerlab_tests::archive::rich;
use layerlab_tests::browser::{Browser, Look};
use serde_json::json;

use crate::axe::SCREENS;
use crate::view::{import, run};

#[test]
#[ignore = "makes pictures for people: cargo xtask shots"]
fn shots() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shots");
    let files = tempfile::tempdir().expect("a temporary folder");
    for language in ["en", "zh"] {
        let browser = Browser::start(Look { language, ..Look::DESK });
        browser.open("#/");
        browser.eval("document.getElementById('terminal').focus(); return null");
        for line in
            ["docker exec web1 rm /etc/motd", "docker exec web1 sh -c 'echo hi > /notes'", "docker diff web1"]
        {
            run(&browser, line);
        }
        for (width, height) in [(1440, 900), (1024, 768), (390, 844)] {
            for dark in [false, true] {
                browser.look(Look { width, height, dark, language, touch: width < 500 });
                for screen in SCREENS {
                    browser.open(screen);
                    browser.wait(
                        "the screen to be drawn",
                        "document.querySelector('.grid, .lessons li, .welcome')",
                    );
                    let name = screen.trim_matches(['#', '/']).replace('/', "-");
                    let name = if name.is_empty() { "playground" } else { &name };
                    let theme = if dark { "dark" } else { "light" };
                    browser
                        .screenshot(&folder.join(format!("{name}-{width}x{height}-{theme}-{language}.png")));
                }
                imported(&browser, files.path(), |tab| {
                    let theme = if dark { "dark" } else { "light" };
                    folder.join(format!("image-{tab}-{width}x{height}-{theme}-{language}.png"))
                });
                // The image is in the page's memory alone: without it the empty screen is seen again.
                browser.reload();
            }
        }
    }
}

/// The image screen's parts, with an image laid out.
fn imported(browser: &Browser, files: &Path, shot: impl Fn(&str) -> PathBuf) {
    import(browser, files, "shop.tar", &rich());
    browser.eval("document.querySelector('[title=\"/etc/motd\"]').click(); return null");
    browser.wait("a path to be explained", "document.querySelector('.image-screen .why li')");
    browser.wait("its content", "document.querySelector('.content pre')");
    for tab in ["files", "layers", "path", "waste", "secrets", "history", "documents"] {
        let is_there = format!("return document.querySelector('.to-{tab}').offsetParent !== null");
        if browser.eval(&is_there) == json!(true) {
            browser.eval(&format!("document.querySelector('.to-{tab}').click(); return null"));
            browser.wait(
                "the part to be drawn",
                &format!("document.querySelector('.image-screen').dataset.tab === '{tab}'"),
            );
            browser.screenshot(&shot(tab));
        }
    }
}
