//! Images of before Docker 1.10.

use layerlab_tests::archive::Layer;
use serde_json::{Value, json};

use super::Cases;

pub(super) fn all(cases: &mut Cases) {
    let (a, b) = ("a".repeat(64), "b".repeat(64));
    let v1 = |id: &str, parent: Option<&str>, version: &str| {
        let mut image = json!({
            "id": id, "created": "2014-01-01T00:00:00.50Z", "container_config": {"Cmd": ["/bin/sh", "-c", "x <y>"]},
            "config": {"Cmd": ["sh"]}, "architecture": "amd64", "os": "linux", "docker_version": version, "Size": 5,
        });
        if let Some(parent) = parent {
            image["parent"] = json!(parent);
        }
        image
    };
    let mut add = |name: &str, images: &[(&str, Option<Value>)], repositories: Option<Value>| {
        let layer = cases.parts().stored;
        let mut outer = Layer::new();
        for (id, image) in images {
            outer.dir(&format!("{id}/"), 0o755).file(&format!("{id}/VERSION"), 0o644, b"1.0");
            outer.file(&format!("{id}/layer.tar"), 0o644, &layer);
            if let Some(image) = image {
                outer.file(&format!("{id}/json"), 0o644, image.to_string().as_bytes());
            }
        }
        if let Some(repositories) = repositories {
            outer.file("repositories", 0o644, repositories.to_string().as_bytes());
        }
        cases.add(format!("old {name}"), outer.done());
    };
    add("image", &[(&a, Some(v1(&a, None, "1.8.2")))], Some(json!({"old-a": {"1": a}})));
    add("image of 1.9", &[(&a, Some(v1(&a, None, "1.9.1")))], Some(json!({"old-b": {"1": a}})));
    let two = [(a.as_str(), Some(v1(&a, Some(&b), "1.6"))), (b.as_str(), Some(v1(&b, None, "")))];
    add("images", &two, Some(json!({"old-c": {"1": a, "2": b}})));
    let one = [(a.as_str(), Some(v1(&a, None, "1.8.2")))];
    add("without names", &one, None);
    add("with a bad name", &one, Some(json!({"OLD": {"1": a}})));
    add("with a bad tag", &one, Some(json!({"old": {"-": a}})));
    add("with an unknown image", &one, Some(json!({"old": {"1": b}})));
    add("with bad names", &one, Some(json!([])));
    add("without json", &[(&a, None)], Some(json!({})));
    add("json of another type", &[(&a, Some(json!([])))], Some(json!({})));
    add("without its parent", &[(&a, Some(v1(&a, Some(&b), "1.8.2")))], Some(json!({})));
}
