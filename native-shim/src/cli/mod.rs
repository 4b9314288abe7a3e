//! The command line: one file a subcommand, one table of arguments feeding parsing, help, completion and the man page.

mod advice;
mod both;
mod calls;
mod complete;
mod doctor;
mod draw;
mod edit;
mod export;
mod figures;
mod image;
mod lesson;
mod limits;
mod mdbook;
mod outcome;
mod registry;
mod replay;
mod run;
mod screen;
mod serve;
mod session;
mod shell;
mod stack;
mod text;
mod verify;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::host::serve_child;

pub(crate) use outcome::{CliError, On, Outcome};

const EXAMPLES: &str = "\
Examples:
  layerlab run -c 'docker run --name web -d nginx' -c 'docker exec web rm /etc/nginx/nginx.conf' -c 'docker diff web'
  layerlab run --on host --copy-in image.tar:/tmp/image.tar -c 'docker load -i /tmp/image.tar'
  layerlab shell
  layerlab replay --on host traces/*.jsonl

Exit status: 0 done, 1 what was asked failed or differs, 2 the command line is wrong.";

/// A laboratory for container image layers: a true model of them, and your own kernel beside it
#[derive(Debug, Parser)]
#[command(name = "layerlab", version, after_help = EXAMPLES, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Shell(shell::Shell),
    Image(Box<image::Image>),
    Drivers(figures::Drivers),
    Layers(figures::Layers),
    Pull(registry::Pull),
    Push(registry::Push),
    Login(registry::Login),
    Lesson(lesson::LessonArgs),
    Doctor(doctor::Doctor),
    Export(export::Export),
    Limits(limits::LimitsArgs),
    Replay(replay::Replay),
    Verify(verify::Verify),
    Serve(serve::Serve),
    #[command(name = "mdbook")]
    MdBook(mdbook::MdBook),
    Completions(complete::Completions),
    Man(complete::Man),
    /// For layerlab itself: the process that holds a host session
    #[command(hide = true)]
    HostChild,
}

/// Runs the command line of the process.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Run(args) => args.run(),
        Command::Shell(args) => args.run(),
        Command::Drivers(args) => args.run(),
        Command::Layers(args) => args.run(),
        Command::Lesson(args) => args.run(),
        Command::Doctor(args) => args.run(),
        Command::Export(args) => args.run(),
        Command::Limits(args) => args.run(),
        Command::Replay(args) => args.run(),
        Command::Verify(args) => args.run(),
        Command::Serve(args) => args.run(),
        Command::MdBook(args) => args.run(),
        Command::Image(args) => args.run(),
        Command::Pull(args) => args.run(),
        Command::Push(args) => args.run(),
        Command::Login(args) => args.run(),
        Command::Completions(args) => args.run(Cli::command()),
        Command::Man(args) => args.run(Cli::command()),
        Command::HostChild => serve_child().map(|()| 0).map_err(CliError::Io),
    };
    match outcome {
        Ok(status) => status.into(),
        // Whoever read the output has seen enough (`layerlab … | head`).
        Err(CliError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // A message may hold a name out of an image.
            let lines: Vec<String> =
                error.to_string().lines().map(|line| text::visible(text::plain(line).as_bytes())).collect();
            let _ = writeln!(io::stderr(), "layerlab: {}", lines.join("\n"));
            if matches!(error, CliError::Usage(_)) { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}
