//! Commands that are Docker's and not the lab's yet, and those that have little to do.

use super::super::{Call, Failure, columns, units};
use crate::program::Flow;

/// A command that Docker has and the lab has not.
pub(crate) fn missing(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let words: Vec<String> =
        call.process.args.iter().take(2).map(crate::kernel::ByteString::to_text).collect();
    Err(Failure::new(format!(
        "Layerlab: `{}` is a command of Docker's that the lab does not have yet",
        words.join(" ")
    )))
}

#[expect(clippy::unnecessary_wraps, reason = "the form of every command")]
pub(crate) fn logout(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let server = call
        .flags
        .args
        .first()
        .map_or_else(|| "https://index.docker.io/v1/".to_owned(), crate::kernel::ByteString::to_text);
    call.line(&format!("Removing login credentials for {server}"));
    Ok(Flow::OK)
}

/// `docker update`: what it changes is what the lab does not limit; the restart policy is kept.
pub(crate) fn update(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    if call.flags.is_bare() {
        return Err(Failure::new("you must provide one or more flags when using this command"));
    }
    let restart = call.flags.text("restart");
    call.each(|call, name| {
        let mut engine = call.engine()?;
        let container = engine.find_container(name)?;
        if let Some(policy) = &restart {
            engine.set_restart_policy(&container, policy)?;
        }
        call.line(name);
        Ok(())
    })
}

/// `docker network ls`: the three networks that every Docker has.
#[expect(clippy::unnecessary_wraps, reason = "the form of every command")]
pub(crate) fn networks(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let full = call.flags.is_set("no-trunc");
    let mut rows = vec!["NETWORK ID\tNAME\tDRIVER\tSCOPE".to_owned()];
    for (name, driver) in [("bridge", "bridge"), ("host", "host"), ("none", "null")] {
        let id = crate::oci::Digest::of(format!("layerlab network {name}").as_bytes());
        let id = if full { id.hex() } else { id.short() };
        if call.flags.is_set("quiet") {
            call.line(&id);
        }
        rows.push(format!("{id}\t{name}\t{driver}\tlocal"));
    }
    if !call.flags.is_set("quiet") {
        call.print(columns::layout(&rows));
    }
    Ok(Flow::OK)
}

/// `docker volume prune`.
pub(crate) fn volume_prune(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let warning = "WARNING! This will remove all local volumes not used by at least one container.";
    if !super::prune::confirmed(call, warning)? {
        return Ok(Flow::OK);
    }
    let mut engine = call.engine()?;
    let used: Vec<String> =
        engine.containers()?.iter().flat_map(|c| c.mount_points.values()).map(|m| m.name.clone()).collect();
    let mut gone = Vec::new();
    let mut space = 0;
    for name in engine.volume_names()? {
        if !used.contains(&name) {
            space += engine.volume_size(&name)?;
            engine.volume_remove(&name)?;
            gone.push(name);
        }
    }
    if !gone.is_empty() {
        call.line("Deleted Volumes:");
        for name in gone {
            call.line(&name);
        }
        call.line("");
    }
    call.line(&format!("Total reclaimed space: {}", units::size(space, 4)));
    Ok(Flow::OK)
}
