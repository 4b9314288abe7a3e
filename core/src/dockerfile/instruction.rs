//! Instructions with their arguments checked, and Docker's words for what is wrong with them (Dockerfile reference, each
//! instruction's own section).

use serde::{Deserialize, Serialize};

use super::flags::{self, Kind, value};
use super::lines::{Args, Node};
use super::mount::{self, Mount};
use super::options;
use crate::oci::config::Healthcheck;

/// An instruction that stands in a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instruction {
    /// What it says.
    pub command: Command,
    /// How it stands in the file.
    pub code: String,
    /// Its first line there, from 1.
    pub line: usize,
}

/// What an instruction says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// `ADD`.
    Add(CopyFiles),
    /// `ARG`: names, and defaults where they have one.
    Arg(Vec<(String, Option<String>)>),
    /// `CMD`.
    Cmd(CommandLine),
    /// `COPY`.
    Copy(CopyFiles),
    /// `ENTRYPOINT`.
    Entrypoint(CommandLine),
    /// `ENV`.
    Env(Vec<(String, String)>),
    /// `EXPOSE`, sorted.
    Expose(Vec<String>),
    /// `HEALTHCHECK`.
    Healthcheck(Healthcheck),
    /// `LABEL`.
    Label(Vec<(String, String)>),
    /// `MAINTAINER`.
    Maintainer(String),
    /// `ONBUILD`: an instruction for later.
    Onbuild(String),
    /// `RUN`.
    Run(Run),
    /// `SHELL`.
    Shell(Vec<String>),
    /// `STOPSIGNAL`.
    StopSignal(String),
    /// `USER`.
    User(String),
    /// `VOLUME`.
    Volume(Vec<String>),
    /// `WORKDIR`.
    Workdir(String),
}

/// A command in one of its two forms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandLine {
    /// Its words; of the shell form one, or none where nothing stood there.
    pub words: Option<Vec<String>>,
    /// The shell form: the stage's shell stands before it.
    pub is_shell: bool,
}

/// `RUN`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// What runs.
    pub line: CommandLine,
    /// The first flag that stood there: the classic builder knows none.
    pub flag: Option<String>,
    /// `--mount`.
    pub mounts: Vec<Mount>,
    /// `--network`, empty where it is not said.
    pub network: String,
    /// `--security`, empty where it is not said.
    pub security: String,
}

/// `COPY` and `ADD`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyFiles {
    /// What is copied.
    pub sources: Vec<String>,
    /// Where to.
    pub target: String,
    /// `--from`, empty for the context.
    pub from: String,
    /// `--chown`.
    pub chown: String,
    /// `--chmod`.
    pub chmod: String,
}

impl Command {
    /// The instruction's name as messages have it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Add(_) => "ADD",
            Self::Arg(_) => "ARG",
            Self::Cmd(_) => "CMD",
            Self::Copy(_) => "COPY",
            Self::Entrypoint(_) => "ENTRYPOINT",
            Self::Env(_) => "ENV",
            Self::Expose(_) => "EXPOSE",
            Self::Healthcheck(_) => "HEALTHCHECK",
            Self::Label(_) => "LABEL",
            Self::Maintainer(_) => "MAINTAINER",
            Self::Onbuild(_) => "ONBUILD",
            Self::Run(_) => "RUN",
            Self::Shell(_) => "SHELL",
            Self::StopSignal(_) => "STOPSIGNAL",
            Self::User(_) => "USER",
            Self::Volume(_) => "VOLUME",
            Self::Workdir(_) => "WORKDIR",
        }
    }

    /// Puts variables into what takes them word by word. `CMD`, `ENTRYPOINT` and `RUN` leave them to the shell, `EXPOSE`
    /// and `ONBUILD` have their own ways.
    ///
    /// # Errors
    /// A word that cannot be read.
    pub fn expand(&mut self, env: &[String], escape: char) -> Result<(), String> {
        let set = |text: &mut String| -> Result<(), String> {
            *text = super::expand::word(text, env, escape)?;
            Ok(())
        };
        match self {
            Self::Add(files) | Self::Copy(files) => {
                set(&mut files.chown)?;
                files.sources.iter_mut().try_for_each(set)?;
                set(&mut files.target)
            }
            Self::Env(pairs) | Self::Label(pairs) => pairs.iter_mut().try_for_each(|(name, value)| {
                set(name)?;
                set(value)
            }),
            Self::Arg(names) => names.iter_mut().try_for_each(|(name, value)| {
                set(name)?;
                value.as_mut().map_or(Ok(()), set)
            }),
            Self::Volume(list) => list.iter_mut().try_for_each(set),
            Self::StopSignal(text) | Self::User(text) | Self::Workdir(text) => set(text),
            _ => Ok(()),
        }
    }
}

/// Reads an instruction other than `FROM`.
///
/// # Errors
/// Docker's words.
pub fn command(node: &Node) -> Result<Command, String> {
    let upper = node.name.to_uppercase();
    let words = node.args.words();
    let none = |known: &[(&'static str, Kind)]| flags::read(&node.flags, known);
    Ok(match node.name.as_str() {
        "env" => {
            let pairs = pairs(&node.args);
            at_least_one(&upper, pairs.is_empty())?;
            none(&[])?;
            Command::Env(named(&upper, pairs)?)
        }
        "label" => {
            let pairs = pairs(&node.args);
            at_least_one(&upper, pairs.is_empty())?;
            none(&[])?;
            Command::Label(named(&upper, pairs)?)
        }
        "maintainer" => {
            exactly_one(&upper, words)?;
            none(&[])?;
            Command::Maintainer(words[0].clone())
        }
        "add" | "copy" => files(node, &upper)?,
        "onbuild" => onbuild(node)?,
        "workdir" | "user" | "stopsignal" => {
            exactly_one(&upper, words)?;
            none(&[])?;
            let text = words[0].clone();
            match node.name.as_str() {
                "workdir" => Command::Workdir(text),
                "user" => Command::User(text),
                _ => Command::StopSignal(text),
            }
        }
        "run" => run(node)?,
        "cmd" | "entrypoint" => {
            none(&[])?;
            let line = CommandLine {
                words: (!words.is_empty()).then(|| words.to_vec()),
                is_shell: !node.args.is_json(),
            };
            if node.name == "cmd" { Command::Cmd(line) } else { Command::Entrypoint(line) }
        }
        "healthcheck" => Command::Healthcheck(options::health(node)?),
        "expose" => {
            at_least_one(&upper, words.is_empty())?;
            none(&[])?;
            let mut ports = words.to_vec();
            ports.sort();
            Command::Expose(ports)
        }
        "volume" => {
            at_least_one(&upper, words.is_empty())?;
            none(&[])?;
            let list: Vec<String> = words.iter().map(|word| word.trim().to_owned()).collect();
            if list.iter().any(String::is_empty) {
                return Err("VOLUME specified can not be an empty string".to_owned());
            }
            Command::Volume(list)
        }
        "arg" => {
            let Args::Pairs(list) = &node.args else { return Err(unknown(&upper)) };
            at_least_one(&upper, list.is_empty())?;
            none(&[])?;
            if list.iter().any(|(name, value)| name.is_empty() && value.is_some()) {
                return Err("ARG names can not be blank".to_owned());
            }
            Command::Arg(list.clone())
        }
        "shell" => {
            none(&[])?;
            match (&node.args, words.is_empty()) {
                (_, true) => return Err("SHELL requires at least one argument".to_owned()),
                (Args::Json(list), _) => Command::Shell(list.clone()),
                _ => return Err("SHELL requires the arguments to be in JSON form".to_owned()),
            }
        }
        _ => return Err(unknown(&upper)),
    })
}

fn unknown(upper: &str) -> String {
    format!("unknown instruction: {upper}")
}

fn at_least_one(upper: &str, is_empty: bool) -> Result<(), String> {
    if is_empty { Err(format!("{upper} requires at least one argument")) } else { Ok(()) }
}

fn exactly_one(upper: &str, words: &[String]) -> Result<(), String> {
    if words.len() == 1 { Ok(()) } else { Err(format!("{upper} requires exactly one argument")) }
}

fn pairs(args: &Args) -> &[(String, Option<String>)] {
    match args {
        Args::Pairs(pairs) => pairs,
        _ => &[],
    }
}

fn named(upper: &str, pairs: &[(String, Option<String>)]) -> Result<Vec<(String, String)>, String> {
    if pairs.iter().any(|(name, _)| name.is_empty()) {
        return Err(format!("{upper} names can not be blank"));
    }
    Ok(pairs.iter().map(|(name, value)| (name.clone(), value.clone().unwrap_or_default())).collect())
}

fn files(node: &Node, upper: &str) -> Result<Command, String> {
    let words = node.args.words();
    let Some((target, sources)) = words.split_last().filter(|(_, sources)| !sources.is_empty()) else {
        return Err(format!(
            "{upper} requires at least two arguments, but only one was provided. Destination could not be determined"
        ));
    };
    let is_copy = node.name == "copy";
    let known: &[(&'static str, Kind)] = if is_copy {
        &[("chown", Kind::Value), ("from", Kind::Value), ("chmod", Kind::Value)]
    } else {
        &[("chown", Kind::Value), ("chmod", Kind::Value)]
    };
    let read = flags::read(&node.flags, known)?;
    let files = CopyFiles {
        sources: sources.to_vec(),
        target: target.clone(),
        from: value(&read, "from"),
        chown: value(&read, "chown"),
        chmod: value(&read, "chmod"),
    };
    Ok(if is_copy { Command::Copy(files) } else { Command::Add(files) })
}

fn run(node: &Node) -> Result<Command, String> {
    let known = [("mount", Kind::List), ("network", Kind::Value), ("security", Kind::Value)];
    let read = flags::read(&node.flags, &known)?;
    let mounts: Result<Vec<Mount>, String> =
        read.iter().filter(|(name, _)| *name == "mount").map(|(_, text)| mount::parse(text)).collect();
    let (network, security) = (value(&read, "network"), value(&read, "security"));
    if !matches!(network.as_str(), "" | "default" | "none" | "host") {
        return Err(format!("invalid network mode {}", super::json::quote(&network)));
    }
    if !matches!(security.as_str(), "" | "sandbox" | "insecure") {
        return Err(format!("security {} is not valid", super::json::quote(&security)));
    }
    Ok(Command::Run(Run {
        line: CommandLine { words: Some(node.args.words().to_vec()), is_shell: !node.args.is_json() },
        flag: read.first().map(|(name, _)| (*name).to_owned()),
        mounts: mounts?,
        network,
        security,
    }))
}

fn onbuild(node: &Node) -> Result<Command, String> {
    let Args::Trigger(Some(trigger)) = &node.args else {
        return Err("ONBUILD requires at least one argument".to_owned());
    };
    flags::read(&node.flags, &[])?;
    let upper = trigger.name.to_uppercase();
    match upper.as_str() {
        "ONBUILD" => Err("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed".to_owned()),
        "MAINTAINER" | "FROM" => Err(format!("{upper} isn't allowed as an ONBUILD trigger")),
        _ => {
            let text = node.original.trim_start();
            let text = text.get("ONBUILD".len()..).unwrap_or_default();
            Ok(Command::Onbuild(text.trim_start().to_owned()))
        }
    }
}
