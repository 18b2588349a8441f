//! A plan counts once: what is carried out is what was made, or nothing.

use sqlx::PgPool;

use super::{CHANGE, Portal, claim, claim_one, ended, ops, pass, plan_made, succeed};
use crate::{
    Cx, Error,
    jobs::{AttemptState, wire::Assignment},
    secrets::sha256,
};

/// Runs the plan step; its plan has a file.
async fn planned(portal: &Portal, worker: &Cx) -> Assignment {
    let given = claim_one(worker, "plan").await;
    let attempt = portal.attempt(&given).await;
    pass(&attempt).await;
    ops::put_plan_file(&attempt, b"the plan file")
        .await
        .expect("kept");
    let mut made = plan_made("code-1");
    made.file_sha256 = Some(hex::encode(sha256(b"the plan file")));
    ops::keep_plan(&attempt, made).await.expect("kept");
    ops::finish(&attempt, ended(AttemptState::Succeeded))
        .await
        .expect("ends");
    given
}

#[sqlx::test(migrations = "../migrations")]
async fn an_apply_takes_the_plan_that_was_made(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let job = portal.made(CHANGE).await;
    planned(&portal, &worker).await;
    let apply = claim_one(&worker, "apply").await;
    let plan = apply.plan.clone().expect("a plan");
    assert_eq!(plan.model["resources"][0]["address"], "a.b");
    assert_eq!(plan.digest, plan_made("code-1").digest);
    let attempt = portal.attempt(&apply).await;
    assert_eq!(
        ops::plan_file(&attempt).await.expect("opens"),
        b"the plan file"
    );
    succeed(&portal, &apply).await.expect("ends");
    assert_eq!(portal.job_state(job).await, "succeeded");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_plan_is_kept_as_it_was_first_sent(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    portal.made(CHANGE).await;
    let given = claim_one(&worker, "plan").await;
    let attempt = portal.attempt(&given).await;
    let mut wrong = plan_made("a");
    wrong.digest = plan_made("b").digest;
    assert!(matches!(
        ops::keep_plan(&attempt, wrong).await,
        Err(Error::Invalid { .. })
    ));
    let mut nowhere = plan_made("a");
    nowhere.file_sha256 = Some("00".repeat(32));
    assert!(matches!(
        ops::keep_plan(&attempt, nowhere).await,
        Err(Error::Conflict { .. })
    ));
    let kept = ops::keep_plan(&attempt, plan_made("a"))
        .await
        .expect("kept");
    let again = ops::keep_plan(&attempt, plan_made("a"))
        .await
        .expect("kept");
    assert_eq!(kept.plan, again.plan);
    assert!(matches!(
        ops::keep_plan(&attempt, plan_made("b")).await,
        Err(Error::Conflict { .. })
    ));
    ops::put_plan_file(&attempt, b"one").await.expect("kept");
    ops::put_plan_file(&attempt, b"one")
        .await
        .expect("the same again");
    assert!(ops::put_plan_file(&attempt, b"two").await.is_err());
}

#[sqlx::test(migrations = "../migrations")]
async fn security_57_only_a_secret_changed_is_another_digest(_db: PgPool) {
    let (one, other) = (plan_made("code-1"), plan_made("code-2"));
    assert_ne!(one.digest, other.digest);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_57_a_plan_file_swapped_after_approval_is_not_applied(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    for swap in [
        // Another sealed value in its place.
        "update plan_file set sealed = (select sealed from plan_file order by made_at limit 1)
         where made_at = (select max(made_at) from plan_file)",
        // Its digest as well.
        "update plan_file f set sealed = o.sealed, sha256 = o.sha256
         from (select * from plan_file order by made_at limit 1) o
         where f.made_at = (select max(made_at) from plan_file)",
    ] {
        portal.made(CHANGE).await;
        planned(&portal, &worker).await;
        let first = claim_one(&worker, "apply").await;
        succeed(&portal, &first).await.expect("ends");
        portal.made(CHANGE).await;
        planned(&portal, &worker).await;
        portal.run(swap).await;
        let apply = claim_one(&worker, "apply").await;
        let attempt = portal.attempt(&apply).await;
        assert!(matches!(
            ops::plan_file(&attempt).await,
            Err(Error::Conflict { .. })
        ));
        ops::finish(&attempt, ended(AttemptState::Failed))
            .await
            .expect("ends");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_57_a_plan_changed_in_the_database_fails_the_step(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let job = portal.made(CHANGE).await;
    planned(&portal, &worker).await;
    portal.run("update plan set digest = sha256('x')").await;
    assert!(claim(&worker, 9).await.is_empty());
    assert_eq!(portal.steps(job).await, "plan succeeded, apply failed");
    assert_eq!(portal.job_state(job).await, "failed");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_plan_that_no_longer_fits_is_not_carried_out(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    for (spoil, said) in [
        (
            "update stack set state_serial = coalesce(state_serial, 0) + 1, state_lineage = 'l'",
            "has changed",
        ),
        (
            "update plan set expires_at = now() - interval '1 second' where consumed_at is null",
            "too old",
        ),
    ] {
        portal.run("update stack set state_serial = null").await;
        let job = portal.made(CHANGE).await;
        planned(&portal, &worker).await;
        portal.run(spoil).await;
        assert!(claim(&worker, 9).await.is_empty());
        assert_eq!(portal.steps(job).await, "plan succeeded, apply failed");
        let why = "select error from step where job_id = $1 and name = 'apply'";
        assert!(portal.word(why, job).await.contains(said), "{said}");
        let class = "select error_class from step where job_id = $1 and name = 'apply'";
        assert_eq!(portal.word(class, job).await, "stale_plan");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_plan_whose_attempt_never_began_is_taken_by_the_next(db: PgPool) {
    let portal = Portal::new(&db);
    let worker = portal.worker("default", "{}").await;
    let job = portal.made(CHANGE).await;
    planned(&portal, &worker).await;
    let lost = claim_one(&worker, "apply").await;
    portal.time_passes().await;
    assert_eq!(portal.expire().await, 1);
    portal.time_passes().await;
    let next = claim_one(&worker, "apply").await;
    assert_eq!(
        lost.plan.map(|plan| plan.id),
        next.plan.clone().map(|plan| plan.id)
    );
    succeed(&portal, &next).await.expect("ends");
    assert_eq!(portal.job_state(job).await, "succeeded");
}
