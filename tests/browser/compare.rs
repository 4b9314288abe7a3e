//! The image screen: two images or layers compared by content, files taken out, pictures, hard links, bytes drawn.

use std::path::Path;

use layerlab_tests::archive::{Layer, docker_save};
use layerlab_tests::browser::{Browser, Look};
use serde_json::json;

use crate::own::{catch, tells};
use crate::view::{import, tab_to};

/// A picture of one red point.
const POINT: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0,
    0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63,
    0xf8, 0xcf, 0xc0, 0, 0, 3, 1, 1, 0, 0xc9, 0xfe, 0x92, 0xef, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae,
    0x42, 0x60, 0x82,
];

/// Two layers; a file of the second has the same size and time in both images, and another content.
fn image(content: &[u8], port: &str) -> Vec<u8> {
    let mut base = Layer::new();
    base.dir("srv", 0o755).file("srv/same", 0o644, b"same\n").file("srv/point.png", 0o644, POINT);
    base.file("srv/big", 0o644, &vec![b'x'; 300_000]).hard_link("srv/linked", "srv/same");
    let mut site = Layer::new();
    site.dir("srv", 0o755).file("srv/build", 0o644, content).file("srv/big", 0o644, b"small\n");
    docker_save("shop:1", &[("ADD base", base.done()), ("ADD site", site.done())], &[port])
}

fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("layerlab-compare-").tempdir().expect("a temporary folder")
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let file = folder.join(name);
    std::fs::write(&file, bytes).expect("our own folder");
    file
}

#[test]
fn two_images_and_two_layers_are_compared_by_what_is_in_their_files() {
    let files = folder();
    let browser = Browser::start(Look::DESK);
    browser.open("#/image");
    import(&browser, files.path(), "one.tar", &image(b"build 1\n", "PORT=80"));
    browser.find("button", "Compare").click();
    let other = write(files.path(), "two.tar", &image(b"build 2\n", "PORT=81"));
    browser.pick_for("other-archive", &other);
    tells(&browser, ".compared", "Compared with shop:1 (two.tar)");
    tells(&browser, ".compared", "0 paths more (0 B), 1 changed, 0 less (0 B).");
    tells(&browser, ".compared", "1 in both");
    let cells = "[...document.querySelectorAll('.compared td')].map((cell) => cell.innerText.trim())";
    let told = browser.eval(&format!("return {cells}")).to_string();
    for part in ["Env PORT", "80", "81", "/srv/build", "content"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    // The same image again differs in nothing; a broken one is said, and what was there stays.
    let same = write(files.path(), "same.tar", &image(b"build 1\n", "PORT=80"));
    browser.pick_for("other-archive", &same);
    tells(&browser, ".compared", "Nothing differs.");
    let broken = write(files.path(), "broken.tar", b"no archive");
    browser.pick_for("other-archive", &broken);
    tells(&browser, ".compared [role=alert]", "archive");
    // Layers, by keyboard.
    tab_to(&browser, "the second layer", "e.name === 'second-layer'");
    tab_to(&browser, "the button", "e.innerText === 'Compare' && e.closest('.pairs')");
    browser.press("Enter");
    tells(&browser, ".compared h3", "Layer 1 and layer 2");
    tells(&browser, ".compared", "1 path more (8 B), 1 changed");
    tells(&browser, ".compared", "/srv/point.png");
    browser.eval(
        "[...document.querySelectorAll('.compared .link')].find((link) => link.innerText.includes('big')).click(); return null",
    );
    tells(&browser, ".inspector .path", "/srv/big");
}

#[test]
fn a_file_is_taken_out_a_picture_is_seen_and_a_hard_link_says_so() {
    let files = folder();
    let browser = Browser::start(Look::DESK);
    browser.open("#/image");
    import(&browser, files.path(), "one.tar", &image(b"build 1\n", "PORT=80"));
    catch(&browser);
    browser.find("row", "/srv/big, from layer 2").click();
    browser.find("button", "Layer 1 added, hidden, 300 kB").click();
    tells(&browser, ".content", "16.4 kB of 300 kB");
    // Whole, however much of it is shown.
    browser.find("button", "Save").click();
    browser.wait("the file", "window.givenName === 'big' && window.bytes?.length === 300000");
    browser.find("row", "/srv/linked, from layer 1").click();
    tells(&browser, ".held", "hard link: the same file as /srv/same");
    browser.wait("marks", "document.querySelectorAll('.mx .linked').length === 2");
    browser.find("row", "/srv/point.png, from layer 1").click();
    browser.find("image", "Picture: point.png");
    browser.wait("the picture", "document.querySelector('.content img')?.naturalWidth === 1");
    browser.find("button", "Hex").click();
    tells(&browser, ".content pre", "89 50 4e 47");
}

#[test]
fn bytes_of_each_layer_are_drawn_and_said_on_a_phone_in_chinese() {
    let files = folder();
    let browser = Browser::start(Look { language: "zh", touch: false, ..Look::PHONE });
    browser.open("#/image");
    import(&browser, files.path(), "one.tar", &image(b"build 1\n", "PORT=80"));
    browser.find("button", "大小").click();
    tells(&browser, ".list", "300 kB");
    let row = "[...document.querySelectorAll('.list tbody tr')].map((row) => [...row.children].map((cell) => cell.innerText.trim()))";
    let rows = browser.eval(&format!("return {row}"));
    assert_eq!(rows[1][2], json!("300 kB"), "{rows}");
    assert_eq!(browser.eval("return document.querySelectorAll('.chart g').length"), json!(2));
    assert_eq!(browser.eval("return document.documentElement.scrollWidth - innerWidth"), json!(0));
    browser.find("button", "比较").click();
    browser.eval("document.querySelector('.pairs button').click(); return null");
    tells(&browser, ".compared", "/srv/point.png");
    assert_eq!(browser.eval("return document.documentElement.scrollWidth - innerWidth"), json!(0));
    browser.find("button", "配置").click();
    tells(&browser, ".settings", "PORT");
}
