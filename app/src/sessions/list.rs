//! My sessions.

use crate::prelude::*;
use leptos_router::hooks::use_query_map;
use platform::{
    policy::Action,
    sessions::{ABSOLUTE_HOURS, IDLE_MINUTES, PER_PERSON, STEP_UP_MINUTES, Session},
    step_up::Purpose,
};

use super::{row::SessionRow, server::listed};
use crate::{
    answer::ask,
    page::loaded,
    ui::{Button, Callout, Column, Glyph, Look, PageHead, Table, Tone},
};

/// The page.
pub(crate) fn list() -> AnyView {
    loaded("Sessions", ask(|| (), |()| listed()), work)
}

fn work(sessions: Vec<Session>) -> AnyView {
    let confirmed = use_query_map().get_untracked().get("end");
    let several = sessions.len() > 1;
    let others = (several && confirmed.as_deref() != Some("others")).then(EndOthers);
    let columns = vec![
        Column::new("Browser"),
        Column::new("Address"),
        Column::new("Signed in"),
        Column::new("Last used"),
        Column::actions("End"),
    ];
    let ending = confirmed.and_then(|which| confirmation(&which, &sessions));
    let rows: Vec<_> = sessions
        .into_iter()
        .map(|session| view! { <SessionRow session /> }.into_any())
        .collect();
    view! {
        <div class="page">
            <PageHead
                title="Sessions"
                meta=|| {
                    view! {
                        <span>{format!("A session ends after {IDLE_MINUTES} minutes without use")}</span>
                        <span>{format!("and after {ABSOLUTE_HOURS} hours in any case")}</span>
                        <span>{format!("{PER_PERSON} at most, the oldest makes room")}</span>
                    }
                }
            />
            <div class="stack stack--md">
                {ending}
                <Table caption="My sessions" columns>
                    {rows}
                </Table>
                {others}
                <p class="lede small">
                    {format!(
                        "Ending another session asks your identity provider to confirm that it is you; the confirmation counts once, for {STEP_UP_MINUTES} minutes. A session you do not know? End it, then tell your security team.",
                    )}
                </p>
            </div>
        </div>
    }
    .into_any()
}

/// After the fresh sign-in: what it was for, and the button that does it.
fn confirmation(which: &str, sessions: &[Session]) -> Option<AnyView> {
    let (title, text, action, label) = if which == "others" {
        let text = format!(
            "{} sessions end at once; this one stays.",
            sessions.len().saturating_sub(1)
        );
        (
            "Confirmed: end all other sessions",
            text,
            "/fn/sessions/end_others",
            None,
        )
    } else {
        let session = sessions
            .iter()
            .find(|session| session.label.to_string() == which)?;
        let text = format!("{} is signed out at once.", super::row::browser(session));
        (
            "Confirmed: end this session",
            text,
            "/fn/sessions/end",
            Some(session.label.to_string()),
        )
    };
    Some(
        view! {
            <Callout
                tone=Tone::Warn
                title=title
                actions=move || {
                    view! {
                        <form method="post" action=action>
                            {label
                                .clone()
                                .map(|label| {
                                    view! { <input type="hidden" name="input[label]" value=label /> }
                                })}
                            <Button kind="submit" look=Look::DangerSolid>
                                "End now"
                            </Button>
                        </form>
                    }
                }
            >
                {text}
            </Callout>
        }
        .into_any(),
    )
}

#[component]
fn EndOthers() -> AnyView {
    let purpose = Purpose::new(Action::SessionEnd, "others").to_string();
    view! {
        <form method="post" action="/auth/step-up">
            <input type="hidden" name="purpose" value=purpose />
            <input type="hidden" name="return_to" value="/sessions?end=others" />
            <Button kind="submit" look=Look::Danger icon=Glyph::Logout>
                "End all other sessions"
            </Button>
        </form>
    }
    .into_any()
}
