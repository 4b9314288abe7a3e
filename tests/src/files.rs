//! A plain host of static files: what knows nothing of the page, sends no header of its own choice, and can be stopped.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// A host of the files of one folder, under a path.
#[derive(Debug)]
pub struct Files {
    address: SocketAddr,
    folder: Arc<Mutex<PathBuf>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Files {
    /// Serves a folder under a path such as `/docs/lab/` at a free port.
    pub fn start(under: &str, folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        let folder = Arc::new(Mutex::new(folder.to_path_buf()));
        let is_over = Arc::new(AtomicBool::new(false));
        let (from, over, under) = (Arc::clone(&folder), Arc::clone(&is_over), under.to_owned());
        let thread = thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let (from, under) = (Arc::clone(&from), under.clone());
                thread::spawn(move || {
                    // A browser that goes away is no failure.
                    let _ = answer(&stream, &under, &from);
                });
            }
        });
        Self { address, folder, is_over, thread: Some(thread) }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves another folder from now on.
    pub fn publish(&self, folder: &Path) {
        *self.folder.lock().expect("no thread has panicked") = folder.to_path_buf();
    }

    /// Nobody answers any more.
    pub fn stop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.is_over.store(true, Ordering::SeqCst);
            // Whoever waits for a caller hears one.
            let _ = TcpStream::connect(self.address);
            thread.join().expect("the host of files ends");
        }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.stop();
    }
}

fn answer(stream: &TcpStream, under: &str, folder: &Mutex<PathBuf>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let target = first.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    let inner = path.strip_prefix(under).filter(|inner| !inner.contains(".."));
    let folder = folder.lock().expect("no thread has panicked").clone();
    let found = inner.and_then(|inner| {
        let inner = if inner.is_empty() || inner.ends_with('/') {
            format!("{inner}index.html")
        } else {
            inner.to_owned()
        };
        Some((kind(&inner), std::fs::read(folder.join(inner)).ok()?))
    });
    let (status, (kind, body)) = match found {
        Some(found) => ("200 OK", found),
        None => ("404 Not Found", ("text/plain", b"nothing is here\n".to_vec())),
    };
    // What lies in a folder `open` may be read by pages of every host.
    let lent = if path.contains("/open/") { "Access-Control-Allow-Origin: *\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{lent}Connection: close\r\n\r\n",
        body.len()
    );
    let mut stream = stream;
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)
}

/// What a plain host knows of files; WebAssembly it does not.
fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => "text/html",
        "js" => "text/javascript",
        "css" => "text/css",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}
