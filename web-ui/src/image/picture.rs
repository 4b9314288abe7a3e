//! Contents that a browser can show as pictures.

/// The most bytes of a picture that is shown.
pub(crate) const PICTURE_MAX: usize = 2 << 20;

/// The media type of a content that begins so, under a path, if it is a picture that browsers know.
pub(crate) fn picture(path: &[u8], beginning: &[u8]) -> Option<&'static str> {
    let starts = |bytes: &[u8]| beginning.starts_with(bytes);
    let at = |from: usize, bytes: &[u8]| beginning.get(from..).is_some_and(|rest| rest.starts_with(bytes));
    Some(match () {
        () if starts(b"\x89PNG\r\n\x1a\n") => "image/png",
        () if starts(b"\xff\xd8\xff") => "image/jpeg",
        () if starts(b"GIF87a") || starts(b"GIF89a") => "image/gif",
        () if starts(b"RIFF") && at(8, b"WEBP") => "image/webp",
        () if starts(b"BM") && beginning.len() > 26 && path.ends_with(b".bmp") => "image/bmp",
        () if starts(&[0, 0, 1, 0]) && path.ends_with(b".ico") => "image/x-icon",
        () if at(4, b"ftypavif") => "image/avif",
        // A drawing in an image element runs no script and loads nothing.
        () if path.ends_with(b".svg") && starts(b"<") => "image/svg+xml",
        () => return None,
    })
}

/// Whether a path's name says that it is a picture.
pub(crate) fn is_named_picture(path: &[u8]) -> bool {
    const ENDS: [&[u8]; 9] =
        [b".png", b".jpg", b".jpeg", b".gif", b".webp", b".bmp", b".ico", b".avif", b".svg"];
    let path = path.to_ascii_lowercase();
    ENDS.iter().any(|end| path.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::{is_named_picture, picture};

    #[test]
    fn pictures_are_known_by_how_they_begin() {
        assert_eq!(picture(b"/a", b"\x89PNG\r\n\x1a\nrest"), Some("image/png"));
        assert_eq!(picture(b"/a.exe", b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(picture(b"/a.svg", b"<svg/>"), Some("image/svg+xml"));
        assert_eq!(picture(b"/a.png", b"text"), None);
        assert!(is_named_picture(b"/a/B.PNG") && !is_named_picture(b"/a.exe"));
        assert_eq!(picture(b"/BM", b"BM text of people who write so"), None);
    }
}
