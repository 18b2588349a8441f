//! Checkpoints: signed notes in the C2SP format (`c2sp.org/tlog-checkpoint`, `c2sp.org/signed-note`).
//!
//! Keys travel as text too: `name+hash+base64` for the public half, `PRIVATE+KEY+name+hash+base64`
//! for the private one.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use uuid::Uuid;

use super::chain::Hash;
use crate::secrets::sha256;

const ED25519: u8 = 1;

/// What is signed: how many events there are, and the root over their hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// `<host>/audit/<chain id>`.
    pub origin: String,
    /// Number of events.
    pub size: u64,
    /// Root over their hashes.
    pub root: Hash,
}

/// Why a note is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a signed note, or not a checkpoint inside.
    #[error("is not a signed note in the C2SP format")]
    Format,
    /// No signature by a given key.
    #[error("is not signed by the given key")]
    OtherKey,
    /// A signature that names a given key does not hold.
    #[error("carries a signature that does not hold")]
    BadSignature,
    /// Not a key in the signed-note format.
    #[error("is not a key in the signed-note format")]
    Key,
}

/// The public half of a signing key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Name; for checkpoints their origin.
    pub name: String,
    key: VerifyingKey,
}

/// A signing key. Never in the database.
pub struct PrivateKey {
    name: String,
    key: SigningKey,
}

impl PrivateKey {
    /// A key of this name from 32 secret bytes.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let usable = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+');
        usable
            .then(|| Self {
                name: name.to_owned(),
                key: SigningKey::from_bytes(seed),
            })
            .ok_or(NoteError::Key)
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let rest = text
            .trim()
            .strip_prefix("PRIVATE+KEY+")
            .ok_or(NoteError::Key)?;
        let (name, id, seed) = parts(rest)?;
        let key = Self::from_seed(name, &seed)?;
        (key.public().id() == id)
            .then_some(key)
            .ok_or(NoteError::Key)
    }

    /// The text form. Belongs into a file of mode 0400 and nowhere else.
    pub fn secret_text(&self) -> String {
        let id = hex::encode(self.public().id());
        format!(
            "PRIVATE+KEY+{}+{id}+{}",
            self.name,
            STANDARD.encode(tagged(self.key.as_bytes()))
        )
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey {
            name: self.name.clone(),
            key: self.key.verifying_key(),
        }
    }

    /// Signs a text that ends in a line break.
    pub fn sign(&self, text: &str) -> String {
        let mut signature = self.public().id().to_vec();
        signature.extend(self.key.sign(text.as_bytes()).to_bytes());
        format!(
            "{text}\n\u{2014} {} {}\n",
            self.name,
            STANDARD.encode(signature)
        )
    }
}

impl PublicKey {
    /// Reads the text form.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let (name, id, bytes) = parts(text.trim())?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| NoteError::Key)?;
        let key = Self {
            name: name.to_owned(),
            key,
        };
        (key.id() == id).then_some(key).ok_or(NoteError::Key)
    }

    /// The text form.
    pub fn text(&self) -> String {
        format!(
            "{}+{}+{}",
            self.name,
            hex::encode(self.id()),
            STANDARD.encode(tagged(self.key.as_bytes()))
        )
    }

    fn id(&self) -> [u8; 4] {
        let mut bytes = self.name.clone().into_bytes();
        bytes.push(b'\n');
        bytes.extend(tagged(self.key.as_bytes()));
        let hash = sha256(&bytes);
        [hash[0], hash[1], hash[2], hash[3]]
    }
}

/// Checks a signed note; answers its text and the key that signed it.
pub fn open<'a, 'k>(
    note: &'a str,
    keys: &'k [PublicKey],
) -> Result<(&'a str, &'k PublicKey), NoteError> {
    let (text, signatures) = note.rsplit_once("\n\n").ok_or(NoteError::Format)?;
    let text = &note[..=text.len()];
    let signatures = signatures.strip_suffix('\n').ok_or(NoteError::Format)?;
    let mut signer = None;
    for line in signatures.split('\n') {
        let (name, signature) = line
            .strip_prefix("\u{2014} ")
            .and_then(|rest| rest.split_once(' '))
            .ok_or(NoteError::Format)?;
        let bytes = STANDARD.decode(signature).map_err(|_| NoteError::Format)?;
        let (id, signature) = bytes.split_at_checked(4).ok_or(NoteError::Format)?;
        let Some(key) = keys.iter().find(|key| key.name == name && key.id() == id) else {
            continue;
        };
        let signature = Signature::from_slice(signature).map_err(|_| NoteError::BadSignature)?;
        key.key
            .verify_strict(text.as_bytes(), &signature)
            .map_err(|_| NoteError::BadSignature)?;
        signer = Some(key);
    }
    signer.map(|key| (text, key)).ok_or(NoteError::OtherKey)
}

impl Checkpoint {
    /// The text that is signed.
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root)
        )
    }

    /// Checks signature and form of a checkpoint. Its key's name must be its origin.
    pub fn open(note: &str, keys: &[PublicKey]) -> Result<Self, NoteError> {
        let (text, key) = open(note, keys)?;
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(NoteError::Format);
        };
        let root = STANDARD.decode(root).map_err(|_| NoteError::Format)?;
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: size.parse().map_err(|_| NoteError::Format)?,
            root: root.try_into().map_err(|_| NoteError::Format)?,
        };
        if key.name == checkpoint.origin && text == checkpoint.text() {
            Ok(checkpoint)
        } else {
            Err(NoteError::Format)
        }
    }

    /// The chain it speaks of.
    pub fn chain(&self) -> Option<Uuid> {
        self.origin.rsplit_once("/audit/")?.1.parse().ok()
    }
}

/// Origin of a chain's checkpoints.
pub fn origin(host: &str, chain: Uuid) -> String {
    format!("{host}/audit/{chain}")
}

/// Name, key id and 32 bytes of a key's text form.
fn parts(text: &str) -> Result<(&str, [u8; 4], [u8; 32]), NoteError> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(NoteError::Key);
    };
    let mut four = [0; 4];
    hex::decode_to_slice(id, &mut four).map_err(|_| NoteError::Key)?;
    match STANDARD
        .decode(key)
        .map_err(|_| NoteError::Key)?
        .split_first()
    {
        Some((&ED25519, bytes)) => Ok((name, four, bytes.try_into().map_err(|_| NoteError::Key)?)),
        _ => Err(NoteError::Key),
    }
}

fn tagged(key: &[u8; 32]) -> Vec<u8> {
    [&[ED25519][..], key].concat()
}

#[cfg(test)]
mod tests {
    use super::{Checkpoint, NoteError, PrivateKey, PublicKey, origin};

    #[test]
    fn a_note_opens_under_its_key_only() {
        let name = origin("portal.example", uuid::Uuid::nil());
        let key = PrivateKey::from_seed(&name, &[7; 32]).expect("a name");
        let checkpoint = Checkpoint {
            origin: name.clone(),
            size: 12,
            root: [9; 32],
        };
        let note = key.sign(&checkpoint.text());
        let public = PublicKey::parse(&key.public().text()).expect("reads itself");
        assert_eq!(
            Checkpoint::open(&note, std::slice::from_ref(&public)),
            Ok(checkpoint.clone())
        );
        assert_eq!(checkpoint.chain(), Some(uuid::Uuid::nil()));
        let again = PrivateKey::parse(&key.secret_text()).expect("reads itself");
        assert_eq!(
            again.sign(&checkpoint.text()),
            note,
            "Ed25519 is deterministic"
        );
        let other = PrivateKey::from_seed(&name, &[8; 32])
            .expect("a name")
            .public();
        assert_eq!(Checkpoint::open(&note, &[other]), Err(NoteError::OtherKey));
        let more = note.replacen("\n12\n", "\n13\n", 1);
        assert_eq!(
            Checkpoint::open(&more, &[public]),
            Err(NoteError::BadSignature)
        );
    }

    #[test]
    fn keys_are_those_of_the_go_note_package() {
        // The example of golang.org/x/mod/sumdb/note.
        let key =
            PublicKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        let key = key.expect("a key");
        let note = "If you think cryptography is the answer to your problem,\n\
            then you don't know what your problem is.\n\n\
            \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        assert!(super::open(note, &[key]).is_ok());
    }
}
