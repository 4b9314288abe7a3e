//! The hub's images, saved by the lab, load in Docker and in podman with the ids that the lab has.
//!
//! Continuous integration takes a tenth of them from a fresh seed, a soak all.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use layerlab_core::hub::Hub;
use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::process::must;
use layerlab_tests::random::Random;
use layerlab_tests::sim;
use layerlab_tests::tools::{Containers, folder};

fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// The images to try; `LAYERLAB_HUB` is another number.
fn chosen() -> (u64, Vec<String>) {
    let repositories = Hub::default().repositories().expect("the hub's own texts are right");
    let mut images: Vec<String> = repositories
        .iter()
        .flat_map(|repository| repository.tags.iter().map(move |tag| format!("{}:{tag}", repository.name)))
        .collect();
    assert!(images.len() > 50, "{} images", images.len());
    let seed = setting("LAYERLAB_HUB_SEED")
        .unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| time.as_secs()));
    let count = setting("LAYERLAB_HUB").unwrap_or(images.len() / 10);
    let mut random = Random(seed.max(1));
    while images.len() > count {
        images.swap_remove(random.below(images.len()));
    }
    (seed, images)
}

#[test]
fn images_load_with_equal_ids() {
    let (seed, images) = chosen();
    let (docker, podman, desk) = (Dockerd::start(), Containers::new(), folder("hub"));
    let saved = desk.path().join("saved.tar");
    let mut wrong = Vec::new();
    for image in &images {
        let mut session = sim::session();
        for line in [format!("docker pull -q {image}"), format!("docker save -o /saved.tar {image}")] {
            assert_eq!(sim::run(&mut session, &line).status, 0, "{line}");
        }
        let id = sim::run(&mut session, &format!("docker inspect -f '{{{{.Id}}}}' {image}")).stdout;
        let id = String::from_utf8_lossy(&id).trim().to_owned();
        fs::write(&saved, sim::get(&mut session, "/saved.tar")).expect("our own folder");
        docker.must(&["load", "--quiet", "--input", &saved.display().to_string()]);
        let theirs = docker.must(&["inspect", "--format", "{{.Id}}", image]);
        must(podman.podman().args(["load", "--quiet", "--input"]).arg(&saved));
        let podmans = must(podman.podman().args(["images", "--no-trunc", "--format", "{{.Id}}"]));
        let podmans = format!("sha256:{}", podmans.trim().trim_start_matches("sha256:"));
        must(podman.podman().args(["rmi", "--all", "--force"]));
        if theirs.trim() != id || podmans != id {
            wrong.push(format!("{image}: {id}, Docker {}, podman {podmans}", theirs.trim()));
        }
    }
    assert!(wrong.is_empty(), "LAYERLAB_HUB_SEED={seed} LAYERLAB_HUB={}:\n{wrong:#?}", images.len());
}
