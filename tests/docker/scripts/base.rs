//! The image that the scripts start from: three layers with every kind of file, odd modes, owners and names.

use layerlab_tests::archive::docker_save;

/// The image's name.
pub(crate) const NAME: &str = "lab:scripts";

/// How many layers it has.
pub(crate) const LAYERS: usize = 3;

/// When everything in it was changed.
const MTIME: u64 = 1_600_000_000;

/// A name that no header of 100 bytes holds.
pub(crate) const LONG: &str = "a-name-of-more-than-one-hundred-bytes-which-no-plain-header-can-hold-and-that-needs-a-record-of-its-own.txt";

/// The commands that a script may call: all that it is made of.
const APPLETS: &[&str] = &[
    "cat", "chgrp", "chmod", "chown", "cp", "cut", "dd", "echo", "env", "find", "grep", "head", "id", "ln",
    "ls", "mkdir", "mkfifo", "mknod", "mv", "printf", "readlink", "rm", "rmdir", "sed", "seq", "sh", "sleep",
    "sort", "stat", "tail", "test", "touch", "tr", "true", "truncate", "wc", "xargs",
];

struct Layer {
    tar: tar::Builder<Vec<u8>>,
    owner: (u64, u64),
}

impl Layer {
    fn new() -> Self {
        Self { tar: tar::Builder::new(Vec::new()), owner: (0, 0) }
    }

    /// Whose the entries from here on are.
    fn owner(&mut self, uid: u64, gid: u64) -> &mut Self {
        self.owner = (uid, gid);
        self
    }

    fn add(&mut self, kind: tar::EntryType, name: &str, mode: u32, content: &[u8], link: &str) -> &mut Self {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_mtime(MTIME);
        header.set_size(content.len() as u64);
        header.set_uid(self.owner.0);
        header.set_gid(self.owner.1);
        if kind == tar::EntryType::Char {
            header.set_device_major(1).expect("a GNU header has it");
            header.set_device_minor(3).expect("a GNU header has it");
        }
        let added = if link.is_empty() {
            self.tar.append_data(&mut header, name, content)
        } else {
            self.tar.append_link(&mut header, name, link)
        };
        added.expect("a vector takes everything");
        self
    }

    fn dir(&mut self, name: &str, mode: u32) -> &mut Self {
        self.add(tar::EntryType::Directory, &format!("{name}/"), mode, b"", "")
    }

    fn file(&mut self, name: &str, mode: u32, content: &str) -> &mut Self {
        self.add(tar::EntryType::Regular, name, mode, content.as_bytes(), "")
    }

    fn symlink(&mut self, name: &str, target: &str) -> &mut Self {
        self.add(tar::EntryType::Symlink, name, 0o777, b"", target)
    }

    fn hard_link(&mut self, name: &str, target: &str) -> &mut Self {
        self.add(tar::EntryType::Link, name, 0o644, b"", target)
    }

    fn done(&mut self) -> Vec<u8> {
        std::mem::replace(&mut self.tar, tar::Builder::new(Vec::new()))
            .into_inner()
            .expect("a vector takes everything")
    }
}

/// Tars that are copied into a container's `/w`, each with the name of what is odd about it.
pub(crate) fn tars() -> Vec<(&'static str, Vec<u8>)> {
    let mut plain = Layer::new();
    plain
        .dir("new", 0o751)
        .file("new/.wh.name", 0o640, "no whiteout\n")
        .symlink("new/link", "../a")
        .file("a", 0o600, "sent\n");
    plain
        .owner(4242, 1)
        .file("new/own", 0o6755, "owned\n")
        .hard_link("new/own2", "new/own")
        .file("a", 0o604, "again\n");
    plain.dir("d", 0o711).add(tar::EntryType::Fifo, "deep/down/p", 0o600, b"", "");
    let one = |make: &dyn Fn(&mut Layer) -> &mut Layer| {
        let mut layer = Layer::new();
        make(&mut layer);
        layer.done()
    };
    vec![
        ("plain", plain.done()),
        ("a file over a directory", one(&|tar| tar.file("first", 0o644, "").file("d", 0o644, ""))),
        ("a directory over a file", one(&|tar| tar.dir("a", 0o755))),
        ("through a link", one(&|tar| tar.file("ld/sent", 0o644, "through\n"))),
        ("a link that leaves", one(&|tar| tar.symlink("leaves", "../../bin"))),
        ("an absolute link", one(&|tar| tar.symlink("leads", "/bin"))),
        ("nothing", Vec::new()),
        ("no tar", b"this is no tar".to_vec()),
    ]
}

/// The image around this busybox, as Docker 20.10 saves one.
pub(crate) fn image(busybox: &[u8]) -> Vec<u8> {
    let mut base = Layer::new();
    base.dir("bin", 0o755).add(tar::EntryType::Regular, "bin/busybox", 0o755, busybox, "");
    for applet in APPLETS {
        base.symlink(&format!("bin/{applet}"), "busybox");
    }
    base.dir("etc", 0o755).file(
        "etc/passwd",
        0o644,
        "root:x:0:0::/root:/bin/sh\nkeeper:x:4242:4242::/:/bin/sh\n",
    );
    base.file("etc/group", 0o644, "root:x:0:\nkeepers:x:4242:\n").dir("root", 0o700).dir("tmp", 0o1777);
    base.dir("w", 0o755).file("w/a", 0o644, "alpha\n").file("w/gone", 0o644, "gone\n");
    base.dir("w/d", 0o755)
        .file("w/d/x", 0o644, "one\ntwo\n")
        .file("w/d/y", 0o600, "why\n")
        .file("w/d/gone", 0o644, "");
    base.dir("w/d/s", 0o700).file("w/d/s/z", 0o644, "zed\n").file(&format!("w/d/{LONG}"), 0o644, "long\n");
    base.dir("w/o", 0o2775).file("w/o/u", 0o644, "under\n").symlink("w/l", "a").symlink("w/ld", "d");
    base.symlink("w/dead", "nowhere")
        .file("w/h", 0o644, "linked\n")
        .hard_link("w/h2", "w/h")
        .dir("w/e", 0o1777);
    base.owner(4242, 4242).file("w/own", 0o640, "mine\n").hard_link("w/e/own2", "w/own").file(
        "w/e/f",
        0o4755,
        "#!/bin/sh\n",
    );
    base.owner(3_000_000, 4_000_000).file("w/rich", 0o604, "large ids\n").add(
        tar::EntryType::Fifo,
        "w/p",
        0o622,
        b"",
        "",
    );

    let mut middle = Layer::new();
    middle.dir("w", 0o755).file("w/.wh.gone", 0, "").dir("w/d", 0o751).file("w/d/y", 0o600, "why not\n");
    middle
        .file("w/d/.wh.gone", 0, "")
        .dir("w/o", 0o2775)
        .file("w/o/.wh..wh..opq", 0, "")
        .file("w/o/v", 0o444, "over\n");
    middle.file("w/\u{fc}n\u{ef}", 0o644, "not ASCII\n").add(tar::EntryType::Char, "w/null", 0o666, b"", "");
    middle.dir("w/m", 0o755).dir("w/m/n", 0o711).file("w/m/n/k", 0o644, &"key = value\n".repeat(200));
    middle.file("w/t1", 0o644, "twins\n").hard_link("w/m/t2", "w/t1").hard_link("w/t3", "w/t1");

    let mut top = Layer::new();
    top.dir("w", 0o755).dir("w/m", 0o1755).file("w/m/late", 0o644, "late\n").file(
        "w/a",
        0o644,
        "alpha again\n",
    );
    top.owner(1, 4242).dir("w/e", 0o1777).symlink("w/e/up", "../a").file("w/e/hole", 0o644, "");
    docker_save(
        NAME,
        &[("ADD base", base.done()), ("RUN middle", middle.done()), ("RUN top", top.done())],
        &[],
    )
}
