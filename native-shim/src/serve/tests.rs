//! Tests of the server of the page.

use super::*;

const HTML: &str =
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'self'\">";

fn site_for(framed_by: &[Origin]) -> (tempfile::TempDir, Site) {
    let folder = tempfile::tempdir().unwrap();
    let script = "script ".repeat(100);
    for (name, content) in [
        ("index.html", HTML),
        ("embed.html", HTML),
        ("layer-lab.js", "element"),
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
    let site = Site::read(folder.path(), framed_by).unwrap();
    (folder, site)
}

fn ask(path: &str, more: &[(header::HeaderName, &str)]) -> Answer {
    ask_of(&site_for(&[]).1, path, more)
}

fn ask_of(site: &Site, path: &str, more: &[(header::HeaderName, &str)]) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:7878"));
    for (name, value) in more {
        headers.insert(name.clone(), HeaderValue::from_str(value).unwrap());
    }
    let uri = Uri::builder().path_and_query(if path.is_empty() { "/none" } else { path }).build().unwrap();
    route(site, "127.0.0.1:7878".parse().unwrap(), &Method::GET, &uri, &headers)
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
    let (site, root) = (site_for(&[]).1, Uri::from_static("/"));
    let answer = route(&site, "127.0.0.1:7878".parse().unwrap(), &Method::POST, &root, &headers);
    assert_eq!((answer.status().as_u16(), field(&answer, "allow")), (405, "GET, HEAD"));
}

#[test]
fn hidden_files_are_not_served() {
    for path in ["/.env", "/.git/config"] {
        assert_eq!(ask(path, &[]).status(), 404, "{path}");
    }
}

#[test]
fn the_embedded_lab_is_framed_by_the_named_origins_alone() {
    let by = ["https://docs.example.org", "http://127.0.0.1:3000"].map(|origin| origin.parse().unwrap());
    let (_folder, site) = site_for(&by);
    let ancestors = |answer: &Answer| {
        let policy = field(answer, "content-security-policy");
        policy.split("frame-ancestors ").nth(1).unwrap().to_owned()
    };
    for path in ["/embed.html", "/?embed", "/?run=ls&embed=", "/index.html?embed"] {
        let named = "https://docs.example.org http://127.0.0.1:3000";
        assert_eq!(ancestors(&ask_of(&site, path, &[])), named, "{path}");
        assert_eq!(ancestors(&ask(path, &[])), "'none'", "{path}");
    }
    for path in ["/", "/?run=embed", "/layer-lab.js"] {
        assert_eq!(ancestors(&ask_of(&site, path, &[])), "'none'", "{path}");
    }
    let lent = |answer: Answer| field(&answer, "cross-origin-resource-policy").to_owned();
    assert_eq!(lent(ask_of(&site, "/layer-lab.js", &[])), "cross-origin");
    assert_eq!(lent(ask_of(&site, "/", &[])), "same-origin");
    assert_eq!(lent(ask("/layer-lab.js", &[])), "same-origin", "nobody may embed it");
}

#[test]
fn what_is_no_origin_is_refused() {
    for fine in ["https://a.example", "http://127.0.0.1:3000", "https://*.a.example:8443", "http://[::1]:80"]
    {
        assert!(fine.parse::<Origin>().is_ok(), "{fine}");
    }
    for wrong in [
        "a.example",
        "*",
        "https://",
        "https://a.example/",
        "https://a b",
        "https://a;script-src *",
        "'self'",
        "https://a:0",
        "https://a:99999",
        "https://*",
        "https://[x]",
        "ftp://a",
        "https://a,b",
    ] {
        assert!(wrong.parse::<Origin>().is_err(), "{wrong}");
    }
}

/// The examples of the guide send what this server sends.
#[test]
fn the_guides_examples_send_the_same_headers() {
    let guide = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/hosting.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let (_, rest) = guide.split_once("## nginx").unwrap();
    let (nginx, caddy) = rest.split_once("## Caddy").unwrap();
    let mut fields = HeaderMap::new();
    policy::protect(&mut fields, &HeaderValue::from_static("frame-ancestors 'none'"));
    for example in [nginx, caddy] {
        for (name, value) in &fields {
            let line = format!("{name} \"{}\"", value.to_str().unwrap());
            let has = example.lines().any(|own| {
                let own = own.trim().trim_start_matches("add_header ").trim_end_matches(';');
                own.eq_ignore_ascii_case(&line)
            });
            assert!(has, "{line} is not in:{example}");
        }
        for more in [
            "Cache-Control \"public, max-age=31536000, immutable\"",
            "Cache-Control \"no-cache\"",
            "\"frame-ancestors https://docs.example.org\"",
            "Cross-Origin-Resource-Policy \"cross-origin\"",
        ] {
            assert!(example.contains(more), "{more} is not in:{example}");
        }
    }
}
