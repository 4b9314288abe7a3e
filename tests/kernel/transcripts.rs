//! The corpus of transcripts on this host's kernel, and through the binary on the simulator.

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
