//! Views of what docker made: names, hues, the subject of a line, the host.

use super::super::*;
use crate::session::{Event, Reply, Request, Session, SimBackend, programs};

struct Lab {
    session: Session,
    before: Vec<Subject>,
}

impl Lab {
    fn new() -> Self {
        let session = Session::new(Box::new(SimBackend::default()), programs()).unwrap();
        Self { session, before: Vec::new() }
    }

    /// Runs a line; the screen that follows it.
    fn run(&mut self, line: &str) -> Screen {
        let reply = self.session.run(line.as_bytes(), &mut |_| {});
        assert_eq!(reply.status, 0, "{line}");
        self.followed(line, &reply, None)
    }

    /// The screen that follows a line, where this path was chosen before.
    fn followed(&mut self, line: &str, reply: &Reply, path: Option<&str>) -> Screen {
        let follow = Follow {
            line: line.into(),
            layers: reply.changes.iter().map(|change| change.layer.clone()).collect(),
            before: Some(self.before.clone()),
            earlier: Vec::new(),
        };
        let query = Query::Screen {
            subject: None,
            path: path.map(Into::into),
            columns: 12,
            show: Vec::new(),
            unfolded: Vec::new(),
            follow: Some(follow),
        };
        let Answer::Screen(screen) = self.ask(query) else { panic!("another answer") };
        self.before.clone_from(&screen.subjects);
        *screen
    }

    fn ask(&mut self, query: Query) -> Answer {
        let mut told = None;
        self.session.handle(Request::View { query }, &mut |event| {
            if let Event::View { answer } = event {
                told = Some(answer);
            }
        });
        told.unwrap()
    }

    fn host(&mut self) -> Host {
        let Answer::Host(host) = self.ask(Query::Host) else { panic!("another answer") };
        *host
    }
}

/// The rows below the merged view: name, number, what it is a commit of.
fn rows(screen: &Screen) -> Vec<String> {
    let stack = screen.stack.as_ref().unwrap();
    let told = |row: &Row| match (&row.commit_of, row.kind) {
        (_, RowKind::Writable) => format!("{} writable", row.name),
        (_, RowKind::Init) => format!("{} init", row.name),
        (Some(container), _) => format!("{} {} commit of {container}", row.name, row.number),
        (None, _) => format!("{} {}", row.name, row.number),
    };
    stack.rows[1..].iter().map(told).collect()
}

#[test]
fn the_stack_follows_the_line_and_a_layer_has_one_name_and_one_hue() {
    let mut lab = Lab::new();
    let pulled = lab.run("docker pull -q nginx");
    assert_eq!(pulled.stack.as_ref().unwrap().subject.name, "nginx:latest");
    let run = lab.run("docker run -d --name web1 nginx");
    let names = rows(&run);
    assert_eq!(names[..2], ["web1 writable", "web1 init"]);
    assert_eq!(names[2..], rows(&pulled));
    lab.run("docker exec web1 rm /etc/motd");
    lab.run("docker exec web1 touch /note");
    let committed = lab.run("docker commit web1 mine");
    // What a service leaves while it runs is told after what was made, where there is room.
    let id = committed.stack.as_ref().unwrap().subject.id.clone();
    let Answer::Screen(narrow) = lab.ask(Query::screen(Some(id), 5)) else { panic!("another answer") };
    let paths = shown(&narrow);
    let has = |wanted: &str| paths.iter().any(|path| path == wanted);
    assert!(has("/note") && has("/etc/motd") && !has("/run/nginx.pid"), "{paths:?}");
    let names = rows(&committed);
    assert_eq!(names[0], format!("mine {} commit of web1", names.len()));
    assert_eq!(names[1..], rows(&pulled));
    let hues = |screen: &Screen| {
        let rows = screen.stack.as_ref().unwrap().rows.clone();
        rows.into_iter()
            .filter(|row| row.kind == RowKind::Image)
            .map(|row| row.hue.unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(hues(&committed)[1..], hues(&pulled));
    assert_eq!(hues(&run), hues(&pulled));
    let stack = committed.stack.unwrap();
    let shared: Vec<u32> = stack.rows[1..].iter().map(|row| row.shared_by).collect();
    assert_eq!(shared, [&[1][..], &vec![2; names.len() - 1]].concat());

    let other = lab.run("docker run -d --name web2 mine");
    assert_eq!(other.stack.unwrap().subject.name, "web2");
    let back = lab.run("docker exec web1 touch /a");
    assert_eq!(back.stack.unwrap().subject.name, "web1");
    let still = lab.run("docker ps");
    assert_eq!(still.stack.unwrap().subject.name, "web2", "the newest, where a line touched nothing");
    lab.run("mkdir -p /l /u /w /m; mount -t overlay overlay -o lowerdir=/l,upperdir=/u,workdir=/w /m");
    let mount = lab.run("echo x > /m/a");
    assert_eq!(mount.stack.unwrap().subject.id, "mount:/m");
}

#[test]
fn the_host_has_each_layer_once() {
    let mut lab = Lab::new();
    assert_eq!(lab.host(), Host::default());
    for line in [
        "docker pull -q nginx",
        "docker run -d --name web1 nginx",
        "docker commit web1 mine",
        "docker run -d --name web2 mine",
    ] {
        lab.run(line);
    }
    let host = lab.host();
    let columns: Vec<_> = host.columns.iter().map(|column| column.subject.name.as_str()).collect();
    assert_eq!(columns, ["nginx:latest", "mine:latest", "web1", "web2"]);
    let last: Vec<_> = host.layers.iter().rev().take(3).rev().collect();
    let told: Vec<_> = last.iter().map(|l| (l.name.as_str(), l.kind, l.columns.clone())).collect();
    let want = [
        ("mine", RowKind::Image, vec![1, 3]),
        ("web2", RowKind::Writable, vec![3]),
        ("web1", RowKind::Writable, vec![2]),
    ];
    assert_eq!(told, want);
    assert!(last[1].depth > last[0].depth && last[0].depth > host.layers[0].depth);
    assert_eq!(host.layers[0].columns, [0, 1, 2, 3]);
    let sum: u64 = host.layers.iter().map(|layer| layer.size).sum();
    let claimed: u64 = host.layers.iter().map(|layer| layer.size * layer.columns.len() as u64).sum();
    assert_eq!((host.once, host.claimed), (sum, claimed));
    assert_eq!(host.columns[1].alone, 0, "web2 stands on all that mine has");
    assert_eq!(host.columns[3].alone, last[1].size);
}

/// The paths that have a column of their own.
fn shown(screen: &Screen) -> Vec<String> {
    let columns = screen.stack.iter().flat_map(|stack| &stack.columns);
    columns.filter(|column| column.fold.is_none()).map(|column| column.path.to_text()).collect()
}

#[test]
fn a_small_image_is_shown_whole() {
    let mut lab = Lab::new();
    let hello = lab.run("docker pull -q hello-world");
    assert_eq!(shown(&hello), ["/hello"]);
    let run = lab.run("docker run --name hello hello-world");
    let stack = run.stack.as_ref().unwrap();
    assert_eq!((stack.subject.name.as_str(), stack.shown), ("hello", stack.paths));
    assert!(stack.paths > 5 && stack.columns.iter().all(|column| column.fold.is_none()));
}

#[test]
fn a_built_image_shows_what_its_steps_brought_and_no_image_of_a_step() {
    let mut lab = Lab::new();
    lab.run("docker pull -q nginx");
    lab.run(
        "mkdir app; printf 'FROM nginx\nCOPY a /a\nRUN echo hi > /hi\n' > app/Dockerfile; echo a > app/a",
    );
    let built = lab.run("docker build -t my app");
    let names = rows(&built);
    assert_eq!(names[..3], ["my 6", "my 5", "nginx 4"], "a RUN is no commit");
    let stack = built.stack.as_ref().unwrap();
    assert_eq!(stack.rows[1..4].iter().map(|row| row.shared_by).collect::<Vec<_>>(), [1, 1, 2]);
    let paths = shown(&built);
    assert!(["/a", "/hi"].iter().all(|path| paths.iter().any(|shown| shown == path)), "{paths:?}");
    let images: Vec<_> = built.subjects.iter().map(|subject| subject.name.as_str()).collect();
    assert_eq!((images, built.disk.images), (vec!["nginx:latest", "my:latest"], 2));
    assert_eq!(lab.host().columns.len(), 2);
}

#[test]
fn a_whole_system_is_not_told_by_its_first_files() {
    let mut lab = Lab::new();
    let alpine = lab.run("docker pull -q alpine");
    assert_eq!(shown(&alpine), Vec::<String>::new());
    let stack = alpine.stack.unwrap();
    assert_eq!(stack.columns.len(), 12, "its directories are named as far as there is room");
}

#[test]
fn a_path_that_was_chosen_is_not_explained_in_layers_that_never_had_it() {
    let mut lab = Lab::new();
    lab.run("docker run -d --name web1 nginx");
    let reply = lab.session.run(b"docker run --name hello hello-world", &mut |_| {});
    let hello = lab.followed("docker run --name hello hello-world", &reply, Some("/etc/motd"));
    assert_eq!(hello.explained.unwrap().path, *"/hello");
    let reply = lab.session.run(b"docker exec web1 rm /docker-entrypoint.sh", &mut |_| {});
    let web = lab.followed("docker exec web1 ls", &reply, Some("/docker-entrypoint.sh"));
    assert_eq!(web.explained.unwrap().path, *"/docker-entrypoint.sh");
    let two = lab.run("docker exec web1 touch /one /two");
    let paths = shown(&two);
    assert!(["/one", "/two"].iter().all(|path| paths.iter().any(|shown| shown == path)), "{paths:?}");
}
