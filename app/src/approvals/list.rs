//! What waits for a decision of mine.

use crate::prelude::*;
use leptos_meta::Title;

use crate::ui::{ButtonLink, Card, Empty, Glyph, PageHead};

/// The page.
pub(crate) fn list() -> AnyView {
    let actions = || view! { <ButtonLink href="/">"See my roles"</ButtonLink> };
    view! {
        <Title text="Approvals" />
        <div class="page">
            <PageHead title="Approvals" />
            <Card>
                <Empty glyph=Glyph::Hourglass title="Nothing waits for you" actions>
                    "Requests that need your decision will stand here, oldest first, each with the plan you decide on. You decide for the teams you lead and the functions you hold; Home says which."
                </Empty>
            </Card>
        </div>
    }
    .into_any()
}
