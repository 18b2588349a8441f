//! Key-encryption keys: where they come from, which one is current.

#![expect(
    clippy::disallowed_methods,
    reason = "keys are opened where they encrypt"
)]

use std::{collections::BTreeMap, path::Path};

use secrecy::{ExposeSecret, SecretBox};

/// Key-encryption keys by id; one is current, the others only open what they sealed.
pub struct Keyring {
    keys: BTreeMap<String, SecretBox<[u8; 32]>>,
    current: String,
}

/// Why no keyring could be made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("key file {path}: {source}")]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Others than the owner may read the file.
    #[error("key file {path} has mode {mode:04o}; others may read it. Run: chmod 0400 {path}")]
    Mode {
        /// Which file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The file does not hold `id:64 hex digits` lines.
    #[error("key file {path}, line {line}: expected `id:` and 64 hex digits")]
    Format {
        /// Which file.
        path: String,
        /// Line number from 1.
        line: usize,
    },
    /// The file holds no key.
    #[error("key file {path} holds no key")]
    Empty {
        /// Which file.
        path: String,
    },
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring")
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

impl Keyring {
    /// One fresh key: for tests and for [`Keyring::create`].
    pub fn generate() -> Self {
        let id = hex::encode(super::random::<4>());
        let key = SecretBox::new(Box::new(super::random::<32>()));
        Self {
            keys: BTreeMap::from([(id.clone(), key)]),
            current: id,
        }
    }

    /// Reads a key file: one `id:64 hex digits` a line, the last is current. Mode 0400 or 0600, or
    /// refused.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        use std::os::unix::fs::PermissionsExt as _;
        let name = path.display().to_string();
        let file = |source| KeyError::File {
            path: name.clone(),
            source,
        };
        let mode = std::fs::metadata(path).map_err(file)?.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Mode { path: name, mode });
        }
        let text = std::fs::read_to_string(path).map_err(file)?;
        let mut ring = Self {
            keys: BTreeMap::new(),
            current: String::new(),
        };
        for (at, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let bad = || KeyError::Format {
                path: name.clone(),
                line: at + 1,
            };
            let (id, digits) = line.trim().split_once(':').ok_or_else(bad)?;
            let mut key = [0; 32];
            hex::decode_to_slice(digits, &mut key).map_err(|_| bad())?;
            if id.is_empty() || id.len() > 64 {
                return Err(bad());
            }
            ring.keys
                .insert(id.to_owned(), SecretBox::new(Box::new(key)));
            id.clone_into(&mut ring.current);
        }
        if ring.keys.is_empty() {
            Err(KeyError::Empty { path: name })
        } else {
            Ok(ring)
        }
    }

    /// Reads the key file, or makes one with a fresh key (mode 0400) where none is.
    pub fn read_or_create(path: &Path) -> Result<Self, KeyError> {
        use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
        if path.exists() {
            return Self::read(path);
        }
        let ring = Self::generate();
        let file = |source| KeyError::File {
            path: path.display().to_string(),
            source,
        };
        let line = format!("{}:{}\n", ring.current, hex::encode(ring.current()));
        let mut out = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o400)
            .open(path)
            .map_err(file)?;
        out.write_all(line.as_bytes())
            .and_then(|()| out.sync_all())
            .map_err(file)?;
        Ok(ring)
    }

    /// Id of the key new values are sealed under.
    pub fn current_id(&self) -> &str {
        &self.current
    }

    pub(super) fn current(&self) -> &[u8; 32] {
        self.get(&self.current)
            .expect("the current key is in the ring")
    }

    pub(super) fn get(&self, id: &str) -> Option<&[u8; 32]> {
        self.keys.get(id).map(ExposeSecret::expose_secret)
    }

    /// HMAC-SHA-256 under the current key, separated by purpose. Answers the key id with it.
    pub fn mac(&self, purpose: &str, message: &[u8]) -> (String, [u8; 32]) {
        (
            self.current.clone(),
            mac_with(self.current(), purpose, message),
        )
    }

    /// Checks a code made by [`Keyring::mac`], in constant time.
    pub fn mac_holds(&self, key_id: &str, purpose: &str, message: &[u8], code: &[u8]) -> bool {
        use subtle::ConstantTimeEq as _;
        self.get(key_id)
            .is_some_and(|key| mac_with(key, purpose, message).ct_eq(code).into())
    }
}

/// HMAC over `purpose`, its length first, then the message.
fn mac_with(key: &[u8; 32], purpose: &str, message: &[u8]) -> [u8; 32] {
    use hmac::{KeyInit as _, Mac as _};
    let mut mac =
        hmac::Hmac::<sha2::Sha256>::new_from_slice(key).expect("HMAC takes any key length");
    mac.update(&(purpose.len() as u64).to_be_bytes());
    mac.update(purpose.as_bytes());
    mac.update(message);
    mac.finalize().into_bytes().into()
}
