//! Where to go after a sign-in: a local path, or home.

use url::Url;

const LONGEST: usize = 2048;

/// The path as it was asked for when it is local, else `/`.
pub(super) fn local(asked: &str, public_url: &Url) -> String {
    if is_local(asked, public_url) {
        asked.to_owned()
    } else {
        "/".to_owned()
    }
}

fn is_local(asked: &str, public_url: &Url) -> bool {
    asked.len() <= LONGEST && stays(asked, public_url) && stays(&decoded(asked), public_url)
}

/// One slash, then neither slash nor backslash; nothing browsers read as something else; our origin.
fn stays(path: &str, public_url: &Url) -> bool {
    let mut chars = path.chars();
    chars.next() == Some('/')
        && !matches!(chars.next(), Some('/' | '\\'))
        && !path.chars().any(|c| c.is_control() || c == '\\')
        && public_url.join(path).is_ok_and(|joined| {
            joined.origin() == public_url.origin()
                && joined.username().is_empty()
                && !joined.path().starts_with("//")
                && !(joined.path() == "/auth" || joined.path().starts_with("/auth/"))
        })
}

/// Percent-decoded once; bytes that are no UTF-8 become the replacement character.
fn decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(escaped.unwrap_or(bytes[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Url, local};

    #[test]
    fn security_13_only_local_paths_are_gone_back_to() {
        let ours = Url::parse("https://portal.example.com").expect("a URL");
        for fine in [
            "/",
            "/requests?state=open",
            "/a/b#c",
            "/caf%C3%A9",
            "/authors",
        ] {
            assert_eq!(local(fine, &ours), fine);
        }
        let long = format!("/{}", "a".repeat(3 * 1024));
        for bad in [
            "",
            "x",
            "//x",
            "/\\x",
            "\\\\x",
            "https:x",
            "https://portal.example.com/",
            "/%0d%0a",
            "/%5cx",
            "/a%5cb",
            "/\tx",
            "/a\tb",
            "/%09/x",
            "javascript:alert(1)",
            "//user@x",
            "/%2fx",
            "/%2f%2fx",
            "/auth",
            "/auth/start",
            "/auth/callback/x?code=1",
            "/x/../auth/start",
            "/%61uth/start",
            "/./auth/start",
            "/a/..//x",
            "/\u{85}x",
            &long,
        ] {
            assert_eq!(local(bad, &ours), "/", "{bad:?}");
        }
    }
}
