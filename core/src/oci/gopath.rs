//! Paths as Go's `path/filepath` takes them on Unix: Docker's rules about names are written in its terms.

/// `filepath.Clean`: no empty and no `.` parts, `..` resolved by text; `.` for nothing; a leading `/` stays, and
/// swallows `..` after it.
pub fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => {
                parts.pop();
            }
            b".." if rooted => {}
            _ => parts.push(part),
        }
    }
    let mut out = Vec::with_capacity(path.len());
    if rooted {
        out.push(b'/');
    }
    out.extend_from_slice(&parts.join(&b'/'));
    if out.is_empty() {
        out.push(b'.');
    }
    out
}

/// `filepath.Join("/", path)`: the path inside a root, with `..` clamped to it.
pub fn rooted(path: &[u8]) -> Vec<u8> {
    clean(&[b"/", path].concat())
}

/// The last part of a cleaned path.
pub fn base(path: &[u8]) -> &[u8] {
    path.rsplit(|b| *b == b'/').next().unwrap_or(path)
}

/// What stands before the last part of a cleaned path: `/` for `/a`, `.` for `a`.
pub fn dir(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|b| *b == b'/') {
        None => b".",
        Some(0) => b"/",
        Some(slash) => &path[..slash],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_cleans() {
        for (path, want) in [
            ("", "."),
            ("./", "."),
            ("/", "/"),
            ("a//b/./c/", "a/b/c"),
            ("d/../inside", "inside"),
            ("../../x", "../../x"),
            ("/../x", "/x"),
            ("a/../..", ".."),
            ("a/...", "a/..."),
        ] {
            assert_eq!(clean(path.as_bytes()), want.as_bytes(), "{path}");
        }
        assert_eq!(rooted(b"../../etc"), b"/etc");
        assert_eq!(
            (dir(b"/a/b"), base(b"/a/b"), dir(b"/a"), dir(b"a")),
            (&b"/a"[..], &b"b"[..], &b"/"[..], &b"."[..])
        );
    }
}
