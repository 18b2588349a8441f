//! Figures from the portal's own records; there are none yet.

use crate::prelude::*;
use leptos_meta::Title;

use crate::ui::{ButtonLink, Card, Empty, Glyph, PageHead};

/// The page.
pub(crate) fn show() -> AnyView {
    let actions = || view! { <ButtonLink href="/requests">"See requests"</ButtonLink> };
    view! {
        <Title text="Insights" />
        <div class="page">
            <PageHead title="Insights" />
            <Card>
                <Empty glyph=Glyph::Insights title="Nothing to measure yet" actions>
                    "Cost by team against its budget, time from request to result, waiting time for approvals and drift will be drawn here from the portal's own records. The first figures come with the first requests."
                </Empty>
            </Card>
        </div>
    }
    .into_any()
}
