//! One session in the list.

use crate::prelude::*;
use platform::{policy::Action, sessions::Session, step_up::Purpose};

use crate::ui::{Button, Cell, Look, Size, Tag, Td, Th, Time, Tr};

/// The row. This session ends by itself; another asks for a fresh sign-in first.
#[component]
pub(super) fn SessionRow(session: Session) -> AnyView {
    let name = browser(&session);
    let address = session.ip.clone().unwrap_or_else(|| "unknown".to_owned());
    let current = session
        .current
        .then(|| view! { " " <Tag text="This session" /> });
    let sub = format!("by {}, label {}", session.issuer, short(&session));
    let end = if session.current {
        end_here(&session)
    } else {
        end_there(&session)
    };
    view! {
        <Tr>
            <Th sub>{name} {current}</Th>
            <Td label="Address">
                <span class="mono">{address}</span>
            </Td>
            <Td label="Signed in">
                <Time at=session.created_at />
            </Td>
            <Td label="Last used">
                <Time at=session.last_seen_at />
            </Td>
            <Td cell=Cell::Actions>{end}</Td>
        </Tr>
    }
    .into_any()
}

fn end_here(session: &Session) -> AnyView {
    view! {
        <form method="post" action="/fn/sessions/end">
            <input type="hidden" name="input[label]" value=session.label.to_string() />
            <Button kind="submit" size=Size::Small>
                "End and sign out"
            </Button>
        </form>
    }
    .into_any()
}

fn end_there(session: &Session) -> AnyView {
    let purpose = Purpose::new(Action::SessionEnd, session.label).to_string();
    let back = format!("/sessions?end={}", session.label);
    view! {
        <form method="post" action="/auth/step-up">
            <input type="hidden" name="purpose" value=purpose />
            <input type="hidden" name="return_to" value=back />
            <Button kind="submit" size=Size::Small look=Look::Danger>
                "End"
            </Button>
        </form>
    }
    .into_any()
}

/// Last digits of the label: the first ones are the time and alike.
fn short(session: &Session) -> String {
    let label = session.label.to_string();
    label.rsplit('-').next().unwrap_or_default().to_owned()
}

/// What a person calls their browser: the products the agent names, best known first.
pub(super) fn browser(session: &Session) -> String {
    let Some(agent) = session.agent.as_deref() else {
        return "Unknown browser".to_owned();
    };
    let first = |known: &[(&str, &'static str)]| {
        known
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let product = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (product, system) {
        (Some(product), Some(system)) => format!("{product} on {system}"),
        (Some(product), None) => product.to_owned(),
        (None, _) => agent.chars().take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_becomes_a_name_people_know() {
        let of = |agent: &str| {
            browser(&Session {
                label: uuid::Uuid::nil(),
                current: false,
                issuer: "demo".into(),
                ip: None,
                agent: Some(agent.into()),
                created_at: platform::time::Timestamp::UNIX_EPOCH,
                last_seen_at: platform::time::Timestamp::UNIX_EPOCH,
                absolute_until: platform::time::Timestamp::UNIX_EPOCH,
            })
        };
        assert_eq!(
            of(
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
            ),
            "Chrome on Linux"
        );
        assert_eq!(
            of("Mozilla/5.0 (iPhone; CPU iPhone OS 19 like Mac OS X) Safari/604.1"),
            "Safari on iPhone"
        );
        assert_eq!(of("SomeTool"), "SomeTool");
    }
}
