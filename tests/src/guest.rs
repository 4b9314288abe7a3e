//! The Linux that the page runs, under Node: `dist/linux`, as `cargo xtask linux` makes it.

use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use layerlab_core::conformance::trace::{Report, Trace};

/// A frame's kind, as `native-shim/guest/src/frame.rs` numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "native-shim/guest/src/frame.rs has them")]
pub enum Kind {
    Hello = 1,
    Reset = 2,
    Calls = 3,
    Replay = 4,
    Record = 5,
    Failed = 6,
}

/// A running guest; it ends when it is dropped.
#[derive(Debug)]
pub struct Guest {
    node: Child,
    from: BufReader<ChildStdout>,
}

/// Where its files are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist/linux")
}

impl Guest {
    /// Starts it.
    ///
    /// # Panics
    /// Where its files are missing, or Node is.
    pub fn start() -> Self {
        let folder = folder();
        assert!(folder.join("state.bin").exists(), "dist/linux is missing; do: cargo xtask linux");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../native-shim/guest/js/node.mjs");
        let mut node = Command::new("node")
            .arg(script)
            .arg("serve")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs v86");
        let from = BufReader::new(node.stdout.take().expect("its output is ours"));
        Self { node, from }
    }

    /// Asks one question. `Err` is the sentence by which it says why there is no answer.
    ///
    /// # Panics
    /// Where it has died; what it said is on standard error.
    pub fn ask(&mut self, kind: Kind, payload: &[u8]) -> Result<Vec<u8>, String> {
        let to = self.node.stdin.as_mut().expect("its input is ours");
        let mut frame = u32::try_from(payload.len()).expect("short").to_le_bytes().to_vec();
        frame.push(kind as u8);
        frame.extend_from_slice(payload);
        to.write_all(&frame).expect("the guest has died");
        let mut head = [0; 5];
        self.from.read_exact(&mut head).expect("the guest has died");
        let mut answer = vec![0; u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize];
        self.from.read_exact(&mut answer).expect("the guest has died");
        if head[4] == Kind::Failed as u8 {
            return Err(String::from_utf8_lossy(&answer).into_owned());
        }
        assert_eq!(head[4], kind as u8, "an answer has the kind of its question");
        Ok(answer)
    }

    /// Replays a trace on it.
    ///
    /// # Panics
    /// Where it cannot.
    pub fn replay(&mut self, trace: &[u8]) -> Report {
        let report = self.ask(Kind::Replay, trace).expect("a trace of the project's own");
        serde_json::from_slice(&report).expect("a report")
    }

    /// Has it answer a plan. `Err` is the error by which it could not make the layers.
    ///
    /// # Errors
    /// The number's name, such as `EINVAL`.
    ///
    /// # Panics
    /// Where its answer is no trace.
    pub fn record(&mut self, plan: &Trace) -> Result<Trace, String> {
        let trace = self.ask(Kind::Record, plan.to_text().as_bytes())?;
        Ok(Trace::parse(&trace).expect("a trace"))
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}
