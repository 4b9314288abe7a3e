//! Docker's help texts, and what they say of each command's flags.
//!
//! `help.txt` holds what Docker 20.10.24's client prints for `docker X --help` (Docker's command line is under the
//! Apache License 2.0), a section a command. The flags that a command takes are read out of its own help, so that help,
//! parsing and completion cannot disagree.

const TEXTS: &str = include_str!("help.txt");
const MARK: &str = "=== ";

/// A flag, as a line of a help text gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FlagSpec {
    /// The one-letter form.
    pub short: Option<char>,
    /// The name, without dashes.
    pub long: &'static str,
    /// The kind of its value, empty for one that is there or not.
    pub kind: &'static str,
}

/// Flags that are taken and not shown, by the section that they belong to (docker/cli 20.10, `MarkHidden`).
const HIDDEN: [(&str, FlagSpec); 7] = [
    ("run", FlagSpec { short: None, long: "net", kind: "network" }),
    ("create", FlagSpec { short: None, long: "net", kind: "network" }),
    ("run", FlagSpec { short: None, long: "net-alias", kind: "list" }),
    ("create", FlagSpec { short: None, long: "net-alias", kind: "list" }),
    ("run", FlagSpec { short: None, long: "dns-opt", kind: "list" }),
    ("create", FlagSpec { short: None, long: "dns-opt", kind: "list" }),
    ("stop", FlagSpec { short: None, long: "timeout", kind: "int" }),
];

/// The help text of a command, as printed; the empty name is `docker` itself.
pub(super) fn section(name: &str) -> Option<&'static str> {
    TEXTS
        .split_inclusive('\n')
        .scan(0usize, |at, line| {
            let start = *at;
            *at += line.len();
            Some((start, line))
        })
        .find(|(_, line)| line.strip_prefix(MARK).is_some_and(|rest| rest.trim_end() == name))
        .map(|(start, line)| {
            let body = &TEXTS[start + line.len()..];
            let end = body.find("\n=== ").map_or(body.len(), |end| end + 1);
            &body[..end]
        })
}

/// The flags of a command.
pub(super) fn flags(name: &str) -> Vec<FlagSpec> {
    let text = section(name).unwrap_or_default();
    let hidden = HIDDEN.iter().filter(|(of, _)| *of == name).map(|(_, flag)| *flag);
    text.lines().filter_map(flag).chain(hidden).collect()
}

/// One line of the block `Options:`, if it starts a flag: `  -n, --last int   …` or `      --format string   …`.
fn flag(line: &'static str) -> Option<FlagSpec> {
    let (short, rest) = if let Some(rest) = line.strip_prefix("      --") {
        (None, rest)
    } else {
        let rest = line.strip_prefix("  -")?;
        let short = rest.chars().next()?;
        (Some(short), rest[short.len_utf8()..].strip_prefix(", --")?)
    };
    let end = rest.find(' ').unwrap_or(rest.len());
    let (long, rest) = rest.split_at(end);
    let kind = match rest.strip_prefix(' ') {
        Some(rest) if !rest.starts_with(' ') => rest.split(' ').next().unwrap_or_default(),
        _ => "",
    };
    Some(FlagSpec { short, long, kind })
}

/// The lines `Usage:` and what the command does: the part of the help that stands under an error about arguments.
pub(super) fn usage(text: &str) -> &str {
    let end = ["\nOptions:", "\nAliases:", "\nCommands:", "\nManagement Commands:"]
        .iter()
        .filter_map(|mark| text.find(mark))
        .min()
        .unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_out_of_the_help() {
        let ps = flags("ps");
        assert!(ps.contains(&FlagSpec { short: Some('n'), long: "last", kind: "int" }));
        assert!(ps.contains(&FlagSpec { short: Some('a'), long: "all", kind: "" }));
        assert!(ps.contains(&FlagSpec { short: None, long: "format", kind: "string" }));
        assert_eq!(ps.len(), 8);
        assert_eq!(flags("run").iter().filter(|f| f.long == "net").count(), 1);
        assert!(section("nosuch").is_none());
        assert_eq!(
            usage(section("diff").unwrap()),
            "\nUsage:  docker diff CONTAINER\n\nInspect changes to files or directories on a container's filesystem\n"
        );
    }
}
