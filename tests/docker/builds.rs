//! Random Dockerfiles built by real Docker and in the lab: the same status, configuration, history, layers and cache.

mod generate;
mod observe;
mod taken;

use std::io::Write;

use generate::Case;
use layerlab_tests::archive::{Layer, busybox};
use layerlab_tests::listing::difference;
use observe::{SAID, observe};

use crate::scripts::base;
use crate::scripts::sides::{Lab, Real, Side};

/// The seed makes the run; `LAYERLAB_BUILDS_SEED` is another.
const SEED: u64 = 1;
/// How many Dockerfiles; `LAYERLAB_BUILDS` is another number (300 in a soak).
const COUNT: u64 = 12;

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Both sides, with the image that all Dockerfiles start from.
struct Both {
    real: Real,
    lab: Lab,
    archives: Vec<(&'static str, Vec<u8>)>,
}

impl Both {
    fn start() -> Self {
        let mut this = Self { real: Real::start(), lab: Lab::start(), archives: archives() };
        let image = base::image(&busybox());
        // Docker looks the owners' names of a layer up where it runs.
        for file in ["/etc/passwd", "/etc/group", "/etc/resolv.conf"] {
            this.lab.put(file, &std::fs::read(file).expect("every Linux has it"));
        }
        for side in [&mut this.real as &mut dyn Side, &mut this.lab] {
            side.put("base.tar", &image);
            let said = side.line("docker load -i base.tar");
            assert_eq!(said.stdout, format!("Loaded image: {}\n", base::NAME), "{}", said.stderr);
        }
        this
    }

    /// What differs after a case, as text; empty where nothing does.
    fn compare(&mut self, case: &Case) -> String {
        let real = observe(&mut self.real, case, &self.archives);
        let lab = observe(&mut self.lab, case, &self.archives);
        let mut text = String::new();
        for (name, theirs) in &real {
            let ours = lab.iter().find(|(other, _)| other == name).map_or(&[][..], |(_, lines)| lines);
            if name != SAID && theirs != ours {
                text += &format!("{name} (- docker, + lab):\n{}\n", difference(theirs, ours));
            }
        }
        if text.is_empty() && real.len() != lab.len() {
            "the lab made more layers\n".to_owned()
        } else {
            text
        }
    }

    /// Leaves out instructions for as long as something differs without them.
    fn shrink(&mut self, mut case: Case, mut found: String) -> (Case, String) {
        let mut at = case.lines.len();
        while at > 0 {
            at -= 1;
            let smaller = case.without(at);
            let text = self.compare(&smaller);
            if !text.is_empty() {
                (case, found) = (smaller, text);
            }
        }
        (case, found)
    }
}

/// An archive of every kind of entry, plain and compressed.
fn archives() -> Vec<(&'static str, Vec<u8>)> {
    let mut tar = Layer::new();
    tar.dir("in", 0o750).file("in/f", 0o4711, b"packed\n").symlink("in/l", "f").file(
        "a",
        0o600,
        b"from a tar\n",
    );
    let tar = tar.done();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&tar).expect("a vector takes everything");
    vec![("t.tar", tar), ("t.tar.gz", packed.finish().expect("a vector takes everything"))]
}

#[test]
#[expect(
    clippy::print_stderr,
    reason = "the seed makes the run, and a long run tells what differs when it finds it"
)]
fn random_dockerfiles_in_docker_and_in_the_lab() {
    let mut both = Both::start();
    let (seed, count) = (setting("LAYERLAB_BUILDS_SEED", SEED), setting("LAYERLAB_BUILDS", COUNT));
    eprintln!("{count} Dockerfiles from seed {seed} on");
    let mut wrong = Vec::new();
    for seed in seed..seed + count {
        let case = generate::case(seed);
        let found = both.compare(&case);
        if found.is_empty() {
            continue;
        }
        eprintln!("seed {seed} differs:\n{case}{found}");
        let (case, found) = both.shrink(case, found);
        let text = format!("seed {seed}, shrunken:\n{case}{found}");
        eprintln!("{text}");
        wrong.push(text);
    }
    assert!(wrong.is_empty(), "{} of {count} Dockerfiles differ:\n{}", wrong.len(), wrong.join("\n"));
}
