//! Options of the programs that are not the shell's own: short ones, long ones, values, and what is none of them.

use crate::kernel::ByteString;

/// What stood on a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Options {
    given: Vec<(&'static str, String)>,
    /// What is no option.
    pub(crate) operands: Vec<String>,
}

/// An option: its names, `-o` and `--output`, and whether it has a value.
pub(crate) type Known = (&'static [&'static str], bool);

impl Options {
    /// Reads a line. The error is the option that is not known, or one without its value.
    pub(crate) fn read(args: &[ByteString], known: &[Known]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut rest = args.iter().skip(1).map(ByteString::to_text);
        let find = |name: &str| known.iter().find(|(names, _)| names.contains(&name));
        while let Some(word) = rest.next() {
            if word == "--" {
                options.operands.extend(rest.by_ref());
            } else if word.starts_with("--") {
                let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(n, v)| (n, Some(v)));
                let (names, takes) = find(name).ok_or_else(|| name.to_owned())?;
                let value = match value {
                    Some(value) => value.to_owned(),
                    None if *takes => rest.next().ok_or_else(|| name.to_owned())?,
                    None => String::new(),
                };
                options.given.push((names[0], value));
            } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                let mut letters = letters.chars();
                while let Some(letter) = letters.next() {
                    let name = format!("-{letter}");
                    let (names, takes) = find(&name).ok_or(name.clone())?;
                    let mut value = String::new();
                    if *takes {
                        value = letters.by_ref().collect();
                        if value.is_empty() {
                            value = rest.next().ok_or(name)?;
                        }
                    }
                    options.given.push((names[0], value));
                }
            } else {
                options.operands.push(word);
            }
        }
        Ok(options)
    }

    /// Whether an option is there; by its first name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(known, _)| *known == name)
    }

    /// All its values, in order.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.given.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Its last value.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.given.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let known: &[Known] = &[(&["-s", "--silent"], false), (&["-o", "--output"], true)];
        let read = |line: &str| {
            let args: Vec<ByteString> = line.split(' ').map(ByteString::from).collect();
            Options::read(&args, known)
        };
        let options = read("curl -so out --silent --output=x url -- -s").unwrap();
        assert!(options.has("-s") && options.value("-o") == Some("x"));
        assert_eq!(options.operands, ["url", "-s"]);
        assert_eq!(read("curl -x").unwrap_err(), "-x");
        assert_eq!(read("curl --frob").unwrap_err(), "--frob");
        assert_eq!(read("curl -o").unwrap_err(), "-o");
    }
}
