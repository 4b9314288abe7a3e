//! The limits of reading an image: each is named by its flag, and says what docs/design/limits.md says.

use layerlab_tests::archive;
use layerlab_tests::layout::gzip;
use serde_json::json;

use super::*;

/// What the page says of a limit, in backticks in its last column; N is the value.
fn says(page: &str, name: &str, value: u64) -> String {
    let start = format!("| `{name}` |");
    let row =
        page.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no row of {name}"));
    let cell = row.trim_end_matches('|').rsplit(" | ").next().unwrap();
    cell.split('`').nth(1).unwrap_or_else(|| panic!("{name} says nothing")).replace('N', &value.to_string())
}

#[test]
fn each_limit_says_what_the_page_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/design/limits.md");
    let page = std::fs::read_to_string(page).unwrap();
    let workspace = Workspace::new();
    let docker = workspace.put("docker.tar", &archive::three_layers(archive::STUB));
    let zstd = Layout::default().image("w", ("linux", "amd64"), &wasteful());
    let mut long = Layer::new();
    long.file(&"name/".repeat(40), 0o644, b"");
    let deep = Layout::default().image("l", ("linux", "amd64"), &[(long.done(), Stored::Plain)]);
    let two = zstd.clone().image("v", ("linux", "arm64"), &wasteful());
    let nested = workspace.put("nested.tar", &two.clone().nested("n").nested("m").tar());
    let (zstd, two) = (workspace.put("zstd.tar", &zstd.tar()), workspace.put("two.tar", &two.tar()));
    let deep = workspace.put("deep.tar", &deep.tar());
    let packed = workspace.put("packed.tar.gz", &gzip(&vec![0; 1 << 20], usize::MAX));
    let xz = include_bytes!("../../fixtures/oci/packed/sparse.tar.xz");
    let xz = workspace.put("xz.tar", &archive::docker_save("x:1", &[("x", xz.to_vec())], &[]));
    let cases = [
        ("entries", 5, &zstd, None),
        ("metadata", 20, &deep, None),
        ("path", 3, &docker, None),
        ("json", 20, &docker, None),
        ("layers", 2, &docker, None),
        ("index_depth", 1, &nested, None),
        ("index_entries", 1, &two, None),
        ("expanded", 4096, &packed, None),
        ("ratio", 2, &packed, Some("ratio_from=1000")),
        ("zstd_window", 10, &zstd, None),
        ("xz_dictionary", 10, &xz, None),
        ("archive_files", 2, &docker, None),
        ("archive_depth", 1, &docker, None),
    ];
    for (name, value, file, also) in cases {
        let limit = format!("{name}={value}");
        let mut arguments = vec!["--limit", &limit];
        arguments.extend(also.iter().flat_map(|also| ["--limit", also]));
        let (_, err, status) = image(file, &arguments);
        let says = says(&page, name, value);
        assert!(status == 1 && err.contains(&says), "{limit}: {says:?} wanted, {err}");
    }
    let all = serde_json::to_value(layerlab_core::oci::Limits::default()).unwrap();
    let tried = json!(cases.map(|case| case.0));
    let untried: Vec<_> = all
        .as_object()
        .unwrap()
        .keys()
        .filter(|name| !tried.as_array().unwrap().contains(&json!(name)))
        .collect();
    assert_eq!(untried, ["ratio_from"]);
}
