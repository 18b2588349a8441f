//! The list's address: filter and place live in it.

use platform::jobs::{
    JobState,
    view::{Cursor, Filter},
};

use crate::{links::encode, sheet::Place};

/// Filter and place of an address.
pub(crate) fn read(place: &Place) -> (Filter, Cursor) {
    let filter = Filter {
        state: place.some("state").and_then(|word| JobState::parse(&word)),
        live: place.some("live").is_some(),
        team: place.some("team"),
        environment: place.some("environment"),
        mine: place.some("mine").is_some(),
        text: place.some("text"),
    };
    let cursor = match (place.number("before"), place.number("after")) {
        (Some(number), _) => Cursor::OlderThan(number),
        (None, Some(number)) => Cursor::NewerThan(number),
        (None, None) => Cursor::Newest,
    };
    (filter, cursor)
}

/// The list with this filter, at this place.
pub(super) fn write(filter: &Filter, cursor: Cursor) -> String {
    let place = match cursor {
        Cursor::Newest => None,
        Cursor::OlderThan(number) => Some(("before", number.to_string())),
        Cursor::NewerThan(number) => Some(("after", number.to_string())),
    };
    let pairs: Vec<String> = fields(filter)
        .into_iter()
        .chain(place)
        .map(|(name, value)| format!("{name}={}", encode(&value)))
        .collect();
    if pairs.is_empty() {
        "/jobs".to_owned()
    } else {
        format!("/jobs?{}", pairs.join("&"))
    }
}

/// The fields that are set, by name.
pub(super) fn fields(filter: &Filter) -> Vec<(&'static str, String)> {
    let flag = |on: bool| on.then(|| "1".to_owned());
    [
        ("state", filter.state.map(|state| state.name().to_owned())),
        ("live", flag(filter.live)),
        ("team", filter.team.clone()),
        ("environment", filter.environment.clone()),
        ("mine", flag(filter.mine)),
        ("text", filter.text.clone()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_the_way_there_and_back() {
        let filter = Filter {
            state: Some(JobState::Failed),
            mine: true,
            text: Some("a b&c".into()),
            ..Filter::default()
        };
        let address = write(&filter, Cursor::OlderThan(7));
        assert_eq!(address, "/jobs?state=failed&mine=1&text=a%20b%26c&before=7");
        let place = Place {
            id: String::new(),
            query: address.trim_start_matches("/jobs").to_owned(),
        };
        assert_eq!(read(&place), (filter, Cursor::OlderThan(7)));
        assert_eq!(write(&Filter::default(), Cursor::Newest), "/jobs");
    }
}
