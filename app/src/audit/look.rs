//! How values of an event are shown.

use crate::prelude::*;
use platform::audit::{kind::Kind, view::Entry};

use crate::ui::{Glyph, Icon, Person, Status, Tone, number};

/// Picture, tone and word of an outcome.
pub(super) fn outcome(name: &str) -> AnyView {
    let (glyph, tone, word) = match name {
        "success" => (Glyph::StateCheck, Tone::Ok, "Success"),
        "denied" => (Glyph::StateBan, Tone::Danger, "Denied"),
        _ => (Glyph::StateX, Tone::Warn, "Failure"),
    };
    view! { <Status tone glyph word /> }.into_any()
}

/// Who acted: a name where there is one, else the id.
pub(super) fn actor(entry: &Entry) -> AnyView {
    let id = entry.actor_id.clone().unwrap_or_default();
    match (&*entry.actor_kind, entry.actor_name.clone()) {
        (_, Some(name)) => view! { <Person name /> }.into_any(),
        ("person", None) => view! {
            <span class="person">
                <Icon glyph=Glyph::User />
                <code title=id.clone()>{short(&id)}</code>
            </span>
        }
        .into_any(),
        ("anonymous", None) => view! { <span class="muted">"Nobody signed in"</span> }.into_any(),
        _ => view! {
            <span class="person">
                <Icon glyph=Glyph::Server />
                <code>{id}</code>
            </span>
        }
        .into_any(),
    }
}

/// What it was about.
pub(super) fn object(entry: &Entry) -> AnyView {
    let kind = entry.target_type.clone().unwrap_or_default();
    let id = entry.target_id.clone().unwrap_or_default();
    let count = entry
        .count
        .filter(|count| *count > 1)
        .map(|count| format!(", {} alike", number(count)));
    view! {
        {kind} " " <code title=id.clone()>{short(&id)}</code> {count}
    }
    .into_any()
}

/// What the interface calls an action.
pub(super) fn label(action: &str) -> Option<&'static str> {
    let kind = Kind::ALL.iter().find(|kind| kind.name() == action)?;
    Some(kind.label())
}

/// The last part of an id: ids made at one time begin alike.
pub(super) fn short(id: &str) -> String {
    match id.rsplit_once('-') {
        Some((_, last)) if id.len() == 36 => format!("…{last}"),
        _ if id.chars().count() > 40 => id.chars().take(39).chain(['…']).collect(),
        _ => id.to_owned(),
    }
}

/// The first digits of a hash.
pub(super) fn digits(hash: &str) -> String {
    format!("{}…", hash.get(..6).unwrap_or(hash))
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn ids_are_named_by_their_end() {
        assert_eq!(
            short("0192f1d0-0000-7000-8000-00000000abcd"),
            "…00000000abcd"
        );
        assert_eq!(short("sync"), "sync");
    }
}
