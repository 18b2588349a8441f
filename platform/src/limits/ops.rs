//! Counting and refusing.

use super::Counted;
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::append,
    },
    error::{Error, Result},
    people::Actor,
    policy::Action,
};

/// Counts one; `TooMany` when it is over the limit of this minute. The first one over it is on the
/// record, the others of the minute are not.
pub async fn count(cx: &Cx, counted: Counted, key: &str) -> Result<()> {
    cx.may(Action::SessionKeep).await?;
    let mut tx = cx.begin().await?;
    let row = sqlx::query!(
        r#"insert into sign_in_attempt (kind, key, minute) values ($1, $2, date_trunc('minute', now()))
           on conflict (kind, key, minute) do update set count = sign_in_attempt.count + 1
           returning count, ceil(extract(epoch from minute + interval '1 minute' - now()))::int as "left!""#,
        counted.name(),
        key
    )
    .fetch_one(&mut *tx)
    .await?;
    if row.count == counted.a_minute() + 1 {
        let event = Event::new(cx, Kind::LimitHit, Outcome::Denied)
            .with("limit", counted.name())
            .with("a_minute", counted.a_minute());
        append(cx, &mut tx, &event).await?;
    }
    tx.commit().await?;
    refuse_over(row.count, counted.a_minute(), row.left)
}

/// Refuses when the limit of this minute is used up; counts nothing.
pub async fn check(cx: &Cx, counted: Counted, key: &str) -> Result<()> {
    cx.may(Action::SessionKeep).await?;
    let row = sqlx::query!(
        r#"select count, ceil(extract(epoch from minute + interval '1 minute' - now()))::int as "left!"
           from sign_in_attempt where kind = $1 and key = $2 and minute = date_trunc('minute', now())"#,
        counted.name(),
        key
    )
    .fetch_optional(&cx.db)
    .await?;
    row.map_or(Ok(()), |row| {
        refuse_over(row.count + 1, counted.a_minute(), row.left)
    })
}

/// Puts on the record that one node refused a burst: of a person, or of somebody unknown. Once per
/// window and key; counting is the node's, in memory.
pub async fn record(cx: &Cx, limit: &'static str, a_minute: u32, who: Actor) -> Result<()> {
    cx.may(Action::SessionKeep).await?;
    let event = Event::new(cx, Kind::LimitHit, Outcome::Denied)
        .by(who)
        .with("limit", limit)
        .with("a_minute", a_minute);
    let mut tx = cx.begin().await?;
    append(cx, &mut tx, &event).await?;
    tx.commit().await?;
    Ok(())
}

fn refuse_over(count: i32, limit: i32, left: i32) -> Result<()> {
    if count <= limit {
        return Ok(());
    }
    Err(Error::TooMany {
        retry_after_s: u32::try_from(left.max(1)).unwrap_or(60),
    })
}
