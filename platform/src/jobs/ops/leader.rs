//! Singletons: whoever holds the row leads, for a term; each write of theirs checks the term.

use uuid::Uuid;

use crate::{
    Cx,
    cx::Tx,
    error::{Error, Result},
    policy::Action,
};

/// How long leadership lasts without being taken again, seconds.
const LEASE_S: f64 = 10.0;

/// Proof of leading, for one term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leader {
    name: String,
    holder: Uuid,
    term: i64,
}

/// Takes up leadership, or goes on with it; nothing when another leads. Call it again every few
/// seconds.
pub async fn lead(cx: &Cx, name: &str, holder: Uuid) -> Result<Option<Leader>> {
    cx.may(Action::JobKeep).await?;
    let term = sqlx::query_scalar!(
        "insert into leader (name, holder, lease_until)
           values ($1, $2, now() + $3 * interval '1 second')
         on conflict (name) do update set holder = excluded.holder, lease_until = excluded.lease_until,
           term = leader.term + case when leader.holder = excluded.holder then 0 else 1 end
           where leader.holder = excluded.holder or leader.lease_until < now()
         returning term",
        name,
        holder,
        LEASE_S
    )
    .fetch_optional(&cx.db)
    .await?;
    Ok(term.map(|term| Leader {
        name: name.to_owned(),
        holder,
        term,
    }))
}

/// Lets another lead at once: a server that goes away.
pub async fn resign(cx: &Cx, leader: &Leader) -> Result<()> {
    cx.may(Action::JobKeep).await?;
    sqlx::query!(
        "update leader set lease_until = now() - interval '1 second'
         where name = $1 and holder = $2 and term = $3",
        leader.name,
        leader.holder,
        leader.term
    )
    .execute(&cx.db)
    .await?;
    Ok(())
}

/// Refuses a write of whoever no longer leads; holds the term until the transaction ends.
pub(crate) async fn hold(tx: &mut Tx, leader: &Leader) -> Result<()> {
    sqlx::query_scalar!(
        r#"select 1 as "one!" from leader where name = $1 and holder = $2 and term = $3
             and lease_until > now() for share"#,
        leader.name,
        leader.holder,
        leader.term
    )
    .fetch_optional(&mut **tx)
    .await?
    .map(|_| ())
    .ok_or_else(|| Error::conflict(format!("another leads {} now", leader.name)))
}
