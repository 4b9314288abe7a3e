//! Advice on a build, for which the Dockerfile and the context are looked at.

use super::finder::Finder;
use super::pattern::holes;
use super::rule::Kind;
use crate::docker::Call;
use crate::help::{Help, Topic, nearest};
use crate::kernel::{fs, path};

/// What there is to say on a line of a build's error.
pub(super) enum Said {
    /// This.
    Advice(Help),
    /// What was said before is enough.
    Enough,
    /// Nothing of a build's own.
    Nothing,
}

impl From<Option<Help>> for Said {
    fn from(help: Option<Help>) -> Self {
        help.map_or(Self::Enough, Self::Advice)
    }
}

/// The advice on a line of a build's error.
pub(super) fn of_line(call: &mut Call<'_, '_>, line: &str) -> Said {
    call.seen.note(line.as_bytes());
    if let Some(found) = holes("The command '*' returned a non-zero code: *", line) {
        return failed_step(call, found[1]).into();
    }
    if let Some(found) = holes("executor failed running [*]: exit code: *", line) {
        return failed_step(call, found[1]).into();
    }
    let help = here_document(call, line)
        .or_else(|| missing_source(call, line))
        .or_else(|| missing_stage(call, line))
        .or_else(|| bad_base(call, line))
        .or_else(|| missing_base(call, line))
        .or_else(|| missing_context(call, line));
    help.map_or(Said::Nothing, Said::Advice)
}

/// A `RUN` that failed. A program that its shell did not find is named in the same sentence.
fn failed_step(call: &mut Call<'_, '_>, code: &str) -> Option<Help> {
    let (place, instruction) = call.seen.place_and_code();
    let (place, instruction) = (place.to_owned(), instruction.to_owned());
    if code == "127" {
        let missing = call.system.world.help.take_last(Topic::CommandMissing);
        if let Some(missing) = missing {
            let arg = |at: usize| missing.args.get(at).map(String::as_str).unwrap_or_default();
            return Some(Help::new(Topic::StepNotFound, &[&place, arg(0), arg(1), arg(2)]));
        }
    }
    for told in
        [Topic::NoSuchFile, Topic::IsDirectory, Topic::NotDirectory, Topic::FileExists, Topic::CommandMissing]
    {
        // Of an error that the step has shown, its end says more.
        call.system.world.help.take_last(told);
    }
    if !call.system.world.help.is_empty() {
        // What the program lacked has its advice.
        return None;
    }
    Some(Help::new(Topic::StepFailed, &[&place, &instruction, code]))
}

/// An unknown instruction, which is often a line of a here-document.
fn here_document(call: &Call<'_, '_>, line: &str) -> Option<Help> {
    let found = holes("parse error line *: unknown instruction: *", line)?;
    let number: usize = found[0].parse().ok()?;
    let opened = call.seen.dockerfile.lines().take(number.saturating_sub(1)).filter(|line| {
        let word = line.split_whitespace().next().unwrap_or_default().to_uppercase();
        let after = line.split_once("<<").map(|(_, after)| after.trim_start_matches(['-', '"', '\'']));
        matches!(word.as_str(), "RUN" | "COPY" | "ADD")
            && after.is_some_and(|after| after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
    });
    Some(Help::new(Topic::HeredocClassic, &[opened.last()?.trim()]))
}

/// A file to copy that the context does not have, or hides.
fn missing_source(call: &mut Call<'_, '_>, line: &str) -> Option<Help> {
    if let Some(found) = holes("forbidden path outside the build context: * (", line) {
        return Some(Help::new(Topic::OutsideContext, &[found[0]]));
    }
    if line.contains("no source files were specified") {
        let source = call.seen.place_and_code().1.split_whitespace().nth(1).unwrap_or_default().to_owned();
        return Some(in_context(call, &source));
    }
    let found = holes("excluded by .dockerignore: stat *: file does not exist", line)
        .or_else(|| holes("failed to compute cache key: \"/*\" not found", line))?;
    Some(in_context(call, found[0]))
}

fn in_context(call: &mut Call<'_, '_>, file: &str) -> Help {
    if file == ".." || file.starts_with("../") {
        return Help::new(Topic::OutsideContext, &[file]);
    }
    let mut finder = Finder::of(call);
    let context = finder.args.first().cloned().unwrap_or_default();
    let whole = path::join(context.as_bytes(), file.trim_start_matches('/').as_bytes()).to_text();
    let task = finder.task.clone();
    let is_there =
        finder.engine.as_mut().is_some_and(|engine| fs::exists(engine.kernel, &task, whole.as_bytes()));
    if is_there {
        return Help::new(Topic::IgnoredInContext, &[file, &context]);
    }
    let near = finder.near_file(&whole);
    let near = near.strip_prefix(&format!("{context}/")).unwrap_or(&near);
    Help::new(Topic::NotInContext, &[file, &context, near])
}

/// `--target` of a stage that is not there.
fn missing_stage(call: &Call<'_, '_>, line: &str) -> Option<Help> {
    let found = holes("failed to reach build target * in Dockerfile", line)
        .or_else(|| holes("target stage * could not be found", line))?;
    let stages: Vec<&str> = call.seen.dockerfile.lines().filter_map(stage).collect();
    let near = nearest(found[0], stages.iter().copied()).unwrap_or_default();
    Some(Help::new(Topic::NoSuchStage, &[found[0], near, &stages.join(", ")]))
}

/// The name that a `FROM` gives to its stage.
fn stage(line: &str) -> Option<&str> {
    let words: Vec<&str> = line.split_whitespace().filter(|word| !word.starts_with("--")).collect();
    match words.as_slice() {
        [from, _, word, name] if from.eq_ignore_ascii_case("FROM") && word.eq_ignore_ascii_case("AS") => {
            Some(name)
        }
        _ => None,
    }
}

/// `FROM` with a name that no image can have.
fn bad_base(call: &Call<'_, '_>, line: &str) -> Option<Help> {
    holes("invalid reference format", line).filter(|_| !line.contains("invalid argument"))?;
    let from = |code: &str| {
        let mut words = code.split_whitespace().filter(|word| !word.starts_with("--"));
        let is_from = words.next().is_some_and(|word| word.eq_ignore_ascii_case("FROM"));
        words.next().filter(|_| is_from).map(str::to_owned)
    };
    let step = from(call.seen.place_and_code().1);
    let name = step.or_else(|| {
        let names = call.seen.dockerfile.lines().filter_map(from);
        let mut bad = names.filter(|name| crate::oci::Reference::parse(name).is_err());
        bad.next()
    })?;
    if line.contains("must be lowercase") {
        return Some(Help::new(Topic::ImageNameCase, &[&name.to_lowercase()]));
    }
    Some(Help::new(Topic::ImageNameBad, &[&name]))
}

/// `FROM` with an image that the hub does not have: `BuildKit` names it above its error alone.
fn missing_base(call: &mut Call<'_, '_>, line: &str) -> Option<Help> {
    holes("pull access denied, repository does not exist", line)?;
    let word = call.seen.place_and_code().1.rsplit(' ').next()?.to_owned();
    let name = crate::oci::Reference::parse(&word).ok()?.familiar_name();
    let mut finder = Finder::of(call);
    let near = finder.near(Kind::Hub, &name);
    Some(Help::new(Topic::PullDenied, &[&name, &near, &finder.names(Kind::Hub).join(", ")]))
}

/// A context that is no directory.
fn missing_context(call: &mut Call<'_, '_>, line: &str) -> Option<Help> {
    let found = holes("unable to prepare context: path \"*\" not found", line)?;
    let mut finder = Finder::of(call);
    if finder.is_named(Kind::Image, found[0]) {
        // docker build NAME, where -t NAME was meant.
        return Some(Help::new(Topic::ContextUnnamed, &[&format!("docker build -t {} .", found[0])]));
    }
    let near = finder.near_file(found[0]);
    Some(Help::new(Topic::NoContext, &[found[0], &near]))
}

/// The first instruction with a list that is no JSON, as it was written and as it was meant; the second is empty where that
/// cannot be known.
pub(super) fn not_json(dockerfile: &str) -> Option<(String, String)> {
    dockerfile.lines().find_map(|line| {
        let line = line.trim();
        let (word, list) = line.split_once(char::is_whitespace)?;
        let list = list.trim();
        let takes_lists = ["CMD", "ENTRYPOINT", "RUN", "VOLUME", "COPY", "ADD"];
        // A test in brackets is a command: RUN [ -f x ].
        let is_list = list.starts_with('[') && !list.starts_with("[ ") && !list.starts_with("[[");
        if !takes_lists.contains(&word.to_uppercase().as_str()) || !is_list || is_json(list) {
            return None;
        }
        let meant = list.replace(['\'', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}'], "\"");
        let meant = if is_json(&meant) { format!("{word} {meant}") } else { String::new() };
        Some((line.to_owned(), meant))
    })
}

fn is_json(list: &str) -> bool {
    serde_json::from_str::<Vec<String>>(list).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_are_no_json_are_found_and_mended() {
        for (text, found) in [
            ("FROM x\nCMD ['echo', 'hi']", Some(("CMD ['echo', 'hi']", "CMD [\"echo\", \"hi\"]"))),
            ("FROM x\nENTRYPOINT [\"echo]", Some(("ENTRYPOINT [\"echo]", ""))),
            ("CMD [echo]", Some(("CMD [echo]", ""))),
            ("CMD [\"echo\"]\nRUN [ -f /x ]\nENV A=[1]", None),
        ] {
            let found = found.map(|(a, b)| (a.to_owned(), b.to_owned()));
            assert_eq!(not_json(text), found, "{text}");
        }
    }

    #[test]
    fn the_names_of_stages_are_read() {
        assert_eq!(stage("from --platform=linux/amd64 golang as build"), Some("build"));
        assert_eq!(stage("FROM golang"), None);
    }
}
