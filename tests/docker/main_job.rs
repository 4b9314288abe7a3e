//! Images go from the test to real Docker and back unchanged.

use std::io::Cursor;

use layerlab_tests::archive;
use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::job::{self, Image};
use layerlab_tests::lab::On;
use layerlab_tests::listing::{difference, lines as lines_of, tar_tree};
use layerlab_tests::process::run;

/// The archive that all the other tests start from is one that Docker takes, with the ids that we computed.
#[test]
fn docker_loads_the_fixture_and_runs_it() {
    let docker = Dockerd::start();
    let archive = archive::three_layers(&archive::busybox());
    let file = docker.folder().join("three.tar");
    std::fs::write(&file, &archive).unwrap();
    let said = docker.must(&["load", "-i", file.to_str().unwrap()]);
    assert_eq!(said, format!("Loaded image: {}\n", archive::NAME));
    let id = docker.must(&["inspect", "--format", "{{.Id}}", archive::NAME]);
    assert_eq!(id.trim(), archive::image_id(&archive));
    let shown = docker.must(&[
        "run",
        "--network",
        "none",
        "--name",
        "web",
        archive::NAME,
        "sh",
        "-c",
        "cat /srv/motd; ls /var/cache /etc/conf.d",
    ]);
    assert_eq!(shown, "second\n/etc/conf.d:\na\nc\n\n/var/cache:\nnew\n");
    let exported = run(docker.docker().args(["export", "web"])).stdout;
    let tree = tar_tree(Cursor::new(exported));
    assert!(tree["srv/tool"].starts_with("file 4755 0:0"), "{:?}", lines_of(&tree));
    assert_eq!(tree["srv/data/one"], tree["srv/data/two"]);
    docker.must(&["rm", "web"]);
}

/// What the lab saves after the main job loads into real Docker, under the same id, and its container shows the same tree.
fn real_docker_shows_the_same_tree(image: &Image, on: On) {
    let outcome = image.run(on);
    let lines = image.lines();
    let docker = Dockerd::start();
    let file = docker.folder().join("saved.tar");
    std::fs::write(&file, &outcome.saved).expect("our own folder");
    let said = docker.must(&["load", "-i", file.to_str().expect("a plain name")]);
    assert_eq!(said, "Loaded image: lab:job\n");
    let id = docker.must(&["inspect", "--format", "{{.Id}}", "lab:job"]);
    assert!(
        outcome.text(&lines).contains(id.trim()),
        "{id} is not what the lab said:\n{}",
        outcome.text(&lines)
    );
    docker.must(&["create", "--network", "none", "--name", "web", "lab:job", "true"]);
    let exported = run(docker.docker().args(["export", "web"])).stdout;
    docker.must(&["rm", "web"]);
    let (ours, theirs) = (tar_tree(Cursor::new(&outcome.exported)), tar_tree(Cursor::new(exported)));
    assert_eq!(
        ours,
        theirs,
        "the trees differ (- lab, + docker):\n{}",
        difference(&lines_of(&ours), &lines_of(&theirs))
    );
}

#[test]
fn what_the_simulator_saves_is_what_docker_shows() {
    real_docker_shows_the_same_tree(&job::own(&archive::busybox()), On::Sim);
}

#[test]
fn what_the_host_saves_is_what_docker_shows() {
    real_docker_shows_the_same_tree(&job::own(&archive::busybox()), On::Root);
}

#[test]
fn the_job_on_an_image_that_docker_saved() {
    real_docker_shows_the_same_tree(&job::sample(), On::Sim);
}
