//! What `--why` asks of a path: the look-up's steps, and where links lead.

use layerlab_core::explore::{self, Explorer, Way, Why};
use serde_json::{Value, json};

/// What was asked of a path.
pub(super) struct Asked<'a> {
    pub(super) path: &'a str,
    pub(super) why: Why,
    pub(super) way: Way,
    /// The look-up of where it leads, if links lead elsewhere.
    pub(super) led: Option<Why>,
}

impl<'a> Asked<'a> {
    pub(super) fn of(explorer: &Explorer, path: &'a str) -> Self {
        let sheets = explorer.stack.sheets();
        let why = explore::why(sheets, path.as_bytes());
        let way = explore::way(&explorer.stack, path.as_bytes());
        let led = (!way.links.is_empty()).then(|| explore::why(sheets, &way.leads_to));
        Self { path, why, way, led }
    }

    /// Neither the name nor what it leads to is there.
    pub(super) fn is_missing(&self) -> bool {
        self.why.provider.is_none() && self.way.provider.is_none()
    }

    pub(super) fn json(&self) -> Value {
        let mut object = json!(self.why);
        object["links"] = json!(self.way.links);
        object["leads_to"] = json!(self.way.leads_to);
        object["leads_to_provider"] = json!(self.way.provider);
        object["oddities"] = json!(self.way.oddities);
        object["warnings"] = json!(self.way.oddities.iter().map(ToString::to_string).collect::<Vec<_>>());
        if let Some((path, layer)) = &self.way.behind {
            object["was"] = json!({"path": path, "provider": layer});
        }
        object
    }
}
