//! A lab of this program that lessons are run in.

use layerlab_core::help::{self, Help, Language};
use layerlab_core::lesson::{LessonLab, RestorableLab, Tested};
use layerlab_core::session::{Event, Journal, Reply, Request};
use layerlab_core::view::Screen;

use crate::cli::stack;
use crate::lab::Lab;

/// The lab, and the prompt of its shell.
#[derive(Debug)]
pub(super) struct NativeLab {
    lab: Lab,
    prompt: String,
    /// Help after mistakes that nobody has read yet.
    help: Vec<Help>,
}

impl NativeLab {
    pub(super) fn new(lab: Lab) -> Self {
        Self { lab, prompt: "$ ".to_owned(), help: Vec::new() }
    }

    /// The prompt of the shell that waits.
    pub(super) fn prompt(&self) -> &str {
        &self.prompt
    }

    /// The lab's help after the last mistakes, a line each.
    pub(super) fn advice(&mut self, language: Language) -> String {
        let help = std::mem::take(&mut self.help);
        help.iter().fold(String::new(), |text, help| text + "Layerlab: " + &help::text(language, help) + "\n")
    }

    /// Takes the last line back.
    pub(super) fn undo(&mut self) -> Result<(), String> {
        self.ask(Request::Undo, &mut |_| {}).map(drop)
    }

    /// Stops a line that is not complete.
    pub(super) fn interrupt(&mut self) -> Result<(), String> {
        self.ask(Request::Interrupt, &mut |_| {}).map(drop)
    }

    /// The stack of a container, an image or a mount; of the newest where none is named.
    pub(super) fn screen(&mut self, name: Option<&str>) -> Result<Screen, String> {
        stack::screen(name, &mut |request, told| self.ask(request, told).map(drop))
    }

    /// What was typed since the lesson began.
    pub(super) fn journal(&mut self) -> Result<Journal, String> {
        let mut kept = None;
        self.ask(Request::Save, &mut |event| {
            if let Event::Journal { journal } = event {
                kept = Some(journal);
            }
        })?;
        kept.ok_or_else(|| "the lab gave no journal".to_owned())
    }

    fn ask(&mut self, request: Request, told: &mut dyn FnMut(Event)) -> Result<Reply, String> {
        let reply = self.lab.ask(request, told).map_err(|error| error.to_string())?;
        self.prompt.clone_from(&reply.prompt);
        Ok(reply)
    }
}

impl LessonLab for NativeLab {
    fn fresh(&mut self, start: &[String]) -> Result<(), String> {
        let start = start.iter().map(|line| line.as_str().into()).collect();
        let journal = Journal::of_lines(start, Vec::new(), 0);
        self.ask(Request::Restore { journal }, &mut |_| {}).map(drop)
    }

    fn run(&mut self, line: &str) -> Result<String, String> {
        let (mut shown, mut advised) = (Vec::new(), Vec::new());
        self.ask(Request::line(line), &mut |event| match event {
            Event::Output { data, .. } => shown.extend_from_slice(&data),
            Event::Help { help } => advised.push(help),
            _ => {}
        })?;
        self.help = advised;
        Ok(String::from_utf8_lossy(&shown).into_owned())
    }

    fn test(&mut self, lines: &[String]) -> Result<Vec<Tested>, String> {
        let mut tested = Vec::new();
        let lines = lines.iter().map(|line| line.as_str().into()).collect();
        self.ask(Request::Test { lines }, &mut |event| {
            if let Event::Tested { statuses, outputs } = event {
                let ends = statuses.into_iter().zip(outputs);
                let ends = ends.map(|(status, output)| Tested { status, output: output.to_text() });
                tested = ends.collect();
            }
        })?;
        Ok(tested)
    }
}

impl RestorableLab for NativeLab {
    fn restore(&mut self, journal: &Journal) -> Result<(), String> {
        self.ask(Request::Restore { journal: journal.clone() }, &mut |_| {}).map(drop)
    }
}
