//! Which text stands for which mistake. Texts as Docker 20.10.24 words them (oracle: errors-*, run-*, rm-*, rmi-*, pull-*).

use crate::help::Topic;

/// A row of the table.
pub(super) struct Rule {
    /// The text with holes; see [`super::pattern`].
    pub(super) pattern: &'static str,
    pub(super) topic: Topic,
    /// The topic's arguments.
    pub(super) args: &'static [Arg],
}

/// Where an argument comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Arg {
    /// A hole as it stands.
    Hole(usize),
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
    /// The command's first argument.
    First,
    /// The command's first argument in small letters.
    FirstInSmall,
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

const fn rule(pattern: &'static str, topic: Topic, args: &'static [Arg]) -> Rule {
    Rule { pattern, topic, args }
}

use Arg::{Container, First, FirstInSmall, Folder, Having, Hole, Hub, Image, Near, Repository, Tags, Verb};

/// The table; of several rows that fit the first counts.
pub(super) static RULES: &[Rule] = &[
    rule("No such container:path: *:*", Topic::NoSuchPath, &[Hole(0), Hole(1)]),
    rule("No such container: *", Topic::NoSuchContainer, &[Hole(0), Near(Kind::Container, 0)]),
    rule("No such image: *", Topic::NoSuchImage, &[Hole(0), Near(Kind::Image, 0)]),
    rule("does not exist locally with the tag: *", Topic::NoSuchImage, &[First, Near(Kind::Image, 0)]),
    rule("No such volume: *", Topic::NoSuchVolume, &[Hole(0), Near(Kind::Volume, 0)]),
    rule("get *: no such volume", Topic::NoSuchVolume, &[Hole(0), Near(Kind::Volume, 0)]),
    rule("No such network: *", Topic::NoSuchNetwork, &[Hole(0), Near(Kind::Network, 0)]),
    rule("network * not found", Topic::NoSuchNetwork, &[Hole(0), Near(Kind::Network, 0)]),
    rule("No such object: *", Topic::NoSuchObject, &[Hole(0), Near(Kind::Object, 0)]),
    rule("You cannot remove a running container *. ", Topic::ContainerRunning, &[Container(0)]),
    rule("You cannot remove a paused container *. ", Topic::ContainerPaused, &[Container(0)]),
    rule("Container * is paused, unpause", Topic::ContainerPaused, &[Container(0)]),
    rule("cannot start a paused container", Topic::ContainerPaused, &[First]),
    rule("cannot attach to a paused container", Topic::ContainerPaused, &[First]),
    rule("cannot attach to a stopped container", Topic::ContainerNotRunning, &[First]),
    rule("Container * is not running", Topic::ContainerNotRunning, &[Container(0)]),
    rule("container name \"/*\" is already in use by container", Topic::NameTaken, &[Hole(0)]),
    rule("Invalid container name (*), only", Topic::NameBad, &[Hole(0)]),
    rule("pull access denied for *, repository", Topic::PullDenied, &[Hole(0), Near(Kind::Hub, 0), Hub]),
    rule("manifest for *:*/* not found: manifest unknown", Topic::RegistryHasNot, &[First]),
    rule("manifest for * not found", Topic::NoSuchTag, &[Repository(0), Tags(0)]),
    rule("Get \"https://*/v2/\": http: server gave HTTP response", Topic::PlainRegistry, &[Hole(0)]),
    rule("Get \"http://*/v2/\": dial tcp *: connect: connection refused", Topic::NoRegistryUp, &[Hole(0)]),
    rule("Get \"https://*/v2/\": ", Topic::NoRegistry, &[Hole(0)]),
    rule("Get \"http://*/v2/\": ", Topic::NoRegistry, &[Hole(0)]),
    rule("repository name must be lowercase", Topic::ImageNameCase, &[FirstInSmall]),
    rule("invalid reference format", Topic::ImageNameBad, &[First]),
    rule(
        "unable to delete * (cannot be forced) - image is being used by running container *",
        Topic::ImageUsedByRunning,
        &[Image(0), Container(1)],
    ),
    rule(
        "unable to delete * (must be forced) - image is being used by stopped container *",
        Topic::ImageUsedByStopped,
        &[Image(0), Container(1)],
    ),
    rule(
        "unable to remove repository reference \"*\" (must force) - container * is using",
        Topic::ImageUsedByStopped,
        &[Hole(0), Container(1)],
    ),
    rule("unable to delete * (cannot be forced) - image has dependent", Topic::ImageHasChildren, &[Image(0)]),
    rule("unable to delete * (must be forced) - image is referenced", Topic::ImageManyNames, &[Hole(0)]),
    rule("remove *: volume is in use", Topic::VolumeInUse, &[Hole(0)]),
    rule("network * has active endpoints", Topic::NetworkInUse, &[First]),
    rule("Bind for *:* failed: port is already allocated", Topic::PortTaken, &[Hole(1)]),
    rule("exec: \"*\": executable file not found", Topic::ProgramMissing, &[Hole(0), First, Having(0)]),
    rule("exec: \"*\": stat ", Topic::ProgramMissing, &[Hole(0), First, Having(0)]),
    rule("exec: \"*\": permission denied", Topic::NotExecutable, &[Hole(0)]),
    rule("the input device is not a TTY", Topic::NotATty, &[]),
    rule("refusing to save to a terminal", Topic::SaveToTerminal, &[Verb]),
    rule("max depth exceeded", Topic::TooManyLayers, &[]),
    rule("symlinks in Dockerfile path: lstat *: no such file", Topic::NoDockerfile, &[Folder(0)]),
    rule("read-only file system", Topic::ReadOnly, &[]),
    rule("Cannot connect to the Docker daemon at", Topic::DaemonDown, &[]),
    rule("no space left on device", Topic::NoSpace, &[]),
];
