//! Why a pattern, a `sed` script or an `awk` program is refused: it is wrong, or it needs what the lab does not have.

use super::run::Run;

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::shell::commands) enum Refusal {
    /// It is wrong, in the program's own words.
    Wrong(String),
    /// The lab does not have what it asks for; the text goes behind `Layerlab: `.
    Lacks(String),
}

impl Refusal {
    /// Returns the refusal of what the lab does not have.
    pub(in crate::shell::commands) fn lacks(why: impl Into<String>) -> Self {
        Self::Lacks(why.into())
    }

    /// Writes the refusal to standard error.
    pub(in crate::shell::commands) fn tell(&self, run: &mut Run<'_, '_>) {
        match self {
            Self::Wrong(why) => run.warn(why),
            Self::Lacks(why) => run.complain(format!("Layerlab: {why}\n")),
        }
    }
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Self::Wrong(why)
    }
}

impl From<&str> for Refusal {
    fn from(why: &str) -> Self {
        Self::Wrong(why.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::shell::tests::check;

    #[test]
    fn what_the_lab_lacks_begins_the_line() {
        check(
            r"
            $ echo a | sed ':x'; echo a | sed 's/\(a\)\1/b/'; echo a | grep '\(a\)\1'; echo $?
            Layerlab: labels and branches are not supported
            Layerlab: back-references in a pattern are not supported
            Layerlab: back-references in a pattern are not supported
            2
            $ awk 'BEGIN { getline }'; find . -regex '\(a\)\1'; expr a : '\(a\)\1'
            Layerlab: awk has no getline here
            Layerlab: back-references in a pattern are not supported
            Layerlab: back-references in a pattern are not supported
        ",
        );
    }
}
