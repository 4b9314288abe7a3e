//! Lines that open a file in an editor of the person's.

/// Returns the file that a line opens in an editor; `None` where the line is more than an editor and a plain name.
pub fn edited(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let is_editor = matches!(words.next()?, "vi" | "vim" | "nano" | "emacs" | "edit");
    let file = words.next().filter(|file| !file.starts_with(['-', '~']))?;
    let is_plain = !file.contains(|c: char| "$`'\"\\*?[]{}()<>|&;#!".contains(c));
    (is_editor && is_plain && words.next().is_none()).then_some(file)
}

#[cfg(test)]
mod tests {
    use super::edited;

    #[test]
    fn a_line_that_opens_a_plain_file_opens_the_editor() {
        for (line, file) in [
            ("vi /etc/motd", Some("/etc/motd")),
            (" nano  notes ", Some("notes")),
            ("edit a.b", Some("a.b")),
            ("vi", None),
            ("vi -R a", None),
            ("vi a b", None),
            ("vi $HOME/a", None),
            ("vi a; ls", None),
            ("view a", None),
        ] {
            assert_eq!(edited(line), file, "{line}");
        }
    }
}
