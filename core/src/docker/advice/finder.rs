//! Looks up what an error leaves out: names for ids, and what a misspelt name was meant to be.

use super::known;
use super::rule::{Arg, Kind, Rule};
use crate::docker::Call;
use crate::engine::Engine;
use crate::help::{Help, nearest};
use crate::kernel::{Task, fs, path};
use crate::oci::Reference;

/// What a command was about, and the engine to look things up in.
pub(super) struct Finder<'e> {
    pub(super) engine: Option<Engine<'e>>,
    pub(super) verb: &'static str,
    /// The command's arguments.
    pub(super) args: Vec<String>,
    /// The values of the options that a rule can ask for.
    flags: Vec<(&'static str, String)>,
    pub(super) task: Task,
}

/// The options whose values [`Arg::Flag`] can name.
const FLAGS: [&str; 16] = [
    "blkio-weight",
    "change",
    "cidfile",
    "detach-keys",
    "input",
    "memory",
    "memory-swap",
    "mount",
    "pid",
    "publish",
    "restart",
    "security-opt",
    "tmpfs",
    "user",
    "uts",
    "file",
];

impl<'e> Finder<'e> {
    pub(super) fn of(call: &'e mut Call<'_, '_>) -> Self {
        let specs = crate::docker::help::flags(call.verb);
        let flags = FLAGS.into_iter().filter(|name| specs.iter().any(|spec| spec.long == *name));
        let value = |name: &'static str| {
            let list = call.flags.list(name);
            let value = list.last().cloned().or_else(|| call.flags.text(name))?;
            Some((name, value))
        };
        let flags = flags.filter_map(value).collect();
        let (verb, args, task) = (call.verb, call.args(), call.process.task.clone());
        Self { engine: call.engine().ok(), verb, args, flags, task }
    }

    /// The advice of a rule.
    pub(super) fn given(&mut self, rule: &Rule, holes: &[&str]) -> Help {
        let args = rule.args.iter().map(|arg| self.argument(*arg, holes)).collect();
        Help { id: rule.topic, args }
    }

    fn argument(&mut self, arg: Arg, holes: &[&str]) -> String {
        let hole = |at: usize| holes.get(at).copied().unwrap_or_default();
        let typed = |at: usize| self.args.get(at).cloned().unwrap_or_default();
        match arg {
            Arg::Hole(at) => hole(at).to_owned(),
            Arg::Small(at) => hole(at).to_lowercase(),
            Arg::Upper(at) => hole(at).to_uppercase(),
            Arg::Is(words) => words.to_owned(),
            Arg::Container(at) => self.container_name(hole(at)),
            Arg::Image(at) => self.image_name(hole(at)),
            Arg::Near(kind, at) => self.near(kind, hole(at)),
            Arg::Hub => self.names(Kind::Hub).join(", "),
            Arg::Having(at) => self.having(hole(at)),
            Arg::Tags(at) => self.tags(hole(at)),
            Arg::Repository(at) => repository(hole(at)),
            Arg::Typed(at) => typed(at),
            Arg::TypedSmall(at) => typed(at).to_lowercase(),
            Arg::TypedRepository(at) => repository(&typed(at)),
            Arg::Flag(name) => self.flag(name),
            Arg::Example(name) => known::example(name).to_owned(),
            Arg::Form(at) => known::form(hole(at)).to_owned(),
            Arg::Among(list, at) => {
                nearest(hole(at), known::words(list, self.verb)).unwrap_or_default().to_owned()
            }
            Arg::All(list) => known::words(list, self.verb).join(", "),
            Arg::NearFile(at) => self.near_file(hole(at)),
            Arg::Verb => self.verb.to_owned(),
            Arg::Folder(at) => hole(at).rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned(),
        }
    }

    /// The last value of an option; empty where it has none.
    pub(super) fn flag(&self, name: &str) -> String {
        let found = self.flags.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// Whether something of that kind has exactly this name.
    pub(super) fn is_named(&mut self, kind: Kind, name: &str) -> bool {
        self.names(kind).iter().any(|known| known == name)
    }

    /// Whether a container has this name, or an id that begins so.
    pub(super) fn finds_container(&mut self, name: &str) -> bool {
        self.engine.as_mut().is_none_or(|engine| engine.find_container(name).is_ok())
    }

    /// The newest container of an image; empty where there is none.
    pub(super) fn container_of(&mut self, image: &str) -> String {
        let found = self.engine.as_mut().and_then(|engine| {
            let id = engine.find_image(image).ok()?.id.to_string();
            let list = engine.containers().ok()?;
            list.into_iter().rev().find(|container| container.image.to_string() == id)
        });
        found.map(|container| container.plain_name().to_owned()).unwrap_or_default()
    }

    fn container_name(&mut self, id: &str) -> String {
        let found = self.engine.as_mut().and_then(|engine| engine.find_container(id).ok());
        found.map_or_else(|| id.to_owned(), |container| container.plain_name().to_owned())
    }

    pub(super) fn is_up(&mut self, name: &str) -> bool {
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

    pub(super) fn near(&mut self, kind: Kind, word: &str) -> String {
        let names = self.names(kind);
        let near = nearest(word, names.iter().map(String::as_str));
        near.map(str::to_owned).unwrap_or_default()
    }

    /// The name in a file's directory that is nearest to the file's own.
    pub(super) fn near_file(&mut self, file: &str) -> String {
        let task = self.task.clone();
        self.engine.as_mut().map(|engine| near_file(engine, &task, file)).unwrap_or_default()
    }

    pub(super) fn names(&mut self, kind: Kind) -> Vec<String> {
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
            Kind::Network => {
                let list = engine.networks().unwrap_or_default();
                list.iter().map(|network| network.name.clone()).collect()
            }
            Kind::Object => {
                [Kind::Container, Kind::Image, Kind::Volume].into_iter().flat_map(|k| self.names(k)).collect()
            }
        }
    }
}

fn near_file(engine: &mut Engine<'_>, task: &Task, file: &str) -> String {
    let (folder, name) = file.rsplit_once('/').map_or((".", file), |(folder, name)| (folder, name));
    let folder = if folder.is_empty() { "/" } else { folder };
    let entries = fs::read_dir(engine.kernel, task, folder.as_bytes()).unwrap_or_default();
    let names: Vec<String> = entries.iter().map(|entry| entry.name.to_text()).collect();
    let near = nearest(name, names.iter().map(String::as_str)).unwrap_or_default();
    if near.is_empty() || !file.contains('/') {
        return near.to_owned();
    }
    String::from_utf8_lossy(&path::join(folder.as_bytes(), near.as_bytes())).into_owned()
}

/// An image's name without tag and digest.
fn repository(name: &str) -> String {
    Reference::parse(name).map_or_else(|_| name.to_owned(), |name| name.familiar_name())
}
