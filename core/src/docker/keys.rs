//! What a client does with what a person types: it goes to the process that the client is attached to, but for the keys that
//! detach from it (Docker's reference, "docker attach", "Override the detach sequence").

use serde::{Deserialize, Serialize};

use super::json::Json;
use super::{Call, Failure};
use crate::kernel::ByteString;
use crate::program::{Desc, Input, Pid, Process, System, Wait};
use crate::shell::Vm;

/// Ctrl-P, Ctrl-Q.
pub(super) const DETACH: &[u8] = b"\x10\x11";
/// What the client says when they were pressed (moby/term, `EscapeError`).
pub(super) const LEFT: &str = "read escape sequence\n";

/// The bytes of a key sequence: keys with commas between, each a character, `ctrl-` with one, or `DEL` (moby/term,
/// `ToBytes`). `None` where it is no such list.
fn sequence(text: &str) -> Option<ByteString> {
    text.split(',')
        .map(|key| match key.as_bytes() {
            [one] => Some(*one),
            b"DEL" => Some(0x7f),
            [b'c', b't', b'r', b'l', b'-', key @ (b'a'..=b'z')] => Some(key - b'a' + 1),
            [b'c', b't', b'r', b'l', b'-', b'@'] => Some(0),
            [b'c', b't', b'r', b'l', b'-', key @ b'['..=b'_'] => Some(key - b'[' + 27),
            _ => None,
        })
        .collect()
}

/// What is typed while a client is attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Keys {
    /// The keys that detach; none where there is no terminal, since a client looks for them only there.
    detach: ByteString,
    /// How many of them were pressed in a row.
    pressed: usize,
    /// Where all others go.
    to: Desc,
    /// Whether the process's terminal meets the end when nobody is there to type.
    ends: bool,
    /// Nobody types any more.
    over: bool,
}

/// What the process's terminal meets when nobody is there to type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alone {
    /// Its end.
    Ends,
    /// Nothing: it stays open for the next client.
    Stays,
}

/// What became of the keys that were pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pressed {
    /// They were passed on.
    Passed,
    /// They detach.
    Left,
}

impl Keys {
    /// Keys that go to a terminal of the process's own, which are looked through for the ones that detach.
    pub(super) fn to_terminal(detach: ByteString, to: Desc, alone: Alone) -> Self {
        Self { detach, pressed: 0, to, ends: alone == Alone::Ends, over: false }
    }

    /// What is typed goes to the standard input of a process without a terminal.
    pub(super) fn to_pipe(to: Desc) -> Self {
        Self { detach: ByteString::new(), pressed: 0, to, ends: false, over: false }
    }

    /// Where they go.
    pub(super) fn target(&self) -> Desc {
        self.to
    }

    /// Passes on what was typed since the last time to the process `pid`.
    pub(super) fn pass_on(&mut self, system: &mut System<'_>, process: &Process, pid: Pid) -> Pressed {
        if self.over {
            return Pressed::Passed;
        }
        if self.detach.is_empty() {
            self.copy(system, process);
            return Pressed::Passed;
        }
        let (keys, nobody) = if process.stdin.0 == Desc::KEYBOARD {
            system.world.files.take_keys()
        } else {
            self.over = true;
            (ByteString::new(), true)
        };
        // A shell at its prompt gets its lines from the session, and has no use for single keys.
        let sits = system.world.tasks.readers.last().is_some_and(|reader| {
            system.world.tasks.is_below(*reader, pid)
                && system.world.tasks.job::<Vm>(*reader).is_some_and(Vm::is_at_prompt)
        });
        let mut through = Vec::new();
        for key in keys.into_vec() {
            if key == self.detach[self.pressed] {
                self.pressed += 1;
                if self.pressed == self.detach.len() {
                    return Pressed::Left;
                }
                continue;
            }
            through.extend_from_slice(&self.detach[..std::mem::take(&mut self.pressed)]);
            if key == self.detach[0] && self.detach.len() > 1 {
                self.pressed = 1;
            } else {
                through.push(key);
            }
        }
        if !sits {
            system.world.files.type_at(self.to, &through);
            if nobody && self.ends {
                system.world.files.type_at(self.to, b"\x04");
            }
        }
        Pressed::Passed
    }

    /// Copies what there is of an input without a terminal.
    fn copy(&mut self, system: &mut System<'_>, process: &Process) {
        if !system.world.files.is_readable(process.stdin.0) || !system.world.files.has_room(self.to) {
            return;
        }
        let piece = process.stdin.read(system, crate::program::PIPE_CAPACITY).unwrap_or_default();
        self.over = piece.is_empty();
        system.world.files.write(system.kernel, self.to, &piece);
    }

    /// What the client waits for beside the process's end.
    pub(super) fn waits(&self, process: &Process, wait: &mut Wait) {
        if self.over {
            return;
        }
        if self.detach.is_empty() {
            wait.readable = Some(process.stdin.0);
        } else {
            wait.keys = true;
        }
    }

    /// Whether a line that is typed at the prompt of the process's shell holds the keys that detach.
    pub(super) fn are_in(&self, line: &[u8]) -> bool {
        !self.detach.is_empty() && line.windows(self.detach.len()).any(|keys| keys == &self.detach[..])
    }

    /// The keys that detach.
    pub(super) fn detaching(&self) -> &[u8] {
        &self.detach
    }
}

/// The keys that detach this client: those of `--detach-keys`, of the client's configuration, or Docker's own. `None`
/// where the daemon would not take them.
pub(super) fn detach_keys(call: &mut Call<'_, '_>) -> Option<ByteString> {
    let given = call.flags.text("detach-keys").filter(|text| !text.is_empty());
    let configured = |call: &mut Call<'_, '_>| match call.config().get("detachKeys") {
        Some(Json::Text(text)) if !text.is_empty() => Some(text.clone()),
        _ => None,
    };
    match given.or_else(|| configured(call)) {
        Some(text) => sequence(&text),
        None => Some(DETACH.into()),
    }
}

/// What the client says of keys that the daemon does not take when it attaches (Docker 28's answer is the same).
pub(super) fn refused() -> Failure {
    Failure::new("unable to upgrade to tcp, received 400")
}

/// What a client passes on to a container that is up: nothing where its standard input was not kept open.
pub(super) fn of_container(
    system: &System<'_>,
    id: &str,
    tty: bool,
    stdin: Input,
    detach: ByteString,
    alone: Alone,
) -> Option<Keys> {
    let to = system.world.running.get(id)?.stdin?;
    match (tty, stdin) {
        (true, _) => Some(Keys::to_terminal(detach, to, alone)),
        (false, Input::EMPTY) => None,
        (false, _) => Some(Keys::to_pipe(to)),
    }
}

#[cfg(test)]
mod tests {
    use super::sequence;

    /// Docker's reference, "docker attach": a letter, or `ctrl-` with one of a-z, @, [, \, ], ^ and _.
    #[test]
    fn sequences_are_read_as_docker_reads_them() {
        for (text, want) in [
            ("ctrl-p,ctrl-q", Some(&b"\x10\x11"[..])),
            ("a", Some(b"a")),
            ("ctrl-@,ctrl-[,ctrl-\\,ctrl-_", Some(b"\x00\x1b\x1c\x1f")),
            ("x,DEL", Some(b"x\x7f")),
            ("ctrl-", None),
            ("ctrl-A", None),
            ("xy", None),
            ("a,", None),
        ] {
            assert_eq!(sequence(text).as_ref().map(|keys| &keys[..]), want, "{text}");
        }
    }
}
