//! Running a job again from the step that failed.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{
    object::Job,
    seals::{open_map, seal_map},
    settle,
};
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::append,
    },
    cx::{Tx, Woken},
    error::{Error, Result},
    jobs::{JobState, StepState},
    policy::Action,
};

/// A step of the job that failed.
struct Old {
    id: Uuid,
    state: StepState,
    needs: Vec<Uuid>,
    plan_of: Option<Uuid>,
    /// It made a plan that cannot be carried out any more.
    spent: bool,
    secrets_sealed: Option<Vec<u8>>,
}

/// Makes a job of the steps that did not succeed; those that did are not repeated, but where what
/// they made counts only once: a plan that was carried out is made anew. Answers the new job.
pub async fn retry(cx: &Cx, job: Uuid) -> Result<Uuid> {
    let (mut tx, job) = cx.may_on::<Job>(Action::JobRetry, job).await?;
    match job.state {
        JobState::Failed | JobState::Cancelled => {}
        JobState::Succeeded => return Err(Error::conflict("this job succeeded")),
        _ => return Err(Error::conflict("this job has not ended")),
    }
    let old = old(&mut tx, job.id).await?;
    let again = again(&old);
    let new: BTreeMap<Uuid, Uuid> = again.iter().map(|step| (*step, cx.clock.id())).collect();
    let id = cx.clock.id();
    let number = insert(cx, &mut tx, &job, id, &old, &new).await?;
    let ready: Vec<Uuid> = old
        .iter()
        .filter(|step| again.contains(&step.id))
        .filter(|step| step.needs.iter().all(|need| !again.contains(need)))
        .map(|step| new[&step.id])
        .collect();
    settle::queue(&mut tx, &ready, &vec![0; ready.len()]).await?;
    let event = Event::new(cx, Kind::JobMade, Outcome::Success)
        .on("job", id)
        .with("number", number)
        .with("team", &job.team)
        .with("retry_of", job.number);
    append(cx, &mut tx, &event).await?;
    tx.commit().await?;
    cx.wake.say(Woken::Pool(&job.pool));
    Ok(id)
}

async fn old(tx: &mut Tx, job: Uuid) -> Result<Vec<Old>> {
    let rows = sqlx::query!(
        r#"select s.id, s.state, s.needs, s.plan_of, s.secrets_sealed,
             coalesce(s.operation = 'plan' and (p.consumed_by_attempt is not null or p.expires_at < now()
               or k.state_serial is distinct from p.based_on_serial), false) as "spent!"
           from step s left join plan p on p.id = s.plan_id left join stack k on k.id = s.stack_id
           where s.job_id = $1 order by s.place"#,
        job
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Old {
            id: row.id,
            state: StepState::parse(&row.state).unwrap_or(StepState::Failed),
            needs: row.needs,
            plan_of: row.plan_of,
            spent: row.spent,
            secrets_sealed: row.secrets_sealed,
        })
        .collect())
}

/// Which steps run again: what did not succeed, plans of these that are spent, and whatever needs one
/// that runs again.
fn again(old: &[Old]) -> BTreeSet<Uuid> {
    let mut again: BTreeSet<Uuid> = old
        .iter()
        .filter(|step| step.state != StepState::Succeeded)
        .map(|step| step.id)
        .collect();
    loop {
        let before = again.len();
        for step in old {
            if again.contains(&step.id) {
                let spent = |plan: &Uuid| old.iter().any(|made| made.id == *plan && made.spent);
                again.extend(step.plan_of.filter(spent));
            } else if step.needs.iter().any(|need| again.contains(need)) {
                again.insert(step.id);
            }
        }
        if again.len() == before {
            return again;
        }
    }
}

async fn insert(
    cx: &Cx,
    tx: &mut Tx,
    job: &Job,
    id: Uuid,
    old: &[Old],
    new: &BTreeMap<Uuid, Uuid>,
) -> Result<i64> {
    let (mut from, mut to, mut secrets, mut needs) = (vec![], vec![], vec![], vec![]);
    let renamed = |step: &Uuid| new.get(step).copied().unwrap_or(*step);
    for step in old.iter().filter(|step| new.contains_key(&step.id)) {
        let open = open_map(
            cx,
            "secrets_sealed",
            step.id,
            step.secrets_sealed.as_deref(),
        )?;
        secrets.push(seal_map(cx, "secrets_sealed", renamed(&step.id), &open)?);
        needs.push(sqlx::types::Json(
            step.needs.iter().map(renamed).collect::<Vec<Uuid>>(),
        ));
        from.push(step.id);
        to.push(renamed(&step.id));
    }
    let plans: Vec<Option<Uuid>> = old
        .iter()
        .filter(|step| new.contains_key(&step.id))
        .map(|step| step.plan_of.as_ref().map(renamed))
        .collect();
    Ok(sqlx::query_scalar!(
        r#"with j as (
             insert into job (id, title, team, environment, pool, background, exclusive, steps, made_by,
                 made_via, retry_of)
               select $1, title, team, environment, pool, background, exclusive, cardinality($3::uuid[]),
                 $4, 'person', id from job where id = $2
               returning number),
           s as (
             insert into step (id, job_id, place, level, name, title, driver, operation, class, needs, labels,
                 stack_id, spec, secrets_sealed, plan_of, wall_s, silence_s, grace_s, max_attempts)
               select g.new, $1, o.place, o.level, o.name, o.title, o.driver, o.operation, o.class,
                 array(select jsonb_array_elements_text(g.needs)::uuid), o.labels, o.stack_id, o.spec,
                 g.secrets, g.plan_of, o.wall_s, o.silence_s, o.grace_s, o.max_attempts
               from unnest($3::uuid[], $5::uuid[], $6::bytea[], $7::jsonb[], $8::uuid[])
                   as g (old, new, secrets, needs, plan_of)
                 join step o on o.id = g.old)
           select number from j"#,
        id,
        job.id,
        &from,
        cx.actor.person().map(|person| person.id.0),
        &to,
        &secrets as &[Option<Vec<u8>>],
        &needs as _,
        &plans as &[Option<Uuid>],
    )
    .fetch_one(&mut **tx)
    .await?)
}
