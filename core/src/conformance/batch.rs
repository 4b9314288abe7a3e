//! Calls as a text for another process: a line of JSON each, in which a task is said once.

use serde::{Deserialize, Serialize};

use crate::kernel::{Call, Made, Outcome, Task};

/// A call in a batch.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    #[serde(default, skip_serializing_if = "By::is_same")]
    by: By,
    #[serde(flatten)]
    call: Call,
    outcome: Outcome,
}

/// The task that makes a call.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum By {
    /// The task of the call before.
    #[default]
    Same,
    /// Nobody: a call on a descriptor that checks no rights.
    Nobody,
    /// This task.
    Task(Task),
}

impl By {
    fn is_same(&self) -> bool {
        matches!(self, Self::Same)
    }
}

/// Writes calls as a text. A batch can be cut between lines, and its parts read by one [`Reader`].
pub fn pack(calls: impl IntoIterator<Item = Made>) -> String {
    let (mut text, mut last) = (String::new(), None);
    for Made { task, call, outcome } in calls {
        let by = match task {
            None => By::Nobody,
            Some(task) if last.as_ref() == Some(&task) => By::Same,
            Some(task) => {
                last = Some(task.clone());
                By::Task(task)
            }
        };
        // A call is plain data, which JSON can always say.
        text.push_str(&serde_json::to_string(&Line { by, call, outcome }).unwrap_or_default());
        text.push('\n');
    }
    text
}

/// Reads the lines of a batch, in order.
#[derive(Debug, Default)]
pub struct Reader {
    task: Option<Task>,
}

impl Reader {
    /// Reads the next line.
    ///
    /// # Errors
    /// The reason, as serde says it.
    pub fn read(&mut self, line: &[u8]) -> Result<Made, String> {
        let Line { by, call, outcome } = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let task = match by {
            By::Nobody => None,
            By::Same => Some(self.task.clone().ok_or("no task was said before")?),
            By::Task(task) => Some(self.task.insert(task).clone()),
        };
        Ok(Made { task, call, outcome })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Fd, Value};

    #[test]
    fn calls_come_back_as_they_were_and_a_task_is_said_once() {
        let stat = |task: &Task| Made {
            task: Some(task.clone()),
            call: Call::Stat { path: "/a".into() },
            outcome: Outcome::Ok(Value::Unit),
        };
        let (root, other) = (Task::root(), Task { uid: 7, ..Task::root() });
        let close = Made { task: None, call: Call::Close { fd: Fd(3) }, outcome: Outcome::Ok(Value::Unit) };
        let calls = [stat(&root), stat(&root), close, stat(&root), stat(&other)];
        let text = pack(calls.clone());
        assert_eq!(text.matches("\"uid\"").count(), 2, "{text}");
        let mut reader = Reader::default();
        let read: Result<Vec<Made>, String> = text.lines().map(|line| reader.read(line.as_bytes())).collect();
        assert_eq!(read.as_deref(), Ok(&calls[..]));
        assert!(Reader::default().read(b"{\"call\":\"getcwd\",\"outcome\":{\"ok\":\"unit\"}}").is_err());
    }
}
