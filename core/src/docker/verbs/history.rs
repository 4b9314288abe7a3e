//! `docker history` (oracle: history-*).

use super::super::json::Json;
use super::super::{Call, Failure, columns, units};
use super::format::{Listing, Style};
use crate::kernel::Timespec;
use crate::oci::time;
use crate::program::Flow;

const LISTING: Listing = Listing {
    go_type: "image.historyContext",
    headings: &[
        ("ID", "IMAGE"),
        ("CreatedSince", "CREATED"),
        ("CreatedAt", "CREATED AT"),
        ("CreatedBy", "CREATED BY"),
        ("Size", "SIZE"),
        ("Comment", "COMMENT"),
    ],
    quiet: "{{.ID}}",
    table: "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}",
    raw: "",
    raw_quiet: "",
};
const NOT_HUMAN: &str = "{{.ID}}\t{{.CreatedAt}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let name = call.arg(0);
    let human = call.flags.is_on("human");
    let no_trunc = call.flags.is_set("no-trunc");
    let style = Style::of(call, "");
    let mut engine = call.engine()?;
    let now = engine.now();
    let image = engine.find_image(&name)?;
    let mut rows = Vec::new();
    for line in engine.history(&image)? {
        let id = match line.id {
            None => "<missing>".to_owned(),
            Some(id) if no_trunc => id.to_string(),
            Some(id) => id.short(),
        };
        let by = line.created_by.replace('\t', " ");
        let by = if no_trunc { by } else { columns::ellipsis(&by, 45) };
        let since = if human {
            format!("{} ago", units::duration(now.sec - line.created.sec, 0))
        } else {
            time::format(Timespec::seconds(line.created.sec))
        };
        rows.push(Json::object([
            ("Comment", line.comment.into()),
            ("CreatedAt", time::format(Timespec::seconds(line.created.sec)).into()),
            ("CreatedBy", by.into()),
            ("CreatedSince", since.into()),
            ("ID", id.into()),
            ("Size", if human { units::size(line.size, 3) } else { line.size.to_string() }.into()),
        ]));
    }
    let listing = if human { LISTING } else { Listing { table: NOT_HUMAN, ..LISTING } };
    let text = listing.render(&style, rows)?;
    call.print(text);
    Ok(Flow::OK)
}
