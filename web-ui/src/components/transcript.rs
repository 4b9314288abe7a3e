//! What the terminal has printed.

use std::collections::BTreeMap;
use std::rc::Rc;

use layerlab_core::help::{self, Help};
use layerlab_core::program::Stream;
use yew::prelude::*;

use super::units::bytes;
use crate::state::{Block, Note, Transcript};
use crate::text::{Text, use_text};
use crate::visible;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct PrintedProps {
    /// The terminal's contents.
    pub(crate) transcript: Transcript,
}

/// How many lines the log holds: older ones are left out, and that is said.
const LINES_MAX: usize = 2_000;
/// How many lines of a long output are drawn together.
const PIECE: usize = 100;

/// The newest blocks that are seen.
#[component]
pub(crate) fn Printed(props: &PrintedProps) -> Html {
    let text = use_text();
    let seen: Vec<&Rc<Block>> = props.transcript.seen().collect();
    let mut room = LINES_MAX;
    let mut shown = Vec::new();
    for block in seen.iter().rev() {
        let lines = block.lines();
        shown.push((*block, lines.saturating_sub(room)));
        room = room.saturating_sub(lines);
        if room == 0 {
            break;
        }
    }
    let cut = shown.len() < seen.len() || shown.last().is_some_and(|(_, skip)| *skip > 0);
    html! {
        <>
            if cut { <div class="line wait">{ text.with("term.older", &[("n", &LINES_MAX)]) }</div> }
            { for shown.into_iter().rev().map(|(block, skip)| html! { <Lines key={block.key} block={Rc::clone(block)} {skip} /> }) }
        </>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct LinesProps {
    block: Rc<Block>,
    /// So many of its first lines are left out.
    skip: usize,
}

#[component]
fn Lines(props: &LinesProps) -> Html {
    let text = use_text();
    let block = &props.block;
    html! {
        <div class="block">
            if !block.prompt.is_empty() {
                <div class="line"><span class="p">{ &block.prompt }</span><span class="c">{ &block.line }</span></div>
            }
            { printed(block, props.skip, &text) }
            { for block.help.iter().map(|help| advised(help, &text)) }
            if let Some(note) = &block.note {
                { noted(note, &text) }
            }
        </div>
    }
}

/// Output in lines, so that docker diff's letters and the lab's own help can be set apart. Many lines come in pieces of which
/// only those that are new or changed are drawn anew, and only those in sight are laid out.
fn printed(block: &Block, skip: usize, text: &Text) -> Html {
    let language = help::Language::of(text.language.tag());
    let lines = block
        .pieces
        .iter()
        .flat_map(|(stream, piece)| piece.split_inclusive('\n').map(|line| (*stream, line)));
    let lines = redrawn(lines.collect());
    if lines.len() <= PIECE {
        return lines.into_iter().skip(skip).map(|(stream, line)| one(stream, line, language)).collect();
    }
    let pieces = lines.chunks(PIECE).enumerate().skip(skip / PIECE);
    let pieces = pieces.map(|(at, piece)| {
        let hidden = skip.saturating_sub(at * PIECE);
        let lines: Vec<(Stream, String)> =
            piece.iter().skip(hidden).map(|(stream, line)| (*stream, (*line).to_owned())).collect();
        html! { <Piece key={at} {lines} {language} /> }
    });
    pieces.collect()
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct PieceProps {
    lines: Vec<(Stream, String)>,
    language: help::Language,
}

/// Lines that are drawn together.
#[component]
fn Piece(props: &PieceProps) -> Html {
    html! { <div class="piece">{ for props.lines.iter().map(|(stream, line)| one(*stream, line, props.language)) }</div> }
}

fn one(stream: Stream, line: &str, language: help::Language) -> Html {
    let line = line.strip_suffix('\n').unwrap_or(line);
    if line.is_empty() {
        // So that it is a line for whoever copies the output too.
        return html! { <div class="line"><br /></div> };
    }
    if line.starts_with(help::MARK) {
        return html! { <div class="line help">{ help::line(language, line).into_owned() }</div> };
    }
    let class = match line.as_bytes() {
        [letter @ (b'A' | b'C' | b'D'), b' ', b'/', ..] => {
            let class = format!("letter {}", char::from(*letter));
            return html! { <div class="line"><span {class}>{ &line[..1] }</span>{ &line[1..] }</div> };
        }
        _ if stream == Stream::Stderr && !is_progress(line) => Some("err"),
        _ => None,
    };
    html! { <div class={classes!("line", class)}>{ line }</div> }
}

/// A pull says of each layer how far it is, in one line that is written over: only what it said last is seen.
fn redrawn(lines: Vec<(Stream, &str)>) -> Vec<(Stream, &str)> {
    let mut out: Vec<(Stream, &str)> = Vec::with_capacity(lines.len());
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (stream, line) in lines {
        match layer_of(line).map(|id| (id, places.get(id).copied())) {
            Some((_, Some(at))) => out[at] = (stream, line),
            Some((id, None)) => {
                places.insert(id, out.len());
                out.push((stream, line));
            }
            None => out.push((stream, line)),
        }
    }
    out
}

/// The layer that a line of a pull's or a push's progress is about: `1d588320a466: Pull complete`.
fn layer_of(line: &str) -> Option<&str> {
    let (id, _) = line.split_once(": ")?;
    (id.len() == 12 && id.bytes().all(|b| b.is_ascii_hexdigit())).then_some(id)
}

/// What `docker run` says on standard error while it pulls is no error, nor is what BuildKit says of its steps.
fn is_progress(line: &str) -> bool {
    let is_step = line.starts_with("[+] Building ")
        || [" => ", "#"].iter().any(|mark| line.starts_with(mark)) && !line.contains(" ERROR");
    let starts = ["Unable to find image ", "Digest: sha256:", "Status: "];
    is_step
        || layer_of(line).is_some()
        || line.contains(": Pulling from ")
        || starts.iter().any(|start| line.starts_with(start))
}

/// Advice after a mistake, in the page's language.
fn advised(advice: &Help, text: &Text) -> Html {
    let language = help::Language::of(text.language.tag());
    let sentence = visible::line(help::text(language, advice).as_bytes());
    html! { <div class="line help" data-help={advice.id.id()}>{ format!("Layerlab: {sentence}") }</div> }
}

fn noted(note: &Note, text: &Text) -> Html {
    match note {
        Note::GaveUp => html! { <div class="line">{ "^C" }</div> },
        Note::Words(words) => {
            html! { <div class="line words">{ for words.iter().map(|word| html! { <span>{ word }</span> }) }</div> }
        }
        Note::Died(message) => html! {
            <div class="line help" role="alert">{ text.with("term.died", &[("message", message)]) }</div>
        },
        Note::Refused(message) => {
            let language = help::Language::of(text.language.tag());
            let said = format!("{}{message}", help::MARK);
            html! { <div class="line help">{ help::line(language, &said).into_owned() }</div> }
        }
        Note::Differs(then) => html! {
            <>
                <div class="line help">{ text.get(if then.is_empty() { "term.differs" } else { "term.differs-then" }) }</div>
                { for then.lines().map(|line| html! { <div class="line wait">{ line }</div> }) }
            </>
        },
        Note::Came(path, size) => html! {
            <div class="line help">{ text.with("term.came", &[("path", path), ("size", &bytes(*size))]) }</div>
        },
        Note::Unchanged => html! { <div class="line help">{ text.get("edit.unchanged") }</div> },
        Note::Start(lines) => html! {
            <>
                <div class="line help">{ text.get("term.start") }</div>
                { for lines.iter().map(|line| html! { <div class="line"><span class="p">{ "$ " }</span>{ line }</div> }) }
            </>
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_written_over() {
        let lines = [
            "latest: Pulling from x\n",
            "1d588320a466: Pulling fs layer\n",
            "2d588320a466: Pulling fs layer\n",
            "1d588320a466: Pull complete\n",
            "Status: done\n",
        ];
        let told: Vec<&str> = redrawn(lines.map(|line| (Stream::Stdout, line)).to_vec())
            .into_iter()
            .map(|(_, line)| line)
            .collect();
        assert_eq!(told, [lines[0], lines[3], lines[2], lines[4]]);
        assert!(lines.iter().all(|line| is_progress(line)));
        assert!(!is_progress("Error: no such object: x\n"));
        assert!(
            [" => [2/3] RUN a", " => CACHED [1/3] FROM b", "#5 DONE 0.0s"]
                .iter()
                .all(|line| is_progress(line))
        );
        assert!(![" => ERROR [3/3] COPY b /b", "#6 ERROR: x"].iter().any(|line| is_progress(line)));
    }
}
