//! A fresh sign-in: the session gets a new id, its groups are refreshed, one act is granted.

use uuid::Uuid;

use super::open::{insert, overtaken};
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::append,
    },
    error::Result,
    people,
    policy::Action,
    sessions::{EndReason, SignIn, SignInProblem, ops::Opened},
    step_up,
};

/// What a fresh sign-in was for.
#[derive(Clone, Debug)]
pub struct StepUp {
    /// Label of the session that asked.
    pub session: Uuid,
    /// The act, as [`crate::step_up::Purpose`] writes it.
    pub purpose: String,
}

/// Gives the session a new id and a new label, ends the old row, and grants the purpose once.
///
/// Refused when the fresh sign-in is by somebody else, the session ended meanwhile, or it came with
/// another session than the one that asked (`old_hash`).
pub async fn rotate(
    cx: &Cx,
    sign_in: &SignIn,
    step_up: &StepUp,
    old_hash: [u8; 32],
    id_hash: [u8; 32],
) -> Result<Opened> {
    cx.may(Action::SessionKeep).await?;
    let mut tx = cx.begin().await?;
    if overtaken(&mut tx, sign_in).await? {
        return Ok(Err(SignInProblem::SignedOutMeanwhile));
    }
    let Some((person, roles)) = people::ops::signed_in(cx, &mut tx, sign_in).await? else {
        return Ok(Err(SignInProblem::Disabled));
    };
    let old = sqlx::query!(
        r#"update session set revoked_at = now(), revoked_why = $3
           where id_hash = $1 and label = $2 and revoked_at is null
             and last_seen_at > now() - interval '30 minutes' and absolute_until > now()
           returning person_id, floor(extract(epoch from absolute_until))::bigint as "absolute_until!""#,
        old_hash.as_slice(),
        step_up.session,
        EndReason::StepUp.name()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(old) = old else {
        return Ok(Err(SignInProblem::FlowUnknown));
    };
    if old.person_id != person.0 {
        return Ok(Err(SignInProblem::OtherPerson));
    }
    let label = cx.clock.id();
    insert(
        cx,
        &mut tx,
        sign_in,
        person,
        label,
        id_hash,
        Some(old.absolute_until),
    )
    .await?;
    step_up::ops::give(&mut tx, label, &step_up.purpose).await?;
    let actor = sign_in.actor(person, label);
    let event = Event::new(cx, Kind::StepUp, Outcome::Success)
        .on("session", label)
        .with("purpose", &step_up.purpose)
        .with("was", step_up.session);
    for event in roles.into_iter().chain([event]) {
        append(cx, &mut tx, &event.by(actor.clone())).await?;
    }
    tx.commit().await?;
    Ok(Ok(label))
}
