//! `private_key_jwt` (RFC 7523): the portal signs a short assertion instead of sending a secret.

#![expect(
    clippy::disallowed_methods,
    reason = "the key is opened where it signs"
)]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use openidconnect::{
    PrivateSigningKey as _,
    core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

/// Value of `client_assertion_type`.
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An assertion for one token request, good for a minute.
pub(super) fn assertion(
    key: &SecretString,
    client_id: &str,
    audience: &str,
    now: Timestamp,
) -> Result<String, &'static str> {
    let pem = key.expose_secret();
    let claims = json!({
        "iss": client_id, "sub": client_id, "aud": audience,
        "iat": now.as_second(), "exp": now.as_second() + 60,
        "jti": platform::secrets::token(),
    });
    if let Ok(rsa) = CoreRsaPrivateSigningKey::from_pem(pem, None) {
        return signed("RS256", &claims, |message| {
            rsa.sign(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, message)
                .ok()
        });
    }
    let ed25519 = CoreEdDsaPrivateSigningKey::from_ed25519_pem(pem, None)
        .map_err(|_| "the private key is neither RSA (PKCS#1 PEM) nor Ed25519 (PKCS#8 PEM)")?;
    signed("EdDSA", &claims, |message| {
        ed25519.sign(&CoreJwsSigningAlgorithm::EdDsa, message).ok()
    })
}

fn signed(
    alg: &str,
    claims: &serde_json::Value,
    sign: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Result<String, &'static str> {
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!(
        "{}.{}",
        part(&json!({"alg": alg, "typ": "JWT"})),
        part(claims)
    );
    let signature = sign(message.as_bytes()).ok_or("the private key does not sign")?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
