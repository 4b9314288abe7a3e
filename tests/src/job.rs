//! The main job: an archive is loaded, a container changes its files, the change becomes a layer, the image an archive.

use std::io::Cursor;
use std::path::PathBuf;

use crate::archive;
use crate::lab::{Files, On, session, shared_folder};
use crate::listing::{tar_entries, tar_file};
use crate::oracle;
use crate::transcript::Answer;

/// An image to do the job on.
#[derive(Debug, Clone)]
pub struct Image {
    /// What `docker load` takes.
    pub archive: Vec<u8>,
    /// The image's name.
    pub name: &'static str,
    /// What its container does, as a script.
    pub work: &'static str,
}

/// Our own small image around this busybox.
pub fn own(busybox: &[u8]) -> Image {
    let work = "echo changed > /etc/motd; rm /etc/conf.d/a; rm -r /srv/data; mkdir -p /srv/data/fresh; \
                echo x > /srv/data/fresh/x; ln -s x /srv/data/fresh/link; chmod 700 /srv/tool; rm /var/log/app.log; \
                echo again > /var/log/app.log; mv /etc/passwd /etc/users; ln /var/cache/new /var/cache/twin; \
                mkdir /new; touch /new/empty; rm /var/cache/new; echo keep >> /var/cache/twin";
    Image { archive: archive::three_layers(busybox), name: archive::NAME, work }
}

/// An image that Docker 20.10 saved.
pub fn sample() -> Image {
    let path = oracle::folder("samples").join("docker20-save-3layers.tar.gz");
    let work = "echo changed > /data/c.txt; rm /data/dir/x; rm -r /data/dir/sub; mkdir /data/dir/sub; echo n > /data/dir/sub/n; \
                rm /one; mkdir /one; touch /one/file; ln -s ../one /data/link; chmod 4755 /bin/busybox; \
                mv /etc/release /etc/released; echo more >> /data/b.txt; rm -r /app; mkdir /new";
    Image { archive: std::fs::read(path).expect("the sample is there"), name: "labs:sv", work }
}

/// What came of the job.
#[derive(Debug)]
pub struct Outcome {
    /// An answer a line.
    pub answers: Vec<Answer>,
    /// The archive that `docker save` wrote.
    pub saved: Vec<u8>,
    /// The tree of a container of the new image, as `docker export` wrote it.
    pub exported: Vec<u8>,
}

impl Image {
    /// The lines to type.
    pub fn lines(&self) -> Vec<String> {
        let (name, work) = (self.name, self.work);
        [
            "docker load -i /root/image.tar".to_owned(),
            "docker images --format '{{.Repository}}:{{.Tag}} {{.ID}}'".to_owned(),
            format!("docker history --no-trunc --format '{{{{.ID}}}} {{{{.CreatedBy}}}} {{{{.Size}}}}' {name}"),
            format!("docker run --name job {name} sh -c '{work}'"),
            "docker diff job".to_owned(),
            "docker ps -a --format '{{.Names}} {{.Image}} {{.Command}}'".to_owned(),
            "docker commit -m job job lab:job".to_owned(),
            "docker history --format '{{.CreatedBy}} {{.Size}} {{.Comment}}' lab:job".to_owned(),
            "docker inspect --format '{{json .RootFS}}' lab:job".to_owned(),
            "docker run --name again lab:job sh -c 'find / -path /proc -prune -o -path /sys -prune -o -path /dev -prune -o -print'".to_owned(),
            "docker diff again".to_owned(),
            "docker export -o /root/tree.tar again".to_owned(),
            "docker save -o /root/saved.tar lab:job".to_owned(),
            "ls /var/lib/docker".to_owned(),
            "docker rm job again".to_owned(),
            format!("docker rmi {name} lab:job"),
            "docker images -aq".to_owned(),
        ]
        .into()
    }

    /// Does the job on a kernel.
    pub fn run(&self, on: On) -> Outcome {
        let folder = shared_folder();
        let file = |name: &str| -> PathBuf { folder.path().join(name) };
        std::fs::write(file("image.tar"), &self.archive).expect("our own folder");
        let files = Files {
            copy_in: vec![(file("image.tar"), "/root/image.tar".to_owned())],
            copy_out: vec![
                ("/root/saved.tar".to_owned(), file("saved.tar")),
                ("/root/tree.tar".to_owned(), file("tree.tar")),
            ],
        };
        let answers = session(on, &self.lines(), &files);
        let read = |name: &str| {
            std::fs::read(file(name)).unwrap_or_else(|e| panic!("{name} on {}: {e}: {answers:#?}", on.name()))
        };
        let (saved, exported) = (read("saved.tar"), read("tree.tar"));
        Outcome { answers, saved, exported }
    }
}

impl Outcome {
    /// Everything said, each line typed before its answer.
    pub fn text(&self, lines: &[String]) -> String {
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let part = |(line, a): (&String, &Answer)| {
            format!("$ {line}\n{}{}[{}]\n", said(&a.stdout), said(&a.stderr), a.status)
        };
        lines.iter().zip(&self.answers).map(part).collect()
    }

    /// The entries of the layer that the commit made, in their order.
    pub fn top_layer(&self) -> Vec<String> {
        let manifest =
            tar_file(Cursor::new(&self.saved), "manifest.json").expect("an archive has a manifest");
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("a manifest is JSON");
        let layers = manifest[0]["Layers"].as_array().expect("a manifest lists layers");
        let top = layers.last().and_then(|l| l.as_str()).expect("a committed image has layers");
        let layer = tar_file(Cursor::new(&self.saved), top).expect("the layer that the manifest names");
        tar_entries(Cursor::new(layer))
    }
}
