//! Paths as bytes: pure text work, no look at any file.

use super::ByteString;

/// The longest name, in bytes (`NAME_MAX`).
pub const NAME_MAX: usize = 255;
/// The longest path, in bytes, with its terminating NUL (`PATH_MAX`).
pub const PATH_MAX: usize = 4096;

/// Joins with one slash; an absolute `name` stands alone.
pub fn join(dir: &[u8], name: &[u8]) -> ByteString {
    if name.starts_with(b"/") || dir.is_empty() {
        return name.into();
    }
    let mut path = dir.to_vec();
    if !path.ends_with(b"/") && !name.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path.into()
}

/// The components between slashes, empty ones left out; `.` and `..` are kept.
pub fn components(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|b| *b == b'/').filter(|part| !part.is_empty())
}

/// The first eight bytes of a name as a number, zeros where it is shorter: names are in the order of these numbers, which
/// tell most of them apart and are compared sooner than strings.
pub(crate) fn head(name: &[u8]) -> u64 {
    if let Some(first) = name.first_chunk::<8>() {
        return u64::from_be_bytes(*first);
    }
    // Two looks, which overlap: sooner than a loop.
    let unused = 64 - 8 * name.len() as u32;
    match (name.first_chunk::<4>(), name.last_chunk::<4>(), name) {
        (Some(first), Some(last), _) => {
            u64::from(u32::from_be_bytes(*first)) << 32 | u64::from(u32::from_be_bytes(*last)) << unused
        }
        (.., [first, second, .., last]) => {
            u64::from(*first) << 56 | u64::from(*second) << 48 | u64::from(*last) << unused
        }
        (.., [first, rest @ ..]) => {
            u64::from(*first) << 56 | rest.first().map_or(0, |second| u64::from(*second) << 48)
        }
        (.., []) => 0,
    }
}

/// The last component, `None` for `/` and for nothing.
pub fn file_name(path: &[u8]) -> Option<&[u8]> {
    components(path).next_back()
}

/// What stands before the last component, without trailing slashes: `/` for `/a`, `.` for `a`.
pub fn parent(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|b| *b != b'/').map_or(0, |i| i + 1);
    match path[..end].iter().rposition(|b| *b == b'/') {
        None if end == 0 && !path.is_empty() => b"/",
        None => b".",
        Some(slash) => {
            let cut = path[..slash].iter().rposition(|b| *b != b'/').map_or(0, |i| i + 1);
            if cut == 0 { b"/" } else { &path[..cut] }
        }
    }
}

/// An absolute path without empty components, `.` and `..`, by text alone (links are not looked at).
pub fn normalize(path: &[u8]) -> ByteString {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in components(path) {
        match part {
            b"." => {}
            b".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let mut out = Vec::with_capacity(path.len());
    for part in &parts {
        out.push(b'/');
        out.extend_from_slice(part);
    }
    if out.is_empty() {
        out.push(b'/');
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents() {
        for (path, want) in
            [("/a", "/"), ("a", "."), ("/a/b/", "/a"), ("a//b", "a"), ("/", "/"), ("", "."), ("//a", "/")]
        {
            assert_eq!(parent(path.as_bytes()), want.as_bytes(), "{path}");
        }
    }

    #[test]
    fn heads_are_in_the_order_of_names() {
        let names: [&[u8]; 9] =
            [b"", b"\0", b"a", b"a\0b", b"ab", b"abcdefg", b"abcdefgh", b"abcdefgi", b"abcdefgiz"];
        assert!(names.is_sorted_by_key(|name| head(name)));
        assert_eq!((head(b""), head(b"ab"), head(b"abcdefghi")), (0, 0x6162 << 48, 0x6162_6364_6566_6768));
    }

    #[test]
    fn joins_and_normalizes() {
        assert_eq!(join(b"/a", b"b"), "/a/b");
        assert_eq!(join(b"/", b"b"), "/b");
        assert_eq!(join(b"/a", b"/b"), "/b");
        assert_eq!(normalize(b"/a/./b//../c/"), "/a/c");
        assert_eq!(normalize(b"/../.."), "/");
    }
}
