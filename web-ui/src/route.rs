//! Which screen the address names: `#/`, `#/lessons`, `#/lesson/ID`, `#/image`, `#/share/JOURNAL`, and without any of
//! these `?run=LINES`, `?lesson=ID`. A lesson of somebody else's is `#/lesson?text=PACKED`, or `?from=ADDRESS` where it is to
//! be fetched; `#/edit` writes one, `#/class` chooses some, `#/drivers` compares storage drivers, `#/export` takes things out.

use layerlab_core::oci::Digest;

use crate::asked::Asked;

/// A screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Route {
    /// The playground.
    #[default]
    Playground,
    /// The list of lessons.
    Lessons,
    /// A lesson, by its id.
    Lesson(String),
    /// An image that the person imports.
    Image,
    /// A session that somebody shared, packed.
    Shared(String),
    /// Lines that the address gives: those that run first, and those that are seen to run.
    Lines {
        /// What runs first.
        setup: Vec<String>,
        /// What is seen to run.
        lines: Vec<String>,
    },
    /// A lesson of somebody else's, packed.
    Page(String),
    /// The same where it lies: an address.
    Fetch(String),
    /// The editor of lessons, with a packed one in it, if any.
    Edit(String),
    /// Lessons that a teacher chose: what stands behind the question mark.
    Class(String),
    /// Storage drivers side by side.
    Drivers,
    /// What can be taken out of the session.
    Export,
    /// No screen has this name.
    Unknown(String),
}

impl Route {
    /// The screen of a fragment such as `#/lesson/whiteouts`; without one, that of what the address asks for.
    pub(crate) fn of(fragment: &str, asked: Asked) -> Self {
        match asked {
            _ if fragment.trim_start_matches('#').starts_with('/') => Self::parse(fragment),
            // An id has neither a dot nor a slash.
            Asked { lesson: Some(address), .. } if address.contains(['.', '/']) => Self::Fetch(address),
            Asked { lesson: Some(id), .. } => Self::Lesson(id),
            Asked { setup, lines, .. } if !setup.is_empty() || !lines.is_empty() => {
                Self::Lines { setup, lines }
            }
            _ => Self::parse(fragment),
        }
    }

    fn parse(fragment: &str) -> Self {
        let path = fragment.trim_start_matches('#').trim_matches('/');
        let (path, asked) = path.split_once('?').unwrap_or((path, ""));
        match path.split_once('/') {
            None if path == "lesson" => match (asked.strip_prefix("text="), asked.strip_prefix("from=")) {
                (Some(packed), _) => Self::Page(packed.into()),
                (_, Some(address)) => Self::Fetch(decoded(address)),
                _ => Self::Unknown(path.into()),
            },
            None if path == "edit" => Self::Edit(asked.strip_prefix("text=").unwrap_or_default().into()),
            None if path == "class" => Self::Class(asked.into()),
            None if path == "drivers" => Self::Drivers,
            None if path == "export" => Self::Export,
            None if path == "lessons" => Self::Lessons,
            None if path == "image" => Self::Image,
            Some(("lesson", id)) if !id.is_empty() => Self::Lesson(id.into()),
            Some(("share", packed)) if !packed.is_empty() => Self::Shared(packed.into()),
            // A bare `#terminal` is the way to a part of the page, and no screen.
            _ if path.is_empty() || !fragment.trim_start_matches('#').starts_with('/') => Self::Playground,
            _ => Self::Unknown(path.into()),
        }
    }

    /// The lesson that is open.
    pub(crate) fn lesson(&self) -> Option<&str> {
        match self {
            Self::Lesson(id) => Some(id),
            _ => None,
        }
    }

    /// Whether its session begins as a lesson says.
    pub(crate) fn has_lesson(&self) -> bool {
        matches!(self, Self::Lesson(_) | Self::Page(_))
    }

    /// The shared session that is open, packed.
    pub(crate) fn shared(&self) -> Option<&str> {
        match self {
            Self::Shared(packed) => Some(packed),
            _ => None,
        }
    }

    /// Where the session of this screen is kept: each lesson and each shared session has its own, apart from the
    /// playground's, so that opening an address never writes over somebody's own work.
    pub(crate) fn save_name(&self) -> String {
        match self {
            Self::Lesson(id) => format!("lesson/{id}"),
            Self::Page(packed) => format!("page/{}", Digest::of(packed.as_bytes()).short()),
            Self::Shared(packed) => format!("share/{packed}"),
            Self::Lines { setup, lines } => format!("run/{}\n\n{}", setup.join("\n"), lines.join("\n")),
            _ => "playground".into(),
        }
    }
}

/// A text with its `%XX` as the bytes that they stand for.
pub(crate) fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                out.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => {
                out.push(b'%');
                out.extend_from_slice(part.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments() {
        assert_eq!(Route::parse(""), Route::Playground);
        assert_eq!(Route::parse("#/"), Route::Playground);
        assert_eq!(Route::parse("#/lessons"), Route::Lessons);
        assert_eq!(Route::parse("#/lesson/whiteouts"), Route::Lesson("whiteouts".into()));
        assert_eq!(Route::parse("#/lesson/"), Route::Unknown("lesson".into()));
        assert_eq!(Route::parse("#/lessns"), Route::Unknown("lessns".into()));
        assert_eq!(Route::parse("#terminal"), Route::Playground);
        assert_eq!(Route::parse("#/image"), Route::Image);
        assert_eq!(Route::parse("#/share/q1Y"), Route::Shared("q1Y".into()));
        assert_ne!(Route::parse("#/share/q1Y").save_name(), Route::parse("#/share/q1Z").save_name());
    }

    #[test]
    fn lessons_of_ones_own() {
        assert_eq!(Route::parse("#/lesson?text=q1Y"), Route::Page("q1Y".into()));
        let address = "https://example.org/a.md?x=1&y";
        assert_eq!(Route::parse(&format!("#/lesson?from={address}")), Route::Fetch(address.into()));
        assert_eq!(Route::parse("#/lesson?from=%2Fa%20b.md"), Route::Fetch("/a b.md".into()));
        assert_eq!(Route::parse("#/lesson?from=100%"), Route::Fetch("100%".into()));
        assert_eq!(Route::parse("#/edit"), Route::Edit(String::new()));
        assert_eq!(Route::parse("#/edit?text=q1Y"), Route::Edit("q1Y".into()));
        assert_eq!(Route::parse("#/class?lessons=a,b"), Route::Class("lessons=a,b".into()));
        assert_ne!(Route::Page("q1Y".into()).save_name(), Route::Page("q1Z".into()).save_name());
        let asked = Asked { lesson: Some("../mine.md".into()), ..Asked::default() };
        assert_eq!(Route::of("", asked), Route::Fetch("../mine.md".into()));
    }

    #[test]
    fn what_the_address_asks_for_holds_until_a_screen_is_named() {
        let asked = |setup: &[&str], lines: &[&str], lesson: Option<&str>| Asked {
            setup: setup.iter().map(|line| (*line).to_owned()).collect(),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            lesson: lesson.map(str::to_owned),
        };
        let run = Route::of("", asked(&[], &["docker ps"], None));
        assert_eq!(run, Route::Lines { setup: Vec::new(), lines: vec!["docker ps".into()] });
        assert_eq!(Route::of("#terminal", asked(&[], &["docker ps"], None)), run);
        assert_eq!(Route::of("#/", asked(&[], &["docker ps"], None)), Route::Playground);
        assert_eq!(Route::of("", asked(&[], &["ls"], Some("whiteouts"))), Route::Lesson("whiteouts".into()));
        assert_eq!(Route::of("", Asked::default()), Route::Playground);
        let other = Route::of("", asked(&["docker ps"], &[], None));
        assert_ne!(run.save_name(), other.save_name(), "what runs first is not what is seen");
    }
}
