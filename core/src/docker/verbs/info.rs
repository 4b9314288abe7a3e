//! `docker info` (oracle: info). Figures of the machine, such as memory, are those of the host that the cases were recorded on.
//! Names, such as the operating system, are the lab's own.

use super::super::down::CANNOT_CONNECT;
use super::super::json::Json;
use super::super::{Call, Failure};
use super::version::formatted;
use crate::engine::VERSION;
use crate::help::Topic;
use crate::program::{Flow, Settings, to_timespec};

/// What `--format` and `json` show, in Docker's order (recorded on 20.10.24). What changes is put in when it is asked for.
const FIELDS: &str = include_str!("info.json");

pub(crate) fn info(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let client = format!("Client:\n Context:    default\n Debug Mode: {}\n\n", call.top.debug);
    if !call.system.world.daemon.is_up() {
        call.print(format!("{client}Server:\nERROR: {CANNOT_CONNECT}\n"));
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
        let count = |number: usize| Json::from(number as i64);
        let stopped = list.len() - running - paused;
        let now = crate::oci::time::format(to_timespec(call.system.now()));
        let changing = [
            ("Containers", count(list.len())),
            ("ContainersRunning", count(running)),
            ("ContainersPaused", count(paused)),
            ("ContainersStopped", count(stopped)),
            ("Images", count(images)),
            ("DriverStatus", driver_status(&backing)),
            ("Debug", Json::Bool(settings.debug)),
            ("SystemTime", now.into()),
            ("RegistryConfig", registries(&settings)),
            ("Labels", texts(&settings.labels)),
            ("ExperimentalBuild", Json::Bool(settings.experimental)),
            ("LiveRestoreEnabled", Json::Bool(settings.live_restore)),
        ];
        let mut data = with(FIELDS, changing)?;
        if let Json::Object(fields) = &mut data
            && let Some((_, Json::Object(client))) = fields.iter_mut().find(|field| field.0 == "ClientInfo")
            && let Some(debug) = client.iter_mut().find(|field| field.0 == "Debug")
        {
            debug.1 = Json::Bool(call.top.debug);
        }
        return formatted(call, &format, &data, ("", "system.info"));
    }
    let stopped = list.len() - running - paused;
    call.print(format!(
        "{client}Server:\n Containers: {}\n  Running: {running}\n  \
         Paused: {paused}\n  Stopped: {stopped}\n Images: {images}\n Server Version: {VERSION}\n Storage Driver: \
         overlay2\n  Backing Filesystem: {backing}\n  Supports d_type: true\n  Native Overlay Diff: true\n  userxattr: \
         false\n Logging Driver: json-file\n Cgroup Driver: cgroupfs\n Cgroup Version: 1\n Plugins:\n  Volume: local\n  \
         Network: bridge host ipvlan macvlan null overlay\n  Log: awslogs fluentd gcplogs gelf journald json-file local \
         logentries splunk syslog\n Swarm: inactive\n Runtimes: io.containerd.runc.v2 io.containerd.runtime.v1.linux \
         runc\n Default Runtime: runc\n Init Binary: docker-init\n containerd version: 1.6.20~ds1-1+deb12u3\n runc \
         version: 1.1.5+ds1-1+deb12u1\n init version: \n Security Options:\n  seccomp\n   Profile: default\n Kernel \
         Version: 6.18.0-layerlab\n Operating System: Layerlab\n OSType: linux\n Architecture: x86_64\n CPUs: 2\n Total Memory: \
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
            ("Name", name.into()),
            ("Mirrors", texts(mirrors)),
            ("Secure", Json::Bool(official)),
            ("Official", Json::Bool(official)),
        ])
    };
    let mut all: Vec<(String, Json)> =
        settings.insecure.iter().map(|name| (name.clone(), index(name, &[], false))).collect();
    all.push(("docker.io".to_owned(), index("docker.io", &settings.mirrors, true)));
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let mut networks = settings.insecure_networks.clone();
    networks.push("127.0.0.0/8".to_owned());
    Json::object([
        ("AllowNondistributableArtifactsCIDRs", texts(&[])),
        ("AllowNondistributableArtifactsHostnames", texts(&[])),
        ("InsecureRegistryCIDRs", texts(&networks)),
        ("IndexConfigs", Json::Object(all)),
        ("Mirrors", texts(&settings.mirrors)),
    ])
}

fn driver_status(backing: &str) -> Json {
    let rows = [
        ("Backing Filesystem", backing),
        ("Supports d_type", "true"),
        ("Native Overlay Diff", "true"),
        ("userxattr", "false"),
    ];
    Json::List(rows.map(|(name, value)| Json::List(vec![name.into(), value.into()])).into())
}

/// The document with these of its fields as they are now.
fn with<const N: usize>(document: &str, changing: [(&str, Json); N]) -> Result<Json, Failure> {
    let mut all: Json = serde_json::from_str(document).map_err(|error| Failure::new(error.to_string()))?;
    if let Json::Object(fields) = &mut all {
        for (name, value) in changing {
            if let Some(field) = fields.iter_mut().find(|field| field.0 == name) {
                field.1 = value;
            }
        }
    }
    Ok(all)
}
