//! What must hold when a step starts: its stack is free, its plan is the one that was made, and fits.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::pick::Picked;
use crate::{
    Cx,
    cx::Tx,
    error::Result,
    jobs::{ErrorClass, Operation, ops::seals::open, wire::PlanRef},
    plans,
};

/// A stack this claim has taken.
pub(super) struct Stack {
    pub(super) epoch: i64,
    state_serial: Option<i64>,
}

/// Whether a step may start, with the plan it carries out.
type Answer = Result<Option<PlanRef>, Refused>;

/// Why a step does not start, ever.
pub(super) struct Refused {
    pub(super) class: ErrorClass,
    pub(super) why: String,
}

fn refuse(class: ErrorClass, why: &str) -> Answer {
    Err(Refused {
        class,
        why: why.to_owned(),
    })
}

/// Takes the stacks of the steps that write; each for the first of them only.
pub(super) async fn lock_stacks(tx: &mut Tx, picked: &[Picked]) -> Result<BTreeMap<Uuid, Stack>> {
    let mut wanted: Vec<Uuid> = picked
        .iter()
        .filter(|step| step.writes())
        .filter_map(|step| step.stack_id)
        .collect();
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    wanted.sort_unstable();
    wanted.dedup();
    let rows = sqlx::query!(
        "select id, epoch, state_serial from stack
         where id = any($1) and holder_attempt is null and frozen_reason is null
         order by id for no key update skip locked",
        &wanted
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let stack = Stack {
                epoch: row.epoch,
                state_serial: row.state_serial,
            };
            (row.id, stack)
        })
        .collect())
}

/// Everything that must hold for this step, in the start transaction. Approvals, freezes and budgets
/// of requests are asked here as well, once there are requests. Answers the plan it carries out.
pub(super) async fn check(
    cx: &Cx,
    tx: &mut Tx,
    step: &Picked,
    stacks: &BTreeMap<Uuid, Stack>,
) -> Result<Answer> {
    if step.operation() == Operation::Reconcile {
        return looked_at(cx, tx, step).await.map(Ok);
    }
    if step.plan_of.is_none() {
        return Ok(Ok(None));
    }
    let Some(plan) = step.plan_id else {
        return Ok(refuse(
            ErrorClass::Permanent,
            "The step that was to make its plan made none.",
        ));
    };
    let row = sqlx::query!(
        r#"select digest, based_on_serial, based_on_epoch, model_sealed, file_sha256,
             consumed_by_attempt is not null as "consumed!", expires_at < now() as "expired!"
           from plan where id = $1 for no key update"#,
        plan
    )
    .fetch_one(&mut **tx)
    .await?;
    let stack = step.stack_id.and_then(|id| stacks.get(&id));
    let fits = stack.is_none_or(|stack| match row.based_on_serial {
        Some(serial) => stack.state_serial == Some(serial),
        None => stack.state_serial.is_none() && row.based_on_epoch == Some(stack.epoch),
    });
    let class = ErrorClass::StalePlan;
    if row.consumed {
        return Ok(refuse(
            class,
            "The plan was carried out before; it counts once. Make a new one.",
        ));
    }
    if row.expired {
        return Ok(refuse(class, "The plan is too old. Make a new one."));
    }
    if !fits {
        return Ok(refuse(
            class,
            "The stack has changed since the plan was made. Make a new one.",
        ));
    }
    let changed = "What is kept of the plan is not what was made. Make a new one.";
    let Ok(model) = open(cx, "plan", "model_sealed", plan, &row.model_sealed) else {
        return Ok(refuse(ErrorClass::Permanent, changed));
    };
    let model: serde_json::Value = serde_json::from_slice(&model).unwrap_or_default();
    let digest = hex::encode(&row.digest);
    if plans::check(&model).ok().map(|checked| checked.digest) != Some(digest.clone()) {
        return Ok(refuse(ErrorClass::Permanent, changed));
    }
    Ok(Ok(Some(PlanRef {
        id: plan,
        digest,
        file_sha256: row.file_sha256.map(hex::encode),
        model,
    })))
}

/// For a step that only looks: the plan the attempt of unknown end had consumed.
async fn looked_at(cx: &Cx, tx: &mut Tx, step: &Picked) -> Result<Option<PlanRef>> {
    let row = sqlx::query!(
        "select p.id, p.digest, p.file_sha256, p.model_sealed from reconcile r
           join plan p on p.consumed_by_attempt = r.attempt_id
         where r.job_id = $1",
        step.job_id
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let model = open(cx, "plan", "model_sealed", row.id, &row.model_sealed)?;
    Ok(Some(PlanRef {
        id: row.id,
        digest: hex::encode(row.digest),
        file_sha256: row.file_sha256.map(hex::encode),
        model: serde_json::from_slice(&model).unwrap_or_default(),
    }))
}
