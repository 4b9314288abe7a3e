//! What can be asked of an image: the table, the tree, why, contents, differences, waste, secrets, thresholds, other rules.

use super::*;

#[test]
fn the_table_and_the_object_say_the_same() {
    let workspace = Workspace::new();
    let file = wasteful_image(&workspace);
    let report = json(&file, &[]);
    let layers = report["layers"].as_array().unwrap();
    let content = [1000 + 2000 + 3000 + 500 + 4000 + 5 + KEY.len() as u64, 1505, 5];
    let hidden = [1000 + 2000 + 3000 + 500 + 4000 + KEY.len() as u64, 0, 0];
    for (i, layer) in layers.iter().enumerate() {
        assert_eq!(layer["index"], i);
        assert_eq!(layer["content_bytes"], content[i]);
        assert_eq!(layer["hidden_bytes"], hidden[i], "{layer}");
        assert_eq!(layer["digest"], layer["diff_id"]);
    }
    assert_eq!(layers[0]["chain_id"], layers[0]["diff_id"]);
    assert_eq!(report["content_bytes"], content.iter().sum::<u64>());
    assert_eq!(report["reclaimable_bytes"], hidden[0]);
    assert_eq!(report["shown_bytes"], content.iter().sum::<u64>() - hidden[0]);
    let table = said(&file, &[]);
    let id = report["id"].as_str().unwrap();
    for part in
        [id, "Platform     linux/amd64", "Content      12.1kB in 3 layers", "Reclaimable  10.6kB in 6 files"]
    {
        assert!(table.contains(part), "{part}:\n{table}");
    }
    assert!(!table.contains('\x1b'), "no colour where there is no terminal");
}

/// The bytes, by path, with the layer that holds them and the one that hid them.
#[test]
fn reclaimable_bytes_are_right_for_every_kind_of_hiding() {
    let workspace = Workspace::new();
    let report = json(&wasteful_image(&workspace), &[]);
    let mut found: Vec<(String, u64, u64, u64)> = report["reclaimable"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| {
            let number = |key: &str| p[key].as_u64().unwrap();
            (p["path"].as_str().unwrap().to_owned(), number("size"), number("layer"), number("hidden_by"))
        })
        .collect();
    found.sort();
    let want = [
        ("/app/a", 1000, 0, 1),
        ("/app/b", 2000, 0, 1),
        ("/lib/old/x", 3000, 0, 1),
        ("/lib/old/y", 500, 0, 1),
        ("/opt/data", 4000, 0, 1),
        ("/root/id.pem", KEY.len() as u64, 0, 2),
    ];
    let want: Vec<_> =
        want.iter().map(|(p, size, layer, by)| ((*p).to_owned(), *size, *layer, *by)).collect();
    assert_eq!(found, want);
}

/// By the usual rule: the smallest of a path's sizes over the sum of them, over all paths.
#[test]
fn efficiency_is_the_usual_figure() {
    let workspace = Workspace::new();
    let layer = |files: &[(&str, usize)]| {
        let mut layer = Layer::new();
        for (name, size) in files {
            layer.file(name, 0o644, &vec![0; *size]);
        }
        (layer.done(), Stored::Plain)
    };
    let layers = [layer(&[("f", 100), ("g", 100)]), layer(&[("f", 50)])];
    let file = workspace.put("e.tar", &Layout::default().image("e", ("linux", "amd64"), &layers).tar());
    let report = json(&file, &[]);
    assert_eq!(report["efficiency"]["score"], 150.0 / 250.0);
    assert_eq!(report["efficiency"]["repeated_bytes"], 150);
    assert_eq!(report["efficiency"]["wasted_bytes"], report["reclaimable_bytes"]);
    assert!(said(&file, &[]).contains("Efficiency   60.00 %"));
}

#[test]
fn secrets_that_were_deleted_are_found() {
    let workspace = Workspace::new();
    let report = json(&wasteful_image(&workspace), &[]);
    let secrets = report["secrets"].as_array().unwrap();
    assert_eq!(secrets.len(), 1, "{secrets:?}");
    assert_eq!(secrets[0]["rule"], "private-key");
    assert_eq!((&secrets[0]["layer"], &secrets[0]["shown"]), (&Value::from(0), &Value::from(false)));
    let table = said(&workspace.at("w.tar"), &[]);
    assert!(table.contains("private-key: /root/id.pem (layer 0, deleted later, and still there)"), "{table}");
}

#[test]
fn the_tree_names_providers_and_marks() {
    let workspace = Workspace::new();
    let file = wasteful_image(&workspace);
    let report = json(&file, &["--tree"]);
    let row = |path: &str| {
        let rows = report["tree"].as_array().unwrap();
        rows.iter().find(|row| row["path"] == path).unwrap_or_else(|| panic!("{path}")).clone()
    };
    assert_eq!((&row("/app/a")["provider"], &row("/app/a")["size"]), (&Value::from(1), &Value::from(1500)));
    assert_eq!((&row("/app/b")["provider"], &row("/app/b")["kind"]), (&Value::Null, &Value::Null));
    assert_eq!(row("/lib/old/z")["marks"].to_string(), r#"[[2,"A"]]"#);
    assert_eq!(row("/opt/data")["marks"].to_string(), r#"[[0,"A"],[1,"C"]]"#);
    assert_eq!(row("/root/id.pem")["marks"].to_string(), r#"[[0,"A"],[2,"D"]]"#);
    assert_eq!(row("/link")["target"], "keep");
    let tree = said(&file, &["--tree"]);
    let line =
        |end: &str| tree.lines().rfind(|line| line.contains(end)).unwrap_or_else(|| panic!("{end}:\n{tree}"));
    assert_eq!(line("/app/b").trim(), "-  gone         0        0B  /app/b  [A0 D1]");
    assert_eq!(line("/link").trim(), "2  symlink    777        0B  /link -> keep  [A2]");
}

#[test]
fn why_tells_the_steps_of_the_look_up() {
    let workspace = Workspace::new();
    let file = wasteful_image(&workspace);
    let why = said(&file, &["--why", "/opt/data"]);
    assert!(why.contains("layer 1: found; the search ends"), "{why}");
    assert!(why.contains("provided by layer 1 ("), "{why}");
    let (out, err, status) = image(&file, &["--why", "/root/id.pem"]);
    assert_eq!((err.as_str(), status), ("", 1), "what is not there is a no");
    assert!(
        out.contains("layer 2: a whiteout: the name is deleted here; the search ends\nnot there\n"),
        "{out}"
    );
    let (out, _, _) = image(&file, &["--why", "/app/b"]);
    assert!(out.contains("layer 1: an opaque directory: what is below is hidden"), "{out}");
    let why = json(&file, &["--why", "/lib/old/z"])["why"].clone();
    assert_eq!(why["provider"], 2, "{why}");
}

#[test]
fn contents_come_out_of_any_layer() {
    let workspace = Workspace::new();
    let stored = [Stored::Plain, Stored::Gzip(700), Stored::Zstd];
    let packed: Vec<_> = wasteful().into_iter().zip(stored).map(|((tar, _), stored)| (tar, stored)).collect();
    let file = workspace.put("p.tar", &Layout::default().image("p", ("linux", "amd64"), &packed).tar());
    assert_eq!(said(&file, &["--cat", "/opt/data"]), "small");
    assert_eq!(said(&file, &["--cat", "/opt/data", "--layer", "0"]), "x".repeat(4000));
    assert_eq!(said(&file, &["--cat", "/lib/old/z"]), "anew\n");
    assert_eq!(said(&file, &["--cat", "/root/id.pem", "--layer", "0"]).as_bytes(), KEY);
    for arguments in
        [&["--cat", "/root/id.pem"][..], &["--cat", "/opt/data", "--layer", "2"], &["--cat", "/app"]]
    {
        let (out, err, status) = image(&file, arguments);
        assert_eq!((out.as_str(), status), ("", 1), "{arguments:?}");
        assert!(err.contains("no such file in the image"), "{err}");
    }
}

#[test]
fn layers_and_images_are_compared() {
    let workspace = Workspace::new();
    let file = wasteful_image(&workspace);
    let layers = said(&file, &["--diff-layers", "0:1"]);
    assert!(layers.contains("C /opt/data\n    content\n") && layers.contains("D /keep\n"), "{layers}");
    let two = Layout::default().image("two", ("linux", "amd64"), &wasteful()[..2]);
    let two = workspace.put("two.tar", &two.tar());
    let want = "C /lib\nA /lib/old\nA /lib/old/z\nA /link\nC /root\nD /root/id.pem\n";
    let differs = said(&file, &["--diff", two.to_str().unwrap()]);
    let plain = |text: &str| {
        text.lines()
            .filter(|l| !l.starts_with("C /lib") && *l != "C /root" && !l.starts_with("    "))
            .map(|l| format!("{l}\n"))
            .collect::<String>()
    };
    assert_eq!(plain(&differs), plain(want));
    assert_eq!(said(&file, &["--diff", file.to_str().unwrap()]), "");
    let changes = json(&file, &["--diff", two.to_str().unwrap()])["diff"].clone();
    assert!(changes.as_array().unwrap().iter().any(|c| c["path"] == "/root/id.pem" && c["mark"] == "D"));
    for bad in ["0", "0:9", "a:b"] {
        let (_, err, status) = image(&file, &["--diff-layers", bad]);
        assert_eq!(status, 2, "{bad}");
        assert!(err.contains("layers are 0 to 2"), "{err}");
    }
}

#[test]
fn thresholds_decide_the_status() {
    let workspace = Workspace::new();
    let file = wasteful_image(&workspace);
    let ci = |arguments: &[&str]| image(&file, &[&["--ci"], arguments].concat());
    let (out, err, status) = ci(&["--min-efficiency", "0.1", "--max-reclaimable", "100000"]);
    assert_eq!((err.as_str(), status), ("", 0));
    assert!(out.starts_with("Image "), "{out}");
    let (_, err, status) = ci(&["--min-efficiency", "0.99", "--max-hidden", "1"]);
    assert_eq!(status, 1);
    assert!(err.starts_with("layerlab: efficiency 0.") && err.ends_with("is below 0.99\n"), "{err}");
    // Without a word on what is hidden a tenth of the contents may be.
    let (_, err, status) = ci(&["--min-efficiency", "0"]);
    let hidden = 10_500 + KEY.len();
    let want = format!("({hidden} of {} bytes) is hidden, more than 0.1\n", hidden + 1515);
    assert!(status == 1 && err.ends_with(&want), "{err}");
    assert_eq!(ci(&["--min-efficiency", "0", "--max-hidden", "0.9"]).2, 0);
    let (_, err, status) = ci(&["--min-efficiency", "0", "--max-reclaimable", "10"]);
    assert_eq!(status, 1);
    assert_eq!(err, format!("layerlab: {} reclaimable bytes are more than 10\n", 10_500 + KEY.len()));
    let (out, err, status) = ci(&["--json", "--max-reclaimable", "10", "--min-efficiency", "0.99"]);
    assert_eq!((err.as_str(), status), ("", 1));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["failures"].as_array().unwrap().len(), 2);
    // Without --ci a report is a report.
    assert_eq!(image(&file, &[]).2, 0);
    assert_eq!(image(&file, &["--max-reclaimable", "1"]).2, 2);
}

/// Where the rules part: a whiteout and a new directory of its name in one layer, and an opaque marker at the root.
#[test]
fn other_rules_show_other_trees() {
    let workspace = Workspace::new();
    let mut base = Layer::new();
    base.dir("d/", 0o755).file("d/low", 0o644, b"1").dir("e/", 0o755).file("e/low", 0o644, b"1");
    let mut top = Layer::new();
    top.file(".wh.d", 0o600, b"").dir("d/", 0o755).file("d/new", 0o644, b"2");
    top.dir("e/", 0o755).file("e/.wh..wh..opq", 0o600, b"").file("e/new", 0o644, b"2");
    let layers = [(base.done(), Stored::Plain), (top.done(), Stored::Plain)];
    let file = workspace.put("lens.tar", &Layout::default().image("l", ("linux", "amd64"), &layers).tar());
    let names = |rules: &str| -> Vec<String> {
        let text = said(&file, &["--as", rules]);
        let name = |line: &str| line.split_whitespace().find(|word| word.starts_with('/')).map(str::to_owned);
        text.lines().filter_map(name).collect()
    };
    let kept = ["/d", "/d/low", "/d/new", "/e", "/e/new"];
    let gone = ["/d", "/d/new", "/e", "/e/new"];
    for rules in ["overlay2", "containerd"] {
        assert_eq!(names(rules), kept, "{rules}");
    }
    for rules in ["spec", "vfs", "umoci"] {
        assert_eq!(names(rules), gone, "{rules}");
    }
    let object = json(&file, &["--as", "umoci"]);
    assert_eq!(object["as"], "umoci");
    assert_eq!(object["tree"].as_array().unwrap().len(), gone.len());
    // A refusal is an answer, with its layer.
    let mut twice = Layer::new();
    twice.file("f", 0o644, b"1").file(".wh.f", 0o600, b"");
    let layers = [(twice.done(), Stored::Plain)];
    let file = workspace.put("r.tar", &Layout::default().image("r", ("linux", "amd64"), &layers).tar());
    let (out, err, status) = image(&file, &["--as", "overlay2"]);
    assert_eq!((out.as_str(), status), ("", 1));
    assert!(err.starts_with("layerlab: layer 0 is refused: "), "{err}");
    let (out, _, status) = image(&file, &["--as", "overlay2", "--json"]);
    assert_eq!(
        (serde_json::from_str::<Value>(&out).unwrap()["refused"]["layer"].as_u64(), status),
        (Some(0), 1)
    );
}
