//! A session's layers as mounts made by hand: what the lab shows is what Linux shows.

use std::path::Path;
use std::process::Command;

use layerlab_tests::cli::{answer, typed};
use layerlab_tests::dockerd::storage;
use layerlab_tests::lab::On;
use layerlab_tests::process::{must, need_root};

/// Files removed, replaced, linked and owned by somebody; a directory that is made anew is opaque.
const SESSION: &str = "\
docker run -d --name web nginx
docker exec web rm /etc/nginx/nginx.conf
docker exec web sh -c 'rm -r /var/log/nginx; mkdir /var/log/nginx; chown 7:8 /var/log/nginx; ln -s x /var/log/nginx/l'
docker exec web sh -c 'echo longer > /usr/share/nginx/html/index.html; chmod 600 /usr/share/nginx/html/index.html'
docker run -it --name layers busybox
echo x > f
ln f g
rm /bin/true
exit
docker run -it --name again busybox
rmdir /home
";

/// A line for each path, without what Docker puts above an image for the time that a container runs.
const LIST: &str = "find . -path ./proc -prune -o -path ./sys -prune -o -path ./dev -prune -o -exec stat -c '%n %A %u:%g %s %Y %h' {} + \
                    | grep -vE '^[.]/([.]dockerenv|etc/(hosts|hostname|resolv.conf|mtab)) |^[.](/etc)? '";

/// A directory's size and number of links are the file system's own.
fn normal(listing: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in listing.lines() {
        let mut fields: Vec<&str> = line.split(' ').collect();
        if fields.get(1).is_some_and(|mode| mode.starts_with('d')) {
            fields.truncate(3);
        }
        lines.push(fields.join(" "));
    }
    lines.sort();
    lines
}

#[test]
fn mounts_made_by_hand_show_what_the_lab_shows() {
    need_root();
    let folder = tempfile::tempdir_in(storage()).unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let session = path("session");
    std::fs::write(&session, SESSION).unwrap();
    let (out, err, status) =
        answer(&typed(On::Sim, &["export", "--as", "mounts", "-o", &path("out"), &session], ""));
    assert_eq!((out.as_str(), status), ("", 0), "{err}");

    let mut script = Command::new("sh");
    let mounted = must(script.args([&path("out/mounts.sh"), &path("lab")]));
    let names = ["web", "layers", "again"];
    let merged: Vec<String> = names.iter().map(|name| path(&format!("lab/{name}/merged"))).collect();
    let seen: Vec<String> = merged
        .iter()
        .map(|merged| {
            let mut list = Command::new("bash");
            must(list.args(["-c", LIST]).current_dir(Path::new(merged)).env("LC_ALL", "C"))
        })
        .collect();
    must(Command::new("sh").args([&path("out/mounts.sh"), "-u", &path("lab")]));
    assert_eq!(mounted.lines().collect::<Vec<_>>(), merged);

    for (name, seen) in names.iter().zip(seen) {
        let mut lines = format!("{SESSION}exit\n");
        lines.push_str(&format!("docker start {name} >/dev/null; echo BEGIN\n"));
        lines.push_str(&format!(
            "docker export -o /x.tar {name}; mkdir /x; tar -xf /x.tar -C /x; cd /x\n{LIST}\n"
        ));
        let (lab, err, _) = answer(&typed(On::Sim, &["run", "--tty", "-"], &lines));
        let lab = lab.split_once("BEGIN\n").expect(&err).1.to_owned();
        assert!(normal(&seen).len() > 20, "{seen}");
        assert_eq!(normal(&seen), normal(&lab), "{name}: {err}");
    }
}
