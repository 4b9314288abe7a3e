//! Builds of odd sizes and shapes: each ends with a result within the lab's limits or with an error that says why, and leaves
//! nothing behind. `LAYERLAB_LARGE=all` takes the sizes of a soak.

use std::fmt::Write;

use layerlab_core::session::Session;
use layerlab_tests::archive::Layer;
use layerlab_tests::sim;

/// Both builders, as the beginning of a line.
const BUILDERS: [&str; 2] = ["DOCKER_BUILDKIT=0", "DOCKER_BUILDKIT=1"];

/// The number for every run, or that of a soak.
fn size(usual: usize, soak: usize) -> usize {
    if std::env::var("LAYERLAB_LARGE").as_deref() == Ok("all") { soak } else { usual }
}

fn session() -> Session {
    let mut session = sim::session();
    assert_eq!(sim::run(&mut session, "docker pull -q busybox && mkdir w && cd w").status, 0);
    session
}

/// Builds a Dockerfile in an empty context with each builder, and returns the status and all that was said.
fn built(dockerfile: &str) -> [(u8, String); 2] {
    BUILDERS.map(|builder| {
        let mut session = session();
        sim::put(&mut session, "/root/w/Dockerfile", dockerfile.as_bytes());
        said(&mut session, &format!("{builder} docker build --progress=plain -t built . 2>&1"))
    })
}

/// Runs a line and looks at what it left.
fn said(session: &mut Session, line: &str) -> (u8, String) {
    let answer = sim::run(session, line);
    let left =
        sim::run(session, "docker ps -aq | wc -l; ls /var/lib/docker/tmp | wc -l; mount | grep -c overlay");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(text(&left.stdout), "0\n0\n0\n", "{line}");
    (answer.status, text(&answer.stdout))
}

#[test]
fn a_dockerfile_of_a_megabyte_is_built() {
    let mut text = String::from("FROM busybox\nRUN echo begin && \\\n");
    let filling = "x".repeat(1000);
    while text.len() < 1 << 20 {
        let _ = writeln!(text, "  : {filling} && \\\n# {filling}");
    }
    text += "  echo end > /end\n";
    for (status, said) in built(&text) {
        assert_eq!(status, 0, "{said:.2000}");
    }
}

#[test]
fn a_line_is_as_long_as_docker_takes_it() {
    let longest = 65535 - "ENV a=".len();
    for (status, said) in built(&format!("FROM busybox\nENV a={}\n", "x".repeat(longest))) {
        assert_eq!(status, 0, "{said:.2000}");
    }
    for (status, said) in built(&format!("FROM busybox\nENV a={}\n", "x".repeat(longest + 1))) {
        let why = "dockerfile line greater than maximum allowed size of 65535\n";
        assert!(status == 1 && said.ends_with(why), "{status} {said:.2000}");
    }
}

#[test]
fn a_dockerfile_above_the_limit_is_refused() {
    let text = "FROM busybox\n".to_owned() + &format!("# {}\n", "y".repeat(60_000)).repeat(150);
    let [(status, classic), (kit_status, kit)] = built(&text);
    assert!(
        status == 1 && classic.ends_with("\nLayerlab: 8388608 bytes are the lab's limit\n"),
        "{classic:.2000}"
    );
    // BuildKit takes 16 MiB of one file, as real BuildKit does.
    assert_eq!(kit_status, 0, "{kit:.2000}");
}

#[test]
fn many_instructions_make_one_image() {
    let count = size(200, 10_000);
    let text =
        (0..count).fold("FROM scratch\n".to_owned(), |text, number| text + &format!("LABEL a={number}\n"));
    let [(status, classic), (kit_status, kit)] = built(&text);
    assert_eq!(kit_status, 0, "{kit:.2000}");
    // The classic builder makes a container and an image for each step: a line of so many steps is stopped by its limit.
    let stopped_by_the_limit = 124;
    let wanted = if count > 1000 { stopped_by_the_limit } else { 0 };
    assert_eq!(status, wanted, "{classic:.2000}");
}

#[test]
fn stages_in_a_circle_are_refused() {
    let [classic, kit] =
        built("FROM busybox AS a\nCOPY --from=b /x /\nFROM busybox AS b\nCOPY --from=a /x /\n");
    assert_eq!(classic.0, 1, "{}", classic.1);
    assert!(classic.1.contains("pull access denied for b"), "{}", classic.1);
    assert_eq!(kit.0, 1, "{}", kit.1);
    assert!(kit.1.contains("circular dependency"), "{}", kit.1);
    let [classic, kit] = built("FROM busybox AS a\nCOPY --from=a /x /\n");
    // A stage has its name once it is done (`builder/dockerfile/dispatchers.go`): until then that is an image's.
    assert!(classic.0 == 1 && classic.1.contains("pull access denied for a"), "{}", classic.1);
    assert!(kit.0 == 1 && kit.1.contains("circular dependency"), "{}", kit.1);
    let [classic, _] = built("FROM busybox AS a\nCOPY --from=0 /x /\n");
    assert!(classic.0 == 1 && classic.1.contains("refers to current build stage"), "{}", classic.1);
}

/// A context as a tar: a Dockerfile, so many files, and links that lead out of it.
fn context(files: usize, up: bool) -> Vec<u8> {
    let mut tar = Layer::new();
    tar.file("Dockerfile", 0o644, b"FROM scratch\nCOPY . /\n").symlink("out", "/etc/passwd");
    if up {
        tar.symlink("up", "../../..");
    }
    for number in 0..files {
        tar.file(&format!("d{}/f{number}", number / 1000), 0o644, b"");
    }
    tar.done()
}

fn sent(tar: &[u8]) -> [(u8, String); 2] {
    BUILDERS.map(|builder| {
        let mut session = session();
        sim::put(&mut session, "/root/w/context.tar", tar);
        said(&mut session, &format!("{builder} docker build --progress=plain - < context.tar 2>&1"))
    })
}

#[test]
fn a_context_of_many_files_is_copied_up_to_a_limit() {
    for (status, said) in sent(&context(size(5_000, 100_000), false)) {
        assert_eq!(status, 0, "{said:.2000}");
    }
    // Only a soak sends more than the limit: it takes a minute.
    for (status, said) in sent(&context(size(1, 200_001), false)) {
        let limit = "more than 200000 files in one source";
        let refused = format!("{limit}\nLayerlab: {limit} are too many for the lab\n");
        assert_eq!(status == 0, size(1, 200_001) == 1, "{said:.2000}");
        assert!(status == 0 || said.ends_with(&refused), "{said:.2000}");
    }
}

#[test]
fn a_link_of_an_archive_that_leads_out_is_refused() {
    for (status, said) in sent(&context(1, true)) {
        assert!(
            status == 1 && said.contains("invalid symlink") && said.contains("../../.."),
            "{status} {said}"
        );
    }
}

#[test]
fn what_a_link_of_the_context_leads_to_is_not_copied() {
    for builder in BUILDERS {
        let mut session = session();
        let make = "ln -s /etc/passwd out; ln -s ../../.. up; mkfifo p; printf 'FROM busybox\\nCOPY . /c/\\nCOPY out /file\\n' > Dockerfile";
        assert_eq!(sim::run(&mut session, make).status, 0);
        let (status, said) = said(&mut session, &format!("{builder} docker build --progress=plain . 2>&1"));
        assert_eq!(status, 1, "{said}");
        // The link is looked up inside the context, where there is no /etc/passwd.
        assert!(said.contains("/etc/passwd") || said.contains("out"), "{said}");
        let (status, said) = said_of_links(&mut session, builder);
        assert_eq!(status, 0, "{said}");
        assert!(said.ends_with("/etc/passwd\n../../..\n"), "{said}");
    }
}

/// Builds with the links copied as such, and reads where they lead.
fn said_of_links(session: &mut Session, builder: &str) -> (u8, String) {
    let line = format!(
        "sed -i 3d Dockerfile; {builder} docker build -q -t links . && docker run --rm links readlink /c/out /c/up"
    );
    said(session, &line)
}
