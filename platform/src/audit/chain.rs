//! The hash chain: each event's hash takes in the one before.
//!
//! h₀ = SHA-256("groundcrew-audit-v1" ‖ 00 ‖ chain id ‖ "genesis");
//! hₙ = SHA-256("groundcrew-audit-v1" ‖ 00 ‖ chain id ‖ n ‖ `recorded_at` ‖ hₙ₋₁ ‖ SHA-256(canonical)),
//! n and the microseconds since 1970 as 8 bytes, big endian. `audit.hash_of` is the same in SQL.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A hash of the chain or the tree.
pub type Hash = [u8; 32];

const DOMAIN: &[u8] = b"groundcrew-audit-v1\0";

/// The hash before the first event.
pub fn genesis(chain: Uuid) -> Hash {
    Sha256::new()
        .chain_update(DOMAIN)
        .chain_update(chain.as_bytes())
        .chain_update(b"genesis")
        .finalize()
        .into()
}

/// The hash of event `seq`, recorded at `micros` since 1970, after `previous`.
pub fn hash(chain: Uuid, seq: i64, micros: i64, previous: &Hash, canonical: &str) -> Hash {
    Sha256::new()
        .chain_update(DOMAIN)
        .chain_update(chain.as_bytes())
        .chain_update(seq.to_be_bytes())
        .chain_update(micros.to_be_bytes())
        .chain_update(previous)
        .chain_update(Sha256::digest(canonical.as_bytes()))
        .finalize()
        .into()
}
