//! `/proc/self/mountinfo`, read (proc_pid_mountinfo(5)).

use layerlab_core::kernel::{ByteString, MountInfo};

use super::names::Naming;

/// The mounts, in mount order, below the root that the file was opened with. Two rows of one place and one file system
/// are kept; a bind mount's source is the directory that it shows.
pub(super) fn parse(text: &[u8], naming: Naming) -> Vec<MountInfo> {
    text.split(|byte| *byte == b'\n').filter_map(|line| parse_line(line, naming)).collect()
}

/// `ID PARENT MAJOR:MINOR ROOT TARGET OPTIONS [FIELDS…] - TYPE SOURCE SUPER_OPTIONS`
fn parse_line(line: &[u8], naming: Naming) -> Option<MountInfo> {
    let mut fields = line.split(|byte| *byte == b' ');
    let root = fields.nth(3)?;
    let (target, options) = (fields.next()?, fields.next()?);
    let mut after = fields.skip_while(|field| *field != b"-").skip(1);
    let (fstype, source, super_options) = (after.next()?, after.next()?, after.next()?);
    let source = if root == b"/" { source } else { root };
    // As mount(8) prints them: the mount's own options, then what the file system adds to them.
    let mut all = options.to_vec();
    for option in
        super_options.split(|byte| *byte == b',').skip_while(|option| matches!(*option, b"rw" | b"ro"))
    {
        all.push(b',');
        all.extend_from_slice(option);
    }
    Some(MountInfo {
        source: unescape(source),
        target: unescape(target),
        fstype: unescape(fstype),
        options: naming.shown_options(&unescape(&all)),
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
            67 63 0:39 /l /m ro,relatime - tmpfs lab rw\n";
        let rows = parse(text, Naming::Trusted);
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[0].source.to_text(), rows[0].target.to_text()), ("lab".into(), "/".into()));
        assert_eq!(rows[0].options, "rw,relatime,size=1k");
        assert_eq!(rows[1].target, "/a b");
        assert_eq!(rows[1].options, "rw,relatime,lowerdir=l\\,x");
        assert_eq!(
            (rows[2].source.to_text(), rows[2].options.to_text()),
            ("/l".into(), "ro,relatime".into())
        );
    }
}
