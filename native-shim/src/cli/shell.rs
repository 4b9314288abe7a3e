//! `layerlab shell`: the lab's terminal, with history, completion and Ctrl-C.

use std::cell::RefCell;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use layerlab_core::session::{Event, Journal, Reply, Request, edited};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Context, Editor, Helper, Highlighter, Hinter, Validator};

use super::advice::{AdviceArgs, Teller};
use super::draw::Pen;
use super::edit::edit;
use super::run::Said;
use super::session::LabArgs;
use super::stack;
use super::{CliError, Outcome};
use crate::lab::{Lab, LabError};
use crate::person::Person;

const EXAMPLES: &str = "\
Examples:
  layerlab shell
  sudo layerlab shell --on host
  layerlab shell --copy-in image.tar:/root/image.tar

In it: Tab completes, Ctrl-C gives up a line or stops what runs, Ctrl-D ends; :stack, :undo, :redo and :help are the lab's own.
A program that reads gets what you type: Ctrl-D is its end, Ctrl-P Ctrl-Q leaves a container that was started with -it.";

const HELP: &str = "\
:undo   take the last line back
:redo   bring it forth again
:stack  draw the layers of the newest container or image, or of the one that is named: :stack web
:detach leave the shell of a container as Ctrl-P Ctrl-Q does: it goes on, docker attach comes back
vi FILE opens a file in the editor that VISUAL or EDITOR names; nano and edit do the same
:help   this list
:quit   leave (or Ctrl-D)
Anything else is typed in the lab's shell: try docker run -it nginx sh\n";

/// Type in the lab's terminal: history, completion, undo
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Shell {
    #[command(flatten)]
    lab: LabArgs,
    #[command(flatten)]
    advice: AdviceArgs,
}

/// The lab, as the line editor's helper: it knows what could stand at the cursor.
#[derive(Helper, Highlighter, Hinter, Validator)]
struct Labs {
    lab: RefCell<Lab>,
}

impl Completer for Labs {
    type Candidate = String;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let mut found = (pos, Vec::new());
        let request = Request::Complete { line: line.to_owned(), cursor: pos };
        // A lab that cannot complete completes nothing; the next line says what is wrong with it.
        let _ = self.lab.borrow_mut().ask(request, &mut |event| {
            if let Event::Completions { start, words } = event {
                found = (start, words);
            }
        });
        Ok(found)
    }
}

impl Shell {
    pub(super) fn run(&self) -> Outcome {
        let person = Person::new()?;
        let mut editor: Editor<Labs, FileHistory> = Editor::new().map_err(of_editor)?;
        editor.set_helper(Some(Labs { lab: RefCell::new(self.lab.child()?) }));
        let history = history_file();
        if let Some(file) = &history {
            let _ = editor.load_history(file);
        }
        let teller = self.advice.teller();
        let mut terminal = Terminal { args: &self.lab, teller, person, journal: Journal::default() };
        let mut reply = terminal.ask(&editor, Request::line(""))?;
        loop {
            match editor.readline(&reply.prompt) {
                Ok(line) => {
                    let _ = editor.add_history_entry(&line);
                    match line.trim() {
                        ":quit" => break,
                        ":help" => write!(io::stdout(), "{HELP}")?,
                        ":undo" => reply = terminal.ask(&editor, Request::Undo)?,
                        word if word == ":stack" || word.starts_with(":stack ") => {
                            terminal.stack(&editor, word)?;
                        }
                        ":detach" => reply = terminal.ask(&editor, Request::Detach)?,
                        ":redo" => reply = terminal.ask(&editor, Request::Redo)?,
                        _ => match edited(&line).filter(|_| reply.prompt.contains("@lab")) {
                            Some(file) => {
                                if let Some(request) = terminal.edit(&editor, file)? {
                                    reply = terminal.ask(&editor, request)?;
                                }
                            }
                            None => reply = terminal.ask(&editor, Request::line(line))?,
                        },
                    }
                }
                Err(ReadlineError::Interrupted) => reply = terminal.ask(&editor, Request::Interrupt)?,
                Err(ReadlineError::Eof) => break,
                Err(error) => return Err(of_editor(error)),
            }
        }
        if let Some(file) = &history {
            // The history is a convenience: without a place for it, the session goes on all the same.
            let _ = file.parent().map(std::fs::create_dir_all);
            let _ = editor.save_history(file);
        }
        Ok(reply.status)
    }
}

/// What the loop needs to make a request, and to start again when the child is gone.
struct Terminal<'a> {
    args: &'a LabArgs,
    teller: Teller,
    person: Person,
    /// As it was after the last request.
    journal: Journal,
}

impl Terminal<'_> {
    /// Draws the stack that `:stack [NAME]` asks for.
    fn stack(&mut self, editor: &Editor<Labs, FileHistory>, typed: &str) -> Result<(), CliError> {
        let name = typed.trim_start_matches(":stack").trim();
        let lab = &editor.helper().expect("set before the first line").lab;
        let mut ask = |request: Request, told: &mut dyn FnMut(Event)| {
            lab.borrow_mut().ask(request, told).map(drop).map_err(|error| error.to_string())
        };
        let screen = stack::screen(Some(name).filter(|name| !name.is_empty()), &mut ask);
        let text =
            screen.map_or_else(|why| format!("{why}\n"), |screen| stack::stack(&screen, Pen::stdout()));
        Ok(io::stdout().write_all(text.as_bytes())?)
    }

    /// Opens a file in the person's editor. Returns what writes it back, where it was changed.
    fn edit(&self, editor: &Editor<Labs, FileHistory>, file: &str) -> Result<Option<Request>, CliError> {
        let lab = &editor.helper().expect("set before the first line").lab;
        let mut opened = None;
        let asked = lab.borrow_mut().ask(Request::Open { path: file.into() }, &mut |event| {
            if let Event::Opened { path, content } = event {
                opened = Some((path, content));
            }
        });
        let why = match (asked, opened) {
            (Ok(_), Some((path, content))) => {
                match edit(path, content.as_ref().map(|content| &content[..])) {
                    Ok(request) => return Ok(request),
                    Err(error) => error.to_string(),
                }
            }
            (Ok(_), None) => return Ok(None),
            (Err(LabError::Failed(message)), _) => message,
            (Err(error), _) => return Err(error.into()),
        };
        writeln!(io::stderr(), "layerlab: {why}")?;
        Ok(None)
    }

    /// Makes a request and shows what is told. A child that ends (a second Ctrl-C, or a defect) is started again from the journal.
    fn ask(&mut self, editor: &Editor<Labs, FileHistory>, request: Request) -> Result<Reply, CliError> {
        let lab = &editor.helper().expect("set before the first line").lab;
        let mut said = Said::new(&self.teller, false);
        let result = lab.borrow_mut().watched(request, &mut self.person, &mut |event| said.take(event));
        said.error.map_or(Ok(()), Err)?;
        match result {
            Ok(reply) => {
                lab.borrow_mut().ask(Request::Save, &mut |event| {
                    if let Event::Journal { journal } = event {
                        self.journal = journal;
                    }
                })?;
                Ok(reply)
            }
            Err(LabError::Failed(message)) => {
                writeln!(io::stderr(), "layerlab: {message}")?;
                Ok(lab.borrow_mut().ask(Request::Interrupt, &mut |_| {})?)
            }
            Err(error @ (LabError::Host(_) | LabError::Stopped)) => {
                let lost = if matches!(error, LabError::Host(_)) { "; the last line is lost" } else { "" };
                writeln!(io::stderr(), "layerlab: {error}{lost}")?;
                self.restart(lab)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn restart(&self, lab: &RefCell<Lab>) -> Result<Reply, CliError> {
        let mut fresh = self.args.child()?;
        let request = if self.args.keeps_disk() {
            // The disk is as the last line left it; only the shell begins anew.
            Request::Interrupt
        } else {
            Request::Restore { journal: self.journal.clone() }
        };
        let reply = fresh.ask(request, &mut |_| {})?;
        *lab.borrow_mut() = fresh;
        Ok(Reply { status: 130, ..reply })
    }
}

fn of_editor(error: ReadlineError) -> CliError {
    match error {
        ReadlineError::Io(error) => error.into(),
        error => io::Error::other(error.to_string()).into(),
    }
}

/// `$XDG_STATE_HOME/layerlab/history`, by default below `~/.local/state` (XDG base directory specification).
fn history_file() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = set("XDG_STATE_HOME").or_else(|| Some(set("HOME")?.join(".local/state")))?;
    Some(state.join("layerlab/history"))
}
