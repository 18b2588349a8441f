//! Notes: reason, IP, agent and every free text of an event, sealed beside the chain.
//!
//! The event holds SHA-256(salt ‖ text); salt and text are sealed together, so erasing the note
//! leaves the chain whole and nothing to guess from.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{
    canonical::{self, NotCanonical, Value},
    chain::Hash,
};
use crate::secrets::{Keyring, OpenError, Place, random, sha256};

const SALT: usize = 32;

/// A sealed note and the hash the event commits to it by.
pub struct SealedNote {
    /// What `audit.note.body` holds.
    pub body: Vec<u8>,
    /// What the event holds.
    pub commitment: Hash,
}

/// Seals a note for its event.
pub fn seal(
    keys: &Keyring,
    event: Uuid,
    note: &BTreeMap<&'static str, String>,
) -> Result<SealedNote, NotCanonical> {
    let object = note
        .iter()
        .map(|(key, text)| ((*key).into(), text.clone().into()))
        .collect();
    let mut plain = random::<SALT>().to_vec();
    plain.extend(canonical::encode(&Value::Object(object))?.into_bytes());
    let commitment = sha256(&plain);
    let row = event.to_string();
    Ok(SealedNote {
        body: keys.seal(place(&row), &plain),
        commitment,
    })
}

/// Opens a note; answers its text and the commitment it stands for.
pub fn open(keys: &Keyring, event: &str, body: &[u8]) -> Result<(String, Hash), OpenError> {
    let plain = keys.open(place(event), body)?;
    let text = plain.get(SALT..).ok_or(OpenError::Format)?;
    let text = String::from_utf8(text.to_vec()).map_err(|_| OpenError::Format)?;
    Ok((text, sha256(&plain)))
}

/// Bound to the event's id, which is known before its place in the chain.
fn place(event: &str) -> Place<'_> {
    Place {
        table: "audit.note",
        column: "body",
        row: event,
        version: 1,
    }
}
