//! `-c` of `docker commit` and `docker import`: lines of a Dockerfile that change a configuration and run nothing
//! (`docker commit` reference, "Commit a container with new configurations").

use super::stage::Stage;
use crate::dockerfile::{Command, expand, instruction, lines};
use crate::engine::ports;
use crate::oci::config::ContainerConfig;
use crate::oci::gopath;

/// The instructions that a change may be.
const VALID: [&str; 10] =
    ["cmd", "entrypoint", "healthcheck", "env", "expose", "label", "onbuild", "user", "volume", "workdir"];

/// Makes changes to a configuration, in their order; each sees the variables that those before it set.
///
/// # Errors
/// Docker's words for a change that it does not take.
pub fn changed(config: ContainerConfig, changes: &[String]) -> Result<ContainerConfig, String> {
    if changes.is_empty() {
        return Ok(config);
    }
    let lines = lines::parse(&changes.join("\n"))?;
    if let Some(node) = lines.nodes.iter().find(|node| !VALID.contains(&node.name.as_str())) {
        return Err(format!("{} is not a valid change command", node.name));
    }
    // All are read before the first acts.
    let commands: Vec<Command> = lines.nodes.iter().map(instruction::command).collect::<Result<_, _>>()?;
    let mut stage = Stage { config, ..Stage::default() };
    for command in commands {
        stage.change(command, lines.directives.escape)?;
    }
    Ok(stage.config)
}

impl Stage {
    fn change(&mut self, mut command: Command, escape: char) -> Result<(), String> {
        let env = self.config.env.clone().unwrap_or_default();
        command.expand(&env, escape)?;
        let config = &mut self.config;
        match command {
            Command::Env(pairs) => set_env(config, pairs),
            Command::Label(pairs) => config.labels.get_or_insert_default().extend(pairs),
            Command::Cmd(line) => {
                let words = self.words(line);
                self.cmd_set |= words.as_ref().is_some_and(|words| !words.is_empty());
                self.config.cmd = words;
            }
            Command::Entrypoint(line) => {
                self.config.entrypoint = self.words(line);
                // A command that is not said goes with the program that it was for.
                if !self.cmd_set {
                    self.config.cmd = None;
                }
            }
            Command::Expose(list) => {
                for word in list {
                    for port in expand::words(&word, &env, escape)? {
                        config.exposed_ports.get_or_insert_default().0.extend(ports::parse(&port)?);
                    }
                }
            }
            Command::User(user) => config.user = user,
            Command::Volume(list) => {
                if list.iter().any(String::is_empty) {
                    return Err("VOLUME specified can not be an empty string".to_owned());
                }
                config.volumes.get_or_insert_default().0.extend(list);
            }
            Command::Workdir(dir) => config.working_dir = working_dir(&config.working_dir, &dir)?,
            Command::Healthcheck(check) => config.healthcheck = Some(check),
            Command::Onbuild(text) => config.on_build.get_or_insert_default().push(text),
            other => return Err(format!("{} is not a valid change command", other.name().to_lowercase())),
        }
        Ok(())
    }
}

/// Sets variables of a configuration, each where it stood before.
pub(super) fn set_env(config: &mut ContainerConfig, pairs: Vec<(String, String)>) {
    let list = config.env.get_or_insert_default();
    for (name, value) in pairs {
        let line = format!("{name}={value}");
        match list.iter_mut().find(|old| old.split('=').next() == Some(&name)) {
            Some(old) => *old = line,
            None => list.push(line),
        }
    }
}

/// Where `WORKDIR` leads from a directory.
///
/// # Errors
/// Docker's words for an empty one.
pub(super) fn working_dir(from: &str, dir: &str) -> Result<String, String> {
    if dir.is_empty() {
        return Err("cannot normalize nothing".to_owned());
    }
    if dir.starts_with('/') {
        return Ok(dir.to_owned());
    }
    let joined = format!("/{from}/{dir}");
    Ok(String::from_utf8_lossy(&gopath::clean(joined.as_bytes())).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(lines: &[&str]) -> Result<ContainerConfig, String> {
        let config =
            ContainerConfig { env: Some(vec!["PATH=/bin".to_owned()]), ..ContainerConfig::default() };
        changed(config, &lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn changes_see_what_was_changed_before() {
        let lines =
            ["ENV P=/opt:$PATH", "ENV PATH /foo", "ENV V=1", "LABEL ver=$V", "EXPOSE ${V}000", "USER u$V"];
        let config = change(&lines).unwrap();
        assert_eq!(config.env.unwrap(), ["PATH=/foo", "P=/opt:/bin", "V=1"]);
        assert_eq!(config.labels.unwrap()["ver"], "1");
        assert!(config.exposed_ports.unwrap().0.contains("1000/tcp"));
        assert_eq!(config.user, "u1");
    }

    #[test]
    fn a_health_check_acts() {
        let check = change(&["HEALTHCHECK --interval=2s --retries=3 CMD test -f /ok"]).unwrap().healthcheck;
        let check = check.unwrap();
        assert_eq!(check.test.unwrap(), ["CMD-SHELL", "test -f /ok"]);
        assert_eq!((check.interval, check.retries), (2_000_000_000, 3));
        let none = change(&["healthcheck NONE"]).unwrap().healthcheck.unwrap();
        assert_eq!(none.test.unwrap(), ["NONE"]);
    }

    #[test]
    fn what_docker_does_not_take() {
        let why = |line: &str| change(&[line]).unwrap_err();
        assert_eq!(why("RUN true"), "run is not a valid change command");
        assert_eq!(why("STOPSIGNAL 9"), "stopsignal is not a valid change command");
        assert_eq!(why(""), "file with no instructions");
        assert_eq!(why("USER"), "USER requires exactly one argument");
        assert_eq!(why("HEALTHCHECK ASK x"), "Unknown type \"ASK\" in HEALTHCHECK (try CMD)");
        assert_eq!(why("EXPOSE x"), "Invalid containerPort: x");
    }

    #[test]
    fn a_command_goes_with_its_entrypoint() {
        let cmd = |lines: &[&str]| change(lines).unwrap().cmd;
        assert_eq!(cmd(&["CMD a", "ENTRYPOINT [\"b\"]"]).unwrap(), ["/bin/sh", "-c", "a"]);
        assert_eq!(cmd(&["ENTRYPOINT b"]), None);
    }
}
