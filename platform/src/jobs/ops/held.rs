//! An attempt under lock, as the object of its own reports.

use uuid::Uuid;

use crate::{
    Cx,
    audit::event::Target,
    cx::{Object, Tx},
    error::{Error, Result},
    jobs::{AttemptState, Cancel, Class, Operation},
    people::Actor,
    policy::Relation,
};

/// An attempt with its step, job and stack. Attempt and job are locked.
pub(crate) struct Held {
    pub(crate) id: Uuid,
    pub(crate) number: i32,
    pub(crate) state: AttemptState,
    pub(crate) epoch: Option<i64>,
    pub(crate) passed: bool,
    pub(crate) shim_pid: Option<i32>,
    pub(crate) lapsed: bool,
    pub(crate) overdue: bool,
    pub(crate) log_chunks: i64,
    pub(crate) log_sha256: Option<Vec<u8>>,
    pub(crate) step: Uuid,
    pub(crate) step_name: String,
    pub(crate) driver: String,
    pub(crate) operation: Operation,
    pub(crate) class: Class,
    pub(crate) most: i32,
    pub(crate) job: Uuid,
    pub(crate) job_number: i64,
    pub(crate) steps: i32,
    pub(crate) team: String,
    pub(crate) pool: String,
    pub(crate) environment: Option<String>,
    pub(crate) cancel: Option<Cancel>,
    pub(crate) stack: Option<Uuid>,
    stack_epoch: Option<i64>,
    holder: Option<Uuid>,
}

impl Held {
    /// `Gone` unless the attempt runs, and holds its stack at its epoch where it writes.
    pub(crate) fn holds(&self) -> Result<()> {
        let fenced = self.epoch.is_some()
            && (self.stack_epoch != self.epoch || self.holder != Some(self.id));
        if self.state == AttemptState::Running && !fenced {
            Ok(())
        } else {
            Err(Error::Gone)
        }
    }

    /// What people ask of it; past its deadline it is killed, asked or not.
    pub(crate) fn asked(&self) -> Option<Cancel> {
        if self.overdue {
            Some(Cancel::Force)
        } else {
            self.cancel
        }
    }
}

/// The attempt that acts; one that is nowhere, when none does.
pub(crate) fn own(cx: &Cx) -> Uuid {
    cx.actor.attempt().map_or(Uuid::nil(), |attempt| attempt.id)
}

impl Object for Held {
    type Id = Uuid;

    async fn load(tx: &mut Tx, id: Uuid) -> Result<Option<Self>> {
        let row = sqlx::query!(
            r#"select a.id, a.number, a.state, a.epoch, a.shim_pid, a.log_chunks, a.log_sha256,
                 a.process_started_at is not null as "passed!", a.lease_until < now() as "lapsed!",
                 a.deadline < now() as "overdue!", s.id as step, s.name as step_name, s.driver, s.operation,
                 s.class, s.max_attempts, s.stack_id, j.id as job, j.number as job_number, j.steps, j.team,
                 j.pool, j.environment, j.cancel, k.epoch as "stack_epoch?",
                 k.holder_attempt
               from attempt a join step s on s.id = a.step_id join job j on j.id = s.job_id
                 left join stack k on k.id = s.stack_id
               where a.id = $1 for no key update of a, j"#,
            id
        )
        .fetch_optional(&mut **tx)
        .await?;
        Ok(row.map(|row| Self {
            id: row.id,
            number: row.number,
            state: AttemptState::parse(&row.state).unwrap_or(AttemptState::Lost),
            epoch: row.epoch,
            passed: row.passed,
            shim_pid: row.shim_pid,
            lapsed: row.lapsed,
            overdue: row.overdue,
            log_chunks: row.log_chunks,
            log_sha256: row.log_sha256,
            step: row.step,
            step_name: row.step_name,
            driver: row.driver,
            operation: Operation::parse(&row.operation).unwrap_or(Operation::Action),
            class: Class::parse(&row.class).unwrap_or(Class::Once),
            most: row.max_attempts,
            job: row.job,
            job_number: row.job_number,
            steps: row.steps,
            team: row.team,
            pool: row.pool,
            environment: row.environment,
            cancel: row.cancel.as_deref().and_then(Cancel::parse),
            stack: row.stack_id,
            stack_epoch: row.stack_epoch,
            holder: row.holder_attempt,
        }))
    }

    fn target(&self) -> Target {
        Target::new("attempt", self.id)
    }

    fn relation(&self, actor: &Actor) -> Relation {
        Relation {
            own: actor.attempt().is_some_and(|own| own.id == self.id),
            ..Relation::NONE
        }
    }

    fn concealed(&self, _actor: &Actor) -> bool {
        true
    }
}
