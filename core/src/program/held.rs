//! What Docker's daemon holds in memory of what is on its disk: read at the first need, and kept in step after that.

use serde::{Deserialize, Serialize};

use crate::kernel::Timespec;
use crate::map::Map;
use crate::oci::Digest;

/// Names of images, as `repositories.json` has them: by repository, then by the whole name.
pub type ImageNames = Map<String, Map<String, Digest>>;

/// How many images, layers and containers stand right on a layer, by its chain id.
pub type LayerUsers = Map<Digest, u32>;

/// Images by the text of the id that they were made from; those of none by the empty text.
pub type ImageChildren = Map<String, Map<Digest, ()>>;

/// The daemon's memory. A part that is missing is read from the disk when it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The images' names.
    pub names: Option<ImageNames>,
    /// Who stands on which layer.
    pub users: Option<LayerUsers>,
    /// Which images were made from which one.
    #[serde(default)]
    pub children: Option<ImageChildren>,
    /// Layers that pulls under way stand on.
    #[serde(default)]
    pub pulled: Vec<Digest>,
    /// When the newest container was made.
    pub made: Option<Timespec>,
}

impl Held {
    /// One more, or one fewer, stands on a layer. Nothing where the counts were not read yet.
    pub fn count(&mut self, chain: Option<&Digest>, more: bool) {
        if let (Some(users), Some(chain)) = (&mut self.users, chain) {
            let count = users.get(chain).copied().unwrap_or_default();
            users.insert(*chain, if more { count + 1 } else { count.saturating_sub(1) });
        }
    }

    /// An image is made from another one, or is so no more. Nothing where that was not read yet.
    pub fn child(&mut self, of: Option<&Digest>, id: &Digest, is_there: bool) {
        let Some(children) = &mut self.children else { return };
        let of = of.map(ToString::to_string).unwrap_or_default();
        let mut list = children.remove(&of).unwrap_or_default();
        if is_there {
            list.insert(*id, ());
        } else {
            list.remove(id);
        }
        if !list.is_empty() {
            children.insert(of, list);
        }
    }
}

/// Which name is which container's, both ways.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerNames {
    ids: Map<String, String>,
    names: Map<String, String>,
}

impl ContainerNames {
    /// The full id of the container with this name.
    pub fn get(&self, name: &str) -> Option<&String> {
        self.ids.get(name)
    }

    /// Whether a container has this name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.ids.contains_key(name)
    }

    /// All names without their slash, sorted, with their containers' full ids.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.ids.iter()
    }

    /// Gives a container a name; it loses the one that it had.
    pub fn insert(&mut self, name: &str, id: &str) {
        self.remove(id);
        if let Some(other) = self.ids.insert(name.to_owned(), id.to_owned()) {
            self.names.remove(&other);
        }
        self.names.insert(id.to_owned(), name.to_owned());
    }

    /// Takes a container's name away.
    pub fn remove(&mut self, id: &str) {
        if let Some(name) = self.names.remove(id) {
            self.ids.remove(&name);
        }
    }

    /// Tells of every name that may have another meaning than in `earlier`: the id that it has now.
    pub fn differs<'a>(&'a self, earlier: &'a Self, mut each: impl FnMut(&'a String, Option<&'a String>)) {
        self.ids.differs(&earlier.ids, |name, before, now| {
            if before != now {
                each(name, now);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_has_one_name() {
        let mut names = ContainerNames::default();
        names.insert("web", "1");
        names.insert("db", "2");
        names.insert("site", "1");
        let before = names.clone();
        assert_eq!((names.get("web"), names.get("site")), (None, Some(&"1".to_owned())));
        names.remove("2");
        names.insert("site", "3");
        let mut told = Vec::new();
        names.differs(&before, |name, now| told.push((name.as_str(), now.map(String::as_str))));
        assert_eq!(told, [("db", None), ("site", Some("3"))]);
        names.remove("1");
        assert_eq!(names.get("site"), Some(&"3".to_owned()));
    }
}
