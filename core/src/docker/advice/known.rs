//! Words and forms that Docker's commands know, for advice on others. How options are written: docs.docker.com, reference of
//! `docker run` and its like.

use super::rule::Words;

/// How an option is written, by its long name.
const OPTIONS: [(&str, &str); 52] = [
    ("add-host", "--add-host db:10.0.0.5"),
    ("attach", "-a stdout"),
    ("blkio-weight", "--blkio-weight 300"),
    ("build-arg", "--build-arg VERSION=1.2"),
    ("cap-add", "--cap-add NET_ADMIN"),
    ("cap-drop", "--cap-drop CHOWN"),
    ("change", "-c 'ENV A=1'"),
    ("cpu-shares", "--cpu-shares 512"),
    ("cpus", "--cpus 1.5"),
    ("device", "--device /dev/null:/dev/null2"),
    ("dns", "--dns 10.0.0.2"),
    ("env", "-e NAME=value"),
    ("expose", "--expose 80"),
    ("filter", "--filter name=web"),
    ("gateway", "--gateway 10.99.0.1"),
    ("group-add", "--group-add 1000"),
    ("health-interval", "--health-interval 30s"),
    ("health-retries", "--health-retries 3"),
    ("health-start-period", "--health-start-period 5s"),
    ("health-timeout", "--health-timeout 3s"),
    ("ip", "--ip 10.99.0.5"),
    ("ip-range", "--ip-range 10.99.1.0/24"),
    ("isolation", "--isolation default"),
    ("label", "-l key=value"),
    ("last", "-n 3"),
    ("limit", "--limit 10"),
    ("log-driver", "--log-driver json-file"),
    ("log-opt", "--log-opt max-size=10m"),
    ("mac-address", "--mac-address 02:42:ac:11:00:09"),
    ("memory", "-m 64m"),
    ("memory-reservation", "--memory-reservation 32m"),
    ("memory-swap", "--memory-swap 128m"),
    ("mount", "--mount type=volume,source=data,target=/data"),
    ("oom-score-adj", "--oom-score-adj 500"),
    ("opt", "-o type=tmpfs"),
    ("pids-limit", "--pids-limit 100"),
    ("platform", "--platform linux/amd64"),
    ("publish", "-p 8080:80 (the host's port first, then the container's)"),
    ("restart", "--restart no, always, unless-stopped or on-failure:3"),
    ("runtime", "--runtime runc"),
    ("security-opt", "--security-opt no-new-privileges"),
    ("shm-size", "--shm-size 64m"),
    ("stop-timeout", "--stop-timeout 10"),
    ("subnet", "--subnet 10.99.0.0/16"),
    ("sysctl", "--sysctl net.ipv4.ip_forward=1"),
    ("tag", "-t NAME:TAG"),
    ("tail", "--tail 10"),
    ("time", "-t 10 (seconds)"),
    ("tmpfs", "--tmpfs /run"),
    ("ulimit", "--ulimit nofile=1024"),
    ("user", "-u 1000:1000"),
    ("volume", "-v data:/data, or -v /host/dir:/data:ro"),
];

/// The instructions of a Dockerfile, and how each is written.
const INSTRUCTIONS: [(&str, &str); 18] = [
    ("ADD", "ADD files.tar.gz /app/"),
    ("ARG", "ARG VERSION=1.2"),
    ("CMD", "CMD [\"nginx\", \"-g\", \"daemon off;\"]"),
    ("COPY", "COPY index.html /usr/share/nginx/html/"),
    ("ENTRYPOINT", "ENTRYPOINT [\"/app/run\"]"),
    ("ENV", "ENV NAME=value"),
    ("EXPOSE", "EXPOSE 80"),
    ("FROM", "FROM busybox, or FROM busybox AS build"),
    ("HEALTHCHECK", "HEALTHCHECK CMD wget -q -O - localhost"),
    ("LABEL", "LABEL key=value"),
    ("MAINTAINER", "MAINTAINER name"),
    ("ONBUILD", "ONBUILD COPY . /app"),
    ("RUN", "RUN touch /made"),
    ("SHELL", "SHELL [\"/bin/sh\", \"-c\"]"),
    ("STOPSIGNAL", "STOPSIGNAL TERM"),
    ("USER", "USER 1000"),
    ("VOLUME", "VOLUME /data"),
    ("WORKDIR", "WORKDIR /app"),
];

/// The signals that people send.
const SIGNALS: [&str; 12] =
    ["TERM", "KILL", "HUP", "INT", "QUIT", "STOP", "CONT", "USR1", "USR2", "PIPE", "ALRM", "WINCH"];

/// The states of a container that `docker ps -f status=` takes.
const STATES: [&str; 7] = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];

/// The filters of a command, by its help.
const FILTERS: [(&str, &[&str]); 12] = [
    (
        "ps",
        &[
            "ancestor", "before", "exited", "expose", "health", "id", "label", "name", "network", "publish",
            "since", "status", "volume",
        ],
    ),
    ("images", &["before", "dangling", "label", "reference", "since"]),
    ("volume ls", &["dangling", "driver", "label", "name"]),
    ("network ls", &["dangling", "driver", "id", "label", "name", "scope", "type"]),
    ("search", &["is-automated", "is-official", "stars"]),
    ("image prune", &["dangling", "label", "until"]),
    ("container prune", &["label", "until"]),
    ("volume prune", &["label"]),
    ("network prune", &["label", "until"]),
    ("system prune", &["label", "until"]),
    ("builder prune", &["id", "until", "unused-for"]),
    ("events", &["container", "event", "image", "type"]),
];

/// The fields that people use in a command's templates, by its help.
const FIELDS: [(&str, &str); 13] = [
    ("ps", ".ID .Names .Image .Command .Status .State .Ports .Mounts .Labels .Size"),
    ("images", ".ID .Repository .Tag .Digest .Size .CreatedSince .CreatedAt"),
    ("volume ls", ".Name .Driver .Mountpoint .Scope .Labels"),
    ("network ls", ".ID .Name .Driver .Scope .Labels"),
    ("history", ".ID .CreatedBy .CreatedSince .CreatedAt .Size .Comment"),
    ("search", ".Name .Description .StarCount .IsOfficial"),
    ("stats", ".Name .CPUPerc .MemUsage .PIDs"),
    ("inspect", ".Id .Name .State.Status .Config.Cmd .HostConfig .Mounts .NetworkSettings .GraphDriver.Data"),
    ("container inspect", ".Id .Name .State.Status .Config.Cmd .HostConfig .Mounts .GraphDriver.Data"),
    ("image inspect", ".Id .RepoTags .Config.Cmd .RootFS.Layers .GraphDriver.Data .Size"),
    ("info", ".Driver .Containers .Images .ServerVersion .DockerRootDir"),
    ("version", ".Client.Version .Server.Version"),
    ("system df", ".Type .TotalCount .Active .Size .Reclaimable"),
];

fn find<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == name).map(|(_, found)| *found)
}

/// How an option is written; empty where nothing is known of it.
pub(super) fn example(long: &str) -> &'static str {
    find(&OPTIONS, long).unwrap_or_default()
}

/// How an instruction is written; empty where there is none of that name.
pub(super) fn form(instruction: &str) -> &'static str {
    find(&INSTRUCTIONS, &instruction.to_uppercase()).unwrap_or_default()
}

/// The words of a list, for a command.
pub(super) fn words(list: Words, verb: &str) -> Vec<&'static str> {
    match list {
        Words::Instructions => INSTRUCTIONS.iter().map(|(name, _)| *name).collect(),
        Words::Signals => SIGNALS.to_vec(),
        Words::States => STATES.to_vec(),
        Words::Filters => find(&FILTERS, verb).unwrap_or_default().to_vec(),
        Words::Fields => {
            find(&FIELDS, verb).unwrap_or_default().split(' ').filter(|w| !w.is_empty()).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_options_and_filters_is_true() {
        let all =
            ["run", "ps", "build", "commit", "search", "network create", "volume create", "logs", "stop"];
        for (long, example) in OPTIONS {
            let flags: Vec<_> = all.iter().flat_map(|verb| crate::docker::help::flags(verb)).collect();
            let spec = flags.iter().find(|spec| spec.long == long);
            assert!(spec.is_some(), "no command has --{long}");
            assert!(example.starts_with('-'), "{example}");
        }
        for (verb, _) in FILTERS.iter().filter(|(verb, _)| *verb != "events") {
            let flags = crate::docker::help::flags(verb);
            assert!(flags.iter().any(|spec| spec.long == "filter"), "{verb}");
        }
        assert_eq!(form("from"), "FROM busybox, or FROM busybox AS build");
        assert_eq!(words(Words::Fields, "version").len(), 2);
    }
}
