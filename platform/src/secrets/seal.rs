//! Sealing and opening one value.
//!
//! Layout: `1` · key id length (1 byte) · key id · wrap nonce (12) · wrapped data key (48) ·
//! nonce (12) · ciphertext with tag.

use aes_gcm_siv::{
    Aes256GcmSiv, Nonce,
    aead::{Aead, KeyInit, Payload},
};

use super::{Keyring, random};

const WRAPPED: usize = 32 + 16;

/// Where a sealed value stands; bound into it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Table with schema where not public.
    pub table: &'a str,
    /// Column.
    pub column: &'a str,
    /// Id of the row.
    pub row: &'a str,
    /// Version of the value.
    pub version: u32,
}

/// Why a value does not open. Says nothing of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not made by [`Keyring::seal`].
    #[error("not a sealed value")]
    Format,
    /// Sealed under a key this process does not hold.
    #[error("sealed under a key this server does not hold")]
    UnknownKey,
    /// Changed, or moved from its place.
    #[error("sealed value was changed or moved")]
    Changed,
}

impl Place<'_> {
    /// Associated data: each part with its length before it.
    fn bytes(&self, key_id: Option<&str>) -> Vec<u8> {
        let version = self.version.to_string();
        let parts = [
            "groundcrew-seal-v1",
            self.table,
            self.column,
            self.row,
            &version,
        ];
        let mut bytes = Vec::new();
        for part in parts.into_iter().chain(key_id) {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        bytes
    }
}

impl Keyring {
    /// Seals under a fresh data key, wrapped by the current key-encryption key.
    ///
    /// # Panics
    /// Never in practice: AES-GCM-SIV refuses only messages over 64 GiB.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Vec<u8> {
        let data_key = random::<32>();
        let (wrap_nonce, nonce) = (random::<12>(), random::<12>());
        let id = self.current_id();
        let wrapped = cipher(self.current())
            .encrypt(
                &Nonce::from(wrap_nonce),
                Payload {
                    msg: &data_key,
                    aad: &place.bytes(Some(id)),
                },
            )
            .expect("32 bytes can be sealed");
        let sealed = cipher(&data_key)
            .encrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: &place.bytes(None),
                },
            )
            .expect("values are far below 64 GiB");
        let mut out = vec![1, u8::try_from(id.len()).expect("key ids are short")];
        for part in [id.as_bytes(), &wrap_nonce, &wrapped, &nonce, &sealed] {
            out.extend(part);
        }
        out
    }

    /// Opens what [`Keyring::seal`] made for the same place.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let take = |bytes: &mut &[u8], n: usize| -> Result<Vec<u8>, OpenError> {
            let (head, rest) = bytes.split_at_checked(n).ok_or(OpenError::Format)?;
            *bytes = rest;
            Ok(head.to_vec())
        };
        let rest = &mut &*sealed;
        let head = take(rest, 2)?;
        if head[0] != 1 {
            return Err(OpenError::Format);
        }
        let id = String::from_utf8(take(rest, head[1].into())?).map_err(|_| OpenError::Format)?;
        let wrap_nonce: [u8; 12] = take(rest, 12)?.try_into().map_err(|_| OpenError::Format)?;
        let wrapped = take(rest, WRAPPED)?;
        let nonce: [u8; 12] = take(rest, 12)?.try_into().map_err(|_| OpenError::Format)?;
        let key = self.get(&id).ok_or(OpenError::UnknownKey)?;
        let data_key: [u8; 32] = cipher(key)
            .decrypt(
                &Nonce::from(wrap_nonce),
                Payload {
                    msg: &wrapped,
                    aad: &place.bytes(Some(&id)),
                },
            )
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(OpenError::Changed)?;
        cipher(&data_key)
            .decrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: rest,
                    aad: &place.bytes(None),
                },
            )
            .map_err(|_| OpenError::Changed)
    }
}

fn cipher(key: &[u8; 32]) -> Aes256GcmSiv {
    Aes256GcmSiv::new(key.into())
}
