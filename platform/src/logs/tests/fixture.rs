//! One attempt and everything it stands on, without the operations that would make it.

use std::sync::Arc;

use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    Cx,
    jobs::{Class, Operation, actor::AttemptActor},
    people::{Actor, Authentication, Grants, GroupsClaim, Person, PersonId, Role, TeamRole},
    secrets::{Keyring, random},
};

/// An attempt at one step of a job of the team payments.
pub(crate) struct Fixture {
    pub(crate) db: PgPool,
    pub(crate) keys: Arc<Keyring>,
    pub(crate) actor: AttemptActor,
}

/// A running attempt; one that writes holds its stack at epoch 1.
pub(crate) async fn attempt(db: &PgPool, writes: bool) -> Fixture {
    let keys = Arc::new(Keyring::generate());
    let stack = Uuid::now_v7();
    apply(
        db,
        "insert into stack (id, name, team) values ($1, 'payments/' || $1::text, 'payments')",
        stack,
    )
    .await;
    on_stack(db, keys, stack, writes).await
}

/// Another attempt on the same stack.
pub(crate) async fn on_stack(
    db: &PgPool,
    keys: Arc<Keyring>,
    stack: Uuid,
    writes: bool,
) -> Fixture {
    let (worker, job, step, id) = (
        Uuid::now_v7(),
        Uuid::now_v7(),
        Uuid::now_v7(),
        Uuid::now_v7(),
    );
    let operation = if writes {
        Operation::Apply
    } else {
        Operation::Plan
    };
    let mut tx = db.begin().await.expect("begun");
    sqlx::query("set local session_replication_role = replica")
        .execute(&mut *tx)
        .await
        .expect("set");
    sqlx::query(
        "insert into worker (id, name, pool, token_hash, expires_at)
         values ($1, 'w-' || $1::text, 'default', $2, now() + interval '1 day')",
    )
    .bind(worker)
    .bind(random::<32>().to_vec())
    .execute(&mut *tx)
    .await
    .expect("a worker");
    sqlx::query("insert into job (id, title, team, made_via, state, steps) values ($1, 'J', 'payments', 'test', 'running', 1)")
        .bind(job)
        .execute(&mut *tx)
        .await
        .expect("a job");
    sqlx::query(
        "insert into step (id, job_id, place, name, title, driver, operation, class, stack_id, spec, state)
         values ($1, $2, 0, 'step', 'S', 'echo', $3, $4, $5, '{}', 'running')",
    )
    .bind(step)
    .bind(job)
    .bind(operation.name())
    .bind(operation.class().name())
    .bind(stack)
    .execute(&mut *tx)
    .await
    .expect("a step");
    let epoch: Option<i64> = if writes {
        let epoch = sqlx::query_scalar(
            "update stack set epoch = epoch + 1, holder_attempt = $2 where id = $1 returning epoch",
        )
        .bind(stack)
        .bind(id)
        .fetch_one(&mut *tx)
        .await
        .expect("held");
        Some(epoch)
    } else {
        None
    };
    sqlx::query(
        "insert into attempt (id, step_id, number, worker_id, token_hash, epoch, lease_until, deadline)
         values ($1, $2, 1, $3, $4, $5, now() + interval '20 s', now() + interval '1 h')",
    )
    .bind(id)
    .bind(step)
    .bind(worker)
    .bind(random::<32>().to_vec())
    .bind(epoch)
    .execute(&mut *tx)
    .await
    .expect("an attempt");
    tx.commit().await.expect("committed");
    Fixture {
        db: db.clone(),
        keys,
        actor: AttemptActor {
            id,
            step,
            job,
            worker,
            stack: Some(stack),
            epoch,
            operation,
            class: Class::Once,
        },
    }
}

/// A statement about one id, past the guards.
pub(crate) async fn apply(db: &PgPool, statement: &'static str, id: Uuid) {
    let mut tx = db.begin().await.expect("begun");
    sqlx::query("set local session_replication_role = replica")
        .execute(&mut *tx)
        .await
        .expect("set");
    sqlx::query(statement)
        .bind(id)
        .execute(&mut *tx)
        .await
        .expect("applied");
    tx.commit().await.expect("committed");
}

impl Fixture {
    /// A context of the attempt's.
    pub(crate) fn cx(&self) -> Cx {
        self.by(Actor::Attempt(Box::new(self.actor.clone())))
    }

    /// A context of somebody else's.
    pub(crate) fn by(&self, actor: Actor) -> Cx {
        Cx::new(
            self.db.clone(),
            self.db.clone(),
            Arc::clone(&self.keys),
            actor,
        )
    }

    /// A context of a person's who has signed in before.
    pub(crate) async fn known(&self, actor: Actor) -> Cx {
        let id = actor.person().expect("a person").id.0;
        let statement = "insert into person (id, iss, sub, name, groups_claim)
            values ($1, 'https://id.example', $1::text, 'P', 'present')";
        apply(&self.db, statement, id).await;
        self.by(actor)
    }

    /// A context of the portal's.
    pub(crate) fn system(&self) -> Cx {
        self.by(Actor::System("test"))
    }

    /// A context of a developer of the team.
    pub(crate) fn developer(&self) -> Cx {
        self.by(member("payments", TeamRole::Developer))
    }

    /// The attempt's id.
    pub(crate) fn id(&self) -> Uuid {
        self.actor.id
    }

    /// The stack's id.
    pub(crate) fn stack(&self) -> Uuid {
        self.actor.stack.expect("it has one")
    }
}

/// Somebody of a team.
pub(crate) fn member(team: &str, role: TeamRole) -> Actor {
    person(Grants {
        teams: [(team.to_owned(), [role].into())].into(),
        ..Grants::default()
    })
}

/// A platform engineer.
pub(crate) fn platform_engineer() -> Actor {
    person(Grants {
        roles: [Role::PlatformEngineer].into(),
        ..Grants::default()
    })
}

fn person(grants: Grants) -> Actor {
    Actor::Person(Box::new(Person {
        id: PersonId(Uuid::now_v7()),
        name: "P".to_owned(),
        grants,
        groups_claim: GroupsClaim::Present,
        session: Uuid::now_v7(),
        authentication: Authentication::default(),
    }))
}
