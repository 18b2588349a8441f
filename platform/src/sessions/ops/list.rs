//! Listing live sessions.

use uuid::Uuid;

use crate::{Cx, error::Result, people::PersonId, policy::Action, sessions::Session};

/// The actor's own live sessions, the last used first.
pub async fn list(cx: &Cx) -> Result<Vec<Session>> {
    cx.may(Action::SessionList).await?;
    let person = cx.person()?;
    live(cx, person.id, Some(person.session)).await
}

/// Somebody's live sessions, for an admin.
pub async fn list_of(cx: &Cx, person: PersonId) -> Result<Vec<Session>> {
    cx.may(Action::PersonAdmin).await?;
    live(cx, person, cx.person().ok().map(|actor| actor.session)).await
}

async fn live(cx: &Cx, person: PersonId, current: Option<Uuid>) -> Result<Vec<Session>> {
    let rows = sqlx::query!(
        r#"select label, issuer, ip, agent, created_at as "created_at: jiff_sqlx::Timestamp",
             last_seen_at as "last_seen_at: jiff_sqlx::Timestamp", absolute_until as "absolute_until: jiff_sqlx::Timestamp"
           from session where person_id = $1 and revoked_at is null
             and last_seen_at > now() - interval '30 minutes' and absolute_until > now()
           order by last_seen_at desc, label"#,
        person.0
    )
    .fetch_all(&cx.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Session {
            current: Some(row.label) == current,
            label: row.label,
            issuer: row.issuer,
            ip: row.ip,
            agent: row.agent,
            created_at: row.created_at.to_jiff(),
            last_seen_at: row.last_seen_at.to_jiff(),
            absolute_until: row.absolute_until.to_jiff(),
        })
        .collect())
}
