//! Logs as the database keeps them: equal to what their attempts said, and without a secret.

use std::{fs, io::Read as _, path::Path};

use anyhow::{Result, ensure};
use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};
use sqlx::{PgPool, Row as _};
use tokio::process::Command;
use uuid::Uuid;

use crate::{cluster::Cluster, world::World};

/// The secret every job is given, and no one may ever see. Long enough to be found in base64 at any
/// of three offsets.
pub(crate) const CANARY: &str = "canary-6f1d2b94c07e4a5f8b3e-never-seen";

/// Attempts whose log has another digest than they said at their end.
pub(crate) async fn differ(db: &PgPool) -> Result<Vec<String>> {
    const SAID: &str = "select id, log_sha256 from attempt
        where log_sha256 is not null and state in ('succeeded', 'failed', 'cancelled')";
    let mut wrong = Vec::new();
    for row in sqlx::query(SAID).fetch_all(db).await? {
        let (id, said): (Uuid, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
        let kept = Sha256::digest(whole(db, id).await?);
        if kept[..] != said[..] {
            wrong.push(format!("attempt {id}"));
        }
    }
    Ok(wrong)
}

/// The log of an attempt.
pub(crate) async fn whole(db: &PgPool, attempt: Uuid) -> Result<Vec<u8>> {
    const PIECES: &str = "select body from log_chunk where attempt_id = $1 order by seq";
    let mut log = Vec::new();
    for body in sqlx::query_scalar::<_, Vec<u8>>(PIECES)
        .bind(attempt)
        .fetch_all(db)
        .await?
    {
        GzDecoder::new(&body[..]).read_to_end(&mut log)?;
    }
    Ok(log)
}

/// Places where the canary shows: tables as a dump has them, logs as people read them, and what the
/// processes wrote about themselves.
pub(crate) async fn leaks(world: &World) -> Result<Vec<String>> {
    let forms = forms();
    let mut found = Vec::new();
    let url = Cluster::url("postgres", world.database_port, "groundcrew");
    let dump = Command::new(&world.pg_dump)
        .args(["--data-only", "--dbname"])
        .arg(url)
        .output()
        .await?;
    let said = String::from_utf8_lossy(&dump.stderr);
    ensure!(dump.status.success(), "pg_dump: {said}");
    if shows(&dump.stdout, &forms) {
        found.push("the database's dump".to_owned());
    }
    for attempt in sqlx::query_scalar::<_, Uuid>("select distinct attempt_id from log_chunk")
        .fetch_all(&world.db)
        .await?
    {
        if shows(&whole(&world.db, attempt).await?, &forms) {
            found.push(format!("the log of attempt {attempt}"));
        }
    }
    for entry in fs::read_dir(&world.base)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "log") && leaks_file(&path, &forms) {
            found.push(path.display().to_string());
        }
    }
    Ok(found)
}

fn leaks_file(path: &Path, forms: &[Vec<u8>]) -> bool {
    fs::read(path).is_ok_and(|bytes| shows(&bytes, forms))
}

fn shows(bytes: &[u8], forms: &[Vec<u8>]) -> bool {
    let is_at = |at: usize, form: &[u8]| bytes[at..].starts_with(form);
    forms.iter().any(|form| {
        let first = form[0];
        (0..bytes.len()).any(|at| bytes[at] == first && is_at(at, form))
    })
}

/// As it is, in hexadecimal, and in base64 at each of three offsets.
fn forms() -> Vec<Vec<u8>> {
    use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

    let mut forms = vec![CANARY.into(), hex::encode(CANARY).into_bytes()];
    for offset in 0..3 {
        let shifted = format!("{}{CANARY}", "-".repeat(offset));
        let encoded = STANDARD_NO_PAD.encode(shifted);
        // The first and the last characters depend on the neighbours.
        forms.push(encoded.as_bytes()[4..encoded.len() - 4].to_vec());
    }
    forms
}
