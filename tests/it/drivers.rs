//! Storage drivers side by side, and layers as data: the page that is made of the table, and what a session comes to.

use layerlab_core::drivers;
use layerlab_tests::cli::{answer, typed};
use layerlab_tests::lab::{self, On};
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

#[test]
fn the_command_line_runs_a_session_first() {
    let ask = |arguments: &[&str], input: &str| answer(&typed(On::Sim, arguments, input));
    let (out, err, status) = ask(&["drivers", "--bytes"], "");
    assert_eq!((err.as_str(), status), ("", 0));
    assert!(out.contains("1048577\toverlay2\n") && out.contains("4096\tbtrfs\n"), "{out}");
    // A line that fails is told, and the rest is run.
    let lines = "docker pull -q debian\r\ndocker start nothing\ndocker run --name c1 debian touch /a\n";
    let (out, err, status) = ask(&["layers", "--json", "-"], lines);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((document["layers"].as_array().unwrap().len(), status), (2, 0));
    assert!(err.starts_with("layerlab: docker start nothing: exit status 1\n"), "{err}");
    assert!(err.contains("No such container: nothing"), "{err}");
    let (out, err, status) = ask(&["drivers", "-"], "echo 'open\n");
    assert_eq!(
        (out.as_str(), err.as_str(), status),
        ("", "layerlab: the session ends in the middle of a command\n", 2)
    );
    // What was saved is a session too.
    let folder = lab::shared_folder();
    let file = folder.path().join("kept.json").display().to_string();
    let lessons =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/lessons").display().to_string();
    ask(&["lesson", "--dir", &lessons, "run", "whiteouts", "--save", &file], "1\n\n\n");
    let (out, err, status) = ask(&["layers", &file], "");
    assert!(status == 0 && err.is_empty() && out.contains("web1"), "{out}{err}");
}
