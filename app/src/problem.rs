//! What a page shows instead of its work: who may open it, that it is not there, that it failed.

use crate::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use platform::Error;

use crate::{
    AppError, context, links,
    ui::{ButtonLink, Callout, Card, Empty, Glyph, Look, PageHead, Tone},
};

/// A whole page that could not be shown. Keeps the page's own heading and sets the status.
#[component]
pub(crate) fn Problem(
    /// What went wrong.
    error: AppError,
    /// Title of the page that was asked for.
    title: &'static str,
) -> AnyView {
    context::set_status(error.error.status());
    if error.error == Error::Unauthenticated {
        let ended = context::session().ended;
        Effect::new(move |_| ended.set(true));
    }
    view! {
        <Title text=title />
        <div class="page">
            <PageHead title=title />
            <Card>
                <Message error />
            </Card>
        </div>
    }
    .into_any()
}

#[component]
fn Message(error: AppError) -> AnyView {
    let trace = (!error.trace.is_empty()).then_some(error.trace);
    let home = || view! { <ButtonLink href="/">"Go to Home"</ButtonLink> };
    match error.error {
        Error::Forbidden { missing } => view! {
            <Empty glyph=Glyph::Lock title="You may not see this page" trace actions=home>
                {format!(
                    "It {missing}. Roles come from the groups your identity provider names: ask whoever runs this portal for the group that holds it, then sign in again.",
                )}
            </Empty>
        }
        .into_any(),
        Error::NotFound => view! {
            <Empty glyph=Glyph::Search title="It is not here" trace actions=home>
                "It was removed, or the address is not quite right, or it is not for you to know of."
            </Empty>
        }
        .into_any(),
        Error::Unauthenticated => view! { <Ended /> }.into_any(),
        Error::Unavailable => view! {
            <Empty glyph=Glyph::WifiOff title="The portal cannot be reached" trace actions=again>
                "The network, or a part the portal needs, does not answer. Nothing is lost; try again in a moment."
            </Empty>
        }
        .into_any(),
        Error::TooMany { retry_after_s } => view! {
            <Empty glyph=Glyph::Hourglass title="Too many requests" trace actions=again>
                {format!("Wait {retry_after_s} seconds, then try again.")}
            </Empty>
        }
        .into_any(),
        _ => view! {
            <Empty glyph=Glyph::StateFailed title="This page could not be made" trace actions=again>
                "The cause is in the server's log. If it happens again, tell your platform team the trace id."
            </Empty>
        }
        .into_any(),
    }    .into_any()
}

fn again() -> AnyView {
    let location = use_location();
    let here = move || format!("{}{}", location.pathname.get(), location.search.get());
    view! {
        <a class="btn" href=here rel="external">
            "Try again"
        </a>
    }
    .into_any()
}

#[component]
fn Ended() -> AnyView {
    let location = use_location();
    let sign_in = links::sign_in(&location.pathname.get_untracked());
    view! {
        <Empty
            glyph=Glyph::Lock
            title="Your session ended"
            actions=move || {
                view! {
                    <ButtonLink href=sign_in.clone() look=Look::Primary>
                        "Sign in again"
                    </ButtonLink>
                }
            }
        >
            "It was idle for 30 minutes, open for 12 hours, or ended from another place. You come back to this page."
        </Empty>
    }    .into_any()
}

/// Why an act did not work, beside the thing it was about.
#[component]
pub(crate) fn Refused(
    /// What went wrong.
    error: AppError,
    /// Whether it was to change something.
    #[prop(default = true)]
    act: bool,
) -> AnyView {
    if error.error == Error::Unauthenticated {
        let ended = context::session().ended;
        Effect::new(move |_| ended.set(true));
    }
    let trace = (!error.trace.is_empty()).then_some(error.trace);
    let text = match error.error {
        Error::Forbidden { missing } => format!("It {missing}."),
        Error::NotFound => "It is no longer there.".to_owned(),
        Error::Invalid { field, why } => format!("{field}: {why}"),
        Error::Conflict { why } => why,
        Error::StepUpRequired => "It needs a fresh sign-in first.".to_owned(),
        Error::TooMany { retry_after_s } => format!("Too many tries. Wait {retry_after_s} seconds."),
        Error::Unauthenticated => "Your session ended. Sign in again, then repeat it.".to_owned(),
        Error::Unavailable => "A part the portal needs does not answer. Try again in a moment.".to_owned(),
        Error::Gone | Error::Outdated => "It is over.".to_owned(),
        Error::Internal => "The cause is in the server's log. If it happens again, tell your platform team the trace id.".to_owned(),
    };
    view! {
        <Callout tone=Tone::Danger title=if act { "Nothing was changed" } else { "A part of this page could not be loaded" } alert=true trace=trace>
            {text}
        </Callout>
    }
    .into_any()
}
