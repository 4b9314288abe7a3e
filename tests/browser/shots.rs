//! Screenshots of each screen × size × theme × language, for people to look at: `cargo xtask shots`.

use std::path::Path;

use layerlab_tests::browser::{Browser, Look};

use crate::axe::SCREENS;
use crate::view::run;

#[test]
#[ignore = "makes pictures for people: cargo xtask shots"]
fn shots() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shots");
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
                    browser.wait("the screen to be drawn", "document.querySelector('.grid, .lessons li')");
                    let name = screen.trim_matches(['#', '/']).replace('/', "-");
                    let name = if name.is_empty() { "playground" } else { &name };
                    let theme = if dark { "dark" } else { "light" };
                    browser
                        .screenshot(&folder.join(format!("{name}-{width}x{height}-{theme}-{language}.png")));
                }
            }
        }
    }
}
