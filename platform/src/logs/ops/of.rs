//! Whose log it is: decided for every reader, without a lock.

use uuid::Uuid;

use crate::{
    Cx,
    audit::event::Target,
    cx::{Object, Tx},
    error::Result,
    people::Actor,
    policy::{Action, Relation},
};

/// An attempt as the owner of a log.
pub(super) struct LogOf {
    pub(super) id: Uuid,
    pub(super) over: bool,
    pub(super) declared: i64,
    pub(super) job: i64,
    pub(super) step: String,
    pub(super) number: i32,
    team: String,
}

impl Object for LogOf {
    type Id = Uuid;

    async fn load(tx: &mut Tx, id: Uuid) -> Result<Option<Self>> {
        Ok(sqlx::query!(
            "select a.state, a.log_chunks, a.number, s.name, j.number as job, j.team
               from attempt a join step s on s.id = a.step_id join job j on j.id = s.job_id
               where a.id = $1",
            id
        )
        .fetch_optional(&mut **tx)
        .await?
        .map(|row| Self {
            id,
            over: row.state != "running",
            declared: row.log_chunks,
            job: row.job,
            step: row.name,
            number: row.number,
            team: row.team,
        }))
    }

    fn target(&self) -> Target {
        Target {
            kind: "attempt",
            id: self.id.to_string(),
            version: None,
        }
    }

    fn relation(&self, actor: &Actor) -> Relation {
        Relation::of_team(actor, &self.team)
    }

    /// Private teams are not there yet; whoever may not view a log learns that it exists.
    fn concealed(&self, _actor: &Actor) -> bool {
        false
    }
}

/// Says whether the actor may follow the log of this attempt now. Asked again while a stream is open.
pub async fn may_follow(cx: &Cx, attempt: Uuid) -> Result<()> {
    cx.may_on::<LogOf>(Action::LogView, attempt).await?;
    Ok(())
}
