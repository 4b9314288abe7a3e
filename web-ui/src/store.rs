//! The person's own disk: journals in IndexedDB, one a name. A journal that this code cannot read is never written over.

use idb::{Database, DatabaseEvent, Factory, ObjectStoreParams, TransactionMode};
use layerlab_core::session::Journal;
use wasm_bindgen::JsValue;

use crate::state::Deposit;

const DATABASE: &str = "layerlab";
const STORE: &str = "journals";
/// Version of the database's own layout; the journals carry theirs.
const LAYOUT: u32 = 1;

/// The journal of that name, if there is one.
///
/// # Errors
/// One sentence: storage is blocked, or the journal is of another version.
pub(crate) async fn load(name: &str) -> Result<Option<Journal>, String> {
    let database = open().await?;
    let found = read(&database, name).await.map_err(told);
    database.close();
    let Some(text) = found?.and_then(|value| value.as_string()) else { return Ok(None) };
    let journal: Journal = serde_json::from_slice(text.as_bytes()).map_err(|error| error.to_string())?;
    journal.check()?;
    Ok(Some(journal))
}

/// Writes a journal; it is on the disk when this returns.
///
/// # Errors
/// One sentence: storage is blocked or full.
pub(crate) async fn save(name: &str, journal: &Journal) -> Result<(), String> {
    let text = serde_json::to_string(journal).map_err(|error| error.to_string())?;
    let database = open().await?;
    let written = write(&database, name, &text).await.map_err(told);
    database.close();
    written
}

/// The files that went into the session of that name; none where that is not known.
pub(crate) async fn load_files(name: &str) -> Vec<Deposit> {
    let Ok(database) = open().await else { return Vec::new() };
    let found = read(&database, &files_of(name)).await;
    database.close();
    let text = found.ok().flatten().and_then(|value| value.as_string());
    text.and_then(|text| serde_json::from_slice(text.as_bytes()).ok()).unwrap_or_default()
}

/// Writes which files went into a session.
///
/// # Errors
/// One sentence: storage is blocked or full.
pub(crate) async fn save_files(name: &str, files: &[Deposit]) -> Result<(), String> {
    let text = serde_json::to_string(files).map_err(|error| error.to_string())?;
    let database = open().await?;
    let written = write(&database, &files_of(name), &text).await.map_err(told);
    database.close();
    written
}

fn files_of(name: &str) -> String {
    format!("files of {name}")
}

async fn open() -> Result<Database, String> {
    let mut request =
        Factory::new().and_then(|factory| factory.open(DATABASE, Some(LAYOUT))).map_err(told)?;
    request.on_upgrade_needed(|event| {
        // Where the store cannot be made, opening it fails below and is said there.
        if let Ok(database) = event.database() {
            let _ = database.create_object_store(STORE, ObjectStoreParams::new());
        }
    });
    request.await.map_err(told)
}

async fn read(database: &Database, name: &str) -> Result<Option<JsValue>, idb::Error> {
    let transaction = database.transaction(&[STORE], TransactionMode::ReadOnly)?;
    transaction.object_store(STORE)?.get(JsValue::from_str(name))?.await
}

async fn write(database: &Database, name: &str, text: &str) -> Result<(), idb::Error> {
    let transaction = database.transaction(&[STORE], TransactionMode::ReadWrite)?;
    let store = transaction.object_store(STORE)?;
    store.put(&JsValue::from_str(text), Some(&JsValue::from_str(name)))?.await?;
    transaction.commit()?.await?;
    Ok(())
}

fn told(error: idb::Error) -> String {
    error.to_string()
}
