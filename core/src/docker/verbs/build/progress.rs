//! Progress of a build with BuildKit: plain lines, or the list of steps that a terminal shows in the end.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::super::{Call, Failure};
use super::request::Request;
use crate::engine::buildkit::{End, Shown};
use crate::oci::Digest;
use crate::program::{StepEvent, StepState};

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Style {
    Plain,
    List,
    Quiet,
}

/// The steps shown so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    pub(super) style: Style,
    pub(super) count: usize,
    pub(super) list: Vec<Shown>,
    /// How many lines of the vertex under way have been printed.
    #[serde(default)]
    live: Option<usize>,
}

pub(super) fn style(call: &Call<'_, '_>, request: &Request) -> Result<Style, Failure> {
    let progress = call.flags.text("progress").unwrap_or_else(|| "auto".to_owned());
    Ok(match progress.as_str() {
        _ if request.quiet => Style::Quiet,
        "plain" => Style::Plain,
        "auto" if call.process.stderr.is_terminal(call.system) => Style::List,
        "auto" => Style::Plain,
        "tty" if call.process.stderr.is_terminal(call.system) => Style::List,
        "tty" => return Err(Failure::new("failed to get console: provided file is not a console")),
        other => return Err(Failure::new(format!("invalid progress value : {other}"))),
    })
}

impl Progress {
    pub(super) fn new(style: Style) -> Self {
        Self { style, count: 0, list: Vec::new(), live: None }
    }

    /// Whether what a process writes is shown as it comes.
    pub(super) fn is_live(&self) -> bool {
        self.style == Style::Plain
    }

    /// The process of a vertex starts.
    pub(super) fn begin(&mut self, call: &mut Call<'_, '_>, name: &str) {
        if self.is_live() {
            self.live = Some(0);
            let head = head(self.count + 1, name);
            call.process.complain(call.system, head);
        }
    }

    /// It wrote these lines.
    pub(super) fn wrote(&mut self, call: &mut Call<'_, '_>, lines: &[String]) {
        if let Some(printed) = &mut self.live {
            *printed += lines.len();
            let number = self.count + 1;
            let mut text = String::new();
            for line in lines {
                text.push_str(&format!("#{number} {line}\n"));
            }
            call.process.complain(call.system, text);
        }
    }

    pub(super) fn show(&mut self, call: &mut Call<'_, '_>, shown: Shown) {
        self.count += 1;
        let number = self.count;
        let state = match &shown.end {
            End::Done => StepState::Ran,
            End::Cached => StepState::Cached,
            End::Error(_) => StepState::Failed,
        };
        Arc::make_mut(&mut call.system.world.build_steps).push(StepEvent {
            number,
            of: 0,
            code: shown.name.clone(),
            line: 0,
            state,
            image: None,
            layer: shown.layer.map(|(chain, _)| chain),
            bytes: shown.layer.map_or(0, |(_, bytes)| bytes),
        });
        if self.style == Style::Plain {
            let text = match self.live.take() {
                Some(printed) => rest(number, &shown, printed),
                None => head(number, &shown.name) + &rest(number, &shown, 0),
            };
            call.process.complain(call.system, text);
        }
        self.list.push(shown);
    }
}

/// All steps in plain lines: what `--quiet` shows after all when a step failed (recorded).
pub(super) fn plain(all: &[Shown]) -> String {
    all.iter().zip(1..).map(|(shown, number)| head(number, &shown.name) + &rest(number, shown, 0)).collect()
}

/// The lines of a vertex behind those that have been printed, and its end.
fn rest(number: usize, shown: &Shown, printed: usize) -> String {
    let lines = shown.lines.iter().skip(printed).map(|line| format!("#{number} {line}\n"));
    let end = match &shown.end {
        End::Done => format!("#{number} DONE 0.0s\n"),
        End::Cached => format!("#{number} CACHED\n"),
        End::Error(why) => format!("#{number} ERROR: {why}\n"),
    };
    lines.chain([end]).collect()
}

/// The lines with which a vertex begins.
fn head(number: usize, name: &str) -> String {
    let space = if number > 1 { "\n" } else { "" };
    let digest = Digest::of(name.as_bytes());
    format!("{space}#{number} {name}\n#{number} {digest}\n")
}

/// The list that a terminal shows in the end.
pub(super) fn list(call: &mut Call<'_, '_>, all: &[Shown], succeeded: bool) {
    let done = all.iter().filter(|shown| !matches!(shown.end, End::Error(_))).count();
    let word = if succeeded { " FINISHED" } else { "" };
    let mut text = format!("[+] Building 0.1s ({done}/{}){word}\n", all.len());
    for shown in all {
        let (mark, word) = match &shown.end {
            End::Done => ("=>", ""),
            End::Cached => ("=>", "CACHED "),
            End::Error(_) => ("=>", "ERROR "),
        };
        let name: String = format!(" {mark} {word}{}", shown.name).chars().take(68).collect();
        text.push_str(&format!("{name:<70}0.0s\n"));
        for line in shown.lines.iter().filter(|line| !line.starts_with("0.1 ")) {
            let line: String =
                format!(" => => {}", line.trim_end_matches(" done")).chars().take(68).collect();
            text.push_str(&format!("{line:<70}0.0s\n"));
        }
    }
    call.process.complain(call.system, text);
}
