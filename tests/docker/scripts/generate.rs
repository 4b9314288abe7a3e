//! Random shell scripts over a few paths, so that the commands of one script meet each other's work.

use layerlab_tests::random::Random;

use super::base::LONG;

/// Paths of the image, and some that are not there yet.
const PATHS: &[&str] = &[
    "a",
    "d",
    "d/x",
    "d/y",
    "d/s",
    "d/s/z",
    "o",
    "o/u",
    "o/v",
    "l",
    "ld",
    "ld/x",
    "dead",
    "h",
    "h2",
    "e",
    "e/own2",
    "e/f",
    "e/up",
    "own",
    "rich",
    "p",
    "m",
    "m/n",
    "m/n/k",
    "m/t2",
    "m/late",
    "t1",
    "t3",
    "null",
    "\u{fc}n\u{ef}",
    "gone",
    "d/gone",
    "n",
    "n/q",
    "n/q/r",
    "d/n",
    "o/n",
    "e/n",
    "m/n/n",
    "d/long",
];

const MODES: &[&str] =
    &["600", "0755", "4711", "2775", "1777", "000", "u+x", "go-rwx", "a=r", "+t", "g+s", "u-s"];
const OWNERS: &[&str] =
    &["4242", "4242:1", ":4242", "3000000:4000000", "keeper", "keeper:keepers", "0:0", "7:2097152"];
const DATES: &[&str] =
    &["@1600000000", "@1600000001", "@1000000", "@0", "2019-05-06 07:08:09", "2031-01-02 03:04:05"];
const TEXTS: &[&str] = &["x", "hello world", "one", "$(seq 300)", "key", ""];

/// A script of a few commands, a command a line.
pub(crate) fn script(random: &mut Random) -> Vec<String> {
    let count = 3 + random.below(10);
    (0..count).map(|_| command(random)).collect()
}

fn pick<'t>(random: &mut Random, of: &[&'t str]) -> &'t str {
    of[random.below(of.len())]
}

fn path(random: &mut Random) -> String {
    let name = pick(random, PATHS);
    if name == "d/long" { format!("/w/d/{LONG}") } else { format!("/w/{name}") }
}

/// A command that opens a path is kept from pipes and devices, where it might wait for ever.
fn guarded(path: &str, command: String) -> String {
    format!("[ -p {path} ] || [ -b {path} ] || {command}")
}

fn command(random: &mut Random) -> String {
    let (p, q) = (path(random), path(random));
    let text = pick(random, TEXTS);
    match random.below(60) {
        0 | 1 => format!("rm {p}"),
        2 => format!("rm -f {p} {q}"),
        3 => format!("rm -r {p}"),
        4 | 5 => format!("rm -rf {p}"),
        6 => format!("rm -rf {p}; mkdir {p}"),
        7 => format!("rm -rf {p} && mkdir {p} && echo {text} > {p}/x"),
        8 => format!("rm -rf {p}; echo {text} > {p}"),
        9 => format!("rm -rf {p}; ln -s {q} {p}"),
        10 => format!("rmdir {p}"),
        11 => format!("mkdir {p}"),
        12 => format!("mkdir -p {p}/s/z"),
        13 => format!("mkdir -m {} {p}", pick(random, &["700", "2775", "1777", "u=rwx,go="])),
        14..=19 => format!("mv {p} {q}"),
        20 => format!("mv -f {p} {q}"),
        21 => format!("mv -n {p} {q}"),
        22 => format!("mv {p} {q} /w/m"),
        23..=25 => guarded(&q, format!("cp -a {p} {q}")),
        26 => guarded(&q, format!("cp -r {p} {q}")),
        27 => guarded(&q, guarded(&p, format!("cp {p} {q}"))),
        28 => guarded(&q, guarded(&p, format!("cp -p {p} {q}"))),
        29 => format!("cp -a {p} {q} /w/o"),
        30..=32 => format!("ln {p} {q}"),
        33 => format!("ln -s {} {q}", pick(random, &["a", "../a", "/w/d", "nowhere", "d/s"])),
        34 => format!("ln -sf {p} {q}"),
        35 => format!("ln -sfn ../{} {q}", pick(random, PATHS)),
        36 | 37 => format!("chmod {} {p}", pick(random, MODES)),
        38 => format!("chmod -R {} {p}", pick(random, MODES)),
        39 => format!("chown {} {p}", pick(random, OWNERS)),
        40 => format!("chown -h {} {p}", pick(random, OWNERS)),
        41 => format!("chown -R {} {p}", pick(random, OWNERS)),
        42 => format!("touch {p}"),
        43 => format!("touch -d '{}' {p}", pick(random, DATES)),
        44 => format!("touch -h -d '{}' {p}", pick(random, DATES)),
        45 | 46 => guarded(&p, format!("echo {text} > {p}")),
        47 | 48 => guarded(&p, format!("echo {text} >> {p}")),
        49 => guarded(&p, format!("truncate -s {} {p}", pick(random, &["0", "3", "5000", "+10"]))),
        // What BusyBox says of a directory has a random name in it.
        50 => guarded(&p, format!("[ -d {p} ] || sed -i s/e/E/ {p}")),
        51 => format!("mkfifo {p}"),
        52 => format!("mknod {p} {}", pick(random, &["c 1 3", "b 7 0", "p", "c 0 0"])),
        53 => guarded(&p, format!("cat {p}")),
        54 => format!("ls {p}; find {q} | sort"),
        55 => format!("stat -c '%n %a %u:%g %h %F' {p} {q}"),
        56 => format!("find {p} -type f -exec rm {{}} +"),
        57 => format!("for f in {p}/*; do mv $f {q}; done"),
        58 => format!("umask {}", pick(random, &["077", "002", "0"])),
        _ => guarded(&p, format!("dd if=/dev/zero of={p} bs=1 count=3 seek=2 conv=notrunc 2>/dev/null")),
    }
}
