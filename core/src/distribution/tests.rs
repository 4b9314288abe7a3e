//! The registry over a disk of the simulator.

use super::*;
use crate::kernel::{Kernel, Task, fs};
use crate::oci::Digest;
use crate::oci::manifest::media;
use crate::sim::SimKernel;

struct TestRegistry {
    kernel: SimKernel,
    server: Server,
}

impl TestRegistry {
    fn new() -> Self {
        let mut kernel = SimKernel::new();
        fs::mkdir_all(&mut kernel, &Task::root(), b"/data", 0o755).unwrap();
        let store = Store::new(Task::root(), "/data");
        Self { kernel, server: Server { store, deletes: true, port: 5000 } }
    }

    fn ask(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        let headers = [
            ("Content-Type".to_owned(), kind.to_owned()),
            ("Accept".to_owned(), media::OCI_MANIFEST.to_owned()),
        ];
        let request = Request { method, path, host: "h:1", headers: &headers, body };
        let moment = Moment { id: "0123456789abcdef".repeat(4), time: "2024-01-01T00:00:00Z".to_owned() };
        self.server.answer(&mut self.kernel, &request, &moment)
    }

    /// An upload in two pieces.
    fn upload(&mut self, name: &str, body: &[u8]) -> Digest {
        let octets = "application/octet-stream";
        let begun = self.ask("POST", &format!("/v2/{name}/blobs/uploads/"), "", b"");
        let (half, rest) = body.split_at(body.len() / 2);
        let sent = self.ask("PATCH", &location(&begun), octets, half);
        assert_eq!(sent.status, 202);
        let digest = Digest::of(body);
        let put = self.ask("PUT", &format!("{}&digest={digest}", location(&sent)), octets, rest);
        assert_eq!(put.status, 201, "{}", String::from_utf8_lossy(&put.body));
        digest
    }

    fn manifest(&mut self, name: &str, tag: &str, blobs: &[Digest]) -> Answer {
        let blob = |digest: &Digest| {
            format!("{{\"mediaType\":\"{}\",\"size\":1,\"digest\":\"{digest}\"}}", media::DOCKER_LAYER_GZIP)
        };
        let config = blob(&blobs[0]).replace(media::DOCKER_LAYER_GZIP, media::DOCKER_CONFIG);
        let layers: Vec<String> = blobs[1..].iter().map(blob).collect();
        let text = format!(
            "{{\"schemaVersion\":2,\"mediaType\":\"{}\",\"config\":{config},\"layers\":[{}]}}",
            media::DOCKER_MANIFEST,
            layers.join(",")
        );
        self.ask("PUT", &format!("/v2/{name}/manifests/{tag}"), media::DOCKER_MANIFEST, text.as_bytes())
    }

    fn text(&mut self, path: &str) -> String {
        String::from_utf8(self.ask("GET", path, "", b"").body).unwrap()
    }
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    &answer.headers.iter().find(|(key, _)| *key == name).unwrap().1
}

fn location(answer: &Answer) -> String {
    header(answer, "Location").trim_start_matches("http://h:1").to_owned()
}

#[test]
fn blobs_and_manifests_come_and_go() {
    let mut registry = TestRegistry::new();
    let (config, one, two) =
        (registry.upload("app", b"{}"), registry.upload("app", b"one"), registry.upload("app", b"two"));
    let first = registry.manifest("app", "1", &[config, one]);
    assert_eq!(first.status, 201);
    let second = registry.manifest("app", "2", &[config, two, two]);
    assert_eq!(registry.text("/v2/_catalog"), "{\"repositories\":[\"app\"]}\n");
    assert_eq!(registry.text("/v2/app/tags/list"), "{\"name\":\"app\",\"tags\":[\"1\",\"2\"]}\n");
    // Another repository has none of it until it is mounted.
    assert!(
        String::from_utf8(registry.manifest("b/c", "1", &[config]).body)
            .unwrap()
            .contains("MANIFEST_BLOB_UNKNOWN")
    );
    let mounted = registry.ask("POST", &format!("/v2/b/c/blobs/uploads/?mount={one}&from=app"), "", b"");
    assert_eq!(mounted.status, 201);
    let digest = header(&second, "Docker-Content-Digest").to_owned();
    assert_eq!(registry.ask("DELETE", &format!("/v2/app/manifests/{digest}"), "", b"").status, 202);
    assert_eq!(registry.text("/v2/app/tags/list"), "{\"name\":\"app\",\"tags\":[\"1\"]}\n");
    let mut said = Vec::new();
    let store = registry.server.store.clone();
    collect(&mut registry.kernel, &store, Collect::default(), &mut |log, line| said.push((log, line)))
        .unwrap();
    let summary = said.iter().find(|(_, line)| line.contains("eligible for deletion")).unwrap();
    assert_eq!(summary.1, "\n3 blobs marked, 2 blobs and 0 manifests eligible for deletion");
    // The blob of the deleted manifest and its layer are gone; what another repository linked only is gone too, as there.
    assert_eq!(registry.ask("GET", &format!("/v2/app/blobs/{two}"), "", b"").status, 404);
    assert_eq!(registry.ask("GET", &format!("/v2/app/blobs/{one}"), "", b"").body, b"one");
}

#[test]
fn what_is_wrong_is_refused() {
    let mut registry = TestRegistry::new();
    let begun = registry.ask("POST", "/v2/app/blobs/uploads/", "", b"");
    let at = location(&begun);
    let put = |registry: &mut TestRegistry, digest: &str, kind: &str, body: &[u8]| {
        let answer = registry.ask("PUT", &format!("{at}{digest}"), kind, body);
        (answer.status, String::from_utf8(answer.body).unwrap())
    };
    let octets = "application/octet-stream";
    assert!(put(&mut registry, "", octets, b"").1.contains("digest missing"));
    assert!(put(&mut registry, "&digest=sha256:1", octets, b"").1.contains("digest parsing failed"));
    // Go's server takes a form away before the registry sees it.
    let form = "application/x-www-form-urlencoded";
    assert_eq!(put(&mut registry, &format!("&digest={}", Digest::of(b"x")), form, b"x").0, 400);
    assert_eq!(put(&mut registry, &format!("&digest={}", Digest::of(b"")), form, b"x").0, 201);
    for (method, path, status) in [
        ("GET", "/v2/UPPER/tags/list", 404),
        ("GET", "/v2/../tags/list", 404),
        ("GET", "/v2/app/blobs/uploads/../../x", 404),
        ("PUT", "/v2/_catalog", 405),
        ("GET", "/v2/app/manifests/sha256:ab", 404),
        ("GET", "/v2/app/blobs/sha256:ab", 400),
        ("GET", "/x", 404),
    ] {
        assert_eq!(registry.ask(method, path, "", b"").status, status, "{method} {path}");
    }
    let bad = registry.ask("PUT", "/v2/app/manifests/1", media::DOCKER_MANIFEST, b"{\"schemaVersion\":2");
    assert!(String::from_utf8(bad.body).unwrap().contains("{\"Offset\":18}"));
    registry.server.deletes = false;
    let digest = Digest::of(b"");
    assert_eq!(registry.ask("DELETE", &format!("/v2/app/manifests/{digest}"), "", b"").status, 405);
    assert!(registry.kernel.stat(&Task::root(), b"/data/docker").is_ok());
}
