//! The chain as a file: JSON Lines with a signed manifest as evidence, CSV for people.
//!
//! A line is `{"seq","recorded_at","prev_hash","hash","event":<canonical>}`; in a filtered export
//! also `"proof"`, which proves that the event is in the chain. Only an unfiltered range proves that
//! nothing is left out, and the manifest, the last line, says which it is.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    chain::Hash,
    checkpoint::{NoteError, PrivateKey, PublicKey, open},
    verify::Row,
};
use crate::secrets::Keyring;

/// One line of an export.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line<'a> {
    /// Place in the chain.
    pub seq: i64,
    /// When it was recorded, with six digits.
    pub recorded_at: String,
    /// Hash before, hex.
    pub prev_hash: String,
    /// Hash, hex.
    pub hash: String,
    /// The canonical object, byte for byte.
    #[serde(borrow)]
    pub event: &'a serde_json::value::RawValue,
    /// Hashes that lead to the covering checkpoint's root, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Vec<String>>,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trailer {
    /// A [`Manifest`] as JSON, in a signed note.
    pub manifest: String,
}

/// What the file holds, and what it proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this form.
    pub v: u32,
    /// The chain.
    pub chain: Uuid,
    /// Events after this place were asked for.
    pub after: i64,
    /// Events up to this place were looked at.
    pub upto: i64,
    /// How many there are in the file.
    pub events: u64,
    /// Every event of the range is there.
    pub complete: bool,
    /// Filter fields in use.
    pub filter: BTreeMap<String, String>,
    /// SHA-256 of all lines before this one, hex.
    pub sha256: String,
    /// The signed checkpoint the proofs lead to.
    pub checkpoint: Option<String>,
    /// In a complete range that does not begin at 1: an event of the range and its proof.
    pub anchor: Option<Anchor>,
}

/// An event of the range that the checkpoint covers; the links tie the others to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// Its place in the chain.
    pub seq: i64,
    /// Hashes that lead to the checkpoint's root, hex.
    pub proof: Vec<String>,
}

impl Manifest {
    /// Signs it, as the last line of the file.
    pub fn sign(&self, key: &PrivateKey) -> serde_json::Result<String> {
        let manifest = key.sign(&format!("{}\n", serde_json::to_string(self)?));
        Ok(serde_json::to_string(&Trailer { manifest })? + "\n")
    }

    /// Opens the last line of a file.
    pub fn open(line: &str, keys: &[PublicKey]) -> Result<Self, NoteError> {
        let trailer: Trailer = serde_json::from_str(line).map_err(|_| NoteError::Format)?;
        let (text, _) = open(&trailer.manifest, keys)?;
        serde_json::from_str(text).map_err(|_| NoteError::Format)
    }
}

/// The key the portal signs manifests with: from its keyring, not kept anywhere else.
///
/// # Panics
/// Never: a chain's id makes a name that keys may have.
pub fn manifest_key(keys: &Keyring, chain: Uuid) -> PrivateKey {
    let (_, seed) = keys.mac("groundcrew-audit-export-v1", chain.as_bytes());
    PrivateKey::from_seed(&format!("groundcrew/export/{chain}"), &seed)
        .expect("the name holds neither space nor plus sign")
}

/// Writes one event as a line of JSON.
pub fn line(row: &Row, proof: Option<Vec<Hash>>) -> serde_json::Result<String> {
    let line = Line {
        seq: row.seq,
        recorded_at: time(row.micros),
        prev_hash: hex::encode(&row.prev_hash),
        hash: hex::encode(&row.hash),
        event: serde_json::from_str(&row.canonical)?,
        proof: proof.map(|proof| proof.iter().map(hex::encode).collect()),
    };
    Ok(serde_json::to_string(&line)? + "\n")
}

/// The first line of the CSV.
pub const CSV_HEAD: &str = "seq,recorded_at,at,action,outcome,actor_kind,actor_id,target_type,target_id,count,trace,hash\r\n";

/// Writes one event as a line of CSV (RFC 4180), safe to open in a spreadsheet.
pub fn csv(row: &Row) -> serde_json::Result<String> {
    let event: serde_json::Value = serde_json::from_str(&row.canonical)?;
    let text = |path: &str| match event.pointer(path) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    };
    let fields = [
        row.seq.to_string(),
        time(row.micros),
        text("/at"),
        text("/action"),
        text("/outcome"),
        text("/actor/kind"),
        text("/actor/id"),
        text("/target/type"),
        text("/target/id"),
        text("/count"),
        text("/trace"),
        hex::encode(&row.hash),
    ];
    Ok(fields.map(|field| csv_field(&field)).join(",") + "\r\n")
}

/// One field: what a spreadsheet would take for a formula gets a leading `'`.
fn csv_field(text: &str) -> String {
    const FORMULA: [char; 12] = [
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\t', '\r', '\n', '\0',
    ];
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

fn time(micros: i64) -> String {
    Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |at| format!("{at:.6}"))
}

#[cfg(test)]
mod tests {
    use super::csv_field;

    #[test]
    fn security_63_no_field_is_a_formula() {
        for first in "=+-@\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}\t\r\n\0".chars() {
            let field = csv_field(&format!("{first}cmd|'/c calc'!A1"));
            let inside = field.strip_prefix('"').unwrap_or(&field);
            assert!(inside.starts_with('\''), "{field:?}");
        }
        assert_eq!(csv_field("a\"b,c\r\nd"), "\"a\"\"b,c\r\nd\"");
        assert_eq!(csv_field("plain words"), "plain words");
        assert_eq!(csv_field("=1,2"), "\"'=1,2\"");
    }
}
