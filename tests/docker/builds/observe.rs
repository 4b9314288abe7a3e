//! What a build leaves, seen from all sides: its status, the image's configuration, history and layers, and what the cache knows.

use std::collections::BTreeMap;

use crate::builds::generate::Case;
use crate::scripts::sides::{Said, Side};
use crate::scripts::{base, raw};

/// The context: files, directories, links and archives with modes, owners and times of their own.
const CONTEXT: &str = r"rm -rf ctx; mkdir -p ctx/d/sub ctx/e ctx/lib; ( cd ctx
echo alpha > a; printf '#!/bin/sh\necho b\n' > b.sh; chmod 755 b.sh; echo one > d/x; echo why > d/y; chmod 640 d/y
echo zed > d/sub/z; chmod 2750 d/sub; ln -s a l; ln -s d dl; ln -s nowhere d/dead; ln d/x d/twin; echo h > .hidden
echo 1 > 1.txt; echo 22 > 2.txt; echo file > lib/f; chown 4242:1 lib lib/f; chmod 1777 e
mkdir -p t/in/side; echo packed > t/in/f; chown 7:8 t/in/f; chmod 4711 t/in/f; ln -s f t/in/l; touch -d @1400000000 t/in/f t/in/side t/in
find . -exec touch -h -d @1500000000 {} + )";

/// What was seen, under the names of the steps.
pub(crate) type Seen = Vec<(String, Vec<String>)>;

/// The step that is shown beside a difference and is none itself: texts have cases of their own.
pub(crate) const SAID: &str = "said";

/// Builds a case, changes the context, builds again. Nothing is left but the base image.
pub(crate) fn observe(side: &mut dyn Side, case: &Case, archives: &[(&str, Vec<u8>)]) -> Seen {
    let made = side.line(CONTEXT);
    assert!(made.status == 0, "the context: {made:?}");
    for (name, content) in archives {
        side.put(&format!("ctx/{name}"), content);
    }
    side.put("ctx/Dockerfile", case.dockerfile().as_bytes());
    if !case.ignore.is_empty() {
        side.put("ctx/.dockerignore", case.ignore.as_bytes());
    }
    side.line("( cd ctx; chmod 644 t.tar t.tar.gz Dockerfile .dockerignore; chown 0:0 t.tar t.tar.gz Dockerfile .dockerignore; find . -maxdepth 1 -exec touch -h -d @1500000000 {} + )");
    let mut seen = Vec::new();
    let first = build(side, case, "app:1", &mut seen);
    side.line(case.change);
    let second = build(side, case, "app:2", &mut seen);
    let cached =
        |said: &Said| said.stdout.matches("Using cache").count() + said.stderr.matches(" CACHED\n").count();
    if !case.buildkit {
        seen.push(("cached".into(), vec![cached(&first).to_string(), cached(&second).to_string()]));
        let left = side.line("docker ps -aq | wc -l; docker images -aq | sort -u | wc -l");
        seen.push(("left".into(), left.stdout.lines().map(str::to_owned).collect()));
    }
    side.line("docker rm -f $(docker ps -aq); docker rmi -f app:1 app:2; docker image prune -f; docker builder prune -af");
    seen
}

fn build(side: &mut dyn Side, case: &Case, name: &str, seen: &mut Seen) -> Said {
    let builder = if case.buildkit { "DOCKER_BUILDKIT=1 " } else { "" };
    let progress = if case.buildkit { " --progress=plain" } else { "" };
    let flags = case.flags.join(" ");
    let said = side
        .line(&format!("{builder}docker build --network none{progress} {flags} -t {name} ctx < /dev/null"));
    seen.push((format!("{name} status"), vec![said.status.to_string()]));
    seen.push((SAID.into(), said.stderr.lines().rev().take(3).map(str::to_owned).collect()));
    if said.status != 0 {
        return said;
    }
    let told = side.line(&format!("docker inspect -f '{{{{json .Config}}}}' {name}"));
    seen.push((format!("{name} config"), config(&told.stdout)));
    let told = side.line(&format!(
        "docker history --no-trunc --format '{{{{.CreatedBy}}}}|{{{{.Size}}}}|{{{{.Comment}}}}' {name}"
    ));
    seen.push((format!("{name} history"), told.stdout.lines().map(str::to_owned).collect()));
    // An image without layers is not saved: what was saved before is not its own.
    side.line(&format!("docker save -o out.tar {name} || : > out.tar"));
    for (at, layer) in layers(&side.get("out.tar")).iter().enumerate().skip(base::LAYERS) {
        seen.push((format!("{name} layer {at}"), raw::entries(layer)));
    }
    said
}

/// The configuration a line a field, without what is another in each run.
fn config(text: &str) -> Vec<String> {
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let Some(fields) = value.as_object() else { return vec![text.to_owned()] };
    // The image that a step started from: an id, and ids hang on the clock.
    fields
        .iter()
        .filter(|(name, _)| *name != "Image")
        .map(|(name, value)| format!("{name}: {value}"))
        .collect()
}

fn layers(saved: &[u8]) -> Vec<Vec<u8>> {
    let file = |name: &str| layerlab_tests::listing::tar_file(saved, name).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_slice(&file("manifest.json")).unwrap_or_default();
    let names = manifest[0]["Layers"].as_array().cloned().unwrap_or_default();
    let links = links(saved);
    // A layer that is like another one, made in the same second, is a symbolic link to it: `../ID/layer.tar`.
    let real = |name: &str| {
        links.get(name).map_or_else(|| name.to_owned(), |to| to.trim_start_matches("../").to_owned())
    };
    names.iter().filter_map(|name| name.as_str().map(|name| file(&real(name)))).collect()
}

/// The symbolic links of an archive, with what they lead to.
fn links(saved: &[u8]) -> BTreeMap<String, String> {
    let mut archive = tar::Archive::new(saved);
    let Ok(entries) = archive.entries() else { return BTreeMap::new() };
    let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let link = |entry: tar::Entry<'_, &[u8]>| {
        let to = entry.link_name().ok().flatten().map(|to| text(&to))?;
        Some((text(&entry.path().ok()?), to))
    };
    entries.flatten().filter_map(link).collect()
}
