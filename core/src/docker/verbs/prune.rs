//! `docker image prune` and `docker container prune`.

use super::super::{Call, Failure, units};
use crate::engine::{RemoveOptions, Removed};
use crate::program::Flow;

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
    let mut engine = call.engine()?;
    let used: Vec<_> = engine.containers()?.iter().map(|c| c.image).collect();
    let mut removed = Vec::new();
    let mut space = 0;
    for summary in engine.image_summaries()? {
        let id = summary.image.id;
        let has_child = !engine.children(&id)?.is_empty();
        let dangling = summary.tags.is_empty() && summary.digests.is_empty() && !has_child;
        if used.contains(&id) || !(dangling || (all && !has_child)) {
            continue;
        }
        let before = engine.layers_size()?;
        let names: Vec<String> = if summary.tags.is_empty() && summary.digests.is_empty() {
            vec![id.to_string()]
        } else {
            summary.tags.iter().chain(&summary.digests).map(ToString::to_string).collect()
        };
        for name in names {
            // One name may take others along.
            if engine.find_image(&name).is_ok() {
                removed.extend(engine.remove_image(&name, RemoveOptions::default())?);
            }
        }
        space += before.saturating_sub(engine.layers_size()?);
    }
    if !removed.is_empty() {
        call.line("Deleted Images:");
        for item in &mut removed {
            // Here the client writes small letters.
            match item {
                Removed::Untagged(name) => call.line(&format!("untagged: {name}")),
                Removed::Deleted(id) => call.line(&format!("deleted: {id}")),
            }
        }
        call.line("");
    }
    call.line(&format!("Total reclaimed space: {}", units::size(space, 4)));
    Ok(Flow::OK)
}

pub(crate) fn containers(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    if !confirmed(call, "WARNING! This will remove all stopped containers.")? {
        return Ok(Flow::OK);
    }
    let mut engine = call.engine()?;
    let mut removed = Vec::new();
    let mut space = 0;
    for container in engine.containers()? {
        if !container.state.running {
            space += engine.container_size(&container.id)?;
            engine.remove_container(&container)?;
            removed.push(container.id);
        }
    }
    if !removed.is_empty() {
        call.line("Deleted Containers:");
        for id in removed {
            call.line(&id);
        }
        call.line("");
    }
    call.line(&format!("Total reclaimed space: {}", units::size(space, 4)));
    Ok(Flow::OK)
}

/// Asks, unless `-f` is there; what is not an answer is a no.
pub(super) fn confirmed(call: &mut Call<'_, '_>, warning: &str) -> Result<bool, Failure> {
    if call.flags.is_set("force") {
        return Ok(true);
    }
    call.print(format!("{warning}\nAre you sure you want to continue? [y/N] "));
    let answer = call.process.stdin.read_to_end(call.system).map_err(super::load::plain)?;
    let first = answer.split(|b| *b == b'\n').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    let yes = first == b"y";
    if !yes {
        call.line("Total reclaimed space: 0B");
    }
    Ok(yes)
}
