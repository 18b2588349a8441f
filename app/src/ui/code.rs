//! A command, or what one printed.

use crate::prelude::*;

use super::CopyButton;

/// Text as it is, scrolling sideways.
#[component]
pub fn Code(
    /// What it is, for those who cannot see it: "Command".
    #[prop(into)]
    label: String,
    /// The text.
    #[prop(into)]
    text: String,
    /// A bar above it: "output, exit 0". Brings the button that copies.
    #[prop(optional, into)]
    bar: Option<String>,
) -> AnyView {
    let bar = bar.map(|bar| {
        view! {
            <div class="code__bar">
                <span>{bar}</span>
                <span class="spacer"></span>
                <CopyButton what=label.to_lowercase() value=text.clone() />
            </div>
        }
    });
    view! {
        <div class="code">
            {bar} <pre tabindex="0" role="region" aria-label=label>
                <code>{text}</code>
            </pre>
        </div>
    }
    .into_any()
}
