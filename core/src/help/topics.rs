//! What advice there is.

use serde::{Deserialize, Serialize};

/// Declares the topics: a description, the name in the code, the id in the tables, the number of arguments.
macro_rules! topics {
    ($($(#[$doc:meta])* $name:ident = $id:literal / $arity:literal;)*) => {
        /// A piece of advice, by the mistake that it follows. The description of each names its arguments in order.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Topic {
            $($(#[$doc])* #[serde(rename = $id)] $name,)*
        }

        impl Topic {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in the tables.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// How many arguments it has.
            pub fn arity(self) -> usize {
                match self { $(Self::$name => $arity,)* }
            }
        }
    };
}

impl Topic {
    /// More arguments than this no topic has.
    pub const MOST_ARGS: usize = 4;
}

topics! {
    /// A container that is up was to be removed: its name.
    ContainerRunning = "container-running" / 1;
    /// A container that is up was needed: its name.
    ContainerNotRunning = "container-not-running" / 1;
    /// A paused container was to do something: its name.
    ContainerPaused = "container-paused" / 1;
    /// A container's name is taken: the name.
    NameTaken = "name-taken" / 1;
    /// A container's name has one letter: the name.
    NameTooShort = "name-too-short" / 1;
    /// A container's name has letters that Docker refuses: the name.
    NameBad = "name-bad" / 1;
    /// There is no such container: what was typed, the nearest name.
    NoSuchContainer = "no-such-container" / 2;
    /// There is no such image here: what was typed, the nearest name.
    NoSuchImage = "no-such-image" / 2;
    /// There is no such volume: what was typed, the nearest name.
    NoSuchVolume = "no-such-volume" / 2;
    /// There is no such network: what was typed, the nearest name.
    NoSuchNetwork = "no-such-network" / 2;
    /// There is neither a container nor an image nor a volume of that name: what was typed, the nearest name.
    NoSuchObject = "no-such-object" / 2;
    /// There is no such path in a container: the container, the path.
    NoSuchPath = "no-such-path" / 2;
    /// The hub has no such repository: the name, the nearest one, all of them.
    PullDenied = "pull-denied" / 3;
    /// The hub's repository has no such tag: the name, its tags.
    NoSuchTag = "no-such-tag" / 2;
    /// A registry cannot be reached: its host.
    NoRegistry = "no-registry" / 1;
    /// A registry speaks plain HTTP, and the daemon does not trust it: its host.
    PlainRegistry = "plain-registry" / 1;
    /// Nothing listens at a registry's address: its host.
    NoRegistryUp = "no-registry-up" / 1;
    /// A registry of the lab's own has no such image: what was typed.
    RegistryHasNot = "registry-has-not" / 1;
    /// An image's name has capital letters: the name in small ones.
    ImageNameCase = "image-name-case" / 1;
    /// An image's name is malformed: the name.
    ImageNameBad = "image-name-bad" / 1;
    /// A container that is up uses the image: the image, the container's name.
    ImageUsedByRunning = "image-used-by-running" / 2;
    /// A container that is not up uses the image: the image, the container's name.
    ImageUsedByStopped = "image-used-by-stopped" / 2;
    /// Another image was made from the image: the image.
    ImageHasChildren = "image-has-children" / 1;
    /// The image has names in several repositories: what was typed.
    ImageManyNames = "image-many-names" / 1;
    /// A container uses the volume: the volume.
    VolumeInUse = "volume-in-use" / 1;
    /// Containers are on the network: the network.
    NetworkInUse = "network-in-use" / 1;
    /// The daemon is down.
    DaemonDown = "daemon-down" / 0;
    /// The daemon's file has a key that it does not know: the key, the nearest one.
    DaemonKey = "daemon-key" / 2;
    /// The daemon does not start with its file: its words.
    DaemonFile = "daemon-file" / 1;
    /// The daemon's file has a setting that the lab does not have: the key, why.
    DaemonSetting = "daemon-setting" / 2;
    /// A port of the host is taken: the port.
    PortTaken = "port-taken" / 1;
    /// `docker` was typed inside a container.
    DockerInContainer = "docker-in-container" / 0;
    /// A command that is missing: the command, the nearest one, images that have it.
    CommandMissing = "command-missing" / 3;
    /// A package manager or a downloader would need the network: the command.
    NoNetwork = "no-network" / 1;
    /// A package is not in the index: its name, the nearest name.
    PackageMissing = "package-missing" / 2;
    /// Packages were to be installed before their lists were fetched.
    ListsMissing = "lists-missing" / 0;
    /// The program of a container is missing in its image: the program, the image, images that have it.
    ProgramMissing = "program-missing" / 3;
    /// An option stands where the container's program is named: the option, the verb.
    FlagAfterImage = "flag-after-image" / 2;
    /// A file is not executable: the file.
    NotExecutable = "not-executable" / 1;
    /// A command of Docker's that there is not: the word, the nearest one.
    VerbUnknown = "verb-unknown" / 2;
    /// A command of a group that there is not: the group, the word, the nearest one.
    SubcommandUnknown = "subcommand-unknown" / 3;
    /// A command of Docker's that the lab does not have: the command.
    VerbNotInLab = "verb-not-in-lab" / 1;
    /// An option that the command does not have: the option, the command, the nearest one.
    FlagUnknown = "flag-unknown" / 3;
    /// An option without its value: the option, the command.
    FlagNeedsValue = "flag-needs-value" / 2;
    /// An option whose value is not of its kind: the option, the value.
    FlagBadValue = "flag-bad-value" / 2;
    /// An option that Docker has and the lab refuses: the option, the command.
    FlagRefused = "flag-refused" / 2;
    /// Too few or too many arguments: the command, its form.
    ArgumentsWrong = "arguments-wrong" / 2;
    /// A file system is read-only.
    ReadOnly = "read-only" / 0;
    /// A disk is full.
    NoSpace = "no-space" / 0;
    /// Permission was denied to a user: the user's number.
    PermissionDenied = "permission-denied" / 1;
    /// `-it` on something that is no terminal.
    NotATty = "not-a-tty" / 0;
    /// A shell was started in a container without `-it`, and ended at once: the command line that would work.
    InteractiveWithoutIt = "interactive-without-it" / 1;
    /// A container that was to run in the background has ended at once: its name, its exit status.
    DetachedAndGone = "detached-and-gone" / 2;
    /// A container was committed in which nothing was changed: its name.
    NothingToCommit = "nothing-to-commit" / 1;
    /// A build found no Dockerfile: where it looked.
    NoDockerfile = "no-dockerfile" / 1;
    /// A line that follows something was stopped, since nobody can press Ctrl-C.
    StoppedFollowing = "stopped-following" / 0;
    /// An archive would have gone to the terminal: the command.
    SaveToTerminal = "save-to-terminal" / 1;
    /// A limit of the lab was reached: its name, what it is.
    LimitReached = "limit-reached" / 2;
    /// The layers of an image are too many.
    TooManyLayers = "too-many-layers" / 0;
}
