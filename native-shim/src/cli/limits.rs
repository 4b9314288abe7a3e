//! `layerlab limits`, and `--limit` of what has limits.

use std::io::{self, Write};

use clap::Args;
use layerlab_core::oci::Limits;
use layerlab_core::program::Bound;
use serde_json::json;

use super::{CliError, Outcome};

const EXAMPLES: &str = "\
Examples:
  layerlab limits
  layerlab run --limit steps=1000000 -c 'for i in $(seq 200000); do :; done'
  layerlab image --limit layers=1000 web.tar";

/// List the limits by name: what they are, and what they bound
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct LimitsArgs {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl LimitsArgs {
    pub(super) fn run(&self) -> Outcome {
        let mut out = io::BufWriter::new(io::stdout().lock());
        let lab: Vec<(&str, u64, String)> = Bound::ALL
            .iter()
            .map(|bound| (bound.id(), bound.default(), format!("{}: {}", bound.unit(), bound.about())))
            .collect();
        let images: Vec<(&str, u64, String)> = fields(&mut Limits::default())
            .into_iter()
            .map(|f| (f.name, f.value(), f.about.to_owned()))
            .collect();
        let parts = [("lab", "layerlab run, layerlab shell", lab), ("images", "layerlab image", images)];
        if self.json {
            let list = |limits: &[(&str, u64, String)]| -> Vec<serde_json::Value> {
                let one = |(name, value, about): &(&str, u64, String)| json!({"name": name, "default": value, "about": about});
                limits.iter().map(one).collect()
            };
            writeln!(out, "{}", json!({"lab": list(&parts[0].2), "images": list(&parts[1].2)}))?;
            return Ok(0);
        }
        for (at, (_, commands, limits)) in parts.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            writeln!(out, "{commands}: --limit NAME=VALUE")?;
            for (name, value, about) in limits {
                writeln!(out, "  {name:<16} {value:>12}  {about}")?;
            }
        }
        out.flush()?;
        Ok(0)
    }
}

/// `NAME=VALUE`; a value may end in K, M or G.
pub(super) fn parse(text: &str) -> Result<(String, u64), String> {
    let wrong = "NAME=VALUE is wanted, with a whole number that may end in K, M or G";
    let (name, value) = text.split_once('=').ok_or(wrong)?;
    let (digits, scale) = match value.char_indices().last() {
        Some((at, 'K' | 'k')) => (&value[..at], 1 << 10),
        Some((at, 'M' | 'm')) => (&value[..at], 1 << 20),
        Some((at, 'G' | 'g')) => (&value[..at], 1 << 30),
        _ => (value, 1),
    };
    let number = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(scale));
    Ok((name.to_owned(), number.filter(|number| *number > 0).ok_or(wrong)?))
}

/// The limits of reading an image, with these changed.
pub(super) fn of_images(mut limits: Limits, changed: &[(String, u64)]) -> Result<Limits, CliError> {
    for (name, value) in changed {
        let missing = || CliError::Usage(format!("there is no limit {name}; layerlab limits lists them"));
        let field = fields(&mut limits).into_iter().find(|field| field.name == name).ok_or_else(missing)?;
        match field.place {
            Place::Long(place) => *place = *value,
            Place::Size(place) => *place = usize::try_from(*value).unwrap_or(usize::MAX),
        }
    }
    Ok(limits)
}

/// A limit of reading an image.
struct Field<'l> {
    name: &'static str,
    place: Place<'l>,
    about: &'static str,
}

enum Place<'l> {
    Long(&'l mut u64),
    Size(&'l mut usize),
}

impl Field<'_> {
    fn value(&self) -> u64 {
        match &self.place {
            Place::Long(value) => **value,
            Place::Size(value) => **value as u64,
        }
    }
}

fn fields(limits: &mut Limits) -> Vec<Field<'_>> {
    use Place::{Long, Size};
    let Limits {
        entries,
        metadata,
        path,
        json,
        layers,
        index_depth,
        index_entries,
        expanded,
        ratio,
        ratio_from,
        zstd_window,
        xz_dictionary,
        archive_files,
        archive_depth,
    } = limits;
    let field = |name, place, about| Field { name, place, about };
    vec![
        field("entries", Long(entries), "entries of one layer"),
        field("metadata", Size(metadata), "bytes of extended headers before one entry"),
        field("path", Size(path), "bytes of a path or a link's target"),
        field("json", Size(json), "bytes of one JSON document"),
        field("layers", Size(layers), "layers of one image"),
        field("index_depth", Size(index_depth), "indexes inside indexes"),
        field("index_entries", Size(index_entries), "images that one index may list"),
        field("expanded", Long(expanded), "bytes that one layer may expand to"),
        field("ratio", Long(ratio), "bytes that one byte may expand to"),
        field("ratio_from", Long(ratio_from), "bytes of output below which ratio is not looked at"),
        field("zstd_window", Long(zstd_window), "bytes of a zstd window"),
        field("xz_dictionary", Long(xz_dictionary), "bytes of an xz dictionary"),
        field("archive_files", Long(archive_files), "files in the outer archive"),
        field("archive_depth", Size(archive_depth), "parts of a file's name in the outer archive"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_named_and_changed() {
        assert_eq!(parse("files=2M"), Ok(("files".to_owned(), 2 << 20)));
        assert_eq!(parse("steps=10"), Ok(("steps".to_owned(), 10)));
        for bad in ["", "steps", "steps=", "steps=0", "steps=x", "steps=1T", "files=99999999999G"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let changed = of_images(Limits::default(), &[("layers".to_owned(), 7), ("ratio".to_owned(), 9)]);
        let changed = changed.unwrap();
        assert_eq!((changed.layers, changed.ratio, changed.json), (7, 9, Limits::default().json));
        assert!(of_images(Limits::default(), &[("stairs".to_owned(), 7)]).is_err());
    }
}
