//! Images that the lab built, in real Docker and in Podman: the same id, and they run.

use layerlab_tests::archive::busybox;
use layerlab_tests::process::must;
use layerlab_tests::tools::{Containers, folder};

use crate::neighbours::every_tool_takes;
use crate::scripts::base;
use crate::scripts::sides::{Lab, Real, Side};

/// Two stages, with what runs, what is set and what is deleted.
const DOCKERFILE: &str = r#"FROM lab:scripts AS made
RUN echo made > /made; rm /w/gone; chown 4242:1 /w/a
FROM lab:scripts
ENV GREETING=hello
WORKDIR /srv
COPY --from=made /made /w/a ./
COPY --chown=keeper:keepers word .
RUN rm -r /w/d; echo "$GREETING" > greeting
USER keeper
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["cat made word greeting; stat -c '%n %u:%g' word a; ls -d /w/d; id -u"]
"#;

/// What the image says when it runs.
const SAID: &str = "made\nword\nhello\nword 4242:4242\na 4242:1\n4242\n";

#[test]
fn what_the_lab_builds_runs_elsewhere() {
    let (mut lab, mut real) = (Lab::start(), Real::start());
    lab.put("base.tar", &base::image(&busybox()));
    lab.put("Dockerfile", DOCKERFILE.as_bytes());
    lab.put("word", b"word\n");
    lab.line("docker load -i base.tar; mkdir ctx; mv Dockerfile word ctx");
    let files = folder("built");
    for (builder, name) in [("DOCKER_BUILDKIT=0", "classic:1"), ("DOCKER_BUILDKIT=1", "kit:1")] {
        let built = lab.line(&format!("{builder} docker build -q -t {name} ctx"));
        assert_eq!(built.status, 0, "{builder}: {built:?}");
        let id = built.stdout.trim().to_owned();
        assert_eq!(lab.line(&format!("docker save -o out.tar {name}")).status, 0);
        let archive = lab.get("out.tar");
        real.put("out.tar", &archive);
        assert_eq!(real.line("docker load -i out.tar").stdout, format!("Loaded image: {name}\n"));
        assert_eq!(real.line(&format!("docker images -q --no-trunc {name}")).stdout.trim(), id);
        for side in [&mut lab as &mut dyn Side, &mut real] {
            assert_eq!(
                side.line(&format!("docker run --rm --network none {name}")).stdout,
                SAID,
                "{builder}"
            );
        }
        let file = files.path().join(format!("{}.tar", name.replace(':', "-")));
        std::fs::write(&file, &archive).expect("our own folder");
        every_tool_takes(&file, name, &id);
        let containers = Containers::new();
        must(containers.podman().args(["load", "--quiet", "--input"]).arg(&file));
        // Limits that any host may set; Podman's own are higher than some allow.
        let limits = ["--ulimit", "nofile=256:256", "--ulimit", "nproc=256:256"];
        let run = [&["run", "--rm", "--network", "none"][..], &limits, &[name]].concat();
        assert_eq!(must(containers.podman().args(run)), SAID, "{builder} in podman");
    }
}
