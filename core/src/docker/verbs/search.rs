//! `docker search`: what the simulated Docker Hub holds.

use super::super::json::Json;
use super::super::{Call, Failure, columns};
use super::format::{Listing, Style};
use crate::hub::Repository;
use crate::program::Flow;

const LISTING: Listing = Listing {
    go_type: "registry.searchContext",
    headings: &[
        ("Name", "NAME"),
        ("Description", "DESCRIPTION"),
        ("StarCount", "STARS"),
        ("IsOfficial", "OFFICIAL"),
        ("IsAutomated", "AUTOMATED"),
    ],
    quiet: "",
    table: "{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}\t{{.IsAutomated}}",
    raw: "",
    raw_quiet: "",
};

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let term = call.arg(0).to_lowercase();
    let limit = call.flags.int("limit").unwrap_or(25).max(0) as usize;
    let no_trunc = call.flags.is_set("no-trunc");
    let style = Style::of(call, "");
    let repositories =
        call.system.world.hub.repositories().map_err(|error| Failure::new(error.to_string()))?;
    let rows: Vec<Json> = repositories
        .into_iter()
        .filter(|r| r.name.contains(&term) || r.about.to_lowercase().contains(&term))
        .take(limit)
        .map(|Repository { name, about, stars, .. }| {
            let about = if no_trunc { about } else { columns::ellipsis(&about, 45) };
            Json::object([
                ("Description", about.into()),
                ("IsAutomated", "".into()),
                ("IsOfficial", "[OK]".into()),
                ("Name", name.into()),
                ("StarCount", stars.to_string().into()),
            ])
        })
        .collect();
    let text = LISTING.render(&style, &rows)?;
    call.print(text);
    Ok(Flow::OK)
}
