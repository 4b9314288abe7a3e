//! `/proc/self/mountinfo`, read (proc_pid_mountinfo(5)).

use std::collections::BTreeMap;

use layerlab_core::kernel::{ByteString, MountFlags, MountInfo};

use super::names::Naming;

/// What was asked for of each mount, by its number: more is set than that.
pub(super) type Asked = BTreeMap<u64, MountFlags>;

/// The mounts, in mount order, below the root that the file was opened with. Two rows of one place and one file system
/// are kept.
pub(super) fn parse(text: &[u8], naming: Naming, asked: &Asked) -> Vec<MountInfo> {
    text.split(|byte| *byte == b'\n').filter_map(|line| parse_line(line, naming, asked)).collect()
}

/// `ID PARENT MAJOR:MINOR ROOT TARGET OPTIONS [FIELDS…] - TYPE SOURCE SUPER_OPTIONS`
fn parse_line(line: &[u8], naming: Naming, asked: &Asked) -> Option<MountInfo> {
    let mut fields = line.split(|byte| *byte == b' ');
    let number = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
    let root = fields.nth(2)?;
    let (target, options) = (fields.next()?, fields.next()?);
    let mut after = fields.skip_while(|field| *field != b"-").skip(1);
    let (fstype, source, super_options) = (after.next()?, after.next()?, after.next()?);
    // As mount(8) prints them: the mount's own options, then what the file system adds to them.
    let asked = asked.get(&number).copied().unwrap_or_default();
    let added = |option: &[u8]| match option {
        b"nosuid" => !asked.contains(MountFlags::NOSUID),
        b"nodev" => !asked.contains(MountFlags::NODEV),
        _ => false,
    };
    let own = options.split(|byte| *byte == b',').filter(|option| !added(option));
    let mut of_fs = super_options.split(|byte| *byte == b',').peekable();
    let read_only = of_fs.next_if(|option| matches!(*option, b"rw" | b"ro")) == Some(b"ro");
    let all = own.chain(of_fs).collect::<Vec<_>>().join(&b","[..]);
    Some(MountInfo {
        source: unescape(source),
        root: unescape(root),
        target: unescape(target),
        fstype: unescape(fstype),
        options: naming.shown_options(&unescape(&all)),
        read_only,
    })
}

/// Spaces, tabs, line feeds and backslashes stand as a backslash and three octal digits.
fn unescape(field: &[u8]) -> ByteString {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&byte, after)) = rest.split_first() {
        let digits = (byte == b'\\').then(|| after.get(..3)).flatten();
        let code =
            digits.and_then(|d| std::str::from_utf8(d).ok()).and_then(|d| u8::from_str_radix(d, 8).ok());
        out.push(code.unwrap_or(byte));
        rest = if code.is_some() { &after[3..] } else { after };
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_as_linux_prints_them() {
        let text = b"63 43 0:39 / / rw,nosuid,nodev,relatime - tmpfs lab rw,size=1k\n\
            66 63 0:40 / /a\\040b rw,relatime shared:3 - overlay overlay ro,lowerdir=l\\134\\054x\n\
            67 63 0:39 /l /m ro,nosuid,nodev,relatime - tmpfs lab rw\n";
        let rows = parse(text, Naming::Trusted, &Asked::from([(67, MountFlags::NOSUID)]));
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[0].source.to_text(), rows[0].target.to_text()), ("lab".into(), "/".into()));
        assert_eq!(rows[0].options, "rw,relatime,size=1k");
        assert_eq!((rows[1].target.to_text(), rows[1].read_only), ("/a b".into(), true));
        assert_eq!(rows[1].options, "rw,relatime,lowerdir=l\\,x");
        assert_eq!((rows[2].source.to_text(), rows[2].root.to_text()), ("lab".into(), "/l".into()));
        assert_eq!(rows[2].options, "ro,nosuid,relatime");
    }
}
