//! Plans: kept by the attempt that made them, taken once by the attempt that carries them out.

use uuid::Uuid;

use super::{
    held::{Held, own},
    seals::{open, seal},
};
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::enqueue,
    },
    cx::Tx,
    error::{Error, Result},
    jobs::{
        Operation,
        wire::{PLAN_FILE, PlanKept, PlanMade},
    },
    plans,
    policy::Action,
    secrets::sha256,
};

/// Days a plan may wait to be carried out.
const DAYS: f64 = 7.0;

/// Keeps the tool's own file of a plan, sealed; before the plan itself. The same bytes again are
/// fine, others are a conflict.
pub async fn put_plan_file(cx: &Cx, bytes: &[u8]) -> Result<()> {
    let (mut tx, held) = cx.may_on::<Held>(Action::AttemptReport, own(cx)).await?;
    holds_and_plans(&held)?;
    if bytes.len() > PLAN_FILE {
        return Err(Error::invalid("plan file", "at most 32 MiB"));
    }
    let digest = sha256(bytes);
    let sealed = seal(cx, "plan_file", "sealed", held.id, bytes);
    let size = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    let made = sqlx::query!(
        "insert into plan_file (attempt_id, sha256, size, sealed) values ($1, $2, $3, $4)
         on conflict (attempt_id) do nothing",
        held.id,
        &digest[..],
        size,
        sealed
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if made == 0 && file_sha256(&mut tx, held.id).await?.as_deref() != Some(&digest[..]) {
        return Err(Error::conflict("another file was put for this plan"));
    }
    Ok(tx.commit().await?)
}

/// Keeps a plan: checks that it is one, computes its digest anew, seals it.
pub async fn keep_plan(cx: &Cx, made: PlanMade) -> Result<PlanKept> {
    let (mut tx, held) = cx.may_on::<Held>(Action::AttemptReport, own(cx)).await?;
    holds_and_plans(&held)?;
    let checked = plans::check(&made.model)?;
    if checked.digest != made.digest {
        return Err(Error::invalid(
            "digest",
            "is not that of the plan as this server computes it",
        ));
    }
    let digest = hex::decode(&checked.digest).map_err(|_| Error::Internal)?;
    if let Some(kept) = kept_before(&mut tx, held.id).await? {
        return if kept.1 == digest {
            Ok(PlanKept { plan: kept.0 })
        } else {
            Err(Error::conflict("another plan was kept for this attempt"))
        };
    }
    let file = file_sha256(&mut tx, held.id).await?;
    if file.as_deref().map(hex::encode) != made.file_sha256 {
        return Err(Error::conflict("the plan's file is not the one put before"));
    }
    let id = cx.clock.id();
    let model = serde_json::to_vec(&made.model).map_err(|_| Error::Internal)?;
    let summary = serde_json::to_value(checked.summary).map_err(|_| Error::Internal)?;
    sqlx::query!(
        "with s as (update step set plan_id = $1 where id = $3)
         insert into plan (id, stack_id, step_id, made_by_attempt, digest, based_on_serial, based_on_epoch,
             summary, model_sealed, file_sha256, expires_at)
           select $1, $2, $3, $4, $5, $6, (select epoch from stack where id = $2), $7, $8, $9,
             now() + $10 * interval '1 day'",
        id,
        held.stack,
        held.step,
        held.id,
        digest,
        made.based_on_serial,
        summary,
        seal(cx, "plan", "model_sealed", id, &model),
        file,
        DAYS
    )
    .execute(&mut *tx)
    .await?;
    let event = Event::new(cx, Kind::PlanMade, Outcome::Success)
        .on("plan", id)
        .with("step", held.step)
        .deciding("plan_digest", &checked.digest);
    enqueue(cx, &mut tx, &event).await?;
    tx.commit().await?;
    Ok(PlanKept { plan: id })
}

/// The file of the plan the attempt that acts has consumed, as it was when the plan was kept, or a
/// conflict.
pub async fn plan_file(cx: &Cx) -> Result<Vec<u8>> {
    let (mut tx, held) = cx.may_on::<Held>(Action::AttemptReport, own(cx)).await?;
    held.holds()?;
    let row = sqlx::query!(
        r#"select p.made_by_attempt, p.file_sha256, f.sealed as "sealed?" from plan p
             left join plan_file f on f.attempt_id = p.made_by_attempt
           where p.consumed_by_attempt = $1"#,
        held.id
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let (Some(wanted), Some(sealed)) = (row.file_sha256, row.sealed) else {
        return Err(Error::NotFound);
    };
    let bytes = open(cx, "plan_file", "sealed", row.made_by_attempt, &sealed)?;
    if sha256(&bytes)[..] != wanted[..] {
        return Err(Error::conflict(
            "the plan's file is not the one that was approved",
        ));
    }
    Ok(bytes)
}

fn holds_and_plans(held: &Held) -> Result<()> {
    held.holds()?;
    match held.operation {
        Operation::Plan | Operation::Reconcile => Ok(()),
        _ => Err(Error::conflict("this step makes no plan")),
    }
}

async fn file_sha256(tx: &mut Tx, attempt: Uuid) -> Result<Option<Vec<u8>>> {
    let query = sqlx::query_scalar!(
        "select sha256 from plan_file where attempt_id = $1",
        attempt
    );
    Ok(query.fetch_optional(&mut **tx).await?)
}

async fn kept_before(tx: &mut Tx, attempt: Uuid) -> Result<Option<(Uuid, Vec<u8>)>> {
    let row = sqlx::query!(
        "select id, digest from plan where made_by_attempt = $1",
        attempt
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| (row.id, row.digest)))
}
