//! Dockerfiles and builds. Texts as Docker 20.10.24's classic builder and its BuildKit word them (recorded: build-fail-*,
//! buildkit-fail). What needs the Dockerfile or the context to be told is in [`crate::docker::advice::build`].

use crate::docker::advice::rule::Arg::{Among, Flag, Folder, Form, Hole, Is, Typed, Upper};
use crate::docker::advice::rule::{Rule, Words, of, rule};
use crate::help::Topic;

pub(super) static RULES: &[Rule] = &[
    rule("unknown instruction: *", Topic::InstructionUnknown, &[Hole(0), Among(Words::Instructions, 0)]),
    rule("symlinks in Dockerfile path: lstat *: no such file", Topic::NoDockerfile, &[Folder(0)]),
    rule("failed to read dockerfile: open */Dockerfile: no such file", Topic::NoDockerfile, &[Typed(0)]),
    rule("failed to read dockerfile: open *: no such file", Topic::NoDockerfileNamed, &[Flag("file")]),
    rule("context must be a directory: *", Topic::ContextIsFile, &[Hole(0)]),
    rule("error checking context: syntax error in pattern", Topic::IgnoreBad, &[]),
    rule("error checking context: illegal exclusion pattern", Topic::IgnoreBad, &[]),
    of(&["build"], "cannot be empty", Topic::DockerfileEmpty, &[]),
    rule("file with no instructions", Topic::DockerfileEmpty, &[]),
    rule("no build stage in current context", Topic::NoFrom, &[]),
    rule("base name (*) should not be blank", Topic::FromBlank, &[Hole(0)]),
    rule("the * option requires BuildKit", Topic::NeedsBuildkit, &[Hole(0)]),
    rule("*: Unknown flag: *", Topic::InstructionFlag, &[Hole(1)]),
    rule("isn't allowed as an ONBUILD trigger", Topic::OnbuildBad, &[]),
    rule("Chaining ONBUILD via", Topic::OnbuildBad, &[]),
    rule("When using * with more than one source file", Topic::CopyNeedsSlash, &[Hole(0)]),
    rule("failed to create new directory: mkdir */merged*: not a directory", Topic::ParentIsFile, &[Hole(1)]),
    rule(
        "HEALTHCHECK (try CMD)",
        Topic::InstructionForm,
        &[Is("HEALTHCHECK"), Is("HEALTHCHECK CMD wget -q -O - localhost")],
    ),
    of(&["build"], "line *: * requires ", Topic::InstructionForm, &[Hole(1), Form(1)]),
    of(&["build"], "LLB definition: * must have two arguments", Topic::InstructionForm, &[Upper(0), Form(0)]),
    of(
        &["build"],
        "failed to parse *: * must have two arguments",
        Topic::InstructionForm,
        &[Upper(1), Form(1)],
    ),
    of(
        &["build"],
        "Syntax error - can't find = in ",
        Topic::InstructionForm,
        &[Is("ENV, LABEL"), Is("ENV NAME=value, LABEL key=value")],
    ),
    of(
        &["build"],
        "HEALTHCHECK",
        Topic::InstructionForm,
        &[Is("HEALTHCHECK"), Is("HEALTHCHECK CMD wget -q -O - localhost")],
    ),
];
