//! A file's content out of an image: as it is, as hexadecimal digits, or into a file.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use layerlab_core::explore::{self, Content, Explorer, way};
use layerlab_core::oci::Limits;

use crate::archive::{self, ArchiveError, Opened};
use crate::cli::text::{lines, visible};
use crate::cli::{CliError, Outcome};

/// Bytes that one line of digits tells.
const ROW: usize = 16;

/// What becomes of the content.
#[derive(Debug)]
pub(super) enum Form {
    /// It goes to standard output; a terminal is shown no character that could steer it.
    Text,
    /// Digits and characters, as `hexdump -C` prints them.
    Hex,
    /// It goes into this file, or into one of its own name here.
    Save(Option<PathBuf>),
}

/// Brings out the content at a path: links of the merged view are followed, those of a single layer are not.
pub(super) fn bring(
    opened: &Opened,
    explorer: &Explorer,
    path: &str,
    layer: Option<usize>,
    form: &Form,
    limits: Limits,
) -> Outcome {
    let Some((content, real)) = find(explorer, path, layer) else {
        writeln!(io::stderr(), "layerlab: {}", absent(explorer, path, layer))?;
        return Ok(1);
    };
    let read = Read { opened, explorer, content: &content, limits };
    match form {
        Form::Text if io::stdout().is_terminal() => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            read.pieces(&mut |piece| out.write_all(lines(piece).as_bytes()))?;
            out.flush()?;
        }
        Form::Text => {
            let mut out = io::stdout().lock();
            read.pieces(&mut |piece| out.write_all(piece))?;
            out.flush()?;
        }
        Form::Hex => {
            let mut hex = Hex::new(io::BufWriter::new(io::stdout().lock()));
            read.pieces(&mut |piece| hex.push(piece))?;
            hex.end()?;
        }
        Form::Save(to) => save(&read, &real, to.as_deref())?,
    }
    Ok(0)
}

/// Where the content stands, and the path that it really has.
fn find(explorer: &Explorer, path: &str, layer: Option<usize>) -> Option<(Content, Vec<u8>)> {
    if let Some(content) = explorer.content(path.as_bytes(), layer) {
        return Some((content, path.as_bytes().to_vec()));
    }
    if layer.is_some() {
        return None;
    }
    let real = way(&explorer.stack, path.as_bytes());
    real.provider?;
    Some((explorer.content(&real.leads_to, None)?, real.leads_to.to_vec()))
}

fn absent(explorer: &Explorer, path: &str, layer: Option<usize>) -> String {
    let mut said = format!("{}: no such file in the image", visible(path.as_bytes()));
    let real = way(&explorer.stack, path.as_bytes());
    let is_dir = |(_, node): (_, &explore::Node)| node.children().is_some();
    if layer.is_none() && explorer.stack.node(&real.leads_to[1..]).is_some_and(is_dir) {
        said.push_str(": it is a directory");
    } else if let Some(link) = real.links.last().filter(|_| layer.is_none()) {
        let (at, leads) = (visible(&link.path), visible(&real.leads_to));
        said.push_str(&format!(": {at} is a link, and the path leads to {leads}, which is not there"));
    } else if let Some(near) = near(explorer, path) {
        said.push_str(&format!("; did you mean {near}?"));
    }
    said
}

/// The path of the image that is most like this one, if one is like it.
pub(super) fn near(explorer: &Explorer, path: &str) -> Option<String> {
    let path = path.trim_start_matches('/');
    let rows = explorer.rows(0, usize::MAX);
    let names = rows.iter().filter(|row| row.kind.is_some()).map(|row| row.path.to_text());
    let scored = names.map(|name| (strsim::damerau_levenshtein(name.trim_start_matches('/'), path), name));
    scored.filter(|(distance, _)| *distance <= 2).min().map(|(_, name)| visible(name.as_bytes()))
}

/// A content to read.
struct Read<'a> {
    opened: &'a Opened,
    explorer: &'a Explorer,
    content: &'a Content,
    limits: Limits,
}

impl Read<'_> {
    fn pieces(&self, take: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<(), CliError> {
        let mut source = self.opened.source();
        let (mut done, layer) = (0, &self.explorer.image.layers[self.content.layer]);
        // A compressed layer is decompressed from its start for each piece.
        let piece = if self.content.plain { 1 << 20 } else { 64 << 20 };
        while done < self.content.size {
            let data = explore::read_content(&mut source, layer, self.content, done, piece, self.limits)
                .map_err(|fault| archive::ArchiveError::Image { path: self.opened.path.clone(), fault })?;
            if data.is_empty() {
                break;
            }
            done += data.len() as u64;
            take(&data)?;
        }
        Ok(())
    }
}

/// Writes the content to a file that is not there yet. It gets its name when it is whole, and no set-id bit.
fn save(read: &Read<'_>, real: &[u8], to: Option<&Path>) -> Result<(), CliError> {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::PermissionsExt;
    let name = real.rsplit(|b| *b == b'/').next().unwrap_or_default();
    let to = to.map_or_else(|| PathBuf::from(std::ffi::OsStr::from_bytes(name)), Path::to_path_buf);
    let failed = |error| ArchiveError::File { path: to.clone(), error };
    if to.symlink_metadata().is_ok() {
        return Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, "is there already")).into());
    }
    let sheet = &read.explorer.stack.sheets()[read.content.layer];
    let runs = sheet.find(real).is_some_and(|id| sheet.node(id).mode & 0o111 != 0);
    let mode = PermissionsExt::from_mode(if runs { 0o777 } else { 0o666 });
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let made = tempfile::Builder::new().prefix(".layerlab-").permissions(mode).tempfile_in(parent);
    let mut file = made.map_err(failed)?;
    read.pieces(&mut |piece| file.write_all(piece))?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist_noclobber(&to).map_err(|error| failed(error.error))?;
    let (from, to) = (visible(real), visible(to.as_os_str().as_bytes()));
    writeln!(
        io::stdout(),
        "{from} of layer {}, {} bytes, is in {to}",
        read.content.layer,
        read.content.size
    )?;
    Ok(())
}

/// Lines of digits; lines that repeat are one star.
struct Hex<W> {
    out: W,
    at: u64,
    row: Vec<u8>,
    last: Vec<u8>,
    starred: bool,
}

impl<W: Write> Hex<W> {
    fn new(out: W) -> Self {
        Self { out, at: 0, row: Vec::new(), last: Vec::new(), starred: false }
    }

    fn push(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let take = (ROW - self.row.len()).min(bytes.len());
            self.row.extend_from_slice(&bytes[..take]);
            bytes = &bytes[take..];
            if self.row.len() == ROW {
                self.line()?;
            }
        }
        Ok(())
    }

    fn line(&mut self) -> io::Result<()> {
        let row = std::mem::take(&mut self.row);
        if row == self.last && row.len() == ROW {
            if !std::mem::replace(&mut self.starred, true) {
                writeln!(self.out, "*")?;
            }
        } else {
            self.starred = false;
            let digits: String = (0..ROW)
                .map(|i| {
                    let gap = if i == ROW / 2 { " " } else { "" };
                    row.get(i).map_or_else(|| format!("{gap}   "), |byte| format!("{gap} {byte:02x}"))
                })
                .collect();
            let text: String =
                row.iter().map(|b| if (b' '..=b'~').contains(b) { char::from(*b) } else { '.' }).collect();
            writeln!(self.out, "{:08x} {digits}  |{text}|", self.at)?;
        }
        self.at += row.len() as u64;
        self.last = row;
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        if !self.row.is_empty() {
            self.line()?;
        }
        writeln!(self.out, "{:08x}", self.at)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::Hex;

    #[test]
    fn digits_as_hexdump_prints_them() {
        let mut out = Vec::new();
        let mut hex = Hex::new(&mut out);
        hex.push(b"abc\x1b\n").unwrap();
        hex.push(&[0; 59]).unwrap();
        hex.push(b"end").unwrap();
        hex.end().unwrap();
        let want = "00000000  61 62 63 1b 0a 00 00 00  00 00 00 00 00 00 00 00  |abc.............|\n\
                    00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n\
                    00000040  65 6e 64                                          |end|\n00000043\n";
        assert_eq!(String::from_utf8(out).unwrap(), want);
    }
}
