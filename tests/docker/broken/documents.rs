//! Documents that are none, or not what they should be, or in other words than usual.

use layerlab_tests::random::Random;
use serde_json::{Value, json};

use super::{Cases, SEED};

/// How many documents are damaged at random.
const DAMAGED: usize = 60;

pub(super) fn all(cases: &mut Cases) {
    for text in [
        "",
        " \n",
        "null",
        "[]",
        "{}",
        "12",
        "\"x\"",
        "true",
        "hello",
        "\u{feff}[]",
        "[null]",
        "[{}]",
        "[{\"Con",
        "[{\"Config\":1}]",
        "[{\"Config\":{}}]",
        "[{\"Config\":\"nope\"}]",
        "[{\"Config\":\"l\"}]",
        "[{\"Config\":\"../../x\"}]",
        "[{\"Config\":\"x\",}]",
        "[{\"Config\" 1}]",
        "[{Config:1}]",
        "[tru]",
        "[01]",
        "[-]",
        "[1.]",
        "[1e]",
        "[1}",
        "[\"\\x\"]",
        "[\"\\u12g4\"]",
        "[{\"RepoTags\":\"t\"}]",
        "[{\"Layers\":[1]}]",
        "[{\"Parent\":5}]",
        "[{\"LayerSources\":[]}]",
    ] {
        cases.manifest(&text.escape_debug().to_string(), |_| text.to_owned());
    }
    for (name, key, value) in [
        ("architecture", "architecture", json!(5)),
        ("os of Windows", "os", json!("windows")),
        ("os of nobody", "os", json!("foo")),
        ("no rootfs", "rootfs", Value::Null),
        ("rootfs", "rootfs", json!("x")),
        ("no diff ids", "rootfs", json!({"type": "layers"})),
        ("diff ids", "rootfs", json!({"diff_ids": "x"})),
        ("diff id", "rootfs", json!({"diff_ids": [1]})),
        ("diff id that is none", "rootfs", json!({"diff_ids": ["sha256:xy"]})),
        ("diff id of md5", "rootfs", json!({"diff_ids": ["md5:00000000000000000000000000000000"]})),
        ("time", "created", json!("yesterday")),
        ("number for a time", "created", json!(5)),
        ("month", "created", json!("2020-13-01T00:00:00Z")),
        ("history", "history", json!("x")),
        ("more history", "history", json!([{}, {}])),
        ("step", "history", json!([{"empty_layer": "yes"}])),
        ("config", "config", json!([])),
        ("variables", "config", json!({"Env": [1]})),
        ("ports", "config", json!({"ExposedPorts": []})),
        ("volumes", "config", json!({"Volumes": ["x"]})),
        ("labels", "config", json!({"Labels": {"a": 1}})),
        ("health", "config", json!({"Healthcheck": {"Test": "x"}})),
        ("size", "Size", json!("x")),
    ] {
        cases.config(name, |config| config[key] = value);
    }
    odd(cases);
    let mut random = Random(SEED);
    for round in 0..DAMAGED {
        let parts = cases.parts();
        let (config, manifest) = (parts.config().to_string(), parts.manifest(&parts.config().to_string()));
        let is_config = random.below(2) == 0;
        let mut text = if is_config { config } else { manifest }.into_bytes();
        let at = random.below(text.len());
        match random.below(3) {
            0 => text.truncate(at),
            1 => text[at] = b"{}[]\",:0atn\\-."[random.below(15)],
            _ => drop(text.remove(at)),
        }
        let text = String::from_utf8(text).expect("ASCII stays ASCII");
        let archive =
            if is_config { parts.archive(Some(&text), None) } else { parts.archive(None, Some(&text)) };
        cases.add(format!("damage {round}: {text}"), archive);
    }
}

/// What Go takes, and how: keys in any case, what it does not know, texts that are none, nulls.
fn odd(cases: &mut Cases) {
    for (from, to) in [
        ("Config", "config"),
        ("RepoTags", "REPOTAGS"),
        ("Layers", "Layer\u{17f}"),
        ("\"Config\"", "\"\\u0043onfig\""),
        ("{\"Config\"", "{\"x\":1e999,\"Config\""),
        ("{\"Config\"", "{\"x\":\"\\ud800\",\"Config\""),
        ("{\"Config\"", "{\"Config\":\"x\",\"Config\""),
        ("{\"Config\"", "{\"config\":\"x\",\"Config\""),
        ("{\"Config\"", "{\"x\":{\"y\":1,\"y\":2},\"Config\""),
        ("}]", "},null]"),
        ("}]", "}] {}"),
        ("}]", "}]rubbish"),
        ("}]", ",\"Parent\":\"x\"}]"),
    ] {
        cases.manifest(&format!("{from} as {to}"), |manifest| manifest.replace(from, to));
    }
    let deep = format!("{{\"x\":{}{},\"Config\"", "[".repeat(200), "]".repeat(200));
    cases.manifest("that is deep", |manifest| manifest.replace("{\"Config\"", &deep));
    for (from, to) in [
        ("rootfs", "RootFS"),
        ("diff_ids", "Diff_IDs"),
        ("\"os\"", "\"O\u{17f}\""),
        ("\"config\"", "\"Config\""),
        ("\"Cmd\"", "\"cmd\""),
        ("\"Cmd\":[\"sh\"]", "\"Cmd\":\"sh\""),
        ("\"Cmd\":[\"sh\"]", "\"Cmd\":[\"sh\",null]"),
        ("\"Cmd\"", "\"Labels\":{\"a\":null},\"Env\":[null,\"A=b\"],\"Cmd\""),
        ("\"Cmd\"", "\"Labels\":{\"a\":\"1\",\"a\":\"2\"},\"Cmd\""),
        ("\"architecture\"", "\"zz\":1e999,\"architecture\""),
        ("\"architecture\"", "\"author\":\"a\\udc00\\ud83d\\ude00\",\"architecture\""),
        ("\"architecture\"", "\"os\":\"windows\",\"architecture\""),
        ("\"history\":[", "\"history\":[null,"),
        ("\"diff_ids\":[", "\"diff_ids\":[null,"),
    ] {
        cases.text(&format!("{from} as {to}"), |config| config.replace(from, to).into_bytes());
    }
    cases.text("that is no text", |config| {
        let mut bytes = config.replace("\"amd64\"", "\"amd64\",\"author\":\"a#b\"").into_bytes();
        let at = bytes.iter().position(|b| *b == b'#').expect("it was put there");
        bytes[at] = 0xff;
        bytes
    });
}
