//! `docker system df` (oracle: system-df, system-df-v).

use super::super::json::Json;
use super::super::{Call, Failure, columns, units};
use super::format::{Listing, Style};
use super::ps;
use crate::oci::{Digest, chain_ids};
use crate::program::Flow;

const LISTING: Listing = Listing {
    go_type: "formatter.diskUsageContext",
    headings: &[
        ("Type", "TYPE"),
        ("TotalCount", "TOTAL"),
        ("Active", "ACTIVE"),
        ("Size", "SIZE"),
        ("Reclaimable", "RECLAIMABLE"),
    ],
    quiet: "",
    table: "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}",
    raw: "type: {{.Type}}\ntotal: {{.TotalCount}}\nactive: {{.Active}}\nsize: {{.Size}}\nreclaimable: {{.Reclaimable}}\n",
    raw_quiet: "",
};

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    if call.flags.is_set("verbose") {
        if call.flags.text("format").is_some_and(|format| !format.is_empty() && format != "table") {
            return Err(Failure::new("Layerlab: --format goes without -v here"));
        }
        return verbose(call);
    }
    let style = Style::of(call, "");
    let mut engine = call.engine()?;
    let containers = engine.containers()?;
    let images = shown_images(&mut engine)?;
    let total = engine.layers_size()?;
    let used: Vec<Digest> = containers.iter().map(|c| c.image).collect();
    // Docker counts what active images hold by themselves as not reclaimable.
    let mut held = 0;
    let mut active = 0;
    for summary in &images {
        if used.contains(&summary.image.id) {
            active += 1;
            let (_, unique) = shares(&mut engine, summary, &images)?;
            held += unique;
        }
    }
    let (mut size, mut free, mut running) = (0, 0, 0);
    for container in &containers {
        let own = engine.container_size(&container.id)?;
        size += own;
        if container.state.is_running() {
            running += 1;
        } else {
            free += own;
        }
    }
    let volumes = engine.volume_names()?;
    let in_use: Vec<String> =
        containers.iter().flat_map(|c| c.mount_points.values()).map(|mount| mount.name.clone()).collect();
    let (mut volume_size, mut volume_free, mut volume_active) = (0, 0, 0);
    for name in &volumes {
        let bytes = engine.volume_size(name)?;
        volume_size += bytes;
        if in_use.contains(name) {
            volume_active += 1;
        } else {
            volume_free += bytes;
        }
    }
    let row = |kind: &str, count: usize, active: usize, size: u64, free: u64| {
        let mut reclaimable = units::size(free, 4);
        if let Some(percent) = (free * 100).checked_div(size) {
            reclaimable.push_str(&format!(" ({percent}%)"));
        }
        Json::object([
            ("Active", active.to_string().into()),
            ("Reclaimable", reclaimable.into()),
            ("Size", units::size(size, 4).into()),
            ("TotalCount", count.to_string().into()),
            ("Type", kind.into()),
        ])
    };
    let rows = [
        row("Images", images.len(), active, total, total.saturating_sub(held)),
        row("Containers", containers.len(), running, size, free),
        row("Local Volumes", volumes.len(), volume_active, volume_size, volume_free),
        row("Build Cache", 0, 0, 0, 0),
    ];
    let text = LISTING.render(&style, rows)?;
    call.print(text);
    Ok(Flow::OK)
}

/// Images that a list shows: those with a name or without children.
fn shown_images(engine: &mut crate::engine::Engine<'_>) -> Result<Vec<crate::engine::Summary>, Failure> {
    let mut shown = Vec::new();
    for summary in engine.image_summaries()? {
        let named = !summary.tags.is_empty() || !summary.digests.is_empty();
        if named || engine.children(&summary.image.id)?.is_empty() {
            shown.push(summary);
        }
    }
    Ok(shown)
}

/// Bytes of an image's layers that other images have too, and that it has alone.
fn shares(
    engine: &mut crate::engine::Engine<'_>,
    of: &crate::engine::Summary,
    all: &[crate::engine::Summary],
) -> Result<(u64, u64), Failure> {
    let (mut shared, mut unique) = (0, 0);
    for chain in chain_ids(&of.image.config.rootfs.diff_ids) {
        let size = engine.chain_size(&chain)?.unwrap_or_default();
        let elsewhere = all.iter().any(|other| {
            other.image.id != of.image.id && chain_ids(&other.image.config.rootfs.diff_ids).contains(&chain)
        });
        *(if elsewhere { &mut shared } else { &mut unique }) += size;
    }
    Ok((shared, unique))
}

fn verbose(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let mut engine = call.engine()?;
    let now = engine.now();
    let containers = engine.containers()?;
    let images = shown_images(&mut engine)?;
    let mut text = "Images space usage:\n\n".to_owned();
    let mut rows =
        vec!["REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE\tSHARED SIZE\tUNIQUE SIZE\tCONTAINERS".to_owned()];
    for summary in &images {
        let (shared, unique) = shares(&mut engine, summary, &images)?;
        let name = summary.tags.first();
        let count = containers.iter().filter(|c| c.image == summary.image.id).count();
        let none = || "<none>".to_owned();
        rows.push(format!(
            "{}\t{}\t{}\t{} ago\t{}\t{}\t{}\t{count}",
            name.map_or_else(none, crate::oci::Reference::familiar_name),
            name.and_then(|name| name.tag.clone()).unwrap_or_else(none),
            summary.image.id.short(),
            units::duration(now.sec - summary.image.config.created_at().sec, 0),
            units::size(summary.size, 4),
            units::size(shared, 4),
            units::size(unique, 4),
        ));
    }
    text.push_str(&columns::layout(&rows));
    text.push_str("\nContainers space usage:\n\n");
    let mut rows =
        vec!["CONTAINER ID\tIMAGE\tCOMMAND\tLOCAL VOLUMES\tSIZE\tCREATED\tSTATUS\tNAMES".to_owned()];
    for container in &containers {
        let created = crate::oci::time::parse(&container.created).unwrap_or_default();
        rows.push(format!(
            "{}\t{}\t{}\t{}\t{}\t{} ago\t{}\t{}",
            container.short_id(),
            ps::image_name(&mut engine, container, false)?,
            columns::quote(&columns::ellipsis(&ps::command(container), 20)),
            container.mount_points.values().filter(|m| m.kind == "volume").count(),
            units::size(engine.container_size(&container.id)?, 3),
            units::duration(now.sec - created.sec, 0),
            ps::status(container, now),
            container.plain_name(),
        ));
    }
    text.push_str(&columns::layout(&rows));
    text.push_str("\nLocal Volumes space usage:\n\n");
    let mut rows = vec!["VOLUME NAME\tLINKS\tSIZE".to_owned()];
    for name in engine.volume_names()? {
        let links = containers.iter().filter(|c| c.mount_points.values().any(|m| m.name == name)).count();
        rows.push(format!("{name}\t{links}\t{}", units::size(engine.volume_size(&name)?, 4)));
    }
    text.push_str(&columns::layout(&rows));
    text.push_str("\nBuild cache usage: 0B\n\n");
    text.push_str(&columns::layout(&[
        "CACHE ID\tCACHE TYPE\tSIZE\tCREATED\tLAST USED\tUSAGE\tSHARED".to_owned()
    ]));
    call.print(text);
    Ok(Flow::OK)
}
