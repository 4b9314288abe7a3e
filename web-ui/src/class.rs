//! Lessons that a teacher chose, as the address carries them: `#/class?title=TITLE&lessons=ID,ID`.

use std::fmt::Write;

use crate::local;
use crate::route::{Route, decoded};

/// Where the tab keeps which class it is in.
const HERE: &str = "layerlab.class";
/// The most lessons that are taken of an address.
const LESSONS_MAX: usize = 100;
/// The most characters of a title.
const TITLE_MAX: usize = 120;

/// Chosen lessons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Class {
    /// What the teacher calls them.
    pub(crate) title: String,
    /// Their ids, in order.
    pub(crate) lessons: Vec<String>,
}

impl Class {
    /// What stands behind the question mark.
    pub(crate) fn parse(asked: &str) -> Self {
        let mut class = Self::default();
        for (name, value) in asked.split('&').filter_map(|part| part.split_once('=')) {
            let value = decoded(value);
            match name {
                "title" => class.title = value.chars().take(TITLE_MAX).collect(),
                "lessons" => {
                    for id in value.split(',').map(str::trim).filter(|id| !id.is_empty()).take(LESSONS_MAX) {
                        // A lesson is taken once.
                        if !class.lessons.iter().any(|other| other == id) {
                            class.lessons.push(id.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        class
    }

    /// Its address, from the `#` on.
    pub(crate) fn fragment(&self) -> String {
        let lessons: Vec<String> = self.lessons.iter().map(|id| encoded(id)).collect();
        let title =
            if self.title.is_empty() { String::new() } else { format!("title={}&", encoded(&self.title)) };
        format!("#/class?{title}lessons={}", lessons.join(","))
    }

    /// The lesson that comes after this one.
    fn next(&self, id: &str) -> Option<String> {
        self.lessons.iter().skip_while(|other| *other != id).nth(1).cloned()
    }

    /// From now on the tab is in it: its lessons lead to each other.
    pub(crate) fn open(&self) {
        local::keep_in_tab(HERE, &self.fragment());
    }
}

/// The class that the tab is in, where it has this lesson.
pub(crate) fn of(id: &str) -> Option<Class> {
    let Route::Class(asked) = Route::of(&local::kept_in_tab(HERE)?, crate::asked::Asked::default()) else {
        return None;
    };
    Some(Class::parse(&asked)).filter(|class| class.lessons.iter().any(|other| other == id))
}

/// The lesson that comes next in the tab's class.
pub(crate) fn next(id: &str) -> Option<String> {
    of(id)?.next(id)
}

/// A text as a part of an address.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("a String takes all text");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_carries_a_class_there_and_back() {
        let class = Class {
            title: "周三 & 周四, 50 %".into(),
            lessons: vec!["whiteouts".into(), "copy-up".into(), "commit".into()],
        };
        let fragment = class.fragment();
        assert_eq!(Class::parse(fragment.strip_prefix("#/class?").unwrap()), class);
        assert_eq!(class.next("copy-up").as_deref(), Some("commit"));
        assert_eq!((class.next("commit"), class.next("pull")), (None, None));
        assert_eq!(Class::parse("lessons=a,,b,a&x"), Class::parse("lessons=a,b"));
        assert_eq!(Class::parse(""), Class::default());
    }
}
