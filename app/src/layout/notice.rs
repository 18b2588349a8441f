//! How the form sent without script ended: a code and a reference in the address become words here.

use crate::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::ui::{Callout, Tone};

/// The outcome in the address, if any.
#[component]
pub(super) fn Notice() -> AnyView {
    let query = use_query_map();
    let outcome = move || {
        let query = query.read();
        if let Some(code) = query.get("error") {
            let (title, text) = failed(&code);
            let trace = query.get("ref").filter(|reference| reference.len() == 32);
            view! {
                <div class="page notice">
                    <Callout tone=Tone::Danger title=title alert=true trace=trace>
                        {text}
                    </Callout>
                </div>
            }
            .into_any()
        } else if let Some(done) = query.get("done").and_then(|code| done(&code)) {
            view! {
                <div class="page notice" role="status">
                    <Callout tone=Tone::Ok title=done />
                </div>
            }
            .into_any()
        } else {
            ().into_any()
        }
    };
    outcome.into_any()
}

fn failed(code: &str) -> (&'static str, &'static str) {
    match code {
        "forbidden" => (
            "You may not do this",
            "Nothing was changed. The page says who may.",
        ),
        "not_found" => (
            "It is no longer there",
            "Nothing was changed. Somebody else may have ended or removed it.",
        ),
        "invalid" => (
            "Something in the form is not right",
            "Nothing was changed. Check what you entered and send it again.",
        ),
        "conflict" => (
            "It changed in the meantime",
            "Nothing was changed. Look at it as it is now and try again.",
        ),
        "step_up_required" => (
            "This needs a fresh sign-in",
            "Nothing was changed. Confirm who you are, then do it again within 5 minutes.",
        ),
        "too_many" => (
            "Too many tries",
            "Nothing was changed. Wait a minute and try again.",
        ),
        "unavailable" => (
            "A part the portal needs does not answer",
            "Nothing was changed. Try again in a moment.",
        ),
        _ => (
            "That did not work",
            "Nothing was changed. If it happens again, tell your platform team the trace id.",
        ),
    }
}

fn done(code: &str) -> Option<&'static str> {
    match code {
        "sync_asked" => Some("The platform repository is being looked at"),
        "session_ended" => Some("The session is ended"),
        "sessions_ended" => Some("All your other sessions are ended"),
        "person_disabled" => Some("The person is disabled; their sessions are ended"),
        "job_cancelled" => Some("The job was asked to end"),
        "job_retried" => Some("This job repeats the failed one from its failed step"),
        "job_decided" => Some("The decision is on the record"),
        "worker_drained" => Some("The worker gets no more work"),
        "worker_resumed" => Some("The worker gets work again"),
        "worker_revoked" => Some("The worker's token is ended"),
        "lock_broken" => Some("The lock is broken; the next job may take the stack"),
        "person_enabled" => Some("The person may sign in again"),
        _ => None,
    }
}
