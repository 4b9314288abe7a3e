//! Docker's own work beside real Docker, in one run as root: builds that are cached, builds that are not, and a
//! container's way from `run` to `rm`.
//!
//! The lab's side is a session on this host's kernel; Docker's is a dockerd of the run's own with overlay2.

use std::fs;
use std::path::Path;
use std::time::Instant;

use layerlab::host::{HostOptions, Kind};
use layerlab::lab::Lab;
use layerlab_core::session::{Event, Request};
use layerlab_tests::archive::{NAME, busybox, three_layers};
use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::process::run;
use layerlab_tests::tools::folder;

use super::Figure;
use super::sim::best;

/// Instructions of the cached build, `FROM` among them.
const CACHED: usize = 20;
/// `RUN`s of the build that finds nothing.
const RUNS: usize = 8;

/// A container's way: each line is typed by itself.
const WAY: [&str; 4] = [
    "docker run -d --name way lab:3 sleep 1000",
    "docker exec way sh -c 'echo changed > /etc/motd'",
    "docker commit way way:1",
    "docker rm -f way",
];

/// All figures.
pub(super) fn figures() -> Vec<Figure> {
    let place = folder("bench-docker");
    let image = place.path().join("image.tar");
    fs::write(&image, three_layers(&busybox())).expect("our own folder");
    let contexts = [("cached", cached()), ("runs", runs())].map(|(name, text)| {
        let context = place.path().join(name);
        fs::create_dir(&context).expect("our own folder");
        fs::write(context.join("Dockerfile"), text).expect("our own folder");
        fs::write(context.join("file"), "content\n").expect("our own folder");
        context
    });

    let mut sim = Lab::here(1_600_000_000).expect("the simulator has room");
    let child = HostOptions::new(Kind::Host { root: None });
    let mut host = Lab::child(&child).expect("this host can hold a lab");
    for lab in [&mut sim, &mut host] {
        lab.copy_in(&image, b"/root/image.tar").expect("the lab has room");
        typed(lab, "docker load -i image.tar");
        typed(lab, &format!("docker tag {NAME} lab:3"));
        for context in &contexts {
            let name = context.file_name().and_then(|name| name.to_str()).expect("our own name");
            typed(lab, &format!("mkdir -p {name}"));
            for file in ["Dockerfile", "file"] {
                let path = format!("/root/{name}/{file}");
                lab.copy_in(&context.join(file), path.as_bytes()).expect("the lab has room");
            }
        }
        typed(lab, "docker build -t cached cached");
    }
    let real = Dockerd::start();
    real.must(&["load", "-i", &image.display().to_string()]);
    real.must(&["tag", NAME, "lab:3"]);
    let [_, context] = &contexts;

    let seconds = |lab: &mut Lab, line: &str| best(5, || typed(lab, line));
    let cached_sim = seconds(&mut sim, "docker build -t cached cached");
    let cached_host = seconds(&mut host, "docker build -t cached cached");
    let uncached_host = seconds(&mut host, "docker build --no-cache runs");
    let uncached_real = best(2, || built(&real, context));
    let way_host = best(5, || WAY.iter().map(|line| typed(&mut host, line)).sum());
    let way_real = best(3, || WAY.iter().map(|line| asked(&real, line)).sum());
    let figure =
        |name: String, value: f64, budget: f64, unit: &'static str| Figure { name, value, budget, unit };
    let free = f64::INFINITY;
    vec![
        figure(format!("{CACHED} steps, all cached: simulator"), cached_sim * 1e3, 20.0, "ms"),
        figure(format!("{CACHED} steps, all cached: host"), cached_host * 1e3, 20.0, "ms"),
        figure(
            format!("{RUNS} RUNs, not cached: host ÷ Docker"),
            uncached_host / uncached_real * 100.0,
            10.0,
            "%",
        ),
        figure("  of it Docker".into(), uncached_real * 1e3, free, "ms"),
        figure("run, exec, commit, rm: host ÷ Docker".into(), way_host / way_real * 100.0, 5.0, "%"),
        figure("  of it Docker".into(), way_real * 1e3, free, "ms"),
    ]
}

/// A Dockerfile of [`CACHED`] instructions of several kinds.
fn cached() -> String {
    let mut text = String::from("FROM lab:3\n");
    for number in 1..CACHED {
        text += &match number % 4 {
            0 => format!("COPY file /srv/file{number}\n"),
            1 => format!("RUN echo {number} > /tmp/f\n"),
            2 => format!("ENV V{number}=value\n"),
            _ => format!("LABEL l{number}=value\n"),
        };
    }
    text
}

/// A Dockerfile of [`RUNS`] commands that do little.
fn runs() -> String {
    let runs = (0..RUNS).map(|number| format!("RUN echo {number} > /tmp/f\n"));
    runs.fold("FROM lab:3\n".to_owned(), |text, run| text + &run)
}

/// Seconds that a line of the lab takes; it must end well.
fn typed(lab: &mut Lab, line: &str) -> f64 {
    let mut printed = String::new();
    let start = Instant::now();
    let reply = lab.ask(Request::line(line.as_bytes()), &mut |event| {
        if let Event::Output { data, .. } = event {
            printed += &data.to_text();
        }
    });
    let spent = start.elapsed().as_secs_f64();
    assert_eq!(reply.expect("the lab answers").status, 0, "{line}: {printed}");
    spent
}

/// Seconds that real Docker takes for a line that begins with `docker`.
fn asked(real: &Dockerd, line: &str) -> f64 {
    let words: Vec<&str> = match line.split_once(" sh -c '") {
        Some((before, script)) => {
            before.split(' ').skip(1).chain(["sh", "-c", script.trim_end_matches('\'')]).collect()
        }
        None => line.split(' ').skip(1).collect(),
    };
    let start = Instant::now();
    real.must(&words);
    start.elapsed().as_secs_f64()
}

/// Seconds that real Docker's classic builder takes for a build without its cache.
fn built(real: &Dockerd, context: &Path) -> f64 {
    let mut docker = real.docker();
    docker.env("DOCKER_BUILDKIT", "0").args(["build", "--no-cache"]).arg(context);
    let start = Instant::now();
    let out = run(&mut docker);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    start.elapsed().as_secs_f64()
}
