//! The subject of a line: what it made, changed or named. The stack shows it when the line is done.

use super::{Follow, Subject, SubjectKind};

/// The subject that a line touched; none where the line touched nothing that has layers.
pub(super) fn touched<'a>(now: &'a [Subject], follow: &Follow) -> Option<&'a Subject> {
    let new: Vec<&Subject> =
        now.iter().filter(|subject| !follow.before.iter().any(|old| old.id == subject.id)).collect();
    // `docker run` may bring an image as well: the container is what was asked for.
    let newest = [SubjectKind::Container, SubjectKind::Image, SubjectKind::Mount]
        .iter()
        .find_map(|kind| new.iter().rev().find(|subject| subject.kind == *kind));
    newest
        .copied()
        .or_else(|| changed(now, follow))
        .or_else(|| named(now, follow))
        .or_else(|| turned(now, follow))
}

/// What a line wrote to: the one that it names, else the most telling.
fn changed<'a>(now: &'a [Subject], follow: &Follow) -> Option<&'a Subject> {
    let of = |layer: &String| {
        now.iter().find(|subject| match subject.kind {
            SubjectKind::Container => subject.name == *layer,
            SubjectKind::Mount => subject.upper.as_ref() == Some(layer),
            SubjectKind::Image => false,
        })
    };
    let written: Vec<&Subject> = follow.layers.iter().filter_map(of).collect();
    let words = words(follow);
    let is_named = |subject: &&&Subject| words.iter().any(|word| is_called(subject, word));
    written.iter().find(is_named).or(written.first()).copied()
}

/// What a docker line names: `docker exec web1 ls`, `docker history nginx`. The last word that is a name counts, so that
/// `docker tag nginx mine` shows mine; in `docker exec` and `docker run` it is the first, behind which is a command.
fn named<'a>(now: &'a [Subject], follow: &Follow) -> Option<&'a Subject> {
    let words = words(follow);
    let at = words.iter().position(|word| *word == "docker")?;
    let words = &words[at + 1..];
    let of = |word: &&str| now.iter().find(|subject| is_called(subject, word));
    let first = words.iter().any(|word| matches!(*word, "exec" | "run" | "create" | "commit"));
    if first { words.iter().find_map(of) } else { words.iter().rev().find_map(of) }
}

/// What a line renamed, started, stopped or gave another name.
fn turned<'a>(now: &'a [Subject], follow: &Follow) -> Option<&'a Subject> {
    now.iter().find(|subject| follow.before.iter().any(|old| old.id == subject.id && old != *subject))
}

fn words(follow: &Follow) -> Vec<&str> {
    let text = std::str::from_utf8(&follow.line).unwrap_or_default();
    text.split(|c: char| c.is_whitespace() || matches!(c, ';' | '|' | '&' | '"' | '\'' | '`' | '(' | ')'))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Whether a person may call a subject so: by its name, by the beginning of its id, with a path behind it (`web1:/etc`).
fn is_called(subject: &Subject, word: &str) -> bool {
    let id = subject.id.rsplit(':').next().unwrap_or_default();
    let by_id = word.len() >= 4 && word.bytes().all(|b| b.is_ascii_hexdigit()) && id.starts_with(word);
    match subject.kind {
        SubjectKind::Container => {
            by_id
                || word == subject.name
                || word.strip_prefix(&subject.name).is_some_and(|rest| rest.starts_with(":/"))
        }
        SubjectKind::Image => {
            by_id || word == subject.name || subject.name.strip_suffix(":latest") == Some(word)
        }
        SubjectKind::Mount => word == subject.name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(kind: SubjectKind, name: &str) -> Subject {
        let id = match kind {
            SubjectKind::Container => format!("container:c0ffee{name}"),
            SubjectKind::Image => format!("image:sha256:beef{name}"),
            SubjectKind::Mount => format!("mount:{name}"),
        };
        let upper = (kind == SubjectKind::Mount).then(|| "/up".to_owned());
        Subject { id, kind, name: name.into(), image: None, mounted: false, upper }
    }

    fn check(line: &str, layers: &[&str], before: usize, want: Option<&str>) {
        use SubjectKind::{Container, Image, Mount};
        let now = [
            subject(Container, "web1"),
            subject(Container, "web2"),
            subject(Image, "nginx:latest"),
            subject(Image, "mine:1"),
            subject(Mount, "/mnt"),
        ];
        let follow = Follow {
            line: line.into(),
            layers: layers.iter().map(|layer| (*layer).to_owned()).collect(),
            before: now[now.len() - before..].to_vec(),
        };
        assert_eq!(touched(&now, &follow).map(|subject| subject.name.as_str()), want, "{line}");
    }

    #[test]
    fn a_line_shows_what_it_made_changed_or_named() {
        check("docker run -d nginx", &["web2"], 3, Some("web2"));
        check("docker exec web1 rm /etc/motd", &["web1"], 5, Some("web1"));
        check("docker exec web1 touch /a", &["web2", "web1"], 5, Some("web1"));
        check("docker exec web2 cat nginx", &[], 5, Some("web2"));
        check("docker history nginx", &[], 5, Some("nginx:latest"));
        check("docker tag nginx mine:1", &[], 5, Some("mine:1"));
        check("docker cp web2:/etc/motd /root", &[], 5, Some("web2"));
        check("touch /mnt/a", &["/up"], 5, Some("/mnt"));
        check("ls nginx", &[], 5, None);
        check("docker ps", &[], 5, None);
    }
}
