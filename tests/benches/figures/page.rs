//! The page's budgets: bytes until the prompt takes input, time until then, time from a key to its result.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use layerlab_tests::browser::{Browser, Look};
use serde_json::{Value, json};

use crate::Figure;

/// Notes when the prompt first took input, and for each Enter how long its result took to be drawn.
const WATCH: &str = "
  window.__times = [];
  const ready = () => {
    if (document.documentElement.dataset.ready === 'true') { window.__ready ??= performance.now(); return true; }
    return false;
  };
  new MutationObserver((_, me) => ready() && me.disconnect()).observe(document, {subtree: true, childList: true, attributes: true});
  addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    const start = event.timeStamp;
    const log = document.querySelector('[role=log]');
    const seen = new MutationObserver(() => {
      if (!log.textContent.includes('done ' + (window.__times.length + 1))) return;
      seen.disconnect();
      requestAnimationFrame(() => setTimeout(() => window.__times.push(performance.now() - start), 0));
    });
    seen.observe(log, {subtree: true, childList: true, characterData: true});
  }, true);
";

/// All figures of the page.
pub(crate) fn figures() -> Vec<Figure> {
    let mut figures = Vec::new();
    let browser = newcomer();
    browser.open("#/");
    figures.push(Figure {
        name: "prompt ready, unthrottled".into(),
        value: ready(&browser),
        budget: 800.0,
        unit: "ms",
    });
    let (all, wasm) = transfer(&browser);
    figures.push(Figure {
        name: "transfer until the prompt takes input".into(),
        value: all,
        budget: 500.0,
        unit: "kB",
    });
    figures.push(Figure {
        name: "of it WebAssembly (brotli)".into(),
        value: wasm,
        budget: 400.0,
        unit: "kB",
    });
    figures.push(Figure {
        name: "the same WebAssembly (gzip)".into(),
        value: gzipped(),
        budget: 480.0,
        unit: "kB",
    });
    figures.push(Figure {
        name: "times the first prompt waited for the rest".into(),
        value: early(&browser),
        budget: 0.0,
        unit: "",
    });
    figures.push(Figure {
        name: "key to result drawn, p95 of 60".into(),
        value: key_to_result(&browser),
        budget: 50.0,
        unit: "ms",
    });

    drop(browser);
    figures.extend(after_much_work());
    // On a slow line and a slow processor; of all loads that of a person who was never here before.
    let browser = newcomer();
    browser.slow(true);
    browser.open("#/");
    figures.push(Figure {
        name: "prompt ready, 4x slower, 1.6 Mbit/s".into(),
        value: ready(&browser),
        budget: 4000.0,
        unit: "ms",
    });
    figures.push(Figure {
        name: "times it waited for the rest there".into(),
        value: early(&browser),
        budget: 0.0,
        unit: "",
    });
    drop(browser);
    figures.extend(crate::import::figures());
    figures
}

/// Lines of a session that somebody has worked in for hours.
const LINES: usize = 440;

/// What a line, a reload and the page's document cost behind a long session.
fn after_much_work() -> Vec<Figure> {
    let browser = newcomer();
    browser.open("#/");
    browser.find("textbox", "Terminal").focus();
    let line = |n: usize| match n % 4 {
        0 => format!("echo {n} > /root/f{n}\n"),
        1 => "docker ps -a\n".to_owned(),
        2 => format!("docker exec web1 touch /root/f{n}\n"),
        _ => "ls -l /root\n".to_owned(),
    };
    let lines: String = (0..LINES).map(line).collect();
    browser.cdp("Input.insertText", &json!({"text": lines}));
    let done = |lines: usize| format!("document.querySelector('.ticks')?.dataset.ticks === '{lines}'");
    browser.wait_long("the lines to be done", &done(LINES));
    let key = key_to_result(&browser);
    browser.wait("the session to be saved", "document.querySelector('.bottom .saved')");
    browser.reload();
    browser.wait_long("the session to be there", &done(LINES + 60));
    let reload = ready(&browser);
    browser.find("textbox", "Terminal").focus();
    browser.keys("seq 20000");
    browser.press("Enter");
    browser.wait_long(
        "the end",
        "[...document.querySelectorAll('[role=log] .line')].at(-1)?.textContent === '20000'",
    );
    let count = "const walk = document.createTreeWalker(document, NodeFilter.SHOW_ALL); let n = 0; \
                 while (walk.nextNode()) n += 1; return n";
    let nodes = browser.eval(count).as_f64().expect("a number");
    vec![
        Figure {
            name: "key to result drawn, p95, at 500 lines".into(),
            value: key,
            budget: 50.0,
            unit: "ms",
        },
        Figure { name: "reload at 500 lines".into(), value: reload, budget: 1000.0, unit: "ms" },
        Figure { name: "nodes after 20,000 lines of output".into(), value: nodes, budget: 9000.0, unit: "" },
    ]
}

/// A browser that has nothing of the page yet.
fn newcomer() -> Browser {
    let browser = Browser::start(Look::DESK);
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({"source": WATCH}));
    browser.cdp("Network.enable", &json!({}));
    browser.cdp("Network.setCacheDisabled", &json!({"cacheDisabled": true}));
    browser
}

fn early(browser: &Browser) -> f64 {
    f64::from(browser.eval("return 'early' in document.documentElement.dataset") == json!(true))
}

fn ready(browser: &Browser) -> f64 {
    browser.eval("return window.__ready").as_f64().expect("the page said when it was ready")
}

/// Compressed kilobytes that the window loaded, and those of WebAssembly among them.
fn transfer(browser: &Browser) -> (f64, f64) {
    // What was asked for before the prompt took input; the module's second part comes after that.
    let body = "return performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))\
                .filter(e => e.startTime <= window.__ready).map(e => [e.name, e.encodedBodySize + 300])";
    let entries: Vec<Value> = browser.eval(body).as_array().cloned().unwrap_or_default();
    let mut seen = std::collections::BTreeMap::new();
    for entry in &entries {
        seen.insert(entry[0].as_str().unwrap_or_default().to_owned(), entry[1].as_f64().unwrap_or_default());
    }
    let kilo = |wasm: bool| {
        seen.iter().filter(|(n, _)| !wasm || n.contains(".wasm")).map(|(_, size)| size / 1000.0).sum()
    };
    (kilo(false), kilo(true))
}

/// Kilobytes of the module's first part for a browser that takes gzip alone.
fn gzipped() -> f64 {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
    let files = std::fs::read_dir(dist).expect("dist/ was built").flatten().map(|file| file.path());
    let is_first = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("layerlab-") && path.extension().is_some_and(|extension| extension == "wasm")
    };
    let bytes = std::fs::read(files.into_iter().find(is_first).expect("the first part")).expect("it is read");
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&bytes).expect("writing to memory does not fail");
    packed.finish().expect("the same").len() as f64 / 1000.0
}

fn key_to_result(browser: &Browser) -> f64 {
    browser.find("textbox", "Terminal").focus();
    for round in 1..=60 {
        browser.keys(&format!("echo done {round}"));
        browser.press("Enter");
        browser.wait("a result to be drawn", &format!("window.__times.length >= {round}"));
    }
    let times = browser.eval("return window.__times");
    let mut times: Vec<f64> = times.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() * 95 / 100]
}
