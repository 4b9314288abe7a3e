//! Stages of a Dockerfile: `FROM` with what follows it, and the `ARG`s before the first.

use serde::{Deserialize, Serialize};

use super::flags::{self, Kind, value};
use super::lines::{self, Directives, Node};
use super::{DockerfileError, Instruction, instruction};

/// A Dockerfile, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dockerfile {
    /// `ARG`s before the first `FROM`.
    pub args: Vec<Instruction>,
    /// Its stages.
    pub stages: Vec<Stage>,
    /// Its directives.
    pub directives: Directives,
    /// What Docker warns of.
    pub warnings: Vec<String>,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its `FROM`.
    pub from: From,
    /// What follows.
    pub instructions: Vec<Instruction>,
}

/// `FROM`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct From {
    /// The image, or a stage's name.
    pub base: String,
    /// `AS`, in small letters; empty where it has none.
    pub name: String,
    /// `--platform`.
    pub platform: String,
    /// How it stands in the file.
    pub code: String,
    /// Its first line there, from 1.
    pub line: usize,
}

impl Dockerfile {
    /// Reads a Dockerfile's text.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, DockerfileError> {
        let lines = lines::parse(text).map_err(DockerfileError::Lines)?;
        let mut file = Self {
            args: Vec::new(),
            stages: Vec::new(),
            directives: lines.directives,
            warnings: lines.warnings,
        };
        for node in &lines.nodes {
            let wrong = |why| DockerfileError::Instruction(node.line, why);
            if node.name == "from" {
                let from = from(node).map_err(wrong)?;
                file.stages.push(Stage { from, instructions: Vec::new() });
                continue;
            }
            let command = instruction::command(node).map_err(wrong)?;
            let is_arg = matches!(command, instruction::Command::Arg(_));
            let instruction = Instruction { command, code: node.original.trim().to_owned(), line: node.line };
            match file.stages.last_mut() {
                Some(stage) => stage.instructions.push(instruction),
                None if is_arg => file.args.push(instruction),
                None => return Err(DockerfileError::Place("no build stage in current context".to_owned())),
            }
        }
        Ok(file)
    }

    /// The stage that a target means: a name, whatever its letters' size, or a number.
    pub fn target(&self, target: &str) -> Option<usize> {
        let by_name = self
            .stages
            .iter()
            .rposition(|stage| !stage.from.name.is_empty() && stage.from.name.eq_ignore_ascii_case(target));
        by_name.or_else(|| target.parse().ok().filter(|index| *index < self.stages.len()))
    }
}

/// Reads the one instruction of an `ONBUILD` trigger.
///
/// # Errors
/// Docker's words.
pub fn trigger(text: &str) -> Result<Instruction, String> {
    let lines = lines::parse(text)?;
    let [node] = lines.nodes.as_slice() else {
        return Err("onbuild trigger should be a single expression".to_owned());
    };
    let command = instruction::command(node)?;
    Ok(Instruction { command, code: node.original.trim().to_owned(), line: node.line })
}

fn from(node: &Node) -> Result<From, String> {
    let words = node.args.words();
    let name = match words {
        [_] => String::new(),
        [_, word, name] if word.eq_ignore_ascii_case("as") => name.to_lowercase(),
        _ => return Err("FROM requires either one or three arguments".to_owned()),
    };
    if words.len() == 3 && !is_stage_name(&name) {
        return Err(format!(
            "invalid name for build stage: {}, name can't start with a number or contain symbols",
            super::json::quote(&words[2])
        ));
    }
    let read = flags::read(&node.flags, &[("platform", Kind::Value)])?;
    Ok(From {
        base: words[0].clone(),
        name,
        platform: value(&read, "platform"),
        code: node.original.trim().to_owned(),
        line: node.line,
    })
}

fn is_stage_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'))
}
