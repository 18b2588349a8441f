//! What pages read.

use sqlx::PgPool;

use super::{
    CHANGE, Portal, claim, claim_one, echo, ended, of_team, ops, pass, plan_made, succeed,
};
use crate::{
    Error,
    jobs::{
        AttemptState, ErrorClass, JobState,
        view::{Cursor, Filter, Waiting},
    },
    people::TeamRole,
};

#[sqlx::test(migrations = "../migrations")]
async fn pages_of_the_list_join_without_a_gap(db: PgPool) {
    let portal = Portal::new(&db);
    let engineer = portal.engineer().await;
    for at in 0..7 {
        portal
            .made(&echo(if at % 2 == 0 { "even" } else { "odd" }))
            .await;
    }
    let list = async |filter: &Filter, cursor| {
        let page = ops::list(&engineer, filter, cursor, 3)
            .await
            .expect("listed");
        let numbers: Vec<i64> = page.jobs.iter().map(|job| job.number).collect();
        (numbers, page.newer, page.older)
    };
    let all = Filter::default();
    assert_eq!(
        list(&all, Cursor::Newest).await,
        (vec![7, 6, 5], false, true)
    );
    assert_eq!(
        list(&all, Cursor::OlderThan(5)).await,
        (vec![4, 3, 2], true, true)
    );
    assert_eq!(
        list(&all, Cursor::OlderThan(2)).await,
        (vec![1], true, false)
    );
    assert_eq!(
        list(&all, Cursor::NewerThan(2)).await,
        (vec![5, 4, 3], true, true)
    );
    assert_eq!(
        list(&all, Cursor::NewerThan(4)).await,
        (vec![7, 6, 5], false, true)
    );
    let odd = Filter {
        team: Some("odd".to_owned()),
        ..Filter::default()
    };
    assert_eq!(
        list(&odd, Cursor::Newest).await,
        (vec![6, 4, 2], false, false)
    );
    let none = Filter {
        state: Some(JobState::Failed),
        ..Filter::default()
    };
    assert_eq!(list(&none, Cursor::Newest).await.0, [0; 0]);
    let found = Filter {
        text: Some("T".to_owned()),
        live: true,
        ..Filter::default()
    };
    assert_eq!(list(&found, Cursor::Newest).await.0, [7, 6, 5]);
    let nobody = portal.person(crate::people::Grants::default()).await;
    assert!(ops::list(&nobody, &all, Cursor::Newest, 3).await.is_err());
}

#[sqlx::test(migrations = "../migrations")]
async fn a_job_shows_its_graph_attempts_plan_and_what_one_may_do(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let job = portal.made(CHANGE).await;
    let plan = claim_one(&worker, "plan").await;
    let attempt = portal.attempt(&plan).await;
    pass(&attempt).await;
    ops::keep_plan(&attempt, plan_made("a"))
        .await
        .expect("kept");
    ops::finish(&attempt, ended(AttemptState::Succeeded))
        .await
        .expect("ends");

    let developer = portal.person(of_team(TeamRole::Developer)).await;
    let lead = portal.person(of_team(TeamRole::TeamLead)).await;
    let shown = ops::show(&developer, job).await.expect("shown");
    assert_eq!((shown.can.cancel, shown.can.retry), (false, false));
    assert!(ops::show(&lead, job).await.expect("shown").can.cancel);
    assert_eq!((shown.job.steps, shown.job.done), (2, 1));
    let [first, second] = &shown.steps[..] else {
        panic!("two steps")
    };
    assert_eq!((first.column, second.column), (0, 1));
    assert_eq!(second.needs, [first.id]);
    assert_eq!(first.attempts.len(), 1);
    assert!(first.attempts[0].process_started_at.is_some());
    let plan = first.plan.as_ref().expect("a plan");
    assert_eq!(plan.digest, plan_made("a").digest);
    assert_eq!(plan.summary["add"], 1);
    assert_eq!(second.waiting, Some(Waiting::Turn { ahead: 0 }));

    let other = portal
        .person(crate::people::Grants {
            teams: [("search".to_owned(), [TeamRole::TeamLead].into())].into(),
            ..Default::default()
        })
        .await;
    assert!(matches!(
        ops::show(&other, job).await,
        Err(Error::Forbidden { .. })
    ));
    assert_eq!(ops::by_number(&other, shown.job.number).await, Ok(job));
    assert_eq!(ops::by_number(&other, 99).await, Err(Error::NotFound));
}

#[sqlx::test(migrations = "../migrations")]
async fn the_queue_says_who_is_where_and_why(db: PgPool) {
    let portal = Portal::new(&db);
    let engineer = portal.engineer().await;
    let worker = portal.worker("default", r#"{"zone": "eu"}"#).await;
    let act = |name: &str| {
        format!(
            "{{title: {name}, team: a, environment: prod, steps: [{{name: s, driver: echo, operation: action, stack: db}}]}}"
        )
    };
    portal.made(&act("holds")).await;
    claim_one(&worker, "s").await;
    portal
        .made(&act("same stack").replace("environment: prod, ", ""))
        .await;
    portal
        .made(&act("same place").replace("stack: db", "stack: other"))
        .await;
    portal.made(&echo("b")).await;
    portal
        .made(&echo("b").replace("check", "check, labels: {zone: moon}"))
        .await;
    portal
        .made(&echo("c").replace("steps:", "pool: gpu\nsteps:"))
        .await;
    portal.made(&echo("c")).await;
    let queue = ops::queue(&engineer).await.expect("shown");
    let said: Vec<String> = queue
        .waiting
        .iter()
        .map(|one| {
            format!(
                "{} {} {} {}",
                one.pool,
                one.number,
                one.position,
                one.why.words()
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            "default 4 1 Is next: waits for a free worker.",
            "default 7 2 One job comes before it.",
            "default 2 3 JOB-1 works on the stack db.",
            "default 5 4 No worker of the pool default has zone=moon. Start one that does.",
            "default 3 5 JOB-1 works on the environment prod.",
            "gpu 6 1 No worker of the pool gpu has been heard of. Start one.",
        ]
    );
    assert_eq!(queue.total, 6);
    let pool = &queue.pools[0];
    assert_eq!(
        (pool.workers, pool.capacity, pool.running, pool.waiting),
        (1, 8, 1, 5)
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_queue_that_stands_still_is_found(db: PgPool) {
    let portal = Portal::new(&db);
    portal.worker("default", "{}").await;
    portal.made(&echo("a")).await;
    let stuck = async || ops::progress(&portal.system).await.expect("answered").stuck;
    assert_eq!(stuck().await, [""; 0], "not yet");
    portal
        .run("update queue set ready_at = now() - interval '40 seconds'")
        .await;
    portal
        .run("update worker set first_seen_at = now() - interval '1 hour'")
        .await;
    assert_eq!(stuck().await, ["default"]);
    portal.run("update worker set last_claim_at = now()").await;
    assert_eq!(stuck().await, [""; 0], "it moves");
    portal
        .run("update worker set last_claim_at = null, drained_at = now()")
        .await;
    assert_eq!(stuck().await, [""; 0], "nobody could");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_retry_repeats_what_failed_and_a_plan_that_was_spent(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let engineer = portal.engineer().await;
    let job = portal
        .made(
            "
title: Change
team: payments
steps:
  - {name: before, driver: echo, operation: check}
  - {name: plan, driver: echo, operation: plan, stack: s, needs: [before]}
  - {name: judge, driver: echo, operation: check, needs: [plan]}
  - {name: apply, driver: echo, operation: apply, stack: s, needs: [judge], plan: plan, secrets: {KEY: a long secret}}
  - {name: after, driver: echo, operation: check, needs: [apply, before]}
",
        )
        .await;
    assert!(
        ops::retry(&engineer, job).await.is_err(),
        "it has not ended"
    );
    let before = claim_one(&worker, "before").await;
    let attempt = portal.attempt(&before).await;
    pass(&attempt).await;
    let mut end = ended(AttemptState::Succeeded);
    end.outputs.insert("host".to_owned(), "h".into());
    ops::finish(&attempt, end).await.expect("ends");
    let plan = claim_one(&worker, "plan").await;
    let attempt = portal.attempt(&plan).await;
    pass(&attempt).await;
    ops::keep_plan(&attempt, plan_made("a"))
        .await
        .expect("kept");
    ops::finish(&attempt, ended(AttemptState::Succeeded))
        .await
        .expect("ends");
    succeed(&portal, &claim_one(&worker, "judge").await)
        .await
        .expect("ends");
    let apply = claim_one(&worker, "apply").await;
    let attempt = portal.attempt(&apply).await;
    pass(&attempt).await;
    let mut end = ended(AttemptState::Failed);
    end.error_class = Some(ErrorClass::Transient);
    ops::finish(&attempt, end).await.expect("ends");
    assert_eq!(
        portal.job_state(job).await,
        "failed",
        "an apply is not repeated by itself"
    );

    let again = ops::retry(&engineer, job).await.expect("made");
    assert_eq!(
        portal.steps(again).await,
        "plan queued, judge waiting, apply waiting, after waiting"
    );
    let plan = claim_one(&worker, "plan").await;
    assert_eq!(
        plan.inputs["before"]["host"], "h",
        "outputs of what is not repeated are there"
    );
    let attempt = portal.attempt(&plan).await;
    pass(&attempt).await;
    ops::keep_plan(&attempt, plan_made("b"))
        .await
        .expect("kept");
    ops::finish(&attempt, ended(AttemptState::Succeeded))
        .await
        .expect("ends");
    succeed(&portal, &claim_one(&worker, "judge").await)
        .await
        .expect("ends");
    let apply = claim_one(&worker, "apply").await;
    assert_eq!(apply.secrets["KEY"], "a long secret");
    succeed(&portal, &apply).await.expect("ends");
    succeed(&portal, &claim_one(&worker, "after").await)
        .await
        .expect("ends");
    assert_eq!(portal.job_state(again).await, "succeeded");
    assert!(claim(&worker, 9).await.is_empty());
    let shown = ops::show(&engineer, job).await.expect("shown");
    assert_eq!(shown.retried_by, [2]);
    assert_eq!(
        ops::show(&engineer, again).await.expect("shown").retry_of,
        Some(1)
    );
}
