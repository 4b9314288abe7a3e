//! Lines of `docker create` and `docker run` with flags in random mixtures, values good and bad.

use layerlab_tests::random::Random;

/// The image that every line names.
const IMAGE: &str = crate::scripts::base::NAME;

/// A line as its words, so that one can be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// `create`, or `run`.
    pub(super) verb: &'static str,
    /// Flags, each with its value.
    pub(super) flags: Vec<String>,
    /// What stands behind the image.
    pub(super) command: &'static str,
}

impl Line {
    /// As it is typed, for a container of this name.
    pub(super) fn text(&self, name: &str) -> String {
        // The daemon of the test has no bridge.
        let network = if self.verb == "run" { " --network none" } else { "" };
        format!(
            "docker {}{network} --name {name} {} {IMAGE} {}",
            self.verb,
            self.flags.join(" "),
            self.command
        )
        .trim_end()
        .to_owned()
    }
}

/// Flags with values that Docker takes and that it refuses.
const FLAGS: &[(&str, &[&str])] = &[
    ("-e", &["A=1", "A=2", "B", "C=", "D='a b'", "=x", "''", "PATH=/bin"]),
    ("-l", &["a=1", "a=2", "b", "c=", "=x", "''"]),
    ("-w", &["/w", "/made/here", "rel", "/w/../tmp/", "/w/a"]),
    ("-u", &["0", "root", "keeper", "4242:0", "nosuch", "1:nosuch", "-1", "2147483648"]),
    ("-h", &["box", "box.example", "''", "'a b'"]),
    ("--domainname", &["example.org"]),
    ("--entrypoint", &["sh", "''", "/bin/true", "nosuch"]),
    (
        "-v",
        &[
            "/data",
            "vol:/v",
            "vol:/v:ro",
            "vol:/v:nocopy",
            "vol:/w",
            "/:/host:ro",
            "/etc:/x:rw",
            "vol:rel",
            "/a:/b:bogus",
            "a:b:c:d",
            "/nosuch/made:/m",
            "/data:/",
            "vol:/v:z",
            "v:/one",
        ],
    ),
    (
        "--mount",
        &[
            "type=volume,dst=/n",
            "type=volume,src=vol,dst=/n,readonly",
            "type=bind,src=/etc,dst=/n",
            "type=bind,src=/nosuch,dst=/n",
            "type=tmpfs,dst=/n,tmpfs-size=1m,tmpfs-mode=700",
            "type=bogus,dst=/n",
            "type=bind,dst=/n",
            "dst=rel",
            "type=volume",
            "type=volume,src=vol,dst=/n,volume-nocopy",
        ],
    ),
    ("--tmpfs", &["/t", "/t:size=1m,mode=700", "/t:ro", "rel", "/t:exec"]),
    ("--read-only", &[""]),
    ("--privileged", &[""]),
    ("--cap-add", &["SYS_ADMIN", "net_admin", "CAP_CHOWN", "ALL", "bogus"]),
    ("--cap-drop", &["CHOWN", "all", "setuid", "bogus"]),
    ("--group-add", &["4242", "keepers", "nosuch"]),
    ("--restart", &["no", "always", "on-failure:3", "unless-stopped", "bogus", "always:2", "on-failure:x"]),
    ("--rm", &[""]),
    ("-t", &[""]),
    ("-i", &[""]),
    ("--init", &[""]),
    ("-m", &["64m", "4m", "1g", "bogus", "-1"]),
    ("--memory-reservation", &["32m", "bogus"]),
    ("--memory-swap", &["128m", "-1", "1m"]),
    ("--memory-swappiness", &["50", "101"]),
    ("--cpus", &["0.5", "bogus"]),
    ("--cpu-shares", &["512", "x"]),
    ("--cpu-period", &["50000", "1"]),
    ("--cpu-quota", &["25000", "1"]),
    ("--pids-limit", &["100", "-1", "x"]),
    ("--blkio-weight", &["500", "5"]),
    ("--oom-score-adj", &["500", "1001"]),
    ("--oom-kill-disable", &[""]),
    ("--ulimit", &["nofile=64:128", "nofile=64", "nofile=9:3", "bogus=1", "nproc"]),
    ("--shm-size", &["32m", "bogus", "0"]),
    ("--stop-signal", &["INT", "SIGUSR1", "9", "BOGUS"]),
    ("--stop-timeout", &["3", "x"]),
    ("--expose", &["80", "80/udp", "90-92", "x", "80/bogus"]),
    ("-p", &["8080:80", "127.0.0.1::81", "82", "83/udp", "x:80", "70000:1"]),
    ("-P", &[""]),
    ("--add-host", &["h:1.2.3.4", "h", "h:bogus"]),
    ("--dns", &["1.1.1.1", "bogus"]),
    ("--dns-search", &["example.org", "."]),
    ("--dns-option", &["ndots:2"]),
    ("--log-driver", &["json-file", "none", "bogus"]),
    ("--log-opt", &["max-size=1m", "max-file=3", "bogus=1"]),
    ("--security-opt", &["no-new-privileges", "label=disable", "bogus"]),
    ("--health-cmd", &["true"]),
    ("--health-interval", &["5s", "1us", "x"]),
    ("--health-retries", &["2", "-1"]),
    ("--no-healthcheck", &[""]),
    ("--ipc", &["private", "none", "shareable", "bogus"]),
    ("--pid", &["host", "bogus"]),
    ("--uts", &["host", "bogus"]),
    ("--sysctl", &["net.core.somaxconn=128", "bogus"]),
    ("-a", &["stdout", "STDERR", "bogus"]),
    ("--volume-driver", &["local"]),
    ("--cgroup-parent", &["/x"]),
    ("--runtime", &["runc", "bogus"]),
    ("--userns", &["host", "bogus"]),
    ("--annotation-that-is-none", &[""]),
];

/// The line of a seed: up to six flags.
pub(super) fn line(seed: u64) -> Line {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    random.below(2);
    let verb = if random.below(4) == 0 { "run" } else { "create" };
    let count = 1 + random.below(6);
    let flags: Vec<String> = (0..count)
        .map(|_| {
            let (name, values) = FLAGS[random.below(FLAGS.len())];
            match values[random.below(values.len())] {
                "" => name.to_owned(),
                value if name.starts_with("--") && random.below(2) == 0 => format!("{name}={value}"),
                value => format!("{name} {value}"),
            }
        })
        .collect();
    // A daemon that is itself kept from some rights cannot give them to a process: the line is read, and nothing started.
    let rights = ["--privileged", "--cap-add"];
    let asks = flags.iter().any(|flag| rights.iter().any(|right| flag.starts_with(right)));
    let verb = if asks { "create" } else { verb };
    let command = ["true", "", "sh -c 'exit 3'", "nosuch"][random.below(4)];
    Line { verb, flags, command: if command.is_empty() && verb == "run" { "true" } else { command } }
}
