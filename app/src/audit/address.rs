//! The list's address: filter and place live in it, so a view can be shared and works without
//! script.

use leptos_router::params::ParamsMap;
use platform::audit::view::{Cursor, Filter};

use crate::links::encode;

/// Filter and place of an address.
pub(super) fn read(query: &ParamsMap) -> (Filter, Cursor) {
    let field = |name| query.get(name).unwrap_or_default().trim().to_owned();
    let filter = Filter {
        actor: field("actor"),
        action: field("action"),
        outcome: field("outcome"),
        target: field("target"),
        from: field("from"),
        to: field("to"),
        text: field("text"),
    };
    let place = |name| query.get(name).and_then(|seq| seq.parse().ok());
    let cursor = match (place("before"), place("after")) {
        (Some(seq), _) => Cursor::OlderThan(seq),
        (None, Some(seq)) => Cursor::NewerThan(seq),
        (None, None) => Cursor::Newest,
    };
    (filter, cursor)
}

/// The list with this filter, at this place.
pub(super) fn write(filter: &Filter, cursor: Cursor) -> String {
    let place = match cursor {
        Cursor::Newest => None,
        Cursor::OlderThan(seq) => Some(("before", seq.to_string())),
        Cursor::NewerThan(seq) => Some(("after", seq.to_string())),
    };
    with_query("/audit", filter, place)
}

/// A file of the events that match.
pub(super) fn file(name: &str, filter: &Filter) -> String {
    with_query(&format!("/api/v1/audit/{name}"), filter, None)
}

/// The list without one field.
pub(super) fn without(filter: &Filter, names: &[&str]) -> String {
    let mut filter = filter.clone();
    for name in names {
        match *name {
            "actor" => filter.actor.clear(),
            "action" => filter.action.clear(),
            "outcome" => filter.outcome.clear(),
            "target" => filter.target.clear(),
            "from" => filter.from.clear(),
            "to" => filter.to.clear(),
            _ => filter.text.clear(),
        }
    }
    write(&filter, Cursor::Newest)
}

fn with_query(path: &str, filter: &Filter, more: Option<(&str, String)>) -> String {
    let fields = filter.fields();
    let pairs: Vec<String> = fields
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .chain(more.map(|(name, value)| format!("{name}={value}")))
        .collect();
    if pairs.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", pairs.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_the_way_there_and_back() {
        let filter = Filter {
            actor: "sync".into(),
            text: "a b&c".into(),
            ..Filter::default()
        };
        let address = write(&filter, Cursor::OlderThan(7));
        assert_eq!(address, "/audit?actor=sync&text=a%20b%26c&before=7");
        let mut query = ParamsMap::new();
        for (name, value) in [("actor", "sync"), ("text", "a b&c"), ("before", "7")] {
            query.insert(name, value.to_owned());
        }
        assert_eq!(read(&query), (filter.clone(), Cursor::OlderThan(7)));
        assert_eq!(without(&filter, &["text"]), "/audit?actor=sync");
        assert_eq!(without(&Filter::default(), &["from", "to"]), "/audit");
    }
}
