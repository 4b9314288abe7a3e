//! Archives of before Docker 1.10: the images that `docker load` makes of them, and what is wrong with broken ones.

use layerlab_tests::lab::{Files, session};
use layerlab_tests::layout::{gzip, tar_of};
use layerlab_tests::listing::sha256;
use serde_json::json;

use super::*;

/// A directory of such an archive.
struct Old {
    id: String,
    json: Value,
    layer: Vec<u8>,
}

fn old(letter: &str, parent: Option<&str>, file: &str) -> Old {
    let id = letter.repeat(64);
    let mut layer = Layer::new();
    layer.file(file, 0o644, file.as_bytes());
    let mut json = json!({
        "id": id, "created": "2014-01-01T00:00:00.50Z", "container_config": {"Cmd": ["/bin/sh", "-c", file]},
        "config": {"Cmd": ["sh"]}, "architecture": "amd64", "os": "linux", "docker_version": "1.6", "Size": 5,
    });
    if let Some(parent) = parent {
        json["parent"] = json!(parent.repeat(64));
    }
    Old { id, json, layer: layer.done() }
}

fn packed(images: &[Old], repositories: Option<&Value>) -> Vec<u8> {
    let mut files = Vec::new();
    for image in images {
        files.push((format!("{}/VERSION", image.id), b"1.0".to_vec()));
        files.push((format!("{}/json", image.id), image.json.to_string().into_bytes()));
        files.push((format!("{}/layer.tar", image.id), image.layer.clone()));
    }
    files.extend(repositories.map(|names| ("repositories".to_owned(), names.to_string().into_bytes())));
    tar_of(&files)
}

/// Three images, of which two have names and one is below both.
fn three() -> ([Old; 3], Value) {
    let images = [old("c", Some("a"), "top"), old("a", None, "base"), old("b", Some("a"), "other")];
    let names =
        json!({"old": {"1": "c".repeat(64), "latest": "c".repeat(64)}, "more/old": {"2": "b".repeat(64)}});
    (images, names)
}

#[test]
fn old_archives_are_what_docker_makes_of_them() {
    let workspace = Workspace::new();
    let (images, names) = three();
    let file = workspace.put("old.tar", &packed(&images, Some(&names)));
    let (_, err, status) = image(&file, &[]);
    assert!(status == 1 && err.contains("holds 2 images"), "{err}");
    let report = json(&file, &["--image", "old:1"]);
    assert_eq!((&report["form"], &report["names"]), (&json!("docker"), &json!(["old:1", "old:latest"])));
    let layers = report["layers"].as_array().unwrap();
    assert_eq!(layers.len(), 2);
    assert_eq!(layers[0]["diff_id"], format!("sha256:{}", sha256(&images[1].layer)));
    assert_eq!(layers[1]["diff_id"], format!("sha256:{}", sha256(&images[0].layer)));
    assert_eq!(said(&file, &["--image", "more/old:2", "--cat", "/other"]), "other");
    // The lab's `docker load`, which is held against Docker's elsewhere, gives the same ids.
    let files = Files { copy_in: vec![(file.clone(), "/in.tar".to_owned())], ..Files::default() };
    let lines = [
        "docker load -i /in.tar",
        "docker images -q --no-trunc old:1",
        "docker images -q --no-trunc more/old:2",
    ];
    let answers = session(On::Sim, &lines.map(str::to_owned), &files);
    for (answer, name) in answers[1..].iter().zip(["old:1", "more/old:2"]) {
        let id = json(&file, &["--image", name])["id"].clone();
        assert_eq!(String::from_utf8_lossy(&answer.stdout).trim(), id.as_str().unwrap(), "{name}");
    }
    // Layers may be compressed, the archive too; without names each image is one that no other is made from.
    let mut images = images;
    images[1].layer = gzip(&images[1].layer, 700);
    let file = workspace.put("bare.tar.gz", &gzip(&packed(&images, None), 5000));
    let (_, err, status) = image(&file, &[]);
    assert!(status == 1 && err.contains("holds 2 images"), "{err}");
    assert_eq!(json(&file, &["--image", "1"])["id"], report["id"]);
    assert_eq!(said(&file, &["--image", "0", "--cat", "/base"]), "base");
    // Written in a form of today it is the same image.
    let to = workspace.at("new.tar");
    assert_eq!(said(&file, &["--image", "1", "--to", to.to_str().unwrap()]), "");
    assert_eq!(json(&to, &[])["id"], report["id"]);
}

#[test]
fn broken_old_archives_are_told() {
    let workspace = Workspace::new();
    let told = |what: &str, change: &dyn Fn(&mut [Old; 3], &mut Value), want: &str| {
        let (mut images, mut names) = three();
        change(&mut images, &mut names);
        let file = workspace.put("broken.tar", &packed(&images, Some(&names)));
        let (out, err, status) = image(&file, &["--image", "old:1"]);
        assert_eq!((out.as_str(), status), ("", 1), "{what}");
        assert_eq!(err, format!("layerlab: {}: {want}\n", file.display()), "{what}");
    };
    let [a, b, c] = ["a", "b", "c"].map(|letter| letter.repeat(64));
    told("no parent", &|images, _| images[1].id = "d".repeat(64), &format!("{a}/json is missing"));
    told(
        "a circle",
        &|images, _| images[1].json["parent"] = json!(c),
        &format!("{a}/json: it is its own ancestor"),
    );
    let document = "json: cannot unmarshal array into Go value of type struct { OS string; Parent string }";
    told("no document", &|images, _| images[1].json = json!([]), &format!("{a}/json: {document}"));
    let time = "parsing time \"\\\"now\\\"\" as \"\\\"2006-01-02T15:04:05Z07:00\\\"\": cannot parse \"now\\\"\" as \"2006\"";
    told("no time", &|images, _| images[1].json["created"] = json!("now"), &format!("{a}/json: {time}"));
    let case = "key \"Parent\", which some readers take for \"parent\"";
    told(
        "a key in another case",
        &|images, _| images[1].json["Parent"] = json!(""),
        &format!("{a}/json: {case}"),
    );
    let unknown = format!("repositories: no image \"{}\", which has the name old:1", "d".repeat(64));
    told("a name of nothing", &|_, names| names["old"]["1"] = json!("d".repeat(64)), &unknown);
    let types = "json: cannot unmarshal array into Go value of type map[string]map[string]string";
    told("bad names", &|_, names| *names = json!([]), &format!("repositories: {types}"));
    let cut = format!("{b}/layer.tar: gzip stream ends early");
    told("a cut layer", &|images, _| images[2].layer = gzip(&images[2].layer, 9999)[..40].to_vec(), &cut);
}
