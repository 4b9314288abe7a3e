//! `open(2)` with every set of flags, read, written and closed.

use super::case::{ENDINGS, callers, each_thing};
use crate::conformance::trace::{Op, Trace};

const ACCESS: [&str; 3] = ["O_RDONLY", "O_WRONLY", "O_RDWR"];
const OPTIONS: [&str; 6] = ["O_CREAT", "O_EXCL", "O_TRUNC", "O_APPEND", "O_DIRECTORY", "O_NOFOLLOW"];

fn flag_sets() -> Vec<Vec<&'static str>> {
    let mut sets: Vec<Vec<&str>> = Vec::new();
    for access in ACCESS {
        for chosen in 0..1 << OPTIONS.len() {
            let options = OPTIONS.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1).map(|(_, o)| *o);
            sets.push(std::iter::once(access).chain(options).collect());
        }
    }
    sets.extend([vec!["O_PATH"], vec!["O_PATH", "O_NOFOLLOW"], vec!["O_PATH", "O_DIRECTORY"]]);
    sets
}

pub(super) fn traces() -> impl Iterator<Item = Trace> {
    flag_sets().into_iter().flat_map(|flags| {
        ENDINGS.into_iter().flat_map(move |ending| {
            let flags = flags.clone();
            callers().into_iter().flat_map(move |caller| {
                let name = format!("open {}", flags.join("|"));
                let op = |path, _| {
                    let writes = flags[0] == "O_WRONLY" || flags[0] == "O_RDWR";
                    Op::Open {
                        path,
                        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
                        mode: Some("0664".to_owned()),
                        write: writes.then(|| "new".into()),
                        read: flags[0] == "O_RDWR" || flags[0] == "O_RDONLY",
                    }
                };
                each_thing(&name, caller.as_ref(), ending, op).collect::<Vec<_>>()
            })
        })
    })
}
