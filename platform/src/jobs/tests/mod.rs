//! Jobs against a real database.

mod claims;
mod ends;
mod fences;
mod people;
mod plans;
mod pure;
mod starts;
mod views;
mod walk;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sqlx::PgPool;
use uuid::Uuid;

use super::{
    actor::WorkerActor,
    ops,
    spec::JobSpec,
    wire::{Assignment, Finish, Start},
};
use crate::{
    Cx, Result,
    people::{Actor, Authentication, Grants, GroupsClaim, Person, PersonId, Role, TeamRole},
    secrets::{Keyring, sha256},
};

/// A portal with a database: one keyring for all who act.
pub(super) struct Portal {
    pub(super) system: Cx,
}

impl Portal {
    pub(super) fn new(db: &PgPool) -> Self {
        let keys = Arc::new(Keyring::generate());
        Self {
            system: Cx::new(db.clone(), db.clone(), keys, Actor::System("test")),
        }
    }

    pub(super) fn cx(&self, actor: Actor) -> Cx {
        Cx {
            actor,
            ..self.system.clone()
        }
    }

    pub(super) async fn made(&self, yaml: &str) -> Uuid {
        let spec = JobSpec::parse(yaml).expect("a job");
        let made = ops::enqueue(&self.system, &spec, None).await;
        made.expect("accepted").id
    }

    /// A worker of a pool that has just said hello.
    pub(super) async fn worker(&self, pool: &str, labels: &str) -> Cx {
        let id = Uuid::now_v7();
        let mut tx = self.system.db.begin().await.expect("begins");
        sqlx::query(
            "insert into worker (id, name, pool, token_hash, expires_at, labels, capacity, first_seen_at,
               last_seen_at, lease_until)
             values ($1, $2, $3, $4, now() + interval '1 day', $5::jsonb, 8, now(), now(), now() + interval '1 day')",
        )
        .bind(id)
        .bind(format!("w-{}", id.simple()))
        .bind(pool)
        .bind(sha256(id.as_bytes()).to_vec())
        .bind(labels)
        .execute(&mut *tx)
        .await
        .expect("inserted");
        on_record(&mut tx).await;
        tx.commit().await.expect("commits");
        self.cx(Actor::Worker(Box::new(WorkerActor {
            id,
            name: "w".to_owned(),
            pool: pool.to_owned(),
            labels: BTreeMap::new(),
        })))
    }

    /// Somebody on record, with these rights.
    pub(super) async fn person(&self, grants: Grants) -> Cx {
        let id = Uuid::now_v7();
        let mut tx = self.system.db.begin().await.expect("begins");
        sqlx::query(
            "insert into person (id, iss, sub, name, groups_claim) values ($1, 'i', $2, 'P', 'present')",
        )
        .bind(id)
        .bind(id.to_string())
        .execute(&mut *tx)
        .await
        .expect("inserted");
        on_record(&mut tx).await;
        tx.commit().await.expect("commits");
        self.cx(Actor::Person(Box::new(Person {
            id: PersonId(id),
            name: "P".to_owned(),
            grants,
            groups_claim: GroupsClaim::Present,
            session: Uuid::now_v7(),
            authentication: Authentication::default(),
        })))
    }

    pub(super) async fn engineer(&self) -> Cx {
        self.person(Grants {
            roles: BTreeSet::from([Role::PlatformEngineer]),
            ..Grants::default()
        })
        .await
    }

    /// The context of an attempt, by its token, as the server makes it.
    pub(super) async fn attempt(&self, given: &Assignment) -> Cx {
        let hash = sha256(given.token.as_bytes());
        let actor = ops::find_attempt(&self.system.db, &hash).await;
        let actor = actor.expect("answered").expect("known");
        self.cx(Actor::Attempt(Box::new(actor)))
    }

    /// One word of one row.
    pub(super) async fn word(&self, sql: &'static str, id: Uuid) -> String {
        sqlx::query_scalar::<_, Option<String>>(sql)
            .bind(id)
            .fetch_one(&self.system.db)
            .await
            .expect("answered")
            .unwrap_or_default()
    }

    pub(super) async fn job_state(&self, job: Uuid) -> String {
        self.word("select state from job where id = $1", job).await
    }

    /// `name state` of each step, in order.
    pub(super) async fn steps(&self, job: Uuid) -> String {
        self.word(
            "select string_agg(name || ' ' || state, ', ' order by place) from step where job_id = $1",
            job,
        )
        .await
    }

    pub(super) async fn run(&self, sql: &'static str) {
        let mut tx = self.system.db.begin().await.expect("begins");
        sqlx::query(sql).execute(&mut *tx).await.expect(sql);
        on_record(&mut tx).await;
        tx.commit().await.expect("commits");
    }

    /// Leases ran out, all of them.
    pub(super) async fn time_passes(&self) {
        self.run(
            "update attempt set lease_until = now() - interval '1 minute' where state = 'running'",
        )
        .await;
        self.run("update queue set ready_at = now()").await;
    }

    pub(super) async fn expire(&self) -> u32 {
        let leader = ops::lead(&self.system, "reaper", Uuid::nil()).await;
        let leader = leader.expect("answered").expect("leads");
        let expired = ops::expire(&self.system, &leader).await;
        expired.expect("expired").lost
    }
}

/// Stands for the event that every change needs.
async fn on_record(tx: &mut sqlx::Transaction<'_, sqlx::Postgres>) {
    sqlx::query(
        r#"select audit.enqueue('{"action":"denied","actor":{"kind":"anonymous"},"at":"x","id":"'
             || gen_random_uuid() || '","outcome":"success","v":1}')"#,
    )
    .execute(&mut **tx)
    .await
    .expect("enqueued");
}

/// What somebody is in the team of the tests.
pub(super) fn of_team(role: TeamRole) -> Grants {
    Grants {
        teams: BTreeMap::from([("payments".to_owned(), BTreeSet::from([role]))]),
        ..Grants::default()
    }
}

pub(super) async fn claim(worker: &Cx, free: u32) -> Vec<Assignment> {
    ops::claim(worker, free).await.expect("claimed")
}

/// One step, by name.
pub(super) async fn claim_one(worker: &Cx, name: &str) -> Assignment {
    let mut given = claim(worker, 1).await;
    assert_eq!(given.len(), 1, "{name} is handed out");
    let given = given.remove(0);
    assert_eq!(given.step.name, name);
    given
}

pub(super) fn ended(state: super::AttemptState) -> Finish {
    Finish {
        state,
        exit_code: Some(0),
        error_class: None,
        error: None,
        log_chunks: 0,
        log_bytes: 0,
        log_sha256: "00".repeat(32),
        journal_entries: 0,
        phases: Vec::new(),
        outputs: BTreeMap::new(),
        secret_outputs: BTreeMap::new(),
        changes: None,
        report: None,
    }
}

pub(super) async fn pass(attempt: &Cx) {
    let passed = ops::gate(attempt, Start { shim_pid: 7 }).await;
    assert_eq!(passed.expect("passes").cancel, None);
}

pub(super) async fn succeed(portal: &Portal, given: &Assignment) -> Result<()> {
    let attempt = portal.attempt(given).await;
    pass(&attempt).await;
    ops::finish(&attempt, ended(super::AttemptState::Succeeded)).await
}

/// A job of one echo step of this team.
pub(super) fn echo(team: &str) -> String {
    format!("title: t\nteam: {team}\nsteps:\n  - {{name: only, driver: echo, operation: check}}\n")
}

/// A plan and its apply, by the echo driver.
pub(super) const CHANGE: &str = "
title: Change the database
team: payments
steps:
  - {name: plan, driver: echo, operation: plan, stack: payments/db}
  - {name: apply, driver: echo, operation: apply, stack: payments/db, needs: [plan], plan: plan}
";

/// A plan of one resource, as a shim sends it.
pub(super) fn plan_made(secret_code: &str) -> super::wire::PlanMade {
    let model = serde_json::json!({
        "version": 1, "tool": {"name": "echo", "version": "1.0"},
        "resources": [{"address": "a.b", "type": "a", "action": "add",
          "after": {"password": crate::plans::value::sensitive(secret_code)}}],
    });
    let digest = crate::plans::check(&model).expect("a plan").digest;
    super::wire::PlanMade {
        model,
        digest,
        based_on_serial: None,
        file_sha256: None,
    }
}
