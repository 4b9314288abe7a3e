//! Archives in other shapes than usual: links, names, orders, several images.

use layerlab_tests::archive::Layer;
use serde_json::{Value, json};

use super::{Cases, Parts};

pub(super) fn all(cases: &mut Cases) {
    links(cases);
    entries(cases);
    tags(cases);
    layers(cases);
    several(cases);
}

/// What stands in an archive beside a layer that is found in some way.
fn documents(parts: &Parts, outer: &mut Layer) {
    parts.documents(parts.config().to_string().as_bytes(), None, outer);
}

/// Links in the archive: followed inside it, refused where they lead to nothing.
fn links(cases: &mut Cases) {
    cases.entries("with a layer linked from another directory", |parts, outer| {
        outer.dir("o/", 0o755).file("o/layer.tar", 0o644, &parts.stored);
        outer.dir("l/", 0o755).symlink("l/layer.tar", "../o/layer.tar");
        documents(parts, outer);
    });
    cases.entries("with a layer in a linked directory", |parts, outer| {
        outer.dir("o/", 0o755).file("o/layer.tar", 0o644, &parts.stored).symlink("l", "o");
        documents(parts, outer);
    });
    cases.entries("with a layer written through a link", |parts, outer| {
        outer.dir("o/", 0o755).symlink("l", "o").file("l/layer.tar", 0o644, &parts.stored);
        documents(parts, outer);
    });
    cases.entries("with a chain of links", |parts, outer| {
        outer.file("a", 0o644, &parts.stored).symlink("b", "a").symlink("c", "./b");
        outer.dir("l/", 0o755).symlink("l/layer.tar", "../c");
        documents(parts, outer);
    });
    cases.entries("with a hard link to the layer", |parts, outer| {
        outer.file("a", 0o644, &parts.stored).dir("l/", 0o755).hard_link("l/layer.tar", "a");
        documents(parts, outer);
    });
    for target in ["layer.tar", "../nowhere", ".."] {
        cases.entries(&format!("with a layer linked to {target}"), |parts, outer| {
            outer.dir("l/", 0o755).symlink("l/layer.tar", target);
            documents(parts, outer);
        });
    }
    for (what, name, target) in [
        ("nothing", "x", "nothing"),
        ("a directory", "x", "l"),
        ("the manifest", "x", "/manifest.json"),
        ("a file below a file", "x", "manifest.json/x"),
        ("the manifest, below a file", "manifest.json/x", "manifest.json"),
    ] {
        cases.entries(&format!("with a hard link to {what}"), |parts, outer| {
            outer.dir("l/", 0o755).file("l/layer.tar", 0o644, &parts.stored);
            documents(parts, outer);
            outer.hard_link(name, target);
        });
    }
}

fn entries(cases: &mut Cases) {
    let mut below = |what: &str, add: &dyn Fn(&mut Layer)| {
        cases.entries(&format!("with {what} below a file"), |parts, outer| {
            outer.file("l/layer.tar", 0o644, &parts.stored);
            documents(parts, outer);
            add(outer);
        });
    };
    below("a file", &|outer| {
        outer.file("manifest.json/x", 0o644, b"x");
    });
    below("a deep file", &|outer| {
        outer.file("manifest.json/x/y/z", 0o644, b"x");
    });
    below("a directory", &|outer| {
        outer.dir("manifest.json/x/", 0o755);
    });
    below("a link", &|outer| {
        outer.symlink("manifest.json/x", "y");
    });
    cases.entries("with the manifest first", |parts, outer| {
        documents(parts, outer);
        outer.file("l/layer.tar", 0o644, &parts.stored);
    });
    cases.entries("with other files", |parts, outer| {
        outer.file("l/layer.tar", 0o644, &parts.stored).file("README", 0o644, b"x").dir("d/e/f/", 0o700);
        documents(parts, outer);
    });
    cases.entries("with a manifest that is a link", |parts, outer| {
        let config = parts.config().to_string();
        outer.file("l/layer.tar", 0o644, &parts.stored);
        outer.file(&format!("{}.json", super::sha256(config.as_bytes())), 0o644, config.as_bytes());
        outer.file("m", 0o644, parts.manifest(&config).as_bytes()).symlink("manifest.json", "m");
    });
    cases.entries("with a manifest that is a directory", |parts, outer| {
        outer.file("l/layer.tar", 0o644, &parts.stored).dir("manifest.json/", 0o755);
    });
}

fn tags(cases: &mut Cases) {
    let long = |n: usize| json!([format!("x:{}", "t".repeat(n))]);
    for tags in [
        Value::Null,
        json!([]),
        json!([null]),
        json!([""]),
        json!(["UPPER:1"]),
        json!(["a:b:c"]),
        json!(["tagless"]),
        json!([format!("x@sha256:{}", "a".repeat(64))]),
        json!([format!("x:1@sha256:{}", "a".repeat(64))]),
        json!(["localhost/x:1"]),
        json!(["docker.io/library/twice:1", "twice:1"]),
        json!(["a/b/c/d:1"]),
        json!(["x y:1"]),
        json!(["sha256:1"]),
        json!([format!("{}:1", "a".repeat(64))]),
        json!(["-x:1"]),
        json!(["x..y:1"]),
        json!(["é:1"]),
        json!(["host:5000/x:1"]),
        json!(["host:5000/x"]),
        long(128),
        long(129),
        json!(["good:1", "Bad:1", "good:2"]),
    ] {
        cases.item(&format!("with the names {tags}"), |item| item["RepoTags"] = tags);
    }
}

fn layers(cases: &mut Cases) {
    for layers in [
        json!(null),
        json!([""]),
        json!(["l"]),
        json!(["l/none.tar"]),
        json!(["l/../l/layer.tar"]),
        json!(["../l/layer.tar"]),
        json!(["/l/layer.tar"]),
        json!([".//l/./layer.tar"]),
        json!(["l/layer.tar/"]),
        json!(["l/layer.tar", "l/layer.tar"]),
    ] {
        cases.item(&format!("with the layers {layers}"), |item| item["Layers"] = layers);
    }
    let parts = cases.parts();
    let mut config = parts.config();
    config["rootfs"]["diff_ids"] = json!([parts.diff_id, parts.diff_id]);
    let config = config.to_string();
    let mut manifest: Value = serde_json::from_str(&parts.manifest(&config)).expect("our own");
    manifest[0]["Layers"] = json!(["l/layer.tar", "l/layer.tar"]);
    cases.add("one layer twice", parts.archive(Some(&config), Some(&manifest.to_string())));
    for (what, diff_id) in [("it", None), ("another layer", Some("b".repeat(64)))] {
        let parts = cases.parts();
        let id = diff_id.map_or(parts.diff_id.clone(), |hex| format!("sha256:{hex}"));
        let source = json!({
            "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            "size": 5, "digest": parts.diff_id, "urls": ["http://localhost/x"],
        });
        let mut manifest: Value =
            serde_json::from_str(&parts.manifest(&parts.config().to_string())).expect("our own");
        manifest[0]["LayerSources"] = json!({id: source});
        cases
            .add(format!("a layer and a source of {what}"), parts.archive(None, Some(&manifest.to_string())));
    }
}

/// Two images in one archive: their items, as they are changed.
fn both(cases: &mut Cases, name: &str, change: impl FnOnce([&Parts; 2], &mut [Value; 2]) -> [Vec<u8>; 2]) {
    let (first, second) = (cases.parts(), cases.parts());
    let item = |parts: &Parts, config: &[u8], layer: &str| {
        let mut item: Value = serde_json::from_str(&parts.manifest_of(config)).expect("our own");
        item[0]["Layers"] = json!([layer]);
        item[0].take()
    };
    let mut items = [Value::Null, Value::Null];
    let configs = change([&first, &second], &mut items);
    let mut outer = Layer::new();
    for (i, (parts, config)) in [&first, &second].into_iter().zip(&configs).enumerate() {
        let layer = format!("{i}/layer.tar");
        outer.file(&layer, 0o644, &parts.stored);
        outer.file(&format!("{}.json", super::sha256(config)), 0o644, config);
        let mut made = item(parts, config, &layer);
        if let Value::Object(changes) = &items[i] {
            changes.iter().for_each(|(key, value)| made[key] = value.clone());
        }
        items[i] = made;
    }
    outer.file("manifest.json", 0o644, json!(items).to_string().as_bytes());
    cases.add(format!("two images {name}"), outer.done());
}

fn several(cases: &mut Cases) {
    let usual = |both: [&Parts; 2]| both.map(|parts| parts.config().to_string().into_bytes());
    both(cases, "as usual", |parts, _| usual(parts));
    both(cases, "without names", |parts, items| {
        *items = [json!({"RepoTags": null}), json!({"RepoTags": []})];
        usual(parts)
    });
    both(cases, "of which the first has no name", |parts, items| {
        items[0] = json!({"RepoTags": null});
        usual(parts)
    });
    both(cases, "of which the second has no name", |parts, items| {
        items[1] = json!({"RepoTags": null});
        usual(parts)
    });
    both(cases, "with one name", |parts, items| {
        items[1] = json!({"RepoTags": [parts[0].tag]});
        usual(parts)
    });
    both(cases, "of which the second has no configuration", |parts, items| {
        items[1] = json!({"Config": "none.json"});
        usual(parts)
    });
    both(cases, "of which the first has no layer", |parts, items| {
        items[0] = json!({"Layers": ["none.tar"]});
        usual(parts)
    });
    both(cases, "of which the second has no layer", |parts, items| {
        items[1] = json!({"Layers": ["none.tar"]});
        usual(parts)
    });
    let id = |config: &[u8]| format!("sha256:{}", super::sha256(config));
    both(cases, "with histories that are not one another's", |parts, items| {
        let configs = usual(parts);
        items[1] = json!({"Parent": id(&configs[0])});
        configs
    });
    both(cases, "of which one is made from the other", |parts, items| {
        let [first, _] = usual(parts);
        let mut second = parts[1].config();
        second["history"] = json!([second["history"][0], {"created_by": "y", "empty_layer": true}]);
        items[1] = json!({"Parent": id(&first), "RepoTags": ["child:1"]});
        [first, second.to_string().into_bytes()]
    });
    let parts = cases.parts();
    let item: Value = serde_json::from_str(&parts.manifest(&parts.config().to_string())).expect("our own");
    let twice = json!([item[0], item[0]]).to_string();
    cases.add("one image twice", parts.archive(None, Some(&twice)));
}
