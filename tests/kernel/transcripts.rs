//! The corpus of transcripts on this host's kernel, and through the binary on the simulator.

use std::process::Command;

use layerlab_tests::lab::On;
use layerlab_tests::process::need_root;
use layerlab_tests::{corpus, transcript};

fn every_transcript(on: On) {
    need_root();
    let differences = |t: &transcript::Transcript| t.differences(&corpus::run(t, on));
    let wrong: String = transcript::all().iter().filter(|t| corpus::is_for(t, on)).map(differences).collect();
    assert!(wrong.is_empty(), "on {}:\n{wrong}", on.name());
}

#[test]
fn through_the_binary_on_the_simulator() {
    every_transcript(On::Sim);
}

#[test]
fn on_the_host_as_root() {
    every_transcript(On::Root);
}

#[test]
fn on_the_host_as_an_ordinary_user() {
    every_transcript(On::User);
}

/// Each transcript that is for both kernels, line by line on both: what is printed, every view, every upper directory.
#[test]
fn on_both_kernels_without_a_difference() {
    need_root();
    let mut wrong = String::new();
    let both = |t: &&transcript::Transcript| corpus::is_for(t, On::Sim) && corpus::is_for(t, On::Root);
    for transcript in transcript::all().iter().filter(both) {
        let folder = layerlab_tests::lab::shared_folder();
        let mut run = Command::new(layerlab_tests::lab::binary());
        run.args(["run", "--tty", "--on", "both", "--plain", "--trace"])
            .arg(folder.path().join("difference.json"));
        for (number, (content, path)) in corpus::files(transcript).into_iter().enumerate() {
            let file = folder.path().join(number.to_string());
            std::fs::write(&file, content).expect("our own folder");
            run.arg("--copy-in").arg(format!("{}:{path}", file.display()));
        }
        let script = folder.path().join("script");
        std::fs::write(&script, transcript.lines().join("\n")).expect("our own folder");
        let output = run.arg(&script).output().expect("the binary runs");
        let said = String::from_utf8_lossy(&output.stderr);
        if !said.contains("no difference") {
            let end: Vec<&str> = said.lines().rev().take(4).collect();
            wrong +=
                &format!("{}: {}\n", transcript.name(), end.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
