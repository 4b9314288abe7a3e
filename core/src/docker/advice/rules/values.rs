//! Values of options that the daemon, or the client after its flags, refuses. Texts as Docker 20.10.24 words them (recorded
//! sessions, refusals).

use crate::docker::advice::rule::Arg::{Example, Flag, Hole, Is, Near, NearFile, Typed};
use crate::docker::advice::rule::{Kind, Rule, of, rule};
use crate::help::Topic;

/// The commands that make a container.
const MAKERS: &[&str] = &["run", "create"];

pub(super) static RULES: &[Rule] = &[
    of(MAKERS, "open *: no such file or directory", Topic::NoSuchFile, &[Hole(0), NearFile(0)]),
    of(&["exec"], "open *: no such file or directory", Topic::NoSuchFile, &[Hole(0), NearFile(0)]),
    rule("poorly formatted environment: variable '*' contains", Topic::EnvLineBad, &[Hole(0)]),
    rule("poorly formatted environment: no variable name on line '*'", Topic::EnvLineBad, &[Hole(0)]),
    rule("the working directory '*' is invalid", Topic::MountPathRelative, &[Hole(0)]),
    rule("uids and gids must be in range", Topic::FlagBadValue, &[Is("-u"), Flag("user"), Example("user")]),
    of(
        &["volume create"],
        "\"*\" includes invalid characters for a local volume",
        Topic::VolumeNameBad,
        &[Hole(0)],
    ),
    rule("\"*\" includes invalid characters for a local volume name", Topic::VolumeRelative, &[Hole(0)]),
    rule("volume name is too short", Topic::VolumeNameBad, &[Typed(0)]),
    rule(
        "unable to upgrade to tcp, received 400",
        Topic::FlagBadValue,
        &[Is("--detach-keys"), Flag("detach-keys"), Is("--detach-keys ctrl-x,x")],
    ),
    rule("destination can't be '/'", Topic::MountOverRoot, &[]),
    rule("invalid mount path: '*' mount path must be absolute", Topic::MountPathRelative, &[Hole(0)]),
    rule("invalid volume specification: '*'", Topic::FlagBadValue, &[Is("-v"), Hole(0), Example("volume")]),
    rule("invalid mode: *", Topic::FlagBadValue, &[Is("-v"), Hole(0), Is("-v data:/data:ro")]),
    rule(
        "Duplicate mount point: *",
        Topic::FlagBadValue,
        &[Is("-v"), Hole(0), Is("-v a:/a -v b:/b, each directory once")],
    ),
    rule("bind source path does not exist: *", Topic::BindSourceMissing, &[Hole(0)]),
    rule(
        "invalid mount config for type \"*\": mount type unknown",
        Topic::FlagBadValue,
        &[Is("--mount type="), Hole(0), Is("type=bind, type=volume or type=tmpfs")],
    ),
    rule(
        "invalid mount config for type \"*\"",
        Topic::FlagBadValue,
        &[Is("--mount"), Flag("mount"), Example("mount")],
    ),
    of(&["build"], "Invalid containerPort: *", Topic::InstructionForm, &[Is("EXPOSE"), Is("EXPOSE 80")]),
    rule("Invalid containerPort: *", Topic::FlagBadValue, &[Is("-p"), Hole(0), Example("publish")]),
    rule("Invalid hostPort: *", Topic::FlagBadValue, &[Is("-p"), Hole(0), Example("publish")]),
    rule("Invalid ip address *: ", Topic::FlagBadValue, &[Is("-p"), Hole(0), Example("publish")]),
    rule(
        "Invalid ranges specified for container and host",
        Topic::FlagBadValue,
        &[Is("-p"), Flag("publish"), Example("publish")],
    ),
    rule("Invalid proto: *", Topic::FlagBadValue, &[Is("-p"), Hole(0), Is("-p 53:53/udp")]),
    rule("No port specified: *", Topic::FlagBadValue, &[Is("-p"), Hole(0), Example("publish")]),
    rule(
        "invalid publish opts format",
        Topic::FlagBadValue,
        &[Is("-p"), Flag("publish"), Example("publish")],
    ),
    rule("Conflicting options: * and *", Topic::BothFlags, &[Hole(0), Hole(1)]),
    rule("conflicting options: * and the network mode", Topic::BothFlags, &[Hole(0), Is("--network")]),
    rule("* and * are mutually exclusive", Topic::BothFlags, &[Hole(0), Hole(1)]),
    rule("invalid restart policy '*'", Topic::FlagBadValue, &[Is("--restart"), Hole(0), Example("restart")]),
    rule(
        "maximum retry count cannot be used with restart policy '*'",
        Topic::FlagBadValue,
        &[Is("--restart"), Flag("restart"), Example("restart")],
    ),
    rule("maximum retry count", Topic::FlagBadValue, &[Is("--restart"), Flag("restart"), Example("restart")]),
    rule("Minimum memory limit allowed is", Topic::MemorySmall, &[Flag("memory")]),
    rule(
        "Minimum memoryswap limit should be larger",
        Topic::FlagBadValue,
        &[Is("--memory-swap"), Flag("memory-swap"), Example("memory-swap")],
    ),
    rule(
        "Memory limit should be smaller than already set memoryswap",
        Topic::FlagBadValue,
        &[Is("-m"), Flag("memory"), Is("-m 64m --memory-swap 128m")],
    ),
    rule("Range of CPUs is from * to *,", Topic::CpusRange, &[Hole(0), Hole(1)]),
    rule(
        "invalid CapAdd: unknown capability: \"*\"",
        Topic::FlagBadValue,
        &[Is("--cap-add"), Hole(0), Example("cap-add")],
    ),
    rule(
        "invalid CapDrop: unknown capability: \"*\"",
        Topic::FlagBadValue,
        &[Is("--cap-drop"), Hole(0), Example("cap-drop")],
    ),
    rule(
        "invalid range format for --expose: *,",
        Topic::FlagBadValue,
        &[Is("--expose"), Hole(0), Example("expose")],
    ),
    rule(
        "invalid port format for --expose: *",
        Topic::FlagBadValue,
        &[Is("--expose"), Hole(0), Example("expose")],
    ),
    rule("container ID file found", Topic::CidfileThere, &[Flag("cidfile")]),
    rule(
        "could not get container for *: No such container",
        Topic::NoSuchContainer,
        &[Hole(0), Near(Kind::Container, 0)],
    ),
    rule("adding custom device \"*\"", Topic::NoSuchDevice, &[Hole(0)]),
    rule("unknown log opt '*'", Topic::FlagBadValue, &[Is("--log-opt"), Hole(0), Example("log-opt")]),
    rule("error parsing specified platform: \"*\"", Topic::PlatformUnknown, &[Hole(0)]),
    rule("\"*\": unknown operating system or architecture", Topic::PlatformUnknown, &[Hole(0)]),
    rule(
        "Invalid --security-opt: \"*\"",
        Topic::FlagBadValue,
        &[Is("--security-opt"), Hole(0), Example("security-opt")],
    ),
    rule(
        "invalid --security-opt",
        Topic::FlagBadValue,
        &[Is("--security-opt"), Flag("security-opt"), Example("security-opt")],
    ),
    rule("Invalid IPC mode: *", Topic::FlagBadValue, &[Is("--ipc"), Hole(0), Is("--ipc host")]),
    rule("--pid: invalid PID mode", Topic::FlagBadValue, &[Is("--pid"), Flag("pid"), Is("--pid host")]),
    rule("--uts: invalid UTS mode", Topic::FlagBadValue, &[Is("--uts"), Flag("uts"), Is("--uts host")]),
    of(
        MAKERS,
        "mount *: invalid argument",
        Topic::FlagBadValue,
        &[Is("--tmpfs"), Flag("tmpfs"), Is("--tmpfs /scratch:size=64m,ro")],
    ),
    rule("Unknown runtime specified *", Topic::FlagBadValue, &[Is("--runtime"), Hole(0), Example("runtime")]),
    rule(
        "Invalid isolation: \"*\"",
        Topic::FlagBadValue,
        &[Is("--isolation"), Hole(0), Example("isolation")],
    ),
    rule(
        "Invalid value *, range for oom score adj",
        Topic::FlagBadValue,
        &[Is("--oom-score-adj"), Hole(0), Example("oom-score-adj")],
    ),
    rule(
        "Range of blkio weight",
        Topic::FlagBadValue,
        &[Is("--blkio-weight"), Flag("blkio-weight"), Example("blkio-weight")],
    ),
    rule(
        "invalid value for \"*\": failed to parse value as time or duration: \"*\"",
        Topic::TimeBad,
        &[Hole(0), Hole(1)],
    ),
    rule("invalid value for \"*\": parsing time \"*\"", Topic::TimeBad, &[Hole(0), Hole(1)]),
    of(
        &["events"],
        "failed to parse value as time or duration: \"*\"",
        Topic::TimeBad,
        &[Is("--since and --until"), Hole(0)],
    ),
    rule("read-only file system", Topic::ReadOnly, &[]),
    rule("no space left on device", Topic::NoSpace, &[]),
];
