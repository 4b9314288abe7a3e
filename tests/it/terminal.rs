//! `layerlab shell` at a terminal (of `script`): keys reach the line that runs.

use std::io::Write;
use std::process::{ChildStdin, Command, Stdio};
use std::time::Duration;

use layerlab_tests::lab::{self, On};
use layerlab_tests::poll::poll;

/// A shell at a terminal.
struct Typed<'a> {
    input: ChildStdin,
    shown: &'a dyn Fn() -> String,
    /// How much of what was shown has been looked at.
    seen: usize,
}

impl Typed<'_> {
    /// Types keys once `wanted` is shown, behind what was waited for before.
    fn after(&mut self, wanted: &str, keys: &[u8]) {
        let mut text = String::new();
        let at = poll(
            &format!("{wanted:?} before {:?}", keys.escape_ascii().to_string()),
            Duration::from_mins(1),
            || {
                text = (self.shown)();
                text.get(self.seen..)?.find(wanted)
            },
        );
        self.seen += at + wanted.len();
        self.input.write_all(keys).unwrap();
    }
}

#[test]
fn keys_reach_the_line_that_runs_and_files_the_editor() {
    let folder = lab::shared_folder();
    let file = folder.path().join("shown");
    let program = lab::layerlab(On::Sim).get_program().to_owned();
    let mut script = Command::new("script")
        // The status is printed: script's own is not always that of its command, which may close the terminal before it ends.
        // The Ctrl-C below also reaches this sh, which is to live on: a trap's command is for it alone, never for the program.
        .args([
            "-qfc",
            &format!("trap : INT; '{}' shell; echo ended $?", program.to_string_lossy()),
            "/dev/null",
        ])
        // script runs the command with this shell: the same one on every host.
        .env("SHELL", "/bin/sh")
        .env_remove("VISUAL")
        .env("EDITOR", "sed -i s/one/two/")
        .stdin(Stdio::piped())
        .stdout(std::fs::File::create(&file).unwrap())
        .spawn()
        .expect("script (of bsdutils) gives the shell a terminal");
    let shown = || String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
    let mut at = Typed { input: script.stdin.take().unwrap(), shown: &shown, seen: 0 };
    const PROMPT: &str = "[root@lab ~]# ";
    at.after(PROMPT, b"docker run -i --rm busybox cat; echo left $?\r");
    // The terminal keeps what is typed until the program reads.
    at.after("Status: Downloaded", b"hello\n");
    at.after("hello\r\nhello\r\n", b"\x04");
    at.after("left 0", b"");
    at.after(PROMPT, b"docker run -it --name one busybox cat\r");
    // The keys are the client's once it reads.
    at.after("cat", b"again\n");
    at.after("again\r\nagain\r\n", b"\x10\x11");
    at.after("read escape sequence", b"");
    at.after(
        PROMPT,
        b"docker run -d --name two busybox sh -c 'trap \"exit 7\" INT; while :; do sleep 1; echo tick; done'\r",
    );
    at.after(PROMPT, b"docker attach two; echo code $?\r");
    at.after("tick\r\n", b"\x03");
    at.after("code 7", b"");
    at.after(PROMPT, b"docker run -it --name three busybox sh\r");
    at.after("/ # ", b":detach\r");
    at.after("read escape sequence", b"");
    at.after(PROMPT, b"docker ps --format '{{.Names}} is up'\r");
    at.after("three is up", b"");
    at.after("one is up", b"");
    // `vi` opens the person's own editor; the change is one tick.
    at.after(PROMPT, b"echo one line > /root/note\r");
    at.after(PROMPT, b"vi /root/note\r");
    at.after(PROMPT, b"cat /root/note\r");
    at.after("two line", b"");
    at.after(PROMPT, b":undo\r");
    at.after(PROMPT, b":undo\r");
    at.after(PROMPT, b"cat /root/note\r");
    at.after("one line", b"");
    at.after(PROMPT, b"vi /etc\r");
    at.after("layerlab: /etc: is no file with text", b"");
    at.after(PROMPT, b":quit\r");
    at.after("ended 0", b"");
    // Only its end is waited for: its status says nothing, as said above.
    script.wait().unwrap();
}
