//! A line to a server of this machine that breaks, once, where a test wants it to.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread;

/// Which way is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// What the server says.
    Down,
    /// What the client says.
    Up,
}

/// How it breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// Both ends see the line closed; the next line is whole.
    Close,
    /// Nothing more comes, and the line stays open.
    Stall,
}

/// The line's near end.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    /// Bytes that came through, down and up.
    carried: Arc<[AtomicU64; 2]>,
}

impl Proxy {
    /// A line to `to`, that breaks after so many bytes this way, counted over all its connections.
    pub fn start(to: &str, way: Way, after: u64, how: Break) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound socket").port();
        let (to, left) = (to.to_owned(), Arc::new(AtomicI64::new(after.cast_signed())));
        let carried: Arc<[AtomicU64; 2]> = Arc::default();
        let count = Arc::clone(&carried);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let Ok(far) = TcpStream::connect(&to) else { break };
                for this in [Way::Down, Way::Up] {
                    let (from, into) = if this == Way::Down { (&far, &near) } else { (&near, &far) };
                    let (Ok(from), Ok(into)) = (from.try_clone(), into.try_clone()) else { break };
                    let left = (this == way).then(|| Arc::clone(&left));
                    let count = Arc::clone(&count);
                    thread::spawn(move || carry(from, into, left.as_deref(), how, &count[this as usize]));
                }
            }
        });
        Self { port, carried }
    }

    /// Bytes that came through this way, over all connections.
    pub fn carried(&self, way: Way) -> u64 {
        self.carried[way as usize].load(Ordering::SeqCst)
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

/// Below zero, the line has broken before and is whole now.
fn carry(
    mut from: TcpStream,
    mut into: TcpStream,
    left: Option<&AtomicI64>,
    how: Break,
    carried: &AtomicU64,
) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(n) = from.read(&mut buffer) {
        let mut pass = n;
        if let Some(left) = left {
            let before = left.fetch_sub(n as i64, Ordering::SeqCst);
            if (0..n as i64).contains(&before) {
                pass = before as usize;
            } else if before < 0 {
                left.store(i64::MIN / 2, Ordering::SeqCst);
            }
        }
        carried.fetch_add(pass as u64, Ordering::SeqCst);
        if n == 0 || into.write_all(&buffer[..pass]).is_err() {
            break;
        }
        if pass < n && how == Break::Stall {
            loop {
                thread::park();
            }
        }
        if pass < n {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), into.shutdown(Shutdown::Both));
}
