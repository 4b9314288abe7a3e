//! The hub's own texts are right, and its images are what they say.

use super::*;
use crate::oci::digest::Digest;

#[test]
fn every_text_builds() {
    let hub = Hub::default();
    for repository in hub.repositories().unwrap() {
        for tag in &repository.tags {
            let image = hub.image(&repository.name, tag).unwrap();
            assert_eq!(image.config.config.rootfs.diff_ids.len(), image.layers.len(), "{}", repository.name);
            assert_eq!(
                image.config.config.layer_history().count(),
                image.layers.len(),
                "{}",
                repository.name
            );
            assert_eq!(image.digest, Digest::of(&image.manifest));
        }
    }
}

#[test]
fn nginx_stands_on_debians_layer() {
    let hub = Hub::default();
    let nginx = hub.image("nginx", "latest").unwrap();
    assert!(nginx.layers.len() >= 3);
    assert_eq!(nginx.layers[0], hub.image("debian", "latest").unwrap().layers[0]);
    let config = nginx.config.config.config.unwrap();
    assert_eq!(config.cmd.unwrap(), ["nginx", "-g", "daemon off;"]);
    assert_eq!(config.entrypoint.unwrap(), ["/docker-entrypoint.sh"]);
}

#[test]
fn what_is_missing_is_named() {
    let hub = Hub::default();
    assert_eq!(hub.image("nosuch", "latest"), Err(HubError::NoRepository("nosuch".into())));
    assert_eq!(hub.image("nginx", "0.1"), Err(HubError::NoTag("nginx".into(), "0.1".into())));
    let mut hub = Hub::default();
    hub.add("odd", "tag latest\nlayer x\ndir 7x5 /a\n");
    assert_eq!(
        hub.image("odd", "latest"),
        Err(HubError::Description("odd".into(), DescriptionError::Argument(3, "not an octal mode")))
    );
}

#[test]
fn tags_of_one_repository_share_layers() {
    let hub = Hub::default();
    let (new, old) = (hub.image("tomcat", "latest").unwrap(), hub.image("tomcat", "8").unwrap());
    let shared = hub.image("eclipse-temurin", "latest").unwrap().layers.len();
    assert_eq!(new.layers[..shared], old.layers[..shared]);
    assert_ne!(new.config.id, old.config.id);
    assert_eq!(new.layers[0], hub.image("ubuntu", "22.04").unwrap().layers[0]);
    assert_ne!(new.layers[0], hub.image("ubuntu", "16.04").unwrap().layers[0]);
}

#[test]
fn every_program_that_an_image_names_is_there() {
    let table = crate::session::programs();
    let mut missing = Vec::new();
    for (name, text) in OWN {
        for line in text.lines().filter(|line| !line.starts_with('|')) {
            let mut words = line.split_whitespace();
            let names: Vec<&str> = match words.next() {
                Some("programs") => words.skip(1).collect(),
                Some("links") => words.skip(2).collect(),
                Some("program") => words.map(|path| path.rsplit('/').next().unwrap()).collect(),
                Some("service") => words.skip(1).collect(),
                _ => Vec::new(),
            };
            missing
                .extend(names.into_iter().filter(|p| table.get(p.as_bytes()).is_none()).map(|p| (*name, p)));
        }
    }
    assert_eq!(missing, []);
}
