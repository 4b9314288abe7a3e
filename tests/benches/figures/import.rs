//! Importing an image in the browser: 500 MB and 100,000 files, and how long the page's own thread was busy at a time.

use std::fs::{self, File};
use std::path::Path;
use std::time::Instant;

use layerlab_tests::browser::{Browser, Look};
use layerlab_tests::tools::folder;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::Figure;
use crate::image::{hex, layer};

const LAYERS: usize = 5;
const FILES: usize = 100_000;
const BYTES: usize = 500_000_000;

/// Notes the longest task of the page's thread (the browser tells those of 50 ms and more) and the longest time between
/// two frames.
const WATCH: &str = "
  window.__task = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.__task = Math.max(window.__task, entry.duration);
  }).observe({type: 'longtask'});
  window.__gap = 0;
  let before = 0;
  const frame = (now) => { if (before) window.__gap = Math.max(window.__gap, now - before); before = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
";

/// All figures of an import.
pub(crate) fn figures() -> Vec<Figure> {
    let folder = folder("import");
    let file = folder.path().join("big.tar");
    archive(folder.path(), &file);
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let size = megabytes(file.metadata().expect("it is there").len());
    let browser = Browser::start(Look::DESK);
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({"source": WATCH}));
    browser.open("#/image");
    browser.wait("the screen", "document.querySelector('.welcome')");
    let number = |name: &str| browser.eval(&format!("return window.{name}")).as_f64().expect("a number");
    let fresh = || drop(browser.eval("window.__task = 0; window.__gap = 0; return null"));
    let figure = |name: &str, value: f64, budget: f64, unit: &'static str| Figure {
        name: name.into(),
        value,
        budget,
        unit,
    };
    let before = browser.peak_memory();
    fresh();
    let start = Instant::now();
    browser.pick(&file);
    browser.wait_long("the image to be laid out", "document.querySelector('.mx-row')");
    let seconds = start.elapsed().as_secs_f64();
    let free = f64::INFINITY;
    let mut figures = vec![
        figure(&format!("import of {size:.0} MB, 100,000 files"), seconds, free, "s"),
        figure("  longest task of the page's thread", number("__task"), 50.0, "ms"),
        figure("  longest time between two frames", number("__gap"), free, "ms"),
        figure("  memory of the tab, at most", megabytes(browser.peak_memory()), size, "MB"),
        figure("  of it before the import", megabytes(before), free, "MB"),
    ];
    browser.find("button", "Unfold all").click();
    browser.wait("all rows", "document.querySelector('.mx').ariaRowCount > 100000");
    fresh();
    browser.eval(
        "const box = document.querySelector('.mx'), end = performance.now() + 4000; window.__done = false; \
         const step = () => { box.scrollTop += 700; performance.now() < end ? requestAnimationFrame(step) : window.__done = true; }; \
         step(); return null",
    );
    browser.wait("the rows to have gone by", "window.__done");
    figures.push(figure("scrolling 100,000 rows: longest task", number("__task"), 50.0, "ms"));
    figures.push(figure("  longest time between two frames", number("__gap"), free, "ms"));
    figures
}

/// The archive, as `docker save` writes it.
fn archive(dir: &Path, file: &Path) {
    let mut docker = tar::Builder::new(File::create(file).expect("our own folder"));
    let (mut diff_ids, mut names) = (Vec::new(), Vec::new());
    for number in 0..LAYERS {
        let path = dir.join("layer.tar");
        let digest = layer(&path, number, FILES / LAYERS, BYTES / FILES);
        docker.append_path_with_name(&path, format!("{digest}/layer.tar")).expect("our own folder");
        fs::remove_file(&path).expect("our own folder");
        names.push(format!("{digest}/layer.tar"));
        diff_ids.push(format!("sha256:{digest}"));
    }
    let config = json!({"os": "linux", "architecture": "amd64", "config": {}, "rootfs": {"type": "layers", "diff_ids": diff_ids}});
    let config = config.to_string();
    let id = hex(Sha256::new_with_prefix(&config));
    let manifest =
        json!([{"Config": format!("{id}.json"), "RepoTags": ["lab/big:1"], "Layers": names}]).to_string();
    for (name, data) in [(format!("{id}.json"), &config), ("manifest.json".to_owned(), &manifest)] {
        let mut header = tar::Header::new_ustar();
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        docker.append_data(&mut header, name, data.as_bytes()).expect("our own folder");
    }
    docker.finish().expect("our own folder");
}
