//! What a row of the table is made of.

use crate::help::Topic;

/// A row of the table.
pub(super) struct Rule {
    /// The text with holes; see [`super::pattern`].
    pub(super) pattern: &'static str,
    /// The commands that it is for, as Docker's help names them; none for all.
    pub(super) verbs: &'static [&'static str],
    pub(super) topic: Topic,
    /// The topic's arguments.
    pub(super) args: &'static [Arg],
}

/// Where an argument comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Arg {
    /// The text of a hole, unchanged.
    Hole(usize),
    /// A hole in small letters.
    Small(usize),
    /// A hole in capital letters.
    Upper(usize),
    /// These words.
    Is(&'static str),
    /// The name of the container whose id is in a hole.
    Container(usize),
    /// A name of the image whose id is in a hole.
    Image(usize),
    /// The name of that kind that is nearest to a hole.
    Near(Kind, usize),
    /// All repositories of the hub.
    Hub,
    /// The repositories of the hub that have the program in a hole.
    Having(usize),
    /// The hub's tags of the repository in a hole.
    Tags(usize),
    /// The name in a hole without tag and digest.
    Repository(usize),
    /// One of the command's arguments.
    Typed(usize),
    /// One of the command's arguments in small letters.
    TypedSmall(usize),
    /// One of the command's arguments as an image's name without its tag.
    TypedRepository(usize),
    /// The value of one of the command's options.
    Flag(&'static str),
    /// How an option is written that has this name.
    Example(&'static str),
    /// How to write the Dockerfile instruction that the hole names.
    Form(usize),
    /// The word of that list that is nearest to a hole.
    Among(Words, usize),
    /// All words of that list.
    All(Words),
    /// The file that is nearest to the one in a hole.
    NearFile(usize),
    /// The command.
    Verb,
    /// The folder of the file in a hole.
    Folder(usize),
}

/// What a name can be a name of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Container,
    Image,
    Volume,
    Network,
    Object,
    /// A repository of the hub.
    Hub,
}

/// Words that a command knows.
#[derive(Debug, Clone, Copy)]
pub(super) enum Words {
    /// The instructions of a Dockerfile.
    Instructions,
    /// Signals.
    Signals,
    /// The filters of the command at hand.
    Filters,
    /// The states of a container.
    States,
    /// The fields of the command's templates.
    Fields,
}

/// A row for any command.
pub(super) const fn rule(pattern: &'static str, topic: Topic, args: &'static [Arg]) -> Rule {
    Rule { pattern, verbs: &[], topic, args }
}

/// A row for these commands alone.
pub(super) const fn of(
    verbs: &'static [&'static str],
    pattern: &'static str,
    topic: Topic,
    args: &'static [Arg],
) -> Rule {
    Rule { pattern, verbs, topic, args }
}
