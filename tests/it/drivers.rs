//! Storage drivers side by side, and layers as data: the page that is made of the table, and what a session comes to.

use layerlab_core::drivers;
use layerlab_tests::sim;

const SESSION: [&str; 4] = [
    "docker run --name mk debian dd if=/dev/zero of=/data.bin bs=1M count=1; docker commit mk one:1; docker rm mk",
    "docker run -dit --name c1 one:1 sh",
    "docker exec c1 sh -c 'printf x >> /data.bin; rm /etc/motd'",
    "docker run -dit --name c2 one:1 sh",
];

#[test]
fn the_page_of_the_drivers_is_made_of_the_table() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/drivers.md");
    let want = drivers::reference();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &want).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == want, "docs/reference/drivers.md is out of date (UPDATE_EXPECT=1 rewrites it)");
}

fn said(line: &str) -> String {
    let mut session = sim::session();
    for line in SESSION {
        sim::run(&mut session, line);
    }
    let answer = sim::run(&mut session, line);
    assert_eq!(answer.status, 0, "{}", String::from_utf8_lossy(&answer.stderr));
    String::from_utf8(answer.stdout).unwrap()
}

#[test]
fn one_session_costs_what_each_driver_copies() {
    let text = said("drivers --bytes");
    let bytes = |name: &str| -> u64 {
        let line = text.lines().find(|line| line.ends_with(&format!("\t{name}"))).unwrap();
        line.split('\t').next().unwrap().parse().unwrap()
    };
    assert_eq!(bytes("overlay2"), (1 << 20) + 1);
    assert_eq!((bytes("aufs"), bytes("windowsfilter")), (bytes("overlay2"), bytes("overlay2")));
    assert_eq!((bytes("btrfs"), bytes("devicemapper"), bytes("zfs")), (4096, 65536, 131_072));
    // Two containers, and two copies of the image for each.
    let image: u64 = {
        let size = said("docker image inspect -f '{{.Size}}' one:1");
        size.trim().parse().unwrap()
    };
    assert_eq!(bytes("vfs"), 4 * image);
    let document: serde_json::Value = serde_json::from_str(&said("drivers --json")).unwrap();
    assert_eq!(
        (document["least"].as_str(), document["drivers"].as_array().unwrap().len()),
        (Some("btrfs"), 7)
    );
}

#[test]
fn every_layer_is_told_once_with_its_users() {
    let document: serde_json::Value = serde_json::from_str(&said("layers --json")).unwrap();
    let layers = document["layers"].as_array().unwrap();
    assert_eq!(layers.len(), 4, "debian's, the committed one, two containers' own");
    assert_eq!(layers[0]["users"].as_array().unwrap().len(), 4);
    assert_eq!((&layers[0]["parent"], &layers[1]["parent"]), (&serde_json::Value::Null, &layers[0]["chain"]));
    assert_eq!(layers[2]["parent"], layers[1]["chain"]);
    let sum: u64 = layers.iter().map(|layer| layer["bytes"].as_u64().unwrap()).sum();
    assert_eq!(document["once"].as_u64(), Some(sum));
    assert!(document["claimed"].as_u64() > Some(sum));
}
