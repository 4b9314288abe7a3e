//! A session that was done again on the simulated kernel, with what each line stood at.

use std::collections::BTreeMap;
use std::path::PathBuf;

use layerlab_core::kernel::ByteString;
use layerlab_core::session::export::Told;
use layerlab_core::session::{DEFAULT_CLOCK, Event, Journal, Request};

use crate::cli::CliError;
use crate::lab::Lab;

/// A lab in which the session has run.
pub(super) struct Replayed {
    pub(super) lab: Lab,
    /// What it was told, in order.
    pub(super) told: Vec<Told>,
}

impl Replayed {
    /// Runs a session's text: a journal in JSON, or lines. `files` are contents that it needs.
    pub(super) fn of(text: &[u8], files: &[PathBuf]) -> Result<Self, CliError> {
        let journal = read(text)?;
        let mut lab = Lab::here(DEFAULT_CLOCK)?;
        for path in files {
            let data = std::fs::read(path).map_err(|error| CliError::File { path: path.clone(), error })?;
            lab.ask(Request::Supply { data: data.into(), more: false }, &mut |_| {})?;
        }
        let mut prompts = BTreeMap::new();
        restore(&mut lab, &journal, "--file FILE", &mut |event| {
            if let Event::Line { number, prompt, .. } = event {
                prompts.insert(number, prompt);
            }
        })?;
        let path = journal.path_to(journal.at).into_iter();
        let told = path.filter_map(|number| {
            let entry = journal.entries.get(number.checked_sub(1)?)?;
            let prompt = prompts.remove(&number).unwrap_or_default();
            Some(Told { what: entry.what.clone(), after: entry.after, prompt })
        });
        let mut told: Vec<Told> = told.collect();
        let start = journal.start.iter().map(|line| Told {
            what: layerlab_core::session::What::Run(line.clone()),
            after: 0,
            prompt: HOST.into(),
        });
        told.splice(0..0, start);
        Ok(Self { lab, told })
    }
}

/// What lines before the learner came stood at.
const HOST: &str = "[root@lab ~]# ";

/// Does a journal again in a lab; `how` is how a file is given that it needs.
pub(in crate::cli) fn restore(
    lab: &mut Lab,
    journal: &Journal,
    how: &str,
    heard: &mut dyn FnMut(Event),
) -> Result<(), CliError> {
    let mut wanted = None;
    lab.ask(Request::Restore { journal: journal.clone() }, &mut |event| match event {
        Event::Wanted { content, .. } => wanted = Some(content),
        event => heard(event),
    })?;
    let Some(content) = wanted else { return Ok(()) };
    Err(CliError::Failed(format!(
        "the session needs the file that it put at {}, of {} bytes ({}): give it with {how}",
        content.path, content.size, content.digest
    )))
}

/// A journal in JSON, or lines as typed.
pub(in crate::cli) fn read(text: &[u8]) -> Result<Journal, CliError> {
    if text.trim_ascii_start().starts_with(b"{") {
        let journal: Journal = serde_json::from_slice(text)
            .map_err(|error| CliError::Failed(format!("this is no session of Layerlab: {error}")))?;
        journal.check().map_err(CliError::Failed)?;
        return Ok(journal);
    }
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let lines: Vec<ByteString> = lines.filter(|line| !line.is_empty()).map(ByteString::from).collect();
    let done = lines.len();
    Ok(Journal::of_lines(Vec::new(), lines, done))
}
