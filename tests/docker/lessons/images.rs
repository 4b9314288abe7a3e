//! The hub's images for a real kernel: saved by the lab, with BusyBox in the place of the lab's own programs.

use std::io::{Cursor, Read};

use layerlab_tests::archive::{Layer, busybox};
use layerlab_tests::listing::{sha256, tar_file};
use layerlab_tests::sim;
use serde_json::{Value, json};

/// The images that lessons pull.
pub(crate) const NAMES: [&str; 3] = ["debian", "alpine", "nginx"];

/// What the lab's stand-ins for programs say of themselves.
const STAND_IN: &[u8] = b"stand-in made by Layerlab";
/// Where BusyBox lies in the images.
const PROGRAM: &str = "busybox";
/// Debian's shell, to which `sh` is a link.
const BASH: &[u8] = b"#!/busybox sh\nexec /busybox sh \"$@\"\n";
/// What the lab's nginx leaves, and that it stays up until it is asked to end.
const NGINX: &[u8] = b"#!/busybox sh
for d in client proxy fastcgi uwsgi scgi; do mkdir -p /var/cache/nginx/${d}_temp; done
echo 1 > /run/nginx.pid
trap 'exit 0' TERM QUIT INT
while :; do sleep 86400 & wait $!; done
";

/// The image as an archive that Docker loads.
pub(crate) fn archive(name: &str) -> Vec<u8> {
    let mut session = sim::session();
    for line in [format!("docker pull -q {name}"), format!("docker save -o /saved.tar {name}")] {
        assert_eq!(sim::run(&mut session, &line).status, 0, "{line}");
    }
    let saved = sim::get(&mut session, "/saved.tar");
    let file = |name: &str| tar_file(Cursor::new(&saved), name).expect("what the archive names");
    let document = |name: &str| serde_json::from_slice::<Value>(&file(name)).expect("the archive's JSON");
    let manifest = document("manifest.json");
    let mut config = document(manifest[0]["Config"].as_str().expect("a name"));
    let mut outer = Layer::new();
    let (mut names, mut ids) = (Vec::new(), Vec::new());
    for (n, layer) in manifest[0]["Layers"].as_array().expect("a list").iter().enumerate() {
        let tar = real(&file(layer.as_str().expect("a name")), n == 0);
        ids.push(format!("sha256:{}", sha256(&tar)));
        names.push(format!("{n}/layer.tar"));
        outer.dir(&format!("{n}/"), 0o755).file(&format!("{n}/layer.tar"), 0o644, &tar);
    }
    config["rootfs"]["diff_ids"] = json!(ids);
    let config = serde_json::to_vec(&config).expect("plain data");
    let config_name = format!("{}.json", sha256(&config));
    outer.file(&config_name, 0o644, &config);
    let manifest = json!([{"Config": config_name, "RepoTags": manifest[0]["RepoTags"], "Layers": names}]);
    outer.file("manifest.json", 0o644, manifest.to_string().as_bytes());
    outer.done()
}

/// A layer with programs that a real kernel runs.
fn real(layer: &[u8], is_base: bool) -> Vec<u8> {
    let mut out = tar::Builder::new(Vec::new());
    let mut archive = tar::Archive::new(layer);
    for entry in archive.entries().expect("a tar") {
        let mut entry = entry.expect("a tar");
        let path = entry.path().expect("a path").into_owned();
        let mut header = entry.header().clone();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("a tar");
        if content.windows(STAND_IN.len()).any(|part| part == STAND_IN) && content.starts_with(b"\x7fELF") {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            match name.as_str() {
                "bash" => content = BASH.to_vec(),
                "nginx" => content = NGINX.to_vec(),
                _ => {
                    header.set_entry_type(tar::EntryType::Symlink);
                    header.set_size(0);
                    out.append_link(&mut header, &path, format!("/{PROGRAM}"))
                        .expect("a vector takes everything");
                    continue;
                }
            }
        }
        header.set_size(content.len() as u64);
        match entry.link_name().expect("a path") {
            Some(target) => out.append_link(&mut header, &path, target),
            None => out.append_data(&mut header, &path, content.as_slice()),
        }
        .expect("a vector takes everything");
    }
    if is_base {
        let content = busybox();
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o755);
        header.set_size(content.len() as u64);
        header.set_mtime(1_600_000_000);
        out.append_data(&mut header, PROGRAM, content.as_slice()).expect("a vector takes everything");
    }
    out.into_inner().expect("a vector takes everything")
}
