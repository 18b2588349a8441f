//! All environments a person may know of; none exist before the first request is carried out.

use crate::prelude::*;
use leptos_meta::Title;

use crate::ui::{ButtonLink, Card, Empty, Glyph, PageHead};

/// The page.
pub(crate) fn list() -> AnyView {
    let actions = || view! { <ButtonLink href="/catalog">"Browse catalog"</ButtonLink> };
    view! {
        <Title text="Environments" />
        <div class="page">
            <PageHead title="Environments" />
            <Card>
                <Empty glyph=Glyph::Environment title="No environments yet" actions>
                    "An environment of your team will stand here with its tier, state, lease, drift and monthly cost. It begins with a request from the catalog; those you run elsewhere are not listed."
                </Empty>
            </Card>
        </div>
    }
    .into_any()
}
