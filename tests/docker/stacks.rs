//! Random stacks of layers: real engines and the lab make the same of each.

mod answer;
mod engines;

use layerlab_core::explore::Lens;
use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::stacks::{Item, Tree, difference, of_lens, try_stacks};
use layerlab_tests::tools::{Containerd, Containers, folder};

#[test]
fn docker_and_the_lab_make_the_same_of_random_stacks() {
    let docker = Dockerd::start();
    try_stacks("docker", 40, |stack| {
        answer::difference(&answer::of_docker(&docker, stack), &answer::of_lab(stack))
    });
}

/// What an engine made of a stack beside what its lens shows: a tree, or a refusal.
fn beside(engine: Result<Tree, String>, stack: &[Vec<Item>], lens: Lens) -> Option<String> {
    match (engine, of_lens(stack, lens)) {
        (Ok(theirs), Ok(ours)) => difference(&theirs, &ours),
        (Err(_), Err(_)) => None,
        (Ok(_), Err(error)) => Some(format!("the lens alone refuses it: {error}\n")),
        (Err(error), Ok(_)) => Some(format!("the lens alone takes it: {error}\n")),
    }
}

#[test]
fn umoci_and_its_lens_make_the_same_of_random_stacks() {
    let folder = folder("umoci");
    try_stacks("umoci", 30, |stack| beside(engines::umoci(folder.path(), stack), stack, Lens::Umoci));
}

#[test]
fn podman_s_vfs_and_its_lens_make_the_same_of_random_stacks() {
    let containers = Containers::new();
    let folder = folder("podman");
    try_stacks("podman", 15, |stack| {
        beside(engines::podman(&containers, folder.path(), stack), stack, Lens::Vfs)
    });
}

#[test]
fn containerd_and_its_lens_make_the_same_of_random_stacks() {
    let containerd = Containerd::start();
    let folder = folder("containerd-stacks");
    try_stacks("containerd", 15, |stack| {
        beside(engines::containerd(&containerd, folder.path(), stack), stack, Lens::Containerd)
    });
}
