//! The page. Its forms are plain: they work before and without wasm.

use crate::prelude::*;
use leptos_meta::{Body, Title};
use leptos_router::hooks::use_query_map;
use platform::sessions::SignInProblem;

use crate::{
    context,
    layout::Mark,
    links,
    ui::{Button, ButtonLink, Callout, Glyph, Icon, Look, PageHead, Size, Tone},
    viewer::IssuerLink,
};

/// The page.
pub(crate) fn page() -> AnyView {
    let viewer = context::viewer();
    let query = use_query_map().get_untracked();
    let problem = query
        .get("error")
        .as_deref()
        .and_then(SignInProblem::of_code);
    let reference = query.get("ref").filter(|text| is_reference(text));
    let signed_out = query.get("signed_out").is_some() && problem.is_none();
    let return_to = query.get("return_to").filter(|path| links::is_local(path));
    if viewer.me.is_some() {
        return confirm(problem, reference);
    }
    let title = if viewer.company.is_empty() {
        "Sign in to Groundcrew".to_owned()
    } else {
        format!("Sign in to Groundcrew of {}", viewer.company)
    };
    let issuers = viewer.issuers;
    let alone = issuers.len() == 1;
    let none = issuers.is_empty();
    let forms: Vec<_> = issuers
        .into_iter()
        .map(|issuer| view! { <Start issuer alone return_to=return_to.clone() /> }.into_any())
        .collect();
    view! {
        <Title text="Sign in" />
        <Body {..} class="login" />
        <main class="login__main" id="main">
            <div class="login__card">
                <div class="login__brand">
                    <Mark />
                    <h1>{title}</h1>
                </div>
                {problem
                    .map(|problem| {
                        view! {
                            <Callout
                                tone=Tone::Danger
                                title=problem.title()
                                alert=true
                                trace=reference
                            >
                                {problem.text()}
                            </Callout>
                        }
                    })}
                {signed_out
                    .then(|| {
                        view! {
                            <div role="status">
                                <Callout tone=Tone::Ok title="You are signed out">
                                    "Close this window on a shared computer: your identity provider may still know you."
                                </Callout>
                            </div>
                        }
                    })}
                {forms}
                {none
                    .then(|| {
                        view! {
                            <Callout tone=Tone::Warn title="No identity provider is configured">
                                "Whoever runs this portal sets one in its issuers file; there is no other way in."
                            </Callout>
                        }
                    })}
                <details class="more login__more">
                    <summary>
                        <span class="chev">
                            <Icon glyph=Glyph::ChevronRight />
                        </span>
                        "Cannot sign in?"
                    </summary>
                    <p class="small soft">
                        "This portal has no passwords of its own: your company's identity provider decides who you are. If it refuses you, ask its administrators; if this page does, give your platform team the trace id it shows."
                    </p>
                </details>
            </div>
        </main>
    }
    .into_any()
}

/// Whoever is signed in comes here only when a fresh sign-in did not work out.
fn confirm(problem: Option<SignInProblem>, reference: Option<String>) -> AnyView {
    let callout = problem.map(|problem| {
        view! {
            <Callout tone=Tone::Danger title=problem.title() alert=true trace=reference>
                {problem.text()}
            </Callout>
        }
    });
    view! {
        <Title text="Confirm who you are" />
        <div class="page page--narrow">
            <PageHead title="Confirm who you are" />
            <div class="stack stack--md">
                {callout}
                <p class="lede">
                    "You are still signed in, and nothing was changed. Go back to where you were and try again."
                </p>
                <div class="row">
                    <ButtonLink href="/sessions">"Go to my sessions"</ButtonLink>
                    <ButtonLink href="/">"Go to Home"</ButtonLink>
                </div>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Start(issuer: IssuerLink, alone: bool, return_to: Option<String>) -> AnyView {
    let label = if alone {
        "Continue with single sign-on".to_owned()
    } else {
        format!("Continue with {}", issuer.title)
    };
    let look = if alone { Look::Primary } else { Look::Plain };
    view! {
        <form method="post" action="/auth/start">
            <input type="hidden" name="issuer" value=issuer.id />
            {return_to.map(|path| view! { <input type="hidden" name="return_to" value=path /> })}
            <Button kind="submit" look size=Size::Large block=true icon=Glyph::Key>
                {label}
            </Button>
        </form>
    }
    .into_any()
}

/// Trace ids are shown as they are; anything else in the address is not ours to show.
fn is_reference(text: &str) -> bool {
    (8..=36).contains(&text.len()) && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}
