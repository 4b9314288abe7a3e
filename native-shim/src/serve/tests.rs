//! Tests of the server of the page.

use super::*;

const HTML: &str =
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'self'\">";

fn site() -> (tempfile::TempDir, Site) {
    let folder = tempfile::tempdir().unwrap();
    let script = "script ".repeat(100);
    for (name, content) in [
        ("index.html", HTML),
        ("app-0123456789abcdef.js", &script),
        ("app-0123456789abcdef.js.br", "br"),
        ("app-0123456789abcdef.js.gz", "gz!"),
        ("docs/a.md", "# A"),
        (".env", "SECRET=1"),
        (".git/config", "[core]"),
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let site = Site::read(folder.path()).unwrap();
    (folder, site)
}

fn ask(path: &str, more: &[(header::HeaderName, &str)]) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:7878"));
    for (name, value) in more {
        headers.insert(name.clone(), HeaderValue::from_str(value).unwrap());
    }
    route(&site().1, "127.0.0.1:7878".parse().unwrap(), &Method::GET, path, &headers)
}

fn field<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[test]
fn the_page_has_its_own_policy_and_is_asked_for_again() {
    let answer = ask("/", &[]);
    assert_eq!(answer.status(), 200);
    assert_eq!(field(&answer, "content-type"), "text/html; charset=utf-8");
    let policy = "default-src 'none'; script-src 'self'; frame-ancestors 'none'";
    assert_eq!(field(&answer, "content-security-policy"), policy);
    assert_eq!(field(&answer, "cache-control"), "no-cache");
    let tag = field(&answer, "etag").to_owned();
    assert_eq!(ask("/", &[(header::IF_NONE_MATCH, &tag)]).status(), 304);
    assert_eq!(ask("/", &[(header::IF_NONE_MATCH, "\"other\"")]).status(), 200);
}

#[test]
fn hashed_names_are_kept_and_sent_small() {
    let path = "/app-0123456789abcdef.js";
    for (accepted, encoding) in [("gzip, br", "br"), ("gzip;q=0.5, br;q=0", "gzip"), ("", "")] {
        let answer = ask(path, &[(header::ACCEPT_ENCODING, accepted)]);
        assert_eq!(field(&answer, "content-encoding"), encoding, "{accepted}");
        assert_eq!(field(&answer, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(field(&answer, "vary"), "accept-encoding");
        assert_eq!(field(&answer, "x-content-type-options"), "nosniff");
    }
    assert_eq!(ask(&format!("{path}.br"), &[]).status(), 404);
    assert_eq!(ask("/docs/a.md", &[]).status(), 200);
    for path in ["/docs", "/docs/", "/../Cargo.toml", "/docs/../index.html", "//index.html", ""] {
        assert_eq!(ask(path, &[]).status(), 404, "{path}");
    }
}

#[test]
fn other_names_and_other_methods_are_refused() {
    for host in ["localhost:7878", "127.0.0.1", "127.0.0.1:7879", "evil.example:7878", ""] {
        let answer = ask("/", &[(header::HOST, host)]);
        assert_eq!(answer.status(), 421, "{host}");
        assert_eq!(field(&answer, "content-security-policy"), policy::NOTHING);
    }
    let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("127.0.0.1:7878"))]);
    let answer = route(&site().1, "127.0.0.1:7878".parse().unwrap(), &Method::POST, "/", &headers);
    assert_eq!((answer.status().as_u16(), field(&answer, "allow")), (405, "GET, HEAD"));
}

#[test]
fn hidden_files_are_not_served() {
    for path in ["/.env", "/.git/config"] {
        assert_eq!(ask(path, &[]).status(), 404, "{path}");
    }
}
