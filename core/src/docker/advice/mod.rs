//! Advice after an error of Docker's: from its text to what can be done about it.
//!
//! The texts are Docker's own and the same from release to release, so they are what the advice goes by: one table
//! ([`rules`]) from text to topic. Whoever words an error as Docker does needs to do nothing more.

mod notes;
mod pattern;
mod rules;
mod words;

pub(super) use notes::after_success;
pub(super) use words::{of_arguments, of_flags, of_group, of_verb};

use rules::{Arg, Kind, RULES, Rule};

use super::Call;
use crate::engine::Engine;
use crate::help::{Help, Topic, nearest};
use crate::oci::Reference;

/// Gives advice on each line of an error that a command printed.
pub(super) fn after_error(call: &mut Call<'_, '_>, text: &str) {
    if !call.process.is_heard(call.system) {
        return;
    }
    for line in text.lines() {
        if !call.system.world.help.has_room() {
            return;
        }
        let found = RULES.iter().find_map(|rule| Some((rule, pattern::holes(rule.pattern, line)?)));
        if let Some((rule, holes)) = found {
            let first = call.args().into_iter().next();
            let help = given(first.as_ref(), rule, &holes, &mut Finder::of(call));
            let help = refined(call, help);
            call.system.world.help.add(help);
        }
    }
}

/// The advice of a rule.
fn given(first: Option<&String>, rule: &Rule, holes: &[&str], finder: &mut Finder<'_>) -> Help {
    let hole = |at: usize| holes.get(at).copied().unwrap_or_default();
    let args = rule.args.iter().map(|arg| match *arg {
        Arg::Hole(at) => hole(at).to_owned(),
        Arg::Container(at) => finder.container_name(hole(at)),
        Arg::Image(at) => finder.image_name(hole(at)),
        Arg::Near(kind, at) => finder.near(kind, hole(at)),
        Arg::Hub => finder.names(Kind::Hub).join(", "),
        Arg::Having(at) => finder.having(hole(at)),
        Arg::Tags(at) => finder.tags(hole(at)),
        Arg::First => first.cloned().unwrap_or_default(),
        Arg::FirstInSmall => first.map(|name| name.to_lowercase()).unwrap_or_default(),
        Arg::Verb => finder.verb.clone(),
        Arg::Folder(at) => hole(at).rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned(),
        Arg::Repository(at) => {
            Reference::parse(hole(at)).map_or_else(|_| hole(at).to_owned(), |name| name.familiar_name())
        }
    });
    Help { id: rule.topic, args: args.collect() }
}

/// Some texts of Docker's stand for several mistakes.
fn refined(call: &mut Call<'_, '_>, help: Help) -> Help {
    let arg = |at: usize| help.args.get(at).map(String::as_str).unwrap_or_default();
    match help.id {
        Topic::NameBad if arg(0).chars().count() == 1 => Help { id: Topic::NameTooShort, ..help },
        Topic::ProgramMissing if arg(0).starts_with('-') => {
            Help::new(Topic::FlagAfterImage, &[arg(0), &Finder::of(call).verb])
        }
        Topic::ImageUsedByStopped if Finder::of(call).is_up(arg(1)) => {
            Help { id: Topic::ImageUsedByRunning, ..help }
        }
        // The second argument of these names the image.
        Topic::ImageNameBad | Topic::ImageNameCase if call.args().len() == 2 => {
            let mut args = help.args.clone();
            let verb = Finder::of(call).verb;
            if matches!(verb.as_str(), "commit" | "tag") {
                let named = call.arg(1);
                args[0] = if help.id == Topic::ImageNameCase { named.to_lowercase() } else { named };
            }
            Help { id: help.id, args }
        }
        Topic::NoSuchPath => {
            let mut finder = Finder::of(call);
            let found = finder.engine.as_mut().is_none_or(|engine| engine.find_container(arg(0)).is_ok());
            if found {
                return help;
            }
            let near = finder.near(Kind::Container, arg(0));
            Help::new(Topic::NoSuchContainer, &[arg(0), &near])
        }
        _ => help,
    }
}

/// Looks up what an error leaves out: names for ids, and what a misspelt name was meant to be.
struct Finder<'e> {
    engine: Option<Engine<'e>>,
    verb: String,
}

impl<'e> Finder<'e> {
    fn of(call: &'e mut Call<'_, '_>) -> Self {
        let word = call.process.args.get(1).map(crate::kernel::ByteString::to_text);
        Self { verb: word.unwrap_or_default(), engine: call.engine().ok() }
    }

    fn container_name(&mut self, id: &str) -> String {
        let found = self.engine.as_mut().and_then(|engine| engine.find_container(id).ok());
        found.map_or_else(|| id.to_owned(), |container| container.plain_name().to_owned())
    }

    fn is_up(&mut self, name: &str) -> bool {
        let found = self.engine.as_mut().and_then(|engine| engine.find_container(name).ok());
        found.is_some_and(|container| container.state.running)
    }

    fn image_name(&mut self, id: &str) -> String {
        let names = self.engine.as_mut().and_then(|engine| {
            let image = engine.find_image(id).ok()?;
            engine.references_of(&image.id).ok()
        });
        names.and_then(|names| names.first().map(Reference::familiar)).unwrap_or_else(|| id.to_owned())
    }

    fn tags(&mut self, name: &str) -> String {
        let Ok(name) = Reference::parse(name) else { return String::new() };
        let Some(engine) = &self.engine else { return String::new() };
        let found = engine.world.hub.repositories().unwrap_or_default();
        let tags = found.into_iter().find(|repository| repository.name == name.familiar_name());
        tags.map(|repository| repository.tags.join(", ")).unwrap_or_default()
    }

    fn having(&self, program: &str) -> String {
        let name = program.rsplit('/').next().unwrap_or_default();
        self.engine
            .as_ref()
            .map(|engine| engine.world.hub.repositories_with(name).join(", "))
            .unwrap_or_default()
    }

    fn near(&mut self, kind: Kind, word: &str) -> String {
        let names = self.names(kind);
        let near = nearest(word, names.iter().map(String::as_str));
        near.map(str::to_owned).unwrap_or_default()
    }

    fn names(&mut self, kind: Kind) -> Vec<String> {
        let Some(engine) = &mut self.engine else { return Vec::new() };
        match kind {
            Kind::Container => {
                let list = engine.containers().unwrap_or_default();
                list.iter().map(|container| container.plain_name().to_owned()).collect()
            }
            Kind::Image => {
                let names = engine.references().unwrap_or_default();
                let tagged = names.iter().filter(|(name, _)| name.tag.is_some());
                tagged.flat_map(|(name, _)| [name.familiar(), name.familiar_name()]).collect()
            }
            Kind::Volume => engine.volume_names().unwrap_or_default(),
            Kind::Hub => {
                let list = engine.world.hub.repositories().unwrap_or_default();
                list.into_iter().map(|repository| repository.name).collect()
            }
            Kind::Network => ["bridge", "host", "none"].map(str::to_owned).to_vec(),
            Kind::Object => {
                [Kind::Container, Kind::Image, Kind::Volume].into_iter().flat_map(|k| self.names(k)).collect()
            }
        }
    }
}
