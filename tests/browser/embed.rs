//! Labs in somebody else's page: three in a page of another origin, one of them where storage is blocked.

use std::time::Instant;

use layerlab_tests::browser::{Browser, Look};
use layerlab_tests::files::Files;
use serde_json::{Value, json};

use crate::axe::{axe, violations};
use crate::view::{has_focus, says};

/// Storage is blocked in the lab whose address has this.
const BLOCKED: &str = "if (location.search.includes('theme=light')) { \
    for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) \
      Object.defineProperty(window, name, {get() { throw new DOMException('denied', 'SecurityError'); }}); \
    Object.defineProperty(Navigator.prototype, 'storage', {get() { throw new DOMException('denied', 'SecurityError'); }}); \
    Object.defineProperty(Navigator.prototype, 'locks', {get() { throw new DOMException('denied', 'SecurityError'); }}); }";

/// A page that hears its labs.
const PAGE: &str = r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>Docs</title>
<script src="heard.js"></script><script src="LABlayer-lab.js" defer></script>
<main><h1>Docs</h1>
<layer-lab id="a" setup="docker pull -q nginx"><pre><code>$ docker run -d --name web nginx
0123456789ab
$ docker exec web rm /etc/motd
</code></pre></layer-lab>
<layer-lab id="b" theme="light" run="touch /root/mine"><pre><code>$ ls</code></pre></layer-lab>
<layer-lab id="c" lesson="whiteouts" lang="zh" when="press"><p>Deleting hides.</p></layer-lab>
</main></html>"#;

const HEARD: &str = "window.heard = []; for (const what of ['ready', 'ran', 'solved']) \
    addEventListener(what, ({target, detail}) => heard.push([target.id, what, detail]));";

/// The foreign page's host, and a lab that lets itself be framed by it.
fn foreign(look: Look) -> (tempfile::TempDir, Files, Browser) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = Files::start("/", folder.path());
    let browser = Browser::start_with(look, &["--embed", "https://docs.example.org", &files.origin()]);
    std::fs::write(folder.path().join("heard.js"), HEARD).expect("our own folder");
    std::fs::write(folder.path().join("index.html"), PAGE.replace("LAB", browser.base()))
        .expect("our own folder");
    (folder, files, browser)
}

fn heard(browser: &Browser, id: &str, what: &str) -> Value {
    let body = format!(
        "return heard.filter(([id, what]) => id === '{id}' && what === '{what}').map((one) => one[2])"
    );
    browser.eval(&body)
}

fn hears(browser: &Browser, id: &str, what: &str) {
    browser.wait_long(
        &format!("{id} to say {what}"),
        &format!("heard.some(([id, what]) => id === '{id}' && what === '{what}')"),
    );
}

#[test]
fn three_labs_in_a_foreign_page() {
    let (_folder, files, browser) = foreign(Look { width: 760, height: 1400, ..Look::DESK });
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({"source": BLOCKED}));
    browser.visit(&files.origin());
    for id in ["a", "b"] {
        hears(&browser, id, "ready");
    }
    let shown = "['a', 'b', 'c'].map((id) => { const lab = document.getElementById(id); return [\
                 lab.querySelectorAll('iframe').length, lab.firstElementChild.getBoundingClientRect().height > 0]; })";
    assert_eq!(
        browser.eval(&format!("return {shown}")),
        json!([[1, false], [1, false], [0, true]]),
        "two take their blocks' places, the third waits for its button"
    );
    assert!(
        !has_focus(&browser, "terminal")
            && browser.eval("return document.activeElement.tagName") == json!("BODY")
    );
    let high =
        browser.eval("return [...document.querySelectorAll('iframe')].map((frame) => frame.clientHeight)");
    let fits = |n: usize| (350..1200).contains(&high[n].as_u64().unwrap_or_default());
    assert!(fits(0) && fits(1), "{high}");

    // The block's lines have run, and what they changed is to be seen.
    browser.frame(Some(0));
    says(&browser, "docker exec web rm /etc/motd");
    browser.wait("the whiteout", "document.querySelector('[aria-label=\"/etc/motd, web, deleted\"]')");
    assert_eq!(browser.eval("return [!!document.querySelector('header, .inspector, .intro'), innerHeight >= document.querySelector('.app').clientHeight]"), json!([false, true]));
    browser.wait("the session to be saved", "document.querySelector('.bottom .saved')");
    type_line(&browser, "docker diff web | grep D");
    type_line(&browser, "docker diff nothing");
    browser.frame(None);
    browser.wait(
        "both lines to be told",
        "heard.filter(([id, what]) => id === 'a' && what === 'ran').length === 2",
    );
    let ran = json!([{"line": "docker diff web | grep D", "status": 0, "tick": 3}, {"line": "docker diff nothing", "status": 1, "tick": 4}]);
    assert_eq!(heard(&browser, "a", "ran"), ran);

    // Where storage is blocked all works, and it is said that nothing is kept.
    browser.frame(Some(1));
    type_line(&browser, "ls /root");
    says(&browser, "mine");
    browser.wait(
        "a word about it",
        "document.querySelector('.bottom [role=status]')?.innerText.startsWith('Nothing is kept')",
    );
    assert_eq!(browser.eval("return document.documentElement.dataset.theme"), json!("light"));
    browser.frame(None);

    // The third begins when it is pressed, is Chinese, and says when it is solved.
    browser.eval("document.querySelector('#c button').click(); return null");
    hears(&browser, "c", "ready");
    assert_eq!(browser.eval("return document.querySelectorAll('layer-lab button').length"), json!(0));
    browser.frame(Some(2));
    browser.wait("the lesson", "document.querySelector('.lesson h2')");
    assert_eq!(browser.eval("return document.documentElement.lang"), json!("zh"));
    solve(&browser);
    browser.frame(None);
    hears(&browser, "c", "solved");
    assert_eq!(heard(&browser, "c", "solved"), json!([{"lesson": "whiteouts"}]));

    // A page that is loaded anew finds what was done, except where nothing is kept.
    browser.visit(&files.origin());
    hears(&browser, "a", "ready");
    hears(&browser, "b", "ready");
    browser.frame(Some(0));
    says(&browser, "docker diff web | grep D");
    browser.eval("[...document.querySelectorAll('.bottom button')].find((b) => b.innerText === 'Start over').click(); return null");
    browser.wait("the beginning", "!document.querySelector('[role=log]').innerText.includes('docker diff')");
    browser.frame(None);
    browser.frame(Some(1));
    says(&browser, "touch /root/mine");
    assert_eq!(
        browser.eval("return document.querySelector('[role=log]').innerText.includes('ls /root')"),
        json!(false)
    );
}

/// Types a line into the lab of the frame that scripts run in, and waits until it is done.
fn type_line(browser: &Browser, line: &str) {
    let line = serde_json::to_string(line).expect("text is JSON");
    browser.eval(&format!(
        "const area = document.getElementById('terminal'); area.focus(); area.value = {line}; \
         area.dispatchEvent(new InputEvent('input', {{bubbles: true}})); \
         area.dispatchEvent(new KeyboardEvent('keydown', {{key: 'Enter', bubbles: true, cancelable: true}})); return null"
    ));
    browser.wait(
        &format!("{line} to be done"),
        &format!(
            "document.querySelector('[role=log]').innerText.includes({line}) && \
                  document.documentElement.dataset.ready === 'true' && !document.querySelector('.ask.busy')"
        ),
    );
}

/// Does every step of the lesson, as a person who asks for each solution.
fn solve(browser: &Browser) {
    for _ in 0..60 {
        let done = browser.eval(
            "if (document.querySelector('.lesson .finished')) return true; \
             const now = document.querySelector('.lesson .now'); if (!now) return false; \
             const press = [...now.querySelectorAll('.cmd:not(:disabled)'), now.querySelector('.choice input:not(:checked):not(:disabled)'), \
                            now.querySelector('.link'), now.querySelector('.check .btn')].filter(Boolean); \
             for (const one of press) one.click(); return false",
        );
        if done == json!(true) {
            return;
        }
        browser.wait("the line to end", "!document.querySelector('.ask.busy')");
        browser.eval("return new Promise((done) => setTimeout(() => done(true), 200))");
    }
    panic!(
        "the lesson is not solved: {}",
        browser.eval("return document.querySelector('.lesson').innerText")
    );
}

#[test]
fn nobody_frames_the_page_unless_it_is_named() {
    let (folder, files, browser) = foreign(Look::DESK);
    // Another host of the same page is no named origin.
    let other = Files::start("/", folder.path());
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({"source": "window.setTimeout = ((real) => (f, ms) => real(f, ms === 20000 ? 2000 : ms))(setTimeout)"}));
    browser.visit(&other.origin());
    browser.wait("a plain link", "document.querySelector('#a > a')");
    let block = "const a = document.getElementById('a'); return [a.querySelectorAll('iframe').length, \
                 a.querySelector('pre').clientHeight > 0, new URL(a.querySelector('a').href).searchParams.get('run')]";
    let run = "docker run -d --name web nginx\ndocker exec web rm /etc/motd";
    assert_eq!(browser.eval(block), json!([0, true, run]), "the block stays, and leads to the lab");
    let link = browser.eval("return document.querySelector('#a > a').href");
    drop(files);

    // The link's page is the whole lab with those lines, beside one's own work.
    browser.visit(link.as_str().expect("an address"));
    browser.wait_long("the prompt to take input", "document.documentElement.dataset.ready === 'true'");
    says(&browser, "docker exec web rm /etc/motd");
    browser.find("button", "Session");
    assert_eq!(browser.eval("return document.querySelector('.ticks').dataset.ticks"), json!("2"));
    browser.open("#/");
    browser.wait("one's own session", "document.querySelector('.ticks')?.dataset.ticks === '0'");
}

#[test]
fn an_embedded_lab_has_no_violation() {
    let axe = axe();
    let browser = Browser::start(Look::DESK);
    let mut found = Vec::new();
    for (width, height) in [(720, 700), (390, 640), (1300, 700)] {
        for dark in [false, true] {
            browser.look(Look { width, height, dark, ..Look::DESK });
            for asked in [
                "setup=docker%20pull%20-q%20nginx&run=docker%20run%20-d%20nginx",
                "lesson=whiteouts",
                "run=ls&lang=zh",
            ] {
                browser.open(&format!("?embed&{asked}"));
                browser.wait("the screen", "document.querySelector('.stage')");
                let wide = browser.eval("return document.documentElement.scrollWidth > innerWidth");
                let here = format!("{asked} {width} {}", if dark { "dark" } else { "light" });
                assert_eq!(wide, json!(false), "{here} scrolls sideways");
                found.extend(violations(&browser, &axe).into_iter().map(|v| format!("{here}: {v}")));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn an_embedded_lab_is_there_soon() {
    let (_folder, files, browser) = foreign(Look { width: 760, height: 700, ..Look::DESK });
    let mut times = Vec::new();
    for _ in 0..3 {
        let before = Instant::now();
        browser.visit(&files.origin());
        hears(&browser, "a", "ready");
        times.push(before.elapsed().as_millis());
    }
    let best = times.iter().min().copied().unwrap_or_default();
    assert!(best < 4000, "an embed's first load takes {times:?} ms");
}
