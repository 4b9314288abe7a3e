//! Random Dockerfiles over one context, so that the instructions of one file meet each other's work.

use std::fmt;

use layerlab_tests::random::Random;

use crate::scripts::{base, script};

/// What an instruction can bring from the context: files, directories, links, patterns, archives and what is not there.
const SOURCES: &[&str] = &[
    "a",
    "b.sh",
    "d",
    "d/",
    "d/.",
    "d/x",
    "d/sub",
    "d/sub/z",
    "e",
    "l",
    "dl",
    "d/dead",
    "*.txt",
    "?.txt",
    "d/[xy]",
    "t.tar",
    "t.tar.gz",
    ".",
    "./a",
    "/a",
    "/d/sub",
    "../a",
    "1.txt",
    "none",
    ".hidden",
    "$NAME",
    "${NAME:-d}/x",
    "lib",
];
const TARGETS: &[&str] = &[
    "/w",
    "/w/",
    "/w/a",
    "/w/d",
    "/w/d/",
    "/w/l",
    "/w/ld",
    "/w/ld/",
    "/w/dead",
    "/w/e/up",
    "/w/gone/",
    "/new",
    "/new/",
    "/new/deep/er/",
    "/new/deep/er",
    ".",
    "./",
    "rel",
    "rel/",
    "../up/",
    "/$NAME/",
    "/",
    "/w/own",
    "/w/m/",
];
const OWNERS: &[&str] = &["keeper", "keeper:keepers", "4242", "7:8", "0:0", "nobody", ":4242", "keeper:7"];
const WORDS: &[&str] = &[
    "one",
    "'two words'",
    "\"$NAME\"",
    "${NAME:-none}",
    "${NAME:+some}",
    "a\\ b",
    "$PATH:/x",
    "\\$NAME",
    "",
];
const NAMES: &[&str] = &["NAME", "OTHER", "V1"];
const IGNORES: &[&str] =
    &["", "", "d\n", "*.txt\n!1.txt\n", "d/*\n!d/x\n", "**/z\n", "# a comment\n\nt.*\n", "*\n!a\n!d\n"];

/// A Dockerfile, its context's `.dockerignore`, and the change that is made before it is built again.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) lines: Vec<String>,
    pub(crate) ignore: &'static str,
    pub(crate) change: &'static str,
    pub(crate) flags: Vec<&'static str>,
    pub(crate) buildkit: bool,
}

impl Case {
    pub(crate) fn without(&self, at: usize) -> Self {
        let mut smaller = self.clone();
        smaller.lines.remove(at);
        smaller
    }

    pub(crate) fn dockerfile(&self) -> String {
        self.lines.join("\n") + "\n"
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let builder = if self.buildkit { "BuildKit" } else { "classic" };
        writeln!(f, "# {builder} {:?}, then {}\n{}", self.flags, self.change, self.dockerfile())?;
        if self.ignore.is_empty() { Ok(()) } else { writeln!(f, "# .dockerignore\n{}", self.ignore) }
    }
}

/// What happens to the context between two builds.
const CHANGES: &[&str] = &[
    "true",
    "touch ctx/a ctx/d/x",
    "echo more >> ctx/d/x",
    "chmod 600 ctx/a",
    "chown 7:8 ctx/d/x",
    "rm ctx/l; ln -s d/x ctx/l",
    "rm -r ctx/d/sub",
    "mv ctx/1.txt ctx/3.txt",
    "mkdir ctx/e/new",
];

fn pick<'t>(random: &mut Random, of: &[&'t str]) -> &'t str {
    of[random.below(of.len())]
}

/// The case of a seed.
pub(crate) fn case(seed: u64) -> Case {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).max(1));
    let _ = random.below(1);
    let random = &mut random;
    let buildkit = random.below(3) == 0;
    let mut lines = Vec::new();
    if random.below(6) == 0 {
        lines.push(format!("ARG BASE={}", base::NAME));
    }
    let stages = 1 + random.below(3).saturating_sub(random.below(2));
    for stage in 0..stages {
        lines.push(from(random, stage, !lines.is_empty() && lines[0].starts_with("ARG")));
        for _ in 0..=random.below(7) {
            lines.push(instruction(random, stage));
        }
    }
    let mut flags = Vec::new();
    for flag in [
        "--build-arg NAME=given",
        "--build-arg V1",
        "--label from=outside",
        "--no-cache",
        "--rm=false",
        "--force-rm",
        "--target s0",
    ] {
        if random.below(9) == 0 {
            flags.push(flag);
        }
    }
    Case { lines, ignore: pick(random, IGNORES), change: pick(random, CHANGES), flags, buildkit }
}

fn from(random: &mut Random, stage: usize, has_base: bool) -> String {
    let image = match random.below(10) {
        0 => "scratch".to_owned(),
        1 | 2 if has_base => "$BASE".to_owned(),
        3..=5 if stage > 0 => format!("s{}", random.below(stage)),
        _ => base::NAME.to_owned(),
    };
    format!("FROM {image} AS s{stage}")
}

fn instruction(random: &mut Random, stage: usize) -> String {
    let (source, target, word) = (pick(random, SOURCES), pick(random, TARGETS), pick(random, WORDS));
    let name = pick(random, NAMES);
    match random.below(40) {
        0..=8 => format!("RUN {}", commands(random)),
        9 => {
            format!("RUN [\"/bin/sh\", \"-c\", \"echo $NAME > {}\"]", pick(random, &["/w/a", "/n", "/w/d/n"]))
        }
        10..=13 => format!("COPY {source} {target}"),
        14 => format!("COPY {source} {} {target}", pick(random, SOURCES)),
        15 => format!("COPY [\"{source}\", \"{target}\"]"),
        16 => format!("COPY --chown={} {source} {target}", pick(random, OWNERS)),
        17 => {
            format!(
                "COPY --from={} /w/{} {target}",
                other(random, stage),
                pick(random, &["d", "a", "", "e/own2", "ld", "l", "m"])
            )
        }
        18 | 19 => format!("ADD {source} {target}"),
        20 => format!(
            "ADD --chown={} {} {target}",
            pick(random, OWNERS),
            pick(random, &["t.tar", "t.tar.gz", "d", "a"])
        ),
        21 | 22 => format!(
            "WORKDIR {}",
            pick(random, &["/w", "/w/d", "sub", "/new/wd", "$NAME", "..", "/w/ld", "/w/a"])
        ),
        23 | 24 => format!("ENV {name}={word}"),
        25 => format!("ENV {name} {word} and more"),
        26 => format!("ENV A=1 B=$A {name}=${{{name}}}x"),
        27 => format!("ARG {name}"),
        28 => format!("ARG {name}={word}"),
        29 => format!("LABEL l{}={word} \"with space\"=\"$NAME\"", random.below(3)),
        30 => format!("USER {}", pick(random, &["keeper", "4242:7", "root", "0", "$NAME", "7"])),
        31 => format!("EXPOSE {}", pick(random, &["80", "80/tcp 53/udp", "8000-8002", "$NAME", "80/xyz"])),
        32 => format!("VOLUME {}", pick(random, &["/w/d", "/data /more", "[\"/w/e\"]", "$NAME"])),
        33 => format!("CMD {}", pick(random, &["echo $NAME", "[\"echo\", \"$NAME\"]", "[\"a\"", "'x y'"])),
        34 => format!("ENTRYPOINT {}", pick(random, &["echo entry", "[\"/bin/echo\", \"e\"]"])),
        35 => format!(
            "SHELL {}",
            pick(random, &["[\"/bin/sh\", \"-ec\"]", "[\"/bin/sh\",\"-c\"]", "/bin/sh -c"])
        ),
        36 => format!("STOPSIGNAL {}", pick(random, &["SIGINT", "9", "nothing", "SIGRTMIN+3"])),
        37 => format!(
            "HEALTHCHECK {}",
            pick(
                random,
                &[
                    "NONE",
                    "--interval=5s CMD true",
                    "--retries=2 --timeout=1m CMD [\"true\"]",
                    "--interval=x CMD a"
                ]
            )
        ),
        38 => format!(
            "ONBUILD {}",
            pick(random, &["COPY a /onbuilt", "RUN echo b >> /w/a", "ENV O=b", "FROM x"])
        ),
        _ => format!("MAINTAINER {word}"),
    }
}

fn other(random: &mut Random, stage: usize) -> String {
    match random.below(4) {
        0 if stage > 0 => random.below(stage).to_string(),
        1 | 2 if stage > 0 => format!("s{}", random.below(stage)),
        _ => base::NAME.to_owned(),
    }
}

/// One or a few commands of a random script, each but rarely allowed to fail.
fn commands(random: &mut Random) -> String {
    let mut commands = script(random);
    commands.truncate(1 + random.below(4));
    // Two writes of the same size within a second are one for the differ.
    let end = if random.below(12) == 0 { "" } else { "; true" };
    format!("{}{end}", commands.join("; "))
}
