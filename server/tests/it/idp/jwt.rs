//! Making tokens, sound and forged.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
        RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PSS_SHA256, RsaKeyPair,
    },
};
use serde_json::{Value, json};

/// A key pair.
#[derive(Clone)]
pub(crate) enum Key {
    /// RSA of 2048 bits.
    Rsa(Arc<RsaKeyPair>),
    /// P-256.
    Ec(Arc<EcdsaKeyPair>),
    /// Ed25519.
    Ed(Arc<Ed25519KeyPair>),
}

/// How tokens are signed.
#[derive(Clone)]
pub(crate) enum Signer {
    /// With a key, by the header's `alg`.
    Key(Key),
    /// HMAC with these bytes.
    Hmac(Vec<u8>),
    /// Not at all.
    Nothing,
}

impl Key {
    /// The provider's first key.
    pub(crate) fn rsa_a() -> Self {
        Self::rsa(include_bytes!("../keys/rsa-a.der"))
    }

    /// Another key: the next one, or a forger's.
    pub(crate) fn rsa_b() -> Self {
        Self::rsa(include_bytes!("../keys/rsa-b.der"))
    }

    fn rsa(der: &[u8]) -> Self {
        Self::Rsa(Arc::new(RsaKeyPair::from_der(der).expect("a test key")))
    }

    /// A fresh P-256 key.
    pub(crate) fn ec() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .expect("generated");
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random);
        Self::Ec(Arc::new(key.expect("just made")))
    }

    /// A fresh Ed25519 key.
    pub(crate) fn ed() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("generated");
        Self::Ed(Arc::new(
            Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("just made"),
        ))
    }

    /// The public half as a JWK; without an id when `kid` is empty.
    pub(crate) fn public(&self, kid: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match self {
            Self::Rsa(key) => {
                let public: ring::rsa::PublicKeyComponents<Vec<u8>> = key.public().into();
                json!({"kty": "RSA", "n": text(&public.n), "e": text(&public.e)})
            }
            Self::Ec(key) => {
                let point = &key.public_key().as_ref()[1..];
                json!({"kty": "EC", "crv": "P-256", "x": text(&point[..32]), "y": text(&point[32..])})
            }
            Self::Ed(key) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": text(key.public_key().as_ref())})
            }
        };
        jwk["use"] = "sig".into();
        if !kid.is_empty() {
            jwk["kid"] = kid.into();
        }
        jwk
    }

    fn sign(&self, alg: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let padding: &dyn ring::signature::RsaEncoding = match alg {
                    "PS256" => &RSA_PSS_SHA256,
                    "RS384" => &RSA_PKCS1_SHA384,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(padding, &random, message, &mut signature)
                    .expect("signed");
                signature
            }
            Self::Ec(key) => key
                .sign(&random, message)
                .expect("signed")
                .as_ref()
                .to_vec(),
            Self::Ed(key) => key.sign(message).as_ref().to_vec(),
        }
    }
}

impl Signer {
    /// A compact token.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let alg = header["alg"].as_str().unwrap_or_default();
        let signature = match self {
            Self::Key(key) => key.sign(alg, message.as_bytes()),
            Self::Hmac(secret) => {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
                ring::hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
            }
            Self::Nothing => Vec::new(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
