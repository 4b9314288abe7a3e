//! Images that a person imports: read in the browser, laid out, looked into, run; broken ones refused by name.

use std::io::Write;
use std::path::Path;

use base64::Engine;
use layerlab_tests::archive::{NAME, STUB, docker_save, rich, three_layers};
use layerlab_tests::browser::{Browser, Look};
use layerlab_tests::layout::{Layout, Stored, gzip};
use serde_json::json;

use crate::axe::{axe, violations};
use crate::view::{import, not_early, says, tab_to};

fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("layerlab-image-").tempdir().expect("a temporary folder")
}

/// Waits until a part of the page says this.
fn tells(browser: &Browser, part: &str, text: &str) {
    let text = serde_json::to_string(text).expect("text is JSON");
    browser.wait(
        &format!("{part} to say {text}"),
        &format!("document.querySelector('{part}')?.innerText.includes({text})"),
    );
}

/// The layers' tars of the three-layer image.
fn tars() -> Vec<Vec<u8>> {
    let archive = three_layers(STUB);
    let mut archive = tar::Archive::new(&archive[..]);
    let mut found = Vec::new();
    for entry in archive.entries().expect("a tar") {
        let mut entry = entry.expect("an entry");
        if entry.path().expect("a path").ends_with("layer.tar") {
            let mut data = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut data).expect("our own bytes");
            found.push(data);
        }
    }
    found
}

#[test]
fn a_docker_archive_is_laid_out_and_a_path_explained() {
    let files = folder();
    let browser = Browser::start(Look::DESK);
    browser.open("#/");
    browser.find("button", "Import image");
    let archive = three_layers(STUB);
    import(&browser, files.path(), "three.tar", &archive);
    assert_eq!(browser.eval("return location.hash"), json!("#/image"));
    browser.find("treegrid", "Files by layer");
    tells(&browser, ".image-head", NAME);
    tells(&browser, ".image-layers", "ADD base");
    let id = layerlab_tests::archive::image_id(&archive);
    browser.find("button", "Config").click();
    tells(&browser, ".pane", &id);
    tells(&browser, ".pane", "\"created_by\": \"/bin/sh -c RUN third\"");
    browser.find("button", "Files").click();
    // Where layers meet is unfolded at first.
    browser.find("gridcell", "/etc/motd, layer 2, changed, seen");
    browser.find("gridcell", "/etc/conf.d/b, layer 2, deleted, whiteout");
    browser.find("gridcell", "/var/cache, layer 3, changed, opaque");
    browser.find("gridcell", "/var/cache/old1, layer 3, deleted, gone with its directory");
    browser.find("row", "/etc/motd, from layer 2").click();
    tells(&browser, ".inspector .path", "/etc/motd");
    tells(&browser, ".why", "not looked at: file, 6 B, out of sight");
    tells(&browser, ".content pre", "second");
    browser.find("button", "Layer 1 added, hidden, 6 B").click();
    tells(&browser, ".content pre", "first");
    browser.find("button", "Hex").click();
    tells(&browser, ".content pre", "66 69 72 73 74 0a");
    browser.find("button", "Out of sight").click();
    tells(&browser, ".pane", "/var/cache/old2");
}

#[test]
fn an_oci_archive_with_compressed_layers_has_a_choice_of_platforms() {
    let files = folder();
    let browser = Browser::start(Look::DESK);
    browser.open("#/image");
    let tars = tars();
    let stored = |how: [Stored; 3]| tars.iter().cloned().zip(how).collect::<Vec<_>>();
    let layout = Layout::default()
        .image("1.0", ("linux", "amd64"), &stored([Stored::Gzip(900), Stored::Zstd, Stored::Plain]))
        .image("1.0", ("linux", "arm64"), &stored([Stored::Zstd, Stored::Gzip(1 << 20), Stored::Zstd]));
    let file = files.path().join("oci.tar");
    std::fs::write(&file, layout.tar()).expect("our own folder");
    browser.pick(&file);
    tells(&browser, ".welcome", "oci.tar holds 2 images");
    browser.eval("document.querySelectorAll('.choices button')[1].click(); return null");
    tells(&browser, ".image-head dl", "linux/arm64");
    tells(&browser, ".image-head", "Docker 20.10, which the playground has, cannot load it");
    browser.find("row", "/etc/motd, from layer 2").click();
    tells(&browser, ".content pre", "second");
    // The other platform, from the archive that is open.
    browser.eval(
        "const s = document.querySelector('.image-head select'); s.value = '0'; \
                  s.dispatchEvent(new Event('change', {bubbles: true})); return null",
    );
    tells(&browser, ".image-head dl", "linux/amd64");
    browser.find("row", "/etc/motd, from layer 2").click();
    tells(&browser, ".content pre", "second");
    // The whole file compressed too: it is expanded on the page's own disk.
    import(&browser, files.path(), "whole.tar.gz", &gzip(&three_layers(STUB), 4096));
    tells(&browser, ".image-head", NAME);
}

#[test]
fn what_is_broken_is_refused_by_name_and_takes_nothing_away() {
    let files = folder();
    let browser = Browser::start(Look::DESK);
    browser.open("#/image");
    let broken = |name: &str, bytes: &[u8], why: &str| {
        let file = files.path().join(name);
        std::fs::write(&file, bytes).expect("our own folder");
        browser.pick(&file);
        tells(&browser, ".news", &format!("{name} cannot be used:"));
        tells(&browser, ".news", why);
    };
    broken("text.tar", b"no archive at all", "archive: ");
    import(&browser, files.path(), "three.tar", &three_layers(STUB));
    // One byte of a layer's content: its diff id is not the promised one, and the layer is named.
    let mut archive = three_layers(STUB);
    let at = archive.windows(7).position(|bytes| bytes == b"second\n").expect("the content");
    archive[at] = b'S';
    broken("flipped.tar", &archive, "layer.tar: ");
    broken("flipped.tar", &archive, "expected sha256:");
    let short = &archive[..archive.len() / 2];
    broken("short.tar", short, "archive: ");
    tells(&browser, ".image-head", "three.tar");
    browser.find("row", "/etc/motd, from layer 2").click();
    tells(&browser, ".content pre", "second");
}

/// An archive of one layer with one file of so many megabytes.
fn large(file: &Path, megabytes: usize) {
    let mut layer = layerlab_tests::archive::Layer::new();
    layer.file("big", 0o644, &vec![7; megabytes << 20]);
    std::fs::File::create(file)
        .and_then(|mut out| out.write_all(&docker_save("big:1", &[("ADD big", layer.done())], &[])))
        .expect("our own folder");
}

#[test]
fn an_import_is_cancelled_in_the_middle_and_what_was_there_stays() {
    let files = folder();
    let browser = Browser::start(Look::DESK);
    browser.open("#/image");
    import(&browser, files.path(), "three.tar", &three_layers(STUB));
    let file = files.path().join("big.tar");
    large(&file, 200);
    browser.eval("document.getElementById('import-file').addEventListener('change', () => { \
                  const cancel = () => { const bar = document.querySelector('.importing progress'); \
                  if (bar && bar.value > 1e6) { window.at = bar.value; document.querySelector('.importing .btn').click(); } \
                  else requestAnimationFrame(cancel); }; cancel(); }); return null");
    browser.pick(&file);
    browser.wait("the import to be cancelled", "window.at && !document.querySelector('.importing')");
    let at = browser.eval("return window.at").as_f64().expect("a number");
    assert!(at < 200e6, "cancelled at {at} bytes");
    tells(&browser, ".image-head", "three.tar");
    // The reader has stopped: it answers at once, and reads the next archive.
    browser.find("row", "/etc/motd, from layer 2").click();
    tells(&browser, ".content pre", "second");
    import(&browser, files.path(), "again.tar", &three_layers(STUB));
    assert!(!browser.has("progressbar", "Importing"));
}

#[test]
fn progress_is_told_while_a_large_archive_is_read() {
    let files = folder();
    let browser = Browser::start(Look::DESK);
    browser.open("#/image");
    let file = files.path().join("big.tar");
    large(&file, 120);
    browser.pick(&file);
    browser.find("progressbar", "Importing");
    browser.find("button", "Cancel");
    tells(&browser, ".importing", "reading layer 1 of 1");
    tells(&browser, ".importing", "of 126 MB");
    tells(&browser, ".image-head", "too much for the playground");
}

#[test]
fn a_container_runs_on_an_imported_image() {
    let files = folder();
    let browser = Browser::start(Look::DESK);
    browser.open("#/image");
    import(&browser, files.path(), "three.tar", &three_layers(STUB));
    browser.find("button", "Run a container on it").click();
    says(&browser, "Loaded image: lab:three");
    says(&browser, "docker run -dit lab:three");
    let rows = "[...document.querySelectorAll('.stage .grid th')].map(row => row.textContent)";
    browser.wait("the image's layers", &format!("{rows}.some(row => row.includes('lab:three · 3'))"));
}

#[test]
fn a_file_dropped_anywhere_waits_for_what_reads_it() {
    let browser = Browser::start(Look::DESK);
    browser.slow(true);
    browser.open("#/");
    // The prompt takes input, and what reads images is still on its way.
    let data = base64::engine::general_purpose::STANDARD.encode(three_layers(STUB));
    let drop = format!(
        "const bytes = Uint8Array.from(atob('{data}'), (c) => c.charCodeAt(0)); const carried = new DataTransfer(); \
         carried.items.add(new File([bytes], 'dropped.tar')); \
         const event = (name) => new DragEvent(name, {{dataTransfer: carried, bubbles: true, cancelable: true}}); \
         const log = document.querySelector('[role=log]'); \
         return [log.dispatchEvent(event('dragover')), log.dispatchEvent(event('drop'))]"
    );
    assert_eq!(browser.eval(&drop), json!([false, false]), "the browser must not open the file itself");
    browser.wait_long("the image to be laid out", "document.querySelector('.mx-row')");
    tells(&browser, ".image-head", "dropped.tar");
    not_early(&browser);
}

#[test]
fn a_tab_is_current_at_every_width() {
    let files = folder();
    let browser = Browser::start(Look::PHONE);
    browser.open("#/image");
    import(&browser, files.path(), "one.tar", &three_layers(STUB));
    let current = |names: &[&str]| {
        let tabs = "[...document.querySelectorAll('.image-tabs button')].filter((tab) => tab.offsetParent && \
                    tab.ariaPressed === 'true').map((tab) => tab.innerText)";
        browser.wait(
            &format!("{names:?} to be current"),
            &format!("JSON.stringify({tabs}) === {:?}", json!(names).to_string()),
        );
    };
    for tab in ["Path", "Image layers"] {
        browser.look(Look::PHONE);
        browser.find("button", tab).tap();
        current(&[tab]);
        // Where the path and the layers stand beside the files.
        browser.look(Look::DESK);
        current(&["Files"]);
    }
}

#[test]
fn the_keyboard_alone_walks_the_tree() {
    let files = folder();
    let browser = Browser::start(Look::DESK);
    browser.open("#/image");
    import(&browser, files.path(), "shop.tar", &rich());
    tab_to(&browser, "the matrix", "e.getAttribute('role') === 'treegrid'");
    let active = "document.querySelector('.mx-row.active .c-name').title";
    let at = |path: &str| browser.wait(path, &format!("{active} === {path:?}"));
    browser.press("Home");
    at("/bin");
    browser.press("ArrowRight");
    browser.wait("/bin to be unfolded", "document.querySelector('.mx-row.active').ariaExpanded === 'true'");
    browser.press("ArrowRight");
    at("/bin/busybox");
    tells(&browser, ".inspector .path", "/bin/busybox");
    browser.press("ArrowLeft");
    at("/bin");
    browser.press("ArrowLeft");
    browser.wait("/bin to be folded", "document.querySelector('.mx-row.active').ariaExpanded === 'false'");
    browser.press("ArrowDown");
    at("/etc");
    browser.press("End");
    browser.wait(
        "the last row to be in sight",
        "(r => r && r.bottom <= innerHeight)(document.querySelector('.mx-row.active')?.getBoundingClientRect())",
    );
    // What does not fit is scrolled to, and the row that has the keyboard is named for assistive technology.
    browser.wait(
        "the row to be named",
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))",
    );
    tab_to(
        &browser,
        "the content",
        "e.closest('.content') && e.textContent === 'Hex' || e.closest('.inspector')",
    );
}

#[test]
fn names_that_mislead_are_shown_as_what_they_are() {
    let files = folder();
    let browser = Browser::start(Look::DESK);
    browser.open("#/image");
    import(&browser, files.path(), "shop.tar", &rich());
    browser.find("button", "Unfold all").click();
    browser.eval(
        "const i = document.querySelector('.filter input'); i.value = 'gnp'; \
                  i.dispatchEvent(new Event('input', {bubbles: true})); return null",
    );
    browser.find("row", "/srv/www/<b>\\u{202e}gnp.exe, from layer 5").click();
    tells(&browser, ".inspector .path", "/srv/www/<b>\\u{202e}gnp.exe");
    tells(&browser, ".content pre", "89 50 4e 47");
    browser.find("button", "Secrets").click();
    tells(&browser, ".pane", "deleted, and still in the image");
    tells(&browser, ".pane", "DB_PASSWORD");
}

#[test]
fn no_violation_with_an_image_laid_out_in_any_theme() {
    let (axe, files) = (axe(), folder());
    let browser = Browser::start(Look::DESK);
    browser.open("#/image");
    let mut found = Vec::new();
    for look in
        [Look::DESK, Look { width: 1024, height: 768, ..Look::DESK }, Look { touch: false, ..Look::PHONE }]
    {
        for dark in [false, true] {
            browser.look(Look { dark, ..look });
            import(&browser, files.path(), "shop.tar", &rich());
            for tab in ["layers", "files", "path", "waste", "secrets", "history", "documents"] {
                browser.eval(&format!("document.querySelector('.to-{tab}').click(); return null"));
                browser.wait(
                    "the part",
                    &format!("document.querySelector('.image-screen').dataset.tab === '{tab}'"),
                );
                let here =
                    format!("{tab} {}×{} {}", look.width, look.height, if dark { "dark" } else { "light" });
                found.extend(violations(&browser, &axe).into_iter().map(|v| format!("{here}: {v}")));
            }
            assert_eq!(
                browser.eval("return document.documentElement.scrollWidth <= innerWidth"),
                json!(true),
                "nothing is wider than the screen"
            );
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
