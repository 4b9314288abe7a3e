//! A lesson as a page to read: its front matter a heading, its fences what they mean. What is right stays folded.

/// The words of a language that are not the lesson's own.
struct Words {
    question: &'static str,
    task: &'static str,
    hints: &'static str,
    solution: &'static str,
    why: &'static str,
    keep: &'static str,
    run: &'static str,
}

const EN: Words = Words {
    question: "Predict",
    task: "Your task",
    hints: "Hints",
    solution: "A solution",
    why: "Why it is so",
    keep: "To keep",
    run: "Take it in the lab",
};
const ZH: Words = Words {
    question: "预测",
    task: "任务",
    hints: "提示",
    solution: "一种解法",
    why: "为什么",
    keep: "记住",
    run: "在实验室里做",
};

/// The page of a lesson's text.
pub(crate) fn lesson(text: &str) -> String {
    let mut lines = text.lines().skip(1);
    let mut head: Vec<(&str, &str)> = Vec::new();
    for line in lines.by_ref().take_while(|line| *line != "---") {
        head.extend(line.split_once(": ").filter(|_| !line.starts_with(' ')));
    }
    let value = |key: &str| head.iter().find(|(known, _)| *known == key).map_or("", |(_, value)| *value);
    let words = if value("title").is_ascii() && value("summary").chars().all(|c| u32::from(c) < 0x2e80) {
        EN
    } else {
        ZH
    };
    let mut out = format!(
        "# {}\n\n{}\n\n{}: `layerlab lesson run {}`\n\n",
        value("title"),
        value("summary"),
        words.run,
        value("id")
    );
    let mut block: Option<(&str, Vec<&str>)> = None;
    for line in lines {
        match &mut block {
            Some((kind, body)) if line == "```" => {
                out += &drawn(kind, body, &words);
                block = None;
            }
            Some((_, body)) => body.push(line),
            None => match line.strip_prefix("```").filter(|kind| !kind.is_empty()) {
                Some(kind) => block = Some((kind, Vec::new())),
                None => out += &format!("{line}\n"),
            },
        }
    }
    out
}

/// A fence as the reader sees it.
fn drawn(kind: &str, body: &[&str], words: &Words) -> String {
    let code = |lines: &[&str]| format!("```console\n{}\n```\n", lines.join("\n"));
    let folded =
        |title: &str, text: &str| format!("<details><summary>{title}</summary>\n\n{text}\n</details>\n");
    match kind {
        "predict" => {
            let mut lines = body.iter();
            let mut text = format!("**{}.** {}\n\n", words.question, lines.next().unwrap_or(&""));
            // The predicate of a choice, and why another is wrong, are not told.
            for line in lines.filter(|line| line.starts_with("- ")) {
                text += &format!("{line}\n");
            }
            text
        }
        "check" => {
            let goals = body.iter().filter_map(|line| line.strip_prefix("+ "));
            goals.fold(format!("**{}.**\n\n", words.task), |text, goal| text + "- " + goal + "\n")
        }
        "hint" => folded(words.hints, &body.join("\n")),
        "solution" => folded(words.solution, &code(body)),
        // Figures are a learner's own: a page has none.
        "explain" => {
            folded(words.why, &body.iter().map(|line| without_figures(line)).collect::<Vec<_>>().join("\n"))
        }
        "keep" => {
            let (lines, text): (Vec<&str>, Vec<&str>) = body.iter().partition(|line| line.starts_with("$ "));
            format!("**{}.** {}\n\n{}", words.keep, text.join("\n"), code(&lines))
        }
        "wrong" => String::new(),
        _ => code(body),
    }
}

/// A sentence with an ellipsis for each `$(…)`, which stands for a number of the learner's.
fn without_figures(line: &str) -> String {
    let (mut out, mut rest) = (String::new(), line);
    while let Some(at) = rest.find("$(") {
        out += &rest[..at];
        out.push('…');
        let mut depth = 0;
        let end = rest[at..].char_indices().find(|(_, c)| {
            depth += i32::from(*c == '(') - i32::from(*c == ')');
            *c == ')' && depth == 0
        });
        rest = end.map_or("", |(end, _)| &rest[at + end + 1..]);
    }
    out + rest
}

/// A page of the book whose contents lead from its own folder; mdBook writes them for the top. The page itself is marked.
pub(crate) fn with_contents(html: &str, to_top: &str, here: &str) -> String {
    let parts = html.split_once("<nav").and_then(|(before, rest)| Some((before, rest.split_once("</nav>")?)));
    let Some((before, (nav, after))) = parts else { return html.to_owned() };
    let nav = nav.replace(&format!("<a href=\"{here}\""), "<a aria-current=\"page\" href=\"#content\"");
    let nav = nav.replace("<a href=\"", &format!("<a href=\"{to_top}"));
    format!("{before}<nav{nav}</nav>{after}")
}

/// The files of the book that a page links to, without their parts.
pub(crate) fn links(html: &str) -> Vec<String> {
    let targets = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    // The lab with lines to run (`../?run=…`) is the page beside the book.
    let is_lab = |to: &str| to.contains("/?");
    let own = targets.filter(|to| {
        !to.contains("://") && !to.starts_with('#') && !to.starts_with("mailto:") && !is_lab(to)
    });
    own.map(|to| to.split('#').next().unwrap_or_default().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::{lesson, links, with_contents, without_figures};

    #[test]
    fn contents_lead_from_the_pages_folder() {
        let html = "<a href=\"x.html\">x</a><nav><a href=\"a/b.html\">b</a><a href=\"a/c.html\">c</a></nav>";
        let page = with_contents(html, "../", "a/c.html");
        assert_eq!(links(&page), ["x.html", "../a/b.html"]);
        assert!(page.contains("<a aria-current=\"page\" href=\"#content\">c</a>"), "{page}");
    }

    #[test]
    fn a_lesson_is_drawn_without_what_is_right() {
        let page = lesson(
            "---\nid: x\ntitle: T\nsummary: S.\nstart:\n  - a\n---\nProse.\n\n```predict\nQ?\n- one\n! no\n- two\n= true\n```\n\
             ```check\na: test\n+ goal\n! bad\n```\n```wrong\nz\n! a\n```\n```solution\ndo it\n```\n",
        );
        for part in [
            "# T\n\nS.",
            "run x`",
            "**Predict.** Q?\n\n- one\n- two\n",
            "- goal\n",
            "<summary>A solution</summary>",
        ] {
            assert!(page.contains(part), "{part} is not in {page}");
        }
        for hidden in ["= true", "! no", "a: test", "! bad", "\nz\n", "start:"] {
            assert!(!page.contains(hidden), "{hidden} is in {page}");
        }
    }

    #[test]
    fn figures_are_left_out() {
        assert_eq!(
            without_figures("It has $(a $(b) c) bytes, $((1 + 2)) files."),
            "It has … bytes, … files."
        );
    }
}
