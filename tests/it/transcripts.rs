//! The corpus of transcripts on the simulator, in this process.

use layerlab_tests::lab::On;
use layerlab_tests::{corpus, sim, transcript};

#[test]
fn every_transcript_comes_out_as_written() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = String::new();
    for transcript in transcript::all().iter().filter(|t| corpus::is_for(t, On::Sim)) {
        let mut session = sim::session();
        for (content, path) in corpus::files(transcript) {
            sim::put(&mut session, &path, &content);
        }
        let answers: Vec<_> = transcript.lines().iter().map(|line| sim::run(&mut session, line)).collect();
        let differences = transcript.differences(&answers);
        if update && !differences.is_empty() {
            transcript.update(&answers).unwrap();
        }
        wrong += &differences;
    }
    assert!(
        wrong.is_empty(),
        "{wrong}{}",
        if update { "(rewritten)" } else { "(UPDATE_EXPECT=1 rewrites them)" }
    );
}
