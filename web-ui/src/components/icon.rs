//! The page's few drawings, as vectors: they need no font and follow the text's colour.

use yew::prelude::*;

/// A drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    /// An arrow back.
    Undo,
    /// An arrow forth.
    Redo,
    /// A layer that cannot be written.
    Lock,
    /// A layer that can.
    Pen,
    /// What is seen.
    Eye,
    /// Light and dark.
    Contrast,
    /// Sheets on each other.
    Stack,
    /// Run this.
    Play,
    /// An address.
    Link,
    /// Lessons.
    Book,
    /// A file to open.
    Open,
    /// Put this away.
    Close,
}

/// Draws it; names are said by the text beside it.
pub(crate) fn icon(which: Icon) -> Html {
    let path = match which {
        Icon::Undo => "M7.500 4 4 7.500 7.500 11M4 7.500h8a4.500 4.500 0 0 1 0 9H8",
        Icon::Redo => "M12.500 4 16 7.500 12.500 11M16 7.500H8a4.500 4.500 0 0 0 0 9h4",
        Icon::Lock => "M5 9h10v8H5ZM7 9V6.500a3 3 0 0 1 6 0V9",
        Icon::Pen => "m4 16 1-4 8-8 3 3-8 8Zm8-11 3 3",
        Icon::Eye => {
            "M2 10s3-5.500 8-5.500S18 10 18 10s-3 5.500-8 5.500S2 10 2 10Zm8-2.200a2.200 2.200 0 1 0 0 4.400 2.200 2.200 0 0 0 0-4.400Z"
        }
        Icon::Contrast => "M10 3a7 7 0 1 0 0 14ZM10 3a7 7 0 0 1 0 14",
        Icon::Stack => "m10 3 7 4-7 4-7-4ZM3 10.500l7 4 7-4",
        Icon::Play => "M6 4v12l10-6Z",
        Icon::Link => {
            "M8.500 11.500a3.500 3.500 0 0 0 5 0l3-3a3.500 3.500 0 0 0-5-5l-1 1M11.500 8.500a3.500 3.500 0 0 0-5 0l-3 3a3.500 3.500 0 0 0 5 5l1-1"
        }
        Icon::Close => "m5 5 10 10M15 5 5 15",
        Icon::Open => "M3 16V5h5l2 2.500h7V16ZM10 14.500v-4M8 12l2-2 2 2",
        Icon::Book => {
            "M10 5.500C8 4 5.500 3.800 3 4v11.500c2.500-.2 5 0 7 1.500 2-1.500 4.500-1.700 7-1.500V4c-2.500-.2-5 0-7 1.500ZM10 5.500V17"
        }
    };
    let class = classes!("icon", matches!(which, Icon::Contrast).then_some("half"));
    html! { <svg {class} viewBox="0 0 20 20" aria-hidden="true" focusable="false"><path d={path} /></svg> }
}

/// The mark of the laboratory: three sheets.
pub(crate) fn brand() -> Html {
    html! {
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path class="m1" d="M12 2.500 22 8l-10 5.500L2 8Z" />
            <path class="m2" d="m2 12.200 10 5.500 10-5.500" />
            <path class="m3" d="m2 16.500 10 5.500 10-5.500" />
        </svg>
    }
}
