//! Files that dockerd 20.10.24 was given, and what it said.

use super::{FILE, Refused, read};

fn said(text: &str) -> String {
    match read(text.as_bytes()) {
        Ok(_) => String::new(),
        Err(refused) => refused.text(),
    }
}

#[test]
fn a_file_is_refused_in_dockerds_words() {
    for (text, want) in [
        (r#"{"a":1,"b":2}"#, "the following directives don't match any configuration option: a, b"),
        (
            r#"{"registry-mirrors":["https://m.lab"],}"#,
            "invalid character '}' looking for beginning of object key string",
        ),
        (r#"{"registry-mirrors":["https://m.lab"]"#, "unexpected EOF"),
        ("", "EOF"),
        ("x", "invalid character 'x' looking for beginning of value"),
        ("[]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (
            r#"{"registry-mirrors":"https://m.lab"}"#,
            "json: cannot unmarshal string into Go struct field Config.registry-mirrors of type []string",
        ),
        (
            r#"{"debug":"yes"}"#,
            "json: cannot unmarshal string into Go struct field Config.debug of type bool",
        ),
        (r#"{"labels":["x"]}"#, "configuration validation from file failed: bad attribute format: x"),
    ] {
        let want = format!("unable to configure the Docker daemon with file {FILE}: {want}");
        assert_eq!(said(text), want, "{text}");
    }
    for (text, want) in [
        (
            r#"{"registry-mirrors":["mirror.lab"]}"#,
            r#"invalid mirror: unsupported scheme "" in "mirror.lab""#,
        ),
        (
            r#"{"registry-mirrors":["https://m.lab/x"]}"#,
            r#"invalid mirror: path, query, or fragment at end of the URI "https://m.lab/x""#,
        ),
        (
            r#"{"registry-mirrors":["https://u:p@m.lab"]}"#,
            r#"invalid mirror: username/password not allowed in URI "https://u:xxxxx@m.lab""#,
        ),
        (
            r#"{"insecure-registries":["ip:port"]}"#,
            r#"insecure registry ip:port is not valid: invalid host "ip""#,
        ),
        (
            r#"{"insecure-registries":["10.0.0.0/33"]}"#,
            r#"insecure registry 10.0.0.0/33 is not valid: invalid host "10.0.0.0/33""#,
        ),
        (
            r#"{"log-opts":{"nope":"x"}}"#,
            "failed to set log opts: unknown log opt 'nope' for json-file log driver",
        ),
        (r#"{"storage-driver":"nosuch"}"#, "error initializing graphdriver: driver not supported"),
    ] {
        assert_eq!(said(text), format!("failed to start daemon: {want}"), "{text}");
    }
}

#[test]
fn what_cannot_act_in_a_lab_is_refused_by_name() {
    for text in [
        r#"{"bip":"10.0.0.1/24"}"#,
        r#"{"data-root":"/srv"}"#,
        r#"{"storage-driver":"vfs"}"#,
        r#"{"log-driver":"syslog"}"#,
    ] {
        assert!(said(text).starts_with("Layerlab: "), "{text}: {}", said(text));
    }
    let Err(Refused::Key(_, key, near)) = read(br#"{"registry-mirros":[]}"#) else {
        panic!("it is accepted")
    };
    assert_eq!((key.as_str(), near.as_str()), ("registry-mirros", "registry-mirrors"));
}

#[test]
fn what_acts_is_read() {
    let text = r#"{"registry-mirrors":["https://m.lab","http://b.lab/","https://m.lab/"],
        "insecure-registries":["reg.lab","10.0.0.5:5000","10.1.0.0/16","http://a:5000"],
        "labels":["a=b"],"live-restore":true,"log-opts":{"max-size":"10m"},"storage-driver":"overlay2","debug":null}"#;
    let settings = read(text.as_bytes()).expect("dockerd starts with it");
    assert_eq!(settings.mirrors, ["https://m.lab/", "http://b.lab/"]);
    assert_eq!(settings.insecure, ["10.0.0.5:5000", "a:5000", "reg.lab"]);
    assert_eq!(settings.insecure_networks, ["10.1.0.0/16"]);
    assert!(settings.live_restore && !settings.debug);
    assert_eq!(settings.log_opts["max-size"], "10m");
}
