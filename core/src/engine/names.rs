//! Names for containers that were given none: an adjective and a scientist, as Docker gives them
//! (`pkg/namesgenerator`; a part of its lists).

use super::Engine;
use super::error::{Error, Result};

const ADJECTIVES: [&str; 32] = [
    "admiring",
    "agitated",
    "amazing",
    "blissful",
    "bold",
    "brave",
    "busy",
    "charming",
    "clever",
    "compassionate",
    "confident",
    "cool",
    "dazzling",
    "determined",
    "eager",
    "ecstatic",
    "elastic",
    "elegant",
    "eloquent",
    "epic",
    "festive",
    "flamboyant",
    "focused",
    "friendly",
    "gallant",
    "gifted",
    "happy",
    "hopeful",
    "inspiring",
    "jolly",
    "keen",
    "quirky",
];
const SURNAMES: [&str; 32] = [
    "albattani",
    "archimedes",
    "babbage",
    "bohr",
    "carson",
    "cerf",
    "curie",
    "darwin",
    "dijkstra",
    "einstein",
    "euclid",
    "euler",
    "fermat",
    "feynman",
    "franklin",
    "galileo",
    "goldberg",
    "hamilton",
    "hopper",
    "hypatia",
    "kepler",
    "lamarr",
    "lovelace",
    "mendel",
    "newton",
    "noether",
    "payne",
    "ritchie",
    "shannon",
    "tesla",
    "turing",
    "wozniak",
];

impl Engine<'_> {
    /// A name that no container has, chosen by the id's digits.
    pub(super) fn generate_name(&mut self, id: &str) -> Result<String> {
        let taken = self.registry()?;
        let pick =
            |from: usize| usize::from_str_radix(id.get(from..from + 4).unwrap_or("0"), 16).unwrap_or(0);
        for attempt in 0.. {
            let adjective = ADJECTIVES[(pick(0) + attempt) % ADJECTIVES.len()];
            let surname = SURNAMES[pick(4) % SURNAMES.len()];
            let number = attempt / ADJECTIVES.len();
            let suffix = if number == 0 { String::new() } else { number.to_string() };
            let name = format!("{adjective}_{surname}{suffix}");
            if !taken.contains_key(&name) {
                return Ok(name);
            }
        }
        Err(Error::Failed("no name is left".to_owned()))
    }
}

/// Refuses a name that Docker refuses (oracle: run-bad-name).
pub(super) fn check(name: &str) -> Result<()> {
    let mut bytes = name.bytes();
    let good = name.len() >= 2
        && bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    if good {
        return Ok(());
    }
    let allowed = "[a-zA-Z0-9][a-zA-Z0-9_.-]";
    Err(Error::Invalid(format!("Invalid container name ({name}), only {allowed} are allowed")))
}
