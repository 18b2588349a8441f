//! An attempt's folder: everything about it that must outlive a process.
//!
//! ```text
//! DATA/server               where the server is reached, for shims whose server has moved
//! DATA/attempts/<id>/       0700
//!   lock                    held by the shim while it lives, by whoever cleans up after it
//!   assignment.json         without token and secrets
//!   sealed                  token and secrets, sealed with a key from the worker's token
//!   shim.pid  child.pid     for people, and for killing what a dead shim left
//!   gate                    the gate has been asked: effects are possible
//!   spool/<n>.out .err      what the n-th process wrote, raw
//!   masked.log  chunks      what of it may be shown, and where it was cut
//!   journal.jsonl           one entry in each line
//!   mark.json               how far the spool has been read
//!   exit.json               the end, as the server is to be told
//!   done                    the server has been told
//!   private/                what the child may not read
//!   work/ home/ tmp/ vault/ the child's
//! ```

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use platform::jobs::wire::Assignment;
use ring::{
    aead, hmac,
    rand::{SecureRandom as _, SystemRandom},
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// One attempt's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(PathBuf);

/// Held while a process is responsible for a folder.
#[derive(Debug)]
pub struct Responsible(#[expect(dead_code, reason = "holds the lock by being open")] File);

impl Folder {
    /// Of an attempt, below the worker's data.
    pub fn of(data: &Path, attempt: Uuid) -> Self {
        Self(data.join("attempts").join(attempt.to_string()))
    }

    /// By its path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// All there are.
    pub fn all(data: &Path) -> Vec<(Uuid, Self)> {
        let Ok(entries) = fs::read_dir(data.join("attempts")) else {
            return Vec::new();
        };
        entries
            .flatten()
            .filter_map(|one| {
                let id = Uuid::parse_str(one.file_name().to_str()?).ok()?;
                Some((id, Self(one.path())))
            })
            .collect()
    }

    /// Makes it.
    pub fn make(&self) -> io::Result<()> {
        for name in ["", "spool", "private", "work", "home", "tmp", "vault"] {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(self.0.join(name))?;
        }
        Ok(())
    }

    /// Removes it. Secret files have been wiped before.
    pub fn remove(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Whether it has such a file.
    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Takes responsibility; nothing when another process has it.
    pub fn take(&self) -> io::Result<Option<Responsible>> {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(self.path("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Responsible(file))),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Writes a file whole or not at all.
    pub fn put(&self, name: &str, bytes: &[u8], durable: bool) -> io::Result<()> {
        let half = self.path(&format!("{name}.half"));
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&half)?;
        file.write_all(bytes)?;
        if durable {
            file.sync_data()?;
        }
        fs::rename(half, self.path(name))?;
        if durable {
            File::open(&self.0)?.sync_all()?;
        }
        Ok(())
    }

    /// The same as JSON.
    pub fn put_json(&self, name: &str, value: &impl Serialize, durable: bool) -> io::Result<()> {
        self.put(name, &serde_json::to_vec(value)?, durable)
    }

    /// Reads JSON; nothing when it is not there or half written.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_slice(&fs::read(self.path(name)).ok()?).ok()
    }

    /// Keeps an assignment: open what may be, sealed what may not.
    pub fn keep(&self, assignment: &Assignment, key: &FolderKey) -> io::Result<()> {
        let mut open = assignment.clone();
        let secret = Secret {
            token: std::mem::take(&mut open.token),
            secrets: std::mem::take(&mut open.secrets),
            plan_key: open
                .stack
                .as_mut()
                .map(|stack| std::mem::take(&mut stack.plan_key)),
        };
        self.put("sealed", &key.seal(&serde_json::to_vec(&secret)?)?, false)?;
        self.put_json("assignment.json", &open, false)
    }

    /// The assignment kept; nothing when the worker's token has changed since.
    pub fn kept(&self, key: &FolderKey) -> Option<Assignment> {
        let mut assignment: Assignment = self.json("assignment.json")?;
        let secret = key.open(fs::read(self.path("sealed")).ok()?)?;
        let secret: Secret = serde_json::from_slice(&secret).ok()?;
        assignment.token = secret.token;
        assignment.secrets = secret.secrets;
        if let (Some(stack), Some(key)) = (&mut assignment.stack, secret.plan_key) {
            stack.plan_key = key;
        }
        Some(assignment)
    }

    /// Overwrites and removes secret files and the sealed part.
    pub fn wipe(&self) {
        wipe(&self.path("vault"));
        wipe(&self.path("private"));
        let _ = wipe_file(&self.path("sealed"));
    }
}

/// Wipes a folder of secret files.
pub fn wipe(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => wipe(&path),
            Ok(kind) if kind.is_file() => {
                let _ = wipe_file(&path);
            }
            _ => {}
        }
    }
    let _ = fs::remove_dir_all(folder);
}

fn wipe_file(path: &Path) -> io::Result<()> {
    let length = fs::metadata(path)?.len();
    let mut file = OpenOptions::new().write(true).open(path)?;
    io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
    file.sync_data()?;
    fs::remove_file(path)
}

#[derive(Serialize, serde::Deserialize)]
struct Secret {
    token: String,
    secrets: std::collections::BTreeMap<String, String>,
    plan_key: Option<String>,
}

/// Seals what an attempt's folder holds, so that a worker started again can finish what a dead shim
/// left, and nobody else can read it.
#[derive(Clone)]
pub struct FolderKey([u8; 32]);

const NONCE: usize = aead::NONCE_LEN;

impl FolderKey {
    /// From the worker's token.
    pub fn new(token: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes());
        let tag = hmac::sign(&key, b"groundcrew-folder-v1");
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        Self(bytes)
    }

    /// From its digits: how a worker hands it to a shim.
    pub fn from_hex(digits: &str) -> Option<Self> {
        Some(Self(hex::decode(digits).ok()?.try_into().ok()?))
    }

    /// As digits.
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    fn cipher(&self) -> aead::LessSafeKey {
        let key = aead::UnboundKey::new(&aead::AES_256_GCM, &self.0).expect("32 bytes");
        aead::LessSafeKey::new(key)
    }

    fn seal(&self, plain: &[u8]) -> io::Result<Vec<u8>> {
        let refused = |_| io::Error::other("sealing failed");
        let mut nonce = [0; NONCE];
        SystemRandom::new().fill(&mut nonce).map_err(refused)?;
        let mut sealed = plain.to_vec();
        let unique = aead::Nonce::assume_unique_for_key(nonce);
        self.cipher()
            .seal_in_place_append_tag(unique, aead::Aad::empty(), &mut sealed)
            .map_err(refused)?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn open(&self, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_mut_checked(NONCE)?;
        let nonce = aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self
            .cipher()
            .open_in_place(nonce, aead::Aad::empty(), rest)
            .ok()?;
        Some(plain.to_vec())
    }
}
