//! All templates; there are none before the platform repository holds some.

use crate::prelude::*;
use leptos_meta::Title;
use platform::policy::Action;

use crate::{
    context,
    routes::offered,
    ui::{ButtonLink, Card, Empty, Glyph, PageHead},
};

/// The page.
pub(crate) fn list() -> AnyView {
    let admin = offered(&context::me(), Action::AdminView);
    let text = if admin {
        "Templates come from the platform repository: each shows its owner, tiers, usual time, monthly cost and the approval it will need. The synced version holds teams and roles, and no templates."
    } else {
        "Each template will show its owner, tiers, usual time, monthly cost and the approval it will need. Your platform engineers add them to the platform repository; until then ask them for an environment as before."
    };
    let actions = move || {
        if admin {
            view! { <ButtonLink href="/admin" icon=Glyph::Admin>"See the platform repository"</ButtonLink> }.into_any()
        } else {
            view! { <ButtonLink href="/">"Go to Home"</ButtonLink> }.into_any()
        }
    };
    view! {
        <Title text="Catalog" />
        <div class="page">
            <PageHead title="Catalog" />
            <Card>
                <Empty glyph=Glyph::Catalog title="No templates yet" actions>
                    {text}
                </Empty>
            </Card>
        </div>
    }
    .into_any()
}
