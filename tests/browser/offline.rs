//! The page on a plain host of static files, under a path: with a network, without one, and when a newer version comes.

use std::fs;
use std::path::{Path, PathBuf};

use layerlab_tests::browser::{Browser, Look};
use layerlab_tests::files::Files;
use serde_json::json;

use crate::view::{holds, run, saved, says};

const UNDER: &str = "/docs/lab/";
const READY: &str = "document.documentElement.dataset.ready === 'true'";

/// The files of dist/ without those that are packed: what a plain host sends.
fn published(folder: &Path) -> PathBuf {
    let (dist, to) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist"), folder.join("first"));
    let mut open = vec![PathBuf::new()];
    while let Some(inner) = open.pop() {
        fs::create_dir_all(to.join(&inner)).expect("our own folder");
        for entry in fs::read_dir(dist.join(&inner)).expect("our own folder").flatten() {
            let (path, name) =
                (inner.join(entry.file_name()), entry.file_name().to_string_lossy().into_owned());
            if entry.path().is_dir() && name != "book" {
                open.push(path);
            } else if entry.path().is_file() && !is_packed(&path) {
                fs::copy(entry.path(), to.join(path)).expect("our own folder");
            }
        }
    }
    to
}

fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "gz" || end == "br")
}

/// A newer version of that: its start says so, and a lesson has another name.
fn newer(first: &Path) -> PathBuf {
    let second = first.with_file_name("second");
    let names = |folder: &str| -> Vec<String> {
        let entries = fs::read_dir(first.join(folder)).expect("our own folder").flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    let of = |folder: &str, start: &str| -> (String, String) {
        let name = names(folder).into_iter().find(|name| name.starts_with(start)).expect("our own folder");
        let (stem, end) = name.rsplit_once('.').expect("our own folder");
        let (stem, _) = stem.rsplit_once('-').expect("our own folder");
        let other = format!("{stem}-ffffffffffffffff.{end}");
        (name, other)
    };
    let (lesson, other_lesson) = of("lessons/en", "16-whiteouts-");
    let (boot, other_boot) = of("", "boot-");
    let mut open = vec![PathBuf::new()];
    while let Some(inner) = open.pop() {
        fs::create_dir_all(second.join(&inner)).expect("our own folder");
        for entry in fs::read_dir(first.join(&inner)).expect("our own folder").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() {
                open.push(inner.join(name));
                continue;
            }
            let to =
                second.join(&inner).join(name.replace(&lesson, &other_lesson).replace(&boot, &other_boot));
            let bytes = fs::read(entry.path()).expect("our own folder");
            let Ok(mut text) = String::from_utf8(bytes) else {
                fs::copy(entry.path(), to).expect("our own folder");
                continue;
            };
            text = text.replace(&lesson, &other_lesson).replace(&boot, &other_boot);
            if name == boot {
                text += "\nif (typeof document !== 'undefined') document.documentElement.dataset.version = '2';\n";
            }
            if name == "sw.js" {
                text = text.replacen("VERSION = \"", "VERSION = \"2", 1);
            }
            fs::write(to, text).expect("our own folder");
        }
    }
    second
}

/// Opens the page there and waits until it could go on without a network.
fn opened(browser: &Browser, files: &Files) {
    browser.visit(&format!("{}{UNDER}", files.origin()));
    browser.wait_long("the prompt to take input", READY);
    browser.wait_long("the page to be kept", "navigator.serviceWorker.controller");
}

#[test]
fn a_page_that_was_loaded_once_opens_without_a_network() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Files::start(UNDER, &published(folder.path()));
    let browser = Browser::start(Look::DESK);
    opened(&browser, &files);
    let elsewhere = format!(
        "return performance.getEntriesByType('resource').map((one) => one.name).filter((name) => !name.startsWith('{}{UNDER}'))",
        files.origin()
    );
    assert_eq!(browser.eval(&elsewhere), json!([]));
    browser.find("textbox", "Terminal").focus();
    run(&browser, "docker exec web1 rm /etc/motd");
    saved(&browser);

    files.stop();
    browser.reload();
    holds(&browser, 1);
    browser.find("textbox", "Terminal").focus();
    run(&browser, "docker pull -q redis");
    says(&browser, "docker.io/library/redis:latest");
    browser.eval("location.hash = '#/lesson/whiteouts'; return null");
    browser.wait("a lesson", "document.querySelector('.lesson h2')");
    browser.find("button", "Language").click();
    browser.wait("the other language", "document.documentElement.lang === 'zh'");
    browser
        .wait("the lesson in it", "/[\\u4e00-\\u9fff]/.test(document.querySelector('.lesson h2').innerText)");
}

#[test]
fn a_newer_version_waits_until_it_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let first = published(folder.path());
    let second = newer(&first);
    let mut files = Files::start(UNDER, &first);
    let browser = Browser::start(Look::DESK);
    opened(&browser, &files);
    browser.find("textbox", "Terminal").focus();
    run(&browser, "docker exec web1 rm /etc/motd");
    saved(&browser);

    files.publish(&second);
    // What the session has not used yet is still there, although the host has it no more.
    browser.eval("location.hash = '#/lesson/whiteouts'; return null");
    browser.wait("a lesson of this version", "document.querySelector('.lesson h2')");
    browser.eval("location.hash = '#/'; return null");
    holds(&browser, 1);
    browser.eval("navigator.serviceWorker.getRegistration().then((one) => one.update()); return null");
    let offered =
        "document.querySelector('.banner')?.innerText.includes('A newer version of Layerlab is here')";
    browser.wait_long("the newer version to be offered", offered);
    let version = || browser.eval("return document.documentElement.dataset.version ?? '1'");
    assert_eq!(version(), json!("1"));
    browser.find("button", "Later").click();
    browser.wait("the offer to go", "!document.querySelector('.banner')");
    run_here(&browser, "docker exec web1 touch /notes");
    saved(&browser);

    // Loading the page anew is not taking it; the button is.
    browser.reload();
    assert_eq!(version(), json!("1"));
    holds(&browser, 2);
    browser.wait_long("the newer version to be offered again", offered);
    browser.find("button", "Reload").click();
    browser.wait_long(
        "the newer version",
        &format!("document.documentElement.dataset.version === '2' && {READY}"),
    );
    holds(&browser, 2);
    says(&browser, "docker exec web1 touch /notes");

    files.stop();
    browser.reload();
    assert_eq!(version(), json!("2"), "it is whole without a network too");
    holds(&browser, 2);
}

fn run_here(browser: &Browser, line: &str) {
    browser.find("textbox", "Terminal").focus();
    run(browser, line);
}

#[test]
fn the_page_can_be_installed_as_an_app() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::start(UNDER, &published(folder.path()));
    let browser = Browser::start(Look::DESK);
    opened(&browser, &files);
    let manifest = browser.cdp("Page.getAppManifest", &json!({}));
    assert_eq!(manifest["errors"], json!([]), "{manifest}");
    let text: serde_json::Value = serde_json::from_str(manifest["data"].as_str().unwrap()).unwrap();
    assert_eq!((&text["name"], &text["display"]), (&json!("Layerlab"), &json!("standalone")));
    let start = "const link = document.querySelector('link[rel=manifest]').href; const all = await (await fetch(link)).json(); \
                 const icon = await fetch(new URL(all.icons[0].src, link)); \
                 return [new URL(all.start_url, link).pathname, new URL(all.scope, link).pathname, icon.ok]";
    assert_eq!(browser.eval(&format!("return (async () => {{ {start} }})()")), json!([UNDER, UNDER, true]));
}
