//! The two kinds of cookies: the session, and one short-lived half of each open flow.

use axum::http::{HeaderMap, HeaderValue, header};

/// The session's cookie. The prefix binds it to this host, path / and https.
pub(super) const SESSION: &str = "__Host-groundcrew";
/// A flow's cookie; eight hex digits of the state's hash follow, so tabs do not disturb each other.
const FLOW: &str = "__Host-groundcrew-flow-";

/// The one value of a cookie. Sent twice, it is none: somebody planted one of them.
pub(super) fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = pairs(headers)
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Whether the browser sent the cookie at all.
pub(super) fn sent(headers: &HeaderMap, name: &str) -> bool {
    pairs(headers).any(|(key, _)| key == name)
}

/// Names and values of the flow cookies the browser holds.
pub(super) fn flows(headers: &HeaderMap) -> Vec<(String, String)> {
    pairs(headers)
        .filter(|(name, value)| name.starts_with(FLOW) && !value.is_empty() && value.len() <= 64)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Name of the cookie of the flow with this state.
pub(super) fn flow_name(state: &str) -> String {
    let hash = hex::encode(platform::secrets::sha256(state.as_bytes()));
    format!("{FLOW}{}", &hash[..8])
}

/// Sets a cookie for as long as the browser runs; for `seconds` when given.
pub(super) fn set(name: &str, value: &str, seconds: Option<u32>) -> HeaderValue {
    let age = seconds
        .map(|seconds| format!("; Max-Age={seconds}"))
        .unwrap_or_default();
    header_value(&format!(
        "{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}"
    ))
}

/// Removes a cookie: browsers heed this only with the attributes it was set with.
pub(super) fn remove(name: &str) -> HeaderValue {
    header_value(&format!(
        "{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
    ))
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("names are ours, values are base64url")
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}
