//! The inspector: what a path is, why it is seen or not, and one deletion in its three forms.

use std::rc::Rc;

use layerlab_core::kernel::FileType;
use layerlab_core::view::{Deletion, Explained, Host, PathEntry, Screen, Stack};
use yew::prelude::*;

use super::host::about;
use super::units::{bytes, kind_name, row_name};
use super::why::Why;
use crate::text::{Text, use_text};
use crate::visible;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct InspectorProps {
    /// The screen whose path is explained.
    pub(crate) screen: Rc<Screen>,
    /// The layer of the disk that is explained instead.
    pub(crate) host: Option<(Rc<Host>, usize)>,
}

/// The inspector.
#[component]
pub(crate) fn Inspector(props: &InspectorProps) -> Html {
    let text = use_text();
    let screen = &props.screen;
    html! {
        <aside class="inspector" aria-label={text.get("inspect.name")} tabindex="0">
            { match (&screen.stack, &screen.explained) {
                _ if props.host.is_some() => props.host.iter().map(|(host, at)| about(host, &host.layers[*at], &text)).collect(),
                (Some(stack), Some(explained)) => html! {
                    <>
                        { facts(stack, explained, &text) }
                        <Why screen={screen.clone()} />
                        if let Some(deletion) = &explained.deletion { { forms(deletion, &text) } }
                    </>
                },
                _ => html! { <p class="empty">{ text.get("inspect.nothing") }</p> },
            } }
        </aside>
    }
}

fn facts(stack: &Stack, explained: &Explained, text: &Text) -> Html {
    let provider = explained.provider.and_then(|row| stack.rows.get(row as usize));
    html! {
        <>
            <h2 class="over">{ text.get("inspect.selected") }</h2>
            <p class="path">{ super::units::breakable(&visible::line(&explained.path)) }</p>
            <dl>
                <dt>{ text.get("inspect.merged") }</dt>
                <dd>{ match &explained.seen {
                    Some(entry) => html! { <b class="good">{ kind_name(entry, text) }</b> },
                    None if explained.deletion.is_some() => html! { <b class="bad">{ text.get("inspect.gone") }</b> },
                    None => html! { <b>{ text.get("inspect.none") }</b> },
                } }</dd>
                if let Some(row) = provider {
                    <dt>{ text.get("inspect.from") }</dt>
                    <dd>{ row_name(row, text) }</dd>
                }
                if let Some(entry) = &explained.seen {
                    <dt>{ text.get("inspect.mode") }</dt>
                    <dd><code>{ mode(entry) }</code></dd>
                    <dt>{ text.get("inspect.owner") }</dt>
                    <dd><code>{ format!("{}:{}", entry.uid, entry.gid) }</code></dd>
                    if let Some(target) = &entry.target {
                        <dt>{ text.get("inspect.target") }</dt>
                        <dd><code>{ visible::line(target) }</code></dd>
                    } else if entry.kind == FileType::File {
                        <dt>{ text.get("inspect.size") }</dt>
                        <dd>{ bytes(entry.size) }</dd>
                    }
                }
                if explained.hidden_bytes > 0 {
                    <dt>{ text.get("inspect.hidden") }</dt>
                    <dd>{ bytes(explained.hidden_bytes) }</dd>
                }
                if explained.deletion.is_some() {
                    <dt>{ text.get("inspect.freed") }</dt>
                    <dd>{ bytes(0) }</dd>
                }
            </dl>
        </>
    }
}

fn forms(deletion: &Deletion, text: &Text) -> Html {
    let row = |name: &str, value: &[u8]| {
        html! { <><dt>{ text.get(name) }</dt><dd><code>{ visible::line(value) }</code></dd></> }
    };
    html! {
        <>
            <h2 class="over">{ text.get("forms.title") }</h2>
            <dl>
                { row("forms.kernel", &deletion.kernel) }
                { row("forms.tar", &deletion.tar) }
                { row("forms.diff", &deletion.diff) }
            </dl>
        </>
    }
}

/// Type and permission as `ls -l` writes them.
pub(super) fn mode(entry: &PathEntry) -> String {
    let bit = |bit: u32, letter: char| if entry.mode & bit == 0 { '-' } else { letter };
    let special =
        |on: u32, exec: u32, both: char, alone: char| match (entry.mode & on != 0, entry.mode & exec != 0) {
            (true, true) => both,
            (true, false) => alone,
            (false, true) => 'x',
            (false, false) => '-',
        };
    [
        entry.kind.letter(),
        bit(0o400, 'r'),
        bit(0o200, 'w'),
        special(0o4000, 0o100, 's', 'S'),
        bit(0o040, 'r'),
        bit(0o020, 'w'),
        special(0o2000, 0o010, 's', 'S'),
        bit(0o004, 'r'),
        bit(0o002, 'w'),
        special(0o1000, 0o001, 't', 'T'),
    ]
    .iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_as_ls_writes_them() {
        let entry = |kind, mode| PathEntry { kind, size: 0, mode, uid: 0, gid: 0, target: None };
        assert_eq!(mode(&entry(FileType::File, 0o644)), "-rw-r--r--");
        assert_eq!(mode(&entry(FileType::Dir, 0o1777)), "drwxrwxrwt");
        assert_eq!(mode(&entry(FileType::File, 0o4711)), "-rws--x--x");
        assert_eq!(mode(&entry(FileType::File, 0o2640)), "-rw-r-S---");
    }
}
