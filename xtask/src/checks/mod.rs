//! Rules of the tree that no compiler knows, each checked over the files that git knows.

mod circles;
mod imports;
mod map;
mod messages;
mod source;
mod text;

use std::fs;

use crate::report::Ended;
use crate::sh;
use text::Text;

/// Every check; what is wrong, a line each.
pub(crate) fn all() -> Ended {
    let root = sh::root();
    let texts: Vec<Text> = sh::files()?
        .into_iter()
        // What is not UTF-8 (archives, pictures) has no lines to check.
        .filter_map(|path| Some(Text { text: fs::read_to_string(root.join(&path)).ok()?, path }))
        .collect();
    let mut wrong = Vec::new();
    wrong.extend(source::lengths(&texts));
    wrong.extend(source::headers(&texts));
    wrong.extend(source::spellings(&texts));
    wrong.extend(source::places(&texts));
    wrong.extend(map::check(&texts, &|path| root.join(path).exists()));
    wrong.extend(circles::check(&texts));
    wrong.extend(messages::untranslated(&texts));
    if wrong.is_empty() { Ok(Vec::new()) } else { Err(wrong.join("\n")) }
}
