//! The subject of a line: what it made, changed or named. The stack shows it when the line is done.

use super::{Follow, Subject, SubjectKind};

/// The subject that a line touched; none where the line touched nothing that has layers.
pub(super) fn touched<'a>(now: &'a [Subject], follow: &Follow) -> Option<&'a Subject> {
    let earlier = || follow.earlier.iter().find_map(|(line, layers)| written(now, line, layers));
    let Some(before) = &follow.before else {
        return written(now, &follow.line, &follow.layers).or_else(earlier);
    };
    let new: Vec<&Subject> =
        now.iter().filter(|subject| !before.iter().any(|old| old.id == subject.id)).collect();
    // `docker run` may bring an image as well: the container is what was asked for.
    let newest = [SubjectKind::Container, SubjectKind::Image, SubjectKind::Mount]
        .iter()
        .find_map(|kind| new.iter().rev().find(|subject| subject.kind == *kind));
    let words = words(&follow.line);
    newest
        .copied()
        .or_else(|| changed(now, &words, &follow.layers))
        .or_else(|| named(now, &words))
        .or_else(|| turned(now, before))
        .or_else(earlier)
}

/// What a line touched, as far as its words and what it wrote tell: the image that it made, else what it changed, else what it
/// names.
fn written<'a>(now: &'a [Subject], line: &[u8], layers: &[String]) -> Option<&'a Subject> {
    let words = words(line);
    let last = || words.iter().rev().find_map(|word| now.iter().find(|subject| is_called(subject, word)));
    let made = if words.contains(&"docker") && words.contains(&"commit") { last() } else { None };
    made.or_else(|| changed(now, &words, layers)).or_else(|| named(now, &words))
}

/// What a line wrote to: the one that it names, else the most telling.
fn changed<'a>(now: &'a [Subject], words: &[&str], layers: &[String]) -> Option<&'a Subject> {
    let of = |layer: &String| {
        now.iter().find(|subject| match subject.kind {
            SubjectKind::Container => subject.name == *layer,
            SubjectKind::Mount => subject.upper.as_ref() == Some(layer),
            SubjectKind::Image => false,
        })
    };
    let written: Vec<&Subject> = layers.iter().filter_map(of).collect();
    let is_named = |subject: &&&Subject| words.iter().any(|word| is_called(subject, word));
    written.iter().find(is_named).or(written.first()).copied()
}

/// What a docker line names: `docker exec web1 ls`, `docker history nginx`. The last word that is a name counts, so that
/// `docker tag nginx mine` shows mine; in `docker exec` and `docker run` it is the first, behind which is a command.
fn named<'a>(now: &'a [Subject], words: &[&str]) -> Option<&'a Subject> {
    let at = words.iter().position(|word| *word == "docker")?;
    let words = &words[at + 1..];
    let of = |word: &&str| now.iter().find(|subject| is_called(subject, word));
    let first = words.iter().any(|word| matches!(*word, "exec" | "run" | "create" | "commit"));
    if first { words.iter().find_map(of) } else { words.iter().rev().find_map(of) }
}

/// What a line renamed, started, stopped or gave another name.
fn turned<'a>(now: &'a [Subject], before: &[Subject]) -> Option<&'a Subject> {
    now.iter().find(|subject| before.iter().any(|old| old.id == subject.id && old != *subject))
}

fn words(line: &[u8]) -> Vec<&str> {
    let text = std::str::from_utf8(line).unwrap_or_default();
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

    fn check(line: &str, layers: &[&str], before: Option<usize>, want: Option<&str>) {
        use SubjectKind::{Container, Image, Mount};
        let now = [
            subject(Container, "web1"),
            subject(Container, "web2"),
            subject(Image, "nginx:latest"),
            subject(Image, "mine:1"),
            subject(Mount, "/mnt"),
        ];
        let layers: Vec<String> = layers.iter().map(|layer| (*layer).to_owned()).collect();
        let before = before.map(|count| now[now.len() - count..].to_vec());
        let earlier = vec![("docker exec web2 touch /a".into(), vec!["web2".into()])];
        let earlier = if before.is_some() { Vec::new() } else { earlier };
        let follow = Follow { line: line.into(), layers, before, earlier };
        assert_eq!(touched(&now, &follow).map(|subject| subject.name.as_str()), want, "{line}");
    }

    #[test]
    fn a_line_shows_what_it_made_changed_or_named() {
        check("docker run -d nginx", &["web2"], Some(3), Some("web2"));
        check("docker exec web1 rm /etc/motd", &["web1"], Some(5), Some("web1"));
        check("docker exec web1 touch /a", &["web2", "web1"], Some(5), Some("web1"));
        check("docker exec web2 cat nginx", &[], Some(5), Some("web2"));
        check("docker history nginx", &[], Some(5), Some("nginx:latest"));
        check("docker tag nginx mine:1", &[], Some(5), Some("mine:1"));
        check("docker cp web2:/etc/motd /root", &[], Some(5), Some("web2"));
        check("touch /mnt/a", &["/up"], Some(5), Some("/mnt"));
        check("ls nginx", &[], Some(5), None);
        check("docker ps", &[], Some(5), None);
    }

    #[test]
    fn of_a_session_that_is_opened_the_last_line_that_touched_something_counts() {
        check("docker exec web1 rm /etc/motd", &["web1"], None, Some("web1"));
        check("docker run -d nginx", &["web1"], None, Some("web1"));
        check("docker commit web1 mine:1", &[], None, Some("mine:1"));
        check("docker tag nginx mine:1", &[], None, Some("mine:1"));
        check("touch /mnt/a", &["/up"], None, Some("/mnt"));
        check("docker rm web3", &[], None, Some("web2"));
        check("docker ps", &[], None, Some("web2"));
    }
}
