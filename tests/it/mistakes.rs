//! Mistakes as people type them: each gets Docker's or the shell's own error, and then one right line of help.

use layerlab_core::docker::{self, Fate, Row};
use layerlab_core::help::{self, Help, Language};
use layerlab_core::program::Stream;
use layerlab_core::session::{Event, Request, Session};
use layerlab_tests::sim;

/// Lines that begin with `+` make the lab ready; the others are line, exit status, first line of the error, id of the advice
/// (`own` where a program says it itself), and a word that it must hold, with tabs between.
const TABLE: &str = include_str!("../fixtures/mistakes.tsv");

struct Heard {
    status: u8,
    first: String,
    own: Vec<String>,
    help: Vec<Help>,
}

fn heard(session: &mut Session, line: &str) -> Heard {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut heard = Heard { status: 0, first: String::new(), own: Vec::new(), help: Vec::new() };
    session.handle(Request::line(line.as_bytes()), &mut |event| match event {
        Event::Output { stream: Stream::Stdout, data } => out.extend_from_slice(&data),
        Event::Output { stream: Stream::Stderr, data } => err.extend_from_slice(&data),
        Event::Help { help } => heard.help.push(help),
        Event::Done { reply } => heard.status = reply.status,
        Event::Failed { message } => panic!("{line}: {message}"),
        _ => {}
    });
    let (out, err) = (String::from_utf8_lossy(&out), String::from_utf8_lossy(&err));
    let shown = if err.trim().is_empty() { &out } else { &err };
    heard.first = shown.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned();
    let own = out.lines().chain(err.lines()).filter(|line| line.starts_with(help::MARK));
    heard.own = own.map(str::to_owned).collect();
    heard
}

/// Whether a line fits a text in which `[..]` stands for anything.
fn fits(text: &str, line: &str) -> bool {
    let mut parts = text.split("[..]");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let mut ends = first.len() == text.len();
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        ends = part.is_empty();
    }
    ends || rest.is_empty()
}

#[test]
fn each_mistake_gets_one_right_line_of_help_in_both_languages() {
    let mut session = sim::session();
    let mut wrong = Vec::new();
    let mut count = 0;
    for row in TABLE.lines().filter(|row| !row.starts_with('#') && !row.is_empty()) {
        if let Some(line) = row.strip_prefix("+ ") {
            let ready = heard(&mut session, line);
            assert_eq!(ready.status, 0, "{line}: {}", ready.first);
            continue;
        }
        let [line, status, first, id, word] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not five fields: {row}");
        };
        count += 1;
        let found = heard(&mut session, line);
        if found.status.to_string() != status || !fits(first, &found.first) {
            wrong.push(format!("{line}: {} {:?}, not {status} {first:?}", found.status, found.first));
        }
        let texts: Vec<(&str, [String; 2])> = if id == "own" {
            let said = |language, text: &String| help::line(language, text).into_owned();
            found.own.iter().map(|text| ("own", Language::ALL.map(|language| said(language, text)))).collect()
        } else {
            let said = |language, help: &Help| format!("{}{}", help::MARK, help::text(language, help));
            let both = |help: &Help| (help.id.id(), Language::ALL.map(|language| said(language, help)));
            found.help.iter().map(both).collect()
        };
        let lines = found.own.len() + found.help.len();
        let is_right = matches!(&texts[..], [(given, [english, chinese])] if *given == id
            && [english, chinese].into_iter().all(|text| text.starts_with(help::MARK) && text.contains(word))
            && english != chinese && !english.contains("[["));
        if lines != 1 || !is_right {
            wrong.push(format!("{line}: wants {id} with {word:?}, got {lines} lines, {texts:?}"));
        }
    }
    assert!(count >= 220, "{count} mistakes");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_quote_left_open_is_told_once() {
    let mut session = sim::session();
    let first = heard(&mut session, "echo \"hi");
    assert_eq!(first.help, [Help::new(help::Topic::QuoteOpen, &["\""])]);
    assert_eq!(heard(&mut session, "more").help, []);
    assert_eq!(heard(&mut session, "end\"").first, "hi");
    assert_eq!(heard(&mut session, "if true").help, []);
}

#[test]
fn every_refusal_of_a_flag_is_in_every_language() {
    let mut wrong = Vec::new();
    for command in docker::commands() {
        for (flag, row) in command.flags {
            if let Some(Row { fate: Fate::Refused { why }, .. }) = row {
                let text = format!("{}{why}", help::MARK);
                if help::line(Language::Zh, &text) == text {
                    wrong.push(format!("docker {} {flag}: {why}", command.command));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "no Chinese in core/src/help/lines.zh.txt:\n{}", wrong.join("\n"));
}
