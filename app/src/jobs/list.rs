//! All jobs; none exist before the first request is carried out.

use crate::prelude::*;
use leptos_meta::Title;

use crate::ui::{ButtonLink, Card, Empty, Glyph, PageHead};

/// The page.
pub(crate) fn list() -> AnyView {
    let actions = || view! { <ButtonLink href="/requests">"See requests"</ButtonLink> };
    view! {
        <Title text="Jobs" />
        <div class="page">
            <PageHead title="Jobs" />
            <Card>
                <Empty glyph=Glyph::Job title="No jobs yet" actions>
                    "A job will show its steps, attempts and live log, and what it waits for while it is queued. Jobs begin when a request is carried out or a runbook step is run."
                </Empty>
            </Card>
        </div>
    }
    .into_any()
}
