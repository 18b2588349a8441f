//! Opening a session after a sign-in.

use uuid::Uuid;

use super::{ended, id_token_place};
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::append,
    },
    cx::Tx,
    error::{Error, Result},
    people::{self, PersonId},
    policy::Action,
    sessions::{EndReason, PER_PERSON, SignIn, SignInProblem},
};

/// What came of opening.
pub type Opened = std::result::Result<Uuid, SignInProblem>;

/// Opens a session under the hash of a fresh id, ends the one the browser came with and, beyond ten,
/// the person's oldest. All or nothing, committed before any answer is built.
///
/// Answers the label, or why this person does not get a session. `Conflict` when the id is taken:
/// try another.
pub async fn open(
    cx: &Cx,
    sign_in: &SignIn,
    id_hash: [u8; 32],
    replaces: Option<[u8; 32]>,
) -> Result<Opened> {
    cx.may(Action::SessionKeep).await?;
    let mut tx = cx.begin().await?;
    if overtaken(&mut tx, sign_in).await? {
        return Ok(Err(SignInProblem::SignedOutMeanwhile));
    }
    let Some((person, roles)) = people::ops::signed_in(cx, &mut tx, sign_in).await? else {
        return Ok(Err(SignInProblem::Disabled));
    };
    let mut events: Vec<Event> = roles.into_iter().collect();
    if let Some(old) = replaces {
        let gone = sqlx::query_scalar!(
            "update session set revoked_at = now(), revoked_why = $2 where id_hash = $1 and revoked_at is null \
             returning label",
            old.as_slice(),
            EndReason::Replaced.name()
        )
        .fetch_optional(&mut *tx)
        .await?;
        events.extend(gone.map(|label| ended(cx, label, EndReason::Replaced)));
    }
    for label in end_beyond_limit(&mut tx, person).await? {
        events.push(ended(cx, label, EndReason::Limit));
    }
    let label = cx.clock.id();
    insert(cx, &mut tx, sign_in, person, label, id_hash, None).await?;
    let actor = sign_in.actor(person, label);
    events.push(
        Event::new(cx, Kind::SignIn, Outcome::Success)
            .on("session", label)
            .with("issuer", &sign_in.issuer)
            .with("groups", sign_in.groups_claim.name()),
    );
    for event in events {
        append(cx, &mut tx, &event.by(actor.clone())).await?;
    }
    tx.commit().await?;
    Ok(Ok(label))
}

/// Whether a logout of the provider overtook this sign-in: same provider session, or same subject
/// seen no later than the logout. Holds off logouts of this issuer until the commit.
pub(super) async fn overtaken(tx: &mut Tx, sign_in: &SignIn) -> Result<bool> {
    sqlx::query!(
        "select pg_advisory_xact_lock_shared(hashtextextended('provider_logout ' || $1, 0))",
        sign_in.iss
    )
    .fetch_one(&mut **tx)
    .await?;
    let seen = sign_in
        .authentication
        .auth_time
        .unwrap_or(sign_in.issued_at);
    Ok(sqlx::query_scalar!(
        r#"select exists (select from provider_logout where iss = $1 and received_at > now() - interval '12 hours'
             and (sid = $2 or (sid is null and sub = $3 and issued_at >= to_timestamp($4::float8)))) as "overtaken!""#,
        sign_in.iss,
        sign_in.sid,
        sign_in.sub,
        seconds(seen)
    )
    .fetch_one(&mut **tx)
    .await?)
}

async fn end_beyond_limit(tx: &mut Tx, person: PersonId) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "update session set revoked_at = now(), revoked_why = 'limit' where id_hash in (
           select id_hash from session where person_id = $1 and revoked_at is null
             and last_seen_at > now() - interval '30 minutes' and absolute_until > now()
           order by created_at desc offset $2)
         returning label",
        person.0,
        i64::from(PER_PERSON) - 1
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Inserts the row; `absolute_until` is kept where a session only gets a new id.
pub(super) async fn insert(
    cx: &Cx,
    tx: &mut Tx,
    sign_in: &SignIn,
    person: PersonId,
    label: Uuid,
    id_hash: [u8; 32],
    absolute_until: Option<i64>,
) -> Result<()> {
    let place = label.to_string();
    let sealed = cx
        .keys
        .seal(id_token_place(&place), sign_in.id_token.as_bytes());
    let authentication = &sign_in.authentication;
    let inserted = sqlx::query!(
        "insert into session (id_hash, label, person_id, issuer, iss, sub, sid, auth_time, acr, amr, id_token_sealed,
           ip, agent, absolute_until)
         values ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::float8), $9, $10, $11, $12, $13,
           coalesce(to_timestamp($14::float8), now() + interval '12 hours'))
         on conflict (id_hash) do nothing",
        id_hash.as_slice(),
        label,
        person.0,
        sign_in.issuer,
        sign_in.iss,
        sign_in.sub,
        sign_in.sid,
        authentication.auth_time.map(seconds),
        authentication.acr,
        &authentication.amr,
        sealed,
        cx.origin.ip.map(|ip| ip.to_string()),
        cx.origin.agent,
        absolute_until.map(seconds)
    )
    .execute(&mut **tx)
    .await?
    .rows_affected();
    if inserted == 1 {
        Ok(())
    } else {
        Err(Error::conflict("the session id is taken"))
    }
}

/// Seconds since 1970 as PostgreSQL's `to_timestamp` takes them; exact far beyond our time.
pub(super) fn seconds(at: i64) -> f64 {
    i32::try_from(at).map_or(f64::from(i32::MAX), f64::from)
}
