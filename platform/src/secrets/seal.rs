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
        let nonce = random::<12>();
        let sealed = cipher(&data_key)
            .encrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: &place.bytes(None),
                },
            )
            .expect("values are far below 64 GiB");
        let mut out = self.wrapped(place, &data_key);
        out.extend(nonce);
        out.extend(sealed);
        out
    }

    /// Opens what [`Keyring::seal`] made for the same place.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let (data_key, rest) = self.data_key(place, sealed)?;
        let (nonce, rest) = rest.split_at_checked(12).ok_or(OpenError::Format)?;
        let nonce: [u8; 12] = nonce.try_into().map_err(|_| OpenError::Format)?;
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

    /// The same value with its data key wrapped by the current key: nonce and ciphertext of the value
    /// stay as they are.
    ///
    /// # Panics
    /// Never in practice: a data key can be sealed.
    pub fn rewrap(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let (data_key, rest) = self.data_key(place, sealed)?;
        let mut out = self.wrapped(place, &data_key);
        out.extend(rest);
        Ok(out)
    }

    /// The head of a sealed value: version, key id, wrapped data key.
    fn wrapped(&self, place: Place<'_>, data_key: &[u8; 32]) -> Vec<u8> {
        let (wrap_nonce, id) = (random::<12>(), self.current_id());
        let wrapped = cipher(self.current())
            .encrypt(
                &Nonce::from(wrap_nonce),
                Payload {
                    msg: data_key,
                    aad: &place.bytes(Some(id)),
                },
            )
            .expect("32 bytes can be sealed");
        let mut out = vec![1, u8::try_from(id.len()).expect("key ids are short")];
        for part in [id.as_bytes(), &wrap_nonce, &wrapped] {
            out.extend(part);
        }
        out
    }

    /// Opens the data key; answers it with what stands behind it.
    fn data_key<'s>(
        &self,
        place: Place<'_>,
        sealed: &'s [u8],
    ) -> Result<([u8; 32], &'s [u8]), OpenError> {
        let take = |bytes: &mut &'s [u8], n: usize| -> Result<&'s [u8], OpenError> {
            let (head, rest) = bytes.split_at_checked(n).ok_or(OpenError::Format)?;
            *bytes = rest;
            Ok(head)
        };
        let mut rest = sealed;
        let head = take(&mut rest, 2)?;
        if head[0] != 1 {
            return Err(OpenError::Format);
        }
        let id = take(&mut rest, head[1].into())?;
        let id = std::str::from_utf8(id).map_err(|_| OpenError::Format)?;
        let wrap_nonce: [u8; 12] = take(&mut rest, 12)?
            .try_into()
            .map_err(|_| OpenError::Format)?;
        let wrapped = take(&mut rest, WRAPPED)?;
        let key = self.get(id).ok_or(OpenError::UnknownKey)?;
        let data_key = cipher(key)
            .decrypt(
                &Nonce::from(wrap_nonce),
                Payload {
                    msg: wrapped,
                    aad: &place.bytes(Some(id)),
                },
            )
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(OpenError::Changed)?;
        Ok((data_key, rest))
    }
}

fn cipher(key: &[u8; 32]) -> Aes256GcmSiv {
    Aes256GcmSiv::new(key.into())
}
