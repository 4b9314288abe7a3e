//! The main job comes out the same on the simulator, on this host as root, and on this host as uid 1000.

use layerlab_tests::archive;
use layerlab_tests::job::{self, Image};
use layerlab_tests::lab::On;
use layerlab_tests::listing::difference;
use layerlab_tests::normal::normal;
use layerlab_tests::process::need_root;

fn the_same_everywhere(image: &Image) {
    need_root();
    let lines = image.lines();
    let sim = image.run(On::Sim);
    let bad = sim.answers.iter().position(|a| a.status != 0);
    assert_eq!(bad, None, "every line of the job succeeds:\n{}", sim.text(&lines));
    let text = normal(&sim.text(&lines));
    for on in [On::Root, On::User] {
        let host = image.run(on);
        let other = normal(&host.text(&lines));
        let split = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(text, other, "on {}:\n{}", on.name(), difference(&split(&text), &split(&other)));
        let (one, two) = (sim.top_layer(), host.top_layer());
        assert_eq!(one, two, "the layer on {}:\n{}", on.name(), difference(&one, &two));
    }
}

#[test]
fn on_an_image_from_scratch() {
    the_same_everywhere(&job::own(archive::STUB));
}

#[test]
fn on_an_image_that_docker_saved() {
    the_same_everywhere(&job::sample());
}
