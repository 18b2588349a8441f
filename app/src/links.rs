//! Addresses of this portal: the few that carry something.

use std::fmt::Write as _;

use leptos::attr::{Attribute, custom::custom_attribute};

/// The sign-in page that leads back to `path`.
pub(crate) fn sign_in(path: &str) -> String {
    if path == "/" || !is_local(path) {
        "/sign-in".to_owned()
    } else {
        format!("/sign-in?return_to={}", encode(path))
    }
}

/// The search page with a question.
pub(crate) fn search(text: &str) -> String {
    format!("/search?q={}", encode(text))
}

/// Whether a path stays on this portal: one slash, then neither slash nor backslash, nothing that
/// a browser strips or turns into one.
pub(crate) fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.contains(char::is_control)
        && path.len() <= 2048
}

/// For a link that changes a part of its page: the page stays where it is scrolled to.
pub(crate) fn still() -> impl Attribute {
    custom_attribute("noscroll", "")
}

/// Percent-encodes a value of a query.
pub(crate) fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => {
                let _infallible = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::{is_local, sign_in};

    #[test]
    fn sign_in_leads_back_to_our_own_pages_only() {
        assert_eq!(sign_in("/"), "/sign-in");
        assert_eq!(
            sign_in("/audit?actor=a b&x=1"),
            "/sign-in?return_to=/audit%3Factor%3Da%20b%26x%3D1"
        );
        for foreign in ["//x", "/\\x", "https://x", "/a\tb", "", "x"] {
            assert!(!is_local(foreign), "{foreign}");
            assert_eq!(sign_in(foreign), "/sign-in");
        }
    }
}
