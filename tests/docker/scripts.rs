//! Random scripts in containers of real Docker and of the lab: what each step after them says and writes is the same.

pub(crate) mod base;
mod generate;
mod observe;
mod paths;
pub(crate) mod raw;
pub(crate) mod sides;

pub(crate) use generate::script;
use layerlab_tests::archive::busybox;
use layerlab_tests::listing::difference;
use layerlab_tests::random::Random;
use observe::{Case, More, Seen, copied_in, observe};
use sides::{Lab, Real, Side};

/// The seed makes the run; `LAYERLAB_SCRIPTS_SEED` is another.
const SEED: u64 = 0x5eed_05c2_1975;
/// How many scripts; `LAYERLAB_SCRIPTS` is another number.
const COUNT: u64 = 3;

/// Scripts as people run them.
const FIXED: &str = include_str!("../fixtures/shell/containers.txt");

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Both sides, with the image that all scripts start from.
struct Both {
    real: Real,
    lab: Lab,
    runs: u64,
}

impl Both {
    fn start() -> Self {
        let mut this = Self { real: Real::start(), lab: Lab::start(), runs: 0 };
        let image = base::image(&busybox());
        // Docker looks the owners' names of a layer up where it runs, and gives a container what resolves names there.
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
        self.runs += 1;
        let real = observe(&mut self.real, case, self.runs);
        let lab = observe(&mut self.lab, case, self.runs);
        difference_of(&real, &lab)
    }

    /// Leaves out commands, halves of them first, for as long as something differs without them.
    fn shrink(&mut self, mut case: Case, mut found: String) -> (Case, String) {
        let mut step = case.len().div_ceil(2);
        while step > 0 {
            // From the end: what comes later hangs on what was before.
            let mut end = case.len();
            while end > 0 {
                let smaller = case.without(end.saturating_sub(step)..end);
                let text = self.compare(&smaller);
                if !text.is_empty() {
                    (case, found) = (smaller, text);
                }
                end = end.saturating_sub(step).min(case.len());
            }
            step /= 2;
        }
        (case, found)
    }
}

/// What differs, as text.
fn difference_of(real: &Seen, lab: &Seen) -> String {
    assert_eq!(real.len(), lab.len(), "both took the same steps");
    let mut text = String::new();
    for ((name, theirs), (_, ours)) in real.iter().zip(lab).filter(|((_, theirs), (_, ours))| theirs != ours)
    {
        text += &format!("{name} (- docker, + lab):\n{}\n", difference(theirs, ours));
    }
    text
}

#[test]
#[expect(clippy::print_stderr, reason = "a long run tells what differs when it finds it")]
fn random_scripts_in_docker_and_in_the_lab() {
    let mut both = Both::start();
    let (seed, count) = (setting("LAYERLAB_SCRIPTS_SEED", SEED), setting("LAYERLAB_SCRIPTS", COUNT));
    let mut wrong = Vec::new();
    let (real, lab) = (copied_in(&mut both.real), copied_in(&mut both.lab));
    let text = difference_of(&real, &lab);
    if !text.is_empty() {
        eprintln!("{text}");
        wrong.push(text);
    }
    let fixed: Vec<&str> = FIXED.lines().skip(1).collect();
    for four in fixed.chunks(4) {
        let script = |at: usize| four.iter().skip(at).take(2).map(|line| (*line).to_owned()).collect();
        let case = Case { scripts: [script(0), script(2)], more: More::Nothing };
        let text = both.compare(&case);
        if !text.is_empty() {
            let text = format!("{case}{text}");
            eprintln!("{text}");
            wrong.push(text);
        }
    }
    for n in 0..count {
        let seed = seed.wrapping_add(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).max(1);
        let mut random = Random(seed);
        random.below(1);
        let case = Case { scripts: [script(&mut random), script(&mut random)], more: More::Sent };
        let found = both.compare(&case);
        if !found.is_empty() {
            let (case, text) = both.shrink(case, found);
            let text = format!("## case {n} of seed {seed:#x}\n{case}{text}");
            eprintln!("{text}");
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
}
