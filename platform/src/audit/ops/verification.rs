//! Verifications as work of the portal: asked for, claimed by one server, done beside requests.

use std::{convert::Infallible, time::Duration};

use sqlx::PgPool;
use uuid::Uuid;

use super::{append, check, check::Progress};
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        report::Report,
        view::{Verification, VerificationState},
    },
    error::Result,
    policy::Action,
};

/// How often whoever verifies says how far it is. Silent for a minute, another server begins anew.
const BEAT: Duration = Duration::from_secs(1);

/// A verification this server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Which.
    pub id: Uuid,
    asked_by: Option<Uuid>,
}

/// Asks for a verification of the whole chain. While one waits or runs this changes nothing.
pub async fn ask_verification(cx: &Cx) -> Result<()> {
    cx.may(Action::AuditVerify).await?;
    let mut tx = cx.begin().await?;
    let asked = sqlx::query_scalar!(
        "insert into audit_verification (id, asked_by) values ($1, $2) on conflict do nothing returning id",
        cx.clock.id(),
        cx.actor.person().map(|person| person.id.0)
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(id) = asked {
        let event = Event::new(cx, Kind::VerificationAsked, Outcome::Success);
        append(cx, &mut tx, &event.on("verification", id)).await?;
    }
    Ok(tx.commit().await?)
}

/// Whether the clock asks for one: none ended within a day, and none was tried within the hour.
pub async fn verification_due(cx: &Cx) -> Result<bool> {
    cx.may(Action::AuditKeep).await?;
    Ok(sqlx::query_scalar!(
        r#"select not exists (select from audit_verification
             where asked_at > now() - case when state = 'failed' then interval '1 hour'
               else interval '24 hours' end) as "due!""#
    )
    .fetch_one(&cx.db)
    .await?)
}

/// Takes the verification that waits, or that somebody began and abandoned.
pub async fn claim_verification(cx: &Cx) -> Result<Option<Claimed>> {
    cx.may(Action::AuditKeep).await?;
    Ok(sqlx::query_as!(
        Claimed,
        "update audit_verification set state = 'running', begun_at = clock_timestamp(), beat_at = now(), done = 0
         where state = 'waiting' or (state = 'running' and beat_at < now() - interval '1 minute')
         returning id, asked_by"
    )
    .fetch_optional(&cx.db)
    .await?)
}

/// Gives a claimed verification back undone: this server stops.
pub async fn release_verification(cx: &Cx, claimed: Claimed) -> Result<()> {
    cx.may(Action::AuditKeep).await?;
    sqlx::query!(
        "update audit_verification set state = 'waiting' where id = $1 and state = 'running'",
        claimed.id
    )
    .execute(&cx.db)
    .await?;
    Ok(())
}

/// Does a claimed verification and records the outcome. What keeps it from being done is the row's
/// outcome too, so that nobody waits for it.
pub async fn perform_verification(cx: &Cx, claimed: Claimed) -> Result<()> {
    cx.may(Action::AuditKeep).await?;
    let progress = Progress::default();
    let outcome = tokio::select! {
        outcome = check::verify(cx, &progress) => outcome,
        never = beat(&cx.db, claimed.id, &progress) => match never {},
    };
    match outcome {
        Ok(report) => record(cx, claimed, &report).await,
        Err(error) => {
            sqlx::query!(
                "update audit_verification set state = 'failed', ended_at = now(), why = $2
                 where id = $1 and state = 'running'",
                claimed.id,
                error.code()
            )
            .execute(&cx.db)
            .await?;
            Err(error)
        }
    }
}

async fn beat(db: &PgPool, id: Uuid, progress: &Progress) -> Infallible {
    loop {
        tokio::time::sleep(BEAT).await;
        let (done, events) = progress.seen();
        let said = sqlx::query!(
            "update audit_verification set beat_at = now(), done = $2, events = $3
             where id = $1 and state = 'running'",
            id,
            done,
            events
        );
        if let Err(error) = said.execute(db).await {
            tracing::warn!(%error, "a verification cannot say how far it is");
        }
    }
}

async fn record(cx: &Cx, claimed: Claimed, report: &Report) -> Result<()> {
    let (state, outcome) = if report.sound() {
        (VerificationState::Sound, Outcome::Success)
    } else {
        (VerificationState::Broken, Outcome::Failure)
    };
    let bad = report.first_bad();
    let mut tx = cx.begin().await?;
    sqlx::query!("delete from audit_verification where asked_at < now() - interval '90 days'")
        .execute(&mut *tx)
        .await?;
    let took_ms = sqlx::query_scalar!(
        r#"update audit_verification set state = $2, ended_at = clock_timestamp(), done = $3, events = $3,
             covered = $4, first_bad = $5, why = $6
           where id = $1 and state = 'running'
           returning (extract(epoch from ended_at - begun_at) * 1000)::bigint as "took_ms""#,
        claimed.id,
        state.name(),
        report.last,
        report.covered,
        bad.map(|bad| bad.seq.unwrap_or_default()),
        bad.map(|bad| bad.why.as_str())
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(took_ms) = took_ms else {
        return Ok(()); // another server took it over and was faster
    };
    let mut event = Event::new(cx, Kind::AuditVerified, outcome)
        .on("chain", report.chain)
        .with("verification", claimed.id)
        .with("upto", report.last)
        .with("checkpoints", report.checkpoints)
        .with("covered", report.covered)
        .with("took_ms", took_ms.unwrap_or_default());
    if let Some(person) = claimed.asked_by {
        event = event.with("asked_by", person);
    }
    if let Some(bad) = bad {
        tracing::error!(seq = bad.seq, why = bad.why, "the audit chain is not sound");
        event = event
            .with("first_bad", bad.seq.unwrap_or_default())
            .noting("why", &bad.why);
    }
    append(cx, &mut tx, &event).await?;
    Ok(tx.commit().await?)
}

/// The newest verification, and the newest that came to a conclusion.
pub(super) async fn newest(db: &PgPool) -> Result<[Option<Verification>; 2]> {
    let rows = sqlx::query!(
        r#"(select state, asked_at as "asked_at: jiff_sqlx::Timestamp", begun_at as "begun_at: jiff_sqlx::Timestamp",
              ended_at as "ended_at: jiff_sqlx::Timestamp", done, events, covered, first_bad, why, 0 as "which!"
            from audit_verification order by asked_at desc limit 1)
           union all
           (select state, asked_at, begun_at, ended_at, done, events, covered, first_bad, why, 1
            from audit_verification where state in ('sound', 'broken') order by asked_at desc limit 1)"#
    )
    .fetch_all(db)
    .await?;
    let mut found = [None, None];
    for row in rows {
        let time = |at: Option<jiff_sqlx::Timestamp>| at.map(jiff_sqlx::Timestamp::to_jiff);
        let verification = Verification {
            state: VerificationState::of_name(row.state.as_deref().unwrap_or_default()),
            begun_at: time(row.begun_at),
            ended_at: time(row.ended_at),
            done: row.done.unwrap_or_default(),
            events: row.events.unwrap_or_default(),
            covered: row.covered.unwrap_or_default(),
            first_bad: row.first_bad.filter(|seq| *seq > 0),
            why: row.why,
        };
        found[usize::from(row.which == 1)] = Some(verification);
    }
    Ok(found)
}

/// The newest verification: how far it is, or how it ended.
pub async fn verification(cx: &Cx) -> Result<Option<Verification>> {
    cx.may(Action::AuditRead).await?;
    let [newest, _] = newest(&cx.db).await?;
    Ok(newest)
}
