//! A lesson, gone through in a terminal: read, predict, run, do.

use std::io::{self, IsTerminal, Write};

use layerlab_core::lesson::{Block, Desk, Lesson, Predicate, Question, failing};
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;

use super::desk::LabDesk;
use crate::cli::outcome::{CliError, Outcome};

/// What a reader typed, or that they left.
type Typed = Option<String>;

/// Goes through the lesson; 0 if it was gone through to its end.
pub(super) fn walk(lesson: &Lesson, desk: &mut LabDesk) -> Outcome {
    let mut editor = DefaultEditor::new().map_err(|error| io::Error::other(error.to_string()))?;
    let mut out = io::stdout();
    desk.fresh(&lesson.start).map_err(io::Error::other)?;
    writeln!(out, "{}\n{}\n", lesson.title, lesson.summary)?;
    let mut question: Option<(&Question, usize)> = None;
    for (at, block) in lesson.blocks.iter().enumerate() {
        match block {
            Block::Prose(text) => writeln!(out, "{}\n", text.trim())?,
            Block::Predict(asked) => {
                let Some(choice) = predict(asked, &mut editor)? else { return Ok(1) };
                question = Some((asked, choice));
            }
            Block::Console(exchanges) => {
                for exchange in exchanges {
                    let line = format!("{}{}", desk.prompt(), exchange.line);
                    if !io::stdin().is_terminal() {
                        // The editor shows its prompt on a terminal only.
                        writeln!(out, "{line}")?;
                    }
                    if typed(&mut editor, &format!("{line}   [Enter runs it] "))?.is_none() {
                        return Ok(1);
                    }
                    write!(out, "{}", desk.run(&exchange.line).map_err(io::Error::other)?)?;
                }
                writeln!(out)?;
                if let Some((asked, choice)) = question.take() {
                    grade(asked, choice, desk)?;
                }
            }
            Block::Check(predicates) => {
                if !solve(predicates, &lesson.blocks[at + 1..], desk, &mut editor)? {
                    return Ok(1);
                }
            }
            Block::Hint(_) | Block::Solution(_) | Block::Wrong(_) => {}
        }
    }
    writeln!(out, "That is the end of the lesson.")?;
    Ok(0)
}

fn predict(question: &Question, editor: &mut DefaultEditor) -> Result<Option<usize>, CliError> {
    let mut out = io::stdout();
    writeln!(out, "? {}", question.text)?;
    for (n, choice) in question.choices.iter().enumerate() {
        writeln!(out, "  {}) {}", n + 1, choice.text)?;
    }
    loop {
        let Some(answer) = typed(editor, "your guess: ")? else { return Ok(None) };
        match answer.trim().parse::<usize>() {
            Ok(n) if (1..=question.choices.len()).contains(&n) => return Ok(Some(n - 1)),
            _ => writeln!(out, "a number from 1 to {}, or Ctrl-D to leave", question.choices.len())?,
        }
    }
}

/// The machine says which choice is right now.
fn grade(question: &Question, choice: usize, desk: &mut LabDesk) -> Result<(), CliError> {
    let mut out = io::stdout();
    for (n, answer) in question.choices.iter().enumerate() {
        let Some(line) = &answer.line else { continue };
        if desk.test(std::slice::from_ref(line)).map_err(io::Error::other)? == [0] {
            let word = if n == choice { "Right" } else { "Not so" };
            writeln!(out, "{word}: {}\n", answer.text)?;
        }
    }
    Ok(())
}

/// The learner works until every predicate is true; false if they leave.
fn solve(
    predicates: &[Predicate],
    after: &[Block],
    desk: &mut LabDesk,
    editor: &mut DefaultEditor,
) -> Result<bool, CliError> {
    let mut out = io::stdout();
    let after = || after.iter().take_while(|block| !matches!(block, Block::Check(_)));
    let mut hints =
        after().filter_map(|block| if let Block::Hint(tiers) = block { Some(tiers) } else { None }).flatten();
    let solution =
        after().find_map(|block| if let Block::Solution(lines) = block { Some(lines) } else { None });
    writeln!(out, "(:hint, :solution, :check; Ctrl-D leaves)")?;
    loop {
        let Some(line) = typed(editor, desk.prompt())? else { return Ok(false) };
        match line.trim() {
            ":hint" => match hints.next() {
                Some(hint) => writeln!(out, "{hint}")?,
                None => writeln!(out, "there is no further hint; :solution shows one way")?,
            },
            ":solution" => {
                solution.into_iter().flatten().try_for_each(|line| writeln!(out, "  {line}"))?;
            }
            command => {
                if command != ":check" {
                    write!(out, "{}", desk.run(&line).map_err(io::Error::other)?)?;
                }
                let failed = failing(predicates, desk).map_err(io::Error::other)?;
                if failed.is_empty() {
                    writeln!(
                        out,
                        "Done: {}\n",
                        predicates.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ")
                    )?;
                    return Ok(true);
                }
                if command == ":check" {
                    failed.iter().try_for_each(|predicate| writeln!(out, "{}", predicate.message))?;
                }
            }
        }
    }
}

fn typed(editor: &mut DefaultEditor, prompt: &str) -> Result<Typed, CliError> {
    match editor.readline(prompt) {
        Ok(line) => Ok(Some(line)),
        Err(ReadlineError::Eof | ReadlineError::Interrupted) => Ok(None),
        Err(error) => Err(io::Error::other(error.to_string()).into()),
    }
}
