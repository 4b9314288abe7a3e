//! Images go from the test to real Docker and back unchanged.

use std::io::Cursor;

use layerlab_tests::archive;
use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::listing::{lines, tar_tree};
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
    assert!(tree["srv/tool"].starts_with("file 4755 0:0"), "{:?}", lines(&tree));
    assert_eq!(tree["srv/data/one"], tree["srv/data/two"]);
    docker.must(&["rm", "web"]);
}
