//! Advice after real mistakes: a line, and the pieces that it must give, as a person sees them.

use super::*;
use crate::help::{self, Help, Language, Topic};

/// The advice that a line gives.
fn advice(session: &mut Session, line: &str) -> Vec<Help> {
    let mut given = Vec::new();
    session.run(line.as_bytes(), &mut |event| {
        if let Event::Help { help } = event {
            given.push(help);
        }
    });
    given
}

/// A lab with a container that is up, one that has ended, one that is paused, and a volume.
fn lab() -> Session {
    let mut session = session();
    for line in [
        "docker run -d --name web nginx",
        "docker run --name old busybox touch /made",
        "docker run -d --name held nginx",
        "docker pause held",
        "docker run -d --name disk -v data:/data nginx",
        "docker create --name clean debian",
    ] {
        let (reply, text) = run(&mut session, line);
        assert_eq!(reply.status, 0, "{line}: {text}");
    }
    session
}

#[test]
fn each_mistake_gets_its_advice() {
    use Topic::*;
    let mut s = lab();
    let cases: &[(&str, Topic, &[&str])] = &[
        ("docker rm web", ContainerRunning, &["web"]),
        ("docker rm held", ContainerPaused, &["held"]),
        ("docker exec held ls", ContainerPaused, &["held"]),
        ("docker exec old ls", ContainerNotRunning, &["old"]),
        ("docker create --name web nginx", NameTaken, &["web"]),
        ("docker run --name x nginx true", NameTooShort, &["x"]),
        ("docker run --name -x nginx true", NameBad, &["-x"]),
        ("docker stop wbe", NoSuchContainer, &["wbe", "web"]),
        ("docker logs nothing-like-it", NoSuchContainer, &["nothing-like-it", ""]),
        ("docker rmi ngnix", NoSuchImage, &["ngnix", "nginx"]),
        ("docker volume rm dta", NoSuchVolume, &["dta", "data"]),
        ("docker inspect wbe", NoSuchObject, &["wbe", "web"]),
        ("docker cp web:/nowhere .", NoSuchPath, &["web", "/nowhere"]),
        ("docker pull bsybox", PullDenied, &["bsybox", "busybox"]),
        ("docker run debain", PullDenied, &["debain", "debian"]),
        ("docker pull nginx:99", NoSuchTag, &["nginx"]),
        ("docker pull ghcr.io/a/b", NoRegistry, &["ghcr.io"]),
        ("docker pull localhost:5000/b", NoRegistryUp, &["localhost:5000"]),
        ("docker run Nginx", ImageNameCase, &["nginx"]),
        ("docker pull nginx::1", ImageNameBad, &["nginx::1"]),
        ("docker rmi nginx", ImageUsedByRunning, &["nginx", "disk"]),
        ("docker rmi busybox", ImageUsedByStopped, &["busybox", "old"]),
        ("docker volume rm data", VolumeInUse, &["data"]),
        ("docker run busybox bash", ProgramMissing, &["bash", "busybox", "ubuntu, centos, debian"]),
        ("docker run busybox -d", FlagAfterImage, &["-d", "run"]),
        ("docker rnu nginx", VerbUnknown, &["rnu", "run"]),
        ("docker compose up", VerbNotInLab, &["compose"]),
        ("docker container lss", SubcommandUnknown, &["container", "lss", "ls"]),
        ("docker run --nmae x nginx", FlagUnknown, &["--nmae", "run", "--name"]),
        ("docker ps -z", FlagUnknown, &["-z", "ps", ""]),
        ("docker run -name x nginx", FlagUnknown, &["-n", "run", "--name"]),
        ("docker run --name", FlagNeedsValue, &["--name", "run"]),
        ("docker ps -n x", FlagBadValue, &["-n, --last", "x"]),
        ("docker exec web", ArgumentsWrong, &["exec"]),
        ("echo | docker run -it busybox sh", NotATty, &[]),
        ("docker run debian bash", InteractiveWithoutIt, &["docker run -it debian bash"]),
        ("docker run -d --name gone busybox true", DetachedAndGone, &["gone", "0"]),
        ("docker commit clean", NothingToCommit, &["clean"]),
        ("lss", CommandMissing, &["lss", "ls"]),
        ("nginx", CommandMissing, &["nginx", "", "nginx"]),
        ("apt-get install vim", PackageHost, &["apt-get"]),
        ("git clone x", NoNetwork, &["git"]),
        ("docker run -v data:/data:ro busybox touch /data/x", ReadOnly, &[]),
        ("docker run -u 1000 busybox touch /etc/x", PermissionDenied, &["1000"]),
        ("docker run busybox sh -c 'docker ps'", DockerInContainer, &[]),
    ];
    let mut wrong = Vec::new();
    for (line, topic, args) in cases {
        let mut given = advice(&mut s, line);
        if *topic == DetachedAndGone {
            // The program ends after the line did; it is told with the next one.
            given.extend(advice(&mut s, "true"));
        }
        let is_meant = |help: &&Help| {
            let fits =
                args.iter().enumerate().all(|(at, arg)| help.args.get(at).is_some_and(|given| given == arg));
            help.id == *topic && fits && help.args.len() == topic.arity()
        };
        let Some(found) = given.iter().find(is_meant) else {
            wrong.push(format!("{line}: {given:?}"));
            continue;
        };
        for language in Language::ALL {
            let text = help::text(language, found);
            assert!(!text.contains('{') && !text.contains("[["), "{line}: {text}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_a_script_catches_needs_no_advice() {
    let mut s = lab();
    for line in [
        "docker rm web 2> /dev/null",
        "docker rm web 2> log",
        "docker rm web 2>&1 | cat",
        "text=$(docker rm web 2>&1)",
        "nosuch 2> /dev/null",
        "docker ps",
        "docker run -d --name up nginx",
        "docker run busybox sh -c true",
    ] {
        assert_eq!(advice(&mut s, line), [], "{line}");
    }
    // Nor does what a lesson only tests leave advice for the next line.
    ask(&mut s, Request::Test { lines: vec!["docker rm web".into()] });
    assert_eq!(advice(&mut s, "true"), []);
}

#[test]
fn a_layer_that_is_changed_under_its_mount_gives_advice_once() {
    let mut s = lab();
    let mount = "mount -t overlay overlay -o lowerdir=low,upperdir=up,workdir=work at";
    run(&mut s, "mkdir low up work at; touch low/f");
    assert!(advice(&mut s, mount).is_empty());
    let told = |layer: &str| vec![Help::new(Topic::LayerChangedDirectly, &[layer])];
    for through in ["echo x > at/f", "rm at/f", "mkdir at/d", "chmod 700 at", "cat low/f", "ls -R up"] {
        assert!(advice(&mut s, through).is_empty(), "{through}");
    }
    for (line, layer) in [("touch up/g", "/root/up"), ("chmod 600 low/f", "/root/low")] {
        assert_eq!(advice(&mut s, line), told(layer), "{line}");
        assert!(advice(&mut s, line).is_empty(), "{line}");
    }
    // A new mount is another one.
    run(&mut s, "umount at; touch low/g");
    assert!(advice(&mut s, "echo free > up/h").is_empty());
    run(&mut s, mount);
    assert_eq!(advice(&mut s, "(cd low && mv g ../other)"), told("/root/low"));
    // The same holds for a container's layers. The container itself writes through its mount.
    assert!(advice(&mut s, "docker exec web touch /made; docker cp /etc/passwd web:/").is_empty());
    let layer = "$(docker inspect -f '{{.GraphDriver.Data.UpperDir}}' web)";
    let found = advice(&mut s, &format!("touch {layer}/made"));
    assert!(matches!(&found[..], [help] if help.id == Topic::LayerChangedDirectly), "{found:?}");
}
