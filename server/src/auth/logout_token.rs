//! Judging a logout token: our own code, the library has none.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use openidconnect::{
    JsonWebKey as _, SignatureVerificationError,
    core::{CoreJsonWebKey, CoreJsonWebKeyType, CoreJwsSigningAlgorithm},
};
use platform::sessions::ops::ProviderLogout;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    claims::SKEW,
    issuers::{Algorithm, IssuerSettings},
    jwks::Keys,
    oidc::Issuer,
};

/// The event that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Seconds a logout token may be old.
const OLDEST: i64 = 300;
/// Bytes a logout token may have.
const LONGEST: usize = 16 * 1024;

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audiences,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(default)]
    events: Map<String, Value>,
    sub: Option<String>,
    sid: Option<String>,
    nonce: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audiences {
    One(String),
    Many(Vec<String>),
}

impl Audiences {
    fn fine(&self, settings: &IssuerSettings) -> bool {
        let list = match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        };
        list.contains(&settings.client_id)
            && list
                .iter()
                .all(|aud| *aud == settings.client_id || settings.audiences.contains(aud))
    }
}

/// Everything the token must be, or the rule it breaks.
pub(super) async fn verify(
    issuer: &Issuer,
    token: &str,
    now: Timestamp,
) -> Result<ProviderLogout, &'static str> {
    let settings = &issuer.settings;
    if token.len() > LONGEST {
        return Err("size");
    }
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("form");
    };
    let header: Header = decode(head).ok_or("form")?;
    let claims: Claims = decode(body).ok_or("claims")?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| "form")?;
    let typ = header.typ.as_deref().map(str::to_ascii_lowercase);
    if !matches!(
        typ.as_deref(),
        Some("logout+jwt" | "application/logout+jwt")
    ) {
        return Err("typ");
    }
    if header.crit.is_some() {
        return Err("crit");
    }
    let alg = algorithm(settings, &header.alg).ok_or("algorithm")?;
    let signed = &token.as_bytes()[..head.len() + 1 + body.len()];
    signed_by(issuer, header.kid.as_deref(), &alg, signed, &signature).await?;
    judge(settings, &claims, now.as_second())?;
    Ok(ProviderLogout {
        issuer: settings.id.clone(),
        iss: claims.iss,
        jti: claims.jti,
        sid: claims.sid,
        sub: claims.sub,
        issued_at: claims.iat,
    })
}

fn judge(settings: &IssuerSettings, claims: &Claims, now: i64) -> Result<(), &'static str> {
    let short = |text: &str| (1..=255).contains(&text.len()) && !text.chars().any(char::is_control);
    let rules = [
        ("issuer", claims.iss == settings.issuer),
        ("audience", claims.aud.fine(settings)),
        ("iat", (now - OLDEST..=now + SKEW).contains(&claims.iat)),
        ("exp", claims.exp > now),
        (
            "event",
            claims.events.get(EVENT).is_some_and(Value::is_object),
        ),
        ("nonce", claims.nonce.is_none()),
        ("jti", short(&claims.jti)),
        ("whom", claims.sub.is_some() || claims.sid.is_some()),
        ("sub", claims.sub.as_deref().is_none_or(short)),
        ("sid", claims.sid.as_deref().is_none_or(short)),
    ];
    rules
        .into_iter()
        .find(|(_, holds)| !holds)
        .map_or(Ok(()), |(rule, _)| Err(rule))
}

/// The configured algorithm of this name; every other name is refused.
fn algorithm(settings: &IssuerSettings, name: &str) -> Option<CoreJwsSigningAlgorithm> {
    let (wanted, alg) = match name {
        "RS256" => (
            Algorithm::RS256,
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        ),
        "PS256" => (Algorithm::PS256, CoreJwsSigningAlgorithm::RsaSsaPssSha256),
        "ES256" => (Algorithm::ES256, CoreJwsSigningAlgorithm::EcdsaP256Sha256),
        "EdDSA" => (Algorithm::EdDSA, CoreJwsSigningAlgorithm::EdDsa),
        _ => return None,
    };
    settings.algorithms.contains(&wanted).then_some(alg)
}

/// By exactly one key of the provider; a missing key or a bad signature asks for newer keys once.
async fn signed_by(
    issuer: &Issuer,
    kid: Option<&str>,
    alg: &CoreJwsSigningAlgorithm,
    signed: &[u8],
    signature: &[u8],
) -> Result<(), &'static str> {
    let known = issuer.known().await.map_err(|_| "discovery")?;
    let keys = known.keys.current().await;
    match check(&keys, kid, alg, signed, signature) {
        Err("key" | "signature") => match known.keys.newer(&keys, &issuer.http).await {
            Some(newer) => check(&newer, kid, alg, signed, signature),
            None => Err("signature"),
        },
        other => other,
    }
}

fn check(
    keys: &Keys,
    kid: Option<&str>,
    alg: &CoreJwsSigningAlgorithm,
    signed: &[u8],
    signature: &[u8],
) -> Result<(), &'static str> {
    let fits = |key: &&CoreJsonWebKey| {
        *key.key_type() == key_type(alg)
            && kid.is_none_or(|kid| key.key_id().is_some_and(|id| id.as_str() == kid))
    };
    let mut fitting = keys.keys().iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (None, _) => Err("key"),
        (Some(_), Some(_)) => Err("ambiguous_key"),
        (Some(key), None) => key
            .verify_signature(alg, signed, signature)
            .map_err(|error| match error {
                SignatureVerificationError::CryptoError(_) => "signature",
                _ => "key",
            }),
    }
}

fn key_type(alg: &CoreJwsSigningAlgorithm) -> CoreJsonWebKeyType {
    match alg {
        CoreJwsSigningAlgorithm::EcdsaP256Sha256 => CoreJsonWebKeyType::EllipticCurve,
        CoreJwsSigningAlgorithm::EdDsa => CoreJsonWebKeyType::OctetKeyPair,
        _ => CoreJsonWebKeyType::RSA,
    }
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
