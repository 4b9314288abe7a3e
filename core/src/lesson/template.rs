//! A small lesson that works, for its author to change.

/// Returns the page of a new lesson in a language, `en` or `zh`.
pub fn template(tag: &str, id: &str) -> String {
    let page = if tag == "zh" { include_str!("new.zh.md") } else { include_str!("new.en.md") };
    page.replace("{id}", id)
}

/// Returns the language that a page seems to be written in: `zh` where its title is Chinese.
pub fn language(lesson: &super::Lesson) -> &'static str {
    if lesson.title.chars().any(|c| matches!(c, '\u{3400}'..='\u{9fff}')) { "zh" } else { "en" }
}

#[cfg(test)]
mod tests {
    use super::super::{inspect, parse};
    use super::{language, template};

    #[test]
    fn a_new_page_is_a_lesson_without_fault_in_its_language() {
        for tag in ["en", "zh"] {
            let lesson = parse(&template(tag, "mine")).expect("it is a lesson");
            assert_eq!((lesson.id.as_str(), language(&lesson)), ("mine", tag));
            assert_eq!(inspect(&lesson, tag), []);
        }
    }
}
