//! Tests against a registry that keeps what came of an upload that broke, as the specification has it and Distribution
//! 2.8 does not.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use layerlab_core::oci::archive::LayoutImage;
use layerlab_core::oci::config::ConfigDocument;
use layerlab_core::oci::layer::Blob;
use layerlab_core::oci::manifest::{Descriptor, media};
use layerlab_core::oci::{Digest, Limits, Reference};

use super::*;
use crate::store::Store;

/// What came over the line.
#[derive(Default)]
struct Kept {
    /// Bytes of all PATCH requests.
    travelled: u64,
    /// The upload so far, by its place.
    uploads: BTreeMap<String, Vec<u8>>,
    /// The requests, `PATCH 0-99`.
    seen: Vec<String>,
    /// Once a line broke, nothing is allowed.
    is_closed: bool,
}

/// Serves one connection until it ends, or breaks in the middle of the first PATCH.
fn serve(line: &TcpStream, kept: &Mutex<Kept>, break_after: u64) -> std::io::Result<()> {
    let mut input = BufReader::new(line.try_clone()?);
    loop {
        let (mut head, mut text) = (Vec::new(), String::new());
        while input.read_line(&mut text)? > 0 && text.trim_end() != "" {
            head.push(std::mem::take(&mut text).trim_end().to_owned());
        }
        let Some(first) = head.first() else { return Ok(()) };
        let mut words = first.split(' ');
        let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let field = |name: &str| {
            let find = |line: &String| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            };
            head.iter().find_map(find)
        };
        let len: u64 = field("content-length").and_then(|len| len.parse().ok()).unwrap_or(0);
        let place = path.split('?').next().unwrap_or(path).to_owned();
        let range = field("content-range").unwrap_or_default();
        let cut = {
            let mut kept = kept.lock().unwrap();
            let is_first = method == "PATCH" && kept.travelled == 0;
            kept.seen.push(format!("{method} {range}").trim().to_owned());
            if is_first { break_after.min(len) } else { len }
        };
        let mut body = Vec::new();
        (&mut input).take(cut).read_to_end(&mut body)?;
        let mut kept = kept.lock().unwrap();
        if method == "PATCH" {
            kept.travelled += body.len() as u64;
            kept.uploads.entry(place.clone()).or_default().extend_from_slice(&body);
        }
        if cut < len {
            return Ok(());
        }
        let have = kept.uploads.get(&place).map_or(0, Vec::len);
        let upload = |status: &str| {
            let end = have.saturating_sub(1);
            format!("{status}\r\nLocation: {place}\r\nRange: 0-{end}")
        };
        let answer = match method {
            _ if kept.is_closed && kept.travelled > 0 => "403 Forbidden".to_owned(),
            "HEAD" => "404 Not Found".to_owned(),
            "POST" => format!("202 Accepted\r\nLocation: {place}{}", kept.seen.len()),
            "PATCH" => upload("202 Accepted"),
            "GET" if !kept.uploads.contains_key(&place) => "404 Not Found".to_owned(),
            "GET" => upload("204 No Content"),
            _ => {
                let bytes = kept.uploads.get(&place).map_or(&[][..], Vec::as_slice);
                let is_right = path.ends_with(&format!("digest={}", Digest::of(bytes)));
                if is_right || place.contains("manifests") { "201 Created" } else { "400 Bad Request" }
                    .to_owned()
            }
        };
        write!(&mut &*line, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n")?;
    }
}

struct Silent;

impl Watch for Silent {
    fn start(&self, _: &Digest, _: u64, _: u64) {}
    fn more(&self, _: &Digest, _: u64) {}
    fn end(&self, _: &Digest, _: How) {}
}

/// A registry that keeps uploads, whose line breaks once; an image for it.
struct TestRegistry {
    host: String,
    kept: Arc<Mutex<Kept>>,
    layer: Bytes,
    image: PushImage<Bytes>,
    store: Store,
    _dir: tempfile::TempDir,
}

impl TestRegistry {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let kept = Arc::new(Mutex::new(Kept::default()));
        let theirs = Arc::clone(&kept);
        std::thread::spawn(move || {
            for line in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&theirs);
                std::thread::spawn(move || serve(&line, &kept, 300_000));
            }
        });
        let layer: Bytes = (0..1_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let digest = Digest::of(&layer);
        let config = format!(r#"{{"rootfs":{{"type":"layers","diff_ids":["{digest}"]}}}}"#);
        let config = ConfigDocument::parse(config.as_bytes(), 1 << 20).unwrap();
        let layers = vec![Descriptor::new(media::OCI_LAYER, digest, layer.len() as u64)];
        let image = LayoutImage { config, layers, manifest: None, names: Vec::new() };
        let blob = Blob { offset: 0, len: layer.len() as u64 };
        let image = PushImage { image, layers: vec![blob], source: layer.clone(), mounts: BTreeMap::new() };
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        Self { host, kept, layer, image, store, _dir: dir }
    }

    /// As a process of its own would.
    fn push(&self) -> Result<How, RegistryError> {
        let client = Client::new(&self.host, Transport::Plain, None, Limits::default());
        let name = Reference::parse(&format!("{}/a:1", self.host)).unwrap();
        Ok(push(&client, &name, &self.image, &self.store, &Silent)?.layers[0].2)
    }

    /// The line breaks in the first blob, and the push gives up.
    fn broken_push(&self) {
        self.kept.lock().unwrap().is_closed = true;
        let error = self.push().unwrap_err();
        assert!(is_passing(&error), "{error}");
        self.kept.lock().unwrap().is_closed = false;
    }

    /// The blob is whole at the registry, and no more than this travelled.
    fn has_come(&self, at_most: usize) {
        let kept = self.kept.lock().unwrap();
        assert!(kept.uploads.values().any(|bytes| *bytes == self.layer), "the blob is whole");
        let all = at_most + self.image.image.config.bytes.len();
        assert_eq!(kept.travelled, all as u64, "{:?}", kept.seen);
        let left: Vec<_> = std::fs::read_dir(self.store.dir().join("ingest")).unwrap().collect();
        assert_eq!(left.len(), 1, "the lock alone: {left:?}");
    }
}

#[test]
fn a_push_goes_on_where_the_line_broke() {
    let registry = TestRegistry::new();
    assert_eq!(registry.push().unwrap(), How::Resumed);
    registry.has_come(1_000_000);
    let kept = registry.kept.lock().unwrap();
    assert_eq!(kept.seen.iter().filter(|s| s.starts_with("PATCH")).count(), 3, "{:?}", kept.seen);
    assert!(kept.seen.contains(&"PATCH 300000-999999".to_owned()), "{:?}", kept.seen);
}

#[test]
fn another_process_goes_on_with_a_push() {
    let registry = TestRegistry::new();
    registry.broken_push();
    assert_eq!(registry.push().unwrap(), How::Resumed);
    registry.has_come(1_000_000);
}

#[test]
fn what_was_left_and_went_bad_or_was_thrown_away_is_sent_anew() {
    let registry = TestRegistry::new();
    registry.broken_push();
    registry.kept.lock().unwrap().uploads.values_mut().for_each(|bytes| bytes[5] ^= 1);
    assert_eq!(registry.push().unwrap(), How::Moved);
    registry.has_come(2_000_000);
    let registry = TestRegistry::new();
    registry.broken_push();
    registry.kept.lock().unwrap().uploads.clear();
    assert_eq!(registry.push().unwrap(), How::Moved);
    registry.has_come(1_300_000);
}
