//! Ending sessions on the provider's word (back-channel logout).

use uuid::Uuid;

use super::open::seconds;
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::append,
    },
    error::{Error, Result},
    policy::Action,
    sessions::EndReason,
};

/// A verified logout token.
#[derive(Clone, Debug)]
pub struct ProviderLogout {
    /// Name of the issuer in the settings.
    pub issuer: String,
    /// Issuer URL.
    pub iss: String,
    /// Names the token; accepted once.
    pub jti: String,
    /// The provider's session.
    pub sid: Option<String>,
    /// The person; counts where no session is named.
    pub sub: Option<String>,
    /// When the provider issued it, seconds since 1970.
    pub issued_at: i64,
}

/// Ends by (iss, sid), else by (iss, sub), and remembers the logout against sign-ins it overtook.
///
/// Answers how many sessions ended; `Conflict` when this token was seen before.
pub async fn end_by_provider(cx: &Cx, logout: &ProviderLogout) -> Result<usize> {
    cx.may(Action::SessionKeep).await?;
    let mut tx = cx.begin().await?;
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('provider_logout ' || $1, 0))",
        logout.iss
    )
    .fetch_one(&mut *tx)
    .await?;
    let fresh = sqlx::query!(
        "insert into provider_logout (iss, jti, sid, sub, issued_at) values ($1, $2, $3, $4, to_timestamp($5::float8))
         on conflict on constraint provider_logout_once do nothing",
        logout.iss,
        logout.jti,
        logout.sid,
        logout.sub,
        seconds(logout.issued_at)
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if fresh == 0 {
        return Err(Error::conflict("this logout token was used before"));
    }
    let labels: Vec<Uuid> = sqlx::query_scalar!(
        "update session set revoked_at = now(), revoked_why = $4
         where iss = $1 and revoked_at is null and (sid = $2 or ($2::text is null and sub = $3)) returning label",
        logout.iss,
        logout.sid,
        logout.sub,
        EndReason::Provider.name()
    )
    .fetch_all(&mut *tx)
    .await?;
    for label in &labels {
        let event = Event::new(cx, Kind::BackChannelLogout, Outcome::Success)
            .on("session", label)
            .with("issuer", &logout.issuer);
        append(cx, &mut tx, &event).await?;
    }
    if labels.is_empty() {
        let event = Event::new(cx, Kind::BackChannelLogout, Outcome::Success)
            .with("issuer", &logout.issuer)
            .with("ended", 0);
        append(cx, &mut tx, &event).await?;
    }
    tx.commit().await?;
    Ok(labels.len())
}
