//! Random stacks: what the explorer shows is what the engine stores.

use layerlab_core::explore::Lens;
use layerlab_tests::properties;
use layerlab_tests::stacks::{difference, of_explorer, of_lens, tar, try_stacks, without_times};

#[test]
fn the_explorer_shows_what_the_engine_stores() {
    try_stacks("the explorer", 400, |stack| {
        match (of_lens(stack, Lens::Overlay2).map(without_times), of_explorer(stack)) {
            (Ok(engine), Ok(explorer)) => difference(&engine, &explorer),
            (Err(_), Err(_)) => None,
            (Ok(_), Err(error)) => Some(format!("the explorer alone refuses it: {error}\n")),
            (Err(error), Ok(_)) => Some(format!("the explorer alone takes it: {error}\n")),
        }
    });
}

/// Programs part where the specification leaves a choice, or where they do not keep to it. Where they agree, so does it.
#[test]
fn where_all_programs_agree_the_specification_does() {
    let programs = [Lens::Overlay2, Lens::Containerd, Lens::Vfs, Lens::Umoci];
    let (mut agreed, mut tried) = (0, 0);
    try_stacks("the specification", 150, |stack| {
        tried += 1;
        let mut trees = programs.map(|lens| of_lens(stack, lens).map(without_times).ok()).into_iter();
        let first = trees.next()??;
        if !trees.all(|tree| tree.as_ref() == Some(&first)) {
            return None;
        }
        agreed += 1;
        match of_lens(stack, Lens::Spec) {
            Ok(tree) => difference(&first, &without_times(tree)),
            Err(error) => Some(format!("refused: {error}\n")),
        }
    });
    assert!(agreed > tried / 10, "{agreed} of {tried} stacks on which all agree");
}

/// What the fuzzer holds against arbitrary bytes, it seldom holds against names that meet each other.
#[test]
fn what_holds_of_any_bytes_holds_of_random_layers() {
    try_stacks("the properties of a layer", 300, |stack| {
        let broken =
            stack.iter().find_map(|layer| std::panic::catch_unwind(|| properties::tar(&tar(layer))).err())?;
        let said = broken.downcast_ref::<String>().cloned();
        Some(
            said.or_else(|| broken.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default()
                + "\n",
        )
    });
}
