//! Refused acts: each is on the record, and a flood of them is two events.

use std::time::Duration;

use tokio::sync::Semaphore;

use super::{append, write};
use crate::{
    Cx,
    audit::{
        canonical::{self, Value},
        event::{Event, Kind, Outcome, Target},
    },
    error::{Error, Result},
    policy::Action,
};

/// Objects of one actor and minute that are named one by one; what goes beyond is counted together.
const NAMED: i64 = 30;

/// Rows that become events in one transaction.
const MOST: i64 = 100;

/// How long a refusal waits for its record. It stands without one.
const PATIENCE: Duration = Duration::from_secs(3);

/// Records made beside the request, so that its time does not tell a hidden object from an unknown
/// one. When all are taken the request waits for its own.
static BESIDE: Semaphore = Semaphore::const_new(8);

/// Puts a refused act on the record, in a transaction of its own: that of the act is rolled back.
/// Reads are not recorded, nor what nobody asked who is signed in.
pub(crate) async fn refused(cx: &Cx, action: Action, on: Option<Target>, error: &Error) {
    if !action.acts() || matches!(error, Error::Unauthenticated) {
        return;
    }
    let kept = tokio::time::timeout(PATIENCE, record(cx, action, on, error)).await;
    if !matches!(kept, Ok(Ok(()))) {
        tracing::error!(
            act = action.name(),
            "an act was refused, and is not on the record"
        );
    }
}

/// The same for an object the actor may not know of.
pub(crate) async fn refused_beside(cx: &Cx, action: Action, on: Option<Target>, error: &Error) {
    let Ok(permit) = BESIDE.try_acquire() else {
        return refused(cx, action, on, error).await;
    };
    let (cx, error) = (cx.clone(), error.clone());
    tokio::spawn(async move {
        refused(&cx, action, on, &error).await;
        drop(permit);
    });
}

async fn record(cx: &Cx, action: Action, on: Option<Target>, error: &Error) -> Result<()> {
    let mut event = Event::new(cx, Kind::Denied, Outcome::Denied)
        .with("act", action.name())
        .with("why", error.code());
    event.target = on;
    event.confine();
    let said = event.object(None);
    let word = |path: &[&str]| said.text_at(path).unwrap_or_default().to_owned();
    let actor = [word(&["actor", "kind"]), word(&["actor", "id"])].join(":");
    let object = [word(&["target", "type"]), word(&["target", "id"])].join(":");
    let first = canonical::encode(&said).map_err(|_| Error::Internal)?;
    let mut tx = cx.begin().await?;
    let row = sqlx::query!(
        r#"insert into denial as d (actor, act, object, first)
           select $1, $2, case when (select count(*) from denial o where o.actor = $1
               and o.minute = date_trunc('minute', now()) and (o.act, o.object) <> ($2, $3)) < $5
             then $3 else '*' end, $4
           on conflict (actor, minute, act, object) do update set count = d.count + 1
           returning count, object"#,
        actor,
        action.name(),
        object,
        first,
        NAMED
    )
    .fetch_one(&mut *tx)
    .await?;
    if row.count == 1 {
        if row.object != object {
            event.target = None;
            event = event.with("objects", "many");
        }
        append(cx, &mut tx, &event).await?;
    }
    Ok(tx.commit().await?)
}

/// Writes one event for what was refused again in a minute that is over, and forgets the minute.
/// Answers how many events. Done by the portal, again and again, on every server.
pub async fn settle_denials(cx: &Cx) -> Result<usize> {
    cx.may(Action::AuditKeep).await?;
    let mut written = 0;
    loop {
        let mut tx = cx.begin().await?;
        // A few seconds of grace for transactions that began within the minute.
        let rows = sqlx::query!(
            r#"delete from denial where (actor, minute, act, object) in (
                 select actor, minute, act, object from denial
                 where minute < date_trunc('minute', now() - interval '5 seconds')
                 order by minute limit $1 for update skip locked)
               returning first, count, object = '*' as "many!""#,
            MOST
        )
        .fetch_all(&mut *tx)
        .await?;
        for row in rows.iter().filter(|row| row.count > 1) {
            let canonical = again(cx, &row.first, i64::from(row.count) - 1, row.many)?;
            write::append_canonical(&mut tx, &canonical, None).await?;
            written += 1;
        }
        tx.commit().await?;
        if i64::try_from(rows.len()).is_ok_and(|rows| rows < MOST) {
            return Ok(written);
        }
    }
}

/// The first event again: with an id, a time and a count of its own.
fn again(cx: &Cx, first: &str, count: i64, many: bool) -> Result<String> {
    let Ok(Value::Object(mut said)) = canonical::parse(first) else {
        tracing::error!("a counted refusal is not in canonical form");
        return Err(Error::Internal);
    };
    said.insert("id".into(), cx.clock.id().to_string().into());
    said.insert("at".into(), format!("{:.6}", cx.clock.now()).into());
    said.insert("count".into(), Value::Integer(count));
    if let Some(Value::Object(detail)) = said.get_mut("detail") {
        detail.insert("again".into(), "yes".into());
        if many {
            detail.insert("objects".into(), "many".into());
        }
    }
    if many {
        said.remove("target");
    }
    canonical::encode(&Value::Object(said)).map_err(|_| Error::Internal)
}
