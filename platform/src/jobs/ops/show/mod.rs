//! One job in full.

mod attempts;
mod reconcile;
mod steps;

use uuid::Uuid;

use super::{list::listed, object::relation, waits};
use crate::{
    Cx,
    audit::event::Target,
    cx::{Object, Tx},
    error::{Error, Result},
    jobs::{
        JobState, StepState,
        view::{Can, Shown},
    },
    people::Actor,
    policy::{Action, Relation, decide},
};

/// A job somebody looks at, not locked.
struct Seen {
    id: Uuid,
    number: i64,
    team: String,
    pool: String,
    made_via: String,
    made_by: Option<Uuid>,
}

impl Object for Seen {
    type Id = Uuid;

    async fn load(tx: &mut Tx, id: Uuid) -> Result<Option<Self>> {
        Ok(sqlx::query_as!(
            Self,
            "select id, number, team, pool, made_via, made_by from job where id = $1",
            id
        )
        .fetch_optional(&mut **tx)
        .await?)
    }

    fn target(&self) -> Target {
        Target::new("job", self.id)
    }

    fn relation(&self, actor: &Actor) -> Relation {
        relation(actor, &self.team, self.made_by)
    }

    fn concealed(&self, _actor: &Actor) -> bool {
        false
    }
}

/// The id of the job of this number.
pub async fn by_number(cx: &Cx, number: i64) -> Result<Uuid> {
    cx.may(Action::JobList).await?;
    sqlx::query_scalar!("select id from job where number = $1", number)
        .fetch_optional(&cx.db)
        .await?
        .ok_or(Error::NotFound)
}

/// A job in full, as its team and those who run the portal see it.
pub async fn show(cx: &Cx, job: Uuid) -> Result<Shown> {
    let (mut tx, seen) = cx.may_on::<Seen>(Action::JobView, job).await?;
    let mut listed = listed(&mut tx, &[seen.number]).await?;
    let job = listed.pop().ok_or(Error::NotFound)?;
    let more = sqlx::query!(
        r#"select now() as "now!: jiff_sqlx::Timestamp", p.name as "cancel_by?",
             j.cancel_at as "cancel_at: jiff_sqlx::Timestamp", o.number as "retry_of?",
             array(select r.number from job r where r.retry_of = j.id order by r.number) as "retried_by!"
           from job j left join person p on p.id = j.cancel_by left join job o on o.id = j.retry_of
           where j.id = $1"#,
        seen.id
    )
    .fetch_one(&mut *tx)
    .await?;
    let mut steps = steps::load(&mut tx, seen.id).await?;
    attempts::fill(&mut tx, seen.id, &mut steps).await?;
    reconcile::fill(&mut tx, seen.id, &mut steps).await?;
    if !job.state.is_over() {
        for place in waits::places(&mut tx, Some(seen.id), 100).await? {
            if let Some(step) = steps.iter_mut().find(|step| step.id == place.step) {
                step.waiting = Some(place.why);
            }
        }
    }
    let may = |action| decide(&cx.actor, action, seen.relation(&cx.actor)).is_ok();
    let over = job.state.is_over();
    let unknown = steps
        .iter()
        .any(|step| step.state == StepState::Indeterminate);
    let can = Can {
        cancel: !over && job.cancel.is_none() && may(Action::JobCancel),
        force: !over
            && job.cancel == Some(crate::jobs::Cancel::Interrupt)
            && may(Action::JobCancel),
        retry: matches!(job.state, JobState::Failed | JobState::Cancelled) && may(Action::JobRetry),
        decide: unknown && may(Action::ReconcileDecide),
    };
    Ok(Shown {
        pool: seen.pool,
        made_via: seen.made_via,
        cancel_by: more.cancel_by,
        cancel_at: more.cancel_at.map(jiff_sqlx::Timestamp::to_jiff),
        retry_of: more.retry_of,
        retried_by: more.retried_by,
        can,
        steps,
        now: more.now.to_jiff(),
        job,
    })
}
