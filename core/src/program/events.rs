//! What the daemon tells of: containers, images, volumes and networks that come, change and go.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::wait::Nanos;
use super::world::World;

/// How many events the daemon remembers (moby 20.10's `daemon/events`, `eventsLimit`).
const KEPT: usize = 256;

/// The events that are remembered, oldest first. A clone costs nothing.
pub type Events = Arc<VecDeque<Happened>>;

/// An event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    /// When.
    pub at: Nanos,
    /// To what: `container`, `image`, `volume`, `network`, `builder`, `daemon`.
    pub kind: String,
    /// What.
    pub action: String,
    /// The id, or the name, of what it happened to.
    pub id: String,
    /// What else is told.
    pub attributes: BTreeMap<String, String>,
}

impl World {
    /// Tells of something that has happened.
    pub fn tell(&mut self, kind: &str, action: &str, id: &str, attributes: BTreeMap<String, String>) {
        let event = Happened {
            at: self.clock.unwrap_or_default(),
            kind: kind.to_owned(),
            action: action.to_owned(),
            id: id.to_owned(),
            attributes,
        };
        let events = Arc::make_mut(&mut self.events);
        if events.len() == KEPT {
            events.pop_front();
        }
        events.push_back(event);
        self.happened += 1;
    }

    /// The events after the first so many that ever were, as far as they are remembered.
    pub fn events_since(&self, seen: u64) -> impl Iterator<Item = &Happened> {
        let new = usize::try_from(self.happened.saturating_sub(seen)).unwrap_or(usize::MAX);
        self.events.iter().skip(self.events.len().saturating_sub(new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_remembered() {
        let mut world = World::default();
        for number in 0..300 {
            world.tell("volume", "create", &number.to_string(), BTreeMap::new());
        }
        assert_eq!(world.events.len(), KEPT);
        let last: Vec<&str> = world.events_since(298).map(|event| &event.id[..]).collect();
        assert_eq!(last, ["298", "299"]);
        assert_eq!(world.events_since(0).count(), KEPT);
    }
}
