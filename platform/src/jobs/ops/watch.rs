//! What a job looks like, as a number: for streams, which say no more than that it changed.

use uuid::Uuid;

use super::object::relation;
use crate::{
    Cx,
    audit::event::Target,
    cx::{Object, Tx},
    error::{Error, Result},
    jobs::JobState,
    people::Actor,
    policy::{Action, Relation},
};

/// A job as somebody watches it, without a lock.
struct Watched {
    id: Uuid,
    team: String,
    made_by: Option<Uuid>,
}

impl Object for Watched {
    type Id = Uuid;

    async fn load(tx: &mut Tx, id: Uuid) -> Result<Option<Self>> {
        Ok(
            sqlx::query_as!(Self, "select id, team, made_by from job where id = $1", id)
                .fetch_optional(&mut **tx)
                .await?,
        )
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

/// Says whether the actor may watch this job now. Asked again while a stream is open.
pub async fn may_watch(cx: &Cx, job: Uuid) -> Result<()> {
    cx.may_on::<Watched>(Action::JobView, job).await?;
    Ok(())
}

/// How a job looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looks {
    /// Differs when anything a page shows of it differs; never negative.
    pub like: i64,
    /// Nothing will change any more.
    pub over: bool,
}

/// What the job looks like now. The portal's own: who may know is asked for each viewer.
pub async fn looks(cx: &Cx, job: Uuid) -> Result<Looks> {
    cx.may(Action::JobKeep).await?;
    let row = sqlx::query!(
        r#"select j.finished_at is not null as "over!",
             hashtextextended(concat_ws('|', j.state, j.cancel,
               (select string_agg(concat_ws(',', s.state, s.attempts, s.plan_id, s.ready_at, r.decision, r.plan_id,
                    r.report is not null), ';' order by s.place)
                  from step s left join reconcile r on r.step_id = s.id where s.job_id = j.id),
               (select string_agg(concat_ws(',', a.id, a.state, a.phase, a.process_started_at), ';' order by a.id)
                  from attempt a join step s on s.id = a.step_id where s.job_id = j.id)), 0)
               & 9223372036854775807 as "like!"
           from job j where j.id = $1"#,
        job
    )
    .fetch_optional(&cx.db)
    .await?
    .ok_or(Error::NotFound)?;
    Ok(Looks {
        like: row.like,
        over: row.over,
    })
}

/// A job as the command line follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Its number.
    pub number: i64,
    /// Where it stands.
    pub state: JobState,
    /// Its attempts, in the order they were taken.
    pub attempts: Vec<FollowedAttempt>,
    /// Names of steps that did not succeed, and why.
    pub errors: Vec<(String, String)>,
}

/// One attempt of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowedAttempt {
    /// Its id.
    pub id: Uuid,
    /// Name of its step.
    pub step: String,
    /// Which try.
    pub number: i32,
    /// It has ended.
    pub over: bool,
}

/// What the command line shows of a job while it runs.
pub async fn followed(cx: &Cx, job: Uuid) -> Result<Followed> {
    let (mut tx, watched) = cx.may_on::<Watched>(Action::JobView, job).await?;
    let row = sqlx::query!("select number, state from job where id = $1", watched.id)
        .fetch_one(&mut *tx)
        .await?;
    let attempts = sqlx::query!(
        r#"select a.id, a.number, a.state <> 'running' as "over!", s.name
           from attempt a join step s on s.id = a.step_id where s.job_id = $1 order by a.claimed_at, a.id"#,
        watched.id
    )
    .fetch_all(&mut *tx)
    .await?;
    let errors = sqlx::query!(
        r#"select name, error as "error!" from step where job_id = $1 and error is not null order by place"#,
        watched.id
    )
    .fetch_all(&mut *tx)
    .await?;
    Ok(Followed {
        number: row.number,
        state: JobState::parse(&row.state).ok_or(Error::Internal)?,
        attempts: attempts
            .into_iter()
            .map(|row| FollowedAttempt {
                id: row.id,
                step: row.name,
                number: row.number,
                over: row.over,
            })
            .collect(),
        errors: errors
            .into_iter()
            .map(|row| (row.name, row.error))
            .collect(),
    })
}
