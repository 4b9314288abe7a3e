//! Whether `docker load` of the playground's Docker can take an archive, and the lines that run a container on it.

/// The largest archive that is put into the playground, whose disk is memory.
pub(crate) const LOAD_MAX: u64 = 64 << 20;

/// Why an archive cannot be loaded into the playground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It has more than [`LOAD_MAX`] bytes.
    TooBig,
    /// It has no `manifest.json`: Docker 20.10 knows its own form alone.
    OciOnly,
}

/// Why an archive of so many bytes cannot be loaded; nothing if it can.
pub(crate) fn refusal(size: u64, loadable: bool) -> Option<Refusal> {
    if !loadable {
        Some(Refusal::OciOnly)
    } else if size > LOAD_MAX {
        Some(Refusal::TooBig)
    } else {
        None
    }
}

/// Where the archive goes in the lab, and the lines that load it and run a container on the image of this name; on its id,
/// where the name is nothing that a shell takes as one word.
pub(crate) fn command(file: &str, name: Option<&str>, id: &str) -> (String, [String; 2]) {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let file: String = file.chars().map(|c| if safe(c) { c } else { '_' }).collect();
    let file = file.trim_start_matches(['.', '-']);
    let path = format!("/root/{}", if file.is_empty() { "loaded.tar" } else { file });
    let is_word = |name: &&str| name.chars().all(|c| safe(c) || matches!(c, '/' | ':' | '@'));
    let image = name.filter(is_word).filter(|name| !name.starts_with('-')).unwrap_or(id);
    let lines = [format!("docker load -i {path}"), format!("docker run -dit {image}")];
    (path, lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_can_be_loaded() {
        assert_eq!(refusal(1 << 20, true), None);
        assert_eq!(refusal(LOAD_MAX + 1, true), Some(Refusal::TooBig));
        assert_eq!(refusal(1, false), Some(Refusal::OciOnly));
    }

    #[test]
    fn a_files_name_is_never_more_than_a_name() {
        let (path, lines) = command("../my image;rm -rf $(x).tar", Some("lab:three"), "sha256:1");
        assert_eq!(path, "/root/_my_image_rm_-rf___x_.tar");
        assert_eq!(lines, [format!("docker load -i {path}"), "docker run -dit lab:three".to_owned()]);
        for name in ["a;b", "--privileged", "$(x)"] {
            assert_eq!(command("..", Some(name), "sha256:1").1[1], "docker run -dit sha256:1");
        }
        assert_eq!(command("..", None, "sha256:1").0, "/root/loaded.tar");
    }
}
