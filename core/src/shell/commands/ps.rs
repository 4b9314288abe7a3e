//! `ps`: the processes that can be seen from a place, and the table that `docker top` shows (ps(1) of procps, and BusyBox's).

use super::common::run::Run;
use super::common::users::Users;
use crate::kernel::ByteString;
use crate::oci::time;
use crate::program::{Flow, Place, Process, Program, Row, Scope, System, to_timespec};

pub(super) const PROGRAM: Program =
    Program { name: "ps", summary: "list processes", scope: Scope::Everywhere, main };

/// A column: the names that `-o` knows it by, its title, its width, whether it stands at the right.
type Column = (&'static [&'static str], &'static str, usize, bool);

const COLUMNS: &[Column] = &[
    (&["pid"], "PID", 7, true),
    (&["ppid"], "PPID", 7, true),
    (&["user", "euser", "uname"], "USER", 8, false),
    (&["uid", "euid"], "UID", 5, true),
    (&["c"], "C", 2, true),
    (&["pcpu", "%cpu"], "%CPU", 4, true),
    (&["pmem", "%mem"], "%MEM", 4, true),
    (&["vsz", "vsize"], "VSZ", 6, true),
    (&["rss", "rssize"], "RSS", 5, true),
    (&["tty", "tt", "tname"], "TTY", 8, false),
    (&["stat", "state", "s"], "STAT", 4, false),
    (&["stime", "start", "start_time"], "STIME", 5, true),
    (&["time", "cputime"], "TIME", 8, true),
    (&["etime"], "ELAPSED", 11, true),
    (&["pgid", "pgrp"], "PGID", 7, true),
    (&["comm", "ucmd", "ucomm"], "COMMAND", 15, false),
    (&["args", "command"], "COMMAND", 27, false),
    (&["cmd"], "CMD", 27, false),
];

/// A column that is shown: which, and under which title and width.
pub(super) type Chosen = (usize, String, usize);

/// What a line of `ps` asks for.
struct Asked {
    columns: Vec<Chosen>,
    all: bool,
    pids: Vec<String>,
    names: Vec<String>,
    users: Vec<String>,
    titles: bool,
}

fn column(name: &str) -> Option<usize> {
    COLUMNS.iter().position(|(names, ..)| names.contains(&name))
}

pub(super) fn chosen(name: &str, title: &str, width: usize) -> Chosen {
    (column(name).unwrap_or_default(), title.to_owned(), width)
}

fn default_columns(name: &str) -> Vec<Chosen> {
    let plain = |name: &str| {
        let at = column(name).unwrap_or_default();
        (at, COLUMNS[at].1.to_owned(), COLUMNS[at].2)
    };
    match name {
        "full" => {
            let user = chosen("user", "UID", 8);
            let rest = ["pid", "ppid", "c", "stime", "tty", "time", "cmd"].map(plain);
            std::iter::once(user).chain(rest).collect()
        }
        "user" => {
            let first = ["user", "pid", "pcpu", "pmem", "vsz", "rss", "tty", "stat"].map(plain);
            let rest =
                [chosen("stime", "START", 5), chosen("time", "TIME", 6), chosen("args", "COMMAND", 27)];
            first.into_iter().chain(rest).collect()
        }
        "bsd" => {
            let first = ["pid", "tty", "stat"].map(plain);
            first.into_iter().chain([chosen("time", "TIME", 6), chosen("args", "COMMAND", 27)]).collect()
        }
        _ => {
            let first = ["pid", "tty", "time"].map(plain);
            first.into_iter().chain([chosen("comm", "CMD", 27)]).collect()
        }
    }
}

/// Reads the words of a line in both of ps's styles; the first that is not known is the error.
fn read(words: &[String]) -> Result<Asked, String> {
    let mut asked = Asked {
        columns: Vec::new(),
        all: false,
        pids: Vec::new(),
        names: Vec::new(),
        users: Vec::new(),
        titles: true,
    };
    let mut style = "";
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (letters, dash) = match word.strip_prefix('-') {
            _ if matches!(&word[..], "--no-headers" | "--no-heading") => {
                asked.titles = false;
                continue;
            }
            Some(rest) if !rest.is_empty() => (rest, true),
            _ => (&word[..], false),
        };
        if letters.starts_with(|c: char| c.is_ascii_digit()) {
            asked.pids.extend(letters.split(',').map(str::to_owned));
            continue;
        }
        let rest = letters.char_indices();
        for (at, letter) in rest {
            match letter {
                'e' if dash => asked.all = true,
                'A' | 'a' | 'x' | 'd' => asked.all = true,
                'f' => style = "full",
                'F' | 'l' if dash => style = "full",
                'u' if !dash => style = "user",
                'w' | 'H' | 'N' => {}
                'e' | 'h' => {}
                'o' | 'O' | 'p' | 'q' | 'C' | 'u' | 'U' => {
                    let tail = &letters[at + 1..];
                    let value = if tail.is_empty() { words.next().cloned() } else { Some(tail.to_owned()) };
                    let value = value.unwrap_or_default();
                    let parts = value.split([',', ' ']).filter(|part| !part.is_empty()).map(str::to_owned);
                    match letter {
                        'o' | 'O' => choose(&mut asked, &value)?,
                        'p' | 'q' => asked.pids.extend(parts),
                        'C' => asked.names.extend(parts),
                        _ => asked.users.extend(parts),
                    }
                    break;
                }
                _ if dash => return Err("unsupported SysV option".to_owned()),
                _ => return Err("unsupported option (BSD syntax)".to_owned()),
            }
        }
        if !dash && style.is_empty() && letters.contains(['a', 'x']) {
            style = "bsd";
        }
    }
    if asked.columns.is_empty() {
        asked.columns = default_columns(style);
    }
    Ok(asked)
}

/// `-o pid,cmd=TITLE`: what stands behind `=` is a title, and the rest of the line with it.
fn choose(asked: &mut Asked, value: &str) -> Result<(), String> {
    for part in value.split([',', ' ']).filter(|part| !part.is_empty()) {
        let (name, title) = part.split_once('=').map_or((part, None), |(name, title)| (name, Some(title)));
        let at = column(name).ok_or_else(|| format!("unknown user-defined format specifier \"{name}\""))?;
        let title = title.unwrap_or(if name == "uid" { "UID" } else { COLUMNS[at].1 });
        asked.columns.push((at, title.to_owned(), COLUMNS[at].2.max(title.len())));
    }
    asked.titles &= asked.columns.iter().any(|(_, title, _)| !title.is_empty());
    Ok(())
}

/// What a process shows in a column.
pub(super) fn cell(
    system: &System<'_>,
    users: &Users,
    from: &Place,
    row: &Row,
    (at, _, width): &Chosen,
) -> String {
    let tasks = &system.world.tasks;
    let number = |pid| tasks.get(pid).and_then(|row| tasks.number(from, row)).unwrap_or_default();
    let text = || row.args.iter().map(ByteString::to_text).collect::<Vec<_>>().join(" ");
    let seconds = (system.now() - row.since).max(0) / crate::program::SECOND;
    match COLUMNS[*at].0[0] {
        "pid" => number(row.pid).to_string(),
        // The host sees numbers also of what its list leaves out.
        "ppid" if *from == Place::Host => row.parent.to_string(),
        "ppid" => number(row.parent).to_string(),
        "pgid" => number(row.group).to_string(),
        "user" => users.show_user(row.uid),
        "uid" => row.uid.to_string(),
        "c" | "vsz" | "rss" => "0".to_owned(),
        "pcpu" | "pmem" => "0.0".to_owned(),
        "tty" => if row.tty { "pts/0" } else { "?" }.to_owned(),
        "stat" => {
            let state = match () {
                () if row.ended.is_some() => 'Z',
                () if row.stopped || row.paused => 'T',
                () if row.pid == system.current => 'R',
                () => 'S',
            };
            let leads = if row.group == row.pid { "s" } else { "" };
            let front = if row.front && row.tty { "+" } else { "" };
            format!("{state}{leads}{front}")
        }
        "stime" => time::format(to_timespec(row.since)).get(11..16).unwrap_or_default().to_owned(),
        // The short form is BSD's, which has the narrower column.
        "time" if *width == 6 => "0:00".to_owned(),
        "time" => "00:00:00".to_owned(),
        "etime" => format!("{:02}:{:02}", seconds / 60, seconds % 60),
        "comm" => {
            let name =
                row.args.first().map(|arg| crate::kernel::path::file_name(arg).unwrap_or(arg).to_vec());
            String::from_utf8_lossy(&name.unwrap_or_default()).into_owned()
        }
        _ => text(),
    }
}

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let words: Vec<String> = run.process.args[1..].iter().map(ByteString::to_text).collect();
    if !run.habits().has_procps {
        return everything(&mut run, &words);
    }
    let asked = match read(&words) {
        Ok(asked) => asked,
        Err(why) => {
            run.complain(format!(
                "error: {why}\n\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or \
                 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n"
            ));
            return Flow::Exit(1);
        }
    };
    let users = Users::read(&mut run);
    let from = run.process.place.clone();
    let system = &*run.system;
    let own = system.world.tasks.get(system.current);
    let tty = own.is_some_and(|row| row.tty);
    let listed = |row: &&Row| {
        let Some(number) = system.world.tasks.number(&from, row) else { return false };
        let name = || {
            row.args.first().map(|arg| ByteString::from(crate::kernel::path::file_name(arg).unwrap_or(arg)))
        };
        if !asked.pids.is_empty() || !asked.names.is_empty() || !asked.users.is_empty() {
            return asked.pids.contains(&number.to_string())
                || asked.names.iter().any(|wanted| name().is_some_and(|name| name.to_text() == *wanted))
                || asked
                    .users
                    .iter()
                    .any(|user| *user == users.show_user(row.uid) || *user == row.uid.to_string());
        }
        asked.all || row.tty == tty && row.place == from
    };
    let table: Vec<Vec<String>> = system
        .world
        .tasks
        .iter()
        .filter(listed)
        .map(|row| asked.columns.iter().map(|column| cell(system, &users, &from, row, column)).collect())
        .collect();
    let found = !table.is_empty();
    let titles = asked.titles.then(|| asked.columns.iter().map(|(_, title, _)| title.clone()).collect());
    let mut text = String::new();
    for line in titles.into_iter().chain(table) {
        text.push_str(&layout(&asked.columns, &line));
        text.push('\n');
    }
    run.print(text);
    Flow::Exit(u8::from(!found))
}

fn layout(columns: &[Chosen], cells: &[String]) -> String {
    let mut line = String::new();
    for (place, ((at, _, width), text)) in columns.iter().zip(cells).enumerate() {
        if place > 0 {
            line.push(' ');
        }
        let last = place + 1 == columns.len();
        match COLUMNS[*at].3 {
            true => line.push_str(&format!("{text:>width$}")),
            false if last => line.push_str(text),
            false => line.push_str(&format!("{text:<width$}")),
        }
    }
    line
}

/// Lists everything there is, whatever the letters; `-o` alone is known.
fn everything(run: &mut Run<'_, '_>, words: &[String]) -> Flow {
    let users = Users::read(run);
    let from = run.process.place.clone();
    let mut asked = None;
    if let Some(at) = words.iter().position(|word| word.starts_with("-o")) {
        let tail = &words[at][2..];
        let value = if tail.is_empty() { words.get(at + 1).cloned() } else { Some(tail.to_owned()) };
        match read(&["-o".to_owned(), value.unwrap_or_default()]) {
            Ok(columns) => asked = Some(columns.columns),
            Err(_) => {
                run.warn(format!("bad -o argument '{}'", words.get(at + 1).map_or(tail, |word| word)));
                return Flow::Exit(1);
            }
        }
    }
    let system = &*run.system;
    let tasks = &system.world.tasks;
    let rows = tasks.iter().filter(|row| tasks.number(&from, row).is_some());
    let mut text = String::new();
    match &asked {
        None => {
            text.push_str("PID   USER     TIME  COMMAND\n");
            for row in rows {
                let cells = ["pid", "user", "args"].map(|name| {
                    let column = chosen(name, "", 0);
                    cell(system, &users, &from, row, &column)
                });
                text.push_str(&format!("{:>5} {:<8}  0:00 {}\n", cells[0], cells[1], cells[2]));
            }
        }
        Some(columns) => {
            let width = |at: usize| match COLUMNS[at].0[0] {
                "pid" | "ppid" => 5,
                other => {
                    if other == "user" {
                        8
                    } else {
                        5
                    }
                }
            };
            let line = |cells: Vec<String>| {
                let last = cells.len().saturating_sub(1);
                let padded = cells.iter().enumerate().map(|(place, text)| {
                    let width = if place == last { 0 } else { width(columns[place].0) };
                    format!("{text:<width$}")
                });
                padded.collect::<Vec<_>>().join(" ") + "\n"
            };
            text.push_str(&line(columns.iter().map(|(_, title, _)| title.clone()).collect()));
            for row in rows {
                text.push_str(&line(
                    columns.iter().map(|column| cell(system, &users, &from, row, column)).collect(),
                ));
            }
        }
    }
    run.print(text);
    Flow::OK
}

/// The table that the host's `ps` shows of a container's processes, titles first: what `docker top` asks for.
///
/// # Errors
/// What ps says of words that it does not know.
pub fn process_table(
    system: &mut System<'_>,
    process: &mut Process,
    container: &str,
    words: &[String],
) -> Result<Vec<Vec<String>>, String> {
    let full = ["-ef".to_owned()];
    let asked = read(if words.is_empty() { &full } else { words })?;
    let mut run = Run::new(system, process);
    let users = Users::read(&mut run);
    let system = &*run.system;
    let titles = asked.columns.iter().map(|(_, title, _)| title.clone()).collect();
    let rows = system.world.tasks.of_container(container);
    let cells = rows.map(|row| {
        asked.columns.iter().map(|column| cell(system, &users, &Place::Host, row, column)).collect()
    });
    Ok(std::iter::once(titles).chain(cells).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(words: &str) -> Result<String, String> {
        let words: Vec<String> =
            words.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let asked = read(&words)?;
        let titles: Vec<String> = asked.columns.iter().map(|(_, title, _)| title.clone()).collect();
        Ok(layout(&asked.columns, &titles))
    }

    #[test]
    fn the_columns_are_those_of_procps() {
        for (words, want) in [
            ("", "    PID TTY          TIME CMD"),
            ("-ef", "UID          PID    PPID  C STIME TTY          TIME CMD"),
            ("aux", "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND"),
            ("ax", "    PID TTY      STAT   TIME COMMAND"),
            ("-eo pid,ppid,cmd", "    PID    PPID CMD"),
        ] {
            assert_eq!(titles(words).as_deref(), Ok(want), "{words}");
        }
        assert_eq!(titles("-bogus").unwrap_err(), "unsupported SysV option");
        assert!(titles("-o nosuch").unwrap_err().contains("nosuch"));
    }
}
