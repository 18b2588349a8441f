//! A job as the object of a person's act.

use uuid::Uuid;

use crate::{
    audit::event::Target,
    cx::{Object, Tx},
    error::Result,
    jobs::{Cancel, JobState},
    people::Actor,
    policy::Relation,
};

/// A job, locked.
pub(super) struct Job {
    pub(super) id: Uuid,
    pub(super) number: i64,
    pub(super) team: String,
    pub(super) pool: String,
    pub(super) state: JobState,
    pub(super) cancel: Option<Cancel>,
    pub(super) made_by: Option<Uuid>,
}

impl Object for Job {
    type Id = Uuid;

    async fn load(tx: &mut Tx, id: Uuid) -> Result<Option<Self>> {
        let row = sqlx::query!(
            "select id, number, team, pool, state, cancel, made_by from job where id = $1
             for no key update",
            id
        )
        .fetch_optional(&mut **tx)
        .await?;
        Ok(row.map(|row| Self {
            id: row.id,
            number: row.number,
            team: row.team,
            pool: row.pool,
            state: JobState::parse(&row.state).unwrap_or(JobState::Running),
            cancel: row.cancel.as_deref().and_then(Cancel::parse),
            made_by: row.made_by,
        }))
    }

    fn target(&self) -> Target {
        Target::new("job", self.id)
    }

    fn relation(&self, actor: &Actor) -> Relation {
        relation(actor, &self.team, self.made_by)
    }

    fn concealed(&self, _actor: &Actor) -> bool {
        false // everybody with a role may list every job; teams are not private yet
    }
}

/// What an actor is to a job of this team and maker.
pub(super) fn relation(actor: &Actor, team: &str, made_by: Option<Uuid>) -> Relation {
    let me = actor.person().map(|person| person.id.0);
    Relation {
        own: me.is_some() && me == made_by,
        ..Relation::of_team(actor, team)
    }
}
