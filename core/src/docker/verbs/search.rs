//! `docker search`: what the simulated Docker Hub holds.

use super::super::json::Json;
use super::super::{Call, Failure, columns};
use super::filter::{self, Filters};
use super::format::{Listing, Style};
use crate::hub::{self, Listed, Repository};
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
    // Of the lab's own images each is official, and none was built by the hub itself.
    let own = repositories.into_iter().map(|Repository { name, about, stars, .. }| Listed {
        name,
        stars,
        is_official: true,
        is_automated: false,
        about,
    });
    let mut found: Vec<Listed> = own
        .chain(hub::listed())
        .filter(|r| r.name.contains(&term) || r.about.to_lowercase().contains(&term))
        .filter(|r| official.is_none_or(|asked| asked == r.is_official))
        .filter(|r| automated.is_none_or(|asked| asked == r.is_automated))
        .filter(|r| i64::from(r.stars) >= least)
        .collect();
    found.sort_by(|a, b| b.stars.cmp(&a.stars).then_with(|| a.name.cmp(&b.name)));
    found.truncate(limit as usize);
    let mark = |is: bool| if is { "[OK]" } else { "" };
    let rows: Vec<Json> = found
        .into_iter()
        .map(|Listed { name, about, stars, is_official, is_automated }| {
            let about = if no_trunc { about } else { columns::ellipsis(&about, 45) };
            Json::object([
                ("Description", about.into()),
                ("IsAutomated", mark(is_automated).into()),
                ("IsOfficial", mark(is_official).into()),
                ("Name", name.into()),
                ("StarCount", stars.to_string().into()),
            ])
        })
        .collect();
    let text = LISTING.render(&style, rows)?;
    call.print(text);
    Ok(Flow::OK)
}
