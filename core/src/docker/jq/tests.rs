//! Filters and what they make (the examples of jq(1), and jq 1.6 beside it).

use super::*;

fn made(filter: &str, input: &str) -> String {
    let input: Json = serde_json::from_str(input).unwrap();
    let filter = match parse::parse(filter) {
        Ok(filter) => filter,
        Err(rest) => return format!("syntax: {rest}"),
    };
    match Evaluator::new(BTreeMap::new()).all(&filter, &input) {
        Ok(values) => values.iter().map(Json::line).collect::<Vec<_>>().join(" "),
        Err(Stop::Error(why)) => format!("error: {why}"),
        Err(Stop::Lacks(what)) => format!("lacks: {what}"),
    }
}

#[test]
fn filters_make_what_jq_makes() {
    for (filter, input, want) in [
        (".", "{\"b\":1,\"a\":2}", "{\"b\":1,\"a\":2}"),
        (".a.b", "{\"a\":{\"b\":1}}", "1"),
        (".[0].Id", "[{\"Id\":\"x\"}]", "\"x\""),
        (".[-1]", "[1,2]", "2"),
        (".[1:]", "[1,2,3]", "[2,3]"),
        (".[:2]", "\"abc\"", "\"ab\""),
        (".a[]", "{\"a\":[1,2]}", "1 2"),
        (".[\"a-b\"]", "{\"a-b\":1}", "1"),
        (".\"a-b\"", "{\"a-b\":1}", "1"),
        ("keys", "{\"b\":1,\"a\":2}", "[\"a\",\"b\"]"),
        ("length", "[1,2]", "2"),
        (".[] | select(.n > 1) | .n", "[{\"n\":1},{\"n\":2}]", "2"),
        ("map(.n)", "[{\"n\":1},{\"n\":2}]", "[1,2]"),
        ("map(select(.s | test(\"^x\"))) | length", "[{\"s\":\"x1\"},{\"s\":\"y\"}]", "1"),
        ("{a, b: .c, (\"k\"): 1}", "{\"a\":1,\"c\":2}", "{\"a\":1,\"b\":2,\"k\":1}"),
        ("[.[] | . * 2]", "[1,2]", "[2,4]"),
        ("\"n=\\(.n) \\(.t)\"", "{\"n\":1,\"t\":\"x\"}", "\"n=1 x\""),
        (".a // \"none\"", "{}", "\"none\""),
        ("to_entries[] | \"\\(.key)=\\(.value)\"", "{\"a\":1}", "\"a=1\""),
        ("with_entries(.value += 1)", "{\"a\":1}", "syntax: += 1)"),
        ("sort_by(.n) | .[0].n", "[{\"n\":2},{\"n\":1}]", "1"),
        ("group_by(.k) | map(length)", "[{\"k\":1},{\"k\":1},{\"k\":2}]", "[2,1]"),
        ("add", "[1,2,3]", "6"),
        ("[.[] | tostring] | join(\",\")", "[1,\"a\"]", "\"1,a\""),
        ("if . > 1 then \"big\" elif . == 1 then \"one\" else \"small\" end", "1", "\"one\""),
        ("[..] | length", "[[1]]", "3"),
        (". as $x | $x + 1", "1", "2"),
        (".[]?", "1", ""),
        ("has(\"a\"), (.a == 1 and true)", "{\"a\":1}", "true true"),
        ("10 / 4, 7 % 3, 1 - 2, -(3)", "null", "2.5 1 -1 -3"),
        ("unique, (map(-.)|sort)", "[2,1,2]", "[1,2] [-2,-2,-1]"),
        (".[] | @tsv", "[[\"a\",1]]", "\"a\\t1\""),
        ("[limit(1; .[])]", "[1]", "lacks: limit/2"),
        (".a", "[1]", "error: Cannot index array with \"a\""),
        (".[]", "1", "error: Cannot iterate over number (1)"),
        (".a.", "{}", "syntax: "),
        (".[", "{}", "syntax: "),
        ("del(.a)", "{}", "lacks: del/1"),
        ("", "1", "1"),
    ] {
        assert_eq!(made(filter, input), want, "{filter}");
    }
}

#[test]
fn what_is_nested_or_long_has_an_end() {
    assert!(made(&"[".repeat(10_000), "1").starts_with("syntax"));
    assert!(made(&"1+".repeat(10_000), "1").starts_with("syntax"));
    assert!(made(&".a|".repeat(10_000), "1").starts_with("syntax"));
    assert_eq!(made("[range(1000000)] | map(range(1000)) | length", "1"), "lacks: more than 1000000 steps");
}
