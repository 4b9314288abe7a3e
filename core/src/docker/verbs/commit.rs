//! `docker commit` (oracle: commit-*), and `-c` of it and of `docker import`: lines of a Dockerfile that change a
//! configuration (`builder/dockerfile`, `BuildFromConfig`).

use super::super::{Call, Failure};
use crate::engine::CommitOptions;
use crate::kernel::ByteString;
use crate::oci::Reference;
use crate::oci::config::ContainerConfig;
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let (container, name) = (call.arg(0), call.flags.args.get(1).map(ByteString::to_text));
    let name = match name.filter(|name| !name.is_empty()) {
        None => None,
        Some(text) => {
            let reference = Reference::parse(&text).map_err(|error| Failure::new(error.to_string()))?;
            if reference.digest.is_some() {
                return Err(Failure::new("cannot commit to digest reference"));
            }
            Some(reference.or_latest())
        }
    };
    let found = call.engine()?.find_container(&container)?;
    // The changes are made to what the container has (`Daemon.CreateImageFromContainer`).
    let config = changed_config(call, found.config.clone())?;
    let options = CommitOptions {
        name,
        message: call.flags.text("message").unwrap_or_default(),
        author: call.flags.text("author").unwrap_or_default(),
        config,
    };
    let id = call.engine()?.commit(&found, options)?;
    call.line(&id.to_string());
    Ok(Flow::OK)
}

/// A configuration with the changes of `-c`.
pub(super) fn changed_config(
    call: &Call<'_, '_>,
    mut config: ContainerConfig,
) -> Result<ContainerConfig, Failure> {
    let lines = call.flags.list("change");
    let is = |word: &str, line: &&String| {
        line.split_whitespace().next().is_some_and(|first| first.eq_ignore_ascii_case(word))
    };
    let says_cmd = lines.iter().any(|line| is("cmd", &line));
    if lines.iter().any(|line| is("entrypoint", &line)) && !says_cmd {
        // A command that is not said goes with the program it was for (`dispatchEntrypoint`).
        config.cmd = None;
    }
    for line in lines {
        change(&mut config, &line)
            .map_err(|why| Failure::new(format!("Error response from daemon: {why}")))?;
    }
    Ok(config)
}

fn change(config: &mut ContainerConfig, line: &str) -> Result<(), String> {
    let line = line.trim();
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let (word, rest) = (word.to_lowercase(), rest.trim());
    if line.is_empty() {
        return Err("file with no instructions".to_owned());
    }
    // Where the builder puts in variables, and which: those that the configuration has by now.
    let expanded = match word.as_str() {
        "env" | "label" | "expose" | "volume" | "user" | "workdir" | "stopsignal" => {
            expand(rest, config.env.as_deref().unwrap_or_default())?
        }
        _ => rest.to_owned(),
    };
    let rest = expanded.as_str();
    let wants = |what: &str| format!("{} requires {what}", word.to_uppercase());
    match word.as_str() {
        "cmd" => config.cmd = Some(words_or_shell(rest)),
        "entrypoint" => config.entrypoint = Some(words_or_shell(rest)),
        "env" | "label" | "expose" | "volume" | "onbuild" if rest.is_empty() => {
            return Err(wants("at least one argument"));
        }
        "env" => {
            for (key, value) in pairs(rest)? {
                let env = config.env.get_or_insert_default();
                let line = format!("{key}={value}");
                match env.iter_mut().find(|line| line.split('=').next() == Some(key.as_str())) {
                    Some(there) => *there = line,
                    None => env.push(line),
                }
            }
        }
        "label" => {
            for (key, value) in pairs(rest)? {
                config.labels.get_or_insert_default().insert(key, value);
            }
        }
        "expose" => {
            for port in rest.split_whitespace() {
                let port = if port.contains('/') { port.to_owned() } else { format!("{port}/tcp") };
                config.exposed_ports.get_or_insert_default().0.insert(port);
            }
        }
        "volume" => {
            let list =
                json_words(rest).unwrap_or_else(|| rest.split_whitespace().map(str::to_owned).collect());
            config.volumes.get_or_insert_default().0.extend(list);
        }
        "user" | "workdir" | "stopsignal" if rest.split_whitespace().count() != 1 => {
            return Err(wants("exactly one argument"));
        }
        "user" => rest.clone_into(&mut config.user),
        "workdir" => {
            let dir = crate::kernel::path::join(config.working_dir.as_bytes(), rest.as_bytes());
            config.working_dir = crate::kernel::path::normalize(&dir).to_text();
        }
        "onbuild" => config.on_build.get_or_insert_default().push(rest.to_owned()),
        "healthcheck" => {}
        other => return Err(format!("{other} is not a valid change command")),
    }
    Ok(())
}

/// Puts in `$NAME`, `${NAME}`, `${NAME:-word}` and `${NAME:+word}`; not in single quotes, nor behind a backslash
/// (moby's `builder/dockerfile/shell`).
fn expand(text: &str, env: &[String]) -> Result<String, String> {
    let value_of = |name: &str| {
        env.iter().rev().find_map(|line| line.split_once('=').filter(|(key, _)| *key == name).map(|(_, v)| v))
    };
    let mut out = String::new();
    let mut rest = text;
    let mut single = false;
    while let Some(at) = rest.find(['$', '\\', '\'']) {
        out.push_str(&rest[..at]);
        let (mark, tail) = rest[at..].split_at(1);
        rest = tail;
        match mark {
            "'" => {
                single = !single;
                out.push('\'');
            }
            _ if single => out.push_str(mark),
            "\\" => {
                // `\$` is a dollar sign; other pairs are left to the reading of words.
                let next = rest.chars().next();
                if next != Some('$') {
                    out.push('\\');
                }
                out.extend(next);
                rest = &rest[next.map_or(0, char::len_utf8)..];
            }
            _ => {
                if let Some(inner) = rest.strip_prefix('{') {
                    let end = inner
                        .find('}')
                        .ok_or_else(|| "syntax error: missing '}' in variable substitution".to_owned())?;
                    let (name, word) = inner[..end].split_once(':').unwrap_or((&inner[..end], ""));
                    let value = value_of(name).filter(|value| !value.is_empty());
                    let put = match word.split_at_checked(1) {
                        Some(("-", word)) => value.unwrap_or(word),
                        Some(("+", word)) => value.map_or("", |_| word),
                        Some((other, _)) => {
                            return Err(format!("unsupported modifier ({other}) in substitution"));
                        }
                        None => value.unwrap_or_default(),
                    };
                    out.push_str(put);
                    rest = &inner[end + 1..];
                } else {
                    let end =
                        rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                    if end == 0 {
                        out.push('$');
                    } else {
                        out.push_str(value_of(&rest[..end]).unwrap_or_default());
                        rest = &rest[end..];
                    }
                }
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// `["a", "b"]`, if it is that.
fn json_words(text: &str) -> Option<Vec<String>> {
    text.starts_with('[').then(|| serde_json::from_str(text).ok()).flatten()
}

/// A list in JSON, or a line for the shell.
fn words_or_shell(text: &str) -> Vec<String> {
    json_words(text).unwrap_or_else(|| vec!["/bin/sh".to_owned(), "-c".to_owned(), text.to_owned()])
}

/// `a=b c="d e"`, or the old form `a b c`.
fn pairs(text: &str) -> Result<Vec<(String, String)>, String> {
    let words = split_words(text);
    if words.first().is_some_and(|word| !word.contains('=')) {
        let (key, value) =
            text.split_once(char::is_whitespace).ok_or_else(|| "ENV must have two arguments".to_owned())?;
        return Ok(vec![(key.to_owned(), value.trim().to_owned())]);
    }
    words
        .into_iter()
        .map(|word| match word.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
            _ => Err(format!("Syntax error - can't find = in \"{word}\". Must be of the form: name=value")),
        })
        .collect()
}

/// Words between blanks; quotes and backslashes as in a Dockerfile.
fn split_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut started = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', q) if q != Some('\'') => {
                word.extend(chars.next());
                started = true;
            }
            (c, Some(q)) if c == q => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                started = true;
            }
            (c, None) if c.is_whitespace() => {
                if started {
                    words.push(std::mem::take(&mut word));
                }
                started = false;
            }
            (c, _) => {
                word.push(c);
                started = true;
            }
        }
    }
    if started {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_see_what_was_changed_before() {
        let mut config =
            ContainerConfig { env: Some(vec!["PATH=/bin".to_owned()]), ..ContainerConfig::default() };
        for line in
            ["ENV P=/opt:$PATH", "ENV PATH /foo", "ENV V=1", "LABEL ver=$V", "EXPOSE ${V}000", "USER u$V"]
        {
            change(&mut config, line).unwrap();
        }
        assert_eq!(config.env.unwrap(), ["PATH=/foo", "P=/opt:/bin", "V=1"]);
        assert_eq!(config.labels.unwrap()["ver"], "1");
        assert!(config.exposed_ports.unwrap().0.contains("1000/tcp"));
        assert_eq!(config.user, "u1");
        assert_eq!(expand(r"'$V' \$V ${X:-d} ${V:+set}", &["V=1".to_owned()]).unwrap(), "'$V' $V d set");
    }
}
