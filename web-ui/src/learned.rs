//! What was done in the lessons, as a file: taken along, brought back, cleared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::progress::{self, Progress};
use crate::store::{self, Saved};

/// The format that this code writes and reads.
const FORMAT: u32 = 1;
/// What the sessions of lessons are called in the store, before the lesson's id.
const SESSIONS: &str = "lesson/";
/// The most bytes that are read of such a file.
pub(crate) const FILE_MAX: u64 = 64 << 20;

/// How far lessons are, and the sessions in which they were done.
#[derive(Debug, Serialize, Deserialize)]
struct Packed {
    layerlab_progress: u32,
    progress: BTreeMap<String, Progress>,
    sessions: Vec<Saved>,
}

/// All of it as one text.
///
/// # Errors
/// One sentence: storage is blocked.
pub(crate) async fn export() -> Result<String, String> {
    let packed = Packed { layerlab_progress: FORMAT, progress: progress::all(), sessions: sessions().await? };
    serde_json::to_string(&packed).map_err(|error| error.to_string())
}

/// Takes such a text in, and says how many lessons came. What is further here than there stays.
///
/// # Errors
/// One sentence: it is no such file, or storage is blocked or full.
pub(crate) async fn import(text: &str) -> Result<usize, String> {
    let packed: Packed = serde_json::from_slice(text.as_bytes()).map_err(|error| error.to_string())?;
    if packed.layerlab_progress != FORMAT {
        let found = packed.layerlab_progress;
        return Err(format!("this file has version {found}; this Layerlab reads version {FORMAT}"));
    }
    let mut sessions: BTreeMap<String, Saved> =
        packed.sessions.into_iter().map(|saved| (saved.name.clone(), saved)).collect();
    let mut count = 0;
    for (id, there) in packed.progress {
        if !is_further(&there, progress::load(&id).as_ref()) {
            continue;
        }
        if let Some(saved) = sessions.remove(&session(&id)) {
            saved.journal.check()?;
            store::save(&saved.name, &saved.journal).await?;
        }
        progress::save(&id, &there);
        count += 1;
    }
    Ok(count)
}

/// Forgets all of it.
///
/// # Errors
/// One sentence: storage is blocked.
pub(crate) async fn clear() -> Result<(), String> {
    for id in progress::all().keys() {
        progress::forget(id);
    }
    for saved in sessions().await? {
        store::delete(&saved.name).await?;
    }
    Ok(())
}

/// Where the session of a lesson is kept: somebody else's lessons are kept by a name that says so itself.
fn session(id: &str) -> String {
    if id.contains('/') { id.to_owned() } else { format!("{SESSIONS}{id}") }
}

async fn sessions() -> Result<Vec<Saved>, String> {
    let mut all = store::all().await?;
    all.retain(|saved| saved.name.starts_with(SESSIONS) || saved.name.starts_with("page/"));
    Ok(all)
}

/// Whether more was done there than here.
fn is_further(there: &Progress, here: Option<&Progress>) -> bool {
    here.is_none_or(|here| there.done > here.done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_further_here_stays() {
        let progress = |done| Progress { done, total: 5, ..Progress::default() };
        assert!(is_further(&progress(1), None) && is_further(&progress(3), Some(&progress(2))));
        assert!(
            !is_further(&progress(2), Some(&progress(2))) && !is_further(&progress(1), Some(&progress(5)))
        );
        assert_eq!((session("copy-up"), session("page/1f2e")), ("lesson/copy-up".into(), "page/1f2e".into()));
    }
}
