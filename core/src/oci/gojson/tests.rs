//! Tests: each text is what Docker 20.10.24 answered to `docker load` of an archive with such a document.

use super::*;

#[test]
fn a_manifest_that_is_none() {
    for (text, want) in [
        ("", "EOF"),
        (" \n", "EOF"),
        ("hello", "invalid character 'h' looking for beginning of value"),
        ("\u{feff}[]", "invalid character 'ï' looking for beginning of value"),
        ("\0", r"invalid character '\x00' looking for beginning of value"),
        (r#"[{"Con"#, "unexpected EOF"),
        (r#"[{"Config":"x",}]"#, "invalid character '}' looking for beginning of object key string"),
        (r#"[{"Config" "x"}]"#, "invalid character '\"' after object key"),
        (r#"[{Config:"x"}]"#, "invalid character 'C' looking for beginning of object key string"),
        ("[tru]", "invalid character ']' in literal true (expecting 'e')"),
        ("[nulx]", "invalid character 'x' in literal null (expecting 'l')"),
        ("[\"a\nb\"]", r"invalid character '\n' in string literal"),
        (r#"["\x"]"#, "invalid character 'x' in string escape code"),
        (r#"["\u12g4"]"#, r"invalid character 'g' in \u hexadecimal character escape"),
        ("[01]", "invalid character '1' after array element"),
        ("[-]", "invalid character ']' in numeric literal"),
        ("[1.]", "invalid character ']' after decimal point in numeric literal"),
        ("[1e]", "invalid character ']' in exponent of numeric literal"),
        ("[1}", "invalid character '}' after array element"),
        (r#"{"a":1]"#, "invalid character ']' after object key:value pair"),
        ("12", "json: cannot unmarshal number into Go value of type []tarexport.manifestItem"),
        ("{}", "json: cannot unmarshal object into Go value of type []tarexport.manifestItem"),
        (
            r#"[{"Config":1}]"#,
            "json: cannot unmarshal number into Go struct field manifestItem.Config of type string",
        ),
        (
            r#"[{"config":null,"Layers":[true]}]"#,
            "json: cannot unmarshal bool into Go struct field manifestItem.Layers of type string",
        ),
        (
            r#"[{"LayerSources":"x"}]"#,
            "json: cannot unmarshal string into Go struct field manifestItem.LayerSources of type map[layer.DiffID]distribution.Descriptor",
        ),
    ] {
        assert_eq!(decode(text.as_bytes(), &MANIFEST), Err(want.to_owned()), "{text}");
    }
    let deep = "[".repeat(11_000);
    let told = Err("invalid character '[' exceeded max depth".to_owned());
    assert_eq!(decode(deep.as_bytes(), &MANIFEST), told);
    for text in ["null", "[null]", "[{}] rubbish", r#"[{"Foo":[{"a":[]},1.5e3],"Config":"c"}]"#] {
        assert_eq!(decode(text.as_bytes(), &MANIFEST), Ok(()), "{text}");
    }
}

#[test]
fn a_configuration_that_is_none() {
    for (text, want) in [
        ("", "unexpected end of JSON input"),
        (r#"{"a":"#, "unexpected end of JSON input"),
        ("{} x", "invalid character 'x' after top-level value"),
        ("[]", "json: cannot unmarshal array into Go value of type image.Image"),
        (
            r#"{"architecture":5}"#,
            "json: cannot unmarshal number into Go struct field Image.architecture of type string",
        ),
        (
            r#"{"config":{"Env":[1]}}"#,
            "json: cannot unmarshal number into Go struct field Config.config.Env of type string",
        ),
        (
            r#"{"config":{"ExposedPorts":[]}}"#,
            "json: cannot unmarshal array into Go struct field Config.config.ExposedPorts of type nat.PortSet",
        ),
        (
            r#"{"config":{"Healthcheck":{"Test":"x"}}}"#,
            "json: cannot unmarshal string into Go struct field HealthConfig.config.Healthcheck.Test of type []string",
        ),
        (
            r#"{"rootfs":{"diff_ids":[1]}}"#,
            "json: cannot unmarshal number into Go struct field RootFS.rootfs.diff_ids of type layer.DiffID",
        ),
        (
            r#"{"history":[{"empty_layer":"yes"}]}"#,
            "json: cannot unmarshal string into Go struct field History.history.empty_layer of type bool",
        ),
        (
            r#"{"created":"yesterday"}"#,
            r#"parsing time "\"yesterday\"" as "\"2006-01-02T15:04:05Z07:00\"": cannot parse "yesterday\"" as "2006""#,
        ),
        (
            r#"{"created":5}"#,
            r#"parsing time "5" as "\"2006-01-02T15:04:05Z07:00\"": cannot parse "5" as "\"""#,
        ),
        (
            r#"{"created":"2020-01-01"}"#,
            r#"parsing time "\"2020-01-01\"" as "\"2006-01-02T15:04:05Z07:00\"": cannot parse "\"" as "T""#,
        ),
        (
            r#"{"created":"2020-13-01T00:00:00Z"}"#,
            r#"parsing time "\"2020-13-01T00:00:00Z\"": month out of range"#,
        ),
    ] {
        assert_eq!(unmarshal(text.as_bytes(), &IMAGE), Err(want.to_owned()), "{text}");
    }
    let taken =
        r#"{"created":"2020-02-29T1:00:00.5+02:00","config":{"Cmd":"sh","Labels":null},"x":[1],"Size":12}"#;
    assert_eq!(unmarshal(taken.as_bytes(), &IMAGE), Ok(()));
    let parent = r#"{"parent":5}"#;
    let told = "json: cannot unmarshal number into Go struct field .Parent of type string";
    assert_eq!(unmarshal(parent.as_bytes(), &V1_PARENT), Err(told.to_owned()));
    let repositories = r#"{"a":{"b":5}}"#;
    let told = "json: cannot unmarshal number into Go value of type string";
    assert_eq!(decode(repositories.as_bytes(), &REPOSITORIES), Err(told.to_owned()));
}

/// What Docker 20.10.24 made of documents that it took: keys in any case, texts that are none, nulls.
#[test]
fn what_go_reads_is_written_for_all() {
    let seen = |text: &[u8]| read(text, &MANIFEST).map(|bytes| String::from_utf8(bytes).unwrap());
    for (text, want) in [
        (
            &br#"[{"config":"c","LAYERS":["l"],"RepoTag\u017f":null,"x":{"Config":1e999}}]"#[..],
            r#"[{"Config":"c","Layers":["l"]}]"#,
        ),
        (b" [ null , { } ] ", "[{},{}]"),
        (b"null", "null"),
        (b"[]", "[]"),
        (
            br#"[{"Config":"\ud800x\ud83d\ude00\n","RepoTags":[null,"t"]}]"#,
            "[{\"Config\":\"\u{fffd}x\u{1f600}\\n\",\"RepoTags\":[\"\",\"t\"]}]",
        ),
        (b"[{\"Config\":\"a\xff\xfeb\",\"x\":\"\xff\"}]", "[{\"Config\":\"a\u{fffd}\u{fffd}b\"}]"),
        (br#"[{"LayerSources":{"sha256:a":{"SIZE":5}}}]"#, r#"[{"LayerSources":{"sha256:a":{"size":5}}}]"#),
    ] {
        assert_eq!(seen(text).as_deref(), Ok(want), "{}", text.escape_ascii());
    }
    let image =
        br#"{"OS":"linux","config":{"cmd":"sh","Entrypoint":["a",null],"labels":{"A":null}},"Size":7}"#;
    let want = r#"{"os":"linux","config":{"Cmd":["sh"],"Entrypoint":["a",""],"Labels":{"A":""}},"Size":7}"#;
    assert_eq!(read(image, &IMAGE).unwrap(), want.as_bytes());
}

#[test]
fn two_documents_in_one_text_are_none() {
    for (text, want) in [
        (r#"[{"Config":"a","Config":"b"}]"#, r#"duplicate key "Config""#),
        (r#"[{"Config":"a","config":"b"}]"#, r#"duplicate key "config""#),
        (r#"[{"x":[{"y":1,"\u0079":2}]}]"#, r#"duplicate key "y""#),
        ("[] []", "data after the document"),
        ("[]x", "data after the document"),
    ] {
        assert_eq!(read(text.as_bytes(), &MANIFEST), Err(want.to_owned()), "{text}");
    }
    let deep = |n: usize| format!(r#"[{{"x":{}{}}}]"#, "[".repeat(n), "]".repeat(n));
    assert_eq!(read(deep(126).as_bytes(), &MANIFEST), Ok(b"[{}]".to_vec()));
    assert_eq!(read(deep(127).as_bytes(), &MANIFEST), Err("nested deeper than 128".to_owned()));
}

#[test]
fn another_case_is_told() {
    let spelled = |text: &str| spelled(text.as_bytes(), &IMAGE);
    assert_eq!(spelled(r#"{"os":"linux","Os.x":1,"config":{"Labels":{"CMD":"x"}}}"#), Ok(()));
    let told = |key: &str, field: &str| Err(format!("key {key:?}, which some readers take for {field:?}"));
    assert_eq!(spelled(r#"{"config":{"cmd":["sh"]}}"#), told("cmd", "Cmd"));
    assert_eq!(spelled(r#"{"history":[{},{"Created":null}]}"#), told("Created", "created"));
    assert_eq!(spelled("{\"o\u{17f}\":1}"), told("o\u{17f}", "os"));
}
