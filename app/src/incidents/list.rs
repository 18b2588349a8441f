//! Open and past incidents; nothing reports here yet.

use crate::prelude::*;
use leptos_meta::Title;

use crate::ui::{ButtonLink, Card, Empty, Glyph, PageHead};

/// The page.
pub(crate) fn list() -> AnyView {
    let actions = || view! { <ButtonLink href="/runbooks">"See runbooks"</ButtonLink> };
    view! {
        <Title text="Incidents" />
        <div class="page">
            <PageHead title="Incidents" />
            <Card>
                <Empty glyph=Glyph::Incident title="No incident is open" actions>
                    "An open incident will show its severity, who is on it, its alerts and its timeline. Nothing reports to this portal yet: trust your monitoring and pager, not this page."
                </Empty>
            </Card>
        </div>
    }
    .into_any()
}
