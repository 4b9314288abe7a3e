//! Environments.

use serde::{Deserialize, Serialize};

use crate::kernel::ByteString;

/// Variables with their values, in the order in which a program gets them (environ(7)). A name is there once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Env(Vec<(ByteString, ByteString)>);

impl Env {
    /// Returns an environment without variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the value of a variable.
    pub fn get<N: AsRef<[u8]> + ?Sized>(&self, name: &N) -> Option<&ByteString> {
        let name = name.as_ref();
        self.0.iter().find(|(known, _)| known[..] == *name).map(|(_, value)| value)
    }

    /// Sets a variable in its place, or behind the others; returns what it was.
    pub fn insert(&mut self, name: ByteString, value: ByteString) -> Option<ByteString> {
        if let Some((_, old)) = self.0.iter_mut().find(|(known, _)| *known == name) {
            return Some(std::mem::replace(old, value));
        }
        self.0.push((name, value));
        None
    }

    /// Takes a variable away.
    pub fn remove<N: AsRef<[u8]> + ?Sized>(&mut self, name: &N) -> Option<ByteString> {
        let at = self.0.iter().position(|(known, _)| known[..] == *name.as_ref())?;
        Some(self.0.remove(at).1)
    }

    /// Returns the variables in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&ByteString, &ByteString)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Takes all variables away.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl IntoIterator for Env {
    type Item = (ByteString, ByteString);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Extend<(ByteString, ByteString)> for Env {
    fn extend<T: IntoIterator<Item = (ByteString, ByteString)>>(&mut self, pairs: T) {
        for (name, value) in pairs {
            self.insert(name, value);
        }
    }
}

impl FromIterator<(ByteString, ByteString)> for Env {
    fn from_iter<T: IntoIterator<Item = (ByteString, ByteString)>>(pairs: T) -> Self {
        let mut env = Self::new();
        env.extend(pairs);
        env
    }
}
