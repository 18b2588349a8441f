//! All requests of my teams; none exist before there is a template.

use crate::prelude::*;
use leptos_meta::Title;

use crate::ui::{ButtonLink, Card, Empty, Glyph, PageHead};

/// The page.
pub(crate) fn list() -> AnyView {
    let actions = || view! { <ButtonLink href="/catalog">"Browse catalog"</ButtonLink> };
    view! {
        <Title text="Requests" />
        <div class="page">
            <PageHead title="Requests" />
            <Card>
                <Empty glyph=Glyph::Request title="No requests yet" actions>
                    "A request will show its plan, cost, policy results and approvals from the form to the result. It begins with a template of the catalog."
                </Empty>
            </Card>
        </div>
    }
    .into_any()
}
