//! `layerlab lesson show`: a page to read, without what is right: no predicates, reasons, outputs, solutions or
//! explanations. And the myths, with what was found.

use layerlab_core::lesson::{Block, Lesson, Myths, Verdict};

use super::lang::Lang;
use crate::cli::draw::{Pen, Style};

/// The lesson as text.
pub(super) fn page(lesson: &Lesson, lang: Lang, pen: Pen) -> String {
    let title = pen.styled(Style::Strong, &format!("# {}", lesson.title));
    let mut out = format!("{title}\n\n{}", pen.markdown(&lesson.summary));
    for block in &lesson.blocks {
        let text = match block {
            Block::Prose(text) => pen.markdown(text),
            Block::Predict(question) => {
                let mut text = format!("? {}\n", pen.inline(&question.text, 2));
                for (n, choice) in question.choices.iter().enumerate() {
                    text.push_str(&format!("  {}) {}\n", n + 1, pen.inline(&choice.text, 5)));
                }
                text
            }
            Block::Console(exchanges) => exchanges.iter().fold(String::new(), |text, exchange| {
                text + "    " + &pen.styled(Style::Code, &format!("$ {}", exchange.line)) + "\n"
            }),
            Block::Check(predicates) => {
                let goals = predicates.iter().map(|p| format!("  [ ] {}\n", pen.inline(&p.goal, 6)));
                format!("{}\n{}", lang.words().task, goals.collect::<String>())
            }
            Block::Hint(_) | Block::Solution(_) | Block::Wrong(_) | Block::Explain(_) | Block::Keep(_) => {
                continue;
            }
        };
        out.push_str(&format!("\n{text}"));
    }
    out
}

/// The claims, each with the verdict, what is so instead, the lines that decide it and its lesson.
pub(super) fn myths(myths: &Myths, lang: Lang, pen: Pen) -> String {
    let words = lang.words();
    let mut out = String::new();
    for myth in &myths.myths {
        let (Some(claim), Some(answer)) = (myth.claim.get(lang.tag()), myth.answer.get(lang.tag())) else {
            continue;
        };
        let (verdict, style) = match myth.verdict {
            Verdict::False => (words.wrong, Style::Bad),
            Verdict::MostlyFalse => (words.mostly_wrong, Style::Bad),
            Verdict::Half => (words.half, Style::Code),
            Verdict::Depends => (words.depends, Style::Code),
        };
        out.push_str(&format!("{}\n", pen.inline(claim, 0)));
        out.push_str(&format!("  {}: {}\n", pen.styled(style, verdict), pen.inline(answer, 2)));
        for line in myth.lines.iter().chain([&myth.holds]) {
            out.push_str(&format!("    {}\n", pen.styled(Style::Faint, line)));
        }
        out.push_str(&format!("  layerlab lesson run {}\n\n", myth.lesson));
    }
    out
}
