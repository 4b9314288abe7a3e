//! Help after a mistake on a terminal: one line each, in the user's language.

use std::borrow::Cow;
use std::io::{self, Write};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use layerlab_core::help::{self, Help, Language};

/// Help after a mistake
#[derive(Debug, Clone, Args)]
pub(super) struct AdviceArgs {
    /// Print no help after a mistake, only what Docker and the shell say
    #[arg(long)]
    plain: bool,
    /// The language of the help (default: that of the locale)
    #[arg(long, value_name = "LANG", value_parser = languages())]
    lang: Option<Language>,
}

/// How advice is told.
#[derive(Debug, Clone)]
pub(super) struct Teller {
    plain: bool,
    language: Language,
    table: help::Table,
}

impl AdviceArgs {
    /// What these arguments ask for.
    pub(super) fn teller(&self) -> Teller {
        let language = self.lang.unwrap_or_else(of_locale);
        Teller { plain: self.plain, language, table: help::Table::of(language) }
    }
}

impl Teller {
    /// Prints a piece of advice on standard error.
    pub(super) fn tell(&self, help: &Help) -> io::Result<()> {
        if self.plain {
            return Ok(());
        }
        let mut err = io::stderr();
        writeln!(err, "Layerlab: {}", self.table.text(help))?;
        err.flush()
    }

    /// What a program wrote on standard error, the lab's own lines among it in the reader's language.
    pub(super) fn own<'t>(&self, data: &'t [u8]) -> Cow<'t, [u8]> {
        match std::str::from_utf8(data) {
            Ok(text) if self.language != Language::En && text.contains(help::MARK) => {
                let lines = text.split_inclusive('\n').map(|line| help::line(self.language, line));
                lines.collect::<String>().into_bytes().into()
            }
            _ => data.into(),
        }
    }

    /// A piece of advice for a program.
    pub(super) fn json(&self, help: &Help) -> serde_json::Value {
        serde_json::json!({ "id": help.id, "args": help.args, "text": self.table.text(help) })
    }
}

fn languages() -> impl TypedValueParser<Value = Language> {
    PossibleValuesParser::new(Language::ALL.map(Language::tag)).map(|tag| Language::of(&tag))
}

/// The first of these that is set counts (POSIX, 8.2).
fn of_locale() -> Language {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
    Language::of(&locale.unwrap_or_default())
}
