//! Views of what docker made: names, hues, the subject of a line, the host.

use super::super::*;
use crate::session::{Event, Request, Session, SimBackend, programs};

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
        let follow = Follow {
            line: line.into(),
            layers: reply.changes.iter().map(|change| change.layer.clone()).collect(),
            before: self.before.clone(),
        };
        let query = Query::Screen {
            subject: None,
            path: None,
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
    let committed = lab.run("docker commit web1 mine");
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
