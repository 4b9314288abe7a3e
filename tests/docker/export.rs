//! A session as a script: a real Docker answers what the lab answered.

use std::process::Command;

use layerlab_tests::archive::busybox;
use layerlab_tests::cli::{answer, typed};
use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::lab::On;
use layerlab_tests::process::{run, said};
use serde_json::{Value, json};

use crate::scripts::base;

/// What is typed. The image comes from a file, as no registry can be reached.
const LINES: &str = "\
docker run --name c1 --network none lab:scripts sh -c 'echo one > /f; rm /etc/passwd; mkdir /d'
docker diff c1 >> out
docker commit c1 two >/dev/null
docker run -it --name c2 --network none two sh
echo 'it is' > /typed
rm /f
exit
docker diff c2 >> out
docker run --rm --network none two sh -c 'while read x; do echo $x; done < /f' >> out
docker history --format '{{.CreatedBy}}' two >> out
echo BEGIN
cat out
";

/// What stands behind the mark, in order of its lines: `docker diff` promises none.
fn result(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.split_once("BEGIN\n").expect(text).1.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn an_exported_session_runs_on_a_real_docker() {
    assert_eq!(base::NAME, "lab:scripts");
    let docker = Dockerd::start();
    let folder = layerlab_tests::tools::folder("export");
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("base.tar"), base::image(&busybox())).unwrap();
    let load = format!("docker load -qi {} >/dev/null", at("base.tar"));
    let copy_in = format!("{0}:{0}", at("base.tar"));
    let lines = format!("{load}\n{LINES}");
    let (lab, err, _) =
        answer(&typed(On::Sim, &["run", "--tty", "--plain", "--copy-in", &copy_in, "-"], &lines));
    assert!(result(&lab).contains(&"A /typed"), "{lab}{err}");

    // The same session as a journal, with the archive as a file from outside.
    let image = std::fs::read(at("base.tar")).unwrap();
    let digest = layerlab_core::oci::Digest::of(&image).to_string();
    let content = json!({ "put-file": { "path": at("base.tar"), "digest": digest, "size": image.len() } });
    let entries: Vec<Value> = [content].into_iter().chain(lines.lines().map(Value::from)).collect();
    std::fs::write(at("session"), json!({ "version": 2, "entries": entries }).to_string()).unwrap();
    let (_, err, status) = answer(&typed(On::Sim, &["export", &at("session")], ""));
    assert_eq!(status, 1);
    assert!(err.contains("give it with --file FILE"), "{err}");
    let arguments = ["export", "--file", &at("base.tar"), "-o", &at("session.sh"), &at("session")];
    assert_eq!(answer(&typed(On::Sim, &arguments, "")), (String::new(), String::new(), 0));

    let mut script = Command::new("timeout");
    script.args(["300", "bash", &at("session.sh")]).env("LC_ALL", "C").env("TMPDIR", folder.path());
    // Debian's client, whatever else is installed.
    script.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    script.env("DOCKER_HOST", docker.host()).env("DOCKER_CONFIG", docker.folder());
    let out = run(&mut script);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(result(&text), result(&lab), "{}", said(&out));

    // Without the file nothing of it runs.
    std::fs::remove_file(at("base.tar")).unwrap();
    let out = run(&mut script);
    assert_eq!(out.status.code(), Some(1), "{}", said(&out));
    assert!(said(&out).contains("Put the file of "), "{}", said(&out));
}
