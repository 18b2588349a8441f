//! People and teams: initials and a name. The initials are decoration.

use crate::prelude::*;

use super::classes;

/// Initials in a circle, or in a square for a team.
#[component]
pub fn Avatar(
    /// The whole name.
    #[prop(into)]
    name: String,
    /// Whether it is a team.
    #[prop(optional)]
    team: bool,
    /// Larger, for the top bar.
    #[prop(optional)]
    medium: bool,
) -> AnyView {
    let team_class = if team { "avatar--team" } else { "" };
    let size = if medium { "avatar--md" } else { "" };
    view! {
        <span class=classes(["avatar", size, team_class]) aria-hidden="true">
            {initials(&name)}
        </span>
    }
    .into_any()
}

/// Initials and name of a person.
#[component]
pub fn Person(
    /// The whole name.
    #[prop(into)]
    name: String,
) -> AnyView {
    view! {
        <span class="person">
            <Avatar name=name.clone() />
            {name}
        </span>
    }
    .into_any()
}

/// First letters of the first and the last word; of one word its first two.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().unwrap_or_default();
    let letters: String = match words.next_back() {
        Some(last) => first.chars().take(1).chain(last.chars().take(1)).collect(),
        None => first.chars().take(2).collect(),
    };
    letters.to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_come_from_the_first_and_the_last_word() {
        assert_eq!(initials("Lena Hartmann"), "LH");
        assert_eq!(initials("Ana Sofia de Souza"), "AS");
        assert_eq!(initials("Payments"), "PA");
        assert_eq!(initials("élodie Ødegård"), "ÉØ");
        assert_eq!(initials(""), "");
    }
}
