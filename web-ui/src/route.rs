//! Which screen the address names: `#/`, `#/lessons`, `#/lesson/ID`.

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
}

impl Route {
    /// The screen of a fragment such as `#/lesson/whiteouts`; what names none is the playground.
    pub(crate) fn parse(fragment: &str) -> Self {
        let path = fragment.trim_start_matches('#').trim_matches('/');
        match path.split_once('/') {
            None if path == "lessons" => Self::Lessons,
            Some(("lesson", id)) if !id.is_empty() => Self::Lesson(id.into()),
            _ => Self::Playground,
        }
    }

    /// The lesson that is open.
    pub(crate) fn lesson(&self) -> Option<&str> {
        match self {
            Self::Lesson(id) => Some(id),
            _ => None,
        }
    }

    /// Where the session of this screen is kept: each lesson has its own, apart from the playground's.
    pub(crate) fn save_name(&self) -> String {
        match self {
            Self::Lesson(id) => format!("lesson/{id}"),
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
        assert_eq!(Route::parse("#/lesson/"), Route::Playground);
    }
}
