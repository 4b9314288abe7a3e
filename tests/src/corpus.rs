//! The corpus of transcripts, and what their heads ask for.

use std::path::Path;

use crate::archive;
use crate::lab::{Files, On, session};
use crate::transcript::{Answer, Transcript};

/// A file that transcripts may ask for with `# copy-in: NAME:PATH`.
fn fixture(name: &str) -> Vec<u8> {
    match name {
        "three.tar" => archive::three_layers(archive::STUB),
        other => {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(other);
            std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        }
    }
}

/// The files that a transcript wants in the lab: content and path.
pub fn files(transcript: &Transcript) -> Vec<(Vec<u8>, String)> {
    let wanted = transcript.setting("copy-in").unwrap_or_default();
    let pair = |word: &str| {
        let (name, path) =
            word.split_once(':').unwrap_or_else(|| panic!("{}: copy-in {word}", transcript.name()));
        (fixture(name), path.to_owned())
    };
    wanted.split_whitespace().map(pair).collect()
}

/// Whether a transcript is for this kernel: all are, unless `# on:` names some.
pub fn is_for(transcript: &Transcript, on: On) -> bool {
    let Some(kernels) = transcript.setting("on") else { return true };
    for word in kernels.split_whitespace() {
        assert!(On::ALL.iter().any(|o| o.name() == word), "{}: no kernel {word}", transcript.name());
    }
    kernels.split_whitespace().any(|word| word == on.name())
}

/// Runs a transcript through the binary.
pub fn run(transcript: &Transcript, on: On) -> Vec<Answer> {
    let folder = crate::lab::shared_folder();
    let mut put = Files::default();
    for (number, (content, path)) in files(transcript).into_iter().enumerate() {
        let file = folder.path().join(number.to_string());
        std::fs::write(&file, content).expect("our own folder");
        put.copy_in.push((file, path));
    }
    session(on, &transcript.lines(), &put)
}
