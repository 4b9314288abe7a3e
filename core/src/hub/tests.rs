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
