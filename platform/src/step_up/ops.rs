//! Giving and taking step-up grants, inside other operations' transactions.

use uuid::Uuid;

use super::Purpose;
use crate::{cx::Tx, error::Result};

/// Gives a grant to a session: part of the rotation that a fresh sign-in causes.
pub(crate) async fn give(tx: &mut Tx, session: Uuid, purpose: &str) -> Result<()> {
    sqlx::query!(
        "insert into step_up_grant (session_label, purpose) values ($1, $2)",
        session,
        purpose
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes the grant, if there is one of the last five minutes: it counts once, in this transaction.
pub(crate) async fn take(tx: &mut Tx, session: Option<Uuid>, purpose: &Purpose) -> Result<bool> {
    let taken = sqlx::query_scalar!(
        "delete from step_up_grant where session_label = $1 and purpose = $2 \
         returning granted_at > now() - interval '5 minutes'",
        session,
        purpose.to_string()
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(taken.flatten().unwrap_or(false))
}
