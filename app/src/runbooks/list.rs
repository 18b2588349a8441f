//! All runbooks; there are none before the platform repository holds some.

use crate::prelude::*;
use leptos_meta::Title;

use crate::ui::{ButtonLink, Card, Empty, Glyph, PageHead};

/// The page.
pub(crate) fn list() -> AnyView {
    let actions = || view! { <ButtonLink href="/search">"Search pages and people"</ButtonLink> };
    view! {
        <Title text="Runbooks" />
        <div class="page">
            <PageHead title="Runbooks" />
            <Card>
                <Empty glyph=Glyph::Runbook title="No runbooks yet" actions>
                    "Runbooks will come from the platform repository, found by service, alert or symptom, with the steps that can be run from here. Until then use the ones you have where they are."
                </Empty>
            </Card>
        </div>
    }
    .into_any()
}
