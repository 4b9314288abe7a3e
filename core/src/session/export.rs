//! A session as a shell script for a real host with Docker.
//!
//! The lines stay as they were typed. What a script cannot hold is done by programs that every Linux has: util-linux's
//! `script` types into a program that ran on a terminal, coreutils' `timeout` presses Ctrl-C.

use super::journal::{Content, What};
use crate::kernel::{ByteString, base64_encode};

/// How long a line that was ended by Ctrl-C runs in the script, in seconds.
const INTERRUPTED_AFTER: u32 = 5;
/// Pauses from this on are kept, in tenths of a second: a container may have done something meanwhile.
const PAUSE: u16 = 10;
/// Ends a file that was written in an editor.
const END: &str = "LAYERLAB_END_OF_FILE";

/// What a session was told, and where it stood then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What.
    pub what: What,
    /// Tenths of a second that passed before it.
    pub after: u16,
    /// The prompt that a line stood at; empty for what is no line.
    pub prompt: String,
}

/// A line of the host's shell, and what was typed while it ran.
#[derive(Debug, Default)]
struct Group {
    after: u16,
    line: Vec<u8>,
    typed: Vec<u8>,
    end: Option<End>,
}

/// How a line was ended from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Interrupt,
    Detach,
}

/// Returns a session as a Bash script for a host with Docker.
///
/// Files from outside are not in it: the script names their digests, and ends before its first line where one is missing.
pub fn script(told: &[Told]) -> Vec<u8> {
    let mut out = Vec::new();
    let lines = told.iter().filter(|told| matches!(told.what, What::Run(_))).count();
    out.extend_from_slice(
        format!(
            "#!/bin/bash\n\
             # A session of Layerlab, {lines} lines, for a real host with Docker.\n\
             # It makes and removes containers, images and files as the lines say: run it on a machine where that is welcome.\n\
             # Ids and times will differ, and Docker Hub's images are larger than the lab's.\n\
             docker version >/dev/null || exit 1\n"
        )
        .as_bytes(),
    );
    let mut files: Vec<&Content> = Vec::new();
    for told in told {
        if let What::PutFile(content) | What::Import(content) = &told.what {
            files.push(content);
        }
    }
    for content in files {
        let digest = content.digest.strip_prefix("sha256:").unwrap_or(&content.digest);
        out.extend_from_slice(b"echo ");
        out.extend_from_slice(&quoted(&[digest.as_bytes(), b"  ", &content.path].concat()));
        out.extend_from_slice(b" | sha256sum --check --quiet - || { echo ");
        let wanted = format!("Put the file of {} bytes, {}, there first: ", content.size, content.digest);
        out.extend_from_slice(&quoted(&[wanted.as_bytes(), &content.path].concat()));
        out.extend_from_slice(b" >&2; exit 1; }\n");
    }
    // Relative paths and ~ lead to a folder of the script's own, as they do in a fresh lab.
    out.extend_from_slice(b"HOME=$(mktemp -d) && cd && export HOME || exit 1\nset -v\n");
    let mut group: Option<Group> = None;
    for told in told {
        match &told.what {
            What::Run(line) if is_host(&told.prompt) => {
                flush(&mut group, &mut out);
                group = Some(Group { after: told.after, line: line.to_vec(), ..Group::default() });
            }
            What::Run(line) if told.prompt == "> " => {
                let group = group.get_or_insert_default();
                let text = if group.typed.is_empty() { &mut group.line } else { &mut group.typed };
                text.push(b'\n');
                text.extend_from_slice(line);
            }
            What::Run(line) => {
                let typed = &mut group.get_or_insert_default().typed;
                typed.extend_from_slice(line);
                typed.push(b'\n');
            }
            What::Input(data, _) => group.get_or_insert_default().typed.extend_from_slice(data),
            What::Interrupt(_) => group.get_or_insert_default().end = Some(End::Interrupt),
            What::Detach(_) => group.get_or_insert_default().end = Some(End::Detach),
            What::Edit(path, content) => {
                flush(&mut group, &mut out);
                write_file(path, content, &mut out);
            }
            What::PutFile(_) | What::Import(_) => flush(&mut group, &mut out),
        }
    }
    flush(&mut group, &mut out);
    out
}

/// Returns whether a prompt is that of the lab's host: a container's shell has another.
pub fn is_host(prompt: &str) -> bool {
    prompt.starts_with("[root@lab ")
}

fn flush(group: &mut Option<Group>, out: &mut Vec<u8>) {
    let Some(Group { after, line, typed, end }) = group.take() else { return };
    if after >= PAUSE {
        out.extend_from_slice(format!("sleep {}\n", after / 10).as_bytes());
    }
    match end {
        None if typed.is_empty() => out.extend_from_slice(&line),
        Some(End::Interrupt) if typed.is_empty() => {
            out.extend_from_slice(
                format!("timeout --foreground --signal INT {INTERRUPTED_AFTER} bash -c ").as_bytes(),
            );
            out.extend_from_slice(&quoted(&line));
        }
        _ => {
            // A second is enough for a container to start, and the keys must come behind what was typed.
            let keys = match end {
                Some(End::Detach) => "sleep 1; printf '\\020\\021'; ",
                Some(End::Interrupt) => "sleep 1; printf '\\003'; ",
                None => "",
            };
            out.extend_from_slice(b"{ sleep 1; printf %s ");
            out.extend_from_slice(&quoted(&typed));
            out.extend_from_slice(format!("; {keys}sleep 1; }} | script -qec ").as_bytes());
            out.extend_from_slice(&quoted(&line));
            out.extend_from_slice(b" /dev/null");
        }
    }
    out.push(b'\n');
}

/// Writes a file as the editor did. What a here-document cannot hold goes as base64.
fn write_file(path: &ByteString, content: &ByteString, out: &mut Vec<u8>) {
    let plain = content.ends_with(b"\n")
        && !content.contains(&0)
        && content.split(|byte| *byte == b'\n').all(|line| line != END.as_bytes());
    out.extend_from_slice(if plain { b"cat > " } else { b"base64 -d > " });
    out.extend_from_slice(&quoted(path));
    out.extend_from_slice(format!(" <<'{END}'\n").as_bytes());
    if plain {
        out.extend_from_slice(content);
    } else {
        let text = base64_encode(content);
        for line in text.as_bytes().chunks(76) {
            out.extend_from_slice(line);
            out.push(b'\n');
        }
    }
    out.extend_from_slice(format!("{END}\n").as_bytes());
}

/// Returns bytes between single quotes, as POSIX's shell reads them (XCU 2.2.2).
fn quoted(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![b'\''];
    for byte in bytes {
        match byte {
            b'\'' => out.extend_from_slice(b"'\\''"),
            byte => out.push(*byte),
        }
    }
    out.push(b'\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "[root@lab ~]# ";

    fn told(prompt: &str, what: What) -> Told {
        Told { what, after: 0, prompt: prompt.into() }
    }

    fn run(prompt: &str, line: &str) -> Told {
        told(prompt, What::Run(line.into()))
    }

    /// What stands behind the head.
    fn body(told: &[Told]) -> String {
        let text = String::from_utf8(script(told)).unwrap();
        text.split_once("set -v\n").unwrap().1.to_owned()
    }

    #[test]
    fn lines_stay_as_they_were_typed() {
        let session = [run(HOST, "echo 'a"), run("> ", "b'"), run("[root@lab tmp]# ", "docker ps")];
        assert_eq!(body(&session), "echo 'a\nb'\ndocker ps\n");
    }

    #[test]
    fn what_a_containers_shell_was_told_is_typed_into_it() {
        let session = [
            run(HOST, "docker run -it busybox"),
            run("/ # ", "echo 'x' > f"),
            told("", What::Detach(9)),
            run(HOST, "docker ps"),
        ];
        let typed = "{ sleep 1; printf %s 'echo '\\''x'\\'' > f\n'; sleep 1; printf '\\020\\021'; sleep 1; } \
                     | script -qec 'docker run -it busybox' /dev/null\ndocker ps\n";
        assert_eq!(body(&session), typed);
    }

    #[test]
    fn an_interrupted_line_is_interrupted_and_a_pause_is_kept() {
        let mut follows = run(HOST, "docker logs -f web");
        follows.after = 25;
        let session = [follows, told("", What::Interrupt(3))];
        let text = "sleep 2\ntimeout --foreground --signal INT 5 bash -c 'docker logs -f web'\n";
        assert_eq!(body(&session), text);
    }

    #[test]
    fn files_are_written_and_files_from_outside_are_asked_for() {
        let content = Content { path: "/root/in.tar".into(), digest: "sha256:ab".into(), size: 7 };
        let session = [
            told("", What::Edit("Dockerfile".into(), "FROM scratch\n".into())),
            told("", What::Edit("raw".into(), "\0".into())),
            told("", What::Import(content)),
        ];
        let text = "cat > 'Dockerfile' <<'LAYERLAB_END_OF_FILE'\nFROM scratch\nLAYERLAB_END_OF_FILE\n\
                    base64 -d > 'raw' <<'LAYERLAB_END_OF_FILE'\nAA==\nLAYERLAB_END_OF_FILE\n";
        assert_eq!(body(&session), text);
        let whole = String::from_utf8(script(&session)).unwrap();
        assert!(whole.contains("echo 'ab  /root/in.tar' | sha256sum --check --quiet - || { echo"), "{whole}");
    }
}
