//! `journalctl`: what the daemon and the init system wrote about it.

use super::status::line;
use super::turns::{ABOUT, UNIT};
use crate::kernel::ByteString;
use crate::program::{Flow, Noted, Process, Program, Scope, System};

pub(super) const PROGRAM: Program = Program {
    name: "journalctl",
    summary: "what the Docker daemon wrote",
    scope: Scope::Host,
    main: journalctl,
};
/// `-e` shows so many of the newest entries (journalctl(1)).
const AT_END: usize = 1000;

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    unit: Option<String>,
    newest: Option<usize>,
    explained: bool,
    reversed: bool,
    bare: bool,
}

fn journalctl(system: &mut System<'_>, process: &mut Process) -> Flow {
    let words: Vec<String> = process.args.iter().skip(1).map(ByteString::to_text).collect();
    let asked = match asked(&words) {
        Ok(asked) => asked,
        Err(why) => {
            process.complain(system, format!("{why}\n"));
            return Flow::Exit(1);
        }
    };
    let is_docker = asked.unit.as_ref().is_none_or(|unit| matches!(unit.as_str(), "docker" | UNIT));
    let mut entries: Vec<Noted> = if is_docker { system.world.daemon.journal.clone() } else { Vec::new() };
    if let Some(newest) = asked.newest {
        entries.drain(..entries.len().saturating_sub(newest));
    }
    if entries.is_empty() {
        process.print(system, "-- No entries --\n");
        return Flow::OK;
    }
    if asked.reversed {
        entries.reverse();
    }
    for entry in &entries {
        let shown = if asked.bare { entry.text.clone() } else { line(entry) };
        process.print(system, format!("{shown}\n"));
        if let Some(subject) = subject(&entry.text).filter(|_| asked.explained) {
            process.print(system, format!("░░ Subject: {subject}\n░░ Defined-By: systemd\n"));
        }
    }
    Flow::OK
}

/// systemd's catalogue, for the lines that the lab has (`-x`).
fn subject(text: &str) -> Option<String> {
    let (first, rest) = text.split_once(' ')?;
    rest.contains(ABOUT).then_some(())?;
    Some(match first {
        "Starting" => format!("A start job for unit {UNIT} has begun execution"),
        "Started" => format!("A start job for unit {UNIT} has finished successfully"),
        "Failed" => format!("A start job for unit {UNIT} has failed"),
        "Stopping" => format!("A stop job for unit {UNIT} has begun execution"),
        "Stopped" => format!("A stop job for unit {UNIT} has finished"),
        _ => return None,
    })
}

/// Reads the options (journalctl(1)); short ones may stand together, and the last of them take its value.
fn asked(words: &[String]) -> Result<Asked, String> {
    let mut asked = Asked::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (long, joined) =
            word.split_once('=').map_or((word.as_str(), None), |(long, value)| (long, Some(value)));
        let mut value = |inline: Option<&str>| {
            let given = inline.map(str::to_owned).or_else(|| words.next().cloned());
            given.ok_or_else(|| format!("journalctl: option '{word}' requires an argument"))
        };
        match long {
            "--unit" => asked.unit = Some(value(joined)?),
            "--lines" => asked.newest = Some(count(&value(joined)?)?),
            "--output" => asked.bare = output(&value(joined)?)?,
            "--catalog" => asked.explained = true,
            "--reverse" => asked.reversed = true,
            "--pager-end" => asked.newest = asked.newest.or(Some(AT_END)),
            // There is no pager in the lab.
            "--no-pager" => {}
            _ if word.starts_with('-') && !word.starts_with("--") => {
                let mut rest = word[1..].chars();
                while let Some(letter) = rest.next() {
                    let inline = Some(rest.as_str().trim_start_matches('=')).filter(|rest| !rest.is_empty());
                    match letter {
                        'u' | 'n' | 'o' => {
                            let value = value(inline)?;
                            match letter {
                                'u' => asked.unit = Some(value),
                                'n' => asked.newest = Some(count(&value)?),
                                _ => asked.bare = output(&value)?,
                            }
                            break;
                        }
                        'x' => asked.explained = true,
                        'r' => asked.reversed = true,
                        'e' => asked.newest = asked.newest.or(Some(AT_END)),
                        _ => return Err(refusal(&format!("-{letter}"))),
                    }
                }
            }
            _ => return Err(refusal(word)),
        }
    }
    Ok(asked)
}

fn count(text: &str) -> Result<usize, String> {
    if text == "all" {
        return Ok(usize::MAX);
    }
    text.parse().map_err(|_| format!("Failed to parse lines '{text}'"))
}

fn output(text: &str) -> Result<bool, String> {
    match text {
        "cat" => Ok(true),
        "short" => Ok(false),
        _ => Err(format!(
            "Unknown output format '{text}'.\nLayerlab: the lab's journal is shown as short or cat"
        )),
    }
}

fn refusal(option: &str) -> String {
    format!("Layerlab: the lab's journalctl has -u, -n, -x, -e, -r, -o and --no-pager, not {option}")
}

#[cfg(test)]
mod tests {
    use super::{Asked, asked};

    #[test]
    fn options_are_read_together_and_apart() {
        let read = |text: &str| asked(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let unit = Some("docker".to_owned());
        for text in ["-u docker -n 5", "-udocker -n5", "--unit=docker --lines=5", "-n=5 -u docker"] {
            assert_eq!(
                read(text),
                Ok(Asked { unit: unit.clone(), newest: Some(5), ..Asked::default() }),
                "{text}"
            );
        }
        let want = Asked {
            unit: Some("docker.service".to_owned()),
            newest: Some(1000),
            explained: true,
            ..Asked::default()
        };
        assert_eq!(read("-xeu docker.service"), Ok(want));
        assert!(read("-f").is_err() && read("-n x").is_err() && read("-u").is_err());
    }
}
