//! The steps of a job, with what they made.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{
    cx::Tx,
    error::Result,
    jobs::{
        Class, ErrorClass, Operation, StepState,
        view::{ShownPlan, ShownStack, ShownStep, Waiting},
    },
};

pub(super) async fn load(tx: &mut Tx, job: Uuid) -> Result<Vec<ShownStep>> {
    let rows = sqlx::query!(
        r#"select s.id, s.name, s.title, s.driver, s.operation, s.class, s.state, s.needs, s.level,
             s.started_at as "started_at: jiff_sqlx::Timestamp",
             s.finished_at as "finished_at: jiff_sqlx::Timestamp", s.error_class, s.error, s.outputs, s.changes,
             k.id as "stack_id?", k.name as "stack_name?", p.id as "plan_id?", p.digest as "digest?",
             p.summary as "summary?", p.made_at as "plan_made_at?: jiff_sqlx::Timestamp",
             p.expires_at as "plan_expires_at?: jiff_sqlx::Timestamp",
             p.consumed_at as "plan_consumed_at?: jiff_sqlx::Timestamp"
           from step s left join stack k on k.id = s.stack_id
             left join plan p on p.id = s.plan_id
           where s.job_id = $1 order by s.place"#,
        job
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut steps: Vec<ShownStep> = rows
        .into_iter()
        .map(|row| ShownStep {
            id: row.id,
            name: row.name,
            title: row.title,
            driver: row.driver,
            operation: Operation::parse(&row.operation).unwrap_or(Operation::Action),
            class: Class::parse(&row.class).unwrap_or(Class::Once),
            state: StepState::parse(&row.state).unwrap_or(StepState::Indeterminate),
            needs: row.needs,
            column: u32::try_from(row.level).unwrap_or_default(),
            stack: row
                .stack_id
                .zip(row.stack_name)
                .map(|(id, name)| ShownStack { id, name }),
            waiting: None,
            started_at: row.started_at.map(jiff_sqlx::Timestamp::to_jiff),
            finished_at: row.finished_at.map(jiff_sqlx::Timestamp::to_jiff),
            error_class: row.error_class.as_deref().and_then(ErrorClass::parse),
            error: row.error,
            outputs: row
                .outputs
                .and_then(|outputs| serde_json::from_value(outputs).ok())
                .unwrap_or_default(),
            changes: row.changes,
            plan: plan(
                row.plan_id,
                row.digest,
                row.summary,
                row.plan_made_at.zip(row.plan_expires_at),
                row.plan_consumed_at,
            ),
            attempts: Vec::new(),
            reconcile: None,
        })
        .collect();
    say_needs(&mut steps);
    Ok(steps)
}

type Time = jiff_sqlx::Timestamp;

/// A plan, where there is one.
pub(super) fn plan(
    id: Option<Uuid>,
    digest: Option<Vec<u8>>,
    summary: Option<serde_json::Value>,
    times: Option<(Time, Time)>,
    consumed: Option<Time>,
) -> Option<ShownPlan> {
    let (made, expires) = times?;
    Some(ShownPlan {
        id: id?,
        digest: hex::encode(digest?),
        summary: summary?,
        made_at: made.to_jiff(),
        expires_at: expires.to_jiff(),
        consumed_at: consumed.map(Time::to_jiff),
    })
}

/// Steps that wait say for which others.
fn say_needs(steps: &mut [ShownStep]) {
    let known: BTreeMap<Uuid, (String, StepState)> = steps
        .iter()
        .map(|step| (step.id, (step.name.clone(), step.state)))
        .collect();
    for step in steps
        .iter_mut()
        .filter(|step| step.state == StepState::Waiting)
    {
        let open = step.needs.iter().filter_map(|need| known.get(need));
        let names = open
            .filter(|(_, state)| *state != StepState::Succeeded)
            .map(|(name, _)| name.clone());
        step.waiting = Some(Waiting::Needs {
            steps: names.collect(),
        });
    }
}
