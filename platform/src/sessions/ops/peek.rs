//! Whether sessions with open streams still live.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::{Cx, error::Result, policy::Action};

/// What a stream must know of its session: the groups that make the person's rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peeked {
    /// Its label.
    pub label: Uuid,
    /// Issuer that opened it.
    pub iss: String,
    /// Groups of the last sign-in.
    pub groups: BTreeSet<String>,
}

/// Those of these sessions that live, by the database's clock. An open stream is no use of a session:
/// nothing is noted.
pub async fn peek(cx: &Cx, labels: &[Uuid]) -> Result<Vec<Peeked>> {
    cx.may(Action::SessionKeep).await?;
    let rows = sqlx::query!(
        "select s.label, s.iss, p.groups from session s join person p on p.id = s.person_id
         where s.label = any($1) and s.revoked_at is null and s.absolute_until > now()
           and s.last_seen_at > now() - interval '30 minutes' and p.disabled_at is null",
        labels
    )
    .fetch_all(&cx.db)
    .await?;
    let peeked = rows.into_iter().map(|row| Peeked {
        label: row.label,
        iss: row.iss,
        groups: row.groups.into_iter().collect(),
    });
    Ok(peeked.collect())
}
