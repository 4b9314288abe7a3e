//! The lab's limits by name: what a line, a program or all files may use, and what there is no more of.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares the limits: what each bounds, its name in the code, its name for a person, its default and its unit.
macro_rules! bounds {
    ($($(#[doc = $about:literal])* $name:ident = $id:literal, $default:expr, $unit:literal;)*) => {
        /// A limit of the lab.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Bound {
            $($(#[doc = $about])* #[serde(rename = $id)] $name,)*
        }

        impl Bound {
            /// All of them, as they are listed.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// What it is where nobody says otherwise.
            pub fn default(self) -> u64 {
                match self { $(Self::$name => $default,)* }
            }

            /// What it counts.
            pub fn unit(self) -> &'static str {
                match self { $(Self::$name => $unit,)* }
            }

            /// What it bounds, in a few words.
            pub fn about(self) -> &'static str {
                match self { $(Self::$name => concat!($($about),*).trim_ascii(),)* }
            }
        }
    };
}

bounds! {
    /// what one line may do: a command, a turn of a loop, or 4 KiB moved
    Steps = "steps", 300_000, "steps";
    /// what an object that the Docker engine makes counts for
    Object = "object", 25, "steps";
    /// processes at one time
    Processes = "processes", 1_000, "processes";
    /// memory of all files on the simulated disk; holes and copies take none
    Files = "files", 384 << 20, "bytes";
    /// a variable, the output of $(...), or a script on standard input
    Value = "value", 16 << 20, "bytes";
    /// a line that `read` takes
    Line = "line", 2 << 20, "bytes";
    /// words that one word with braces may become
    Words = "words", 10_000, "words";
    /// words of one command
    Arguments = "arguments", 1_000_000, "words";
    /// a field of printf
    Width = "width", 1 << 20, "bytes";
    /// a pipe whose reader takes all of it at once
    Pipe = "pipe", 64 << 20, "bytes";
    /// what a program that reads all of its input at once may hold
    Input = "input", 256 << 20, "bytes";
}

/// A name that no limit has, or a value that none can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BoundError {
    /// There is no such limit.
    #[error("there is no limit {0}; layerlab limits lists them")]
    Name(String),
    /// It is no number, or one that would let nothing happen.
    #[error("limit {0}: a whole number from 1 on is wanted")]
    Value(&'static str),
}

/// The limits of a machine: those that were changed, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds(BTreeMap<Bound, u64>);

impl Bounds {
    /// What a limit is.
    pub fn get(&self, bound: Bound) -> u64 {
        self.0.get(&bound).copied().unwrap_or_else(|| bound.default())
    }

    /// The same, where memory is counted.
    pub fn len(&self, bound: Bound) -> usize {
        usize::try_from(self.get(bound)).unwrap_or(usize::MAX)
    }

    /// Changes a limit.
    ///
    /// # Errors
    /// The name or the value is no good.
    pub fn set(&mut self, name: &str, value: u64) -> Result<Bound, BoundError> {
        let bound = Bound::ALL.iter().copied().find(|bound| bound.id() == name);
        let bound = bound.ok_or_else(|| BoundError::Name(name.to_owned()))?;
        if value == 0 {
            return Err(BoundError::Value(bound.id()));
        }
        self.0.insert(bound, value);
        Ok(bound)
    }
}

/// A number of bytes as a person reads it: `16 MiB` where that is exact.
#[derive(Debug, Clone, Copy)]
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes >= 1 << 30 && bytes.is_multiple_of(1 << 30) => write!(f, "{} GiB", bytes >> 30),
            bytes if bytes >= 1 << 20 && bytes.is_multiple_of(1 << 20) => write!(f, "{} MiB", bytes >> 20),
            bytes if bytes >= 1 << 10 && bytes.is_multiple_of(1 << 10) => write!(f, "{} KiB", bytes >> 10),
            bytes => write!(f, "{bytes} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_names_and_can_be_changed() {
        let mut bounds = Bounds::default();
        assert_eq!(bounds.get(Bound::Steps), 300_000);
        assert_eq!(bounds.set("steps", 5), Ok(Bound::Steps));
        assert_eq!((bounds.get(Bound::Steps), bounds.get(Bound::Words)), (5, 10_000));
        assert_eq!(bounds.set("steps", 0), Err(BoundError::Value("steps")));
        assert!(matches!(bounds.set("stairs", 5), Err(BoundError::Name(_))));
        for (at, bound) in Bound::ALL.iter().enumerate() {
            assert!(!bound.about().is_empty() && !bound.unit().is_empty());
            assert!(Bound::ALL[..at].iter().all(|other| other.id() != bound.id()));
        }
        let text = serde_json::to_string(&bounds).unwrap();
        assert_eq!(serde_json::from_str::<Bounds>(&text).unwrap(), bounds);
    }

    #[test]
    fn sizes_are_read_easily() {
        let sizes = [(64 << 20, "64 MiB"), (3 << 30, "3 GiB"), (1 << 10, "1 KiB"), (1_500, "1500 bytes")];
        for (bytes, text) in sizes {
            assert_eq!(Size(bytes).to_string(), text);
        }
    }
}
