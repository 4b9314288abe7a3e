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
    /// A container that waits to be started again was needed or to be removed: its name.
    ContainerRestarting = "container-restarting" / 1;
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
    /// An option whose value is not of its kind: the option, the value, how it is written.
    FlagBadValue = "flag-bad-value" / 3;
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
    /// A Dockerfile's line begins with no instruction: the word, the nearest instruction.
    InstructionUnknown = "instruction-unknown" / 2;
    /// An instruction has the wrong arguments: the instruction, an example.
    InstructionForm = "instruction-form" / 2;
    /// A here-document in the classic builder: the line that begins it.
    HeredocClassic = "heredoc-classic" / 1;
    /// A RUN failed: the step's place (2/3), the instruction, the exit status.
    StepFailed = "step-failed" / 3;
    /// A RUN named a program that is missing: the step's place, the program, the nearest one, images that have it.
    StepNotFound = "step-not-found" / 4;
    /// A file to copy is not in the build context: the file, the context, the nearest name.
    NotInContext = "not-in-context" / 3;
    /// A file to copy is ignored: the file, the context.
    IgnoredInContext = "ignored-in-context" / 2;
    /// A file to copy is outside of the build context: the file.
    OutsideContext = "outside-context" / 1;
    /// Several files to copy, and no directory to copy them to: the instruction.
    CopyNeedsSlash = "copy-needs-slash" / 1;
    /// --target names no stage: the name, the nearest one, all of them.
    NoSuchStage = "no-such-stage" / 3;
    /// A line of .dockerignore is no pattern.
    IgnoreBad = "ignore-bad" / 0;
    /// A Dockerfile without an instruction.
    DockerfileEmpty = "dockerfile-empty" / 0;
    /// A Dockerfile that does not begin with FROM.
    NoFrom = "no-from" / 0;
    /// FROM with a variable that has no value: what was written.
    FromBlank = "from-blank" / 1;
    /// An instruction has no such option: the option.
    InstructionFlag = "instruction-flag" / 1;
    /// An option that only BuildKit has: the option.
    NeedsBuildkit = "needs-buildkit" / 1;
    /// An instruction that ONBUILD does not take.
    OnbuildBad = "onbuild-bad" / 0;
    /// A path goes through a file: the path.
    ParentIsFile = "parent-is-file" / 1;
    /// A --build-arg that no ARG takes: its name.
    BuildArgUnused = "build-arg-unused" / 1;
    /// A list of a Dockerfile that is no JSON, so that a shell gets it: what was written, how it should be.
    NotJson = "not-json" / 2;
    /// The file that -f names is missing: its path.
    NoDockerfileNamed = "no-dockerfile-named" / 1;
    /// The build context is missing: the directory, the nearest name.
    NoContext = "no-context" / 2;
    /// The build context is a file: its path.
    ContextIsFile = "context-is-file" / 1;
    /// docker build without a context: the line that would work.
    ContextUnnamed = "context-unnamed" / 1;
    /// docker run without an image: the verb, the line that would work.
    ImageUnnamed = "image-unnamed" / 2;
    /// A user that /etc/passwd of the image lacks: the name.
    NoSuchUser = "no-such-user" / 1;
    /// A group that /etc/group of the image lacks: the name.
    NoSuchGroup = "no-such-group" / 1;
    /// A line of an --env-file is malformed: the name.
    EnvLineBad = "env-line-bad" / 1;
    /// There is no such file: its path, the nearest one.
    NoSuchFile = "no-such-file" / 2;
    /// A host's directory for -v that does not begin with a slash: what was typed.
    VolumeRelative = "volume-relative" / 1;
    /// A volume's name has letters that Docker refuses: the name.
    VolumeNameBad = "volume-name-bad" / 1;
    /// A volume over the root of a container.
    MountOverRoot = "mount-over-root" / 0;
    /// A path in a container that does not begin with a slash: the path.
    MountPathRelative = "mount-path-relative" / 1;
    /// --mount of a directory that is not there: its path.
    BindSourceMissing = "bind-source-missing" / 1;
    /// Two options that exclude each other: the one, the other.
    BothFlags = "both-flags" / 2;
    /// A memory limit that is too small: what was typed.
    MemorySmall = "memory-small" / 1;
    /// More processors than there are: the least, the most.
    CpusRange = "cpus-range" / 2;
    /// The file for the container's id is there: its path.
    CidfileThere = "cidfile-there" / 1;
    /// A device that the host lacks: its path.
    NoSuchDevice = "no-such-device" / 1;
    /// An image that names no program: the image.
    NoCommand = "no-command" / 1;
    /// A working directory that a container lacks: its path.
    NoSuchWorkdir = "no-such-workdir" / 1;
    /// A network of that name is there: the name.
    NetworkExists = "network-exists" / 1;
    /// Docker's own networks cannot be made, removed or left.
    NetworkPredefined = "network-predefined" / 0;
    /// Another network has these addresses.
    SubnetTaken = "subnet-taken" / 0;
    /// A gateway without its subnet.
    GatewaySubnet = "gateway-subnet" / 0;
    /// There is no such driver: its name.
    DriverUnknown = "driver-unknown" / 1;
    /// Addresses, aliases and links were asked for on Docker's own network.
    OwnNetwork = "own-network" / 0;
    /// An address was asked for on a network whose subnet Docker chose.
    AddressSubnet = "address-subnet" / 0;
    /// ps does not know what docker top passed on to it: the container.
    TopOptions = "top-options" / 1;
    /// A container is on the network already: the container, the network.
    AlreadyConnected = "already-connected" / 2;
    /// A container is not on the network: the container, the network.
    NotConnected = "not-connected" / 2;
    /// There is no such filter: its name, the nearest one, all of the command's.
    FilterUnknown = "filter-unknown" / 3;
    /// A filter has no such value: what was typed, the values that there are.
    FilterValue = "filter-value" / 2;
    /// A template names a field that is not there: the field, the fields that there are.
    TemplateField = "template-field" / 2;
    /// A template cannot be read.
    TemplateBad = "template-bad" / 0;
    /// inspect --type of a kind that there is not: the kind.
    TypeUnknown = "type-unknown" / 1;
    /// There is no such signal: what was typed, the nearest one.
    SignalUnknown = "signal-unknown" / 2;
    /// docker cp without a container.
    CpNoContainer = "cp-no-container" / 0;
    /// docker cp between containers: the source, the destination.
    CpTwoContainers = "cp-two-containers" / 2;
    /// A directory was to be copied over a file.
    CpDirToFile = "cp-dir-to-file" / 0;
    /// The directory to write to is missing: its path.
    NoSuchDir = "no-such-dir" / 1;
    /// A file is no archive: its name.
    ArchiveBroken = "archive-broken" / 1;
    /// docker load without input.
    LoadNoInput = "load-no-input" / 0;
    /// An archive of a file system was given to docker load: the file.
    LoadOfExport = "load-of-export" / 1;
    /// An image's archive was given to docker import: the file.
    ImportOfSave = "import-of-save" / 1;
    /// --change takes no such instruction: the word.
    ChangeBad = "change-bad" / 1;
    /// A container that is not paused was to go on: its name.
    NotPaused = "not-paused" / 1;
    /// A container was to get the name that it has: the name.
    SameName = "same-name" / 1;
    /// A port is not published: the port, the container.
    PortNotPublished = "port-not-published" / 2;
    /// A password for the hub that is too short.
    LoginPassword = "login-password" / 0;
    /// docker login would ask for a password.
    LoginNoPrompt = "login-no-prompt" / 0;
    /// pull -a with a tag: the name.
    PullAllTag = "pull-all-tag" / 1;
    /// An image's name where a container's was wanted: the image, a container of it, the verb.
    ImageNotContainer = "image-not-container" / 3;
    /// A container's name where an image's was wanted: the container.
    ContainerNotImage = "container-not-image" / 1;
    /// A package manager was typed on the lab's host: its name.
    PackageHost = "package-host" / 1;
    /// A file was wanted, and a directory given: its path.
    IsDirectory = "is-directory" / 1;
    /// A directory was wanted, and a file given: its path.
    NotDirectory = "not-directory" / 1;
    /// A directory is not empty: its path.
    DirNotEmpty = "dir-not-empty" / 1;
    /// A file is there already: its path.
    FileExists = "file-exists" / 1;
    /// A file system or directory is in use: its path.
    DeviceBusy = "device-busy" / 1;
    /// A container may not mount.
    MountInContainer = "mount-in-container" / 0;
    /// A line ends inside a quote: the quote.
    QuoteOpen = "quote-open" / 1;
    /// A line that the shell cannot read: the word at which it stops.
    SyntaxBad = "syntax-bad" / 1;
    /// A platform that there is not: what was typed.
    PlatformUnknown = "platform-unknown" / 1;
    /// A time that cannot be read: the option, what was typed.
    TimeBad = "time-bad" / 2;
    /// A line that waits for long was stopped, since containers have much to do meanwhile.
    StoppedWaiting = "stopped-waiting" / 0;
    /// An option of a command stands before the command: the option.
    FlagBeforeVerb = "flag-before-verb" / 1;
    /// A path in a container that is the kernel's: the container, the path.
    KernelPath = "kernel-path" / 2;
    /// Nothing is mounted where something was to be unmounted: the path.
    NotMounted = "not-mounted" / 1;
    /// An option that the lab's program lacks: the program, the option.
    OptionNotHere = "option-not-here" / 2;
    /// A layer of a mounted overlay was changed directly: its directory.
    LayerChangedDirectly = "layer-changed-directly" / 1;
}
