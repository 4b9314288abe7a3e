//! Files of the person's that went into a session: kept on the page's own disk (OPFS) by digest, and put into the lab again
//! whenever the session is. A session that needs one that is not there waits for it; nothing of it is written over.

use js_sys::Uint8Array;
use layerlab_core::kernel::ByteString;
use layerlab_core::session::Journal;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::File;

use crate::link::Driver;
use crate::state::Deposit;

#[wasm_bindgen]
extern "C" {
    /// boot.js: the digest of a file, which is kept by it where the browser allows that.
    #[wasm_bindgen(js_namespace = layerlab, js_name = deposit, catch)]
    async fn js_deposit(file: &File) -> Result<JsValue, JsValue>;

    /// boot.js: the bytes of a file that was kept, or null.
    #[wasm_bindgen(js_namespace = layerlab, js_name = deposited, catch)]
    async fn js_deposited(digest: &str) -> Result<JsValue, JsValue>;

    /// boot.js: makes a tab the owner of a session; false where another tab is.
    #[wasm_bindgen(js_namespace = layerlab, js_name = own, catch)]
    async fn js_own(name: &str, steal: bool) -> Result<JsValue, JsValue>;
}

/// Bytes that are put into the lab at once.
const PIECE: usize = 128 << 10;

/// Keeps a file; its digest.
///
/// # Errors
/// One sentence: it cannot be read.
pub(crate) async fn keep(file: &File) -> Result<String, String> {
    let digest = js_deposit(file).await.map_err(|error| format!("{error:?}"))?;
    digest.as_string().ok_or_else(|| "the file cannot be read".to_owned())
}

/// Whether this tab owns the session now; `steal` takes it from another tab.
pub(crate) async fn own(name: &str, steal: bool) -> bool {
    // Where the browser has no locks every tab is its own owner, as ever.
    js_own(name, steal).await.ok().and_then(|owned| owned.as_bool()).unwrap_or(true)
}

/// Runs the saved lines again, each file before its line. A file that is missing ends it there.
pub(crate) async fn replay(driver: &Driver, journal: &Journal, files: &[Deposit]) -> Result<(), Deposit> {
    driver.begin(journal);
    for tick in 0..=journal.lines.len() {
        for file in files.iter().filter(|file| file.tick == tick) {
            let bytes =
                js_deposited(&file.digest).await.ok().and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok());
            let Some(bytes) = bytes.map(|bytes| bytes.to_vec()) else { return Err(file.clone()) };
            for (n, piece) in bytes.chunks(PIECE).enumerate() {
                let data = ByteString::from(piece.to_vec());
                driver.put(file.path.as_str().into(), (n * PIECE) as u64, data, file.size);
            }
        }
        if let Some(line) = journal.lines.get(tick) {
            driver.again(line.clone());
        }
    }
    driver.end(journal);
    Ok(())
}
