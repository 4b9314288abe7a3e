//! Lines typed before: the arrow keys and Ctrl-R, as pure functions over a list that is not theirs.

/// Where a walk through the history stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Walk {
    /// Lines above the prompt; 0 is the prompt itself.
    back: usize,
    /// What was typed before the walk began.
    draft: String,
}

impl Walk {
    /// One line up; `None` at the oldest.
    pub(crate) fn up(&mut self, lines: &[String], current: &str) -> Option<String> {
        if self.back == 0 {
            current.clone_into(&mut self.draft);
        }
        let line = lines.len().checked_sub(self.back + 1).and_then(|at| lines.get(at))?;
        self.back += 1;
        Some(line.clone())
    }

    /// One line down; `None` at the prompt.
    pub(crate) fn down(&mut self, lines: &[String]) -> Option<String> {
        self.back = self.back.checked_sub(1)?;
        if self.back == 0 {
            return Some(std::mem::take(&mut self.draft));
        }
        lines.len().checked_sub(self.back).and_then(|at| lines.get(at)).cloned()
    }

    /// Forgets the walk: a line was sent or typed.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }
}

/// A search backwards (Ctrl-R).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Search {
    /// How many matches to pass over.
    skip: usize,
    /// What stood at the prompt when the search began.
    pub(crate) draft: String,
}

impl Search {
    /// A search that gives `draft` back when it is given up.
    pub(crate) fn new(draft: &str) -> Self {
        Self { skip: 0, draft: draft.into() }
    }

    /// The next older match (Ctrl-R again), where there is one.
    pub(crate) fn older(&mut self, lines: &[String], query: &str) {
        if Self::matches(lines, query).nth(self.skip + 1).is_some() {
            self.skip += 1;
        }
    }

    /// The query was changed: from the newest line again.
    pub(crate) fn restart(&mut self) {
        self.skip = 0;
    }

    /// The line found.
    pub(crate) fn found<'a>(&self, lines: &'a [String], query: &str) -> Option<&'a str> {
        Self::matches(lines, query).nth(self.skip)
    }

    fn matches<'a>(lines: &'a [String], query: &str) -> impl Iterator<Item = &'a str> {
        lines.iter().rev().map(String::as_str).filter(move |line| !query.is_empty() && line.contains(query))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<String> {
        ["docker pull nginx", "docker ps", "ls"].map(str::to_owned).to_vec()
    }

    #[test]
    fn arrows_walk_and_come_back_to_the_draft() {
        let (lines, mut walk) = (lines(), Walk::default());
        assert_eq!(walk.up(&lines, "dra"), Some("ls".into()));
        assert_eq!(walk.up(&lines, "ls"), Some("docker ps".into()));
        assert_eq!(walk.up(&lines, ""), Some("docker pull nginx".into()));
        assert_eq!(walk.up(&lines, ""), None);
        assert_eq!(walk.down(&lines), Some("docker ps".into()));
        assert_eq!(walk.down(&lines), Some("ls".into()));
        assert_eq!(walk.down(&lines), Some("dra".into()));
        assert_eq!(walk.down(&lines), None);
    }

    #[test]
    fn search_goes_backwards() {
        let (lines, mut search) = (lines(), Search::new("x"));
        assert_eq!(search.found(&lines, "docker"), Some("docker ps"));
        search.older(&lines, "docker");
        assert_eq!(search.found(&lines, "docker"), Some("docker pull nginx"));
        search.older(&lines, "docker");
        assert_eq!(search.found(&lines, "docker"), Some("docker pull nginx"));
        assert_eq!(search.found(&lines, ""), None);
    }
}
