//! Making workers.

use uuid::Uuid;

use super::token::WORKER;
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::append,
    },
    cx::Tx,
    error::{Error, Result},
    policy::Action,
    secrets::{sha256, token},
    workers::{is_name, is_pool},
};

/// Longest life of a token, in days.
const MOST_DAYS: u16 = 365;

/// A fresh token of a worker: 256 bits.
pub fn new_token() -> String {
    format!("{WORKER}{}", token())
}

/// Makes a worker of a pool and answers its token, which is shown this once. A live worker of the
/// same name is in the way.
pub async fn add(cx: &Cx, name: &str, pool: &str, days: u16) -> Result<String> {
    cx.may(Action::WorkerAdd).await?;
    check(name, pool)?;
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Error::invalid("days", "1 to 365"));
    }
    let mut tx = cx.begin().await?;
    let token = new_token();
    let made = insert(cx, &mut tx, name, pool, &token, days).await?;
    let Some(id) = made else {
        return Err(Error::conflict(format!(
            "a worker called {name} is there already: revoke it, or choose another name"
        )));
    };
    let event = Event::new(cx, Kind::WorkerAdded, Outcome::Success)
        .on("worker", id)
        .with("name", name)
        .with("pool", pool)
        .with("days", days);
    append(cx, &mut tx, &event).await?;
    tx.commit().await?;
    Ok(token)
}

/// Makes the worker inside a server known by the token its data folder holds, or goes on with it.
/// `false`: a person revoked it, and it stays so.
pub async fn embed(cx: &Cx, name: &str, pool: &str, token: &str) -> Result<bool> {
    cx.may(Action::WorkerAdd).await?;
    check(name, pool)?;
    let hash = sha256(token.as_bytes());
    let mut tx = cx.begin().await?;
    let known = sqlx::query!(
        r#"select id, revoked_at is not null as "revoked!",
             token_hash = $2 and pool = $3 and expires_at > now() + interval '30 days' as "same!"
           from worker where name = $1 order by revoked_at desc nulls first limit 1 for update"#,
        name,
        &hash,
        pool
    )
    .fetch_optional(&mut *tx)
    .await?;
    let id = match known {
        Some(worker) if worker.revoked => return Ok(false),
        Some(worker) if worker.same => return Ok(true),
        Some(worker) => {
            sqlx::query!(
                "update worker set token_hash = $2, pool = $3,
                   expires_at = now() + make_interval(days => $4) where id = $1",
                worker.id,
                &hash,
                pool,
                i32::from(MOST_DAYS)
            )
            .execute(&mut *tx)
            .await?;
            worker.id
        }
        None => insert(cx, &mut tx, name, pool, token, MOST_DAYS)
            .await?
            .ok_or_else(|| Error::conflict("another server starts under the same name"))?,
    };
    let event = Event::new(cx, Kind::WorkerAdded, Outcome::Success)
        .on("worker", id)
        .with("name", name)
        .with("pool", pool)
        .with("embedded", true);
    append(cx, &mut tx, &event).await?;
    tx.commit().await?;
    Ok(true)
}

fn check(name: &str, pool: &str) -> Result<()> {
    if !is_name(name) {
        return Err(Error::invalid(
            "name",
            "1 to 64 small letters, digits, dots, dashes and underscores",
        ));
    }
    if !is_pool(pool) {
        return Err(Error::invalid(
            "pool",
            "1 to 40 small letters, digits and dashes",
        ));
    }
    Ok(())
}

async fn insert(
    cx: &Cx,
    tx: &mut Tx,
    name: &str,
    pool: &str,
    token: &str,
    days: u16,
) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar!(
        "insert into worker (id, name, pool, token_hash, expires_at, made_by)
         values ($1, $2, $3, $4, now() + make_interval(days => $5), $6)
         on conflict (name) where revoked_at is null do nothing returning id",
        cx.clock.id(),
        name,
        pool,
        &sha256(token.as_bytes()),
        i32::from(days),
        cx.actor.person().map(|person| person.id.0)
    )
    .fetch_optional(&mut **tx)
    .await?)
}
