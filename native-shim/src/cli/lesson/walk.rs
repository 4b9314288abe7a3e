//! A lesson, gone through in a terminal: read, predict, run, do, and see why.

use std::io::{self, IsTerminal, Write};

use layerlab_core::help::Language;
use layerlab_core::lesson::{Block, Keep, Lesson, LessonLab, Predicate, Question, Tested, with_figures};
use layerlab_core::session::Journal;
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;

use super::lab::NativeLab;
use super::lang::{Lang, Words};
use crate::cli::draw::{Pen, Style};
use crate::cli::outcome::{CliError, Outcome};
use crate::cli::stack;

/// What a reader typed, or that they left.
type Typed = Option<String>;

/// A reader at a terminal.
pub(super) struct Walk<'a> {
    lab: NativeLab,
    editor: DefaultEditor,
    pen: Pen,
    words: &'static Words,
    /// The language of the lab's help.
    language: Language,
    lesson: &'a Lesson,
    /// The lesson that comes after it.
    next: Option<&'a str>,
}

impl<'a> Walk<'a> {
    /// The reader of a lesson.
    pub(super) fn new(
        lesson: &'a Lesson,
        next: Option<&'a str>,
        lang: Lang,
        lab: NativeLab,
    ) -> Result<Self, CliError> {
        let editor = DefaultEditor::new().map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self {
            lab,
            editor,
            pen: Pen::stdout(),
            words: lang.words(),
            language: lang.of_help(),
            lesson,
            next,
        })
    }

    /// What was typed since the lesson began.
    pub(super) fn journal(&mut self) -> Result<Journal, CliError> {
        Ok(self.lab.journal().map_err(io::Error::other)?)
    }

    /// Goes through the lesson; 0 if it was gone through to its end.
    pub(super) fn walk(&mut self) -> Outcome {
        let lesson = self.lesson;
        self.lab.fresh(&lesson.start).map_err(io::Error::other)?;
        let head = self.words.head.replace("{}", &lesson.minutes.to_string());
        let title = self.pen.styled(Style::Strong, &lesson.title);
        let (summary, head) = (self.pen.markdown(&lesson.summary), self.pen.styled(Style::Faint, &head));
        say(&format!("{title}\n{summary}{head}\n\n"))?;
        let mut question: Option<(&Question, usize)> = None;
        for (at, block) in lesson.blocks.iter().enumerate() {
            match block {
                Block::Prose(text) => say(&format!("{}\n", self.pen.markdown(text)))?,
                Block::Predict(asked) => {
                    let Some(choice) = self.predict(asked)? else { return Ok(1) };
                    question = Some((asked, choice));
                }
                Block::Console(exchanges) => {
                    for exchange in exchanges {
                        if !self.run_along(&exchange.line)? {
                            return Ok(1);
                        }
                    }
                    say("\n")?;
                    self.grade(question.take())?;
                }
                Block::Check(predicates) => {
                    if !self.solve(predicates, &lesson.blocks[at + 1..])? {
                        return Ok(1);
                    }
                    self.grade(question.take())?;
                }
                Block::Explain(text) => {
                    let text = with_figures(text, &mut self.lab).map_err(io::Error::other)?;
                    say(&format!("{}\n", self.pen.markdown(&text)))?;
                }
                Block::Keep(kept) => self.keep(kept)?,
                Block::Hint(_) | Block::Solution(_) | Block::Wrong(_) => {}
            }
        }
        let next = self.next.map(|next| format!("{}\n", self.words.next.replace("{}", next)));
        say(&format!("{}\n{}", self.words.end, next.unwrap_or_default()))?;
        Ok(0)
    }

    fn predict(&mut self, question: &Question) -> Result<Option<usize>, CliError> {
        let mut text = format!("? {}\n", self.pen.inline(&question.text, 2));
        for (n, choice) in question.choices.iter().enumerate() {
            text.push_str(&format!("  {}) {}\n", n + 1, self.pen.inline(&choice.text, 5)));
        }
        say(&text)?;
        loop {
            let Some(answer) = self.typed(self.words.guess)? else { return Ok(None) };
            match answer.trim().parse::<usize>() {
                Ok(n) if (1..=question.choices.len()).contains(&n) => return Ok(Some(n - 1)),
                _ if self.command(answer.trim())? => {}
                _ => say(&format!(
                    "{}\n",
                    self.words.number.replace("{}", &question.choices.len().to_string())
                ))?,
            }
        }
    }

    /// Offers a line until the reader has run it; what they type themselves is run too. False if they leave.
    fn run_along(&mut self, line: &str) -> Result<bool, CliError> {
        loop {
            let offered = format!("{}{}", self.lab.prompt(), self.pen.styled(Style::Code, line));
            // The editor counts the columns of its prompt: the line stands above, the prompt asks.
            say(&format!("{offered}\n"))?;
            let Some(typed) = self.typed(self.words.enter)? else { return Ok(false) };
            let typed = typed.trim();
            if typed.is_empty() || typed == line {
                say(&self.lab.run(line).map_err(io::Error::other)?)?;
                return Ok(true);
            }
            if !self.command(typed)? {
                self.run_own(typed)?;
            }
        }
    }

    /// Shows the choice that is right by the state of the lab.
    fn grade(&mut self, question: Option<(&Question, usize)>) -> Result<(), CliError> {
        let Some((question, taken)) = question else { return Ok(()) };
        let tested = self.lab.test(&question.tests()).map_err(io::Error::other)?;
        let statuses: Vec<u8> = tested.iter().map(|tested| tested.status).collect();
        for n in question.right(&statuses) {
            let text = self.pen.inline(&question.choices[n].text, 2);
            let why = question.choices[taken].why.as_ref().filter(|_| n != taken);
            let (style, word) =
                if n == taken { (Style::Good, self.words.right) } else { (Style::Bad, self.words.not_so) };
            let why = why.map(|why| format!("{}\n", self.pen.inline(why, 0)));
            say(&format!("{}: {text}\n{}\n", self.pen.styled(style, word), why.unwrap_or_default()))?;
        }
        Ok(())
    }

    /// The learner works until every predicate is true; false if they leave.
    fn solve(&mut self, predicates: &[Predicate], after: &[Block]) -> Result<bool, CliError> {
        let after = || after.iter().take_while(|block| !matches!(block, Block::Check(_)));
        let hints =
            after().filter_map(|block| if let Block::Hint(tiers) = block { Some(tiers) } else { None });
        let mut hints = hints.flatten();
        let solution = after().find_map(|b| if let Block::Solution(lines) = b { Some(lines) } else { None });
        let par = self.lesson.par;
        let par = if par > 0 { self.words.par.replace("{}", &par.to_string()) } else { String::new() };
        say(&format!("{} {par}\n", self.words.task))?;
        let lines: Vec<String> = predicates.iter().map(|predicate| predicate.line.clone()).collect();
        let mut shown: Vec<bool> = Vec::new();
        let mut typed_lines = 0;
        loop {
            let tested = self.lab.test(&lines).map_err(io::Error::other)?;
            let marks: Vec<bool> = tested.iter().map(|tested: &Tested| tested.status == 0).collect();
            if marks != shown {
                self.marks(predicates, &marks)?;
                if shown.is_empty() {
                    say(&format!("{}\n", self.pen.styled(Style::Faint, self.words.commands)))?;
                }
                shown.clone_from(&marks);
            }
            if marks.iter().all(|mark| *mark) {
                let solved = self.words.solved.replace("{}", &typed_lines.to_string());
                say(&format!("{}\n\n", self.pen.styled(Style::Good, &solved)))?;
                return Ok(true);
            }
            let prompt = self.lab.prompt().to_owned();
            let Some(line) = self.typed(&prompt)? else { return Ok(false) };
            match line.trim() {
                ":hint" => match hints.next() {
                    Some(hint) => say(&format!("{}\n", self.pen.inline(hint, 0)))?,
                    None => say(&format!("{}\n", self.words.no_hint))?,
                },
                ":solution" => {
                    let lines = solution.into_iter().flatten();
                    let lines = lines.map(|line| format!("  {}\n", self.pen.styled(Style::Code, line)));
                    say(&lines.collect::<String>())?;
                }
                ":check" => {
                    self.marks(predicates, &marks)?;
                    if let Some(first) = marks.iter().position(|mark| !mark) {
                        let message = with_figures(&predicates[first].message, &mut self.lab);
                        let message = message.map_err(io::Error::other)?;
                        say(&format!("{}\n", self.pen.inline(&message, 0)))?;
                    }
                }
                command if self.command(command)? => {}
                _ => {
                    typed_lines += 1;
                    self.run_own(&line)?;
                }
            }
        }
    }

    /// Runs what the reader typed, and says what helps after a mistake.
    fn run_own(&mut self, line: &str) -> Result<(), CliError> {
        let shown = self.lab.run(line).map_err(io::Error::other)?;
        let advice = self.lab.advice(self.language);
        say(&shown)?;
        advice.lines().try_for_each(|line| say(&format!("{}\n", self.pen.styled(Style::Emphasis, line))))
    }

    /// Each goal with its mark.
    fn marks(&self, predicates: &[Predicate], marks: &[bool]) -> Result<(), CliError> {
        for (predicate, reached) in predicates.iter().zip(marks) {
            let (mark, style) = if *reached { ("✓", Style::Good) } else { ("·", Style::Plain) };
            let goal = if predicate.goal.is_empty() { &predicate.name } else { &predicate.goal };
            say(&format!("  {} {}\n", self.pen.styled(style, mark), self.pen.inline(goal, 4)))?;
        }
        Ok(())
    }

    /// Does one of the lesson's own commands; false if it is none.
    fn command(&mut self, typed: &str) -> Result<bool, CliError> {
        let (command, name) = typed.split_once(' ').unwrap_or((typed, ""));
        let done = match command {
            ":help" => Ok(format!("{}\n", self.words.commands)),
            ":undo" => self.lab.undo().map(|()| String::new()),
            ":stack" => {
                let name = Some(name.trim()).filter(|name| !name.is_empty());
                self.lab.screen(name).map(|screen| stack::stack(&screen, self.pen))
            }
            _ => return Ok(false),
        };
        say(&done.unwrap_or_else(|why| format!("{why}\n")))?;
        Ok(true)
    }

    fn keep(&self, kept: &Keep) -> Result<(), CliError> {
        let head = self.pen.styled(Style::Strong, self.words.keep);
        let lines = kept.lines.iter().map(|line| format!("  {}\n", self.pen.styled(Style::Code, line)));
        say(&format!("{head} {}\n{}\n", self.pen.inline(&kept.text, 0), lines.collect::<String>()))
    }

    /// A line; none at the end of the input. Ctrl-C gives up the line, as in the lab's shell.
    fn typed(&mut self, prompt: &str) -> Result<Typed, CliError> {
        if !io::stdin().is_terminal() {
            // The editor shows its prompt on a terminal only.
            say(&format!("{prompt}\n"))?;
        }
        loop {
            match self.editor.readline(prompt) {
                Ok(line) => {
                    let _ = self.editor.add_history_entry(&line);
                    return Ok(Some(line));
                }
                Err(ReadlineError::Interrupted) => self.lab.interrupt().map_err(io::Error::other)?,
                Err(ReadlineError::Eof) => return Ok(None),
                Err(error) => return Err(io::Error::other(error.to_string()).into()),
            }
        }
    }
}

fn say(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}
