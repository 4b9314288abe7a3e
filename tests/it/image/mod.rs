//! `layerlab image` as typed: every source, every question, every refusal.

mod forms;
mod legacy;
mod questions;
mod read_on;
mod reports;
mod sources;

use std::path::{Path, PathBuf};

use layerlab_tests::archive::Layer;
use layerlab_tests::cli::{answer, typed};
use layerlab_tests::lab::On;
use layerlab_tests::layout::{Layout, Stored};
use serde_json::Value;

/// A folder with archives.
struct Workspace(tempfile::TempDir);

impl Workspace {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, data: &[u8]) -> PathBuf {
        std::fs::write(self.at(name), data).unwrap();
        self.at(name)
    }
}

fn image(file: &Path, arguments: &[&str]) -> (String, String, i32) {
    let mut all = vec!["image", file.to_str().unwrap()];
    all.extend(arguments);
    answer(&typed(On::Sim, &all, ""))
}

/// Standard output of what must succeed.
fn said(file: &Path, arguments: &[&str]) -> String {
    let (out, err, status) = image(file, arguments);
    assert_eq!((err.as_str(), status), ("", 0), "{arguments:?}");
    out
}

fn json(file: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&said(file, &[arguments, &["--json"]].concat())).unwrap()
}

const KEY: &[u8] = b"-----BEGIN RSA PRIVATE KEY-----\nnot one\n-----END RSA PRIVATE KEY-----\n";

/// Three layers with every kind of waste: a directory deleted, one made opaque, files made anew, a secret taken back.
fn wasteful() -> Vec<(Vec<u8>, Stored)> {
    let bytes = |n: usize| vec![b'x'; n];
    let mut base = Layer::new();
    base.dir("app/", 0o755).file("app/a", 0o644, &bytes(1000)).file("app/b", 0o644, &bytes(2000));
    base.dir("lib/", 0o755).dir("lib/old/", 0o755);
    base.file("lib/old/x", 0o644, &bytes(3000)).file("lib/old/y", 0o644, &bytes(500));
    base.dir("opt/", 0o755).file("opt/data", 0o600, &bytes(4000)).file("keep", 0o644, b"kept\n");
    base.dir("root/", 0o700).file("root/id.pem", 0o600, KEY);
    let mut middle = Layer::new();
    middle.dir("app/", 0o755).file("app/.wh..wh..opq", 0o600, b"").file("app/a", 0o644, &bytes(1500));
    middle.dir("lib/", 0o755).file("lib/.wh.old", 0o600, b"");
    middle.dir("opt/", 0o755).file("opt/data", 0o600, b"small");
    let mut top = Layer::new();
    top.dir("root/", 0o700).file("root/.wh.id.pem", 0o600, b"");
    top.dir("lib/", 0o755).dir("lib/old/", 0o755).file("lib/old/z", 0o644, b"anew\n");
    top.symlink("link", "keep");
    [base, middle, top].map(|layer| (layer.done(), Stored::Plain)).into()
}

fn wasteful_image(workspace: &Workspace) -> PathBuf {
    workspace.put("w.tar", &Layout::default().image("w", ("linux", "amd64"), &wasteful()).tar())
}
