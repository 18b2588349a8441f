//! How attempts end, and what follows.

use sqlx::PgPool;

use super::{Portal, claim, claim_one, echo, ended, ops, pass, succeed};
use crate::{
    Error,
    jobs::{
        AttemptState, ErrorClass,
        wire::{Finish, Renew},
    },
};

fn failed(class: ErrorClass) -> Finish {
    Finish {
        error_class: Some(class),
        error: Some("it broke".to_owned()),
        ..ended(AttemptState::Failed)
    }
}

const ONCE: &str =
    "{title: t, team: payments, steps: [{name: once, driver: echo, operation: action, stack: s}]}";

#[sqlx::test(migrations = "../migrations")]
async fn what_passes_is_tried_again_three_times_and_then_failed(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let job = portal.made(&echo("a")).await;
    for number in 1..=3 {
        let given = claim_one(&worker, "only").await;
        assert_eq!(given.number, number);
        let attempt = portal.attempt(&given).await;
        pass(&attempt).await;
        ops::finish(&attempt, failed(ErrorClass::Transient))
            .await
            .expect("ends");
        assert!(claim(&worker, 1).await.is_empty(), "it backs off first");
        portal.time_passes().await;
    }
    assert_eq!(portal.job_state(job).await, "failed");
    let tries: i64 = sqlx::query_scalar("select count(*) from attempt")
        .fetch_one(&db)
        .await
        .expect("counted");
    assert_eq!(tries, 3, "every attempt is kept");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_failure_that_stays_is_not_tried_again_and_what_needs_it_is_skipped(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let job = portal
        .made(
            "
title: t
team: a
steps:
  - {name: bad, driver: echo, operation: check}
  - {name: after, driver: echo, operation: check, needs: [bad]}
  - {name: last, driver: echo, operation: check, needs: [after]}
  - {name: beside, driver: echo, operation: check}
",
        )
        .await;
    let bad = claim_one(&worker, "bad").await;
    let attempt = portal.attempt(&bad).await;
    pass(&attempt).await;
    ops::finish(&attempt, failed(ErrorClass::Permanent))
        .await
        .expect("ends");
    assert_eq!(
        portal.steps(job).await,
        "bad failed, after skipped, last skipped, beside queued"
    );
    assert_eq!(
        portal.job_state(job).await,
        "running",
        "independent steps run to their end"
    );
    let beside = claim_one(&worker, "beside").await;
    succeed(&portal, &beside).await.expect("ends");
    assert_eq!(portal.job_state(job).await, "failed");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_lost_step_that_may_be_repeated_goes_back_to_the_queue(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let job = portal.made(&echo("a")).await;
    let given = claim_one(&worker, "only").await;
    let attempt = portal.attempt(&given).await;
    pass(&attempt).await;
    assert_eq!(portal.expire().await, 0, "its lease lives");
    portal.time_passes().await;
    assert_eq!(portal.expire().await, 1);
    assert_eq!(portal.expire().await, 0);
    assert_eq!(
        ops::renew(&attempt, &Renew::default()).await.err(),
        Some(Error::Gone)
    );
    assert_eq!(
        ops::finish(&attempt, ended(AttemptState::Succeeded)).await,
        Err(Error::Gone),
        "it comes too late"
    );
    portal.time_passes().await;
    let again = claim_one(&worker, "only").await;
    assert_eq!(again.number, 2);
    succeed(&portal, &again).await.expect("ends");
    assert_eq!(portal.job_state(job).await, "succeeded");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_lost_once_step_before_its_gate_starts_again_and_after_it_never(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let job = portal.made(ONCE).await;
    let given = claim_one(&worker, "once").await;
    portal.time_passes().await;
    assert_eq!(portal.expire().await, 1);
    portal.time_passes().await;
    let late = portal.attempt(&given).await;
    assert!(
        ops::gate(&late, super::Start { shim_pid: 9 })
            .await
            .is_err(),
        "it lost its turn"
    );

    let given = claim_one(&worker, "once").await;
    assert_eq!(
        (given.number, given.epoch),
        (2, Some(3)),
        "a lost writer raises the epoch"
    );
    pass(&portal.attempt(&given).await).await;
    portal.time_passes().await;
    assert_eq!(portal.expire().await, 1);
    portal.time_passes().await;
    assert_eq!(portal.job_state(job).await, "indeterminate");
    let held =
        "select frozen_reason from stack where id = (select stack_id from step where job_id = $1)";
    assert!(portal.word(held, job).await.contains("is not known"));

    // A read-only job looks what was done; nothing else gets the stack.
    portal.made(ONCE).await;
    let looks = claim_one(&worker, "reconcile").await;
    assert_eq!(
        looks.inputs["unknown"]["attempt"],
        given.attempt.to_string()
    );
    assert_eq!(looks.epoch, None);
    assert!(claim(&worker, 9).await.is_empty());
    let attempt = portal.attempt(&looks).await;
    pass(&attempt).await;
    let mut end = ended(AttemptState::Succeeded);
    end.report = Some(serde_json::json!({"recovered": []}));
    ops::finish(&attempt, end).await.expect("ends");
    let report = "select report::text from reconcile where step_id = (select id from step where job_id = $1)";
    assert_eq!(portal.word(report, job).await, r#"{"recovered": []}"#);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_shim_that_does_not_know_says_so(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let job = portal.made(ONCE).await;
    let given = claim_one(&worker, "once").await;
    let attempt = portal.attempt(&given).await;
    pass(&attempt).await;
    ops::finish(&attempt, ended(AttemptState::Indeterminate))
        .await
        .expect("ends");
    ops::finish(&attempt, ended(AttemptState::Indeterminate))
        .await
        .expect("the same again");
    assert_eq!(portal.job_state(job).await, "indeterminate");
    assert_eq!(portal.steps(job).await, "once indeterminate");
}

#[sqlx::test(migrations = "../migrations")]
async fn only_one_server_leads_and_only_who_leads_expires(db: PgPool) {
    let portal = Portal::new(&db);
    let (one, two) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
    let lead = async |who| {
        ops::lead(&portal.system, "reaper", who)
            .await
            .expect("answered")
    };
    let first = lead(one).await.expect("leads");
    assert_eq!(lead(two).await, None);
    assert_eq!(
        lead(one).await,
        Some(first.clone()),
        "the same term goes on"
    );
    let worker = portal.worker("default", "{}").await;
    portal.made(&echo("a")).await;
    claim_one(&worker, "only").await;
    portal.time_passes().await;
    ops::resign(&portal.system, &first).await.expect("resigns");
    assert!(ops::expire(&portal.system, &first).await.is_err());
    let second = lead(two).await.expect("leads now");
    assert!(
        ops::expire(&portal.system, &first).await.is_err(),
        "an old term"
    );
    assert_eq!(
        ops::expire(&portal.system, &second)
            .await
            .expect("expired")
            .lost,
        1
    );
}
