//! Signed in, and nothing to see: why, and what to ask for.

use crate::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use platform::people::GroupsClaim;

use crate::{
    context,
    ui::{Button, Callout, Fact, Facts, Glyph, Look, PageHead, Tone},
};

/// Stands in for every page. Only Home is the person's own, and answers 200.
pub(crate) fn page() -> AnyView {
    let path = use_location().pathname.get_untracked();
    if path != "/" {
        context::set_status(403);
    }
    let viewer = context::viewer();
    let me = context::me();
    let ask = match me.groups {
        GroupsClaim::Present => {
            "Ask your team lead or the platform team for the group of your team, then sign in again: groups are read at sign-in."
        }
        GroupsClaim::Missing | GroupsClaim::WrongType | GroupsClaim::TooMany => {
            "This is for whoever runs the identity provider and this portal, not for you: give them the trace id. Then sign in again."
        }
    };
    view! {
        <Title text="No access yet" />
        <div class="page page--narrow">
            <PageHead title="No access yet" />
            <div class="stack stack--md">
                <Callout tone=Tone::Warn title=format!("You are signed in as {}, without a role", me.name)>
                    {me.groups.why_no_roles()}
                </Callout>
                <Facts>
                    <Fact term="What to do">{ask}</Fact>
                    <Fact term="Trace id">
                        <span class="mono">{viewer.trace}</span>
                    </Fact>
                </Facts>
                <form method="post" action="/auth/sign-out">
                    <Button kind="submit" look=Look::Primary icon=Glyph::Logout>
                        "Sign out"
                    </Button>
                </form>
            </div>
        </div>
    }
    .into_any()
}
