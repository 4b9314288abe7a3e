//! `docker events` (moby 20.10's `cli/command/system/events.go` and `daemon/events/filter.go`; recorded on 20.10.24).

use serde::{Deserialize, Serialize};

use super::super::json::Json;
use super::super::template::{Shape, Template};
use super::super::{Call, Failure, when};
use super::filter::Filters;
use crate::kernel::Timespec;
use crate::oci::time;
use crate::program::{
    Flow, Happened, Nanos, Next, Process, ProgramState, System, Wait, from_timespec, to_timespec,
};

/// Where a template for events finds its fields.
const SHAPE: Shape<'static> = Shape::Type { name: "events.Message", labels: &Json::Null };

/// A client that shows events as they come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::docker) struct Watches {
    format: String,
    filters: Vec<(String, String)>,
    until: Option<Nanos>,
    /// How many events it has seen, counted from the first that ever was.
    seen: u64,
}

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let format = call.flags.text("format").unwrap_or_default();
    // Docker tries the template with an event of no kind first.
    let tried =
        Template::parse(&format).and_then(|template| template.run(&fields(&Happened::default()), SHAPE));
    if let Err(why) = tried {
        return Err(Failure::with_status(format!("Error parsing format: {why}"), 64));
    }
    let now = call.engine()?.now();
    let moment = |flag: &str| -> Result<Option<Nanos>, Failure> {
        let Some(text) = call.flags.text(flag).filter(|text| !text.is_empty()) else { return Ok(None) };
        let at = when::moment(&text, now).map_err(Failure::new)?;
        Ok(Some(from_timespec(at)))
    };
    let (since, until) = (moment("since")?, moment("until")?);
    let filters: Vec<(String, String)> = Filters::read(call)
        .texts()
        .filter_map(|text| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect();
    let job = Watches { format, filters, until, seen: call.system.world.happened };
    if let Some(since) = since {
        let past: Vec<_> =
            call.system.world.events.iter().filter(|event| event.at >= since).cloned().collect();
        for event in &past {
            let text = job.text(event).map_err(Failure::new)?;
            call.print(text);
        }
    }
    if until.is_some_and(|until| until <= call.system.now()) {
        return Ok(Flow::OK);
    }
    Ok(call.system.goes_on(job, None))
}

impl Watches {
    /// The line of an event; nothing where it is not wanted.
    fn text(&self, event: &Happened) -> Result<String, String> {
        if self.until.is_some_and(|until| event.at > until) || !self.wants(event) {
            return Ok(String::new());
        }
        if self.format == "{{json .}}" {
            return Ok(message(event).line() + "\n");
        }
        if !self.format.is_empty() {
            let template = Template::parse(&self.format)?;
            let text = template.run(&fields(event), SHAPE)?;
            return Ok(text + "\n");
        }
        let pairs: Vec<String> =
            event.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let at = nanos(event.at);
        let about = if pairs.is_empty() { String::new() } else { format!(" ({})", pairs.join(", ")) };
        Ok(format!("{at} {} {} {}{about}\n", event.kind, event.action, event.id))
    }

    /// Whether the filters let an event through. Names that the daemon does not know are no filters to it.
    fn wants(&self, event: &Happened) -> bool {
        let attribute = |name: &str| event.attributes.get(name).map_or("", String::as_str);
        let short = event.action.split(':').next().unwrap_or_default();
        let fits = |name: &str, value: &str| -> Option<bool> {
            let is = |kind: &str| {
                event.kind == kind && (event.id.starts_with(value) || attribute("name").starts_with(value))
            };
            Some(match name {
                "event" => event.action == value || short == value,
                "type" => event.kind == value,
                "container" => is("container") || attribute("container").starts_with(value),
                "volume" | "network" | "daemon" => is(name),
                "image" => {
                    let plain = |text: &str| text.strip_suffix(":latest").unwrap_or(text).to_owned();
                    let names = [&event.id[..], attribute("name"), attribute("image")];
                    matches!(&event.kind[..], "image" | "container")
                        && names.iter().any(|name| *name == value || plain(name) == plain(value))
                }
                "label" => match value.split_once('=') {
                    Some((key, value)) => event.attributes.get(key).is_some_and(|own| own == value),
                    None => event.attributes.contains_key(value),
                },
                _ => return None,
            })
        };
        let mut known: Vec<&str> = self.filters.iter().map(|(name, _)| &name[..]).collect();
        known.dedup();
        known.into_iter().all(|name| {
            let mut values = self.filters.iter().filter(|(own, _)| own == name).map(|(_, value)| &value[..]);
            if name == "label" {
                values.all(|value| fits(name, value) == Some(true))
            } else {
                values.any(|value| fits(name, value) != Some(false))
            }
        })
    }
}

/// A time with all nine digits of its fraction, as the client prints it.
fn nanos(at: Nanos) -> String {
    let at = to_timespec(at);
    let seconds = time::format(Timespec::seconds(at.sec));
    format!("{}.{:09}Z", seconds.trim_end_matches('Z'), at.nsec)
}

/// An event under the names of its Go structure, for templates.
fn fields(event: &Happened) -> Json {
    let has_status = matches!(&event.kind[..], "container" | "image");
    let old = |text: &str| if has_status { text.to_owned() } else { String::new() };
    let from = event.attributes.get("image").cloned().unwrap_or_default();
    Json::object([
        ("Status", old(&event.action).into()),
        ("ID", old(&event.id).into()),
        ("From", old(&from).into()),
        ("Type", event.kind.as_str().into()),
        ("Action", event.action.as_str().into()),
        ("Actor", actor(event)),
        ("Scope", "local".into()),
        ("Time", (event.at / 1_000_000_000).into()),
        ("TimeNano", event.at.into()),
    ])
}

fn actor(event: &Happened) -> Json {
    let attributes = event.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str().into()));
    Json::object([("ID", event.id.as_str().into()), ("Attributes", Json::object(attributes))])
}

/// An event as the API sends it.
fn message(event: &Happened) -> Json {
    let mut list: Vec<(&str, Json)> = Vec::new();
    if matches!(&event.kind[..], "container" | "image") {
        list.push(("status", event.action.as_str().into()));
        list.push(("id", event.id.as_str().into()));
        if let Some(from) = event.attributes.get("image") {
            list.push(("from", from.as_str().into()));
        }
    }
    list.push(("Type", event.kind.as_str().into()));
    list.push(("Action", event.action.as_str().into()));
    list.push(("Actor", actor(event)));
    list.push(("scope", "local".into()));
    list.push(("time", (event.at / 1_000_000_000).into()));
    list.push(("timeNano", event.at.into()));
    Json::object(list)
}

impl ProgramState for Watches {
    const NAME: &'static str = "docker events";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let new: Vec<Happened> = system.world.events_since(self.seen).cloned().collect();
        self.seen = system.world.happened;
        for event in &new {
            match self.text(event) {
                Ok(text) => process.print(system, text),
                Err(why) => {
                    process.complain(system, format!("{why}\n"));
                    return Next::Exit(1);
                }
            }
        }
        if self.until.is_some_and(|until| until <= system.now()) {
            return Next::Exit(0);
        }
        Next::Wait(Wait { events: Some(self.seen), until: self.until, follows: true, ..Wait::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Happened {
        let attributes = [("image", "busybox"), ("name", "x1"), ("k", "v"), ("signal", "9")];
        Happened {
            at: 1_795_990_294_519_032_035,
            kind: "container".to_owned(),
            action: "kill".to_owned(),
            id: "2539f30172ad".to_owned(),
            attributes: attributes
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    fn watch(format: &str, filters: &[(&str, &str)]) -> Watches {
        let filters = filters.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Watches { format: format.to_owned(), filters, until: None, seen: 0 }
    }

    #[test]
    fn a_line_is_dockers() {
        assert_eq!(
            watch("", &[]).text(&event()).unwrap(),
            "2026-11-29T22:11:34.519032035Z container kill 2539f30172ad (image=busybox, k=v, name=x1, signal=9)\n"
        );
        assert_eq!(
            watch("{{json .}}", &[]).text(&event()).unwrap(),
            "{\"status\":\"kill\",\"id\":\"2539f30172ad\",\"from\":\"busybox\",\"Type\":\"container\",\"Action\":\"kill\",\
             \"Actor\":{\"ID\":\"2539f30172ad\",\"Attributes\":{\"image\":\"busybox\",\"k\":\"v\",\"name\":\"x1\",\
             \"signal\":\"9\"}},\"scope\":\"local\",\"time\":1795990294,\"timeNano\":1795990294519032035}\n"
        );
    }

    #[test]
    fn filters_choose() {
        for (filters, wanted) in [
            (&[("event", "kill")][..], true),
            (&[("event", "die"), ("event", "kill")], true),
            (&[("event", "die")], false),
            (&[("container", "x1"), ("type", "container")], true),
            (&[("container", "2539")], true),
            (&[("image", "busybox:latest")], true),
            (&[("label", "k=v")], true),
            (&[("label", "k=w")], false),
            (&[("type", "volume")], false),
            (&[("bogus", "x")], true),
        ] {
            assert_eq!(watch("", filters).wants(&event()), wanted, "{filters:?}");
        }
    }
}
