//! A lab as a desk that lessons are run at.

use layerlab_core::lesson::Desk;
use layerlab_core::session::{Event, Journal, Reply, Request};

use crate::lab::Lab;

/// The lab, and the prompt of its shell.
#[derive(Debug)]
pub(super) struct LabDesk {
    lab: Lab,
    prompt: String,
}

impl LabDesk {
    pub(super) fn new(lab: Lab) -> Self {
        Self { lab, prompt: "$ ".to_owned() }
    }

    /// The prompt of the shell that waits.
    pub(super) fn prompt(&self) -> &str {
        &self.prompt
    }

    fn ask(&mut self, request: Request, told: &mut dyn FnMut(Event)) -> Result<Reply, String> {
        let reply = self.lab.ask(request, told).map_err(|error| error.to_string())?;
        self.prompt.clone_from(&reply.prompt);
        Ok(reply)
    }
}

impl Desk for LabDesk {
    fn fresh(&mut self, start: &[String]) -> Result<(), String> {
        let start = start.iter().map(|line| line.as_str().into()).collect();
        let journal = Journal { version: Journal::VERSION, start, ..Journal::default() };
        self.ask(Request::Restore { journal }, &mut |_| {}).map(drop)
    }

    fn run(&mut self, line: &str) -> Result<String, String> {
        let mut shown = Vec::new();
        self.ask(Request::Run { line: line.into() }, &mut |event| {
            if let Event::Output { data, .. } = event {
                shown.extend_from_slice(&data);
            }
        })?;
        Ok(String::from_utf8_lossy(&shown).into_owned())
    }

    fn test(&mut self, lines: &[String]) -> Result<Vec<u8>, String> {
        let mut tested = Vec::new();
        let lines = lines.iter().map(|line| line.as_str().into()).collect();
        self.ask(Request::Test { lines }, &mut |event| {
            if let Event::Tested { statuses } = event {
                tested = statuses;
            }
        })?;
        Ok(tested)
    }
}
