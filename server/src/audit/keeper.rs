//! What the server does for the chain while it runs: drains what waits, counts refused acts, watches
//! checkpoints, verifies, and signs by itself where nobody else does.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use platform::{
    Cx,
    audit::{
        checkpoint::{Checkpoint, PublicKey},
        export::manifest_key,
        ops,
    },
};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{
    alarms, folder,
    sign::{EVENTS, EVERY},
    signer::Signer,
    verifier::Verifier,
};
use crate::readiness::Readiness;

/// Where signed checkpoints come from.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Audit chain")]
pub struct AuditSettings {
    /// Folder to which `groundcrew audit sign` publishes. When left out the server signs by itself,
    /// in the data folder; that binds nobody who is root here, and the Audit page says so.
    #[arg(
        long,
        env = "GROUNDCREW_AUDIT_CHECKPOINTS",
        value_name = "FOLDER",
        requires = "audit_key"
    )]
    pub audit_checkpoints: Option<PathBuf>,
    /// The signer's public key: a file, or the key itself.
    #[arg(
        long,
        env = "GROUNDCREW_AUDIT_KEY",
        value_name = "PUB",
        requires = "audit_checkpoints"
    )]
    pub audit_key: Option<String>,
}

/// The host in the name of checkpoints this server signs by itself.
const LOCAL: &str = "local";

/// How often the alarms are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Keeps the chain until told to stop. `cx` is the portal's own; what is red goes to `readiness`.
pub async fn keep(
    cx: Cx,
    settings: AuditSettings,
    data: PathBuf,
    readiness: Arc<Readiness>,
    stop: CancellationToken,
) {
    let cx = cx.as_system("audit");
    let mut tick = interval(Duration::from_millis(500));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut checkpoints = Checkpoints {
        settings,
        data,
        signed: None,
        local: None,
    };
    let mut verifier = Verifier::new(&cx);
    let mut look_at = Instant::now();
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = stop.cancelled() => break,
        }
        if let Err(error) = ops::drain(&cx).await {
            tracing::error!(%error, "waiting audit events could not be moved into the chain");
        }
        if let Err(error) = ops::settle_denials(&cx).await {
            tracing::error!(%error, "refused acts of the last minute are counted later");
        }
        if let Err(error) = checkpoints.look(&cx).await {
            tracing::error!(error = format!("{error:#}"), "no checkpoint");
        }
        verifier.tick().await;
        if Instant::now() >= look_at {
            look_at = Instant::now() + LOOK;
            alarms::look(&cx, &readiness).await;
        }
    }
    verifier.stop().await;
    // What was enqueued by the last requests.
    if let Err(error) = ops::drain(&cx).await {
        tracing::error!(%error, "waiting audit events stay for the next start");
    }
}

struct Checkpoints {
    settings: AuditSettings,
    data: PathBuf,
    /// When the last was seen, and its size.
    signed: Option<(Instant, i64)>,
    local: Option<Signer>,
}

impl Checkpoints {
    /// Signs or reads the newest checkpoint when it is time, and remembers it.
    async fn look(&mut self, cx: &Cx) -> anyhow::Result<()> {
        if let Some((at, size)) = self.signed {
            let mut db = cx.audit_db.acquire().await?;
            if at.elapsed() < EVERY && ops::size(&mut db).await? < size + EVENTS {
                return Ok(());
            }
        }
        // Once per minute, whether it works or not.
        let size = self.signed.map_or(0, |(_, size)| size);
        self.signed = Some((Instant::now(), size.max(i64::MAX - EVENTS)));
        let local = self.settings.audit_checkpoints.is_none();
        let seen = match &self.settings.audit_checkpoints {
            Some(folder) => published(
                folder,
                self.settings.audit_key.as_deref().unwrap_or_default(),
            )?,
            None => Some(self.sign(cx).await?),
        };
        if let Some((checkpoint, note)) = seen {
            ops::see_checkpoint(cx, &checkpoint, &note, local).await?;
            self.signed = Some((
                Instant::now(),
                i64::try_from(checkpoint.size).unwrap_or(i64::MAX - EVENTS),
            ));
        }
        Ok(())
    }

    async fn sign(&mut self, cx: &Cx) -> anyhow::Result<(Checkpoint, String)> {
        let mut db = cx.audit_db.acquire().await?;
        let signer = match self.local.take() {
            Some(signer) => signer,
            None => self.local_signer(cx, &mut db).await?,
        };
        let signed = self.local.insert(signer).round(&mut db).await?;
        let signed =
            signed.map_err(|refusal| anyhow::anyhow!("refused, nothing was signed: {refusal}"))?;
        Ok((signed.checkpoint, signed.note))
    }

    async fn local_signer(&self, cx: &Cx, db: &mut sqlx::PgConnection) -> anyhow::Result<Signer> {
        let folder = self.data.join("audit");
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let out = vec![folder.join("checkpoints")];
        let signer = Signer::take(db, &folder.join("signer.key"), LOCAL, out).await?;
        let manifests = manifest_key(&cx.keys, ops::chain_id(db).await?).public();
        let keys = [signer.public_key(), manifests].map(|key: PublicKey| key.text());
        folder::replace(&folder.join("keys.pub"), &format!("{}\n", keys.join("\n")))?;
        Ok(signer)
    }
}

/// The newest published checkpoint, where its file changed within the last ten minutes: an older
/// one is not confirmed, and health turns red.
fn published(folder: &Path, key: &str) -> anyhow::Result<Option<(Checkpoint, String)>> {
    let path = folder.join(folder::LATEST);
    let shown = path.display();
    let note = std::fs::read_to_string(&path).with_context(|| shown.to_string())?;
    let checkpoint =
        Checkpoint::open(&note, &folder::public_keys(key)?).with_context(|| format!("{shown}"))?;
    let age = std::fs::metadata(&path)?
        .modified()?
        .elapsed()
        .unwrap_or_default();
    Ok((age < Duration::from_secs(120)).then_some((checkpoint, note)))
}
