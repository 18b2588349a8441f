//! What people do to jobs.

use sqlx::PgPool;

use super::{
    CHANGE, Portal, claim, claim_one, echo, ended, of_team, ops, pass, plan_made, succeed,
};
use crate::{
    Error,
    jobs::{
        AttemptState, Cancel,
        view::Decision,
        wire::{Renew, Start},
    },
    people::{Grants, TeamRole},
};

#[sqlx::test(migrations = "../migrations")]
async fn a_stopped_job_starts_nothing_and_what_runs_hears_of_it(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let engineer = portal.engineer().await;
    let job = portal
        .made(
            "
title: t
team: payments
steps:
  - {name: runs, driver: echo, operation: check}
  - {name: begins, driver: echo, operation: check}
  - {name: waits, driver: echo, operation: check, needs: [runs]}
  - {name: queued, driver: echo, operation: check}
",
        )
        .await;
    let runs = portal.attempt(&claim_one(&worker, "runs").await).await;
    let begins = portal.attempt(&claim_one(&worker, "begins").await).await;
    pass(&runs).await;
    ops::cancel(&engineer, job, Cancel::Interrupt, "wrong one")
        .await
        .expect("stops");
    assert!(
        ops::cancel(&engineer, job, Cancel::Interrupt, "again")
            .await
            .is_err()
    );
    assert!(claim(&worker, 9).await.is_empty());
    assert_eq!(
        portal.steps(job).await,
        "runs running, begins running, waits cancelled, queued cancelled"
    );
    let asked = ops::renew(&runs, &Renew::default())
        .await
        .expect("holds")
        .cancel;
    assert_eq!(asked, Some(Cancel::Interrupt));
    ops::cancel(&engineer, job, Cancel::Force, "hangs")
        .await
        .expect("kills");
    let asked = ops::gate(&begins, Start { shim_pid: 3 })
        .await
        .expect("answers")
        .cancel;
    assert_eq!(asked, Some(Cancel::Force), "the gate does not pass");
    for attempt in [&runs, &begins] {
        ops::finish(attempt, ended(AttemptState::Cancelled))
            .await
            .expect("ends");
    }
    assert_eq!(portal.job_state(job).await, "cancelled");
    assert!(
        ops::cancel(&engineer, job, Cancel::Force, "late")
            .await
            .is_err()
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn lead_on_call_and_maker_may_stop_others_may_not(db: PgPool) {
    let portal = Portal::new(&db);
    let job = portal.made(&echo("payments")).await;
    let other_team = Grants {
        teams: [("search".to_owned(), [TeamRole::TeamLead].into())].into(),
        ..Grants::default()
    };
    for grants in [of_team(TeamRole::Developer), other_team, Grants::default()] {
        let cx = portal.person(grants).await;
        assert!(matches!(
            ops::cancel(&cx, job, Cancel::Interrupt, "because").await,
            Err(Error::Forbidden { .. })
        ));
    }
    let lead = portal.person(of_team(TeamRole::TeamLead)).await;
    assert!(matches!(
        ops::cancel(&lead, job, Cancel::Interrupt, " ").await,
        Err(Error::Invalid { .. })
    ));
    ops::cancel(&lead, job, Cancel::Interrupt, "because")
        .await
        .expect("may");
    assert_eq!(portal.job_state(job).await, "cancelled", "nothing ran");
    let on_call = portal.person(of_team(TeamRole::OnCall)).await;
    let job = portal.made(&echo("search")).await;
    ops::cancel(&on_call, job, Cancel::Interrupt, "on call")
        .await
        .expect("may");
}

/// A change whose apply was lost in the middle.
async fn unknown(portal: &Portal, worker: &crate::Cx) -> (uuid::Uuid, super::Assignment) {
    let job = portal.made(CHANGE).await;
    let plan = claim_one(worker, "plan").await;
    let attempt = portal.attempt(&plan).await;
    pass(&attempt).await;
    ops::keep_plan(&attempt, plan_made("a"))
        .await
        .expect("kept");
    ops::finish(&attempt, ended(AttemptState::Succeeded))
        .await
        .expect("ends");
    let apply = claim_one(worker, "apply").await;
    pass(&portal.attempt(&apply).await).await;
    portal.time_passes().await;
    assert_eq!(portal.expire().await, 1);
    portal.time_passes().await;
    assert_eq!(portal.job_state(job).await, "indeterminate");
    (job, apply)
}

#[sqlx::test(migrations = "../migrations")]
async fn a_person_says_what_an_unknown_end_was(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let engineer = portal.engineer().await;
    let developer = portal.person(of_team(TeamRole::Developer)).await;
    for (decision, ends) in [
        (Decision::ResolvedSucceeded, "succeeded"),
        (Decision::ResolvedFailed, "failed"),
    ] {
        let (job, apply) = unknown(&portal, &worker).await;
        let step = apply.step.id;
        assert!(
            ops::decide(&developer, step, decision, "I looked")
                .await
                .is_err()
        );
        assert!(matches!(
            ops::decide(&engineer, step, Decision::Accepted, "no plan yet").await,
            Err(Error::Conflict { .. })
        ));
        ops::decide(&engineer, step, decision, "I looked")
            .await
            .expect("decides");
        assert!(
            ops::decide(&engineer, step, decision, "twice")
                .await
                .is_err()
        );
        assert_eq!(portal.job_state(job).await, ends);
        let frozen =
            "select frozen_reason from stack where id = (select stack_id from step where id = $1)";
        assert_eq!(portal.word(frozen, step).await, "");
        let looks = claim_one(&worker, "reconcile").await;
        succeed(&portal, &looks).await.expect("ends");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn the_plan_of_what_is_left_is_carried_out_when_accepted(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let engineer = portal.engineer().await;
    let (job, apply) = unknown(&portal, &worker).await;
    let looks = claim_one(&worker, "reconcile").await;
    assert_eq!(
        looks.plan.as_ref().map(|plan| plan.id),
        apply.plan.as_ref().map(|plan| plan.id),
        "it sees what was to be done"
    );
    let attempt = portal.attempt(&looks).await;
    pass(&attempt).await;
    let left = ops::keep_plan(&attempt, plan_made("rest"))
        .await
        .expect("kept")
        .plan;
    ops::finish(&attempt, ended(AttemptState::Succeeded))
        .await
        .expect("ends");
    assert!(
        claim(&worker, 9).await.is_empty(),
        "nothing starts by itself"
    );
    ops::decide(&engineer, apply.step.id, Decision::Accepted, "a subset")
        .await
        .expect("decides");
    let again = claim_one(&worker, "apply").await;
    assert_eq!(again.plan.as_ref().map(|plan| plan.id), Some(left));
    assert_eq!(again.number, 2);
    succeed(&portal, &again).await.expect("ends");
    assert_eq!(portal.job_state(job).await, "succeeded");
}
