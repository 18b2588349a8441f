//! A person decides what the unknown end of a step means.

use uuid::Uuid;

use super::{object::relation, settle};
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome, Target},
        ops::{append, enqueue_all},
    },
    cx::{Object, Tx, Woken},
    error::{Error, Result},
    jobs::{StepState, graph, view::Decision},
    people::Actor,
    policy::{Action, Relation},
};

/// A step of unknown end, with its job locked.
struct Unknown {
    step: Uuid,
    state: StepState,
    job: Uuid,
    number: i64,
    team: String,
    pool: String,
    made_by: Option<Uuid>,
    cancelled: bool,
    stack: Option<Uuid>,
    attempt: Option<Uuid>,
    looks: Option<Uuid>,
    plan: Option<Uuid>,
    plan_step: Option<Uuid>,
    decided: bool,
}

impl Object for Unknown {
    type Id = Uuid;

    async fn load(tx: &mut Tx, id: Uuid) -> Result<Option<Self>> {
        let row = sqlx::query!(
            r#"select s.id, s.state, s.stack_id, j.id as job, j.number, j.team, j.pool, j.made_by,
                 j.cancel is not null as "cancelled!", r.attempt_id as "attempt_id?", r.job_id as "looks?",
                 r.plan_id as "plan_id?", p.step_id as "plan_step?", r.decided_at is not null as "decided!"
               from step s join job j on j.id = s.job_id left join reconcile r on r.step_id = s.id
                 left join plan p on p.id = r.plan_id
               where s.id = $1 for no key update of j"#,
            id
        )
        .fetch_optional(&mut **tx)
        .await?;
        Ok(row.map(|row| Self {
            step: row.id,
            state: StepState::parse(&row.state).unwrap_or(StepState::Failed),
            job: row.job,
            number: row.number,
            team: row.team,
            pool: row.pool,
            made_by: row.made_by,
            cancelled: row.cancelled,
            stack: row.stack_id,
            attempt: row.attempt_id,
            looks: row.looks,
            plan: row.plan_id,
            plan_step: row.plan_step,
            decided: row.decided,
        }))
    }

    fn target(&self) -> Target {
        Target::new("step", self.step)
    }

    fn relation(&self, actor: &Actor) -> Relation {
        relation(actor, &self.team, self.made_by)
    }

    fn concealed(&self, _actor: &Actor) -> bool {
        false
    }
}

/// Decides: accepts the plan of what is left (the step is tried again, with that plan), or says that
/// the step was done, or was not. The stack is free then.
pub async fn decide(cx: &Cx, step: Uuid, decision: Decision, reason: &str) -> Result<()> {
    let (mut tx, unknown) = cx.may_on::<Unknown>(Action::ReconcileDecide, step).await?;
    let reason = self::reason(reason)?;
    if unknown.decided || unknown.state != StepState::Indeterminate {
        return Err(Error::conflict("there is nothing to decide any more"));
    }
    if decision == Decision::Accepted {
        if unknown.cancelled {
            return Err(Error::conflict(
                "the job was asked to end: nothing of it starts again",
            ));
        }
        if unknown.plan.is_none() {
            return Err(Error::conflict(
                "there is no plan of what is left to accept",
            ));
        }
    }
    let mut events = Vec::new();
    let state = record(cx, &mut tx, &unknown, decision, &reason).await?;
    let mut nodes = settle::nodes(&mut tx, unknown.job).await?;
    for node in nodes.iter_mut().filter(|node| node.id == unknown.step) {
        node.state = state;
    }
    let settled = graph::settle(&mut nodes, unknown.cancelled);
    if state == StepState::Queued {
        settle::queue(&mut tx, &[unknown.step], &[0]).await?;
    }
    let of = (unknown.job, unknown.number);
    settle::write(cx, &mut tx, of, &settled, &mut events).await?;
    enqueue_all(cx, &mut tx, &events).await?;
    let mut event = Event::new(cx, Kind::ReconcileDecided, Outcome::Success)
        .on("step", unknown.step)
        .with("decision", decision.name())
        .with("job", unknown.number)
        .noting("reason", &reason);
    if let Some(attempt) = unknown.attempt {
        event = event.with("attempt", attempt);
    }
    if let Some(plan) = unknown.plan.filter(|_| decision == Decision::Accepted) {
        event = event.deciding("plan", plan);
    }
    append(cx, &mut tx, &event).await?;
    tx.commit().await?;
    cx.wake.say(Woken::Job(unknown.job));
    cx.wake.say(Woken::Pool(&unknown.pool));
    Ok(())
}

/// Writes the decision, frees the stack, stops the job that looks; answers where the step goes.
async fn record(
    cx: &Cx,
    tx: &mut Tx,
    unknown: &Unknown,
    decision: Decision,
    reason: &str,
) -> Result<StepState> {
    let state = match decision {
        Decision::Accepted => StepState::Queued,
        Decision::ResolvedSucceeded => StepState::Succeeded,
        Decision::ResolvedFailed => StepState::Failed,
    };
    let again = state == StepState::Queued;
    sqlx::query!(
        r#"with r as (
             update reconcile set decided_at = now(), decided_by = $2, decision = $3, reason = $4
             where step_id = $1),
           k as (update stack set frozen_reason = null where id = $5),
           l as (
             update job set cancel = 'interrupt', cancel_by = $2, cancel_at = now()
             where id = $9 and finished_at is null and cancel is null and state <> 'queued')
           update step set state = $6, finished_at = case when not $7 then now() end,
             max_attempts = case when $7 then greatest(max_attempts, attempts + 1) else max_attempts end,
             plan_of = case when $7 then $8 else plan_of end
           where id = $1"#,
        unknown.step,
        cx.actor.person().map(|person| person.id.0),
        decision.name(),
        reason,
        unknown.stack,
        state.name(),
        again,
        unknown.plan_step,
        unknown.looks,
    )
    .execute(&mut **tx)
    .await?;
    Ok(state)
}

/// A reason: 3 to 2,000 characters.
pub(super) fn reason(text: &str) -> Result<String> {
    let text = text.trim();
    if !(3..=2_000).contains(&text.chars().count()) || text.contains('\0') {
        return Err(Error::invalid(
            "reason",
            "say why, in 3 to 2,000 characters",
        ));
    }
    Ok(text.to_owned())
}
