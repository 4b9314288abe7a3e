//! Every command, once: its names, its help, how many arguments it takes, its code.

use super::verb::{Args, grouped, verb};
use super::{help, managed, verbs};

pub(super) use super::verb::Verb;

/// Groups of commands.
const GROUPS: [&str; 7] = ["builder", "checkpoint", "container", "image", "volume", "network", "system"];

/// All commands.
pub(super) static VERBS: &[Verb] = &[
    verb("attach", "container attach", Args::Exactly(1), verbs::start::attach),
    grouped("checkpoint create", Args::AtLeast(0), verbs::checkpoint::create),
    Verb {
        flat: "",
        grouped: "checkpoint ls",
        aliases: &["list"],
        help: "checkpoint ls",
        args: Args::AtLeast(0),
        run: verbs::checkpoint::ls,
    },
    Verb {
        flat: "",
        grouped: "checkpoint rm",
        aliases: &["remove"],
        help: "checkpoint rm",
        args: Args::AtLeast(0),
        run: verbs::checkpoint::rm,
    },
    verb("commit", "container commit", Args::Between(1, 2), verbs::commit::run),
    verb("cp", "container cp", Args::Exactly(2), verbs::cp::run),
    verb("create", "container create", Args::AtLeast(1), verbs::create::run),
    verb("diff", "container diff", Args::Exactly(1), verbs::diff::run),
    verb("exec", "container exec", Args::AtLeast(2), verbs::exec::run),
    verb("export", "container export", Args::Exactly(1), verbs::export::run),
    verb("history", "image history", Args::Exactly(1), verbs::history::run),
    Verb {
        flat: "images",
        grouped: "image ls",
        aliases: &["list"],
        help: "images",
        args: Args::AtMost(1),
        run: verbs::images::run,
    },
    verb("import", "image import", Args::AtLeast(1), verbs::import::run),
    verb("info", "system info", Args::None, verbs::info::info),
    verb("inspect", "", Args::AtLeast(1), verbs::inspect::any),
    grouped("container inspect", Args::AtLeast(1), verbs::inspect::container),
    grouped("image inspect", Args::AtLeast(1), verbs::inspect::image),
    verb("kill", "container kill", Args::AtLeast(1), verbs::stop::kill),
    verb("load", "image load", Args::None, verbs::load::run),
    verb("login", "", Args::AtMost(1), verbs::login::run),
    verb("logs", "container logs", Args::Exactly(1), verbs::logs::run),
    verb("pause", "container pause", Args::AtLeast(1), verbs::pause::pause),
    verb("port", "container port", Args::Between(1, 2), verbs::port::run),
    Verb {
        flat: "ps",
        grouped: "container ls",
        aliases: &["ps", "list"],
        help: "ps",
        args: Args::None,
        run: verbs::ps::run,
    },
    verb("pull", "image pull", Args::Exactly(1), verbs::pull::run),
    verb("rename", "container rename", Args::Exactly(2), verbs::rename::run),
    verb("restart", "container restart", Args::AtLeast(1), verbs::stop::restart),
    verb("rm", "container rm", Args::AtLeast(1), verbs::rm::run),
    Verb {
        flat: "rmi",
        grouped: "image rm",
        aliases: &["rmi", "remove"],
        help: "rmi",
        args: Args::AtLeast(1),
        run: verbs::rmi::run,
    },
    verb("run", "container run", Args::AtLeast(1), verbs::run::run),
    verb("save", "image save", Args::AtLeast(1), verbs::save::run),
    verb("search", "", Args::Exactly(1), verbs::search::run),
    verb("start", "container start", Args::AtLeast(1), verbs::start::run),
    verb("stop", "container stop", Args::AtLeast(1), verbs::stop::stop),
    verb("tag", "image tag", Args::Exactly(2), verbs::tag::run),
    verb("top", "container top", Args::AtLeast(1), verbs::top::run),
    verb("unpause", "container unpause", Args::AtLeast(1), verbs::pause::unpause),
    verb("build", "image build", Args::Exactly(1), verbs::build::run),
    verb("events", "system events", Args::None, verbs::events::run),
    verb("logout", "", Args::AtMost(1), verbs::login::logout),
    verb("push", "image push", Args::Exactly(1), verbs::push::run),
    verb("stats", "container stats", Args::AtLeast(0), verbs::stats::run),
    verb("update", "container update", Args::AtLeast(1), verbs::update::run),
    grouped("builder prune", Args::None, verbs::prune::builder),
    Verb {
        flat: "",
        grouped: "builder build",
        aliases: &[],
        help: "build",
        args: Args::Exactly(1),
        run: verbs::other::missing,
    },
    grouped("system prune", Args::None, verbs::prune::system),
    grouped("volume prune", Args::None, verbs::prune::volumes),
    Verb {
        flat: "",
        grouped: "network ls",
        aliases: &["list"],
        help: "network ls",
        args: Args::None,
        run: verbs::network::ls,
    },
    grouped("network inspect", Args::AtLeast(1), verbs::inspect::network),
    grouped("network create", Args::Exactly(1), verbs::network::create),
    Verb {
        flat: "",
        grouped: "network rm",
        aliases: &["remove"],
        help: "network rm",
        args: Args::AtLeast(1),
        run: verbs::network::rm,
    },
    grouped("network connect", Args::Exactly(2), verbs::network::connect),
    grouped("network disconnect", Args::Exactly(2), verbs::network::disconnect),
    grouped("network prune", Args::None, verbs::prune::networks),
    verb("version", "", Args::None, verbs::version::version),
    verb("wait", "container wait", Args::AtLeast(1), verbs::wait::run),
    grouped("container prune", Args::None, verbs::prune::containers),
    grouped("image prune", Args::None, verbs::prune::images),
    grouped("volume create", Args::AtMost(1), verbs::volume::create),
    grouped("volume inspect", Args::AtLeast(1), verbs::inspect::volume),
    Verb {
        flat: "",
        grouped: "volume ls",
        aliases: &["list"],
        help: "volume ls",
        args: Args::None,
        run: verbs::volume::ls,
    },
    Verb {
        flat: "",
        grouped: "volume rm",
        aliases: &["remove"],
        help: "volume rm",
        args: Args::AtLeast(1),
        run: verbs::volume::rm,
    },
    grouped("system df", Args::None, verbs::df::run),
];

/// Groups of commands, the longer names first.
fn groups() -> impl Iterator<Item = &'static str> {
    let (mut long, short): (Vec<&str>, Vec<&str>) =
        GROUPS.iter().chain(&managed::GROUPS).partition(|group| group.contains(' '));
    long.extend(short);
    long.into_iter()
}

/// Every command, those of things that the lab has not behind the others.
fn all() -> impl Iterator<Item = &'static Verb> {
    VERBS.iter().chain(managed::VERBS)
}

/// What the words of a line name.
#[derive(Debug)]
pub(super) enum Found {
    /// A command, its name as shown, and how many words that took.
    Verb(&'static Verb, &'static str, usize),
    /// A group, and whether a word stands behind it that is no command.
    Group(&'static str, bool),
    /// Neither.
    Nothing,
}

/// Finds what the words name.
pub(super) fn find(words: &[String]) -> Found {
    let Some(first) = words.first() else { return Found::Nothing };
    for group in groups() {
        let length = group.split(' ').count();
        if words.len() < length || words[..length].join(" ") != group {
            continue;
        }
        let next = words.get(length).map(String::as_str).unwrap_or_default();
        let is = |verb: &&Verb| {
            verb.grouped
                .rsplit_once(' ')
                .is_some_and(|(of, last)| of == group && (last == next || verb.aliases.contains(&next)))
        };
        return match all().find(is) {
            Some(verb) => Found::Verb(verb, verb.grouped, length + 1),
            None => Found::Group(group, !next.is_empty()),
        };
    }
    match VERBS.iter().find(|verb| verb.flat == first && !verb.flat.is_empty()) {
        Some(verb) => Found::Verb(verb, verb.flat, 1),
        // `docker images` has a cousin that people type.
        None => Found::Nothing,
    }
}

/// The words that can stand first.
pub(super) fn names() -> Vec<&'static str> {
    VERBS
        .iter()
        .map(|verb| verb.flat)
        .filter(|name| !name.is_empty())
        .chain(groups().filter(|group| !group.contains(' ')))
        .collect()
}

/// The words that can stand behind a group's name.
pub(super) fn names_in(group: &str) -> Vec<&'static str> {
    let last = |verb: &'static Verb| {
        verb.grouped.rsplit_once(' ').filter(|(of, _)| *of == group).map(|(_, last)| last)
    };
    all().filter_map(last).collect()
}

/// A command's help under the name that was typed.
pub(super) fn help(verb: &Verb, name: &str) -> String {
    let text = help::section(verb.help).unwrap_or_default();
    if name == verb.help {
        return text.to_owned();
    }
    let mut text = text.replace(&format!("docker {} ", verb.help), &format!("docker {name} "));
    if !verb.aliases.is_empty()
        && let Some(at) = text.find("\nOptions:")
    {
        let last = name.split(' ').next_back().unwrap_or_default();
        let mut words = vec![last];
        words.extend(verb.aliases);
        text.insert_str(at, &format!("\nAliases:\n  {}\n", words.join(", ")));
    }
    text
}
