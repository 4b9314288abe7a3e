//! `docker volume`.

use super::super::json::Json;
use super::super::{Call, Failure};
use super::filter::{self, Filters};
use super::format::{self, Item, Listing, Style};
use crate::engine::{Details, Engine, layout};
use crate::program::Flow;

const LISTING: Listing = Listing {
    go_type: "formatter.volumeContext",
    headings: &[
        ("Name", "VOLUME NAME"),
        ("Driver", "DRIVER"),
        ("Scope", "SCOPE"),
        ("Mountpoint", "MOUNTPOINT"),
        ("Labels", "LABELS"),
        ("Links", "LINKS"),
        ("Size", "SIZE"),
    ],
    quiet: "{{.Name}}",
    table: "{{.Driver}}\t{{.Name}}",
    raw: "name: {{.Name}}\ndriver: {{.Driver}}\n",
    raw_quiet: "name: {{.Name}}",
};

pub(crate) fn create(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let arg = call.flags.args.first().map(crate::kernel::ByteString::to_text);
    let named = call.flags.text("name");
    if named.is_some() && arg.is_some() {
        return Err(Failure::new(
            "conflicting options: either specify --name or provide positional arg, not both",
        ));
    }
    let pairs = |flag: &str| {
        let pair = |text: &String| match text.split_once('=') {
            Some((key, value)) => (key.to_owned(), value.to_owned()),
            None => (text.clone(), String::new()),
        };
        call.flags.list(flag).iter().map(pair).collect()
    };
    let details = Details {
        driver: call.flags.text("driver").unwrap_or_default(),
        labels: pairs("label"),
        options: pairs("opt"),
        by_command: true,
    };
    let name = match named.or(arg).filter(|name| !name.is_empty()) {
        Some(name) => name,
        None => call.engine()?.world.new_id(),
    };
    call.engine()?.volume_make(&name, details)?;
    call.line(&name);
    Ok(Flow::OK)
}

pub(crate) fn ls(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let filters = Filters::of(call, &["dangling", "driver", "label", "name"])?;
    let dangling = filters.flag("dangling", &filter::WORDS_AND_DIGITS)?;
    let style = Style::of(call, "volumesFormat");
    let mut engine = call.engine()?;
    let used: Vec<String> =
        engine.containers()?.iter().flat_map(|c| c.mount_points.values()).map(|m| m.name.clone()).collect();
    let mut shown = Vec::new();
    for name in engine.volume_names()? {
        let pairs = engine.volume_details(&name)?.labels;
        if filters.matches("name", &name)
            && filters.exact("driver", "local")
            && filters.labels_fit(Some(&pairs))
            && dangling.is_none_or(|wanted| wanted != used.contains(&name))
        {
            shown.push((name, pairs));
        }
    }
    let items: Vec<Item> = shown
        .into_iter()
        .map(|(name, pairs)| {
            let labels: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let fields = Json::object([
                ("Driver", "local".into()),
                ("Labels", labels.join(",").into()),
                ("Links", "N/A".into()),
                ("Mountpoint", format!("{}/{name}/_data", layout::VOLUMES).into()),
                ("Name", name.as_str().into()),
                ("Scope", "local".into()),
                ("Size", "N/A".into()),
            ]);
            Item { fields, labels: format::labels(&pairs) }
        })
        .collect();
    let text = LISTING.render(&style, items)?;
    call.print(text);
    Ok(Flow::OK)
}

pub(crate) fn rm(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let force = call.flags.is_set("force");
    call.each(|call, name| {
        let mut engine = call.engine()?;
        if !engine.volume_names()?.iter().any(|volume| volume == name) {
            if force {
                call.line(name);
                return Ok(());
            }
            return Err(Failure::new(format!("Error: No such volume: {name}")));
        }
        let users: Vec<String> = engine
            .containers()?
            .into_iter()
            .filter(|c| c.mount_points.values().any(|mount| mount.name == name))
            .map(|c| c.id)
            .collect();
        if !users.is_empty() {
            return Err(Failure::new(format!(
                "Error response from daemon: remove {name}: volume is in use - [{}]",
                users.join(", ")
            )));
        }
        engine.volume_remove(name)?;
        call.line(name);
        Ok(())
    })
}

/// What `docker volume inspect` says.
pub(super) fn document(engine: &mut Engine<'_>, name: &str) -> Result<Json, Failure> {
    let data = format!("{}/{name}/_data", layout::VOLUMES);
    let created = engine.volume_created(name)?;
    let details = engine.volume_details(name)?;
    let object = |pairs: &std::collections::BTreeMap<String, String>| {
        if pairs.is_empty() && !details.by_command {
            return Json::Null;
        }
        Json::Object(pairs.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect())
    };
    Ok(Json::object([
        ("CreatedAt", crate::oci::time::format(created).into()),
        ("Driver", "local".into()),
        ("Labels", object(&details.labels)),
        ("Mountpoint", data.into()),
        ("Name", name.into()),
        ("Options", object(&details.options)),
        ("Scope", "local".into()),
    ]))
}
