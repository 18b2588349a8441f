//! What an admin sees of a person, and may do.

use crate::prelude::*;
use leptos_router::hooks::use_query_map;
use platform::{
    people::{PersonId, Shown},
    policy::Action,
    step_up::Purpose,
};

use super::server::{Whom, sessions_of, shown_to_admin};
use crate::{
    answer::ask,
    page::part,
    ui::{Button, Callout, Card, Fact, Facts, Look, Section, Tag, Time, Tone},
};

/// How the person signs in, and the switch.
#[component]
pub(super) fn ForAdmin(id: PersonId, mine: bool) -> AnyView {
    let known = ask(
        || (),
        move |()| async move {
            let person = shown_to_admin(Whom { id }).await?;
            let sessions = sessions_of(Whom { id }).await?;
            Ok((person, sessions.len()))
        },
    );
    part(known, move |(person, sessions)| {
        sign_in(person, sessions, mine)
    })
}

fn sign_in(person: Shown, sessions: usize, mine: bool) -> AnyView {
    let groups: Vec<_> = person
        .groups
        .iter()
        .map(|group| view! { <Tag text=group.clone() mono=true /> }.into_any())
        .collect();
    let groups = if groups.is_empty() {
        person.groups_claim.why_no_roles().into_any()
    } else {
        groups.into_any()
    };
    let state = match person.disabled_at {
        Some(at) => view! { "Disabled " <Time at /> }.into_any(),
        None => "May sign in".into_any(),
    };
    let switch = (!mine).then(|| switch(&person, sessions));
    view! {
        <Section title="Sign-in" id="h-sign-in">
            <Card pad=true>
                <Facts>
                    <Fact term="State">{state}</Fact>
                    <Fact term="Identity provider">
                        <span class="mono">{person.issuer.clone()}</span>
                    </Fact>
                    <Fact term="Last sign-in">
                        <Time at=person.last_sign_in_at />
                    </Fact>
                    <Fact term="Sessions now">{sessions}</Fact>
                    <Fact term="Groups then">{groups}</Fact>
                </Facts>
            </Card>
        </Section>
        {switch}
    }
    .into_any()
}

/// First the fresh sign-in, then the button that does it.
fn switch(person: &Shown, sessions: usize) -> AnyView {
    let id = person.id.0.to_string();
    let disabled = person.disabled_at.is_some();
    let wanted = if disabled { "enable" } else { "disable" };
    let confirmed = use_query_map().get_untracked().get("confirmed").as_deref() == Some(wanted);
    let purpose = Purpose::new(Action::PersonDisable, &id).to_string();
    let (title, text) = if disabled {
        (
            "Let this person back in",
            "They can sign in again; sessions that ended stay ended.".to_owned(),
        )
    } else {
        (
            "Disable this person",
            format!(
                "Their {sessions} sessions end at once and they cannot sign in here. What they did stays on record."
            ),
        )
    };
    let form = if confirmed {
        view! {
            <form method="post" action=format!("/fn/people/{wanted}")>
                <input type="hidden" name="input[id]" value=id />
                <Button kind="submit" look=Look::DangerSolid>
                    {if disabled { "Let back in now" } else { "Disable now" }}
                </Button>
            </form>
        }
        .into_any()
    } else {
        view! {
            <form method="post" action="/auth/step-up">
                <input type="hidden" name="purpose" value=purpose />
                <input
                    type="hidden"
                    name="return_to"
                    value=format!("/people/{id}?confirmed={wanted}")
                />
                <Button kind="submit" look=Look::Danger>
                    "Confirm who you are first"
                </Button>
            </form>
        }
        .into_any()
    };
    view! {
        <Callout tone=Tone::Warn title=title>
            <p>{text}</p>
            {form}
        </Callout>
    }
    .into_any()
}
