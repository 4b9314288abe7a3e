//! How `ls` lays names out: one a line, in columns, or with everything that `stat` tells.

use crate::kernel::{ByteString, FileType, Stat, Timespec};
use crate::shell::commands::common::text::{human, quote_if_needed, width};
use crate::shell::commands::common::users::Users;
use crate::shell::commands::common::{mode, time};

/// A name in a listing.
pub(super) struct Listed {
    pub(super) name: ByteString,
    /// `None` where stat refused, or was not asked.
    pub(super) stat: Option<Stat>,
    /// The kind that the directory names, for where stat refused.
    pub(super) is_link: bool,
    /// Where a symbolic link leads.
    pub(super) target: Option<ByteString>,
}

/// How names are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Lines,
    Columns,
    Across,
    Long,
}

/// What is appended to names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Indicator {
    None,
    Dirs,
    All,
}

/// The form of a listing.
#[expect(clippy::struct_excessive_bools, reason = "each is one option of ls, and they go in any mixture")]
pub(super) struct Format {
    pub(super) layout: Layout,
    pub(super) indicator: Indicator,
    /// The columns of a long listing have fixed widths.
    pub(super) fixed: bool,
    /// Names show a `?` for each byte that is no printable ASCII.
    pub(super) ascii: bool,
    pub(super) quoted: bool,
    pub(super) human: bool,
    pub(super) inode: bool,
    pub(super) blocks: bool,
    pub(super) numeric: bool,
    pub(super) owner: bool,
    pub(super) group: bool,
    pub(super) full_time: bool,
    /// `m`, `c` or `u`.
    pub(super) time: char,
    pub(super) width: usize,
    pub(super) now: Timespec,
}

impl Format {
    pub(super) fn long(&self) -> bool {
        self.layout == Layout::Long
    }

    pub(super) fn time_of(&self, stat: &Stat) -> Timespec {
        match self.time {
            'c' => stat.ctime,
            'u' => stat.atime,
            _ => stat.mtime,
        }
    }

    /// The line above a directory's entries: the space that they take, in kibibytes.
    pub(super) fn total(&self, entries: &[Listed]) -> String {
        let blocks: u64 = entries.iter().filter_map(|e| e.stat.as_ref()).map(|s| s.blocks).sum();
        let shown = if self.human { human(blocks * 512) } else { blocks.div_ceil(2).to_string() };
        if self.human && self.fixed { format!("total {shown:<7}\n") } else { format!("total {shown}\n") }
    }

    pub(super) fn render(&self, entries: &[Listed], users: &Users) -> Vec<u8> {
        match self.layout {
            Layout::Long if self.fixed => self.long_fixed(entries, users),
            Layout::Long => self.long_fitted(entries, users),
            Layout::Lines => entries
                .iter()
                .zip(self.short(entries))
                .flat_map(|(_, name)| [&name[..], b"\n"].concat())
                .collect(),
            Layout::Columns => self.columns(&self.short(entries), false),
            Layout::Across => self.columns(&self.short(entries), true),
        }
    }

    fn name(&self, name: &[u8], pad: bool) -> Vec<u8> {
        if !self.quoted {
            let shown = |byte: &u8| if self.ascii && !(b' '..0x7f).contains(byte) { b'?' } else { *byte };
            return name.iter().map(shown).collect();
        }
        let shown = quote_if_needed(name);
        // Where a neighbour is quoted, unquoted names start a column further right.
        if pad && shown.first() == name.first() { [b" ", &shown[..]].concat() } else { shown }
    }

    fn any_quoted(&self, entries: &[Listed]) -> bool {
        self.quoted && entries.iter().any(|e| quote_if_needed(&e.name).len() != e.name.len())
    }

    fn mark(&self, stat: Option<&Stat>) -> &'static [u8] {
        let Some(stat) = stat else { return b"" };
        match (self.indicator, stat.kind) {
            (Indicator::None, _) => b"",
            (_, FileType::Dir) => b"/",
            (Indicator::Dirs, _) => b"",
            (_, FileType::Symlink) => b"@",
            (_, FileType::Fifo) => b"|",
            (_, FileType::Socket) => b"=",
            (_, FileType::File) if stat.mode & 0o111 != 0 => b"*",
            _ => b"",
        }
    }

    /// Names with what goes before and after them, in short layouts.
    fn short(&self, entries: &[Listed]) -> Vec<Vec<u8>> {
        let pad = self.any_quoted(entries) && self.layout != Layout::Lines;
        let inodes = column(entries, |e| e.stat.as_ref().map_or("?".to_owned(), |s| s.ino.to_string()));
        let blocks = column(entries, |e| self.blocks_of(e));
        entries
            .iter()
            .enumerate()
            .map(|(at, entry)| {
                let mut text = Vec::new();
                if self.inode {
                    text.extend_from_slice(inodes[at].as_bytes());
                    text.push(b' ');
                }
                if self.blocks {
                    text.extend_from_slice(blocks[at].as_bytes());
                    text.push(b' ');
                }
                text.extend(self.name(&entry.name, pad));
                text.extend_from_slice(self.mark(entry.stat.as_ref()));
                text
            })
            .collect()
    }

    fn blocks_of(&self, entry: &Listed) -> String {
        match &entry.stat {
            Some(stat) if self.human => human(stat.blocks * 512),
            Some(stat) => stat.blocks.div_ceil(2).to_string(),
            None => "?".to_owned(),
        }
    }

    /// As few lines as fit the width, GNU's way: two spaces between columns, each as wide as its widest name.
    fn columns(&self, names: &[Vec<u8>], across: bool) -> Vec<u8> {
        if names.is_empty() {
            return Vec::new();
        }
        let widths: Vec<usize> = names.iter().map(|name| width(name)).collect();
        let most = names.len().min(self.width / 3).max(1);
        for columns in (1..=most).rev() {
            let rows = names.len().div_ceil(columns);
            if !across && names.len().div_ceil(rows) != columns {
                continue;
            }
            let place =
                |at: usize| if across { (at / columns, at % columns) } else { (at % rows, at / rows) };
            let mut wide = vec![0; columns];
            for (at, width) in widths.iter().enumerate() {
                let (_, column) = place(at);
                wide[column] = wide[column].max(width + 2);
            }
            let line: usize = wide.iter().sum::<usize>() - 2;
            if line >= self.width && columns > 1 {
                continue;
            }
            let mut out = Vec::new();
            for row in 0..rows {
                let here: Vec<usize> = (0..names.len()).filter(|at| place(*at).0 == row).collect();
                for (nth, at) in here.iter().enumerate() {
                    out.extend_from_slice(&names[*at]);
                    if nth + 1 < here.len() {
                        out.extend(std::iter::repeat_n(b' ', wide[place(*at).1] - widths[*at]));
                    }
                }
                out.push(b'\n');
            }
            return out;
        }
        Vec::new()
    }

    fn size_of(&self, stat: &Stat) -> String {
        if self.human { human(stat.size) } else { stat.size.to_string() }
    }

    fn date(&self, stat: &Stat) -> String {
        let at = self.time_of(stat);
        if self.full_time { time::full(at) } else { time::for_listing(at, self.now) }
    }

    fn user(&self, users: &Users, uid: u32) -> String {
        if self.numeric { uid.to_string() } else { users.show_user(uid) }
    }

    fn group(&self, users: &Users, gid: u32) -> String {
        if self.numeric { gid.to_string() } else { users.show_group(gid) }
    }

    fn long_fitted(&self, entries: &[Listed], users: &Users) -> Vec<u8> {
        let told = |show: &dyn Fn(&Stat) -> String| {
            column(entries, |e| e.stat.as_ref().map_or("?".to_owned(), show))
        };
        let is_device = |s: &Stat| matches!(s.kind, FileType::Char | FileType::Block);
        let majors = entries.iter().filter_map(|e| e.stat.as_ref()).filter(|s| is_device(s));
        let (mut major, mut minor) = (0, 0);
        for stat in majors {
            major = major.max(stat.rdev.major.to_string().len());
            minor = minor.max(stat.rdev.minor.to_string().len());
        }
        let sizes = told(&|s| {
            if is_device(s) {
                format!("{:>major$}, {:>minor$}", s.rdev.major, s.rdev.minor)
            } else {
                self.size_of(s)
            }
        });
        let inodes = told(&|s| s.ino.to_string());
        let blocks = column(entries, |e| self.blocks_of(e));
        let links = told(&|s| s.nlink.to_string());
        let owners = left(entries, |e| e.stat.as_ref().map_or("?".to_owned(), |s| self.user(users, s.uid)));
        let groups = left(entries, |e| e.stat.as_ref().map_or("?".to_owned(), |s| self.group(users, s.gid)));
        let dates = told(&|s| self.date(s));
        let pad = self.any_quoted(entries);
        let mut out = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let mut fields: Vec<&str> = Vec::new();
            if self.inode {
                fields.push(&inodes[at]);
            }
            if self.blocks {
                fields.push(&blocks[at]);
            }
            let unknown = if entry.is_link { "l?????????" } else { "-?????????" };
            let letters = entry.stat.as_ref().map_or(unknown.to_owned(), mode::letters);
            fields.push(&letters);
            fields.push(&links[at]);
            if self.owner {
                fields.push(&owners[at]);
            }
            if self.group {
                fields.push(&groups[at]);
            }
            fields.push(&sizes[at]);
            fields.push(&dates[at]);
            out.extend_from_slice(fields.join(" ").as_bytes());
            out.push(b' ');
            self.tail(entry, pad, &mut out);
        }
        out
    }

    fn tail(&self, entry: &Listed, pad: bool, out: &mut Vec<u8>) {
        out.extend(self.name(&entry.name, pad));
        match &entry.target {
            Some(target) => {
                out.extend_from_slice(b" -> ");
                out.extend(self.name(target, false));
            }
            None => out.extend_from_slice(self.mark(entry.stat.as_ref())),
        }
        out.push(b'\n');
    }

    /// A long listing in columns of fixed widths.
    fn long_fixed(&self, entries: &[Listed], users: &Users) -> Vec<u8> {
        let mut out = Vec::new();
        for entry in entries {
            let Some(stat) = &entry.stat else { continue };
            if self.inode {
                out.extend_from_slice(format!("{:>7} ", stat.ino).as_bytes());
            }
            if self.blocks {
                out.extend_from_slice(format!("{:>6} ", stat.blocks.div_ceil(2)).as_bytes());
            }
            out.extend_from_slice(format!("{:<10} {:>4} ", mode::letters(stat), stat.nlink).as_bytes());
            if self.numeric {
                out.extend_from_slice(format!("{:<8} {:<8} ", stat.uid, stat.gid).as_bytes());
            } else {
                let cut = |name: String| name.chars().take(8).collect::<String>();
                let (user, group) = (cut(users.show_user(stat.uid)), cut(users.show_group(stat.gid)));
                if self.owner {
                    out.extend_from_slice(format!("{user:<8} ").as_bytes());
                }
                out.extend_from_slice(format!("{group:<8} ").as_bytes());
            }
            let size = match stat.kind {
                FileType::Char | FileType::Block => {
                    format!("{:>4}, {:>3} ", stat.rdev.major, stat.rdev.minor)
                }
                _ if self.human => format!("{:>7} ", self.size_of(stat)),
                _ => format!("{:>9} ", stat.size),
            };
            out.extend_from_slice(size.as_bytes());
            let date = self.date(stat);
            out.extend_from_slice(date.as_bytes());
            out.push(b' ');
            self.tail(entry, false, &mut out);
        }
        out
    }
}

/// A column of numbers, set flush right.
fn column(entries: &[Listed], show: impl Fn(&Listed) -> String) -> Vec<String> {
    let cells: Vec<String> = entries.iter().map(show).collect();
    let wide = cells.iter().map(String::len).max().unwrap_or(0);
    cells.into_iter().map(|cell| format!("{cell:>wide$}")).collect()
}

/// A column of names, set flush left.
fn left(entries: &[Listed], show: impl Fn(&Listed) -> String) -> Vec<String> {
    let cells: Vec<String> = entries.iter().map(show).collect();
    let wide = cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0);
    cells.into_iter().map(|cell| format!("{cell:<wide$}")).collect()
}
