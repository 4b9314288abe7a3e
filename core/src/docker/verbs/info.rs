//! `docker version` and `docker info` (oracle: version, info). What Docker would measure of its machine is what the lab
//! was measured against; what is the lab's own says so.

use super::super::down::CANNOT_CONNECT;
use super::super::json::Json;
use super::super::template::{Shape, Template};
use super::super::{Call, Failure};
use crate::engine::VERSION;
use crate::help::Topic;
use crate::program::{Flow, Settings};

const VERSION_TEXT: &str = "\
Client:
 Version:           20.10.24+dfsg1
 API version:       1.41
 Go version:        go1.19.8
 Git commit:        297e128
 Built:             Thu May  7 21:09:36 2026
 OS/Arch:           linux/amd64
 Context:           default
 Experimental:      true

Server:
 Engine:
  Version:          20.10.24+dfsg1
  API version:      1.41 (minimum version 1.12)
  Go version:       go1.19.8
  Git commit:       5d6db84
  Built:            Thu May  7 21:09:36 2026
  OS/Arch:          linux/amd64
  Experimental:     false
 containerd:
  Version:          1.6.20~ds1
  GitCommit:        1.6.20~ds1-1+deb12u3
 runc:
  Version:          1.1.5+ds1
  GitCommit:        1.1.5+ds1-1+deb12u1
 docker-init:
  Version:          0.19.0
  GitCommit:        
";

pub(crate) fn version(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let up = call.system.world.daemon.is_up();
    let Some(format) = call.flags.text("format").filter(|format| !format.is_empty()) else {
        let client = VERSION_TEXT.split_once("\nServer:").map_or(VERSION_TEXT, |(client, _)| client);
        call.print(if up { VERSION_TEXT } else { client });
        return if up { Ok(Flow::OK) } else { Err(Failure::new(CANNOT_CONNECT)) };
    };
    if !up {
        return Err(Failure::new(CANNOT_CONNECT));
    }
    let part = |extra: &[(&str, &str)]| {
        let mut fields = vec![("Version", Json::from(VERSION)), ("GoVersion", "go1.19.8".into())];
        fields.extend([("Os", "linux".into()), ("Arch", "amd64".into())]);
        fields.extend(extra.iter().map(|(key, value)| (*key, Json::from(*value))));
        Json::object(fields)
    };
    let data = Json::object([
        ("Client", part(&[("APIVersion", "1.41"), ("GitCommit", "297e128"), ("Context", "default")])),
        ("Server", part(&[("APIVersion", "1.41"), ("MinAPIVersion", "1.12"), ("GitCommit", "5d6db84")])),
    ]);
    formatted(call, &format, &data, "version.versionInfo")
}

fn formatted(call: &mut Call<'_, '_>, format: &str, data: &Json, go_type: &str) -> Result<Flow, Failure> {
    let bad = |why: String| Failure::with_status(format!("Template parsing error: {why}"), 64);
    let text = Template::parse(format).map_err(bad)?;
    match text.run(data, Shape::Struct(go_type)) {
        Ok(text) => {
            call.line(&text);
            Ok(Flow::OK)
        }
        Err(why) => {
            // A recorded case: the line is ended all the same.
            call.line("");
            Err(Failure::new(why))
        }
    }
}

/// The client's part of `docker info`.
const CLIENT: &str = "Client:\n Context:    default\n Debug Mode: false\n\n";

pub(crate) fn info(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    if !call.system.world.daemon.is_up() {
        call.print(format!("{CLIENT}Server:\nERROR: {CANNOT_CONNECT}\n"));
        call.system.help(Topic::DaemonDown, &[]);
        return Err(Failure::new("errors pretty printing info"));
    }
    let settings = call.system.world.daemon.settings.clone();
    let mut engine = call.engine()?;
    let list = engine.containers()?;
    let count = |status: &str| list.iter().filter(|c| c.state.status() == status).count();
    let (running, paused) = (count("running"), count("paused"));
    let images = engine.images()?.len();
    let task = crate::kernel::Task::root();
    let backing =
        engine.kernel.statfs(&task, crate::engine::layout::ROOT.as_bytes()).map_err(super::load::plain)?;
    let backing = match backing.fstype.to_text().as_str() {
        "ext4" | "ext3" | "ext2" => "extfs".to_owned(),
        other => other.to_owned(),
    };
    if let Some(format) = call.flags.text("format").filter(|format| !format.is_empty()) {
        let data = Json::object([
            ("Containers", (list.len() as i64).into()),
            ("ContainersRunning", (running as i64).into()),
            ("ContainersPaused", (paused as i64).into()),
            ("ContainersStopped", ((list.len() - running - paused) as i64).into()),
            ("Images", (images as i64).into()),
            ("Driver", "overlay2".into()),
            ("DockerRootDir", crate::engine::layout::ROOT.into()),
            ("ServerVersion", VERSION.into()),
            ("OSType", "linux".into()),
            ("Architecture", "x86_64".into()),
            ("LoggingDriver", "json-file".into()),
            ("Debug", Json::Bool(settings.debug)),
            ("ExperimentalBuild", Json::Bool(settings.experimental)),
            ("LiveRestoreEnabled", Json::Bool(settings.live_restore)),
            ("Labels", texts(&settings.labels)),
            ("RegistryConfig", registries(&settings)),
        ]);
        return formatted(call, &format, &data, "system.info");
    }
    let stopped = list.len() - running - paused;
    call.print(format!(
        "{CLIENT}Server:\n Containers: {}\n  Running: {running}\n  \
         Paused: {paused}\n  Stopped: {stopped}\n Images: {images}\n Server Version: {VERSION}\n Storage Driver: \
         overlay2\n  Backing Filesystem: {backing}\n  Supports d_type: true\n  Native Overlay Diff: true\n  userxattr: \
         false\n Logging Driver: json-file\n Cgroup Driver: cgroupfs\n Cgroup Version: 1\n Plugins:\n  Volume: local\n  \
         Network: bridge host ipvlan macvlan null overlay\n  Log: awslogs fluentd gcplogs gelf journald json-file local \
         logentries splunk syslog\n Swarm: inactive\n Runtimes: io.containerd.runc.v2 io.containerd.runtime.v1.linux \
         runc\n Default Runtime: runc\n Init Binary: docker-init\n containerd version: 1.6.20~ds1-1+deb12u3\n runc \
         version: 1.1.5+ds1-1+deb12u1\n init version: \n Security Options:\n  seccomp\n   Profile: default\n Kernel \
         Version: 6.18.44\n Operating System: Layerlab\n OSType: linux\n Architecture: x86_64\n CPUs: 2\n Total Memory: \
         23.54GiB\n Name: lab\n ID: LAYE:RLAB:LAYE:RLAB:LAYE:RLAB:LAYE:RLAB:LAYE:RLAB:LAYE:RLAB\n Docker Root Dir: \
         /var/lib/docker\n{}\n",
        list.len(),
        configured(&settings)
    ));
    Ok(Flow::OK)
}

/// The lines that the daemon's settings change, in Docker's order.
fn configured(settings: &Settings) -> String {
    let indented = |texts: &[&[String]]| {
        texts.iter().copied().flatten().fold(String::new(), |all, text| all + "  " + text + "\n")
    };
    let Settings { labels, insecure, insecure_networks, mirrors, .. } = settings;
    let mut text = format!(
        " Debug Mode: {}\n Registry: https://index.docker.io/v1/\n Labels:\n{} Experimental: {}\n Insecure \
         Registries:\n{}  127.0.0.0/8\n",
        settings.debug,
        indented(&[labels]),
        settings.experimental,
        indented(&[insecure, insecure_networks]),
    );
    if !mirrors.is_empty() {
        text += &format!(" Registry Mirrors:\n{}", indented(&[mirrors]));
    }
    text + &format!(" Live Restore Enabled: {}\n", settings.live_restore)
}

fn texts(texts: &[String]) -> Json {
    Json::List(texts.iter().map(|text| text.as_str().into()).collect())
}

/// `{{.RegistryConfig}}`.
fn registries(settings: &Settings) -> Json {
    let index = |name: &str, mirrors: &[String], official: bool| {
        Json::object([
            ("Mirrors", texts(mirrors)),
            ("Name", name.into()),
            ("Official", Json::Bool(official)),
            ("Secure", Json::Bool(official)),
        ])
    };
    let mut all: Vec<(String, Json)> =
        settings.insecure.iter().map(|name| (name.clone(), index(name, &[], false))).collect();
    all.push(("docker.io".to_owned(), index("docker.io", &settings.mirrors, true)));
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let mut networks = settings.insecure_networks.clone();
    networks.push("127.0.0.0/8".to_owned());
    Json::object([
        ("IndexConfigs", Json::Object(all)),
        ("InsecureRegistryCIDRs", texts(&networks)),
        ("Mirrors", texts(&settings.mirrors)),
    ])
}
