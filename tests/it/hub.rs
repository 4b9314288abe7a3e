//! The hub's images: what is shared is not pulled twice.

use layerlab_tests::sim;

#[test]
fn what_is_there_is_not_pulled_again() {
    let mut session = sim::session();
    let said =
        |session: &mut _, line: &str| String::from_utf8_lossy(&sim::run(session, line).stdout).into_owned();
    sim::run(&mut session, "docker pull -q ubuntu:22.04");
    assert_eq!(said(&mut session, "docker pull tomcat | grep -c 'Already exists'"), "1\n");
    // A second tag of one repository brings its own layers alone.
    assert_ne!(said(&mut session, "docker pull tomcat:9 | grep -c 'Already exists'"), "0\n");
    sim::run(&mut session, "docker pull -q debian");
    for image in ["nginx", "redis", "httpd", "python"] {
        assert_eq!(
            said(&mut session, &format!("docker pull {image} | grep -c 'Already exists'")),
            "1\n",
            "{image}"
        );
    }
}
