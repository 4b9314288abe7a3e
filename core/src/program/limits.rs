//! How long a line may run: an end for what would not end by itself.

use super::bounds::{Bound, Bounds};

/// How often the clock jumps forward for one line before it is taken for one that follows something.
const JUMPS: u32 = 100;

/// What a line has left of its steps.
/// A step is a simple command, a turn of a loop, or a piece of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    most: u64,
    steps: u64,
    told: bool,
    jumps: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(&Bounds::default())
    }
}

impl Limits {
    /// What a line may do under these limits.
    pub fn of(bounds: &Bounds) -> Self {
        let most = bounds.get(Bound::Steps);
        Self { most, steps: most, told: false, jumps: 0 }
    }

    /// Takes `steps` steps; `false` when there are none left, and then whoever asked must stop.
    #[must_use]
    pub fn spend(&mut self, steps: u64) -> bool {
        self.steps = self.steps.saturating_sub(steps);
        self.steps > 0
    }

    /// The status of a line that was stopped for want of steps, as `timeout(1)` gives it.
    pub const STATUS: u8 = 124;

    /// How many steps are left.
    pub fn left(&self) -> u64 {
        self.steps
    }

    /// Takes one of the times that the clock may jump forward for a line; `false` when there are none left: it goes on
    /// without end, and is shown as time passes.
    #[must_use]
    pub(super) fn jump(&mut self) -> bool {
        self.jumps = self.jumps.saturating_add(1);
        self.jumps <= JUMPS
    }

    /// Whether no steps are left.
    pub fn is_spent(&self) -> bool {
        self.steps == 0
    }

    /// The line to print about spent steps, once.
    pub fn tell(&mut self) -> Option<String> {
        (self.is_spent() && !std::mem::replace(&mut self.told, true)).then(|| {
            format!("Layerlab: stopped after {} steps; this line would not end by itself\n", self.most)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_and_are_told_once() {
        let mut limits = Limits::default();
        assert!(limits.spend(1));
        assert_eq!(limits.tell(), None);
        assert!(!limits.spend(u64::MAX));
        assert!(limits.tell().is_some_and(|text| text.starts_with("Layerlab: ")));
        assert_eq!(limits.tell(), None);
    }
}
