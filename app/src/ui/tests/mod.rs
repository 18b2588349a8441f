//! Renders components as the server does and looks at what an assistive
//! technology, a style sheet or a browser without script would find.

mod basic;
mod forms;
mod work;

use crate::prelude::*;

/// The markup of a view, without the empty comments that mark text for hydration.
fn html<V: RenderHtml>(view: impl FnOnce() -> V) -> String {
    Owner::new()
        .with(|| view().to_html())
        .replace("<!>", "")
        .replace("<!---->", "")
}
