//! The shape of what is being loaded.

use crate::prelude::*;

/// A card of rows to come. Says once that something loads.
#[component]
pub fn SkeletonRows(
    /// What loads: "environments".
    #[prop(into)]
    what: String,
    /// How many rows.
    #[prop(default = 4)]
    rows: usize,
) -> AnyView {
    let rows: Vec<_> = (0..rows)
        .map(|row| {
            view! {
                <li>
                    <SkeletonBar width=[4, 5, 3, 4][row % 4] />
                    <SkeletonBar width=1 />
                    <span class="spacer"></span>
                    <SkeletonBar width=1 />
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="card" aria-busy="true">
            <p class="sr-only" role="status">
                "Loading "
                {what}
            </p>
            <ul class="rows" aria-hidden="true">
                {rows}
            </ul>
        </div>
    }
    .into_any()
}

/// A line of text to come.
#[component]
pub fn SkeletonBar(
    /// Tenths of the width there is, 1 to 10.
    #[prop(default = 10)]
    width: u8,
) -> AnyView {
    view! { <span class="skeleton" data-w=width.to_string()></span> }.into_any()
}
