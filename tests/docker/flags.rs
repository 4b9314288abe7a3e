//! Random lines of `docker create` and `docker run` on real Docker and in the lab: the same status, and a container with
//! the same mounts, `HostConfig` and `Config`.

mod generate;

use generate::Line;
use layerlab_tests::archive::busybox;
use layerlab_tests::listing::difference;
use serde_json::Value;

use crate::scripts::base;
use crate::scripts::sides::{Lab, Real, Side};

/// The seed makes the run; `LAYERLAB_FLAGS_SEED` is another.
const SEED: u64 = 1;
/// How many lines; `LAYERLAB_FLAGS` is another number (500 in a soak).
const COUNT: u64 = 50;

/// What depends on the machine under the daemon and not on the line (docs/docker: cgroups).
const OF_THE_MACHINE: &[&str] = &["CgroupnsMode", "MaskedPaths", "ReadonlyPaths"];

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// What a side makes of a line, as text.
fn observe(side: &mut dyn Side, line: &Line, name: &str) -> String {
    let said = side.line(&format!("{} < /dev/null", line.text(name)));
    let mut seen = format!("status {}\n", said.status);
    for part in ["Mounts", "HostConfig", "Config"] {
        let shown = side.line(&format!("docker inspect --type container -f '{{{{json .{part}}}}}' {name}"));
        let text = match serde_json::from_str::<Value>(shown.stdout.trim()) {
            Ok(value) if shown.status == 0 => plain(value),
            _ => "no container\n".to_owned(),
        };
        seen.push_str(&format!("{part}:\n{text}\n"));
    }
    side.line(&format!("docker rm -fv {name}; docker volume prune -f"));
    seen
}

/// A part of a container's document without what is another in each run: ids, and what the machine decides.
fn plain(mut value: Value) -> String {
    if let Value::Array(items) = &mut value {
        // Docker keeps mounts in a map, which has no order.
        items.sort_by_key(|item| item["Destination"].to_string());
    }
    if let Value::Object(fields) = &mut value {
        for name in OF_THE_MACHINE {
            fields.remove(*name);
        }
    }
    let text = serde_json::to_string_pretty(&value).expect("a document that was read is written");
    let hex =
        |word: &str| (word.len() == 64 || word.len() == 12) && word.bytes().all(|b| b.is_ascii_hexdigit());
    let words: Vec<&str> = text
        .split_inclusive(|c: char| !c.is_ascii_alphanumeric())
        .flat_map(|piece| {
            let end = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).len();
            let (word, mark) = piece.split_at(end);
            [if hex(word) { "HEX" } else { word }, mark]
        })
        .collect();
    words.concat()
}

struct Both {
    real: Real,
    lab: Lab,
    runs: u64,
}

impl Both {
    fn start() -> Self {
        let mut this = Self { real: Real::start(), lab: Lab::start(), runs: 0 };
        let image = base::image(&busybox());
        for side in [&mut this.real as &mut dyn Side, &mut this.lab] {
            side.put("base.tar", &image);
            let said = side.line("docker load -i base.tar");
            assert_eq!(said.stdout, format!("Loaded image: {}\n", base::NAME), "{}", said.stderr);
        }
        this
    }

    /// What differs after a line; empty where nothing does.
    fn compare(&mut self, line: &Line) -> String {
        self.runs += 1;
        let name = format!("c{}", self.runs);
        let (real, lab) = (observe(&mut self.real, line, &name), observe(&mut self.lab, line, &name));
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        if real == lab { String::new() } else { difference(&lines(&real), &lines(&lab)) }
    }

    /// Leaves out flags for as long as something differs without them.
    fn shrink(&mut self, mut line: Line, mut found: String) -> (Line, String) {
        let mut at = line.flags.len();
        while at > 0 {
            at -= 1;
            let mut smaller = line.clone();
            smaller.flags.remove(at);
            let text = self.compare(&smaller);
            if !text.is_empty() {
                (line, found) = (smaller, text);
            }
        }
        (line, found)
    }
}

#[test]
#[expect(
    clippy::print_stderr,
    reason = "the seed makes the run, and a long run tells what differs when it finds it"
)]
fn random_flags_in_docker_and_in_the_lab() {
    let mut both = Both::start();
    let (seed, count) = (setting("LAYERLAB_FLAGS_SEED", SEED), setting("LAYERLAB_FLAGS", COUNT));
    eprintln!("{count} lines from seed {seed} on");
    let mut wrong = Vec::new();
    for seed in seed..seed + count {
        let line = generate::line(seed);
        let found = both.compare(&line);
        if found.is_empty() {
            continue;
        }
        let (line, found) = both.shrink(line, found);
        let text = format!("seed {seed}: {} (- docker, + lab)\n{found}", line.text("NAME"));
        eprintln!("{text}");
        wrong.push(text);
    }
    assert!(wrong.is_empty(), "{} of {count} lines differ:\n{}", wrong.len(), wrong.join("\n"));
}
