//! What the portal itself does about sessions.

use super::ended;
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::append,
    },
    error::Result,
    policy::Action,
    sessions::{EndReason, SignInProblem},
};

/// Records a sign-in that led to nothing: our word for the person, the rule that failed for the
/// auditor.
pub async fn sign_in_failed(
    cx: &Cx,
    issuer: &str,
    problem: SignInProblem,
    rule: &'static str,
) -> Result<()> {
    cx.may(Action::SessionKeep).await?;
    let event = Event::new(cx, Kind::SignInFailed, Outcome::Failure)
        .with("issuer", issuer)
        .with("reason", problem.code())
        .with("rule", rule);
    let mut tx = cx.begin().await?;
    append(cx, &mut tx, &event).await?;
    Ok(tx.commit().await?)
}

/// Ends the sessions of every issuer that is not configured any more. Done at each start.
pub async fn end_of_gone_issuers(cx: &Cx, configured: &[String]) -> Result<usize> {
    cx.may(Action::SessionKeep).await?;
    let mut tx = cx.begin().await?;
    let labels = sqlx::query_scalar!(
        "update session set revoked_at = now(), revoked_why = $2 where iss <> all($1) and revoked_at is null \
         returning label",
        configured,
        EndReason::IssuerGone.name()
    )
    .fetch_all(&mut *tx)
    .await?;
    for label in &labels {
        append(cx, &mut tx, &ended(cx, *label, EndReason::IssuerGone)).await?;
    }
    tx.commit().await?;
    Ok(labels.len())
}

/// Removes what has outlived its use: flows, counters, grants, remembered logouts, and tombstones a
/// day after their absolute end. Nothing that counts is removed, so there is no event.
pub async fn purge(cx: &Cx) -> Result<()> {
    cx.may(Action::SessionKeep).await?;
    let mut tx = cx.begin().await?;
    sqlx::query!("delete from login_flow where created_at < now() - interval '1 hour'")
        .execute(&mut *tx)
        .await?;
    sqlx::query!("delete from sign_in_attempt where minute < now() - interval '1 hour'")
        .execute(&mut *tx)
        .await?;
    sqlx::query!("delete from sign_out_return where created_at < now() - interval '1 hour'")
        .execute(&mut *tx)
        .await?;
    sqlx::query!("delete from step_up_grant where granted_at < now() - interval '1 hour'")
        .execute(&mut *tx)
        .await?;
    sqlx::query!("delete from provider_logout where received_at < now() - interval '13 hours'")
        .execute(&mut *tx)
        .await?;
    sqlx::query!("delete from session where absolute_until < now() - interval '1 day'")
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}
