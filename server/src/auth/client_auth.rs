//! `private_key_jwt` (RFC 7523): the portal signs a short assertion instead of sending a secret.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use serde_json::{Value, json};

/// Value of `client_assertion_type`.
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Seconds an assertion is good for.
const LIFE: i64 = 60;

/// The portal's private key at one provider.
pub enum ClientKey {
    /// RSA, signs RS256.
    Rsa(RsaKeyPair),
    /// P-256, signs ES256.
    Ec(EcdsaKeyPair),
    /// Ed25519, signs `EdDSA`.
    Ed(Ed25519KeyPair),
}

impl ClientKey {
    /// Reads a PEM file: RSA of at least 2048 bits (PKCS#8 or PKCS#1), P-256 or Ed25519 (PKCS#8).
    pub fn from_pem(pem: &str) -> Option<Self> {
        let body: String = pem
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("-----"))
            .collect();
        let der = STANDARD.decode(body).ok()?;
        let rsa = || {
            RsaKeyPair::from_pkcs8(&der)
                .or_else(|_| RsaKeyPair::from_der(&der))
                .ok()
        };
        let ec = || {
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, &SystemRandom::new())
                .ok()
        };
        let ed = || Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).ok();
        rsa()
            .map(Self::Rsa)
            .or_else(|| ec().map(Self::Ec))
            .or_else(|| ed().map(Self::Ed))
    }

    const fn alg(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
        }
    }

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .ok()?;
                Some(signature)
            }
            Self::Ec(key) => Some(key.sign(&random, message).ok()?.as_ref().to_vec()),
            Self::Ed(key) => Some(key.sign(message).as_ref().to_vec()),
        }
    }
}

/// An assertion for one token request. Nothing when the system has no randomness.
pub(super) fn assertion(
    key: &ClientKey,
    client_id: &str,
    audience: &str,
    now: Timestamp,
) -> Option<String> {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({"alg": key.alg(), "typ": "JWT"});
    let claims = json!({
        "iss": client_id, "sub": client_id, "aud": audience, "jti": platform::secrets::token(),
        "iat": now.as_second(), "exp": now.as_second() + LIFE,
    });
    let message = format!("{}.{}", part(&header), part(&claims));
    let signature = key.sign(message.as_bytes())?;
    Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
