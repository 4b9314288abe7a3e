//! What can be seen of a script's work: each step is a line that is typed on both sides.

use std::fmt;

use super::base;
use super::raw;
use super::sides::{Said, Side};

/// Two scripts: one in a container of the base image, one in a container of what was committed of that.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) scripts: [Vec<String>; 2],
    pub(crate) more: More,
}

/// Whether a container is also sent as tars, and imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum More {
    Sent,
    Nothing,
}

impl Case {
    /// How many commands there are.
    pub(crate) fn len(&self) -> usize {
        self.scripts.iter().map(Vec::len).sum()
    }

    /// The case without some commands.
    pub(crate) fn without(&self, left_out: std::ops::Range<usize>) -> Self {
        let first = self.scripts[0].len();
        let kept = |script: &[String], from: usize| {
            let kept = script.iter().enumerate().filter(|(at, _)| !left_out.contains(&(at + from)));
            kept.map(|(_, line)| line.clone()).collect()
        };
        Self { scripts: [kept(&self.scripts[0], 0), kept(&self.scripts[1], first)], more: self.more }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (script, what) in self.scripts.iter().zip(["first", "second"]) {
            writeln!(f, "# the {what} script")?;
            script.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        }
        Ok(())
    }
}

/// What was seen, under the names of the steps.
pub(crate) type Seen = Vec<(String, Vec<String>)>;

/// The upper directory: type and mode, owner, links, size and device, then attributes. A handle and a mount's own id are
/// the disk's: that they are there is what counts.
const UPPER: &str = r"( cd $(docker inspect -f '{{.GraphDriver.Data.UpperDir}}' NAME)
find . -type d -exec stat -c '%n %f %u:%g %h' {} + | sort
find . ! -type d -exec stat -c '%n %f %u:%g %h %s %t:%T' {} + | sort
getfattr -R -h -d -m - . )";

/// Everything in a container that a script could have changed.
const VIEW: &str = r"find /w ! -type d -exec stat -c '%n %f %u:%g %h %s %t:%T %N' {} + | sort; find /w -type d -exec stat -c '%n %a %u:%g' {} + | sort
find /w -type f -exec wc -c {} + | sort";

/// Files of the host to copy, of an owner and modes that are kept or not.
const SOURCE: &str =
    "mkdir -p src/sub; echo file > src/f; chown 4242:1 src/f src/sub; chmod 4750 src/f; chmod 2711 src/sub
ln -s f src/l; ln src/f src/sub/twin; mkfifo src/p; touch -d @1500000000 src/f src";

/// Copies of files, each on its own.
const FILES: &str = "docker cp src copied:/w
docker cp src copied:/w/other
docker cp src/. copied:/w/m
docker cp src/f copied:/w/f1
docker cp -a src/f copied:/w/f2
docker cp src/l copied:/w/f3
docker cp -L src/l copied:/w/f4
docker cp src/f copied:/w/l
docker cp src/f copied:/w/ld
docker cp src/f copied:/w/d/
docker cp src/f copied:/w/none/f
docker cp src copied:/w/a
docker cp src/f copied:/w/f5/
docker cp src/none copied:/w
docker cp copied:/w got
docker cp copied:/w/. got
docker cp copied:/w/d got
docker cp -a copied:/w/own got2
docker cp copied:/w/l linked
docker cp -L copied:/w/l followed
docker cp -L copied:/w/dead followed
docker cp -L copied:w/dead -
docker cp -L copied:w/ld followed
docker cp copied:/w/ld/ got/
docker cp copied:/w/none got
docker cp copied:/w/a none/x
docker cp copied:/w/d linked";

struct Observer<'s> {
    side: &'s mut dyn Side,
    seen: Seen,
}

/// What comes of tars that are copied into a container, one after the other.
pub(crate) fn copied_in(side: &mut dyn Side) -> Seen {
    let mut this = Observer { side, seen: Vec::new() };
    this.side.line(&format!("docker create --name copied --network none {} true", base::NAME));
    for (name, tar) in base::tars() {
        this.side.put("in.tar", &tar);
        this.say(name, "docker cp - copied:/w < in.tar");
        this.set(name, "docker diff copied");
    }
    for path in ["copied:/w/a", "copied:/w/none", "none:/w", "copied:w/ld"] {
        this.say(path, &format!("docker cp - {path} < in.tar"));
    }
    this.side.line(SOURCE);
    for line in FILES.lines() {
        this.say(line, line);
    }
    this.upper("copied");
    this.set("files", "find got got2 linked followed -exec stat -c '%n %f %u:%g' {} +");
    let tree = this.file("export", "docker export -o out.tar copied");
    this.keep("export", raw::entries(&tree));
    this.side.line("docker rm copied");
    this.seen
}

/// Runs a case and looks at it from all sides. Nothing is left of it.
pub(crate) fn observe(side: &mut dyn Side, case: &Case, run: u64) -> Seen {
    let mut this = Observer { side, seen: Vec::new() };
    let mut image = base::NAME.to_owned();
    let mut made = Vec::new();
    for (generation, script) in case.scripts.iter().enumerate() {
        if generation > 0 && script.is_empty() {
            break;
        }
        let (container, new) = (format!("c{run}-{generation}"), format!("made:{run}-{generation}"));
        this.generation(&container, &image, &new, script);
        if generation == 0 && case.more == More::Sent {
            this.sent(&container);
            this.imported(&container);
        }
        made.push(new.clone());
        image = new;
    }
    this.side.line(&format!("docker rm -f $(docker ps -aq); docker rmi -f {}", made.join(" ")));
    this.seen
}

impl Observer<'_> {
    fn keep(&mut self, name: &str, lines: Vec<String>) {
        self.seen.push((name.to_owned(), lines));
    }

    fn say(&mut self, name: &str, line: &str) {
        let said = lines_of(&self.side.line(line));
        self.keep(name, said);
    }

    /// A line that writes `out.tar`.
    fn file(&mut self, name: &str, line: &str) -> Vec<u8> {
        self.say(name, line);
        let is_done =
            self.seen.last().is_some_and(|(_, lines)| lines.last().is_some_and(|line| line == "[0]"));
        if is_done { self.side.get("out.tar") } else { Vec::new() }
    }

    fn set(&mut self, name: &str, line: &str) {
        self.say(name, line);
        self.seen.last_mut().expect("it was just said").1.sort();
    }

    fn generation(&mut self, container: &str, image: &str, new: &str, script: &[String]) {
        self.side.put("script", script.join("\n").as_bytes());
        // A file of the same size that is changed twice within a second is not changed for `docker diff`.
        let sleep = if image == base::NAME { "" } else { "sleep 1; " };
        self.say(
            "script",
            &format!("{sleep}docker run --network none --name {container} {image} sh -c \"$(cat script)\""),
        );
        self.set("diff", &format!("docker diff {container}"));
        self.upper(container);
        self.say("ps -s", &format!("docker ps -as --filter name={container} --format '{{{{.Size}}}}'"));
        self.say("commit", &format!("docker commit -m made {container} {new} | wc -c"));
        self.say(
            "history",
            &format!(
                "docker history --no-trunc --format '{{{{.CreatedBy}}}} {{{{.Size}}}} {{{{.Comment}}}}' {new}"
            ),
        );
        self.say(
            "inspect",
            &format!(
                "docker inspect -f '{{{{.Size}}}} {{{{.VirtualSize}}}} {{{{len .RootFS.Layers}}}}' {new}"
            ),
        );
        let saved = self.file("save", &format!("docker save -o out.tar {new}"));
        self.keep("layer", raw::entries(&top_layer(&saved)));
        let tree = self.file("export", &format!("docker export -o out.tar {container}"));
        self.keep("export", raw::entries(&tree));
        self.say("view", &format!("docker run --name {container}-v --network none {new} sh -c \"{VIEW}\""));
        self.set("view diff", &format!("docker diff {container}-v"));
    }

    /// `docker cp` as tars.
    fn sent(&mut self, container: &str) {
        for path in ["/w", "w/ld/", "/w/d/.", "/w/l", "-L {}:/w/l", "/w/e/own2", "/w/p", "/w/gone"] {
            let what = if path.contains("{}") {
                path.replace("{}", container)
            } else {
                format!("{container}:{path}")
            };
            let sent = self.file(&format!("cp {path}"), &format!("docker cp {what} - > out.tar"));
            self.keep(&format!("cp {path}"), raw::entries(&sent));
        }
    }

    /// The exported tree as an image of its own.
    fn imported(&mut self, container: &str) {
        self.side.line(&format!("docker export -o tree.tar {container}"));
        self.say("import", "docker import -m whole tree.tar whole:1 | wc -c");
        self.say("import", "docker history --format '{{.CreatedBy}} {{.Size}} {{.Comment}}' whole:1");
        let saved = self.file("import", "docker save -o out.tar whole:1");
        self.keep("import", raw::entries(&top_layer(&saved)));
        self.say(
            "import view",
            &format!("docker run --name {container}-i --network none whole:1 sh -c \"{VIEW}\""),
        );
        self.set("import diff", &format!("docker diff {container}-i"));
        self.side.line(&format!("docker rm {container}-i; docker rmi whole:1"));
    }

    fn upper(&mut self, container: &str) {
        self.say("upper", &UPPER.replace("NAME", container));
        let lines = &mut self.seen.last_mut().expect("it was just said").1;
        // Attributes come in an order of the disk's.
        let mut file = String::new();
        for line in lines.iter_mut() {
            if let Some(name) = line.strip_prefix("# file: ") {
                file = format!("{name}: ");
                line.clear();
            } else if line.starts_with("trusted.")
                || line.starts_with("security.")
                || line.starts_with("user.")
            {
                let is_own = ["trusted.overlay.origin=", "trusted.overlay.uuid="]
                    .iter()
                    .any(|own| line.starts_with(own));
                let shown = if is_own { line.split('=').next().unwrap_or_default() } else { line.as_str() };
                *line = format!("{file}{shown}");
            }
        }
        lines.retain(|line| !line.is_empty());
        lines.sort();
    }
}

/// What a line said, with its status.
pub(crate) fn lines_of(said: &Said) -> Vec<String> {
    // What Docker says of the machine that it runs on is no answer to the line.
    let of_machine = |line: &&str| line.starts_with("WARNING: IPv4 forwarding is disabled");
    let lines = said.stdout.lines().chain(said.stderr.lines().filter(|line| !of_machine(line))).map(plain);
    lines.chain([format!("[{}]", said.status)]).collect()
}

/// A line without the random name of a layer in it.
fn plain(line: &str) -> String {
    match line.split_once("/overlay2/").and_then(|(start, rest)| Some((start, rest.split_once('/')?.1))) {
        Some((start, rest)) => format!("{start}/overlay2/ID/{rest}"),
        None => line.to_owned(),
    }
}

fn top_layer(saved: &[u8]) -> Vec<u8> {
    let file = |name: &str| layerlab_tests::listing::tar_file(saved, name).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_slice(&file("manifest.json")).unwrap_or_default();
    manifest[0]["Layers"].as_array().and_then(|layers| layers.last()?.as_str()).map(file).unwrap_or_default()
}
