//! Docker's help texts, and what they say of each command's flags.
//!
//! `help/` holds what Docker 20.10.24's client prints for `docker X --help` (Docker's command line is under the Apache
//! License 2.0), a file a command. The flags that a command takes are read out of its own help, so that help, parsing and
//! completion cannot disagree.

use crate::texts::texts;

/// The help texts, by command.
static TEXTS: crate::texts::Texts = texts! {
    "" => "docker/help/docker.txt",
    "attach" => "docker/help/attach.txt",
    "build" => "docker/help/build.txt",
    "checkpoint" => "docker/help/checkpoint.txt",
    "checkpoint create" => "docker/help/checkpoint-create.txt",
    "checkpoint ls" => "docker/help/checkpoint-ls.txt",
    "checkpoint rm" => "docker/help/checkpoint-rm.txt",
    "commit" => "docker/help/commit.txt",
    "cp" => "docker/help/cp.txt",
    "create" => "docker/help/create.txt",
    "diff" => "docker/help/diff.txt",
    "events" => "docker/help/events.txt",
    "exec" => "docker/help/exec.txt",
    "export" => "docker/help/export.txt",
    "history" => "docker/help/history.txt",
    "images" => "docker/help/images.txt",
    "import" => "docker/help/import.txt",
    "info" => "docker/help/info.txt",
    "inspect" => "docker/help/inspect.txt",
    "kill" => "docker/help/kill.txt",
    "load" => "docker/help/load.txt",
    "login" => "docker/help/login.txt",
    "logout" => "docker/help/logout.txt",
    "logs" => "docker/help/logs.txt",
    "pause" => "docker/help/pause.txt",
    "port" => "docker/help/port.txt",
    "ps" => "docker/help/ps.txt",
    "pull" => "docker/help/pull.txt",
    "push" => "docker/help/push.txt",
    "rename" => "docker/help/rename.txt",
    "restart" => "docker/help/restart.txt",
    "rm" => "docker/help/rm.txt",
    "rmi" => "docker/help/rmi.txt",
    "run" => "docker/help/run.txt",
    "save" => "docker/help/save.txt",
    "search" => "docker/help/search.txt",
    "start" => "docker/help/start.txt",
    "stats" => "docker/help/stats.txt",
    "stop" => "docker/help/stop.txt",
    "tag" => "docker/help/tag.txt",
    "top" => "docker/help/top.txt",
    "unpause" => "docker/help/unpause.txt",
    "update" => "docker/help/update.txt",
    "version" => "docker/help/version.txt",
    "wait" => "docker/help/wait.txt",
    "builder" => "docker/help/builder.txt",
    "builder prune" => "docker/help/builder-prune.txt",
    "completion" => "docker/help/completion.txt",
    "config" => "docker/help/config.txt",
    "context" => "docker/help/context.txt",
    "manifest" => "docker/help/manifest.txt",
    "node" => "docker/help/node.txt",
    "plugin" => "docker/help/plugin.txt",
    "secret" => "docker/help/secret.txt",
    "service" => "docker/help/service.txt",
    "stack" => "docker/help/stack.txt",
    "swarm" => "docker/help/swarm.txt",
    "trust key" => "docker/help/trust-key.txt",
    "trust signer" => "docker/help/trust-signer.txt",
    "trust" => "docker/help/trust.txt",
    "completion bash" => "docker/help/completion-bash.txt",
    "completion fish" => "docker/help/completion-fish.txt",
    "completion powershell" => "docker/help/completion-powershell.txt",
    "completion zsh" => "docker/help/completion-zsh.txt",
    "config create" => "docker/help/config-create.txt",
    "config inspect" => "docker/help/config-inspect.txt",
    "config ls" => "docker/help/config-ls.txt",
    "config rm" => "docker/help/config-rm.txt",
    "context create" => "docker/help/context-create.txt",
    "context export" => "docker/help/context-export.txt",
    "context import" => "docker/help/context-import.txt",
    "context inspect" => "docker/help/context-inspect.txt",
    "context ls" => "docker/help/context-ls.txt",
    "context rm" => "docker/help/context-rm.txt",
    "context update" => "docker/help/context-update.txt",
    "context use" => "docker/help/context-use.txt",
    "manifest annotate" => "docker/help/manifest-annotate.txt",
    "manifest create" => "docker/help/manifest-create.txt",
    "manifest inspect" => "docker/help/manifest-inspect.txt",
    "manifest push" => "docker/help/manifest-push.txt",
    "manifest rm" => "docker/help/manifest-rm.txt",
    "node demote" => "docker/help/node-demote.txt",
    "node inspect" => "docker/help/node-inspect.txt",
    "node ls" => "docker/help/node-ls.txt",
    "node promote" => "docker/help/node-promote.txt",
    "node ps" => "docker/help/node-ps.txt",
    "node rm" => "docker/help/node-rm.txt",
    "node update" => "docker/help/node-update.txt",
    "plugin create" => "docker/help/plugin-create.txt",
    "plugin disable" => "docker/help/plugin-disable.txt",
    "plugin enable" => "docker/help/plugin-enable.txt",
    "plugin inspect" => "docker/help/plugin-inspect.txt",
    "plugin install" => "docker/help/plugin-install.txt",
    "plugin ls" => "docker/help/plugin-ls.txt",
    "plugin push" => "docker/help/plugin-push.txt",
    "plugin rm" => "docker/help/plugin-rm.txt",
    "plugin set" => "docker/help/plugin-set.txt",
    "plugin upgrade" => "docker/help/plugin-upgrade.txt",
    "secret create" => "docker/help/secret-create.txt",
    "secret inspect" => "docker/help/secret-inspect.txt",
    "secret ls" => "docker/help/secret-ls.txt",
    "secret rm" => "docker/help/secret-rm.txt",
    "service create" => "docker/help/service-create.txt",
    "service inspect" => "docker/help/service-inspect.txt",
    "service logs" => "docker/help/service-logs.txt",
    "service ls" => "docker/help/service-ls.txt",
    "service ps" => "docker/help/service-ps.txt",
    "service rm" => "docker/help/service-rm.txt",
    "service rollback" => "docker/help/service-rollback.txt",
    "service scale" => "docker/help/service-scale.txt",
    "service update" => "docker/help/service-update.txt",
    "stack deploy" => "docker/help/stack-deploy.txt",
    "stack ls" => "docker/help/stack-ls.txt",
    "stack ps" => "docker/help/stack-ps.txt",
    "stack rm" => "docker/help/stack-rm.txt",
    "stack services" => "docker/help/stack-services.txt",
    "swarm ca" => "docker/help/swarm-ca.txt",
    "swarm init" => "docker/help/swarm-init.txt",
    "swarm join-token" => "docker/help/swarm-join-token.txt",
    "swarm join" => "docker/help/swarm-join.txt",
    "swarm leave" => "docker/help/swarm-leave.txt",
    "swarm unlock-key" => "docker/help/swarm-unlock-key.txt",
    "swarm unlock" => "docker/help/swarm-unlock.txt",
    "swarm update" => "docker/help/swarm-update.txt",
    "trust inspect" => "docker/help/trust-inspect.txt",
    "trust key generate" => "docker/help/trust-key-generate.txt",
    "trust key load" => "docker/help/trust-key-load.txt",
    "trust revoke" => "docker/help/trust-revoke.txt",
    "trust sign" => "docker/help/trust-sign.txt",
    "trust signer add" => "docker/help/trust-signer-add.txt",
    "trust signer remove" => "docker/help/trust-signer-remove.txt",
    "container" => "docker/help/container.txt",
    "image" => "docker/help/image.txt",
    "volume" => "docker/help/volume.txt",
    "network" => "docker/help/network.txt",
    "system" => "docker/help/system.txt",
    "container inspect" => "docker/help/container-inspect.txt",
    "container prune" => "docker/help/container-prune.txt",
    "container rm" => "docker/help/container-rm.txt",
    "image inspect" => "docker/help/image-inspect.txt",
    "image prune" => "docker/help/image-prune.txt",
    "system df" => "docker/help/system-df.txt",
    "system prune" => "docker/help/system-prune.txt",
    "volume create" => "docker/help/volume-create.txt",
    "volume inspect" => "docker/help/volume-inspect.txt",
    "volume ls" => "docker/help/volume-ls.txt",
    "volume prune" => "docker/help/volume-prune.txt",
    "volume rm" => "docker/help/volume-rm.txt",
    "network ls" => "docker/help/network-ls.txt",
    "network inspect" => "docker/help/network-inspect.txt",
    "network create" => "docker/help/network-create.txt",
    "network rm" => "docker/help/network-rm.txt",
    "network connect" => "docker/help/network-connect.txt",
    "network disconnect" => "docker/help/network-disconnect.txt",
    "network prune" => "docker/help/network-prune.txt",
};

/// A flag, as a line of a help text gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FlagSpec {
    /// The one-letter form.
    pub short: Option<char>,
    /// The name, without dashes.
    pub long: &'static str,
    /// The kind of its value, empty for one that is there or not.
    pub kind: &'static str,
}

/// Flags that are taken and not shown, by the section that they belong to (docker/cli 20.10, `MarkHidden`).
const HIDDEN: [(&str, FlagSpec); 15] = [
    ("build", FlagSpec { short: None, long: "squash", kind: "" }),
    ("build", FlagSpec { short: None, long: "stream", kind: "" }),
    ("build", FlagSpec { short: None, long: "platform", kind: "string" }),
    ("build", FlagSpec { short: None, long: "progress", kind: "string" }),
    ("build", FlagSpec { short: None, long: "secret", kind: "stringArray" }),
    ("build", FlagSpec { short: None, long: "ssh", kind: "stringArray" }),
    ("build", FlagSpec { short: Some('o'), long: "output", kind: "stringArray" }),
    ("run", FlagSpec { short: None, long: "net", kind: "network" }),
    ("create", FlagSpec { short: None, long: "net", kind: "network" }),
    ("run", FlagSpec { short: None, long: "net-alias", kind: "list" }),
    ("create", FlagSpec { short: None, long: "net-alias", kind: "list" }),
    ("run", FlagSpec { short: None, long: "dns-opt", kind: "list" }),
    ("create", FlagSpec { short: None, long: "dns-opt", kind: "list" }),
    ("stop", FlagSpec { short: None, long: "timeout", kind: "int" }),
    ("volume create", FlagSpec { short: None, long: "name", kind: "string" }),
];

/// The help text of a command, as printed; the empty name is `docker` itself.
pub(super) fn section(name: &str) -> Option<&'static str> {
    crate::texts::find(TEXTS, name)
}

/// The flags of a command.
pub(super) fn flags(name: &str) -> Vec<FlagSpec> {
    let text = section(name).unwrap_or_default();
    let hidden = HIDDEN.iter().filter(|(of, _)| *of == name).map(|(_, flag)| *flag);
    text.lines().filter_map(flag).chain(hidden).collect()
}

/// Whether a switch is on where the line does not say so: its help says `(default true)`.
pub(super) fn is_on_by_default(name: &str, long: &str) -> bool {
    let text = section(name).unwrap_or_default();
    let mut lines = text.lines().skip_while(|line| flag_name(line) != Some(long));
    let first = lines.next();
    let rest = lines.take_while(|line| flag_name(line).is_none());
    first.into_iter().chain(rest).any(|line| line.contains("(default true)"))
}

/// The long name of the flag that a line of a help text is about.
fn flag_name(line: &str) -> Option<&str> {
    let at = line.find("--").filter(|_| line.starts_with("      --") || line.starts_with("  -"))?;
    line[at + 2..].split(' ').next()
}

/// One line of the block `Options:`, if it starts a flag: `  -n, --last int   …` or `      --format string   …`.
fn flag(line: &'static str) -> Option<FlagSpec> {
    let (short, rest) = if let Some(rest) = line.strip_prefix("      --") {
        (None, rest)
    } else {
        let rest = line.strip_prefix("  -")?;
        let short = rest.chars().next()?;
        (Some(short), rest[short.len_utf8()..].strip_prefix(", --")?)
    };
    let end = rest.find(' ').unwrap_or(rest.len());
    let (long, rest) = rest.split_at(end);
    let kind = match rest.strip_prefix(' ') {
        Some(rest) if !rest.starts_with(' ') => rest.split(' ').next().unwrap_or_default(),
        _ => "",
    };
    Some(FlagSpec { short, long, kind })
}

/// The lines `Usage:` and what the command does: the part of the help that stands under an error about arguments.
pub(super) fn usage(text: &str) -> &str {
    let end = ["\nOptions:", "\nAliases:", "\nCommands:", "\nManagement Commands:"]
        .iter()
        .filter_map(|mark| text.find(mark))
        .min()
        .unwrap_or(text.len());
    &text[..end]
}

/// The lines `Usage:` and the first paragraph behind them, as they stand under an error about arguments: what a command
/// has to say at more length is in its help alone (recorded session: cp_test, usage).
pub(super) fn short_usage(text: &str) -> String {
    let paragraphs: Vec<&str> = usage(text).trim_matches('\n').split("\n\n").take(2).collect();
    // `docker volume rm` and `docker login` say more in their help than in a list (recorded on 20.10.24).
    let more = ". You cannot remove a volume that is in use by a container.";
    let server = ".\nIf no server is specified, the default is defined by the daemon.";
    format!("\n{}", paragraphs.join("\n\n").replace(more, "").replace(server, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_out_of_the_help() {
        let ps = flags("ps");
        assert!(ps.contains(&FlagSpec { short: Some('n'), long: "last", kind: "int" }));
        assert!(ps.contains(&FlagSpec { short: Some('a'), long: "all", kind: "" }));
        assert!(ps.contains(&FlagSpec { short: None, long: "format", kind: "string" }));
        assert_eq!(ps.len(), 8);
        assert_eq!(flags("run").iter().filter(|f| f.long == "net").count(), 1);
        assert!(section("nosuch").is_none());
        assert_eq!(
            usage(section("diff").unwrap()),
            "\nUsage:  docker diff CONTAINER\n\nInspect changes to files or directories on a container's filesystem\n"
        );
    }
}
