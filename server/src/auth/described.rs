//! What a provider says of a person: name and e-mail for display, groups for the mapping.

use std::collections::BTreeSet;

use openidconnect::{UserInfoClaims, core::CoreGenderClaim};
use platform::people::GroupsClaim;
use serde_json::Value;

use super::{
    claims::{Claims, Extra},
    issuers::IssuerSettings,
};

/// Groups that are still a list; more are "too many".
const MOST_GROUPS: usize = 2000;

/// Name and e-mail for display: from the ID token, else from userinfo; the subject when there is none.
pub(super) fn display(
    claims: &Claims,
    more: Option<&UserInfoClaims<Extra, CoreGenderClaim>>,
) -> (String, Option<String>) {
    let spoken = |name: Option<&openidconnect::LocalizedClaim<openidconnect::EndUserName>>| {
        name.and_then(|name| name.get(None))
            .map(|name| name.to_string())
    };
    let name = spoken(claims.name())
        .or_else(|| spoken(more.and_then(UserInfoClaims::name)))
        .or_else(|| claims.preferred_username().map(|name| name.to_string()))
        .or_else(|| {
            more.and_then(UserInfoClaims::preferred_username)
                .map(|name| name.to_string())
        })
        .map(|name| tidy(&name))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| tidy(claims.subject().as_str()));
    let email = claims
        .email()
        .or_else(|| more.and_then(UserInfoClaims::email));
    (name, email.and_then(|email| text(email, 320)))
}

/// Groups from the ID token, else from userinfo, and how they arrived.
pub(super) fn groups(
    settings: &IssuerSettings,
    token: &Extra,
    more: Option<&UserInfoClaims<Extra, CoreGenderClaim>>,
) -> (BTreeSet<String>, GroupsClaim) {
    let sources = [Some(token), more.map(UserInfoClaims::additional_claims)];
    let mut nothing = GroupsClaim::Missing;
    for source in sources.into_iter().flatten() {
        match named(&settings.groups_claim, source) {
            (groups, GroupsClaim::Present) => return (groups, GroupsClaim::Present),
            (_, GroupsClaim::Missing) => {}
            (_, other) => nothing = other,
        }
    }
    (BTreeSet::new(), nothing)
}

fn named(claim: &str, source: &Extra) -> (BTreeSet<String>, GroupsClaim) {
    let none = BTreeSet::new();
    let elsewhere = source
        .all
        .get("_claim_names")
        .and_then(|names| names.get(claim))
        .is_some();
    let marked = source
        .all
        .get("hasgroups")
        .is_some_and(|mark| mark == true || mark == "true");
    match source.all.get(claim) {
        _ if elsewhere || marked => (none, GroupsClaim::TooMany),
        None => (none, GroupsClaim::Missing),
        Some(Value::Array(items)) if items.len() > MOST_GROUPS => (none, GroupsClaim::TooMany),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            let groups = items
                .iter()
                .filter_map(Value::as_str)
                .filter_map(|name| text(name, 256));
            (groups.collect(), GroupsClaim::Present)
        }
        Some(_) => (none, GroupsClaim::WrongType),
    }
}

/// The text itself when it is short and holds no control character: kept whole or not at all.
pub(super) fn text(text: &str, longest: usize) -> Option<String> {
    let fine = !text.is_empty() && text.len() <= longest && !text.chars().any(char::is_control);
    fine.then(|| text.to_owned())
}

/// A name for display: without control characters, at most 200 characters.
fn tidy(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect::<String>()
        .trim()
        .to_owned()
}
