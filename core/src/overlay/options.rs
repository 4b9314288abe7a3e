//! The option string of an overlay mount as text: options, escapes, and the layers that it names
//! (docs/design/overlayfs.md, rule 22).

use crate::kernel::{ByteString, Errno, Result};

/// Takes the backslashes away that keep a byte from its meaning.
pub(crate) fn unescape(text: &[u8]) -> ByteString {
    split_unescaped(text, None).remove(0)
}

/// Splits at a byte that no backslash precedes, and takes the backslashes away.
fn split_unescaped(text: &[u8], at: Option<u8>) -> Vec<ByteString> {
    let mut parts = vec![ByteString::new()];
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        let last = parts.last_mut().expect("there is always a part");
        match byte {
            b'\\' => last.extend(bytes.next()),
            _ if Some(byte) == at => parts.push(ByteString::new()),
            _ => last.push(byte),
        }
    }
    parts
}

/// Splits the option string at commas; `\,` is part of a value, and keeps its backslash for the value's own rules.
pub(crate) fn split_options(data: &[u8]) -> Vec<&[u8]> {
    let mut options = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (i, byte) in data.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b',' => {
                options.push(&data[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    options.push(&data[start..]);
    options.retain(|o| !o.is_empty());
    options
}

/// Splits the value of `lowerdir=`: `:` separates lower layers, `::` begins a data-only layer. Data-only layers are last.
pub(crate) fn lower_paths(value: &[u8]) -> Result<(Vec<ByteString>, Vec<ByteString>)> {
    let mut parts = split_unescaped(value, Some(b':')).into_iter();
    let (mut lower, mut data) = (Vec::from_iter(parts.next()), Vec::new());
    while let Some(part) = parts.next() {
        if part.is_empty() {
            data.push(parts.next().ok_or(Errno::EINVAL)?);
        } else if data.is_empty() {
            lower.push(part);
        } else {
            return Err(Errno::EINVAL);
        }
    }
    let empty = lower.iter().chain(&data).any(|part| part.is_empty());
    if empty { Err(Errno::EINVAL) } else { Ok((lower, data)) }
}

/// Returns the layers that an option string names, as it names them: lower directories, then the upper one.
pub(crate) fn layer_paths(data: &[u8]) -> Vec<ByteString> {
    let mut paths = Vec::new();
    let mut upper = None;
    for option in split_options(data) {
        if let Some(value) = option.strip_prefix(b"lowerdir=") {
            let (lower, data) = lower_paths(value).unwrap_or_default();
            paths.extend(lower.into_iter().chain(data));
        } else if let Some(value) = option.strip_prefix(b"lowerdir+=") {
            paths.push(value.into());
        } else if let Some(value) = option.strip_prefix(b"upperdir=") {
            upper = Some(unescape(value));
        }
    }
    paths.extend(upper);
    paths
}

#[cfg(test)]
mod tests {
    use super::layer_paths;

    #[test]
    fn the_layers_of_an_option_string_are_found() {
        let paths = layer_paths(b"index=off,lowerdir=/a\\:b:/c::/d,upperdir=/u\\,v,workdir=/w");
        assert_eq!(paths, ["/a:b", "/c", "/d", "/u,v"]);
        let one_by_one = layer_paths(b"lowerdir+=/a,lowerdir+=/b:c");
        assert_eq!(one_by_one, ["/a", "/b:c"]);
        assert!(layer_paths(b"size=10m").is_empty());
    }
}
