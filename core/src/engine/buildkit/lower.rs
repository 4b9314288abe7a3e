//! What each instruction adds to its stage's graph and to its configuration.

use super::SolveError;
use super::graph::{GraphError, Reading, Stage, set};
use super::ops::{CopyOp, Op, RunOp, Tree};
use super::shown;
use crate::dockerfile::mount::MountKind;
use crate::dockerfile::{Command, CopyFiles, Instruction, expand, options, quote_list};
use crate::engine::ports;

impl Reading<'_, '_> {
    pub(super) fn instruction(
        &mut self,
        stage: &mut Stage,
        instruction: &Instruction,
    ) -> Result<(), GraphError> {
        let escape = self.file.directives.escape;
        let words = stage.words();
        let mut command = instruction.command.clone();
        command.expand(&words, escape).map_err(GraphError::File)?;
        let title = |stage: &mut Stage| {
            format!("{}{}", stage.prefix(), shown::text(&instruction.code, &words, escape))
        };
        match command {
            Command::Env(pairs) => {
                let mut note = "ENV".to_owned();
                for (name, value) in pairs {
                    note.push_str(&format!(" {name}={value}"));
                    set(stage.config.env.get_or_insert_default(), &name, &value);
                    stage.set_env(&name, &value);
                }
                stage.step(note, None);
            }
            Command::Label(pairs) => {
                let mut note = "LABEL".to_owned();
                for (name, value) in pairs {
                    note.push_str(&format!(" {name}={value}"));
                    stage.config.labels.get_or_insert_default().insert(name, value);
                }
                stage.step(note, None);
            }
            Command::Maintainer(name) => {
                stage.step(format!("MAINTAINER {name}"), None);
                stage.built.author = name;
            }
            Command::Cmd(line) => {
                let words = command_words(stage, line.words, line.is_shell);
                stage.step(format!("CMD {}", quote_list(words.as_deref().unwrap_or_default())), None);
                stage.config.args_escaped = true;
                stage.cmd_set = true;
                stage.config.cmd = words;
            }
            Command::Entrypoint(line) => {
                let words = command_words(stage, line.words, line.is_shell);
                stage.step(format!("ENTRYPOINT {}", quote_list(words.as_deref().unwrap_or_default())), None);
                if !stage.cmd_set {
                    stage.config.cmd = None;
                }
                stage.config.entrypoint = words;
            }
            Command::Expose(list) => {
                let mut all = std::collections::BTreeSet::new();
                for word in list {
                    for port in expand::words(&word, &words, escape).map_err(GraphError::File)? {
                        all.extend(ports::parse(&port).map_err(GraphError::File)?);
                    }
                }
                let shown: Vec<String> = all.iter().map(|port| format!("{port}:{{}}")).collect();
                stage.step(format!("EXPOSE map[{}]", shown.join(" ")), None);
                stage.config.exposed_ports.get_or_insert_default().0.extend(all);
            }
            Command::User(user) => {
                stage.step(format!("USER {user}"), None);
                stage.config.user = user;
            }
            Command::Volume(list) => {
                if list.iter().any(String::is_empty) {
                    return Err(GraphError::File("VOLUME specified can not be an empty string".to_owned()));
                }
                stage.step(format!("VOLUME [{}]", list.join(" ")), None);
                stage.config.volumes.get_or_insert_default().0.extend(list);
            }
            Command::StopSignal(signal) => {
                if !options::is_signal(&signal) {
                    return Err(GraphError::File(format!("Invalid signal: {signal}")));
                }
                stage.step(format!("STOPSIGNAL {signal}"), None);
                stage.config.stop_signal = signal;
            }
            Command::Healthcheck(check) => {
                stage.step(format!("HEALTHCHECK {}", options::health_text(&check)), None);
                stage.config.healthcheck = Some(check);
            }
            Command::Shell(words) => {
                stage.step(format!("SHELL [{}]", words.join(" ")), None);
                stage.config.shell = Some(words);
            }
            Command::Onbuild(text) => stage.config.on_build.get_or_insert_default().push(text),
            Command::Arg(list) => self.arg(stage, list),
            Command::Workdir(dir) => {
                let title = title(stage);
                let dir = stage.in_dir(&dir);
                stage.config.working_dir.clone_from(&dir);
                let mut made = None;
                if dir != "/" {
                    let op = Op::Mkdir(dir.clone(), stage.config.user.clone());
                    made = Some(self.add(title, instruction.line, stage.built.top.clone(), op));
                    stage.built.top = made.map_or(Tree::Scratch, Tree::Vertex);
                }
                stage.step(format!("WORKDIR {dir}"), made);
            }
            Command::Run(run) => {
                if run.security == "insecure" {
                    return Err(GraphError::Other(SolveError::new("security.insecure is not allowed")));
                }
                let title = title(stage);
                let mut args = run.line.words.unwrap_or_default();
                if run.line.is_shell {
                    let mut all = stage.shell();
                    all.extend(args);
                    args = all;
                }
                let counted: Vec<String> = stage
                    .args
                    .iter()
                    .map(|(name, value)| {
                        // What `ENV` made of it counts.
                        let own = format!("{name}=");
                        let set = stage.env.iter().find_map(|line| line.strip_prefix(own.as_str()));
                        format!("{name}={}", set.or(value.as_deref()).unwrap_or_default())
                    })
                    .collect();
                let before = if counted.is_empty() {
                    String::new()
                } else {
                    format!("|{} {} ", counted.len(), counted.join(" "))
                };
                let note = format!("RUN {before}{} # buildkit", args.join(" "));
                let mut mounts = Vec::new();
                for mut mount in run.mounts {
                    mount.target = expand::word(&mount.target, &words, escape).map_err(GraphError::File)?;
                    let from = match (mount.from.as_str(), mount.kind) {
                        ("", MountKind::Bind) => Tree::Context,
                        ("", _) => Tree::Scratch,
                        (name, _) => {
                            let name = name.to_owned();
                            self.tree(&name, instruction.line)?
                        }
                    };
                    if !mount.target.is_empty() {
                        mount.target = stage.in_dir(&mount.target);
                    }
                    if mount.target == "/" {
                        return Err(GraphError::File("invalid mount target \"/\"".to_owned()));
                    }
                    mounts.push((mount, from));
                }
                let op = Op::Run(RunOp {
                    args,
                    env: stage.env.clone(),
                    dir: stage.config.working_dir.clone(),
                    user: stage.config.user.clone(),
                    mounts,
                    network: run.network,
                });
                let vertex = self.add(title, instruction.line, stage.built.top.clone(), op);
                stage.built.top = Tree::Vertex(vertex);
                stage.step(note, Some(vertex));
            }
            Command::Add(files) => {
                let title = title(stage);
                self.copy(stage, &files, "ADD", title, instruction.line)?;
            }
            Command::Copy(files) => {
                let title = title(stage);
                self.copy(stage, &files, "COPY", title, instruction.line)?;
            }
        }
        Ok(())
    }

    fn arg(&mut self, stage: &mut Stage, list: Vec<(String, Option<String>)>) {
        let mut words = Vec::new();
        for (name, default) in list {
            let given = self.options.args.get(&name).cloned().flatten();
            words.push(match &default {
                Some(value) => format!("{name}={value}"),
                None => name.clone(),
            });
            let global =
                || self.globals.iter().rev().find(|(known, _)| *known == name).and_then(|(_, v)| v.clone());
            let value = given.or(default).or_else(global);
            if let Some(value) = &value {
                stage.set_env(&name, value);
            }
            stage.args.retain(|(known, _)| *known != name);
            stage.args.push((name, value));
        }
        stage.step(format!("ARG {}", words.join(" ")), None);
    }

    fn copy(
        &mut self,
        stage: &mut Stage,
        files: &CopyFiles,
        name: &str,
        title: String,
        line: usize,
    ) -> Result<(), GraphError> {
        let chmod = match files.chmod.as_str() {
            "" => None,
            text => Some(u32::from_str_radix(text, 8).map_err(|_| {
                GraphError::File(format!(
                    "invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777"
                ))
            })?),
        };
        if let Some(url) =
            files.sources.iter().find(|text| text.starts_with("http://") || text.starts_with("https://"))
        {
            return Err(GraphError::Other(SolveError::new(format!(
                "failed to load cache key: Get \"{url}\": dial tcp: no such host\nLayerlab: the lab has no network, so ADD \
                 cannot fetch a URL; put the file into the context"
            ))));
        }
        let from = if files.from.is_empty() { Tree::Context } else { self.tree(&files.from.clone(), line)? };
        let mut target = stage.in_dir(&files.target);
        let asks_dir = files.target.ends_with('/') || matches!(files.target.as_str(), "." | "");
        if asks_dir && !target.ends_with('/') {
            target.push('/');
        }
        let op = Op::Copy(CopyOp {
            from,
            sources: files.sources.clone(),
            target,
            chown: files.chown.clone(),
            chmod,
            unpacks: name == "ADD",
        });
        let vertex = self.add(title, line, stage.built.top.clone(), op);
        stage.built.top = Tree::Vertex(vertex);
        let note = format!("{name} {} {} # buildkit", files.sources.join(" "), files.target);
        stage.step(note, Some(vertex));
        Ok(())
    }
}

fn command_words(stage: &Stage, words: Option<Vec<String>>, is_shell: bool) -> Option<Vec<String>> {
    let words = words?;
    if !is_shell {
        return Some(words);
    }
    let mut all = stage.shell();
    all.extend(words);
    Some(all)
}
