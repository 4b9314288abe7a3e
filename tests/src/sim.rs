//! The lab from inside: a session of the library on the simulator, in this process.

use layerlab_core::help::{Language, Table};
use layerlab_core::program::Stream;
use layerlab_core::session::{Event, Request, Session, SimBackend, programs};

use crate::transcript::Answer;

/// A fresh session on the simulator.
pub fn session() -> Session {
    Session::new(Box::new(SimBackend::default()), programs())
        .expect("the simulator has room for the lab's disk")
}

/// Puts a file into a session, in pieces as the page does.
pub fn put(session: &mut Session, path: &str, content: &[u8]) {
    // An empty file is one empty piece.
    let pieces = content.chunks(1 << 20).chain(content.is_empty().then_some(&[][..]));
    let mut offset = 0;
    for piece in pieces {
        let request = Request::PutFile { path: path.as_bytes().into(), offset, data: piece.into() };
        answer(session, request);
        offset += piece.len() as u64;
    }
}

/// Reads a file of a session.
pub fn get(session: &mut Session, path: &str) -> Vec<u8> {
    let mut content = Vec::new();
    loop {
        let request =
            Request::GetFile { path: path.as_bytes().into(), offset: content.len() as u64, len: 1 << 20 };
        let events = handle(session, request);
        let piece = events.iter().find_map(|event| match event {
            Event::Data { data } => Some(data.to_vec()),
            _ => None,
        });
        match piece.unwrap_or_else(|| panic!("{path}: {events:?}")) {
            piece if piece.is_empty() => return content,
            piece => content.extend(piece),
        }
    }
}

/// Runs a line.
pub fn run(session: &mut Session, line: &str) -> Answer {
    answer(session, Request::line(line.as_bytes()))
}

/// All events of a request.
pub fn handle(session: &mut Session, request: Request) -> Vec<Event> {
    let mut events = Vec::new();
    session.handle(request, &mut |event| events.push(event));
    events
}

fn answer(session: &mut Session, request: Request) -> Answer {
    let mut answer = Answer::default();
    let shown = format!("{request:?}").chars().take(200).collect::<String>();
    for event in handle(session, request) {
        match event {
            Event::Output { stream: Stream::Stdout, data } => answer.stdout.extend_from_slice(&data),
            Event::Output { stream: Stream::Stderr, data } => answer.stderr.extend_from_slice(&data),
            Event::Done { reply } => answer.status = reply.status,
            Event::Help { help } => answer.help.push(Table::of(Language::En).text(&help)),
            Event::Failed { message } => panic!("{shown}: {message}"),
            _ => {}
        }
    }
    answer
}
