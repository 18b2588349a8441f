//! What happens by time: leases that ran out, backoffs that are over.

use sqlx::PgPool;
use uuid::Uuid;

use super::{
    end::{End, end},
    held::Held,
    leader::{Leader, hold},
};
use crate::{
    Cx,
    cx::{Object as _, Tx, Woken},
    error::Result,
    jobs::AttemptState,
    policy::Action,
};

/// Seconds after its lease that an attempt is given up: its shim has stopped its child long before.
const GRACE_S: f64 = 5.0;

/// What was given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Attempts whose lease ran out.
    pub lost: u32,
}

/// Gives up attempts whose lease ran out, by the database's clock, while this server leads. Not to
/// be called within the boot grace, when no shim could renew.
pub async fn expire(cx: &Cx, leader: &Leader) -> Result<Expired> {
    cx.may(Action::JobKeep).await?;
    let mut expired = Expired::default();
    for attempt in lapsed(&cx.db).await? {
        let mut tx = cx.begin().await?;
        hold(&mut tx, leader).await?;
        if !still_lapsed(&mut tx, attempt).await? {
            continue;
        }
        let Some(held) = Held::load(&mut tx, attempt).await? else {
            continue;
        };
        let how = End {
            said: AttemptState::Lost,
            reason: "lost",
            error_class: None,
            error: Some(format!(
                "Its worker was not heard of in time. It had {}.",
                if held.passed { "begun" } else { "not begun" }
            )),
            finish: None,
        };
        end(cx, &mut tx, &held, how).await?;
        tx.commit().await?;
        expired.lost += 1;
        cx.wake.say(Woken::Job(held.job));
        cx.wake.say(Woken::Pool(&held.pool));
    }
    Ok(expired)
}

/// Wakes the pools that have steps to take, such as those whose backoff is over; answers how many
/// pools.
pub async fn promote(cx: &Cx) -> Result<usize> {
    cx.may(Action::JobKeep).await?;
    let pools = sqlx::query_scalar!(
        r#"select p.pool as "pool!" from (select distinct pool from team_share) p
           where exists (select from queue q where q.pool = p.pool and q.ready_at <= now())"#
    )
    .fetch_all(&cx.db)
    .await?;
    for pool in &pools {
        cx.wake.say(Woken::Pool(pool));
    }
    Ok(pools.len())
}

async fn lapsed(db: &PgPool) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "select id from attempt where state = 'running' and lease_until < now() - $1 * interval '1 second'
         order by lease_until limit 200",
        GRACE_S
    )
    .fetch_all(db)
    .await?)
}

/// Locks it; a renewal or an end may have come first.
async fn still_lapsed(tx: &mut Tx, attempt: Uuid) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        "select id from attempt where id = $1 and state = 'running'
           and lease_until < now() - $2 * interval '1 second' for no key update skip locked",
        attempt,
        GRACE_S
    )
    .fetch_optional(&mut **tx)
    .await?
    .is_some())
}
