//! `ls` and `ll`.

mod format;

use self::format::{Format, Indicator, Layout, Listed};
use super::common::args::{Flag, Key, Order, Parsed, Usage, Value, flag, long, parse, refused, valued};
use super::common::flavour::Habits;
use super::common::run::Run;
use super::common::text::quote_if_needed;
use super::common::users::Users;
use crate::kernel::{ByteString, Errno, FileType, Stat, fs, path};
use crate::program::{Flow, Process, Program, Scope, System, Terminal};

pub(super) const PROGRAM: Program =
    Program { name: "ls", summary: "list directories", scope: Scope::Everywhere, main };
pub(super) const LL: Program =
    Program { name: "ll", summary: "the same as ls -l", scope: Scope::Host, main: ll };

const FLAGS: &[Flag] = &[
    flag('1', "", "one name a line"),
    flag('a', "all", "also names that start with a dot"),
    flag('A', "almost-all", "the same without . and .."),
    flag('c', "", "with -l: show the time of the last change of metadata"),
    flag('C', "", "in columns"),
    flag('d', "directory", "directories themselves, not what is in them"),
    flag('f', "", "do not sort, show all"),
    flag('F', "classify", "append an indicator to names"),
    flag('g', "", "like -l without the owner"),
    flag('G', "no-group", "without the group"),
    flag('h', "human-readable", "sizes like 1.0K, 23M"),
    flag('H', "dereference-command-line", "follow symbolic links named as operands"),
    flag('i', "inode", "with the inode's number"),
    flag('k', "kibibytes", ""),
    flag('l', "", "with mode, links, owner, group, size and time"),
    flag('L', "dereference", "follow all symbolic links"),
    flag('n', "numeric-uid-gid", "like -l with numbers for owner and group"),
    flag('N', "literal", "names without quotes"),
    flag('o', "", "like -l without the group"),
    flag('p', "", "append / to directories"),
    flag('q', "", ""),
    flag('r', "reverse", "in reverse order"),
    flag('R', "recursive", "with all that is below"),
    flag('s', "size", "with the space taken, in blocks"),
    flag('S', "", "sorted by size, largest first"),
    flag('t', "", "sorted by time, newest first"),
    flag('u', "", "with -l: show the time of the last read"),
    flag('U', "", "not sorted"),
    flag('v', "", "sorted by version numbers"),
    valued('w', "width", "as if the terminal were this wide"),
    flag('x', "", "in columns, across"),
    flag('X', "", "sorted by extension"),
    refused(
        long("color", Value::Optional, ""),
        "the lab's ls has no colours; leave --color out",
        &["auto", "never", "tty", "if-tty", "no", "none"],
    ),
    long("full-time", Value::No, "like -l with times in full"),
    long("group-directories-first", Value::No, "directories before files"),
    refused(
        long("time-style", Value::Required, ""),
        "the lab's ls shows times as usual, or whole with --full-time",
        &["full-iso", "locale"],
    ),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... [FILE]...",
    about: "List information about the FILEs (the current directory by default), sorted by the bytes of their names.",
    flags: FLAGS,
    status: 2,
};

fn ll(system: &mut System<'_>, process: &mut Process) -> Flow {
    process.args[0] = "ls".into();
    process.args.insert(1, "-l".into());
    main(system, process)
}

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let format = choose(&mut run, &parsed);
    let mut lister = Lister { format, parsed: &parsed, users: Users::default(), printed: false };
    if lister.format.long() {
        lister.users = Users::read(&mut run);
    }
    let operands = if parsed.operands.is_empty() { vec![".".into()] } else { parsed.operands.clone() };
    lister.operands(&mut run, operands);
    run.end()
}

fn choose(run: &mut Run<'_, '_>, parsed: &Parsed) -> Format {
    let columns = run.process.terminal == Terminal::Yes && run.process.stdout.is_terminal(run.system);
    let usual = if columns { Layout::Columns } else { Layout::Lines };
    let asked = parsed.options.iter().rev().find_map(|(key, _)| match key {
        Key::Letter('l' | 'g' | 'n' | 'o') | Key::Name("full-time") => Some(Layout::Long),
        Key::Letter('1') => Some(Layout::Lines),
        Key::Letter('C') => Some(Layout::Columns),
        Key::Letter('x') => Some(Layout::Across),
        _ => None,
    });
    let layout = asked.unwrap_or(usual);
    let indicator = match parsed.last_of("Fp") {
        Some('F') => Indicator::All,
        Some(_) => Indicator::Dirs,
        None => Indicator::None,
    };
    let habits = run.habits();
    Format {
        layout,
        indicator,
        fixed: habits.ls_fixed_columns,
        ascii: !habits.ls_quotes && !run.has_utf8(),
        quoted: columns && habits.ls_quotes && !parsed.has('N'),
        human: parsed.has('h'),
        inode: parsed.has('i'),
        blocks: parsed.has('s'),
        numeric: parsed.has('n'),
        owner: !parsed.has('g'),
        group: !parsed.has('o') && !parsed.has('G'),
        full_time: parsed.has("full-time")
            || parsed.value("time-style").is_some_and(|style| *style == "full-iso"),
        time: parsed.last_of("cu").unwrap_or('m'),
        width: parsed.value('w').and_then(|w| w.to_text().parse().ok()).unwrap_or(80),
        now: crate::program::to_timespec(run.system.now()),
    }
}

struct Lister<'p> {
    format: Format,
    parsed: &'p Parsed,
    users: Users,
    printed: bool,
}

impl Lister<'_> {
    fn operands(&mut self, run: &mut Run<'_, '_>, operands: Vec<ByteString>) {
        let several = operands.len() > 1;
        let (mut files, mut dirs) = (Vec::new(), Vec::new());
        for operand in operands {
            match self.look(run, &operand) {
                Ok(stat) if stat.is_dir() && !self.parsed.has('d') => {
                    dirs.push(Listed { name: operand, stat: Some(stat), is_link: false, target: None });
                }
                Ok(stat) => {
                    let target = self.target(run, &operand, &stat);
                    files.push(Listed { name: operand, stat: Some(stat), is_link: false, target });
                }
                Err(error) => inaccessible(run, &operand, error, run.habits().grave_status),
            }
        }
        self.sort(&mut files);
        self.sort(&mut dirs);
        if !files.is_empty() {
            self.show(run, &files);
        }
        let headed = several || self.parsed.has('R');
        let mut work: Vec<ByteString> = dirs.into_iter().rev().map(|entry| entry.name).collect();
        while let Some(dir) = work.pop() {
            if !run.step() {
                return;
            }
            let below = self.directory(run, &dir, headed);
            work.extend(below.into_iter().rev());
        }
    }

    /// What an operand is. A symbolic link is followed if it leads to a directory, or by habit wherever it leads; never
    /// where its own line, number or size is wanted.
    fn look(&self, run: &mut Run<'_, '_>, operand: &[u8]) -> Result<Stat, Errno> {
        if self.parsed.has('L') || self.parsed.has('H') {
            return run.stat(operand);
        }
        let as_link = self.format.long() || self.format.indicator == Indicator::All;
        if run.habits().ls_follows_operands {
            let as_link = as_link || self.format.inode || self.format.blocks;
            return if as_link { run.lstat(operand) } else { run.stat(operand) };
        }
        if as_link || self.parsed.has('d') {
            return run.lstat(operand);
        }
        match run.stat(operand) {
            Ok(stat) if stat.is_dir() => Ok(stat),
            Ok(_) | Err(Errno::ENOENT) => run.lstat(operand),
            Err(error) => Err(error),
        }
    }

    /// Whether entries are looked at one by one.
    fn is_looked_at(&self, habits: &Habits) -> bool {
        let format = &self.format;
        let shown = format.long() || format.inode || format.blocks || format.indicator != Indicator::None;
        let sorted = self.parsed.last_of("tSR").is_some() || self.parsed.has("group-directories-first");
        habits.ls_looks_at_all || shown || sorted
    }

    /// Lists one directory; with `-R` gives the directories below.
    fn directory(&mut self, run: &mut Run<'_, '_>, dir: &ByteString, headed: bool) -> Vec<ByteString> {
        let (kernel, task) = run.kernel();
        let entries = match fs::read_dir(kernel, task, dir) {
            Ok(entries) => entries,
            Err(error) => {
                run.warn_failed(run.words().ls_cannot_open, dir, error);
                run.status = run.habits().grave_status;
                return Vec::new();
            }
        };
        let all = self.parsed.has('a') || self.parsed.has('f');
        let hidden = all || self.parsed.has('A');
        let own: &[&[u8]] = if all { &[b".", b".."] } else { &[] };
        let names = own.iter().map(|name| ByteString::from(*name));
        let names =
            names.chain(entries.into_iter().map(|e| e.name).filter(|n| hidden || !n.starts_with(b".")));
        let mut listed = Vec::new();
        for name in names {
            let file = path::join(dir, &name);
            let own = run.lstat(&file);
            let is_link = own.as_ref().is_ok_and(|stat| stat.kind == FileType::Symlink);
            let found = if self.parsed.has('L') && is_link { run.stat(&file) } else { own };
            match found {
                Ok(stat) => {
                    let target = self.target(run, &file, &stat);
                    listed.push(Listed { name, stat: Some(stat), is_link, target });
                }
                Err(_) if is_link && !self.is_looked_at(run.habits()) => {
                    listed.push(Listed { name, stat: None, is_link, target: None });
                }
                Err(error) => {
                    let is_here = dir == "." && run.habits().drops_dot;
                    inaccessible(run, if is_here { &name } else { &file }, error, 1);
                    // GNU lists a name that readdir gave and stat refuses (a ghost) with question marks.
                    if run.habits().ls_lists_unknown {
                        listed.push(Listed { name, stat: None, is_link, target: None });
                    }
                }
            }
        }
        self.sort(&mut listed);
        if headed {
            let gap: &[u8] = if self.printed { b"\n" } else { b"" };
            let shown = if self.format.quoted { quote_if_needed(dir) } else { dir.to_vec() };
            run.print([gap, &shown, b":\n"].concat());
        }
        self.printed = true;
        if self.format.long() || self.format.blocks {
            let total = self.format.total(&listed);
            run.print(total);
        }
        self.show(run, &listed);
        if !self.parsed.has('R') {
            return Vec::new();
        }
        let is_dir =
            |e: &&Listed| e.stat.as_ref().is_some_and(Stat::is_dir) && !matches!(&e.name[..], b"." | b"..");
        listed.iter().filter(is_dir).map(|entry| path::join(dir, &entry.name)).collect()
    }

    fn target(&self, run: &mut Run<'_, '_>, file: &[u8], stat: &Stat) -> Option<ByteString> {
        if stat.kind != FileType::Symlink || !self.format.long() {
            return None;
        }
        let (kernel, task) = run.kernel();
        kernel.readlink(task, file).ok()
    }

    fn show(&mut self, run: &mut Run<'_, '_>, entries: &[Listed]) {
        self.printed = true;
        let text = self.format.render(entries, &self.users);
        run.print(text);
    }

    fn sort(&self, entries: &mut [Listed]) {
        let key = self.parsed.last_of("tSUfXv");
        if matches!(key, Some('U' | 'f')) {
            return;
        }
        let extension = |name: &[u8]| -> Vec<u8> {
            name.iter()
                .rposition(|b| *b == b'.')
                .filter(|at| *at > 0)
                .map_or_else(Vec::new, |at| name[at..].to_vec())
        };
        entries.sort_by(|a, b| {
            let first = match (key, &a.stat, &b.stat) {
                (Some('t'), Some(x), Some(y)) => self.format.time_of(y).cmp(&self.format.time_of(x)),
                (Some('S'), Some(x), Some(y)) => y.size.cmp(&x.size),
                (Some('X'), ..) => extension(&a.name).cmp(&extension(&b.name)),
                _ => std::cmp::Ordering::Equal,
            };
            first.then_with(|| a.name.cmp(&b.name))
        });
        if self.parsed.has('r') {
            entries.reverse();
        }
        if self.parsed.has("group-directories-first") {
            entries.sort_by_key(|entry| !entry.stat.as_ref().is_some_and(Stat::is_dir));
        }
    }
}

fn inaccessible(run: &mut Run<'_, '_>, file: &[u8], error: Errno, status: u8) {
    run.warn_failed(run.words().cannot_access, file, error);
    run.status = run.status.max(status);
}
