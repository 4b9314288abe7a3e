//! Which screen the address names: `#/`, `#/lessons`, `#/lesson/ID`, `#/image`, `#/share/JOURNAL`.

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
    /// No screen has this name.
    Unknown(String),
}

impl Route {
    /// The screen of a fragment such as `#/lesson/whiteouts`.
    pub(crate) fn parse(fragment: &str) -> Self {
        let path = fragment.trim_start_matches('#').trim_matches('/');
        match path.split_once('/') {
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
            Self::Shared(packed) => format!("share/{packed}"),
            _ => "playground".into(),
        }
    }
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
}
