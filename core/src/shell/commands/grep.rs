//! `grep`, `egrep`, `fgrep`.

use super::common::args::{Flag, Order, Parsed, Usage, Value, flag, long, parse, refused, valued};
use super::common::regex::{Case, Regex, Syntax};
use super::common::run::Run;
use crate::kernel::{ByteString, Errno, FileType, fs, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "grep", summary: "print lines that match", scope: Scope::Everywhere, main };
pub(super) const EGREP: Program =
    Program { name: "egrep", summary: "the same as grep -E", scope: Scope::Everywhere, main };
pub(super) const FGREP: Program =
    Program { name: "fgrep", summary: "the same as grep -F", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    flag('E', "extended-regexp", "extended regular expressions"),
    flag('F', "fixed-strings", "strings"),
    flag('G', "basic-regexp", "basic regular expressions"),
    valued('e', "regexp", "search for this"),
    flag('i', "ignore-case", "upper and lower case are one"),
    flag('y', "", ""),
    flag('v', "invert-match", "lines that do not match"),
    flag('w', "word-regexp", "whole words"),
    flag('x', "line-regexp", "whole lines"),
    flag('c', "count", "count the lines"),
    flag('l', "files-with-matches", "names of files that match"),
    flag('L', "files-without-match", "names of files that do not"),
    flag('q', "quiet", "print nothing"),
    flag('s', "no-messages", "say nothing of errors"),
    flag('n', "line-number", "with line numbers"),
    flag('H', "with-filename", "with file names"),
    flag('h', "no-filename", "without file names"),
    flag('o', "only-matching", "the matching parts alone"),
    flag('r', "recursive", "all files below directories"),
    flag('R', "dereference-recursive", "the same"),
    flag('a', "text", "binary files as text"),
    valued('m', "max-count", "stop after this many lines"),
    valued('A', "after-context", "with this many lines after"),
    valued('B', "before-context", "with this many lines before"),
    valued('C', "context", "with this many lines around"),
    refused(
        long("color", Value::Optional, ""),
        "the lab's grep has no colours; leave --color out",
        &["auto", "never", "tty", "if-tty", "no", "none"],
    ),
    long("include", Value::Required, "only files whose names match"),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... PATTERNS [FILE]...",
    about: "Search for PATTERNS in each FILE.",
    flags: FLAGS,
    status: 2,
};

#[expect(clippy::struct_excessive_bools, reason = "each is one option of grep, and they go in any mixture")]
struct Search {
    patterns: Vec<Regex>,
    invert: bool,
    whole_line: bool,
    word: bool,
    named: bool,
    most: u64,
    before: usize,
    after: usize,
}

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let mut operands = parsed.operands.clone();
    let mut texts: Vec<ByteString> = parsed
        .options
        .iter()
        .filter(|(key, _)| key.letter() == Some('e'))
        .filter_map(|(_, value)| value.clone())
        .collect();
    if texts.is_empty() {
        if operands.is_empty() {
            let name = run.name();
            run.complain(format!(
                "Usage: {name} [OPTION]... PATTERNS [FILE]...\nTry '{name} --help' for more information.\n"
            ));
            return Flow::Exit(2);
        }
        texts.push(operands.remove(0));
    }
    let recursive = parsed.has('r') || parsed.has('R');
    let named = match parsed.last_of("Hh") {
        Some('H') => true,
        Some(_) => false,
        None => operands.len() > 1 || recursive,
    };
    let patterns = match compile(&mut run, &parsed, &texts) {
        Ok(patterns) => patterns,
        Err(status) => return Flow::Exit(status),
    };
    let number = |key: char| parsed.value(key).and_then(|text| text.to_text().parse::<usize>().ok());
    let around = number('C').unwrap_or(0);
    let search = Search {
        patterns,
        invert: parsed.has('v'),
        whole_line: parsed.has('x'),
        word: parsed.has('w'),
        named,
        most: number('m').map_or(u64::MAX, |most| most as u64),
        before: number('B').unwrap_or(around),
        after: number('A').unwrap_or(around),
    };
    if operands.is_empty() {
        operands.push(if recursive { "." } else { "-" }.into());
    }
    let implied = recursive && parsed.operands.len() + usize::from(parsed.has('e')) < 2;
    let mut found = false;
    let mut work: Vec<(ByteString, bool)> = operands.into_iter().rev().map(|file| (file, false)).collect();
    while let Some((file, below)) = work.pop() {
        if !run.step() {
            break;
        }
        let stat = if file == "-" { None } else { run.stat(&file).ok() };
        if stat.is_some_and(|stat| stat.is_dir()) {
            if !recursive || below && run.lstat(&file).is_ok_and(|stat| stat.kind == FileType::Symlink) {
                if run.habits().grep_tells_directories {
                    complain(&mut run, &parsed, &file, Errno::EISDIR);
                }
                continue;
            }
            let (kernel, task) = run.kernel();
            match fs::read_dir_sorted(kernel, task, &file) {
                Ok(entries) => {
                    let links = run.habits().grep_reads_links_below;
                    let below = entries.iter().rev().filter(|e| e.kind != FileType::Symlink || links);
                    let implied = implied && file == ".";
                    work.extend(
                        below.map(|e| {
                            (if implied { e.name.clone() } else { path::join(&file, &e.name) }, true)
                        }),
                    );
                }
                Err(error) => complain(&mut run, &parsed, &file, error),
            }
            continue;
        }
        match run.slurp(&file) {
            Ok(data) => found |= search.file(&mut run, &parsed, &file, &data),
            Err(error) => complain(&mut run, &parsed, &file, error),
        }
        if found && parsed.has('q') {
            return Flow::Exit(0);
        }
    }
    let status = if run.status > 0 { 2 } else { u8::from(!found) };
    Flow::Exit(status)
}

fn complain(run: &mut Run<'_, '_>, parsed: &Parsed, file: &[u8], error: Errno) {
    if parsed.has('s') {
        run.status = 2;
    } else {
        run.warn_bare(file, error);
    }
}

fn compile(run: &mut Run<'_, '_>, parsed: &Parsed, texts: &[ByteString]) -> Result<Vec<Regex>, u8> {
    let syntax = match (parsed.last_of("EFG"), run.name().as_str()) {
        (Some('E'), _) | (None, "egrep") => Syntax::Extended,
        (Some('F'), _) | (None, "fgrep") => Syntax::Fixed,
        _ => Syntax::Basic,
    };
    let case = if parsed.has('i') || parsed.has('y') { Case::Ignored } else { Case::Kept };
    let mut patterns = Vec::new();
    for text in texts.iter().flat_map(|text| text.split(|b| *b == b'\n')) {
        match Regex::new(text, syntax, case) {
            Ok(regex) => patterns.push(regex),
            Err(refusal) => {
                refusal.tell(run);
                return Err(2);
            }
        }
    }
    Ok(patterns)
}

impl Search {
    /// Where a line matches.
    fn spans(&self, line: &[u8]) -> Vec<(usize, usize)> {
        let is_word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for regex in &self.patterns {
            for (start, end) in regex.all(line).into_iter().filter_map(|groups| groups[0]) {
                let whole = start == 0 && end == line.len();
                let word =
                    !is_word(start.checked_sub(1).and_then(|at| line.get(at))) && !is_word(line.get(end));
                if (!self.whole_line || whole) && (!self.word || word) {
                    spans.push((start, end));
                }
            }
        }
        spans.sort_unstable();
        spans
    }

    /// Searches one file; whether a line was chosen.
    fn file(&self, run: &mut Run<'_, '_>, parsed: &Parsed, file: &ByteString, data: &[u8]) -> bool {
        let body = data.strip_suffix(b"\n").unwrap_or(data);
        let lines: Vec<&[u8]> =
            if data.is_empty() { Vec::new() } else { body.split(|b| *b == b'\n').collect() };
        let binary = !parsed.has('a') && data.contains(&0);
        let shown: &[u8] = if file == "-" { b"(standard input)" } else { file };
        let quiet = parsed.has('q') || parsed.has('l') || parsed.has('L') || parsed.has('c');
        let mut count = 0;
        let mut printed: Option<usize> = None;
        let mut trailing = 0;
        for (at, line) in lines.iter().enumerate() {
            if !run.step() {
                return count > 0;
            }
            let spans = self.spans(line);
            if spans.is_empty() != self.invert {
                if trailing > 0 && !quiet {
                    trailing -= 1;
                    self.line(run, parsed, shown, at, line, b'-');
                    printed = Some(at);
                }
                continue;
            }
            count += 1;
            if !quiet && binary {
                run.print([&run.name().into_bytes()[..], b": ", shown, b": binary file matches\n"].concat());
                return true;
            }
            if !quiet && parsed.has('o') {
                for (start, end) in spans.iter().filter(|(start, end)| start < end) {
                    self.line(run, parsed, shown, at, &line[*start..*end], b':');
                }
            } else if !quiet {
                let from = at.saturating_sub(self.before).max(printed.map_or(0, |p| p + 1));
                if (self.before > 0 || self.after > 0) && printed.is_some_and(|p| p + 1 < from) {
                    run.print("--\n");
                }
                for (before, line) in lines.iter().enumerate().take(at).skip(from) {
                    self.line(run, parsed, shown, before, line, b'-');
                }
                self.line(run, parsed, shown, at, line, b':');
                printed = Some(at);
                trailing = self.after;
            }
            if count >= self.most {
                break;
            }
        }
        if parsed.has('l') && count > 0 || parsed.has('L') && count == 0 {
            run.print([shown, b"\n"].concat());
        } else if parsed.has('c') && !parsed.has('q') && !parsed.has('l') && !parsed.has('L') {
            let lead = if self.named { [shown, b":"].concat() } else { Vec::new() };
            run.print([&lead[..], format!("{count}\n").as_bytes()].concat());
        }
        count > 0
    }

    fn line(&self, run: &mut Run<'_, '_>, parsed: &Parsed, file: &[u8], at: usize, text: &[u8], mark: u8) {
        let mut out = Vec::new();
        if self.named {
            out.extend_from_slice(file);
            out.push(mark);
        }
        if parsed.has('n') {
            out.extend_from_slice((at + 1).to_string().as_bytes());
            out.push(mark);
        }
        out.extend_from_slice(text);
        out.push(b'\n');
        run.print(out);
    }
}
