//! The languages of the lessons.

use clap::ValueEnum;

/// A language of the lessons
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Lang {
    /// English
    En,
    /// Chinese
    Zh,
}

impl Lang {
    /// All of them, the first language first.
    pub(super) const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// The name of its folder.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }
}
