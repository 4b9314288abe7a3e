//! The person's own disk: journals in IndexedDB, one a name. A journal that this code cannot read is never written over.

use std::collections::BTreeMap;

use idb::{Database, DatabaseEvent, Factory, ObjectStoreParams, TransactionMode};
use layerlab_core::session::Journal;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

use crate::local;

const DATABASE: &str = "layerlab";
const JOURNALS: &str = "journals";
/// What the person calls a session, by its name.
const TITLES: &str = "titles";
/// Version of the database's own layout; the journals carry theirs.
const LAYOUT: u32 = 2;

/// Where it is kept which session was the last.
pub(crate) const LAST: &str = "layerlab.session";

/// By what name the browser keeps which subject of a session was seen.
pub(crate) fn subject(session: &str) -> String {
    format!("layerlab.subject.{session}")
}

/// The name of the playground's first session; the others have a number behind it.
pub(crate) const PLAYGROUND: &str = "playground";

/// A session of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Saved {
    /// Its name in the store.
    pub(crate) name: String,
    /// What the person calls it, where they do.
    #[serde(default)]
    pub(crate) title: String,
    /// What it was told.
    pub(crate) journal: Journal,
}

/// Whether a session of this name is the playground's, and so stands in the list.
pub(crate) fn is_listed(name: &str) -> bool {
    name.strip_prefix(PLAYGROUND).is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
}

/// The number that a session of the playground is told by, 1 for the first.
pub(crate) fn number(name: &str) -> u32 {
    name.split_once('#').and_then(|(_, number)| number.parse().ok()).unwrap_or(1)
}

/// The journal of that name, if there is one.
///
/// # Errors
/// One sentence: storage is blocked, or the journal is of another version.
pub(crate) async fn load(name: &str) -> Result<Option<Journal>, String> {
    let database = open().await?;
    let found = read(&database, JOURNALS, name).await.map_err(error_text);
    database.close();
    found?.map(|text| journal(&text)).transpose()
}

/// Writes a journal; it is on the disk when this returns.
///
/// # Errors
/// One sentence: storage is blocked or full.
pub(crate) async fn save(name: &str, journal: &Journal) -> Result<(), String> {
    let text = serde_json::to_string(journal).map_err(|error| error.to_string())?;
    put(JOURNALS, name, Some(&text)).await
}

/// Calls a session otherwise.
///
/// # Errors
/// One sentence: storage is blocked or full.
pub(crate) async fn rename(name: &str, title: &str) -> Result<(), String> {
    put(TITLES, name, Some(title)).await
}

/// Deletes a session.
///
/// # Errors
/// One sentence: storage is blocked.
pub(crate) async fn delete(name: &str) -> Result<(), String> {
    local::forget(&subject(name));
    put(JOURNALS, name, None).await?;
    put(TITLES, name, None).await
}

/// The names of all sessions.
///
/// # Errors
/// One sentence: storage is blocked.
pub(crate) async fn names() -> Result<Vec<String>, String> {
    let database = open().await?;
    let found = keys(&database, JOURNALS).await.map_err(error_text);
    database.close();
    found
}

/// All sessions that can be read.
///
/// # Errors
/// One sentence: storage is blocked.
pub(crate) async fn all() -> Result<Vec<Saved>, String> {
    let database = open().await?;
    let found = read_all(&database).await.map_err(error_text);
    database.close();
    let (journals, mut titles) = found?;
    let saved = journals.into_iter().filter_map(|(name, text)| {
        let journal = journal(&text).ok()?;
        Some(Saved { title: titles.remove(&name).unwrap_or_default(), name, journal })
    });
    Ok(saved.collect())
}

fn journal(text: &str) -> Result<Journal, String> {
    let journal: Journal = serde_json::from_slice(text.as_bytes()).map_err(|error| error.to_string())?;
    journal.check()?;
    Ok(journal)
}

async fn put(store: &str, name: &str, text: Option<&str>) -> Result<(), String> {
    let database = open().await?;
    let written = write(&database, store, name, text).await.map_err(error_text);
    database.close();
    written
}

async fn open() -> Result<Database, String> {
    let mut request =
        Factory::new().and_then(|factory| factory.open(DATABASE, Some(LAYOUT))).map_err(error_text)?;
    request.on_upgrade_needed(|event| {
        // Where a store cannot be made, opening it fails below and is said there.
        if let Ok(database) = event.database() {
            let there = database.store_names();
            for store in [JOURNALS, TITLES] {
                if !there.iter().any(|name| name == store) {
                    let _ = database.create_object_store(store, ObjectStoreParams::new());
                }
            }
        }
    });
    request.await.map_err(error_text)
}

async fn read(database: &Database, store: &str, name: &str) -> Result<Option<String>, idb::Error> {
    let transaction = database.transaction(&[store], TransactionMode::ReadOnly)?;
    let found = transaction.object_store(store)?.get(JsValue::from_str(name))?.await?;
    Ok(found.and_then(|value| value.as_string()))
}

async fn keys(database: &Database, store: &str) -> Result<Vec<String>, idb::Error> {
    let transaction = database.transaction(&[store], TransactionMode::ReadOnly)?;
    let keys = transaction.object_store(store)?.get_all_keys(None, None)?.await?;
    Ok(keys.iter().filter_map(JsValue::as_string).collect())
}

type Texts = BTreeMap<String, String>;

async fn read_all(database: &Database) -> Result<(Texts, Texts), idb::Error> {
    let mut found = [Texts::new(), Texts::new()];
    for (texts, store) in found.iter_mut().zip([JOURNALS, TITLES]) {
        for name in keys(database, store).await? {
            if let Some(text) = read(database, store, &name).await? {
                texts.insert(name, text);
            }
        }
    }
    let [journals, titles] = found;
    Ok((journals, titles))
}

async fn write(database: &Database, store: &str, name: &str, text: Option<&str>) -> Result<(), idb::Error> {
    let transaction = database.transaction(&[store], TransactionMode::ReadWrite)?;
    let object_store = transaction.object_store(store)?;
    match text {
        Some(text) => {
            object_store.put(&JsValue::from_str(text), Some(&JsValue::from_str(name)))?.await?;
        }
        None => object_store.delete(JsValue::from_str(name))?.await?,
    }
    transaction.commit()?.await?;
    Ok(())
}

fn error_text(error: idb::Error) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_playgrounds_sessions_are_listed_and_numbered() {
        for (name, listed, count) in [
            ("playground", true, 1),
            ("playground#7", true, 7),
            ("lesson/x", false, 1),
            ("playgrounds", false, 1),
        ] {
            assert_eq!((is_listed(name), number(name)), (listed, count), "{name}");
        }
    }
}
