//! Numbers and names as people read them.

use layerlab_core::kernel::FileType;
use layerlab_core::view::{PathEntry, Row, RowKind, Stack, SubjectKind};
use yew::prelude::*;

use crate::text::Text;
use crate::visible;

/// Bytes as docker writes them: three significant digits, powers of 1,000. (In whole numbers: floating point would bring
/// its printing, with its tables, into what the first prompt waits for.)
pub(crate) fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let n = u128::from(n);
    let (mut unit, mut size) = (0, 1_u128);
    while n * 2 >= size * 1999 && unit + 1 < UNITS.len() {
        size *= 1000;
        unit += 1;
    }
    // Three significant digits: so many behind the point.
    let places = match (unit, n * 1000 / size) {
        (0, _) => 0,
        (_, 0..9_995) => 2,
        (_, 9_995..99_950) => 1,
        _ => 0,
    };
    let scale = 10_u128.pow(places);
    let rounded = (n * scale * 2 + size) / (size * 2);
    let (whole, part) = (rounded / scale, rounded % scale);
    let digits = format!("{part:0width$}", width = places as usize);
    let digits = digits.trim_end_matches('0');
    let point = if places == 0 || digits.is_empty() { "" } else { "." };
    let digits = if places == 0 { "" } else { digits };
    format!("{whole}{point}{digits} {}", UNITS[unit])
}

/// What a layer is called: `web1`, `nginx · 3`.
pub(crate) fn row_name(row: &Row, text: &Text) -> String {
    match row.kind {
        RowKind::Merged => text.get("row.merged"),
        RowKind::Lower => visible::line(&row.dir),
        kind => layer_name(kind, &row.name, row.number, text),
    }
}

/// The same of a layer of an image or a container.
pub(crate) fn layer_name(kind: RowKind, name: &str, number: u32, text: &Text) -> String {
    let name = visible::line(name.as_bytes());
    match kind {
        RowKind::Init => text.with("row.init", &[("name", &name)]),
        RowKind::Image => format!("{name} · {number}"),
        RowKind::Merged | RowKind::Writable | RowKind::Lower => name,
    }
}

/// What made a layer, in the words of its Dockerfile line, or the container that it is a commit of.
pub(crate) fn made(command_of: Option<&str>, commit_of: Option<&str>, text: &Text) -> String {
    match commit_of {
        Some(container) => text.with("row.commit", &[("name", &visible::line(container.as_bytes()))]),
        None => command_of.map(command).unwrap_or_default(),
    }
}

/// The hue of a row: see [`hue_of`].
pub(crate) fn hue(stack: &Stack, row: usize) -> String {
    stack.rows.get(row).map_or_else(String::new, |row| hue_of(row.kind, row.hue))
}

/// The hue of a layer: a writable layer has its own, an image's is the same wherever the layer stands.
pub(crate) fn hue_of(kind: RowKind, hue: Option<u8>) -> String {
    match kind {
        RowKind::Writable => "up".into(),
        RowKind::Init => "init".into(),
        _ => format!("h{}", hue.unwrap_or_default()),
    }
}

/// The command that made a layer, without the words that Docker puts around it.
pub(crate) fn command(text: &str) -> String {
    let text = text.trim();
    let text = match text.strip_prefix("/bin/sh -c #(nop)") {
        Some(rest) => rest.trim().to_owned(),
        // BuildKit writes the instruction before its shell.
        None => match text.strip_prefix("RUN ").unwrap_or(text).strip_prefix("/bin/sh -c ") {
            Some(rest) => format!("RUN {rest}"),
            None => text.to_owned(),
        },
    };
    visible::line(text.trim_end_matches("# buildkit").trim().as_bytes())
}

/// A command with the digests in it cut to their beginnings: `COPY file:5769… in /`.
pub(super) fn brief(command: &str) -> String {
    let mut out = String::new();
    for word in command.split_inclusive(|c: char| !c.is_ascii_hexdigit()) {
        let digits = word.trim_end_matches(|c: char| !c.is_ascii_hexdigit());
        match digits.get(..4).filter(|_| digits.len() == 64) {
            Some(beginning) => out.extend([beginning, "…", &word[64..]]),
            None => out.push_str(word),
        }
    }
    out
}

/// The last component of a path, with a slash behind a directory's.
pub(crate) fn base_name(path: &[u8], dir: bool) -> String {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or(path);
    format!("{}{}", visible::line(name), if dir { "/" } else { "" })
}

/// The kind of a subject, in words.
pub(crate) fn kind(kind: SubjectKind, text: &Text) -> String {
    text.get(match kind {
        SubjectKind::Container => "stage.container",
        SubjectKind::Image => "stage.image",
        SubjectKind::Mount => "stage.mount",
    })
}

/// A path that may break behind its slashes, dots and dashes.
pub(super) fn breakable(path: &str) -> Html {
    path.split_inclusive(['/', '.', '_', '-']).map(|part| html! { <>{ part }<wbr /></> }).collect()
}

/// The kind of an entry in words.
pub(super) fn kind_name(entry: &PathEntry, text: &Text) -> String {
    text.get(match entry.kind {
        FileType::File => "kind.file",
        FileType::Dir => "kind.dir",
        FileType::Symlink => "kind.symlink",
        FileType::Fifo => "kind.fifo",
        FileType::Char => "kind.char",
        FileType::Block => "kind.block",
        FileType::Socket => "kind.socket",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (n, want) in [
            (0, "0 B"),
            (28, "28 B"),
            (999, "999 B"),
            (1000, "1 kB"),
            (1130, "1.13 kB"),
            (9_994, "9.99 kB"),
            (9_996, "10 kB"),
            (12_340, "12.3 kB"),
            (31_400_000, "31.4 MB"),
            (999_600, "1 MB"),
            (187_000_000, "187 MB"),
        ] {
            assert_eq!(bytes(n), want);
        }
    }

    #[test]
    fn commands_lose_dockers_wrapping() {
        assert_eq!(command("/bin/sh -c #(nop) COPY file:1 in / "), "COPY file:1 in /");
        assert_eq!(command("/bin/sh -c useradd x"), "RUN useradd x");
        assert_eq!(command("RUN true # buildkit"), "RUN true");
        assert_eq!(command("RUN /bin/sh -c rm x # buildkit"), "RUN rm x");
    }

    #[test]
    fn digests_are_cut() {
        let digest = "57699b8bfbb957699b8bfbb957699b8bfbb957699b8bfbb957699b8bfbb91234";
        assert_eq!(brief(&format!("COPY file:{digest} in /")), "COPY file:5769… in /");
        assert_eq!(brief(&format!("RUN true {digest}")), "RUN true 5769…");
        assert_eq!(brief("RUN deadbeef é"), "RUN deadbeef é");
    }

    #[test]
    fn paths() {
        assert_eq!(
            (base_name(b"/etc/motd", false), base_name(b"/srv", true)),
            ("motd".into(), "srv/".into())
        );
    }
}
