//! What the terminal has printed.

use std::rc::Rc;

use layerlab_core::help::{self, Help};
use layerlab_core::program::Stream;
use yew::prelude::*;

use crate::state::{Block, Note, Transcript};
use crate::text::{Text, use_text};
use crate::visible;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct PrintedProps {
    /// The terminal's contents.
    pub(crate) transcript: Transcript,
}

/// All blocks that are seen.
#[component]
pub(crate) fn Printed(props: &PrintedProps) -> Html {
    props
        .transcript
        .seen()
        .map(|block| html! { <Lines key={block.key} block={Rc::clone(block)} /> })
        .collect()
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct LinesProps {
    block: Rc<Block>,
}

#[component]
fn Lines(props: &LinesProps) -> Html {
    let text = use_text();
    let block = &props.block;
    html! {
        <div class="block">
            if !block.prompt.is_empty() {
                <p class="line"><span class="p">{ &block.prompt }</span><span class="c">{ &block.line }</span></p>
            }
            { for block.pieces.iter().map(|(stream, piece)| printed(*stream, piece)) }
            { for block.help.iter().map(|help| advised(help, &text)) }
            if let Some(note) = &block.note {
                { noted(note, &text) }
            }
        </div>
    }
}

/// Output in lines, so that docker diff's letters and the lab's own help can be set apart.
fn printed(stream: Stream, piece: &str) -> Html {
    let error = (stream == Stream::Stderr).then_some("err");
    piece
        .split_inclusive('\n')
        .map(|line| {
            let class = match line.as_bytes() {
                [letter @ (b'A' | b'C' | b'D'), b' ', b'/', ..] => {
                    let class = format!("letter {}", char::from(*letter));
                    return html! { <p class="line"><span {class}>{ &line[..1] }</span>{ &line[1..] }</p> };
                }
                _ if line.starts_with("Layerlab: ") => Some("help"),
                _ => error,
            };
            html! { <p class={classes!("line", class)}>{ line }</p> }
        })
        .collect()
}

/// Advice after a mistake, in the page's language.
fn advised(advice: &Help, text: &Text) -> Html {
    let language = help::Language::of(text.language.tag());
    let sentence = visible::line(help::text(language, advice).as_bytes());
    html! { <p class="line help" data-help={advice.id.id()}>{ format!("Layerlab: {sentence}") }</p> }
}

fn noted(note: &Note, text: &Text) -> Html {
    match note {
        Note::GaveUp => html! { <p class="line">{ "^C" }</p> },
        Note::Words(words) => {
            html! { <p class="line words">{ for words.iter().map(|word| html! { <span>{ word }</span> }) }</p> }
        }
        Note::Died(message) => html! {
            <p class="line help" role="alert">{ text.with("term.died", &[("message", message)]) }</p>
        },
        Note::Refused(message) => html! { <p class="line help">{ format!("Layerlab: {message}") }</p> },
        Note::Start(lines) => html! {
            <>
                <p class="line help">{ text.get("term.start") }</p>
                { for lines.iter().map(|line| html! { <p class="line"><span class="p">{ "$ " }</span>{ line }</p> }) }
            </>
        },
    }
}
