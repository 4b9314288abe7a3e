//! Situations from public bug reports of image tools, and the answers that are right.

use layerlab_tests::oracle;

use super::*;

fn report(name: &str) -> PathBuf {
    oracle::folder("reports").join(name)
}

/// A docker archive of these layers.
fn saved(workspace: &Workspace, name: &str, layers: &[Layer]) -> PathBuf {
    let layers: Vec<(&str, Vec<u8>)> = layers.iter().map(|layer| ("step", layer.clone().done())).collect();
    workspace.put(name, &layerlab_tests::archive::docker_save("x:1", &layers, &[]))
}

/// Two builds leave the same size and the same time on other bytes (moby#31805, buildah#5861).
#[test]
fn contents_are_compared_by_digest() {
    let (old, new) = (report("r1.tar"), report("r2.tar"));
    let want = "C /app/bin\n    content\nC /app/config\n    content\n";
    assert_eq!(said(&new, &["--diff", old.to_str().unwrap()]), want);
    assert_eq!(said(&report("r3.tar"), &["--diff-layers", "0:1"]), "C /app/config\n    content\n");
    let object = json(&new, &["--diff", old.to_str().unwrap()]);
    assert_eq!(object["diff"][0]["what"], serde_json::json!(["content"]));
    assert_eq!(said(&old, &["--diff", old.to_str().unwrap()]), "");
}

#[test]
fn attributes_links_and_settings_are_compared() {
    let (old, new) = (report("f1.tar"), report("f2.tar"));
    let want = "\
C /d/cap
    xattrs
C /d/content
    content
D /d/gone
C /d/h2
    links
C /d/mode
    mode
A /d/new
C /d/sl
    target
C /d/type
    type
Configuration:
C Cmd [\"a\"] -> [\"a\",\"b\"]
C Env A=1 -> A=2
";
    assert_eq!(said(&new, &["--diff", old.to_str().unwrap()]), want, "a time alone is no difference");
    let object = json(&new, &["--diff", old.to_str().unwrap()]);
    assert_eq!(object["diff_config"][1]["after"], "2");
}

/// Both images on one line, with what they share.
#[test]
fn two_archives_are_two_images_beside_each_other() {
    let (a, b) = (report("f1.tar"), report("f2.tar"));
    let told = said(&a, &[b.to_str().unwrap()]);
    for part in [
        "A            f:1 (",
        "B            f:2 (",
        "Layers       0 in both (0B), 1 only in A (20.5kB), 1 only in B (20.5kB)\n",
        "Paths        1 more (1B), 6 changed, 1 less (1B)\n",
        "C /d/cap\n    xattrs\n",
        "C Env A=1 -> A=2\n",
    ] {
        assert!(told.contains(part), "{part}:\n{told}");
    }
    let same = said(&a, &[a.to_str().unwrap()]);
    assert!(
        same.contains("1 in both (20.5kB)") && same.ends_with("No path and no setting differs.\n"),
        "{same}"
    );
    let object = json(&a, &[b.to_str().unwrap()]);
    assert_eq!((&object["a"]["names"][0], &object["only_b_bytes"]), (&"f:1".into(), &20480.into()));
    let listed = said(&a, &[b.to_str().unwrap(), "--list"]);
    assert!(listed.contains("41.0kB in layers; each layer once 41.0kB"), "{listed}");
    let three = said(&a, &[b.to_str().unwrap(), a.to_str().unwrap()]);
    assert!(three.contains("61.4kB in layers; each layer once 41.0kB"), "{three}");
    assert_eq!(image(&a, &[b.to_str().unwrap(), "--why", "/d"]).2, 2, "a question is to one image");
}

/// The usual figure counts a link as nothing, as the tar does (wagoodman/dive), and what is wasted is counted once (dive#684).
#[test]
fn bytes_are_counted_once() {
    let workspace = Workspace::new();
    let bytes = |n: usize| vec![b'x'; n];
    let figures = |file: &Path| {
        let report = json(file, &[]);
        let efficiency = report["efficiency"].clone();
        let number = |value: &Value| value.as_u64().unwrap();
        (
            efficiency["score"].clone(),
            number(&efficiency["wasted_bytes"]),
            number(&report["reclaimable_bytes"]),
            number(&efficiency["repeated_bytes"]),
        )
    };
    let mut links = Layer::new();
    links.dir("h/", 0o755).file("h/a", 0o644, &bytes(1_100_000)).hard_link("h/b", "h/a");
    let mut three = links.clone();
    three.hard_link("h/c", "h/a");
    let gone = |names: &[&str]| {
        let mut layer = Layer::new();
        for name in names {
            layer.file(&format!("h/.wh.{name}"), 0o644, b"");
        }
        layer
    };
    let one_of_three = saved(&workspace, "d02.tar", &[three, gone(&["a"])]);
    assert_eq!(figures(&one_of_three), (0.0.into(), 0, 0, 1_100_000), "two names are still there");
    let both = saved(&workspace, "d02b.tar", &[links.clone(), gone(&["a", "b"])]);
    assert_eq!(figures(&both), (0.0.into(), 1_100_000, 1_100_000, 1_100_000));
    assert!(
        said(&both, &[])
            .contains("Efficiency   0.00 % (as usually defined; 1.10MB in paths that several layers have)")
    );
    let mut anew = Layer::new();
    anew.dir("h/", 0o755).file("h/b", 0o755, &bytes(1_100_000)).hard_link("h/z", "h/b");
    let half = saved(&workspace, "d02c.tar", &[links, anew]);
    assert_eq!(figures(&half).0, Value::from(0.5));
    let node = |others: bool| {
        let mut layer = Layer::new();
        layer.dir("app/", 0o755).file("app/node", 0o644, &bytes(900_000));
        if others {
            layer.file("app/js", 0o644, &bytes(1_100_000));
        }
        layer
    };
    let twice = saved(&workspace, "d01.tar", &[node(true), node(false)]);
    assert_eq!(figures(&twice), ((2_000_000.0 / 2_900_000.0).into(), 900_000, 900_000, 1_800_000));
}

/// A whiteout of a directory costs the usual figure nothing, and hides every byte.
#[test]
fn ci_fails_on_what_is_hidden() {
    let workspace = Workspace::new();
    let mut cache = Layer::new();
    cache.dir("cache/", 0o755).file("cache/f", 0o644, &vec![0; 1_000_000]);
    let mut gone = Layer::new();
    gone.file(".wh.cache", 0o644, b"");
    let file = saved(&workspace, "e01.tar", &[cache, gone]);
    let (_, err, status) = image(&file, &["--ci"]);
    assert_eq!(status, 1);
    assert_eq!(err, "layerlab: 1.0000 of the contents (1000000 of 1000000 bytes) is hidden, more than 0.1\n");
    assert_eq!(image(&file, &["--ci", "--max-hidden", "1"]).2, 0);
}

/// A base with merged /usr, and a layer with a real /bin.
#[test]
fn a_directory_in_the_place_of_a_link_is_told() {
    let file = report("q1.tar");
    let (out, err, status) = image(&file, &["--why", "/bin/sh"]);
    assert_eq!((err.as_str(), status), ("", 1));
    for part in [
        "  layer 0: a link to usr/bin, under a directory: it does not count",
        "not there\n",
        "warning: layer 1 has a directory /bin where layer 0 has a link to usr/bin: what was reached through the link is not there any more\n",
        "it was /usr/bin/sh (layer 0), which is still there under that name\n",
    ] {
        assert!(out.contains(part), "{part}:\n{out}");
    }
    assert!(said(&file, &[]).contains("warning: layer 1 has a directory /bin where"));
    let (out, _, _) = image(&file, &["--why", "/bin/sh", "--json"]);
    let why = serde_json::from_str::<Value>(&out).unwrap()["why"].clone();
    assert_eq!((&why["was"]["path"], &why["provider"]), (&"/usr/bin/sh".into(), &Value::Null));
}

/// A layer with a file and without its directory: Docker makes the directory with mode 755 and root as its owner.
#[test]
fn links_lead_on_and_parents_that_change_are_told() {
    let workspace = Workspace::new();
    let mut base = Layer::new();
    base.dir("tmp/", 0o1777).dir("usr/", 0o755).dir("usr/bin/", 0o755).file("usr/bin/sh", 0o755, b"sh");
    base.symlink("bin", "usr/bin").symlink("sh", "/bin/sh").symlink("lost", "nowhere");
    let mut top = Layer::new();
    top.file("tmp/x", 0o644, b"x");
    let file = saved(&workspace, "l.tar", &[base, top]);
    let warning =
        "layer 1 has no entry for /tmp: Docker makes it anew with 755 0:0, where layer 0 says 1777 0:0";
    for arguments in [&[][..], &["--why", "/tmp"], &["--why", "/tmp/x"]] {
        assert!(said(&file, arguments).contains(&format!("warning: {warning}\n")), "{arguments:?}");
    }
    let why = said(&file, &["--why", "/sh"]);
    assert!(why.contains("  layer 0: found: a link to /bin/sh; the search ends\n"), "{why}");
    assert!(
        why.contains("/sh is a link to /bin/sh (layer 0)\n/bin is a link to usr/bin (layer 0)\nthe path leads to /usr/bin/sh\n"),
        "{why}"
    );
    assert!(said(&file, &["--why", "/bin/sh"]).contains("the path leads to /usr/bin/sh\n"));
    let (out, _, status) = image(&file, &["--why", "/bin/nothing"]);
    assert!(
        status == 1 && out.contains("the path leads to /usr/bin/nothing\n") && out.contains("not there\n"),
        "{out}"
    );
    let lost = said(&file, &["--why", "/lost"]);
    assert!(lost.contains("the path leads to /nowhere\n") && lost.contains("not there\n"), "{lost}");
    assert_eq!(said(&file, &["--cat", "/sh"]), "sh", "links are followed");
    let (_, err, status) = image(&file, &["--cat", "/lost"]);
    assert_eq!(status, 1);
    assert_eq!(
        err,
        "layerlab: /lost: no such file in the image: /lost is a link, and the path leads to /nowhere, which is not there\n"
    );
}

/// Nothing that an image holds reaches a terminal as a control or a change of direction; JSON says it in escapes.
#[test]
fn names_do_not_steer_a_terminal() {
    let file = report("names-terminal.oci.tar");
    let steers = |text: &str| {
        text.chars().any(|c| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
    };
    let mut raw = 0;
    for arguments in [
        &[][..],
        &["--tree"],
        &["--json", "--tree"],
        &["--as", "spec"],
        &["--as", "overlay2"],
        &["--as", "umoci", "--json"],
        &["--history"],
        &["--list"],
        &["--list", "--json"],
        &["--why", "/nothing"],
        &["--diff-layers", "0:0", "--json"],
    ] {
        let (out, err, _) = image(&file, arguments);
        assert!(
            !steers(&out) && !steers(&err),
            "{arguments:?}: {}{}",
            out.escape_debug(),
            err.escape_debug()
        );
        if arguments.contains(&"--tree") && arguments.contains(&"--json") {
            let object: Value = serde_json::from_str(&out).unwrap();
            let rows = object["tree"].as_array().unwrap().clone();
            raw = rows.iter().filter(|row| row["path"].as_str().is_some_and(steers)).count();
        }
    }
    assert!(raw > 3, "the names are there, and JSON gives them back: {raw}");
}

#[test]
fn contents_come_out_as_digits_and_as_files() {
    let workspace = Workspace::new();
    let mut base = Layer::new();
    base.dir("etc/", 0o755).file("etc/motd", 0o644, b"hi\x1b[2J\n").file("etc/run", 0o755, b"#!");
    base.hard_link("etc/motd2", "etc/motd");
    let file = saved(&workspace, "c.tar", &[base]);
    let digits = "00000000  68 69 1b 5b 32 4a 0a                              |hi.[2J.|\n00000007\n";
    assert_eq!(said(&file, &["--hex", "/etc/motd"]), digits);
    let to = workspace.at("out");
    let name = to.to_str().unwrap();
    let told = said(&file, &["--save", "/etc/motd", "--output", name]);
    assert_eq!(told, format!("/etc/motd of layer 0, 7 bytes, is in {name}\n"));
    assert_eq!(std::fs::read(&to).unwrap(), b"hi\x1b[2J\n");
    let (_, err, status) = image(&file, &["--save", "/etc/motd", "--output", name]);
    assert!(status == 1 && err.ends_with("/out: is there already\n"), "{err}");
    let run = workspace.at("run");
    said(&file, &["--save", "/etc/run", "-o", run.to_str().unwrap()]);
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&run).unwrap().permissions());
    assert_eq!(mode & 0o100, 0o100, "a program stays one");
    let tree = said(&file, &["--tree"]);
    assert!(tree.contains("/etc/motd2 (hard link of /etc/motd)  [A0]"), "{tree}");
    let row = json(&file, &["--tree"])["tree"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(row["hard_link"], Value::Null, "{row}");
    let (_, err, status) = image(&file, &["--cat", "/etc"]);
    assert!(status == 1 && err.ends_with("no such file in the image: it is a directory\n"), "{err}");
}

#[test]
fn equal_files_under_other_names_are_found() {
    let workspace = Workspace::new();
    let mut base = Layer::new();
    base.file("a", 0o644, b"same content").file("b", 0o600, b"same content").hard_link("c", "a");
    base.file("d", 0o644, b"same c0ntent").file("e", 0o644, b"").file("f", 0o644, b"");
    let mut top = Layer::new();
    top.file("g", 0o644, b"same content");
    let file = saved(&workspace, "s.tar", &[base, top]);
    let told = said(&file, &["--duplicates"]);
    assert!(
        told.ends_with("\nThe same contents under other names: 24B more than once\n      12B  /a  /b  /g\n"),
        "{told}"
    );
    let object = json(&file, &["--duplicates"]);
    assert_eq!(object["duplicates"], serde_json::json!([{"size": 12, "names": ["/a", "/b", "/g"]}]));
    assert_eq!(json(&file, &[])["duplicates"], Value::Null, "contents are hashed where that is asked");
}
