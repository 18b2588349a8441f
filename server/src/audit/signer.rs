//! Signing checkpoints: one key, one memory of the last tree, some folders to publish to.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use platform::audit::{
    checkpoint::{Checkpoint, PrivateKey, PublicKey, origin},
    ops::{self, Refusal},
};
use sqlx::PgConnection;

use super::folder;

/// A signer of one chain.
pub struct Signer {
    key: PrivateKey,
    memory: PathBuf,
    out: Vec<PathBuf>,
}

/// One checkpoint, signed and published.
pub struct Signed {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: String,
}

impl Signer {
    /// Takes key and memory, both beside each other and outside the database; makes the key where it
    /// is missing.
    pub async fn take(
        db: &mut PgConnection,
        key: &Path,
        host: &str,
        out: Vec<PathBuf>,
    ) -> anyhow::Result<Self> {
        let chain = ops::chain_id(db)
            .await
            .context("the chain has no head row")?;
        Ok(Self {
            memory: key.with_extension("last"),
            key: folder::private_key(key, &origin(host, chain))?,
            out,
        })
    }

    /// The public half of its key.
    pub fn public_key(&self) -> PublicKey {
        self.key.public()
    }

    /// Signs the tree as it stands and publishes it, or refuses because it contradicts the last.
    ///
    /// The memory is written before anything is published: a signer that dies in between can not
    /// sign something else afterwards.
    pub async fn round(&self, db: &mut PgConnection) -> anyhow::Result<Result<Signed, Refusal>> {
        let last = self.last()?;
        let name = self.key.public().name;
        let checkpoint = match ops::stands(db, &name, last.as_ref()).await? {
            Ok(checkpoint) => checkpoint,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let note = self.key.sign(&checkpoint.text());
        folder::replace(&self.memory, &note)?;
        folder::publish(&self.out, checkpoint.size, &note)?;
        Ok(Ok(Signed { checkpoint, note }))
    }

    /// The largest tree signed so far, by its own memory and by what it published: losing one of
    /// the two does not make it forget.
    fn last(&self) -> anyhow::Result<Option<Checkpoint>> {
        let latest = self.out.iter().map(|out| out.join(folder::LATEST));
        let mut last: Option<Checkpoint> = None;
        for path in latest
            .chain([self.memory.clone()])
            .filter(|path| path.exists())
        {
            let shown = path.display();
            let note = std::fs::read_to_string(&path).with_context(|| shown.to_string())?;
            let found = Checkpoint::open(&note, &[self.key.public()])
                .with_context(|| format!("{shown}, which this signer wrote,"))?;
            if last.as_ref().is_none_or(|last| last.size < found.size) {
                last = Some(found);
            }
        }
        Ok(last)
    }
}
