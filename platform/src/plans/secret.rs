//! Codes for secret values: a changed secret changes the digest, and shows nothing.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use super::{
    canonical::{self, NoPlan},
    value,
};

/// The key of a stack. Never in a plan, never with the child.
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// From 64 hex digits.
    pub fn from_hex(digits: &str) -> Option<Self> {
        let mut key = [0; 32];
        hex::decode_to_slice(digits, &mut key).ok()?;
        Some(Self(key))
    }

    /// From 32 bytes.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The marker for a secret value at a place. The place is under the code: equal secrets in two
    /// places have different codes.
    pub fn seal(&self, place: &str, secret: &Value) -> Result<Value, NoPlan> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0)
            .map_err(|_| NoPlan::Malformed("the stack's key does not fit".into()))?;
        mac.update(b"groundcrew-plan-secret-v1\n");
        mac.update(&u64::try_from(place.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(place.as_bytes());
        mac.update(canonical::encode(secret)?.as_bytes());
        Ok(value::sensitive(&hex::encode(mac.finalize().into_bytes())))
    }
}
