//! What a build has shown of itself, which the advice on a mistake in it needs.

use serde::{Deserialize, Serialize};

/// What a build has shown of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::docker) struct Seen {
    /// The text of the Dockerfile.
    pub(in crate::docker) dockerfile: String,
    /// The step at hand: `2/3 RUN make`.
    pub(in crate::docker) step: String,
    /// The `--build-arg` that nothing took.
    pub(in crate::docker) unused: String,
}

impl Seen {
    /// Takes note of what a build prints.
    pub(in crate::docker) fn note(&mut self, text: &[u8]) {
        let Ok(text) = std::str::from_utf8(text) else { return };
        for line in text.lines() {
            if let Some((at, code)) = line.strip_prefix("Step ").and_then(|rest| rest.split_once(" : ")) {
                self.step = format!("{at} {code}");
            } else if let Some((at, code)) = line.strip_prefix(" > [").and_then(|rest| rest.split_once("] "))
            {
                self.step = format!("{at} {}", code.trim_end_matches(':'));
            } else if let Some(code) = line.strip_prefix(" > ") {
                self.step = format!("- {}", code.trim_end_matches(':'));
            } else if let Some((_, rest)) = line.split_once("One or more build-args [") {
                let names = rest.split_once("] were not consumed").map(|(names, _)| names);
                names.unwrap_or_default().clone_into(&mut self.unused);
            }
        }
    }

    /// The place of the step at hand, `2/3`, and its instruction.
    pub(in crate::docker) fn place_and_code(&self) -> (&str, &str) {
        self.step.split_once(' ').unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_unused_arguments_are_read() {
        let mut seen = Seen::default();
        seen.note(b"Step 2/3 : RUN false\n");
        assert_eq!(seen.place_and_code(), ("2/3", "RUN false"));
        seen.note(b"------\n > [2/2] RUN make it:\n------");
        assert_eq!(seen.place_and_code(), ("2/2", "RUN make it"));
        seen.note(b"[Warning] One or more build-args [X] were not consumed\n");
        assert_eq!(seen.unused, "X");
    }
}
