//! The hub's images: each program that they name runs, each default command works, and what is shared is not pulled twice.

use layerlab_core::hub::Hub;
use layerlab_tests::sim;

/// Looks at every program that an image has in its usual directories. What cannot be found ends with 127, what the lab has no
/// program for with 126. `yes` never ends.
const EACH: &str = "for f in /bin/* /sbin/* /usr/bin/* /usr/sbin/* /usr/local/bin/* /usr/local/sbin/* /usr/local/*/bin/* \
                    /opt/*/*/bin/*; do test -f $f && test -x $f || continue; case $f in */yes) continue;; esac; \
                    $f --help < /dev/null > /dev/null 2>&1; s=$?; \
                    n=$((n + 1)); test $s -eq 127 && echo missing $f; test $s -eq 126 && $f --help < /dev/null; done; \
                    echo $n programs";
/// Programs that run no code in the lab, and say which flag they answer.
const RUNTIMES: [&str; 4] = ["node", "python3", "go", "java"];
/// Images without a shell.
const BARE: [&str; 2] = ["hello-world", "portainer/portainer"];
/// What the databases ask for before they start.
const PASSWORDS: &str = "-e MYSQL_ROOT_PASSWORD=p -e MARIADB_ROOT_PASSWORD=p -e POSTGRES_PASSWORD=p";

fn images() -> Vec<String> {
    let repositories = Hub::default().repositories().unwrap();
    repositories.iter().flat_map(|r| r.tags.iter().map(move |tag| format!("{}:{tag}", r.name))).collect()
}

#[test]
fn every_program_that_an_image_has_runs() {
    let mut session = sim::session();
    let mut wrong = Vec::new();
    for image in images().iter().filter(|image| !BARE.iter().any(|bare| image.starts_with(bare))) {
        let line = format!("docker run --rm --entrypoint sh {image} -c '{EACH}'");
        let answer = sim::run(&mut session, &line);
        let said = String::from_utf8_lossy(&answer.stdout).into_owned();
        let refused = String::from_utf8_lossy(&answer.stderr).into_owned();
        let count = said.lines().find_map(|line| line.strip_suffix(" programs")?.parse::<u32>().ok());
        assert!(count > Some(10), "{image}: {said}{refused}");
        let missing = said.lines().filter(|line| line.starts_with("missing"));
        let known = |line: &&str| RUNTIMES.iter().any(|name| line.contains(&format!(" `{name} ")));
        let refused =
            refused.lines().filter(|line| line.starts_with("Layerlab:")).filter(|line| !known(line));
        wrong.extend(missing.chain(refused).map(|line| format!("{image}: {line}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_image_runs_as_it_is() {
    let mut session = sim::session();
    for image in images() {
        let answer = sim::run(&mut session, &format!("docker run -d --name up {PASSWORDS} {image}"));
        assert_eq!(answer.status, 0, "{image}: {}", String::from_utf8_lossy(&answer.stderr));
        let state = sim::run(&mut session, "docker inspect -f '{{.State.Running}} {{.State.ExitCode}}' up");
        let state = String::from_utf8_lossy(&state.stdout).into_owned();
        assert!(["true 0\n", "false 0\n"].contains(&&*state), "{image}: {state}");
        sim::run(&mut session, "docker rm -fv up");
    }
}

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
