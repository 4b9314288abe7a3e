//! In which order the window's and the worker's part of a page start: every order must do.

use serde_json::json;

use crate::browser::Browser;

/// When a page's worker starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worker {
    /// When it can.
    Free,
    /// Before the window.
    First,
    /// After the window.
    Last,
}

impl Browser {
    /// From the next page on, the window and its worker start in this order.
    pub fn turns(&self, worker: Worker) {
        // All who listen have heard the worker's first word before the window's part starts; the worker is given its part
        // when the window has nothing left to do.
        let source = match worker {
            Worker::Free => return,
            Worker::First => {
                "const heard = new Promise((done) => {
                   window.Worker = class extends Worker {
                     constructor(...all) {
                       super(...all);
                       this.addEventListener('message', () => setTimeout(done));
                     }
                   };
                 });
                 const start = WebAssembly.instantiate;
                 WebAssembly.instantiate = (...all) => heard.then(() => start.apply(WebAssembly, all));"
            }
            Worker::Last => {
                "let idle = new Promise((done) => {
                   const start = WebAssembly.instantiate;
                   WebAssembly.instantiate = (...all) => {
                     const started = start.apply(WebAssembly, all);
                     started.then(() => setTimeout(() => requestIdleCallback(done), 500));
                     return started;
                   };
                 });
                 window.Worker = class extends Worker {
                   postMessage(...all) { idle = idle.then(() => super.postMessage(...all)); }
                 };"
            }
        };
        self.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({"source": source}));
    }
}
