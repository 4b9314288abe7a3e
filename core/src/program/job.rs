//! Programs that wait: their state is data, and they go on where they stopped.

use std::any::Any;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{Process, System, Wait};
use crate::kernel::ByteString;

/// What a step of a job comes to.
#[derive(Debug)]
pub enum Next {
    /// It goes on in the next step.
    Again,
    /// It goes on when this has come.
    Wait(Wait),
    /// It has ended with this status.
    Exit(u8),
    /// It has ended by this signal.
    Killed(u8),
    /// It becomes another program: the process's arguments and streams say which.
    Exec(Box<Process>, &'static str),
}

/// A program's state while it waits. Implement [`ProgramState`] instead.
pub trait Job: fmt::Debug + Send + Sync {
    /// Goes on.
    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next;
    /// Lets go of the descriptors that it holds: it has ended, however.
    fn close(&mut self, system: &mut System<'_>);
    /// Whether it ends where its standard output takes no more.
    fn writes(&self) -> bool;
    /// Its name in [`super::Table`].
    fn name(&self) -> &'static str;
    /// A copy.
    fn copy(&self) -> Box<dyn Job>;
    /// It as data.
    fn save(&self) -> Value;
    /// It as what it is.
    fn as_any(&self) -> &dyn Any;
    /// It as what it is, to be changed.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

/// The state of a program that waits: plain data with one step.
pub trait ProgramState: fmt::Debug + Clone + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// Its name, by which a state that was written down is read again.
    const NAME: &'static str;
    /// Whether all that it does is to write to its standard output: it fails where that takes no more.
    const WRITES: bool = false;
    /// Goes on: does a little, and says what it waits for.
    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next;
    /// Lets go of the descriptors that it holds: it has ended, however.
    fn close(&mut self, _system: &mut System<'_>) {}
}

impl<T: ProgramState> Job for T {
    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        ProgramState::step(self, system, process)
    }

    fn close(&mut self, system: &mut System<'_>) {
        ProgramState::close(self, system);
    }

    fn writes(&self) -> bool {
        T::WRITES
    }

    fn name(&self) -> &'static str {
        T::NAME
    }

    fn copy(&self) -> Box<dyn Job> {
        Box::new(self.clone())
    }

    fn save(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

/// Reads a job that was written down.
pub type Loader = fn(Value) -> Option<Box<dyn Job>>;

/// The loader of a state, by its name.
pub fn loader<T: ProgramState>() -> (&'static str, Loader) {
    (T::NAME, |value| Some(Box::new(serde_json::from_value::<T>(value).ok()?) as Box<dyn Job>))
}

/// What a process does next.
#[derive(Debug)]
pub enum Body {
    /// It starts the program of this name.
    Fresh(ByteString),
    /// It goes on with a job.
    Job(Box<dyn Job>),
    /// A job that was read back and not gone on with yet.
    Stored(String, Value),
}

impl Clone for Body {
    fn clone(&self) -> Self {
        match self {
            Self::Fresh(name) => Self::Fresh(name.clone()),
            Self::Job(job) => Self::Job(job.copy()),
            Self::Stored(name, value) => Self::Stored(name.clone(), value.clone()),
        }
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Fresh(a), Self::Fresh(b)) => a == b,
            (a, b) => Written::of(a) == Written::of(b),
        }
    }
}

impl Eq for Body {}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Written {
    Fresh(ByteString),
    Job(String, Value),
}

impl Written {
    fn of(body: &Body) -> Self {
        match body {
            Body::Fresh(name) => Self::Fresh(name.clone()),
            Body::Job(job) => Self::Job(job.name().to_owned(), job.save()),
            Body::Stored(name, value) => Self::Job(name.clone(), value.clone()),
        }
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written::of(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Written::deserialize(deserializer)? {
            Written::Fresh(name) => Self::Fresh(name),
            Written::Job(name, value) => Self::Stored(name, value),
        })
    }
}
