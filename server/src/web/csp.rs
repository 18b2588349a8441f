//! Content security policy, one nonce per answer.

use axum::http::HeaderValue;
use base64::{Engine, engine::general_purpose::STANDARD};
use url::Url;

/// Allows the inline scripts of one answer: 128 random bits in base64. In the extensions of every
/// request; the application hands it on to Leptos.
pub use app::PageNonce as Nonce;

/// A new one.
pub(super) fn mint() -> Nonce {
    Nonce(STANDARD.encode(random_16()).into())
}

/// 128 random bits of the system's generator.
pub(super) fn random_16() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system's random generator works");
    bytes
}

/// The policy for an answer with this nonce. Forms may lead to our own origin and those issuers.
pub(super) fn policy(nonce: &Nonce, issuers: &[Url]) -> HeaderValue {
    let mut origins: Vec<String> = issuers
        .iter()
        .map(|endpoint| endpoint.origin().ascii_serialization())
        .collect();
    origins.sort_unstable();
    origins.dedup();
    let forms = std::iter::once("'self'".to_owned()).chain(origins);
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{n}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{n}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
         manifest-src 'self'; form-action {forms}; base-uri 'none'; object-src 'none'; \
         frame-ancestors 'none'; report-to csp; report-uri /reports/csp",
        n = nonce.0,
        forms = forms.collect::<Vec<_>>().join(" "),
    );
    HeaderValue::try_from(policy).expect("base64 and serialised origins make a header value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_33_the_policy_is_the_one_on_the_security_page() {
        let issuers = [
            Url::parse("https://id.example/authorize").expect("a URL"),
            Url::parse("https://id.example/logout").expect("a URL"),
        ];
        let policy = policy(&Nonce("N".into()), &issuers);
        insta::assert_snapshot!(policy.to_str().expect("ASCII"), @"default-src 'none'; script-src 'nonce-N' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self' 'nonce-N'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self' https://id.example; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; report-to csp; report-uri /reports/csp");
    }

    #[test]
    fn security_33_nonces_differ_and_have_128_bits() {
        let (a, b) = (mint(), mint());
        assert_ne!(a.0, b.0);
        assert_eq!(STANDARD.decode(&*a.0).expect("base64").len(), 16);
    }
}
