//! Every command line of five published tutorials on this host's kernel.

use layerlab_tests::lab::{Files, On, session};
use layerlab_tests::process::need_root;
use layerlab_tests::seeds::all;

#[test]
fn every_line_of_the_tutorials_answers_on_the_host() {
    need_root();
    let differences = |seed: &layerlab_tests::seeds::Seed| {
        seed.differences(&session(On::Root, &seed.transcript.lines(), &Files::default()))
    };
    let wrong: String = all().iter().map(differences).collect();
    assert!(wrong.is_empty(), "{wrong}");
}
