//! `docker search`: what the simulated Docker Hub holds.

use super::super::json::Json;
use super::super::{Call, Failure, columns};
use super::filter::{self, Filters};
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
/// How many results the daemon gives at most.
const MOST: i64 = 100;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let term = call.arg(0).to_lowercase();
    let filters = Filters::of(call, &["is-automated", "is-official", "stars"])?;
    let limit = call.flags.int("limit").unwrap_or(25);
    if !(1..=MOST).contains(&limit) {
        return Err(filter::daemon(&format!("Limit {limit} is outside the range of [1, {MOST}]")));
    }
    let official = filters.flag("is-official", &filter::WORDS_AND_DIGITS)?;
    let automated = filters.flag("is-automated", &filter::WORDS_AND_DIGITS)?;
    let mut least = 0;
    for value in filters.values("stars") {
        let stars: i64 = value.parse().map_err(|_| filter::invalid(&format!("stars={value}")))?;
        least = least.max(stars);
    }
    let no_trunc = call.flags.is_set("no-trunc");
    let style = Style::of(call, "");
    let repositories =
        call.system.world.hub.repositories().map_err(|error| Failure::new(error.to_string()))?;
    let mut found: Vec<Repository> = repositories
        .into_iter()
        .filter(|r| r.name.contains(&term) || r.about.to_lowercase().contains(&term))
        // All of the lab's hub is official, and nothing there is built by itself.
        .filter(|r| official != Some(false) && automated != Some(true) && i64::from(r.stars) >= least)
        .collect();
    found.sort_by(|a, b| b.stars.cmp(&a.stars).then_with(|| a.name.cmp(&b.name)));
    found.truncate(limit as usize);
    let rows: Vec<Json> = found
        .into_iter()
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
