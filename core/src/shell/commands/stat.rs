//! `stat`.

use super::common::args::{Flag, Order, Usage, Value, flag, long, missing, parse, valued};
use super::common::flavour::{Words, fill};
use super::common::mode;
use super::common::run::Run;
use super::common::text::quote;
use super::common::time;
use super::common::users::Users;
use crate::kernel::{ByteString, FileType, Stat, Timespec};
use crate::program::{Flow, Process, Program, Scope, System};
use crate::shell::escape::{Octal, unescape};

pub(super) const PROGRAM: Program =
    Program { name: "stat", summary: "show what a file is", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    flag('L', "dereference", "follow symbolic links"),
    flag('f', "file-system", "the file system instead of the file"),
    valued('c', "format", "print in this form, and a line feed"),
    long("printf", Value::Required, "print in this form, with escapes"),
    flag('t', "terse", "print on one line"),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... FILE...",
    about: "Display file or file system status.",
    flags: FLAGS,
    status: 1,
};

const TERSE: &str = "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n";
const SYSTEM: &str = "  File: \"%n\"\n    ID: 0        Namelen: 255     Type: %T\nBlock size: 4096       Fundamental block size: 4096\nBlocks: Total: %b Free: %f Available: %a\n";

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        return Flow::Exit(missing(&mut run, &USAGE, "missing operand"));
    }
    let users = Users::read(&mut run);
    let given = match (parsed.value("printf"), parsed.value('c')) {
        (Some(text), _) => Some(unescape(text, Octal::Plain).0),
        (None, Some(text)) => Some([&text[..], b"\n"].concat()),
        (None, None) => parsed.has('t').then(|| TERSE.as_bytes().to_vec()),
    };
    for operand in &parsed.operands {
        if parsed.has('f') {
            file_system(&mut run, operand, given.as_deref());
            continue;
        }
        let stat = match if parsed.has('L') { run.stat(operand) } else { run.lstat(operand) } {
            Ok(stat) => stat,
            Err(error) => {
                run.warn_failed(run.words().cannot_stat, operand, error);
                continue;
            }
        };
        let target = if stat.kind == FileType::Symlink {
            let (kernel, task) = run.kernel();
            kernel.readlink(task, operand).ok()
        } else {
            None
        };
        let words = run.words();
        let file = File { name: operand, stat: &stat, target: target.as_ref(), users: &users, words };
        let text = match &given {
            Some(format) => file.render(format),
            None => file.render(default_form(&stat, words).as_bytes()),
        };
        run.print(text);
    }
    run.end()
}

fn default_form(stat: &Stat, words: &Words) -> String {
    let is_device = matches!(stat.kind, FileType::Char | FileType::Block);
    let links = if is_device { words.stat_device_links } else { "%h" };
    let (device, birth) = (words.stat_device, words.stat_birth);
    format!(
        "  File: %\u{5}\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: {device}\tInode: %-10i  Links: {links}\n\
         Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n{birth}"
    )
}

struct File<'a> {
    name: &'a ByteString,
    stat: &'a Stat,
    target: Option<&'a ByteString>,
    users: &'a Users,
    words: &'static Words,
}

impl File<'_> {
    fn render(&self, format: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(byte) = format.get(at) {
            at += 1;
            if *byte != b'%' {
                out.push(*byte);
                continue;
            }
            let flags = format[at..].iter().take_while(|b| b"-0+ #'".contains(b)).count();
            let digits = format[at + flags..].iter().take_while(|b| b.is_ascii_digit()).count();
            let number = String::from_utf8_lossy(&format[at + flags..at + flags + digits]).into_owned();
            let wide = number.parse::<usize>().unwrap_or(0).min(4096);
            let shape = &format[at..at + flags];
            at += flags + digits;
            if format.get(at) == Some(&b'.') {
                at += 1 + format[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
            }
            let Some(letter) = format.get(at) else {
                out.push(b'%');
                break;
            };
            at += 1;
            let second = format.get(at).copied();
            let text = match (letter, second) {
                (b'H' | b'L', Some(b'd' | b'r')) => {
                    at += 1;
                    self.half(*letter, second.unwrap_or_default())
                }
                _ => self.item(*letter),
            };
            let room = wide.saturating_sub(text.len());
            if shape.contains(&b'-') {
                out.extend_from_slice(&text);
                out.extend(std::iter::repeat_n(b' ', room));
            } else {
                let fill = if shape.contains(&b'0') { b'0' } else { b' ' };
                out.extend(std::iter::repeat_n(fill, room));
                out.extend_from_slice(&text);
            }
        }
        out
    }

    /// Half of a device number: `%Hd`, `%Lr`.
    fn half(&self, half: u8, of: u8) -> Vec<u8> {
        let (major, minor) =
            if of == b'd' { device(self.stat.dev) } else { (self.stat.rdev.major, self.stat.rdev.minor) };
        if half == b'H' { major } else { minor }.to_string().into_bytes()
    }

    fn item(&self, letter: u8) -> Vec<u8> {
        let s = self.stat;
        let seconds = |time: Timespec| time.sec.to_string();
        let text = match letter {
            b'n' => return self.name.to_vec(),
            b'N' => {
                return match self.target {
                    Some(target) => fill(self.words.stat_link, &[self.name, target], quote),
                    None => fill(self.words.stat_name, &[self.name], quote),
                };
            }
            5 => {
                return match self.target {
                    Some(target) => [&self.name[..], b" -> ", target].concat(),
                    None => self.name.to_vec(),
                };
            }
            b'a' => format!("{:o}", s.mode),
            b'A' => mode::letters(s),
            b'b' => s.blocks.to_string(),
            b'B' => "512".to_owned(),
            b'd' => s.dev.to_string(),
            b'D' => format!("{:x}", s.dev),
            1 => device(s.dev).0.to_string(),
            2 => device(s.dev).1.to_string(),
            3 => s.rdev.major.to_string(),
            4 => s.rdev.minor.to_string(),
            b'f' => format!("{:x}", s.kind.bits() | s.mode),
            b'F' => kind(s).to_owned(),
            b'g' => s.gid.to_string(),
            b'G' => self.users.group_name(s.gid).unwrap_or("UNKNOWN").to_owned(),
            b'h' => s.nlink.to_string(),
            b'i' => s.ino.to_string(),
            b'm' => "/".to_owned(),
            b'o' => "4096".to_owned(),
            b's' => s.size.to_string(),
            b't' => format!("{:x}", s.rdev.major),
            b'T' => format!("{:x}", s.rdev.minor),
            b'u' => s.uid.to_string(),
            b'U' => self.users.user_name(s.uid).unwrap_or("UNKNOWN").to_owned(),
            // The seam tells no birth time.
            b'w' => "-".to_owned(),
            b'W' => "0".to_owned(),
            b'x' => time::full(s.atime),
            b'X' => seconds(s.atime),
            b'y' => time::full(s.mtime),
            b'Y' => seconds(s.mtime),
            b'z' => time::full(s.ctime),
            b'Z' => seconds(s.ctime),
            b'%' => "%".to_owned(),
            _ => "?".to_owned(),
        };
        text.into_bytes()
    }
}

/// Major and minor of a `dev_t` (glibc's `gnu_dev_major`).
fn device(dev: u64) -> (u32, u32) {
    let major = (dev >> 8 & 0xfff) | (dev >> 32 & !0xfff);
    let minor = (dev & 0xff) | (dev >> 12 & !0xff);
    (major as u32, minor as u32)
}

fn kind(stat: &Stat) -> &'static str {
    match stat.kind {
        FileType::File if stat.size == 0 => "regular empty file",
        FileType::File => "regular file",
        FileType::Dir => "directory",
        FileType::Symlink => "symbolic link",
        FileType::Fifo => "fifo",
        FileType::Char => "character special file",
        FileType::Block => "block special file",
        FileType::Socket => "socket",
    }
}

fn file_system(run: &mut Run<'_, '_>, operand: &[u8], given: Option<&[u8]>) {
    let (kernel, task) = run.kernel();
    let found = match kernel.statfs(task, operand) {
        Ok(found) => found,
        Err(error) => return run.warn_path("cannot read file system information for", operand, error),
    };
    let kind = if found.fstype == "overlay" { "overlayfs".to_owned() } else { found.fstype.to_text() };
    let mut out = Vec::new();
    let mut rest = given.unwrap_or(SYSTEM.as_bytes()).iter();
    while let Some(byte) = rest.next() {
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => out.extend_from_slice(operand),
            Some(b'T') => out.extend_from_slice(kind.as_bytes()),
            Some(b'b') => out.extend_from_slice((found.total / 4096).to_string().as_bytes()),
            Some(b'f' | b'a') => out.extend_from_slice((found.available / 4096).to_string().as_bytes()),
            Some(b's' | b'S') => out.extend_from_slice(b"4096"),
            Some(b'l') => out.extend_from_slice(b"255"),
            _ => out.push(b'?'),
        }
    }
    run.print(out);
}
