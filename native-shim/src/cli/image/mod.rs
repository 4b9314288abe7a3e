//! `layerlab image`: what is in an image, layer by layer, and what of it is waste.

mod args;
mod asked;
mod contents;
mod lens;
mod list;
mod pair;
mod progress;
mod source;
mod table;
mod tables;
mod units;

pub(super) use args::Image;

use std::io::{self, Write};

use layerlab_core::explore::{self, Explorer, FileDigests, Report, Threshold};
use layerlab_core::oci::Limits;
use serde_json::json;

use super::{CliError, Outcome, text};
use crate::archive;
use asked::Asked;
use contents::Form;
use progress::Progress;
use source::{Taken, take};

/// The part of the contents that may be hidden, where CI says nothing of it.
const MAX_HIDDEN: f64 = 0.1;

impl Image {
    pub(super) fn run(&self) -> Outcome {
        let limits = Limits {
            expanded: self.max_expanded,
            entries: self.max_entries,
            ratio: self.max_ratio,
            ..Limits::default()
        };
        let limits = super::limits::of_images(limits, &self.limits)?;
        let is_asked = self.as_rules.is_some()
            || self.to.is_some()
            || self.why.is_some()
            || self.diff.is_some()
            || self.diff_layers.is_some()
            || self.content().is_some()
            || self.tree
            || self.history
            || self.duplicates
            || self.ci;
        match &self.files[..] {
            _ if self.list && is_asked => Err(CliError::Usage("--list goes with --json alone".to_owned())),
            files if self.list || (files.len() > 2 && !is_asked) => list::run(self, limits),
            [before, after] if !is_asked => pair::run(self, before, after, limits),
            [file] => match self.as_rules {
                Some(rules) => lens::run(self, file, rules.into(), limits),
                None => self.one(file, limits),
            },
            files => Err(CliError::Usage(format!("{} archives, and a question to one", files.len()))),
        }
    }

    /// The path whose content is wanted, and in which form.
    fn content(&self) -> Option<(&str, Form)> {
        let cat = self.cat.as_deref().map(|path| (path, Form::Text));
        let hex = self.hex.as_deref().map(|path| (path, Form::Hex));
        cat.or(hex).or_else(|| Some((self.save.as_deref()?, Form::Save(self.output.clone()))))
    }

    /// One image: a question to it, or all of it.
    fn one(&self, file: &str, limits: Limits) -> Outcome {
        let compares = self.diff.is_some() || self.diff_layers.is_some() || self.duplicates;
        let digests = if compares { FileDigests::Yes } else { FileDigests::No };
        let (taken, explorer) = self.read(file, limits, digests)?;
        let opened = &taken.opened;
        if let Some((path, form)) = self.content() {
            return contents::bring(opened, &explorer, path, self.layer, &form, limits);
        }
        if let Some(to) = &self.to {
            archive::write(opened, &explorer, to)?;
            return Ok(0);
        }
        let mut report = Report::of(&explorer);
        report.warnings.extend(lens::who_refuses(opened, &explorer, limits)?);
        let failures = report.failures(self.threshold());
        let asked = self.why.as_ref().map(|path| Asked::of(&explorer, path));
        let difference = self.difference(&explorer, limits)?;
        let mut out = io::BufWriter::new(io::stdout().lock());
        if self.json {
            let mut object = serde_json::to_value(&report).map_err(io::Error::other)?;
            object["form"] = json!(opened.archive.form);
            object["hidden_share"] = json!(report.hidden_share());
            object["history"] = json!(explore::history(&explorer.image).collect::<Vec<_>>());
            if self.ci {
                object["failures"] = json!(failures);
            }
            if let Some(asked) = &asked {
                object["why"] = asked.json();
            }
            if let Some((changes, settings)) = &difference {
                object["diff"] = json!(changes);
                object["diff_config"] = json!(settings);
            }
            if self.duplicates {
                object["duplicates"] = json!(explore::same_contents(&explorer.stack));
            }
            if self.tree {
                object["tree"] = json!(explorer.rows(0, usize::MAX));
            }
            writeln!(out, "{}", text::json(&object)?)?;
        } else if let Some(asked) = &asked {
            self.tell_why(&mut out, &explorer, asked)?;
        } else if let Some((changes, settings)) = &difference {
            tables::changes(&mut out, changes, settings)?;
        } else if self.history {
            tables::history(&mut out, &explorer)?;
        } else {
            table::report(&mut out, &report, text::columns())?;
            if self.duplicates {
                tables::duplicates(&mut out, &explore::same_contents(&explorer.stack))?;
            }
            if self.tree {
                writeln!(out)?;
                tables::tree(&mut out, &explorer)?;
            }
        }
        out.flush()?;
        if !self.json {
            for failure in &failures {
                writeln!(io::stderr(), "layerlab: {failure}")?;
            }
        }
        let missing = asked.is_some_and(|asked| asked.is_missing());
        Ok(u8::from(!failures.is_empty() || missing))
    }

    fn threshold(&self) -> Threshold {
        if !self.ci {
            return Threshold::default();
        }
        let max_hidden = self.max_hidden.or_else(|| self.max_reclaimable.is_none().then_some(MAX_HIDDEN));
        Threshold {
            min_efficiency: Some(self.min_efficiency),
            max_reclaimable: self.max_reclaimable,
            max_hidden,
        }
    }

    fn tell_why(&self, out: &mut impl Write, explorer: &Explorer, asked: &Asked<'_>) -> io::Result<()> {
        tables::why(out, explorer, &asked.why, asked.led.is_some())?;
        tables::way(out, explorer, asked)?;
        if asked.is_missing()
            && asked.way.behind.is_none()
            && let Some(near) = contents::near(explorer, asked.path)
        {
            writeln!(out, "did you mean {near}?")?;
        }
        Ok(())
    }

    fn take(&self, file: &str, limits: Limits) -> Result<Taken, CliError> {
        take(file, &self.connection, self.platform.as_deref(), limits)
    }

    /// Reads an image's layers; with `digests` contents can be compared.
    fn read(&self, file: &str, limits: Limits, digests: FileDigests) -> Result<(Taken, Explorer), CliError> {
        let taken = self.take(file, limits)?;
        let opened = &taken.opened;
        let image = opened.choose(self.image.as_deref(), self.platform.as_deref())?;
        let total: u64 = image.layers.iter().filter_map(|layer| layer.blob).map(|blob| blob.len).sum();
        let progress = Progress::new(total);
        let mut explorer = archive::explore(opened, image, digests, &|bytes| progress.add(bytes))?;
        progress.end();
        explorer.among(&opened.archive);
        if let Some(refused) = explorer.refused.first().filter(|_| self.strict) {
            return Err(CliError::Failed(format!(
                "{file}: layer {}: Docker refuses the image for \"{}\": {}",
                refused.layer,
                refused.entry.to_text(),
                refused.docker
            )));
        }
        Ok((taken, explorer))
    }

    fn difference(&self, explorer: &Explorer, limits: Limits) -> Result<Option<Difference>, CliError> {
        if let Some(other) = &self.diff {
            let (_, before) = self.read(other, limits, FileDigests::Yes)?;
            let settings = explore::settings(&before.image.config, &explorer.image.config);
            return Ok(Some((explore::compare(&before.stack, &explorer.stack), settings)));
        }
        let Some(pair) = &self.diff_layers else { return Ok(None) };
        let sheet = |text: &str| {
            let sheets = explorer.stack.sheets();
            text.parse::<usize>().ok().and_then(|i| sheets.get(i)).cloned().ok_or_else(|| {
                CliError::Usage(format!(
                    "--diff-layers {pair}: layers are 0 to {}",
                    sheets.len().saturating_sub(1)
                ))
            })
        };
        let (a, b) = pair.split_once(':').unwrap_or((pair, ""));
        let (a, b) = (explore::Stack::new(vec![sheet(a)?]), explore::Stack::new(vec![sheet(b)?]));
        Ok(Some((explore::compare(&a, &b), Vec::new())))
    }
}

/// What differs: files, and settings.
type Difference = (Vec<explore::PathChange>, Vec<explore::Setting>);
