//! What a shim is told: secrets in clear, inputs of the steps before.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{conditions::Stack, pick::Picked};
use crate::{
    Cx,
    audit::event::{Event, Kind, Outcome},
    cx::Tx,
    error::Result,
    jobs::{
        Class, Operation,
        ops::seals::{open, open_map},
        wire::{Assignment, JobRef, Limits, PlanRef, RECONCILE_UNKNOWN, StackRef, StepRef, Timing},
    },
    secrets::{sha256, token},
};

/// An attempt about to begin.
pub(super) struct Starting {
    pub(super) assignment: Assignment,
    pub(super) token_hash: [u8; 32],
    /// Epoch it will hold.
    pub(super) epoch: Option<i64>,
    /// The plan it takes for itself.
    pub(super) consumes: Option<Uuid>,
}

impl Starting {
    /// Its events.
    pub(super) fn events(&self, cx: &Cx) -> Vec<Event> {
        let given = &self.assignment;
        let mut started = Event::new(cx, Kind::AttemptStarted, Outcome::Success)
            .on("attempt", given.attempt)
            .with("step", given.step.id)
            .with("job", given.job.id)
            .with("number", given.number);
        if let Some(epoch) = self.epoch {
            started = started.with("epoch", epoch);
        }
        let consumed = self.consumes.map(|plan| {
            let digest = given.plan.as_ref().map(|plan| plan.digest.clone());
            Event::new(cx, Kind::PlanConsumed, Outcome::Success)
                .on("plan", plan)
                .with("attempt", given.attempt)
                .deciding("plan_digest", digest.unwrap_or_default())
        });
        std::iter::once(started).chain(consumed).collect()
    }
}

/// Puts an assignment together.
pub(super) async fn prepare(
    cx: &Cx,
    tx: &mut Tx,
    step: Picked,
    plan: Option<PlanRef>,
    stacks: &BTreeMap<Uuid, Stack>,
) -> Result<Starting> {
    let operation = step.operation();
    let mut secrets = open_map(
        cx,
        "secrets_sealed",
        step.id,
        step.secrets_sealed.as_deref(),
    )?;
    let mut inputs = BTreeMap::new();
    if !step.needs.is_empty() {
        hand_on(cx, tx, &step.needs, &mut inputs, &mut secrets).await?;
    }
    if operation == Operation::Reconcile {
        inputs.insert(
            RECONCILE_UNKNOWN.to_owned(),
            unknown(tx, step.job_id).await?,
        );
    }
    let token = format!("gca_{}", token());
    let epoch = step
        .stack_id
        .filter(|_| step.writes())
        .and_then(|id| stacks.get(&id))
        .map(|stack| stack.epoch + 1);
    let limit = |seconds: i32| u32::try_from(seconds).unwrap_or_default();
    let stack = stack(cx, &step)?;
    Ok(Starting {
        token_hash: sha256(token.as_bytes()),
        epoch,
        consumes: plan
            .as_ref()
            .map(|plan| plan.id)
            .filter(|_| operation != Operation::Reconcile),
        assignment: Assignment {
            attempt: cx.clock.id(),
            number: limit(step.attempts + 1),
            token,
            epoch,
            job: JobRef {
                id: step.job_id,
                number: step.number,
                title: step.job_title,
                team: step.team,
                environment: step.environment,
            },
            step: StepRef {
                id: step.id,
                name: step.name,
                driver: step.driver,
                operation,
                class: Class::parse(&step.class).unwrap_or(Class::Once),
            },
            spec: step.spec,
            secrets,
            inputs,
            stack,
            plan,
            limits: Limits {
                wall_s: limit(step.wall_s),
                silence_s: limit(step.silence_s),
                grace_s: limit(step.grace_s),
            },
            timing: Timing::default(),
        },
    })
}

fn stack(cx: &Cx, step: &Picked) -> Result<Option<StackRef>> {
    let (Some(id), Some(name)) = (step.stack_id, step.stack_name.clone()) else {
        return Ok(None);
    };
    let sealed = step.plan_key_sealed.as_deref().unwrap_or_default();
    let key = open(cx, "stack", "plan_key_sealed", id, sealed)?;
    Ok(Some(StackRef {
        id,
        name,
        serial: step.state_serial,
        plan_key: String::from_utf8(key).unwrap_or_default(),
    }))
}

/// Outputs of the steps it needs: `inputs.step`, secret ones `step.output`.
async fn hand_on(
    cx: &Cx,
    tx: &mut Tx,
    needs: &[Uuid],
    inputs: &mut BTreeMap<String, serde_json::Value>,
    secrets: &mut BTreeMap<String, String>,
) -> Result<()> {
    let rows = sqlx::query!(
        "select id, name, outputs, secret_outputs_sealed from step where id = any($1)",
        needs
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in rows {
        let sealed = row.secret_outputs_sealed.as_deref();
        let hidden = open_map(cx, "secret_outputs_sealed", row.id, sealed)?;
        for (name, value) in hidden {
            secrets.insert(format!("{}.{name}", row.name), value);
        }
        if let Some(outputs) = row.outputs {
            inputs.insert(row.name, outputs);
        }
    }
    Ok(())
}

/// What is on record of the attempt whose end is not known: its journal, names of its evidence.
async fn unknown(tx: &mut Tx, job: Uuid) -> Result<serde_json::Value> {
    let found = sqlx::query_scalar!(
        r#"select jsonb_build_object('attempt', r.attempt_id, 'epoch', a.epoch,
             'journal', coalesce((select jsonb_agg(jsonb_build_object('address', address, 'action', action,
                 'phase', phase, 'id_value', id_value) order by seq)
               from journal where attempt_id = r.attempt_id), '[]'),
             'evidence', coalesce((select jsonb_agg(name order by name) from evidence
               where attempt_id = r.attempt_id), '[]')) as "found!"
           from reconcile r join attempt a on a.id = r.attempt_id where r.job_id = $1"#,
        job
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.unwrap_or_default())
}
