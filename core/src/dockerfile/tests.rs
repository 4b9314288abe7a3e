//! Tests of the parser against what recorded builds answered.

use super::expand::{word, words};
use super::ignore::Ignore;
use super::*;

fn env(list: &[&str]) -> Vec<String> {
    list.iter().map(|line| (*line).to_owned()).collect()
}

/// Recorded builds: syntax-*, from-*, copy-one-arg, label-none, shell-bad, health-bad-type, onbuild-chain, env-*.
#[test]
fn what_is_wrong_is_said_in_dockers_words() {
    for (text, want) in [
        ("FROM busybox\nRUNN x\n", "dockerfile parse error line 2: unknown instruction: RUNN"),
        (
            "FROM busybox\nRUN <<EOF\necho one\nEOF\n",
            "dockerfile parse error line 3: unknown instruction: ECHO",
        ),
        ("FROM a b\n", "dockerfile parse error line 1: FROM requires either one or three arguments"),
        ("FROM --arch=x a\n", "dockerfile parse error line 1: Unknown flag: arch"),
        ("FROM a\nRUN --fast x\n", "dockerfile parse error line 2: Unknown flag: fast"),
        ("FROM a\nENV LONELY\n", "failed to parse Dockerfile: ENV must have two arguments"),
        ("FROM a\nENV =x\n", "dockerfile parse error line 2: ENV names can not be blank"),
        ("FROM a\nLABEL\n", "dockerfile parse error line 2: LABEL requires at least one argument"),
        (
            "FROM a\nSHELL sh -c\n",
            "dockerfile parse error line 2: SHELL requires the arguments to be in JSON form",
        ),
        (
            "FROM a\nHEALTHCHECK ASK true\n",
            "dockerfile parse error line 2: Unknown type \"ASK\" in HEALTHCHECK (try CMD)",
        ),
        (
            "FROM a\nONBUILD ONBUILD RUN true\n",
            "dockerfile parse error line 2: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
        ),
        (
            "FROM a\nCOPY one\n",
            "dockerfile parse error line 2: COPY requires at least two arguments, but only one was provided. \
             Destination could not be determined",
        ),
        ("RUN x\nFROM a\n", "no build stage in current context"),
        ("# only\n", "failed to parse Dockerfile: file with no instructions"),
        (
            "# escape=\\\n# escape=`\nFROM a\n",
            "failed to parse Dockerfile: only one escape parser directive can be used",
        ),
        (
            "FROM a\nRUN [\"x\", 1]\n",
            "failed to parse Dockerfile: When using JSON array syntax, arrays must be comprised of strings only.",
        ),
    ] {
        assert_eq!(Dockerfile::parse(text).unwrap_err().to_string(), want, "{text}");
    }
    let long = format!("FROM a\nRUN {}\n", "x".repeat(70_000));
    assert_eq!(
        Dockerfile::parse(&long).unwrap_err().to_string(),
        "failed to parse Dockerfile: dockerfile line greater than maximum allowed size of 65535"
    );
}

/// Recorded builds: syntax-continuation-empty, syntax-comments-ok, syntax-crlf, syntax-bom, syntax-json-trailing.
#[test]
fn lines_go_on_over_comments_and_blank_lines() {
    let text = "\u{feff}FROM a\r\nRUN one \\\n  # inside\n\n  two\nRUN [\"x\"] rest\n";
    let file = Dockerfile::parse(text).unwrap();
    let stage = &file.stages[0];
    assert_eq!(stage.instructions[0].code, "RUN one   two");
    assert_eq!((stage.instructions[0].line, stage.instructions[1].line), (2, 6));
    assert_eq!(file.warnings[0], "[WARNING]: Empty continuation line found in:\n    RUN one   two");
    let Command::Run(run) = &stage.instructions[1].command else { panic!("{stage:?}") };
    assert!(!run.line.is_shell);
    assert_eq!(run.line.words.as_deref(), Some(&["x".to_owned()][..]));
}

/// Recorded builds: env-escapes, env-expansion, copy-json.
#[test]
fn variables_and_quotes() {
    let env = env(&["SET=yes", "EMPTY=", "W=wheat", "SET=later"]);
    for (text, want) in [
        ("${SET:-d} ${NO:-d} ${EMPTY:-d} ${SET:+s} ${NO:+s}.", "yes d d s ."),
        ("${NO:-${SET}} a${SET}b $SET-x $", "yes ayesb yes-x $"),
        (
            "\\$W \\${W} '$W' \"\\$W\" \"a\\\"b\" a\\\\b \"tab\\tno\" 'it''s' \"x\"y'z'",
            "$W ${W} $W $W a\"b a\\b tab\\tno its xyz",
        ),
        ("${A:-${B:-${C:-deep}}}", "deep"),
    ] {
        assert_eq!(word(text, &env, '\\').unwrap(), want, "{text}");
    }
    assert_eq!(
        word("it's", &env, '\\').unwrap_err(),
        "failed to process \"it's\": unexpected end of statement while looking for matching single-quote"
    );
    assert!(word("${", &env, '\\').is_err() && word("${a:=b}", &env, '\\').is_err());
    assert_eq!(words("$LIST '$LIST'", &["LIST=80 443".to_owned()], '\\').unwrap(), ["80", "443", "$LIST"]);
    let deep = format!("{}x{}", "${a:-".repeat(50_000), "}".repeat(50_000));
    assert_eq!(word(&deep, &[], '\\').unwrap(), "x");
}

/// Recorded builds: ignore-*.
#[test]
fn dockerignore() {
    let ignore = Ignore::parse("# c\n*.md\n!README.md\n**/*.o\nsrc/**\n!src/deep/n.c\n/top\n", &[]).unwrap();
    for (path, want) in [
        ("a.md", true),
        ("README.md", false),
        ("d/a.md", false),
        ("x.o", true),
        ("d/e/x.o", true),
        ("src/m.c", true),
        ("src/deep/n.c", false),
        ("top/below", true),
    ] {
        assert_eq!(ignore.excludes(path), want, "{path}");
    }
    assert!(!ignore.skips("src/deep") && ignore.skips("top"));
    for bad in ["[", "a[", "[]a]", "x\\", "[a-]"] {
        assert_eq!(Ignore::parse(bad, &[]).unwrap_err(), "syntax error in pattern", "{bad}");
    }
    assert!(Ignore::parse("[a-c]?\n", &[]).unwrap().excludes("bx"));
}

/// Recorded builds: health-options, health-exec.
#[test]
fn durations_and_health_checks_are_written_as_go_writes_them() {
    for text in ["5s", "1m0s", "1h0m0.5s", "1.5ms", "0s", "10ns"] {
        assert_eq!(duration::text(duration::parse(text).unwrap()), text);
    }
    assert!(duration::parse("5").is_err() && duration::parse("x").is_err() && duration::parse("").is_err());
    let file = Dockerfile::parse("FROM a\nHEALTHCHECK --start-period=1m --retries=2 CMD [\"t\"]\n").unwrap();
    let Command::Healthcheck(check) = &file.stages[0].instructions[0].command else { panic!("{file:?}") };
    assert_eq!(options::health_text(check), r#"&{["CMD" "t"] "0s" "0s" "1m0s" '\x02'}"#);
}
