//! The page of Layerlab: a window part and a worker part in one bundle.
//!
//! The same WebAssembly module is started twice: by the page, where it draws, and by a Web Worker, where it holds the
//! session; a third time, when an archive is imported, by one that reads it. They know each other only through [`link`] and
//! [`image`].
//!
//! JSON is read from bytes everywhere, never from a `str`: one reader's code is half of two readers', and the page waits
//! for it.

mod archives;
mod asked;
mod class;
mod components;
mod hooks;
mod image;
mod late;
mod learned;
mod lesson;
mod link;
mod local;
mod progress;
mod prover;
mod route;
mod share;
mod state;
mod store;
mod text;
mod transfer;
mod visible;
mod worker;
mod worker_port;

use wasm_bindgen::JsCast;

fn main() {
    // On a development machine `cargo test` runs the pure parts natively; there is no page to start then.
    if !cfg!(target_arch = "wasm32") {
        return;
    }
    match js_sys::global().dyn_into::<web_sys::DedicatedWorkerGlobalScope>() {
        Ok(scope) if scope.name() == image::READER => image::start(&scope),
        Ok(scope) if scope.name() == prover::NAME => prover::start(&scope),
        Ok(scope) => worker::start(&scope),
        Err(_) => components::start(),
    }
}
