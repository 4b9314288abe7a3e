//! Sessions as files: all of them with what they need, to be imported elsewhere, and one as a shell script for a real host.

use std::collections::{BTreeMap, BTreeSet};

use js_sys::{Array, Uint8Array};
use layerlab_core::kernel::ByteString;
use layerlab_core::session::export::{self, Told};
use layerlab_core::session::{Journal, What};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Blob;

use crate::archives;
use crate::store::{self, Saved};

/// The format that this code writes and reads.
const FORMAT: u32 = 1;
/// The most that is believed of a file, in bytes.
pub(crate) const FILE_MAX: u64 = 512 << 20;

#[wasm_bindgen]
extern "C" {
    /// boot.js: gives the person a text as a file of this name.
    #[wasm_bindgen(js_namespace = layerlab)]
    pub(crate) fn download(name: &str, text: &str);
}

/// Sessions and the files that went into them.
#[derive(Debug, Serialize, Deserialize)]
struct Packed {
    layerlab: u32,
    sessions: Vec<Saved>,
    /// By digest.
    #[serde(default)]
    files: BTreeMap<String, ByteString>,
}

/// All sessions as one text.
///
/// # Errors
/// One sentence: storage is blocked.
pub(crate) async fn export() -> Result<String, String> {
    let sessions = store::all().await?;
    let mut files = BTreeMap::new();
    let needed: BTreeSet<String> =
        sessions.iter().flat_map(|saved| archives::digests(&saved.journal)).collect();
    for digest in needed {
        if let Some(bytes) = archives::load(&digest).await {
            files.insert(digest, bytes.into());
        }
    }
    let packed = Packed { layerlab: FORMAT, sessions, files };
    serde_json::to_string(&packed).map_err(|error| error.to_string())
}

/// Takes such a text in: each session under a name that none has yet, so that nothing is written over. How many came.
///
/// # Errors
/// One sentence: it is no such file, or storage is blocked or full.
pub(crate) async fn import(text: &[u8]) -> Result<usize, String> {
    let packed: Packed = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if packed.layerlab != FORMAT {
        return Err(format!(
            "this file has version {}; this Layerlab reads version {FORMAT}",
            packed.layerlab
        ));
    }
    let mut names = store::names().await?;
    for (digest, bytes) in packed.files {
        let bytes = Uint8Array::from(bytes.as_bytes());
        // What a file says of itself is not believed.
        let parts = Array::of1(&bytes);
        let blob = Blob::new_with_u8_array_sequence(&parts).map_err(|_| "a file of it cannot be read")?;
        if archives::read(&blob).await?.0 != digest {
            return Err(format!("the file {digest} in it has another digest"));
        }
        archives::keep(&digest, &bytes).await?;
    }
    let count = packed.sessions.len();
    for session in packed.sessions {
        session.journal.check()?;
        let base = session.name.split('#').next().unwrap_or_default();
        let name = free(base, &names);
        store::save(&name, &session.journal).await?;
        if !session.title.is_empty() {
            store::rename(&name, &session.title).await?;
        }
        names.push(name);
    }
    Ok(count)
}

/// The first name of its kind that no session has.
pub(crate) fn free(base: &str, names: &[String]) -> String {
    let numbered = (2_u64..).map(|number| format!("{base}#{number}"));
    let mut all = std::iter::once(base.to_owned()).chain(numbered);
    all.find(|name| !names.contains(name)).unwrap_or_default()
}

/// A session as a shell script for a real host: the lines up to where it stands, each at the prompt that it was typed at.
pub(crate) fn script(journal: &Journal, prompts: &BTreeMap<usize, String>) -> String {
    let start = journal.start.iter().map(|line| (What::Run(line.clone()), 0, HOST));
    let path = journal.path_to(journal.at).into_iter().filter_map(|number| {
        let entry = journal.entries.get(number.checked_sub(1)?)?;
        Some((entry.what.clone(), entry.after, prompts.get(&number).map_or(HOST, String::as_str)))
    });
    let told = start.chain(path).map(|(what, after, prompt)| Told { what, after, prompt: prompt.to_owned() });
    String::from_utf8_lossy(&export::script(&told.collect::<Vec<_>>())).into_owned()
}

/// What lines before the learner came stood at.
const HOST: &str = "[root@lab ~]# ";

#[cfg(test)]
mod tests {
    use layerlab_core::session::JournalEntry;

    use super::*;

    #[test]
    fn a_new_name_is_nobodys() {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(free("playground", &names(&[])), "playground");
        assert_eq!(free("playground", &names(&["playground", "playground#3"])), "playground#2");
    }

    #[test]
    fn a_script_has_the_lines_up_to_where_the_session_stands() {
        let lines = ["docker ps".into(), "docker run -it busybox".into(), "ls /".into()];
        let mut journal = Journal::of_lines(vec!["docker pull -q nginx".into()], lines.to_vec(), 3);
        let edit = What::Edit("/it's".into(), "a\n".into());
        journal.record(4, JournalEntry { parent: Some(3), after: 0, what: edit, said: None });
        let prompts = BTreeMap::from([(3, "/ # ".to_owned())]);
        let script = script(&journal, &prompts);
        let body = script.split_once("set -v\n").map_or("", |(_, body)| body);
        assert!(body.starts_with("docker pull -q nginx\ndocker ps\n{ sleep 1; printf %s 'ls /\n'"), "{body}");
        assert!(body.contains("\ncat > '/it'\\''s' <<"), "{body}");
    }
}
