//! Images, archives and registries. Texts as Docker 20.10.24 words them (recorded: rmi-*, pull-*, load-*, import-*, push-*).

use crate::docker::advice::rule::Arg::{
    Container, Hole, Hub, Image, Near, NearFile, Repository, Small, Tags, Typed, TypedRepository, TypedSmall,
};
use crate::docker::advice::rule::{Arg, Kind, Rule, of, rule};
use crate::help::Topic;

pub(super) static RULES: &[Rule] = &[
    rule("No such image: *", Topic::NoSuchImage, &[Hole(0), Near(Kind::Image, 0)]),
    rule("does not exist locally with the tag: *", Topic::NoSuchImage, &[Typed(0), Near(Kind::Image, 0)]),
    rule("pull access denied for *, repository", Topic::PullDenied, &[Hole(0), Near(Kind::Hub, 0), Hub]),
    rule("manifest for *:*/* not found: manifest unknown", Topic::RegistryHasNot, &[Typed(0)]),
    rule("manifest for * not found", Topic::NoSuchTag, &[Repository(0), Tags(0)]),
    rule("unauthorized: incorrect username or password", Topic::LoginPassword, &[]),
    rule("Cannot perform an interactive login", Topic::LoginNoPrompt, &[]),
    rule("Get \"https://*/v2/\": http: server gave HTTP response", Topic::PlainRegistry, &[Hole(0)]),
    rule("Get \"http://*/v2/\": dial tcp *: connect: connection refused", Topic::NoRegistryUp, &[Hole(0)]),
    rule("Get \"https://*/v2/\": ", Topic::NoRegistry, &[Hole(0)]),
    rule("Get \"http://*/v2/\": ", Topic::NoRegistry, &[Hole(0)]),
    rule("tag can't be used with --all-tags/-a", Topic::PullAllTag, &[TypedRepository(0)]),
    rule(
        "Error parsing reference: \"*\" is not a valid repository/tag: invalid reference format: repository name must be lowercase",
        Topic::ImageNameCase,
        &[Small(0)],
    ),
    rule("Error parsing reference: \"*\" is not a valid repository/tag", Topic::ImageNameBad, &[Hole(0)]),
    rule(
        "invalid argument \"*\" for \"*\" flag: invalid reference format: repository name must be lowercase",
        Topic::ImageNameCase,
        &[Small(0)],
    ),
    rule("invalid argument \"*\" for \"*\" flag: invalid reference format", Topic::ImageNameBad, &[Hole(0)]),
    of(&["commit", "import"], "repository name must be lowercase", Topic::ImageNameCase, &[TypedSmall(1)]),
    of(&["commit", "import"], "invalid reference format", Topic::ImageNameBad, &[Typed(1)]),
    rule("repository name must be lowercase", Topic::ImageNameCase, &[TypedSmall(0)]),
    rule("invalid reference format", Topic::ImageNameBad, &[Typed(0)]),
    rule("refusing to create a tag with a digest reference", Topic::ImageNameBad, &[Typed(1)]),
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
    rule("max depth exceeded", Topic::TooManyLayers, &[]),
    of(&["load"], "open /*/json: no such file", Topic::LoadOfExport, &[Arg::Flag("input")]),
    of(&["load", "import"], "open *: no such file or directory", Topic::NoSuchFile, &[Hole(0), NearFile(0)]),
    of(&["load"], "stdin is empty", Topic::LoadNoInput, &[]),
    of(&["load"], "Error processing tar file", Topic::ArchiveBroken, &[Arg::Flag("input")]),
    of(&["load"], "unexpected EOF", Topic::ArchiveBroken, &[Arg::Flag("input")]),
    of(&["import"], "unexpected EOF", Topic::ArchiveBroken, &[Typed(0)]),
    of(&["import"], "Error processing tar file", Topic::ArchiveBroken, &[Typed(0)]),
    rule(
        "Limit * is outside the range",
        Topic::FlagBadValue,
        &[Arg::Is("--limit"), Hole(0), Arg::Example("limit")],
    ),
];
