//! `docker images` (oracle: images-*).

use super::super::json::Json;
use super::super::{Call, Failure, units};
use super::filter::{self, Filters};
use super::format::{Listing, Style};
use crate::engine::Summary;
use crate::kernel::{ByteString, Timespec};
use crate::oci::{Reference, time};
use crate::program::Flow;

const LISTING: Listing = Listing {
    go_type: "formatter.imageContext",
    headings: &[
        ("ID", "IMAGE ID"),
        ("Repository", "REPOSITORY"),
        ("Tag", "TAG"),
        ("Digest", "DIGEST"),
        ("CreatedSince", "CREATED"),
        ("CreatedAt", "CREATED AT"),
        ("Size", "SIZE"),
        ("Containers", "CONTAINERS"),
        ("VirtualSize", "SIZE"),
        ("SharedSize", "SHARED SIZE"),
        ("UniqueSize", "UNIQUE SIZE"),
    ],
    quiet: "{{.ID}}",
    table: "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{if .CreatedSince}}{{.CreatedSince}}{{else}}N/A{{end}}\t{{.Size}}",
    raw: "repository: {{.Repository}}\ntag: {{.Tag}}\nimage_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\n\
          virtual_size: {{.Size}}\n",
    raw_quiet: "image_id: {{.ID}}",
};
const RAW_WITH_DIGESTS: &str = "repository: {{.Repository}}\ntag: {{.Tag}}\ndigest: {{.Digest}}\nimage_id: {{.ID}}\n\
                                created_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n";
const WITH_DIGESTS: &str = "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{if .CreatedSince}}{{.CreatedSince}}\
                            {{else}}N/A{{end}}\t{{.Size}}";

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let mut filters = Filters::of(call, &["dangling", "label", "before", "since", "reference"])?;
    let dangling = filters.flag("dangling", &filter::WORDS)?;
    if let Some(pattern) = call.flags.args.first().map(ByteString::to_text) {
        filters.add("reference", &pattern);
    }
    for pattern in filters.values("reference") {
        filter::glob(pattern, "").map_err(filter::daemon)?;
    }
    let all = call.flags.is_set("all");
    let no_trunc = call.flags.is_set("no-trunc");
    let digests = call.flags.is_set("digests");
    let style = Style::of(call, "imagesFormat");
    let quiet = style.quiet;
    let mut engine = call.engine()?;
    let mut bounds: [Option<Timespec>; 2] = [None, None];
    for (bound, name) in bounds.iter_mut().zip(["before", "since"]) {
        if let Some(image) = filters.values(name).next() {
            *bound = Some(engine.find_image(image)?.config.created_at());
        }
    }
    let now = engine.now();
    let mut rows = Vec::new();
    for summary in engine.image_summaries()? {
        let created = summary.image.config.created_at();
        if bounds[0].is_some_and(|before| created >= before)
            || bounds[1].is_some_and(|since| created <= since)
            || !filters.labels_fit(summary.image.config.config.as_ref().and_then(|c| c.labels.as_ref()))
        {
            continue;
        }
        let fits = |name: &Reference| filters.any("reference", |pattern| matches(pattern, name));
        let is_dangling = summary.tags.is_empty() && summary.digests.is_empty();
        if is_dangling {
            let hidden = !all && !engine.children(&summary.image.id)?.is_empty();
            if hidden || filters.has("reference") || dangling == Some(false) {
                continue;
            }
        } else if dangling == Some(true) && !summary.tags.is_empty() {
            continue;
        }
        for (tag, digest) in names(&summary, fits, digests) {
            rows.push(item(&summary, tag, digest.as_ref(), now, no_trunc));
        }
    }
    let listing = if digests && !quiet {
        Listing { table: WITH_DIGESTS, raw: RAW_WITH_DIGESTS, ..LISTING }
    } else {
        LISTING
    };
    let text = listing.render(&style, rows)?;
    call.print(text);
    Ok(Flow::OK)
}

/// The rows of an image: one a tag; with `--digests` one a tag and digest; without tags its repositories.
fn names(
    summary: &Summary,
    fits: impl Fn(&Reference) -> bool,
    digests: bool,
) -> Vec<(Option<Reference>, Option<Reference>)> {
    if summary.tags.is_empty() && summary.digests.is_empty() {
        return vec![(None, None)];
    }
    let tags: Vec<&Reference> = summary.tags.iter().filter(|name| fits(name)).collect();
    let by_digest: Vec<&Reference> = summary.digests.iter().filter(|name| fits(name)).collect();
    let mut rows = Vec::new();
    for tag in &tags {
        let same: Vec<&&Reference> = by_digest.iter().filter(|d| d.name() == tag.name()).collect();
        if digests && !same.is_empty() {
            rows.extend(same.iter().map(|digest| (Some((*tag).clone()), Some((**digest).clone()))));
        } else {
            rows.push((Some((*tag).clone()), None));
        }
    }
    for digest in by_digest {
        if !summary.tags.iter().any(|tag| tag.name() == digest.name()) {
            rows.push((None, Some(digest.clone())));
        }
    }
    rows
}

fn item(
    summary: &Summary,
    tag: Option<Reference>,
    digest: Option<&Reference>,
    now: Timespec,
    no_trunc: bool,
) -> Json {
    let none = || "<none>".to_owned();
    let image = &summary.image;
    let created = image.config.created_at();
    let name = tag.as_ref().or(digest);
    let since = if created.sec == time::parse(time::ZERO).unwrap_or_default().sec {
        String::new()
    } else {
        format!("{} ago", units::duration(now.sec - created.sec, 0))
    };
    let size = units::size(summary.size, 3);
    Json::object([
        ("Containers", "N/A".into()),
        ("CreatedAt", created_at(created).into()),
        ("CreatedSince", since.into()),
        ("Digest", digest.and_then(|d| d.digest).map_or_else(none, |d| d.to_string()).into()),
        ("ID", if no_trunc { image.id.to_string() } else { image.id.short() }.into()),
        ("Repository", name.map_or_else(none, Reference::familiar_name).into()),
        ("SharedSize", "N/A".into()),
        ("Size", size.into()),
        ("Tag", tag.and_then(|t| t.tag).unwrap_or_else(none).into()),
        ("UniqueSize", "N/A".into()),
        ("VirtualSize", units::size(summary.size, 4).into()),
    ])
}

/// Go's `time.Time.String()` in UTC without a fraction: `2026-11-22 03:52:26 +0000 UTC`.
pub(super) fn created_at(time: Timespec) -> String {
    let text = time::format(Timespec::seconds(time.sec));
    format!("{} +0000 UTC", text.replace('T', " ").trim_end_matches('Z'))
}

/// Whether a name is meant by what was typed: a repository, a repository and tag, or a glob (`reference.FamiliarMatch`).
fn matches(pattern: &str, name: &Reference) -> bool {
    [name.familiar(), name.familiar_name()].iter().any(|text| filter::glob(pattern, text) == Ok(true))
}
