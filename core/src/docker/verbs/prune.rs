//! The `prune` commands (moby 20.10's `daemon/prune.go`, docker/cli's `cli/command/system/prune.go`; recorded cases).

use super::super::confirm::is_yes;
use super::super::{Call, Failure, units};
use super::filter::Filters;
use crate::engine::buildkit::Prune;
use crate::engine::{Engine, Error, RemoveOptions, Removed, UnnamedVolumes};
use crate::oci::time;
use crate::program::Flow;

/// What pruning one kind of thing gave.
#[derive(Default)]
struct Pruned {
    /// The lines to print.
    lines: Vec<String>,
    space: u64,
}

pub(crate) fn images(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let all = call.flags.is_set("all");
    let warning = if all {
        "WARNING! This will remove all images without at least one container associated to them."
    } else {
        "WARNING! This will remove all dangling images."
    };
    if !confirmed(call, warning)? {
        return Ok(Flow::OK);
    }
    let filters = Filters::of(call, &["dangling", "label", "label!", "until"])?;
    // A recorded case: the filter says the same as the flag.
    let all = all || filters.values("dangling").any(|value| matches!(value, "false" | "0"));
    let done = unused_images(&mut call.engine()?, &filters, all)?;
    report(call, "Deleted Images:", &done);
    Ok(Flow::OK)
}

/// Removes images that no container was made from: those without a name, or with `all` those with names too.
fn unused_images(engine: &mut Engine<'_>, filters: &Filters, all: bool) -> Result<Pruned, Failure> {
    let now = engine.now();
    let until = filters.until(now)?;
    let mut done = Pruned::default();
    for summary in engine.image_summaries()? {
        let image = &summary.image;
        let labels = image.config.config.as_ref().and_then(|config| config.labels.as_ref());
        if until.is_some_and(|until| image.config.created_at() > until) || !filters.labels_fit(labels) {
            continue;
        }
        let nameless = summary.tags.is_empty() && summary.digests.is_empty();
        if !engine.children(&image.id)?.is_empty() && (nameless || !all) {
            continue;
        }
        let names: Vec<String> = match () {
            () if nameless => vec![image.id.to_string()],
            () if all || summary.tags.is_empty() => {
                summary.tags.iter().chain(&summary.digests).map(ToString::to_string).collect()
            }
            () => Vec::new(),
        };
        let before = engine.layers_size()?;
        for name in names {
            let removed = match engine.remove_image(&name, RemoveOptions::default()) {
                Ok(removed) => removed,
                // It is in use, or went with another name: it stays, and nothing is said.
                Err(Error::Conflict(_) | Error::NotFound(_)) => continue,
                Err(error) => return Err(error.into()),
            };
            for item in removed {
                // Here the client writes small letters.
                done.lines.push(match item {
                    Removed::Untagged(name) => format!("untagged: {name}"),
                    Removed::Deleted(id) => format!("deleted: {id}"),
                });
            }
        }
        done.space += before.saturating_sub(engine.layers_size()?);
    }
    Ok(done)
}

pub(crate) fn containers(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    if !confirmed(call, "WARNING! This will remove all stopped containers.")? {
        return Ok(Flow::OK);
    }
    let filters = Filters::of(call, &["label", "label!", "until"])?;
    let done = stopped_containers(&mut call.engine()?, &filters)?;
    call.engine()?.tell_prune("container", done.space);
    report(call, "Deleted Containers:", &done);
    Ok(Flow::OK)
}

fn stopped_containers(engine: &mut Engine<'_>, filters: &Filters) -> Result<Pruned, Failure> {
    let now = engine.now();
    let until = filters.until(now)?;
    let mut done = Pruned::default();
    for container in engine.containers()? {
        let made = time::parse(&container.created).unwrap_or_default();
        if container.state.is_running()
            || until.is_some_and(|until| made > until)
            || !filters.labels_fit(container.config.labels.as_ref())
        {
            continue;
        }
        done.space += engine.container_size(&container.id)?;
        engine.remove_container(&container, UnnamedVolumes::Removed)?;
        done.lines.push(container.id);
    }
    Ok(done)
}

pub(crate) fn volumes(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let warning = "WARNING! This will remove all local volumes not used by at least one container.";
    if !confirmed(call, warning)? {
        return Ok(Flow::OK);
    }
    let filters = Filters::of(call, &["label", "label!"])?;
    let done = unused_volumes(&mut call.engine()?, &filters)?;
    call.engine()?.tell_prune("volume", done.space);
    report(call, "Deleted Volumes:", &done);
    Ok(Flow::OK)
}

fn unused_volumes(engine: &mut Engine<'_>, filters: &Filters) -> Result<Pruned, Failure> {
    let used: Vec<String> =
        engine.containers()?.iter().flat_map(|c| c.mount_points.values()).map(|m| m.name.clone()).collect();
    let mut done = Pruned::default();
    for name in engine.volume_names()? {
        let details = engine.volume_details(&name)?;
        // A volume with options of its own is not pruned (recorded on 20.10.24).
        let is_plain = details.options.is_empty();
        if !is_plain || used.contains(&name) || !filters.labels_fit(Some(&details.labels)) {
            continue;
        }
        done.space += engine.volume_size(&name)?;
        engine.volume_remove(&name)?;
        done.lines.push(name);
    }
    Ok(done)
}

/// `docker network prune`: removes what no container is in; returns the names.
fn unused_networks(engine: &mut Engine<'_>, filters: &Filters) -> Result<Vec<String>, Failure> {
    let now = engine.now();
    let until = filters.until(now)?;
    let mut gone = Vec::new();
    for network in engine.networks()? {
        let made = time::parse(&network.created).unwrap_or_default();
        if network.is_predefined()
            || network.config_only
            || !filters.labels_fit(Some(&network.labels))
            || until.is_some_and(|until| made > until)
            || !engine.network_members(&network)?.is_empty()
        {
            continue;
        }
        engine.network_remove(&network)?;
        gone.push(network.name);
    }
    Ok(gone)
}

pub(crate) fn networks(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let warning = "WARNING! This will remove all custom networks not used by at least one container.";
    if !asked(call, warning)? {
        return Ok(Flow::OK);
    }
    let filters = Filters::of(call, &["label", "label!", "until"])?;
    let gone = unused_networks(&mut call.engine()?, &filters)?;
    call.engine()?.tell_prune("network", 0);
    print_list(call, "Deleted Networks:", &gone);
    Ok(Flow::OK)
}

/// `docker system prune`: containers, networks, with `--volumes` volumes, images.
pub(crate) fn system(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let all = call.flags.is_set("all");
    let wants_volumes = call.flags.is_set("volumes");
    let filters = Filters::read(call);
    if wants_volumes && filters.has("until") {
        return Err(Failure::new("ERROR: The \"until\" filter is not supported with \"--volumes\""));
    }
    let mut warning =
        "WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one \
                       container\n"
            .to_owned();
    if wants_volumes {
        warning.push_str("  - all volumes not used by at least one container\n");
    }
    warning.push_str(if all {
        "  - all images without at least one container associated to them\n  - all build cache\n"
    } else {
        "  - all dangling images\n  - all dangling build cache\n"
    });
    if !call.flags.list("filter").is_empty() {
        warning.push_str("\n  Items to be pruned will be filtered with:\n");
        for text in filters.texts() {
            warning.push_str(&format!("  - {text}\n"));
        }
    }
    if !asked(call, &warning)? {
        return Ok(Flow::OK);
    }
    filters.check(&["label", "label!", "until"])?;
    let mut engine = call.engine()?;
    let gone = stopped_containers(&mut engine, &filters)?;
    let networks = unused_networks(&mut engine, &filters)?;
    let volumes = if wants_volumes { unused_volumes(&mut engine, &filters)? } else { Pruned::default() };
    let images = unused_images(&mut engine, &filters, all)?;
    let space = gone.space + volumes.space + images.space;
    for (kind, space) in [("container", gone.space), ("network", 0), ("image", images.space), ("builder", 0)]
    {
        engine.tell_prune(kind, space);
    }
    print_list(call, "Deleted Containers:", &gone.lines);
    print_list(call, "Deleted Networks:", &networks);
    print_list(call, "Deleted Volumes:", &volumes.lines);
    print_list(call, "Deleted Images:", &images.lines);
    call.line(&format!("Total reclaimed space: {}", units::size(space, 4)));
    Ok(Flow::OK)
}

/// `docker builder prune`: the classic builder keeps no cache of its own, its cache are images.
pub(crate) fn builder(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let warning = if call.flags.is_set("all") {
        "WARNING! This will remove all build cache."
    } else {
        "WARNING! This will remove all dangling build cache."
    };
    if !call.flags.is_set("force") {
        // Here the question stands on the same line.
        call.print(format!("{warning} Are you sure you want to continue? [y/N] "));
        if !answered_yes(call, true)? {
            call.line("Total reclaimed space: 0B");
            return Ok(Flow::OK);
        }
    }
    let known = ["description", "id", "inuse", "parent", "private", "shared", "type", "until", "unused-for"];
    if let Err(failure) = Filters::read(call).check(&known) {
        let why = failure.text.replacen("daemon: ", "daemon: failed to prune build cache: ", 1);
        return Err(Failure::new(why));
    }
    let what = if call.flags.is_set("all") { Prune::All } else { Prune::Dangling };
    let pruned = call.engine()?.build_prune(what)?;
    if !pruned.keys.is_empty() {
        call.line("Deleted build cache objects:");
        for key in &pruned.keys {
            // BuildKit's names of results are 25 letters and digits.
            call.line(&key[..25]);
        }
        call.line("");
    }
    call.line(&format!("Total reclaimed space: {}", units::size(pruned.bytes, 4)));
    Ok(Flow::OK)
}

fn report(call: &mut Call<'_, '_>, heading: &str, done: &Pruned) {
    print_list(call, heading, &done.lines);
    call.line(&format!("Total reclaimed space: {}", units::size(done.space, 4)));
}

/// Prints what went, if anything did.
pub(super) fn print_list(call: &mut Call<'_, '_>, heading: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    call.line(heading);
    for line in lines {
        call.line(line);
    }
    call.line("");
}

/// Asks, unless `-f` is there; where the answer is no, says that nothing was gained.
pub(super) fn confirmed(call: &mut Call<'_, '_>, warning: &str) -> Result<bool, Failure> {
    let yes = asks(call, warning, true)?;
    if !yes {
        call.line("Total reclaimed space: 0B");
    }
    Ok(yes)
}

/// Asks, unless `-f` is there; what is not an answer is a no.
pub(super) fn asked(call: &mut Call<'_, '_>, warning: &str) -> Result<bool, Failure> {
    asks(call, warning, false)
}

fn asks(call: &mut Call<'_, '_>, warning: &str, tells: bool) -> Result<bool, Failure> {
    if call.flags.is_set("force") {
        return Ok(true);
    }
    call.print(format!("{warning}\nAre you sure you want to continue? [y/N] "));
    answered_yes(call, tells)
}

/// Reads the answer. At a terminal the command ends here, and goes on when there is one.
fn answered_yes(call: &mut Call<'_, '_>, tells: bool) -> Result<bool, Failure> {
    if call.process.stdin.is_terminal(call.system) {
        call.asked = Some(tells);
        return Err(Failure::new(""));
    }
    let answer = call.process.stdin.read_to_end(call.system).map_err(super::load::plain)?;
    Ok(is_yes(&answer))
}
