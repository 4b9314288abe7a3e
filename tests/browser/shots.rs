//! Screenshots of each screen × size × theme × language, for people to look at: `cargo xtask shots`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use layerlab_tests::browser::{Browser, Look};

use crate::scenes::{README, SCENES, Scene};

/// What the screens are looked at in: a desk's screen, a small one, a phone's, a laptop's at 200 %.
const SIZES: [(u32, u32); 4] = [(1440, 900), (1024, 768), (390, 844), (720, 450)];
const LANGUAGES: [&str; 2] = ["en", "zh"];

/// Resolves when everything that was asked for is drawn and no animation runs.
const DRAWN: &str = "return document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))\
    .then(() => Promise.allSettled(document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime < Infinity).map((a) => a.finished)))\
    .then(() => null)";

#[test]
#[ignore = "makes pictures for people: cargo xtask shots"]
fn shots() {
    let wanted = std::env::var("LAYERLAB_SHOTS").unwrap_or_default();
    let wanted: Vec<&str> = wanted.split_whitespace().collect();
    if wanted == ["readme"] {
        return readme();
    }
    let known: Vec<&str> = SCENES.iter().map(|scene| scene.name).collect();
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(name)) {
        panic!("there is no screen {unknown}; there are {}, and readme", known.join(", "));
    }
    let folder = folder();
    for scene in SCENES.iter().filter(|scene| wanted.is_empty() || wanted.contains(&scene.name)) {
        for language in LANGUAGES {
            shoot(scene, language, &folder);
        }
    }
    index(&folder);
}

/// Where the pictures lie: target/shots.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in target").join("shots")
}

fn shoot(scene: &Scene, language: &'static str, folder: &Path) {
    let files = tempfile::tempdir().expect("a temporary folder");
    let browser = Browser::start(Look { language, ..Look::DESK });
    (scene.prepare)(&browser, files.path());
    for (width, height) in SIZES.into_iter().filter(|(width, _)| !scene.narrow || *width < 861) {
        for dark in [false, true] {
            browser.look(Look { width, height, dark, language, touch: width < 500 });
            browser.eval(DRAWN);
            browser.screenshot(&folder.join(file(scene.name, (width, height), dark, language)));
        }
    }
}

fn file(name: &str, (width, height): (u32, u32), dark: bool, language: &str) -> String {
    format!("{name}-{width}x{height}-{}-{language}.png", if dark { "dark" } else { "light" })
}

/// The two pictures of README.md.
fn readme() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let browser = Browser::start(Look::DESK);
    (README.prepare)(&browser, &docs);
    for dark in [false, true] {
        browser.look(Look { width: 864, height: 722, dark, ..Look::DESK });
        browser.eval(DRAWN);
        let picture = docs.join(format!("playground-{}.png", if dark { "dark" } else { "light" }));
        browser.screenshot(&picture);
        let size = std::fs::metadata(&picture).expect("it was written").len();
        assert!(size <= 150_000, "{} is of {size} bytes, more than 150,000", picture.display());
    }
}

/// Writes a page that shows the pictures beside each other: a row a screen and size, a column a theme and language.
fn index(folder: &Path) {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Screens</title><style>\
         body { font: 14px system-ui; background: #777; margin: 12px } div { display: flex; gap: 8px; align-items: start } \
         img { width: 24vw; display: block } h2 { margin: 18px 0 4px }</style>\n",
    );
    for scene in SCENES {
        for size in SIZES {
            let looks = LANGUAGES.iter().flat_map(|language| [(*language, false), (*language, true)]);
            let names: Vec<String> = looks
                .map(|(language, dark)| file(scene.name, size, dark, language))
                .filter(|name| folder.join(name).exists())
                .collect();
            if names.is_empty() {
                continue;
            }
            // Writing to a string cannot fail.
            let _ = writeln!(page, "<h2>{} · {}×{}</h2><div>", scene.name, size.0, size.1);
            for name in names {
                let _ = writeln!(
                    page,
                    "<a href=\"{name}\"><img loading=\"lazy\" src=\"{name}\" alt=\"{name}\"></a>"
                );
            }
            page.push_str("</div>\n");
        }
    }
    std::fs::write(folder.join("index.html"), page).expect("the folder of the pictures");
}
