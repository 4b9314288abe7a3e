//! `layerlab lesson show`: a page to read, without what is right: no predicates, reasons, outputs, solutions or
//! explanations.

use layerlab_core::lesson::{Block, Lesson};

use super::draw::{Pen, Style};
use super::lang::Lang;

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
