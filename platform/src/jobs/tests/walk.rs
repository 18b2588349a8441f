//! Random interleavings of everything that happens to jobs, against a real database.

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use sqlx::PgPool;
use uuid::Uuid;

use super::{CHANGE, Portal, claim, ended, ops, plan_made};
use crate::{
    Cx, Error,
    jobs::{
        AttemptState, Cancel, ErrorClass, Operation,
        view::Decision,
        wire::{Assignment, Renew, Start},
    },
};

/// Walks, and moves of each.
const WALKS: u8 = 24;
const MOVES: usize = 60;

/// One thing that happens. Numbers choose among what is there.
#[derive(Clone, Debug)]
enum Move {
    Enqueue(bool),
    Claim(usize, u32),
    Gate(usize),
    Renew(usize),
    Plan(usize),
    Finish(usize, usize),
    /// A worker is paused: its leases run out, and it goes on with old tokens.
    LeasesEnd,
    EpochBump,
    Stop(usize),
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        3 => any::<bool>().prop_map(Move::Enqueue),
        6 => (0..2_usize, 1..4_u32).prop_map(|(worker, free)| Move::Claim(worker, free)),
        5 => any::<usize>().prop_map(Move::Gate),
        2 => any::<usize>().prop_map(Move::Renew),
        3 => any::<usize>().prop_map(Move::Plan),
        5 => (any::<usize>(), 0..5_usize).prop_map(|(at, how)| Move::Finish(at, how)),
        1 => Just(Move::LeasesEnd),
        1 => Just(Move::EpochBump),
        1 => any::<usize>().prop_map(Move::Stop),
    ]
}

const ACT: &str = "
title: Act
team: payments
steps:
  - {name: act, driver: echo, operation: action, stack: payments/db}
  - {name: look, driver: echo, operation: check, needs: [act]}
";

/// What is wrong, if anything.
const PROMISES: &str = "select 'two holders of one epoch' where (select count(*) from (select 1 from attempt a join step s on s.id = a.step_id
                   where a.epoch is not null group by s.stack_id, a.epoch having count(*) > 1) x) > 0
           union all
           select 'a once step started twice after its gate' where (select count(*) from (select 1 from attempt a join step s on s.id = a.step_id
                   where s.class = 'once' and a.process_started_at is not null
                   group by s.id having count(*) > 1) x) > 0
           union all
           select 'a stack held by an attempt that is over' where (select count(*) from stack k join attempt a on a.id = k.holder_attempt
                 where a.state <> 'running' or a.epoch <> k.epoch) > 0
           union all
           select 'a queue that does not match its steps' where (select count(*) from step s where (s.state = 'queued')
                   <> exists (select from queue q where q.step_id = s.id)) > 0
           union all
           select 'a running step without an attempt' where (select count(*) from step s where (s.state = 'running')
                   <> exists (select from attempt a where a.step_id = s.id and a.state = 'running')) > 0
           union all
           select 'a job nothing will ever end' where (select count(*) from job j where finished_at is null and state <> 'indeterminate'
                   and not exists (select from step s where s.job_id = j.id and s.state in ('queued', 'running'))) > 0
           union all
           select 'an unknown end that nobody is asked about' where (select count(*) from step s where s.state = 'indeterminate' and not exists
                   (select from reconcile r where r.step_id = s.id and r.decided_at is null)) > 0";

struct Walk<'a> {
    portal: &'a Portal,
    engineer: Cx,
    workers: [Cx; 2],
    jobs: Vec<Uuid>,
    given: Vec<Assignment>,
}

impl Walk<'_> {
    async fn go(&mut self, step: &Move) {
        let one = |at: usize, of: usize| if of == 0 { None } else { Some(at % of) };
        match step {
            Move::Enqueue(change) => {
                let yaml = if *change { CHANGE } else { ACT };
                self.jobs.push(self.portal.made(yaml).await);
            }
            Move::Claim(worker, free) => {
                let given = claim(&self.workers[*worker], *free).await;
                self.given.extend(given);
            }
            Move::LeasesEnd => {
                self.portal.time_passes().await;
                self.portal.expire().await;
                self.portal.time_passes().await;
            }
            Move::EpochBump => {
                self.portal
                    .run("update stack set epoch = epoch + 1, holder_attempt = null")
                    .await;
            }
            Move::Stop(at) => {
                if let Some(at) = one(*at, self.jobs.len()) {
                    let stopped =
                        ops::cancel(&self.engineer, self.jobs[at], Cancel::Interrupt, "walk");
                    expected(stopped.await);
                }
            }
            Move::Gate(at) | Move::Renew(at) | Move::Plan(at) | Move::Finish(at, _) => {
                if let Some(at) = one(*at, self.given.len()) {
                    self.report(at, step).await;
                }
            }
        }
        self.holds().await;
    }

    /// An attempt says something, maybe long after it was given up.
    async fn report(&mut self, at: usize, step: &Move) {
        let given = &self.given[at];
        let cx = self.portal.attempt(given).await;
        let state = "select state from attempt where id = $1";
        let before = self.portal.word(state, given.attempt).await;
        let over = before != "running";
        let refused = match step {
            Move::Gate(_) => expected(ops::gate(&cx, Start { shim_pid: 7 }).await),
            Move::Renew(_) => expected(ops::renew(&cx, &Renew::default()).await),
            Move::Plan(_) => expected(ops::keep_plan(&cx, plan_made("a")).await),
            Move::Finish(_, how) => {
                let (state, class) = [
                    (AttemptState::Succeeded, None),
                    (AttemptState::Failed, Some(ErrorClass::Permanent)),
                    (AttemptState::Failed, Some(ErrorClass::Transient)),
                    (AttemptState::Indeterminate, None),
                    (AttemptState::Cancelled, Some(ErrorClass::Cancelled)),
                ][*how];
                let mut end = ended(state);
                end.error_class = class;
                end.log_sha256 = hex::encode(crate::secrets::random::<32>());
                expected(ops::finish(&cx, end).await)
            }
            _ => false,
        };
        assert!(refused || !over, "{step:?} of an attempt that is {before}");
        if over {
            assert_eq!(self.portal.word(state, given.attempt).await, before);
        }
    }

    /// What must hold at every moment.
    async fn holds(&self) {
        let wrong: Vec<String> = sqlx::query_scalar(PROMISES)
            .fetch_all(&self.portal.system.db)
            .await
            .expect("looked");
        assert_eq!(wrong, [""; 0]);
    }

    /// Workers come back and everything goes well from here on: every job ends, or waits for a person;
    /// and ends when the person has decided.
    async fn quiet(&mut self) {
        for _ in 0..200 {
            self.go(&Move::LeasesEnd).await;
            let given = claim(&self.workers[0], 16).await;
            for one in &given {
                let cx = self.portal.attempt(one).await;
                expected(ops::gate(&cx, Start { shim_pid: 7 }).await);
                if one.step.operation == Operation::Plan {
                    expected(ops::keep_plan(&cx, plan_made("a")).await);
                }
                expected(ops::finish(&cx, ended(AttemptState::Succeeded)).await);
            }
            self.holds().await;
            if !given.is_empty() {
                continue;
            }
            let unknown: Vec<Uuid> =
                sqlx::query_scalar("select id from step where state = 'indeterminate'")
                    .fetch_all(&self.portal.system.db)
                    .await
                    .expect("listed");
            for step in &unknown {
                let decided =
                    ops::decide(&self.engineer, *step, Decision::ResolvedFailed, "walk").await;
                decided.expect("decides");
            }
            let left: i64 =
                sqlx::query_scalar("select count(*) from job where finished_at is null")
                    .fetch_one(&self.portal.system.db)
                    .await
                    .expect("counted");
            if left == 0 {
                return;
            }
        }
        panic!("not every job ended");
    }
}

/// Whether it was refused, in one of the ways a caller can act on.
fn expected<T>(answer: crate::Result<T>) -> bool {
    match answer {
        Ok(_) => false,
        Err(Error::Gone | Error::Conflict { .. }) => true,
        Err(error) => panic!("{error:?}"),
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn whatever_happens_in_whatever_order_the_promises_hold(db: PgPool) {
    let portal = Portal::new(&db);
    let mut walk = Walk {
        engineer: portal.engineer().await,
        workers: [
            portal.worker("default", "{}").await,
            portal.worker("default", "{}").await,
        ],
        portal: &portal,
        jobs: Vec::new(),
        given: Vec::new(),
    };
    for seed in 0..WALKS {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let many = prop::collection::vec(moves(), MOVES).new_tree(&mut runner);
        for (at, step) in many.expect("moves").current().iter().enumerate() {
            println!("walk {seed} move {at}: {step:?}");
            walk.go(step).await;
        }
        walk.quiet().await;
        walk.jobs.clear();
        walk.given.clear();
    }
}
