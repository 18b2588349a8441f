//! Secrets at rest: values sealed with AES-256-GCM-SIV (RFC 8452) under a data key of their own.
//!
//! The data key is wrapped by a key-encryption key that lives outside the database. Where a value
//! stands (table, column, row, version) is associated data: a ciphertext moved elsewhere does not
//! open. The wrapped key binds the key id too, so a rewrap leaves values alone.

mod keyring;
pub mod rewrap;
mod seal;

#[cfg(test)]
mod tests;

pub use keyring::{KeyError, Keyring};
pub use seal::{OpenError, Place};

/// Fresh random bytes from the system's generator.
///
/// # Panics
/// When the system has no randomness: nothing safe can be done then.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system generator answers");
    bytes
}

/// A random token of 256 bits, base64url without padding.
pub fn token() -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(random::<32>())
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}
