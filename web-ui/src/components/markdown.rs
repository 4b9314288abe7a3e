//! The Markdown of lessons: headings, paragraphs, lists, fences, and inside them code, strong, emphasis and links to the
//! page's own screens. All else is text; nothing becomes markup that is not named here.

use yew::prelude::*;

/// Blocks of Markdown.
pub(crate) fn blocks(text: &str) -> Html {
    let mut parts: Vec<Html> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim().is_empty() {
            continue;
        }
        if line.starts_with("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            parts.push(html! { <pre tabindex="0"><code>{ code.join("\n") }</code></pre> });
        } else if let Some(heading) = line.strip_prefix('#') {
            parts.push(html! { <h3>{ inline(heading.trim_start_matches('#').trim()) }</h3> });
        } else if let Some(item) = line.strip_prefix("- ") {
            let mut items = vec![item.to_owned()];
            while let Some(next) = lines.next_if(|next| next.starts_with("- ") || next.starts_with("  ")) {
                match (next.strip_prefix("- "), items.last_mut()) {
                    (None, Some(last)) => *last = format!("{last} {}", next.trim()),
                    (item, _) => items.push(item.unwrap_or(next).to_owned()),
                }
            }
            parts.push(
                html! { <ul>{ for items.iter().map(|item| html! { <li>{ inline(item) }</li> }) }</ul> },
            );
        } else {
            let mut paragraph = line.to_owned();
            while let Some(next) = lines.next_if(|next| {
                !next.trim().is_empty() && !next.starts_with(['#', '`']) && !next.starts_with("- ")
            }) {
                paragraph.push(' ');
                paragraph.push_str(next.trim());
            }
            parts.push(html! { <p>{ inline(&paragraph) }</p> });
        }
    }
    parts.into_iter().collect()
}

/// Inline Markdown.
pub(crate) fn inline(text: &str) -> Html {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => html! { <>{ text }</> },
            Piece::Code(text) => html! { <code>{ text }</code> },
            Piece::Strong(text) => html! { <strong>{ text }</strong> },
            Piece::Emphasis(text) => html! { <em>{ text }</em> },
        })
        .collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Code(&'a str),
    Strong(&'a str),
    Emphasis(&'a str),
}

fn pieces<'a>(text: &'a str) -> Vec<Piece<'a>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '*']) {
        let (mark, make): (&str, fn(&'a str) -> Piece<'a>) = match &rest[at..] {
            tail if tail.starts_with('`') => ("`", Piece::Code),
            tail if tail.starts_with("**") => ("**", Piece::Strong),
            _ => ("*", Piece::Emphasis),
        };
        let inside = &rest[at + mark.len()..];
        let Some(end) = inside.find(mark).filter(|end| *end > 0) else {
            // A mark that is never closed is text.
            let next = at + mark.len();
            found.push(Piece::Text(&rest[..next]));
            rest = &rest[next..];
            continue;
        };
        if at > 0 {
            found.push(Piece::Text(&rest[..at]));
        }
        found.push(make(&inside[..end]));
        rest = &inside[end + mark.len()..];
    }
    if !rest.is_empty() {
        found.push(Piece::Text(rest));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_what_only_looks_like_them() {
        assert_eq!(
            pieces("Run `rm *` **now**, *please*."),
            [
                Piece::Text("Run "),
                Piece::Code("rm *"),
                Piece::Text(" "),
                Piece::Strong("now"),
                Piece::Text(", "),
                Piece::Emphasis("please"),
                Piece::Text("."),
            ]
        );
        assert_eq!(pieces("2 * 3"), [Piece::Text("2 *"), Piece::Text(" 3")]);
    }
}
