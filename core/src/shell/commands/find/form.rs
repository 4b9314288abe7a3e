//! `find -printf`: one file in a form of the person's own.

use super::node::File;
use crate::kernel::{ByteString, FileType, path};
use crate::shell::commands::common::run::Run;
use crate::shell::commands::common::users::Users;
use crate::shell::commands::common::{mode, time};

/// `-printf`
pub(super) fn render(run: &mut Run<'_, '_>, form: &[u8], file: &File<'_>) -> Vec<u8> {
    let users = Users::read(run);
    let stat = file.stat;
    let form = crate::shell::escape::unescape(form, crate::shell::escape::Octal::Plain).0;
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(byte) = form.get(at) {
        at += 1;
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        let left = form.get(at) == Some(&b'-');
        at += usize::from(left);
        let digits = form[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        let wide = String::from_utf8_lossy(&form[at..at + digits]).parse::<usize>().unwrap_or(0).min(4096);
        at += digits;
        let Some(letter) = form.get(at) else { break };
        at += 1;
        let text: Vec<u8> = match letter {
            b'p' => file.path.to_vec(),
            b'f' => path::file_name(file.path).unwrap_or(file.path).to_vec(),
            b'h' => path::parent(file.path).to_vec(),
            b'P' => file
                .path
                .get(file.start..)
                .unwrap_or_default()
                .strip_prefix(b"/")
                .unwrap_or_default()
                .to_vec(),
            b'l' => {
                let (kernel, task) = run.kernel();
                kernel.readlink(task, file.path).map(ByteString::into_vec).unwrap_or_default()
            }
            b'm' => format!("{:o}", stat.mode).into_bytes(),
            b'M' => mode::letters(stat).into_bytes(),
            b's' => stat.size.to_string().into_bytes(),
            b'k' => stat.blocks.div_ceil(2).to_string().into_bytes(),
            b'b' => stat.blocks.to_string().into_bytes(),
            b'n' => stat.nlink.to_string().into_bytes(),
            b'i' => stat.ino.to_string().into_bytes(),
            b'd' => file.depth.to_string().into_bytes(),
            b'U' => stat.uid.to_string().into_bytes(),
            b'G' => stat.gid.to_string().into_bytes(),
            b'u' => users.show_user(stat.uid).into_bytes(),
            b'g' => users.show_group(stat.gid).into_bytes(),
            b'y' => vec![if stat.kind == FileType::File { b'f' } else { stat.kind.letter() as u8 }],
            b't' => time::format(stat.mtime, b"%c"),
            b'T' | b'A' | b'C' => {
                let field = form.get(at).copied().unwrap_or(b'c');
                at += 1;
                let moment = match letter {
                    b'T' => stat.mtime,
                    b'A' => stat.atime,
                    _ => stat.ctime,
                };
                match field {
                    b'@' => format!("{}.{:09}0", moment.sec, moment.nsec).into_bytes(),
                    b'+' => time::format(moment, b"%F+%T.%N0"),
                    field => time::format(moment, &[b'%', field]),
                }
            }
            b'%' => vec![b'%'],
            other => vec![b'%', *other],
        };
        let room = wide.saturating_sub(text.len());
        if !left {
            out.extend(std::iter::repeat_n(b' ', room));
        }
        out.extend(text);
        if left {
            out.extend(std::iter::repeat_n(b' ', room));
        }
    }
    out
}

/// The argument with every `{}` replaced.
pub(super) fn fill(arg: &[u8], file: &[u8]) -> ByteString {
    let mut out = Vec::new();
    let mut at = 0;
    while at < arg.len() {
        if arg[at..].starts_with(b"{}") {
            out.extend_from_slice(file);
            at += 2;
        } else {
            out.push(arg[at]);
            at += 1;
        }
    }
    out.into()
}

pub(super) fn folded(text: &[u8], fold: bool) -> Vec<u8> {
    if fold { text.to_ascii_lowercase() } else { text.to_vec() }
}
