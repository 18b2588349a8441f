//! What a client takes (`Accept-Encoding`) and what it has (`If-None-Match`).

use axum::http::{HeaderMap, header};

/// A form in which a file lies in the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Gzip,
    Identity,
}

impl Coding {
    /// What is added to the file's name.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Identity => "",
        }
    }

    /// Its name in `Content-Encoding`; none for the file as it is.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

/// The codings a client takes, smallest first. The file as it is comes last
/// and always: an answer larger than wished beats none.
pub(super) fn codings(headers: &HeaderMap) -> Vec<Coding> {
    let takes = |wanted: &str| {
        let weight = |name: &str| {
            listed(headers, header::ACCEPT_ENCODING).find_map(|item| {
                let (coding, weight) = item.split_once(';').unwrap_or((item, "q=1"));
                coding
                    .trim()
                    .eq_ignore_ascii_case(name)
                    .then(|| weight.trim().to_owned())
            })
        };
        weight(wanted)
            .or_else(|| weight("*"))
            .is_some_and(|weight| !is_zero(&weight))
    };
    let mut codings = Vec::with_capacity(3);
    if takes("br") {
        codings.push(Coding::Brotli);
    }
    if takes("gzip") {
        codings.push(Coding::Gzip);
    }
    codings.push(Coding::Identity);
    codings
}

/// Whether the client holds the file with this tag already.
pub(super) fn knows(headers: &HeaderMap, tag: &str) -> bool {
    listed(headers, header::IF_NONE_MATCH)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// The members of a comma-separated header.
fn listed(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| {
        line.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
    })
}

/// Whether a weight such as `q=0` or `q=0.000` says "not this one".
fn is_zero(weight: &str) -> bool {
    weight
        .strip_prefix(['q', 'Q'])
        .and_then(|rest| rest.trim_start().strip_prefix('='))
        .and_then(|number| number.trim().parse::<f32>().ok())
        .is_some_and(|number| number <= 0.0)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_smallest_accepted_form_comes_first() {
        use Coding::{Brotli, Gzip, Identity};
        for (accepts, codings_expected) in [
            ("gzip, deflate, br, zstd", vec![Brotli, Gzip, Identity]),
            ("gzip;q=1.0, br;q=0", vec![Gzip, Identity]),
            ("BR", vec![Brotli, Identity]),
            ("*", vec![Brotli, Gzip, Identity]),
            ("*, br;q=0.0", vec![Gzip, Identity]),
            ("identity", vec![Identity]),
        ] {
            let headers = with(header::ACCEPT_ENCODING, accepts);
            assert_eq!(codings(&headers), codings_expected, "{accepts}");
        }
        assert_eq!(codings(&HeaderMap::new()), [Identity]);
    }

    #[test]
    fn a_known_tag_is_recognised() {
        for (sent, known) in [
            ("\"a.css.br\"", true),
            ("\"x\", W/\"a.css.br\"", true),
            ("*", true),
            ("\"a.css\"", false),
        ] {
            let headers = with(header::IF_NONE_MATCH, sent);
            assert_eq!(knows(&headers, "\"a.css.br\""), known, "{sent}");
        }
    }
}
