//! Odd paths for `docker cp`: through files and links, in circles, above the root, with every end; in each form that it has.

use layerlab_tests::archive::Layer;
use layerlab_tests::listing::difference;

use super::observe::lines_of;
use super::sides::Side;
use super::{Both, base};

/// What is in the container beside the image.
const MAKE: &str = "cd /; echo x > f; mkdir d; echo y > d/g; ln -s f lf; ln -s nowhere dead; ln -s d ld; ln -s dead dd; \
                    ln -s /d/g lg; ln -s loop loop; ln -s /f/x lx; ln -s /dead/x ldx; ln -s f/ lfs";

const PATHS: &[&str] = &[
    "", "/.", "d/../", "d/", "d/.", "f/", "/f/.", "f/x", "f/x/.", "d//g", "d/./g", "d/g/../g", "lf", "lf/",
    "lf/.", "lf/x", "dead", "dead/", "dead/.", "dead/x", "dead/..", "dd/x/", "ld", "ld/", "ld/..", "ld/g/",
    "ld/nope", "lg/.", "loop", "loop/", "loop/x", "lx", "lx/", "lx/y", "ldx", "ldx/", "lfs", "lfs/.",
    "nope/", "nope/x", "nope/..", "dev/null",
];

/// Every form: out as a tar and as files, to a place that is there or not, and in.
fn line(container: &str, path: &str) -> String {
    let what = format!("'{container}:{path}'");
    let image = base::NAME;
    format!(
        "docker run --network none --name {container} {image} sh -c '{MAKE}'
docker cp {what} - > out; wc -c < out; docker cp -L {what} - > out; wc -c < out
docker cp {what} o; find o 2>/dev/null | sort; rm -rf o; mkdir o; docker cp -L {what} o; find o | sort; rm -rf o
docker cp q {what}; docker cp qd {what}; docker cp qd/. {what}; docker cp -a q {what}; docker cp - {what} < t.tar
docker diff {container} | sort; docker rm {container}"
    )
}

/// A container's own files, its volumes, and what is mounted in it alone: what is not its tree is seen or not, and written
/// or not, before it ran, after, and while it is up.
const MOUNTED: &str = "docker create --name made IMAGE true | wc -c; docker cp made:/etc - | wc -c; docker rm made
mkdir -p vol/sub; echo v > vol/f; here=$(pwd)
docker run --name ran --network none -h box -v $here/vol:/vol -v $here/vol:/ro:ro IMAGE sh -c 'echo x > /f'
docker cp ran:/etc - | wc -c; docker cp ran:/vol/f - | wc -c; docker cp ran:/vol - | wc -c; docker cp ran:/ro/sub/ - | wc -c
docker cp q ran:/ro/; docker cp q ran:/ro; docker cp q ran:/vol; ls vol | sort; docker cp q ran:/ro/q2; docker cp q ran:/vol/../ro/sub
docker cp q ran:/rox; docker cp q ran:/etc/hosts; docker cp ran:/etc/hosts - | wc -c; docker diff ran | sort; docker rm ran
docker run --name still --network none --read-only IMAGE true; docker cp q still:/; docker cp q still:/etc/hosts
docker cp still:/etc/hostname - | wc -c; docker rm still
docker run -d --name up --network none -h box -v $here/vol:/vol IMAGE sleep 1000 | wc -c
docker cp up:/dev - | wc -c; docker cp up:/proc - | wc -c; docker cp up:/sys - | wc -c; docker cp up:/vol/f - | wc -c
docker cp q up:/vol/up; docker cp q up:/dev/q; docker exec up sh -c 'echo /dev/n* /dev/q* /vol/* /q*'; docker cp q up:/qq
docker exec up cat /qq; docker exec up sh -c 'echo new > /made'; docker cp up:/made - | wc -c; docker cp q up:/etc/hosts
docker exec up head -n 1 /etc/hosts; docker diff up | sort; docker rm -f up; rm -rf vol; mount | grep -c view-";

#[test]
fn docker_cp_sees_what_is_mounted_as_docker_does() {
    let mut both = Both::start();
    let sides: [&mut dyn Side; 2] = [&mut both.real, &mut both.lab];
    let [real, lab] = sides.map(|side| {
        side.put("q", b"q\n");
        lines_of(&side.line(&MOUNTED.replace("IMAGE", base::NAME)))
    });
    assert!(real == lab, "(- docker, + lab):\n{}", difference(&real, &lab));
    let refusals = real.iter().filter(|line| line.contains("is marked read-only")).count();
    assert_eq!(refusals, 6, "{real:?}");
}

#[test]
fn docker_cp_takes_odd_paths_as_docker_does() {
    let mut both = Both::start();
    let mut tar = Layer::new();
    tar.file("one", 0o644, b"1\n");
    let tar = tar.done();
    let sides: [&mut dyn Side; 2] = [&mut both.real, &mut both.lab];
    let [real, lab] = sides.map(|side| {
        side.put("q", b"q\n");
        side.put("t.tar", &tar);
        side.line("mkdir qd; cp q qd/one");
        let seen =
            PATHS.iter().enumerate().map(|(n, path)| lines_of(&side.line(&line(&format!("p{n}"), path))));
        seen.collect::<Vec<_>>()
    });
    let differ = |n: &usize| real[*n] != lab[*n];
    let wrong = (0..PATHS.len())
        .filter(differ)
        .map(|n| format!("{:?} (- docker, + lab):\n{}\n", PATHS[n], difference(&real[n], &lab[n])));
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), PATHS.len(), wrong.join("\n"));
    // Something was seen: a copy, a refusal of the client and one of the daemon.
    let all = real.concat().join("\n");
    for said in ["A /qd/one", "no such directory", "extraction point is not a directory", "too many links in"]
    {
        assert!(all.contains(said), "{said}");
    }
}
